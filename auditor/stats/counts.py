"""Counting rows into a count table: one pass, vectorised, mergeable, of a size that does not grow with rows."""

import math
from collections.abc import Collection, Sequence
from itertools import pairwise

import numpy as np

from auditor.errors import InputError, RowsLost, Skip
from auditor.stats import scores
from auditor.stats.cells import Encoded, encode, is_numeric, numbers, text
from auditor.types import MISSING, Batch, Counts, CountTable, Decisions, Group, Integers, ScoreSketch

MOST_NUMBERS = 50
"""Distinct values of a numeric group column without bins; more are amounts, not groups."""

MOST_VALUES = 200
"""Distinct values of any group column; more are names or identifiers, not groups."""

MOST_LEVELS = 100_000
MOST_CELLS = 20_000_000

Sketches = dict[tuple[str, ...], ScoreSketch]


def empty(classes: Sequence[str], columns: Sequence[Group]) -> CountTable:
    """The count table of no rows: what merging starts from."""
    k = len(classes)
    none = np.zeros((0, k, k), dtype=np.int64)
    names = tuple(group.column for group in columns)
    return CountTable(tuple(classes), names, (), none, none[:, 0], none[:, 0, 0])


def count(batch: Batch, truth: Integers, decisions: Decisions, columns: Sequence[Group], *, exact: bool = False) -> CountTable:
    """Count the rows of one batch.

    Args:
        batch: rows with the group columns, ``n`` of them.
        truth: index of each row's true class, shape ``(n,)``; -1 where it has none.
        decisions: of the same rows.
        columns: the group columns.
        exact: keep each distinct score: for few rows.

    Raises:
        InputError: a group column cannot be cut into its bins.
        Skip: there are too many combinations of groups and classes.
        RowsLost: the table does not hold as many rows as the batch: a bug.
    """
    k = len(decisions.classes)
    values = [group_values(batch, group) for group in columns]
    level, names = _levels(values, batch.num_rows)
    _check_size(len(names), k, columns)
    # One place more on each class axis, in front, for rows without a true or a decided class.
    code = (level * (k + 1) + truth + 1) * (k + 1) + decisions.labels + 1
    cells = np.bincount(code, minlength=len(names) * (k + 1) ** 2).reshape(len(names), k + 1, k + 1)
    sketches = _sketches(truth, decisions, columns, values, exact=exact)
    undecided = cells[:, :, 0].sum(axis=1)
    table = (np.ascontiguousarray(cells[:, 1:, 1:]), np.ascontiguousarray(cells[:, 0, 1:]), undecided)
    found = CountTable(decisions.classes, tuple(group.column for group in columns), names, *table, sketches)
    return _whole(found, batch.num_rows)


def merge(a: CountTable, b: CountTable) -> CountTable:
    """The count table of both sets of rows; associative and commutative, and either may hold groups the other has not.

    Raises:
        Skip: there are too many combinations of groups and classes.
        RowsLost: the table does not hold as many rows as both: a bug.
    """
    levels = tuple(sorted({*a.levels, *b.levels}))
    _check_size(len(levels), len(a.classes), [Group(name) for name in a.columns])
    place = {level: index for index, level in enumerate(levels)}
    into = [[place[level] for level in table.levels] for table in (a, b)]

    def added(first: Counts, second: Counts) -> Counts:
        total = np.zeros((len(levels), *first.shape[1:]), dtype=np.int64)
        total[into[0]] = first
        total[into[1]] += second
        return total

    counts = (added(a.cells, b.cells), added(a.unlabelled, b.unlabelled), added(a.undecided, b.undecided))
    both = CountTable(a.classes, a.columns, levels, *counts, _merged(dict(a.sketches), dict(b.sketches)))
    return _whole(both, _rows(a) + _rows(b))


def group_values(batch: Batch, group: Group) -> Encoded:
    """A group column as integers: categories by their text, numbers by their bin; missing values are a group of their own.

    Spellings that were declared to be the same are one group, by the name of the first.

    Cells that say ``(missing)`` in so many words are of that group too: no name stands for two groups.

    Raises:
        InputError: the group has bins and its column is not numeric, or it has no bins and too many values.
    """
    column, place = batch.column(group.column), f"group column {group.column!r}"
    if not group.bins:
        found = _unified(encode(column, group.column), group)
        check_values(found.names, group, numeric=is_numeric(column.type))
    elif is_numeric(column.type):
        cells = numbers(column)
        code = np.searchsorted(np.asarray(group.bins), cells, side="right")
        found = Encoded(np.where(np.isnan(cells), -1, code), bin_names(group.bins))
    else:
        raise InputError(f"holds {column.type} and cannot be cut into bins", place=place, remedy="Remove its bins.")
    names = found.names if MISSING in found.names else (*found.names, MISSING)
    return Encoded(np.where(found.codes < 0, names.index(MISSING), found.codes), names)


def spelling(group: Group, value: str | None) -> str | None:
    """A value of a group column in canonical form, by the name of its group where it is spelled in several ways."""
    found = text(value)
    return next((text(names[0]) for names in group.same if found is not None and found in map(text, names)), found)


def _unified(found: Encoded, group: Group) -> Encoded:
    if not group.same:
        return found
    spelled = [str(spelling(group, name)) for name in found.names]
    names = tuple(dict.fromkeys(spelled))
    lookup = np.array([*(names.index(name) for name in spelled), -1], dtype=np.int64)
    return Encoded(lookup[found.codes], names)


def check_values(values: Collection[str], group: Group, *, numeric: bool) -> None:
    """See that so many distinct values can be groups.

    Raises:
        InputError: there are too many.
    """
    place, found = f"group column {group.column!r}", len(values)
    if numeric and found > MOST_NUMBERS:
        remedy = f'Cut it into bins, such as --group "{group.column}:25,45".'
        raise InputError(f"holds more than {MOST_NUMBERS} distinct numbers, which are no groups", place=place, remedy=remedy)
    if found > MOST_VALUES:
        remedy = "Choose a column that puts rows into groups, or map its values to fewer."
        problem = f"holds more than {MOST_VALUES} distinct values and looks like a name or an identifier"
        raise InputError(problem, place=place, remedy=remedy)


def bin_names(edges: Sequence[float]) -> tuple[str, ...]:
    """Names of the bins that inner edges cut numbers into: of (25, 45): ``< 25``, ``[25, 45)``, ``>= 45``."""
    words = [str(text(float(edge))) for edge in edges]
    inner = [f"[{low}, {high})" for low, high in pairwise(words)]
    return (f"< {words[0]}", *inner, f">= {words[-1]}")


def _levels(values: Sequence[Encoded], rows: int) -> tuple[Integers, tuple[tuple[str, ...], ...]]:
    """Index of each row's combination of values among those that occur, and these, sorted."""
    code, size = np.zeros(rows, dtype=np.int64), math.prod(len(value.names) for value in values)
    for value in values:
        code = code * len(value.names) + value.codes
    present, index = _dense(code, size)
    columns = []
    for value in reversed(values):
        columns.append([value.names[at] for at in present % len(value.names)])
        present = present // len(value.names)
    names = list(zip(*reversed(columns), strict=True)) if columns else [()] * len(present)
    order = sorted(range(len(names)), key=names.__getitem__)
    place = np.empty(len(names), dtype=np.int64)
    place[order] = np.arange(len(names))
    return place[index], tuple(names[at] for at in order)


def _dense(code: Integers, size: int) -> tuple[Integers, Integers]:
    """The codes that occur, ascending, and each row's index among them; codes are below ``size``."""
    if size > 1 << 20:
        present, index = np.unique(code, return_inverse=True)
        return present, index
    present = np.flatnonzero(np.bincount(code, minlength=size))
    lookup = np.zeros(size, dtype=np.int64)
    lookup[present] = np.arange(len(present))
    return present, lookup[code]


def _sketches(
    truth: Integers, decisions: Decisions, columns: Sequence[Group], values: Sequence[Encoded], *, exact: bool
) -> Sketches:
    """Score sketches of everything and of each value of each group column."""
    rows = scores.prepare(truth, decisions)
    if rows is None:
        return {}
    found: Sketches = {
        (): scores.sketch(rows, np.zeros(len(truth), dtype=np.int64), 1, scores.BINS, exact=exact, ties=not exact)[0]
    }
    for group, value in zip(columns, values, strict=True):
        parts = scores.sketch(rows, value.codes, len(value.names), scores.GROUP_BINS, exact=exact)
        present = np.bincount(value.codes, minlength=len(value.names))
        found |= {(group.column, name): part for name, part, rows_ in zip(value.names, parts, present, strict=True) if rows_}
    return found


def _rows(table: CountTable) -> int:
    return int(table.cells.sum() + table.unlabelled.sum() + table.undecided.sum())


def _whole(table: CountTable, rows: int) -> CountTable:
    """The table, if it holds each row once, and each combination of values once."""
    held, place = _rows(table), f"count table of {', '.join(table.columns) or 'all rows'}"
    if held != rows:
        raise RowsLost(f"{rows:,} rows were counted, but it holds {held:,}", place=place, remedy="Report this as a bug.")
    if len({*table.levels}) != len(table.levels):
        raise RowsLost("it holds a combination of values twice", place=place, remedy="Report this as a bug.")
    return table


def _merged(a: Sketches, b: Sketches) -> Sketches:
    return {**a, **b, **{key: scores.merged(a[key], b[key]) for key in a.keys() & b.keys()}}


def _check_size(levels: int, classes: int, columns: Sequence[Group]) -> None:
    if levels > MOST_LEVELS or levels * (classes + 1) ** 2 > MOST_CELLS:
        problem = f"{levels:,} combinations of groups and {classes:,} classes are more than can be counted"
        place = f"group columns {', '.join(group.column for group in columns)}" if columns else ""
        raise Skip(problem, place=place, remedy="Name fewer group columns, or map labels to fewer classes.")
