"""Measurements that are best seen whole: confusion tables and reliability diagrams."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditor.report import charts
from auditor.report import format as form
from auditor.report.reading import Reading
from auditor.report.shapes import Estimate, Line
from auditor.report.visible import name as short
from auditor.types import Measurement

CONFUSION, RELIABILITY = "confusion", "reliability"

_LEVELS = 9
_CLASSES = 40


@dataclass(frozen=True, slots=True)
class Confusion:
    """True classes in rows, predicted ones in columns: counts, shares of the row, and shades from 0 to 9.

    Attributes:
        title: what it is of.
        classes: names of rows and columns.
        rows: per true class and predicted class: the count, its share of the row, and its shade.
    """

    title: str
    classes: tuple[str, ...]
    rows: tuple[tuple[tuple[str, str, int], ...], ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """A reliability diagram and its table: per bin the mean confidence, the share that is right, its interval and n."""

    title: str
    chart: Line | None
    rows: tuple[tuple[str, str, str, str, str], ...]


def drawn(measurement: Measurement) -> bool:
    """Whether a measurement stands in one of these figures, and so not in a table of measurements."""
    return _is_confusion(measurement) or _is_reliability(measurement)


def confusions(reading: Reading, measurements: Sequence[Measurement]) -> tuple[Confusion, ...]:
    """One table per slice that confusion counts were measured on."""
    cells = [m for m in measurements if _is_confusion(m)]
    return tuple(_confusion(reading, title, found) for title, found in _by_slice(reading, cells, ("label", "prediction")))


def curves(reading: Reading, measurements: Sequence[Measurement]) -> tuple[Curve, ...]:
    """One reliability diagram per slice that calibration was measured on."""
    bins = [m for m in measurements if _is_reliability(m)]
    return tuple(_curve(reading, title, found) for title, found in _by_slice(reading, bins, ("bin",)))


def _is_confusion(m: Measurement) -> bool:
    return m.metric == CONFUSION and {"label", "prediction"} <= m.where.keys()


def _is_reliability(m: Measurement) -> bool:
    return m.metric == RELIABILITY and "bin" in m.where and "confidence" in m.counts


def _by_slice(reading: Reading, found: Sequence[Measurement], axes: tuple[str, ...]) -> list[tuple[str, list[Measurement]]]:
    slices: dict[tuple[tuple[str, str], ...], list[Measurement]] = {}
    for m in found:
        slices.setdefault(tuple(item for item in m.where.items() if item[0] not in axes), []).append(m)
    return [(_of(reading, dict(key)), cells) for key, cells in slices.items()]


def _of(reading: Reading, where: Mapping[str, str]) -> str:
    """A slice with the names of its keys, ``class: positive``; empty for all rows."""
    return ", ".join(f"{reading.key(key)}: {short(value)}" for key, value in where.items())


def _confusion(reading: Reading, title: str, cells: Sequence[Measurement]) -> Confusion:
    classes = tuple(dict.fromkeys(m.where["label"] for m in cells))[:_CLASSES]
    counts = {(m.where["label"], m.where["prediction"]): m.value or 0.0 for m in cells}
    rows = tuple(_shades(reading, [counts.get((true, decided), 0.0) for decided in classes]) for true in classes)
    return Confusion(title, tuple(short(name) for name in classes), rows)


def _shades(reading: Reading, row: Sequence[float]) -> tuple[tuple[str, str, int], ...]:
    total = sum(row)
    shares = [count / total if total else None for count in row]
    return tuple(
        (form.bare(count, "count"), form.quantity(share, "fraction", reading.words), round(_LEVELS * (share or 0.0)))
        for count, share in zip(row, shares, strict=True)
    )


def _curve(reading: Reading, title: str, bins: Sequence[Measurement]) -> Curve:
    total = sum(m.n for m in bins) or 1
    points = [(m.counts["confidence"], Estimate(m.where["bin"], m.value, m.low, m.high), m.n / total) for m in bins]
    known = [(abs(m.value - m.counts["confidence"]), m.where["bin"]) for m in bins if m.value is not None]
    widest, where = max(known, default=(0.0, form.NOTHING))
    said = reading.words("chart.reliability_said", gap=form.quantity(widest, "points", reading.words), bin=where)
    return Curve(title, charts.line(_titled(reading, title), said, points), tuple(_bin(reading, m) for m in bins))


def _titled(reading: Reading, of: str) -> str:
    named = reading.words("chart.reliability")
    return f"{named} ({of})" if of else named


def _bin(reading: Reading, m: Measurement) -> tuple[str, str, str, str, str]:
    return (
        short(m.where["bin"]),
        form.quantity(m.counts["confidence"], "fraction", reading.words),
        form.quantity(m.value, "fraction", reading.words),
        form.interval(m.low, m.high, "fraction"),
        form.grouped(m.n),
    )
