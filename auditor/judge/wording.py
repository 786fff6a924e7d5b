"""Numbers and slices in the reasons of findings: plain English, the same for every metric."""

from collections.abc import Mapping

from auditor.stats.intervals import Interval
from auditor.types import Measurement, Threshold

MISSES = {"<=": "exceeds", "<": "is not below", ">=": "is below", ">": "is not above"}
MEETS = {"within": "lies within", "<=": "is at most", "<": "is below", ">=": "is at least", ">": "is above"}


def number(value: float, unit: str = "") -> str:
    """A measured number: three decimals; none where it is a count, or from a hundred on."""
    return f"{value:,.0f}" if unit == "count" or abs(value) >= 100 else f"{value:.3f}"


def bound(value: float) -> str:
    """A threshold, as people write it: 0.80, 0.05, 0, 0.005."""
    if value == int(value):
        return f"{value:.0f}"
    return f"{value:.2f}" if round(value, 2) == value else f"{value:g}"


def words(metric: str) -> str:
    """A metric's name in words."""
    return metric.replace("_", " ")


def slice_of(where: Mapping[str, str]) -> str:
    """A slice as ``sex = Female, race = Black``, without what it is compared with; empty for the whole table."""
    return ", ".join(f"{key} = {value}" for key, value in where.items() if key != "reference")


def estimate(m: Measurement, ends: Interval | None = None) -> str:
    """A measurement in words, with both rates where it is a contrast of rates.

    Args:
        m: the measurement.
        ends: the interval to print; the measurement's own by default.

    Returns:
        Such as ``false positive rate 0.448 against 0.235 in Caucasian: difference 0.214 [0.187, 0.240]``.
    """
    low, high = ends or (m.low, m.high)
    value = "undefined" if m.value is None else number(m.value, m.unit)
    if low is not None and high is not None:
        value = f"{value} [{number(low)}, {number(high)}]"
    c = m.counts
    if not {"x", "n", "x_ref", "n_ref"} <= c.keys() or not c["n"] * c["n_ref"]:
        return f"{words(m.metric)} {value}"
    kind = "ratio" if m.method == "adjusted_log" else "difference"
    reference = m.where.get("reference", "the reference group")
    rates = f"{number(c['x'] / c['n'])} against {number(c['x_ref'] / c['n_ref'])} in {reference}"
    return f"{words(m.metric.removesuffix(f'_{kind}'))} {rates}: {kind} {value}"


def missed(threshold: Threshold, value: float) -> str:
    """How a value misses a threshold."""
    if threshold.op == "within":
        return f"exceeds {bound(threshold.value)}" if value > 0 else f"lies beyond -{bound(threshold.value)}"
    return f"{MISSES[threshold.op]} {bound(threshold.value)}"


def met(threshold: Threshold) -> str:
    """How a value meets a threshold."""
    return f"{MEETS[threshold.op]} {bound(threshold.value)}"


def undecided(threshold: Threshold, needed_n: int | None, *, contrast: bool) -> str:
    """That the data do not decide, and how many rows would; per side of a contrast."""
    rows = "rows per side" if contrast else "rows"
    settles = f"about {needed_n:,} {rows} would settle it" if needed_n else "it is too near for any number of rows to settle it"
    open_ = "may lie within or beyond" if threshold.op == "within" else "may lie on either side of"
    return f"{open_} {bound(threshold.value)}; {settles}"
