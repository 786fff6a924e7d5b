"""Charts of a table's columns: which are worth drawing, and how."""

from collections.abc import Sequence
from typing import Literal

from auditor.report import charts
from auditor.report import format as form
from auditor.report.reading import Reading, tolerated, unit
from auditor.report.shapes import Bars, Estimate, Forest, Histogram
from auditor.types import Measurement

Kind = Literal["value", "difference", "ratio"]
Chart = Forest | Bars | Histogram

Column = Sequence[tuple[str, Measurement]]
"""Measurements of one metric, each under the label of its row."""

_ROWS, _CHARTS = 24, 8


def plots(reading: Reading, columns: Sequence[Column], kind: Kind) -> tuple[Chart, ...]:
    """Charts of the columns that have rows to compare and not too many to see; at most eight.

    Args:
        reading: the run.
        columns: of a table.
        kind: ratios repeat what differences show, and are drawn only where a rule judges them.
    """
    worth = [column for column in columns if len(column) > 1 and _worth(reading, column, kind)]
    drawn = [_plot(reading, column, kind) for column in worth]
    return tuple(chart for chart in drawn if chart is not None)[:_CHARTS]


def _plot(reading: Reading, column: Column, kind: Kind) -> Chart | None:
    if kind == "value" and all("bin" in m.where for _, m in column):
        return _histogram(reading, column)
    if kind == "value" and column[0][1].metric.endswith("_share"):
        return _bars(reading, column if len(column) <= _ROWS else _largest(column))
    return None if len(column) > _ROWS else _forest(reading, column, kind)


def _largest(column: Column) -> Column:
    """The 24 largest values, largest first: what of many columns or languages one wants to see."""
    return sorted(column, key=lambda row: -(row[1].value or 0.0))[:_ROWS]


def _worth(reading: Reading, column: Column, kind: Kind) -> bool:
    return kind != "ratio" or any(reading.decision(m.metric, m.where) for _, m in column)


def _forest(reading: Reading, column: Column, kind: Kind) -> Forest | None:
    decided = [reading.decision(m.metric, m.where) for _, m in column]
    bounds = {d.threshold for d in decided if d and d.threshold}
    states = [d.state if d else None for d in decided]
    return charts.forest(
        headed(reading, column[0][1].metric, unit(column[0][1])),
        described(reading, column),
        [Estimate(label, m.value, m.low, m.high, state) for (label, m), state in zip(column, states, strict=True)],
        unit=unit(column[0][1]),
        log=kind == "ratio",
        reference={"difference": 0.0, "ratio": 1.0}.get(kind),
        band=tolerated(*bounds) if len(bounds) == 1 else None,
    )


def _bars(reading: Reading, column: Column) -> Bars | None:
    lines = [(label, m.value, 0.0, form.quantity(m.value, m.unit, reading.words)) for label, m in column if m.value is not None]
    return charts.bars(reading.metric(column[0][1].metric), described(reading, column), lines)


def _histogram(reading: Reading, column: Column) -> Histogram | None:
    title = headed(reading, column[0][1].metric, unit(column[0][1]))
    return charts.histogram(title, described(reading, column), [(label, m.value or 0.0) for label, m in column])


def headed(reading: Reading, metric: str, unit: str) -> str:
    """A metric with the unit of its axis."""
    sign = form.unit_sign(unit, reading.words)
    return f"{reading.metric(metric)} ({sign})" if sign else reading.metric(metric)


def described(reading: Reading, column: Column) -> str:
    """A chart in one sentence: how many values, from where to where."""
    known = sorted((m.value, label) for label, m in column if m.value is not None)
    if not known:
        return reading.words("chart.empty")
    (low, lowest), (high, highest) = known[0], known[-1]
    shown = unit(column[0][1])
    return reading.words(
        "chart.range",
        count=len(known),
        low=form.quantity(low, shown, reading.words),
        lowest=lowest,
        high=form.quantity(high, shown, reading.words),
        highest=highest,
    )
