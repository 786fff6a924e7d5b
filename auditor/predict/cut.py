"""Predictions written as a condition on a numeric column, such as ``decile_score >= 5``: read as data, never evaluated."""

import math
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from auditor.errors import ConfigError, InputError
from auditor.stats.cells import NUMBER, is_numeric, numbers
from auditor.types import Floats, Integers

CONDITION = re.compile(rf"\s*(?P<column>.*?)\s*(?P<op>>=|<=|==|!=|>|<)\s*(?P<number>{NUMBER.pattern})\s*")
COMPARED = re.compile("[<>=]")
COMPARE: dict[str, Callable[[Floats, float], object]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True, slots=True)
class Cut:
    """A numeric column cut in two at a number.

    Attributes:
        column: its name.
        op: how a cell has to compare with ``number`` to count as 1.
        number: where it is cut.
    """

    column: str
    op: str
    number: float

    def decide(self, column: pa.ChunkedArray) -> Integers:
        """1 where the condition holds, 0 where not, -1 where the cell is missing; shape ``(n,)``.

        Raises:
            InputError: the column is not numeric.
        """
        if not is_numeric(column.type):
            place = f"prediction {self.column} {self.op} {self.number:g}"
            remedy = "Name a numeric column, or a column of decisions."
            raise InputError(f"column {self.column!r} holds {column.type}, expected numbers", place=place, remedy=remedy)
        cells = numbers(column)
        return np.where(np.isnan(cells), -1, np.asarray(COMPARE[self.op](cells, self.number), dtype=np.int64))


def cut(prediction: str, columns: Sequence[str]) -> Cut | None:
    """Read a prediction role as a condition; None where it is a column's name.

    Args:
        prediction: the role as it was given.
        columns: the table's columns; one of exactly this name wins over the condition.

    Raises:
        ConfigError: it is no column's name, and compares something, but not a column with a finite number.
    """
    if prediction in columns:
        return None
    found = CONDITION.fullmatch(prediction)
    if not (found and found["column"] and (found["column"] in columns or not COMPARED.search(found["column"]))):
        if COMPARED.search(prediction):
            raise _unreadable(prediction, "neither a column of the data nor a condition")
        return None
    if not math.isfinite(float(found["number"])):
        raise _unreadable(prediction, f"{found['number']} is not a finite number")
    return Cut(found["column"], found["op"], float(found["number"]))


def _unreadable(prediction: str, problem: str) -> ConfigError:
    expected = "expected COLUMN >= NUMBER, with >=, >, <=, <, == or !="
    return ConfigError(f"{problem}; {expected}", place=f"prediction {prediction!r}", remedy="Write, for example, 'score >= 5'.")
