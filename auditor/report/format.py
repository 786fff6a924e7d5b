"""Every number of every report goes through here: four significant digits, percentages for fractions, thin spaces.

What is not 0 is never written as 0.
"""

import math

from auditor.report.visible import name as short
from auditor.report.words import Words

THIN = "\u202f"
"""Narrow no-break space: between groups of digits, and between a number and its unit."""

MINUS = "\u2212"
NOTHING = "—"
UNSAID = ("", "ratio", "count", "score")
"""Units that go without saying."""

WHOLE = ("count", "rows", "files", "characters", "tokens", "words", "queries")
"""Units of things that are counted: whole numbers of them are written as such."""

_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_BYTES = ("B", "kB", "MB", "GB", "TB")


def bare(value: float | None, unit: str) -> str:
    """A number in the scale of its unit, without the unit: 0.8412 of ``"fraction"`` is ``"84.12"``; None is a dash."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if unit in ("fraction", "points"):
        return _percent(100 * value, small=unit == "fraction")
    whole = float(value).is_integer() and (unit in WHOLE or abs(value) >= 1e4)
    return grouped(int(value)) if whole and abs(value) < 1e15 else significant(value)


def quantity(value: float | None, unit: str, words: Words) -> str:
    """A number with its unit, such as ``84.12%``, ``−5.20 pp`` or ``0.3512 nats``."""
    return _with_unit(bare(value, unit), unit, words)


def limit(value: float, unit: str, words: Words) -> str:
    """A number that somebody chose, such as a bound, with its unit and without zeros that say nothing: ``80%``."""
    return _with_unit(tick(value, unit), unit, words)


def tick(value: float, unit: str) -> str:
    """A round number, as on an axis: in the scale of its unit, without zeros that say nothing."""
    scaled = float(f"{100 * value:.10g}") if unit in ("fraction", "points") else value
    if float(scaled).is_integer() and abs(scaled) < 1e15:
        return grouped(int(scaled))
    text = f"{scaled:.6g}"
    return significant(scaled) if "e" in text else text.replace("-", MINUS)


def unit_sign(unit: str, words: Words) -> str:
    """A unit by itself, for the head of an axis; empty where numbers have none."""
    return _with_unit("", unit, words).strip()


def _with_unit(text: str, unit: str, words: Words) -> str:
    pattern = words.known(f"units.{unit}")
    if text == NOTHING or unit in UNSAID:
        return text
    return pattern.format(text) if pattern else f"{text}{THIN}{short(unit)}"


def interval(low: float | None, high: float | None, unit: str) -> str:
    """``[low, high]`` in the scale of the unit; one-sided where an end is missing; empty where both are."""
    if low is None and high is None:
        return ""
    if low is None:
        return f"≤{THIN}{bare(high, unit)}"
    if high is None:
        return f"≥{THIN}{bare(low, unit)}"
    return f"[{bare(low, unit)}, {bare(high, unit)}]"


def grouped(count: int) -> str:
    """A whole number with thin spaces between thousands."""
    return f"{count:,}".replace(",", THIN).replace("-", MINUS)


def significant(value: float) -> str:
    """Four significant digits; very large and very small numbers as powers of ten."""
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    if not -4 <= size < 9:
        mantissa, exponent = f"{value:.3e}".split("e")
        return f"{mantissa.replace('-', MINUS)}×10{str(int(exponent)).translate(_SUPERSCRIPT)}"
    return f"{value:,.{max(0, 3 - size)}f}".replace(",", THIN).replace("-", MINUS)


def data_size(count: int) -> str:
    """A number of bytes, in decimal units."""
    size, unit = float(count), 0
    while size >= 999.5 and unit < len(_BYTES) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.3g}{THIN}{_BYTES[unit]}"


def moment(iso: str) -> str:
    """A UTC time to the minute: ``2026-11-02 14:03 UTC``; anything else as it is."""
    date, separator, time = iso.partition("T")
    return f"{date} {time[:5]} UTC" if separator and len(time) >= 5 else iso


def _percent(percent: float, *, small: bool) -> str:
    """Two decimals, so that columns line up; more where a share is small or nothing would be left, none at 0 and 100."""
    if percent in (0, 100, -100):
        return f"{percent:.0f}".replace("-", MINUS)
    if abs(percent) < (0.1 if small else 0.005):
        return significant(float(f"{percent:.1e}")).rstrip("0")
    return f"{round(percent, 2) + 0:.2f}".replace("-", MINUS)
