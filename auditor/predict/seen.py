"""What occurs in a column, and in which row first: one pass, in memory that does not grow with rows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from auditor.errors import InputError, near
from auditor.stats.cells import encode, is_numeric, numbers
from auditor.types import ROW, Batch, Floats, Table

ROUNDING = 1e-6
"""By how much a probability that was kept in single precision may lie outside of 0 to 1."""

MOST_CLASSES = 1000
"""Distinct values of a column that are taken for classes where nobody said that they are."""

_LISTED = re.compile(r"\s*\[(?:[^\[\]]|\[[^\[\]]*\])*\]\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Seen:
    """The values of a column.

    Attributes:
        column: its name.
        rows: the first row of each value, by value in canonical form, in the order in which they come.
        named: what each value of the cells stands for, where that is not itself; ``rows`` has these names.
    """

    column: str
    rows: dict[str, int]
    named: Mapping[str, str] = field(default_factory=dict)

    def renamed(self, names: Mapping[str, str]) -> "Seen":
        """The same values under the names that some of them stand for."""
        rows: dict[str, int] = {}
        for value, row in self.rows.items():
            name = names.get(value, value)
            rows[name] = min(row, rows.get(name, row))
        return Seen(self.column, rows, {value: names[value] for value in self.rows if value in names})


def seen(table: Table, column: str, most: int = MOST_CLASSES) -> Seen:
    """The distinct values of a label or prediction column.

    Args:
        table: the data.
        column: which.
        most: how many there may be.

    Raises:
        InputError: there is no such column, its cells hold lists or records, or it has more distinct values.
    """
    known(table, column)
    rows: dict[str, int] = {}
    for batch in table.batches(None if table.steps else [column]):
        if pa.types.is_floating(batch.column(column).type):
            remedy = "Mend it, or leave the cell empty: the row then has no class."
            _check_finite(table, batch, column, numbers(batch.column(column)), "{} is no class", remedy)
        cells = encode(_single(table, batch, column), column)
        codes, first = np.unique(cells.codes, return_index=True)
        for code, index in sorted(zip(codes.tolist(), first.tolist(), strict=True), key=lambda pair: pair[1]):
            if code >= 0 and cells.names[code] not in rows:
                rows[cells.names[code]] = row_of(batch, index)
        if len(rows) > most:
            problem = f"has more than {most:,} distinct values: it looks like a quantity to regress or an identifier"
            remedy = "Name a column of classes; where these are classes, say how many there may be with max_classes."
            raise InputError(problem, place=at(table, column), remedy=remedy)
    _check_lists(table, column, rows)
    return Seen(column, rows)


def _single(table: Table, batch: Batch, column: str) -> pa.ChunkedArray:
    """The column's cells, if each may be one class.

    Raises:
        InputError: they are lists.
    """
    cells = batch.column(column)
    if any(of(cells.type) for of in (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)):
        raise _several(table, column, row_of(batch, 0) if batch.num_rows else None, str(cells.type))
    return cells


def _check_lists(table: Table, column: str, rows: Mapping[str, int]) -> None:
    """See that cells of text are not lists written out: all in brackets, or at least one that reads as a list of strings.

    Raises:
        InputError: they are.
    """
    bracketed = [value for value in rows if _LISTED.fullmatch(value)]
    written = next(
        (value for value in bracketed if re.match(r"""\s*\[\s*["']""", value) and value.strip()[-2:-1] in "\"'"), None
    )
    if bracketed and (written or len(bracketed) == len(rows)):
        found = written or bracketed[0]
        raise _several(table, column, rows[found], repr(found[:60]))


def _several(table: Table, column: str, row: int | None, found: str) -> InputError:
    problem = f"holds a list of labels, {found}: multi-label is not supported yet"
    return InputError(problem, place=at(table, column, row), remedy="Name a column with one class a row.")


@dataclass(frozen=True, slots=True)
class ScoreRange:
    """What the scores of a column span.

    Attributes:
        low: the smallest.
        high: the largest.
        outside: how many are no probability: below 0 or above 1 by more than rounding.
        first: the first row of those; None where there is none.
    """

    low: float
    high: float
    outside: int = 0
    first: int | None = None


def score_range(table: Table, column: str) -> ScoreRange | None:
    """The span of a score column; None where all are missing. Null and NaN are missing.

    Raises:
        InputError: there is no such column, it is not numeric, or a score is infinite.
    """
    known(table, column)
    found, seen_any = ScoreRange(np.inf, -np.inf), False
    for batch in table.batches(None if table.steps else [column]):
        cells = batch.column(column)
        if not is_numeric(cells.type):
            place = at(table, column)
            raise InputError(f"holds {cells.type}, expected numbers", place=place, remedy="Name a numeric score column.")
        values = numbers(cells)
        remedy = "Mend it, or leave the cell empty: the row then has no score."
        _check_finite(table, batch, column, values, "score is {}, expected a finite number", remedy)
        low, high = np.fmin.reduce(values, initial=found.low), np.fmax.reduce(values, initial=found.high)
        odd = np.flatnonzero((values < -ROUNDING) | (values > 1 + ROUNDING))
        first = row_of(batch, int(odd[0])) if found.first is None and len(odd) else found.first
        found, seen_any = ScoreRange(float(low), float(high), found.outside + len(odd), first), seen_any or low <= high
    return found if seen_any else None


def _check_finite(table: Table, batch: Batch, column: str, values: Floats, problem: str, remedy: str) -> None:
    if np.isinf(values).any():
        where = int(np.argmax(np.isinf(values)))
        raise InputError(problem.format(values[where]), place=at(table, column, row_of(batch, where)), remedy=remedy)


def known(table: Table, column: str) -> None:
    """See that the table has a column.

    Raises:
        InputError: it has not; names a near one.
    """
    names = table.schema.names
    if column not in names:
        problem = f"not in the data{near(column, names)}"
        raise InputError(problem, place=at(table, column), remedy=f"The columns are {', '.join(names)}.")


def at(table: Table, column: str, row: int | None = None) -> str:
    """A place in a table, for errors; rows count from 0, as in evidence."""
    return f"{table.source.name}, {'' if row is None else f'row {row} (counted from 0), '}column {column!r}"


def row_of(batch: Batch, index: int) -> int:
    """Position in the source of a row of a batch."""
    return int(batch.column(ROW)[index].as_py())
