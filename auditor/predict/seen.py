"""What occurs in a column, and in which row first: one pass, in memory that does not grow with rows."""

from dataclasses import dataclass

import numpy as np

from auditor.errors import InputError, near
from auditor.stats.cells import encode, is_numeric, numbers
from auditor.types import ROW, Batch, Table

MOST_CLASSES = 1000


@dataclass(frozen=True, slots=True)
class Seen:
    """The values of a column.

    Attributes:
        column: its name.
        rows: the first row of each value, by value in canonical form, in the order in which they come.
    """

    column: str
    rows: dict[str, int]


def seen(table: Table, column: str) -> Seen:
    """The distinct values of a label or prediction column.

    Raises:
        InputError: there is no such column, it is nested, or it has more than 1,000 distinct values.
    """
    known(table, column)
    rows: dict[str, int] = {}
    for batch in table.batches(None if table.steps else [column]):
        cells = encode(batch.column(column), column)
        for code, name in enumerate(cells.names):
            if name not in rows:
                rows[name] = row_of(batch, int(np.argmax(cells.codes == code)))
        if len(rows) > MOST_CLASSES:
            problem = f"has more than {MOST_CLASSES:,} distinct values: it looks like a quantity to regress or an identifier"
            raise InputError(problem, place=at(table, column), remedy="Name a column of classes.")
    return Seen(column, rows)


def score_range(table: Table, column: str) -> tuple[float, float] | None:
    """The smallest and the largest score; None where all are missing. Null and NaN are missing.

    Raises:
        InputError: there is no such column, it is not numeric, or a score is infinite.
    """
    known(table, column)
    low, high = np.inf, -np.inf
    for batch in table.batches(None if table.steps else [column]):
        cells = batch.column(column)
        if not is_numeric(cells.type):
            place = at(table, column)
            raise InputError(f"holds {cells.type}, expected numbers", place=place, remedy="Name a numeric score column.")
        values = numbers(cells)
        if np.isinf(values).any():
            where = int(np.argmax(np.isinf(values)))
            problem, place = f"score is {values[where]}, expected a finite number", at(table, column, row_of(batch, where))
            raise InputError(problem, place=place, remedy="Mend it, or leave the cell empty: the row then has no score.")
        low, high = np.fmin.reduce(values, initial=low), np.fmax.reduce(values, initial=high)
    return (float(low), float(high)) if low <= high else None


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
