"""Measurements as tables and charts. Any probe's, known or not: what shares its slices stands in one table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from auditor.report import format as form
from auditor.report.plots import Chart, Kind, plots
from auditor.report.reading import Reading, unit
from auditor.report.visible import name as short
from auditor.report.words import Text
from auditor.types import Measurement, State

MOST_ROWS, _UNFOLDED = 200, 40
"""Rows of one table, and rows up to which it is open; the rest stays in run.json, and the table says how many."""

Column = tuple[str, str]
"""A metric and the average it is of, if any: a column of a table."""

Row = dict[Column, Measurement]


@dataclass(frozen=True, slots=True)
class Cell:
    """One measurement in a table.

    Attributes:
        value: the number with its unit; a dash where it is undefined.
        interval: of it, in the same scale; empty where there is none.
        basis: the counts behind it, such as ``12/340``, or its n.
        method: how the interval was made.
        state: what was decided on it.
        reason: why it is undefined, or what limits it.
    """

    value: str
    interval: str
    basis: str
    method: str
    state: State | None
    reason: Text | None


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table: what it is of, and a cell per metric, None where that was not measured."""

    label: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Measurements that share their slices.

    Attributes:
        title: what they are of.
        head: of the first column: what tells the rows apart.
        kind: plain values, differences to a reference, or ratios to one.
        metrics: names of the columns.
        lines: rows of the table; a single one is shown as a list of metrics.
        charts: of the table's columns.
        folded: shown on demand: intersections, and tables of many rows.
        left_out: rows that are only in run.json.
    """

    title: str
    head: str
    kind: Kind
    metrics: tuple[str, ...]
    lines: tuple[Line, ...]
    charts: tuple[Chart, ...] = ()
    folded: bool = False
    left_out: int = 0

    @property
    def methods(self) -> frozenset[str]:
        """How the intervals in it were made."""
        return frozenset(cell.method for line in self.lines for cell in line.cells if cell is not None)

    @property
    def judged(self) -> bool:
        """Whether a rule decided on any of it."""
        return any(cell is not None and cell.state is not None for line in self.lines for cell in line.cells)

    @property
    def whole(self) -> bool:
        """Whether it speaks of all rows together."""
        return len(self.lines) == 1 and self.kind == "value"


def blocks(reading: Reading, measurements: Sequence[Measurement], drawn: frozenset[str] = frozenset()) -> tuple[Block, ...]:
    """Sort measurements into tables: by the keys of their slices and by kind, in the order they were found.

    Args:
        reading: the run.
        measurements: of one outcome.
        drawn: metrics whose chart stands elsewhere already.
    """
    order: dict[tuple[tuple[str, ...], Kind], list[Measurement]] = {}
    for measurement in measurements:
        keys = tuple(key for key in measurement.where if key != "average")
        order.setdefault((keys, kind(measurement)), []).append(measurement)
    return tuple(_block(reading, keys, form_, found, drawn) for (keys, form_), found in order.items())


def kind(measurement: Measurement) -> Kind:
    """Whether a measurement is a contrast to a reference, and of which kind."""
    if "reference" not in measurement.where:
        return "value"
    return "ratio" if measurement.unit == "ratio" else "difference"


def cell(reading: Reading, measurement: Measurement) -> Cell:
    """One measurement, written out."""
    decided = reading.decision(measurement.metric, measurement.where)
    return Cell(
        value=form.quantity(measurement.value, unit(measurement), reading.words),
        interval=form.interval(measurement.low, measurement.high, unit(measurement)),
        basis=basis(measurement),
        method=reading.words.title("methods", measurement.method) if measurement.method else "",
        state=decided.state if decided else None,
        reason=reading.words.english(measurement.reason) if measurement.reason else None,
    )


def basis(measurement: Measurement) -> str:
    """The counts that a measurement rests on."""
    counts = measurement.counts
    sides = [(counts.get("x"), counts.get("n", measurement.n)), (counts.get("x_ref"), counts.get("n_ref"))]
    whole = [f"{form.bare(x, 'count')}/{form.bare(n, 'count')}" for x, n in sides if x is not None and n is not None]
    return " : ".join(whole) or f"n{form.THIN}={form.THIN}{form.grouped(measurement.n)}"


def _block(reading: Reading, keys: tuple[str, ...], form_: Kind, found: list[Measurement], drawn: frozenset[str]) -> Block:
    fixed = _fixed(keys, found)
    varying = reading.words("where.and").join(reading.key(key) for key in keys if key not in fixed and key != "reference")
    columns = tuple(dict.fromkeys(_column(m) for m in found))
    rows = _rows(fixed, found)
    shown = [(reading.slice(dict(key)), row) for key, row in rows[:MOST_ROWS]]
    crossed = sum(key in reading.groups for key in keys) > 1
    plotted = [] if crossed else [column for column in columns if column[0] not in drawn]
    return Block(
        title=_title(reading, fixed, varying, form_),
        head=varying or reading.words("table.slice"),
        kind=form_,
        metrics=tuple(_named(reading, column) for column in columns),
        lines=tuple(Line(label, tuple(_cell(reading, row.get(column)) for column in columns)) for label, row in shown),
        charts=plots(reading, [_labelled(shown, column) for column in plotted], form_),
        folded=crossed or len(shown) > _UNFOLDED,
        left_out=len(rows) - len(shown),
    )


def _labelled(rows: Sequence[tuple[str, Row]], column: Column) -> list[tuple[str, Measurement]]:
    """One column of a table, without the rows that lack it."""
    return [(label, row[column]) for label, row in rows if column in row]


def _column(measurement: Measurement) -> Column:
    return measurement.metric, measurement.where.get("average", "")


def _named(reading: Reading, column: Column) -> str:
    metric, average = column
    named = reading.metric(metric)
    return reading.words("where.averaged", of=named, average=average) if average else named


def _rows(fixed: Mapping[str, str], found: Sequence[Measurement]) -> list[tuple[tuple[tuple[str, str], ...], Row]]:
    """Measurements by slice and column; what was measured twice on one slice takes two rows."""
    rows: dict[tuple[tuple[tuple[str, str], ...], int], Row] = {}
    for m in found:
        key = tuple((name, value) for name, value in m.where.items() if name not in fixed and name != "average")
        copy = next(copy for copy in count() if _column(m) not in rows.get((key, copy), {}))
        rows.setdefault((key, copy), {})[_column(m)] = m
    return [(key, row) for (key, _), row in rows.items()]


def _cell(reading: Reading, measurement: Measurement | None) -> Cell | None:
    return None if measurement is None else cell(reading, measurement)


def _fixed(keys: Sequence[str], found: Sequence[Measurement]) -> dict[str, str]:
    """Keys that say the same in every row; they go into the title."""
    return {key: found[0].where[key] for key in keys if len({m.where[key] for m in found}) == 1}


def _title(reading: Reading, fixed: Mapping[str, str], varying: str, form_: Kind) -> str:
    words = reading.words
    title = words(f"block.{form_}", keys=varying) if varying else words("block.overall")
    notes = [f"{reading.key(key)}: {short(value)}" for key, value in fixed.items()]
    return f"{title} ({'; '.join(notes)})" if notes else title
