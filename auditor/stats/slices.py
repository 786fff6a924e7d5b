"""Reading a count table: the rows of one group, of an intersection of groups, or of everything."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from auditor.stats.cells import NUMBER
from auditor.stats.counts import bin_names, spelling
from auditor.types import MISSING, RESERVED, Counts, CountTable, Group

Values: TypeAlias = tuple[str, ...]
"""One value per column of a slice."""

_CODE = re.compile(r"[+-]?0\d")
"""What begins a code rather than a number, such as ``007``."""

_PARTS = re.compile(r"[+-]?[\d.]+(?:[eE][+-]?\d+)?|>=|[^\s\d.]")
"""Numbers and signs in the name of a bin."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows of one slice, counted.

    Attributes:
        cells: rows by true class (axis 0) and decided class (axis 1), shape ``(k, k)``.
        unlabelled: rows without a true class, by decided class, shape ``(k,)``.
        undecided: rows without a decided class.
    """

    cells: Counts
    unlabelled: Counts
    undecided: int

    @property
    def labelled(self) -> int:
        """Rows with a true and a decided class."""
        return int(self.cells.sum())

    @property
    def decided(self) -> int:
        """Rows with a decided class."""
        return self.labelled + int(self.unlabelled.sum())

    @property
    def rows(self) -> int:
        """All rows."""
        return self.decided + self.undecided


@dataclass(frozen=True, slots=True)
class Rates:
    """A slice seen as one class against all others.

    Attributes:
        tp: rows of the class, decided to be.
        fp: rows of others, decided to be of the class.
        fn: rows of the class, decided to be of another.
        tn: rows of others, decided to be of others.
        chosen: rows decided to be of the class, labelled or not.
        decided: rows with a decision, labelled or not.
    """

    tp: int
    fp: int
    fn: int
    tn: int
    chosen: int
    decided: int


def rates(part: Slice, of: int) -> Rates:
    """A slice seen as one class against all others."""
    tp, true, said = int(part.cells[of, of]), int(part.cells[of].sum()), int(part.cells[:, of].sum())
    rest = part.labelled - true - said + tp
    return Rates(tp, said - tp, true - tp, rest, said + int(part.unlabelled[of]), part.decided)


def overall(table: CountTable) -> Slice:
    """All rows."""
    return Slice(table.cells.sum(axis=0), table.unlabelled.sum(axis=0), int(table.undecided.sum()))


def slices(table: CountTable, columns: Sequence[Group]) -> dict[Values, Slice]:
    """The rows of each combination of values of some of the group columns.

    Args:
        table: the count table.
        columns: which of its columns; the others are summed over.

    Returns:
        Slices by values, one per column; bins and numbers ascending, text in alphabetical order, missing values last.
    """
    at = [table.columns.index(group.column) for group in columns]
    keys = [tuple(level[index] for index in at) for level in table.levels]
    names = sorted({*keys}, key=lambda key: [_rank(value, group) for value, group in zip(key, columns, strict=True)])
    place = {name: index for index, name in enumerate(names)}
    into = np.array([place[key] for key in keys], dtype=np.int64)

    def summed(counts: Counts) -> Counts:
        total = np.zeros((len(names), *counts.shape[1:]), dtype=np.int64)
        np.add.at(total, into, counts)
        return total

    parts = zip(summed(table.cells), summed(table.unlabelled), summed(table.undecided), strict=True)
    return {name: Slice(cells, free, int(undecided)) for name, (cells, free, undecided) in zip(names, parts, strict=True)}


def known(values: Sequence[str]) -> bool:
    """Whether no value of a combination is missing: only such groups are compared."""
    return MISSING not in values


def references(table: CountTable, groups: Sequence[Group]) -> dict[str, str]:
    """The value of each group column that the others are compared with: the declared one, else the one with most rows.

    A column has no reference where the declared value does not occur, or no value is known.
    """
    found = {}
    for group in groups:
        sizes = {value: part.rows for (value,), part in slices(table, [group]).items()}
        if (chosen := reference_of(group, sizes)) is not None:
            found[group.column] = chosen
    return found


def reference_of(group: Group, sizes: Mapping[str, int]) -> str | None:
    """The value of a group column that the others are compared with: the declared one, else the one with most rows.

    Args:
        group: the column.
        sizes: rows by value.

    Returns:
        None where the declared value has no rows, or no value is known.
    """
    if group.reference is not None:
        return declared(group, sizes)
    return max((value for value in sizes if value != MISSING), key=sizes.__getitem__, default=None)


def declared(group: Group, values: Collection[str]) -> str | None:
    """The declared reference of a group column as one of its values; None where it is none of them.

    A reference is read as cells are: ``1``, ``1.0`` and ``"1"`` are one value, ``True`` and ``true`` are one, space around text
    does not count, and upper and lower case are told apart. What is written in another way still is a value where it is the
    same number (``1.50`` and ``1.5``), or the same bin (``[25,45)`` and ``[25, 45)``).
    """
    found = spelling(group, group.reference)
    if found is None or found == MISSING:
        return None
    if found in values:
        return found
    alike = [value for value in values if value != MISSING and _key(value, group) == _key(found, group)]
    return alike[0] if len(alike) == 1 else None


def _key(value: str, group: Group) -> object:
    """What two ways of writing one value have in common."""
    if group.bins:
        return tuple(float(part) if NUMBER.fullmatch(part) else part for part in _PARTS.findall(value))
    return float(value) if NUMBER.fullmatch(value) and not _CODE.match(value) else value


def reference(parts: Mapping[Values, Slice], columns: Sequence[Group], single: Mapping[str, str]) -> Values | None:
    """The combination of values that the others are compared with; None where none is known.

    Args:
        parts: the slices.
        columns: their columns.
        single: the reference of each column by itself. Their combination is taken where it has rows, else the largest.
    """
    together = tuple(single.get(group.column, MISSING) for group in columns)
    if together in parts and known(together):
        return together
    if len(columns) == 1:
        return None
    complete = {values: part.rows for values, part in parts.items() if known(values)}
    return max(complete, key=complete.__getitem__, default=None)


def where(columns: Sequence[Group], values: Sequence[str]) -> dict[str, str]:
    """A slice as it stands in measurements; a column named like one of their own keys is written ``column:NAME``."""
    return {name_of(group): value for group, value in zip(columns, values, strict=True)}


def name_of(group: Group) -> str:
    """A group column's name in measurements."""
    return f"column:{group.column}" if group.column in RESERVED else group.column


def _rank(value: str, group: Group) -> tuple[int, float, str]:
    if value == MISSING:
        return (3, 0.0, "")
    if group.bins:
        return (0, float(bin_names(group.bins).index(value)), "")
    return (1, float(value), value) if NUMBER.fullmatch(value) else (2, 0.0, value)
