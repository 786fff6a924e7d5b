"""Cells of class × group: counted over a table, and found again for each row."""

import json
from collections.abc import Callable, Sequence

import numpy as np

from auditor.errors import UsageError, near
from auditor.stats.cells import encode
from auditor.stats.counts import group_values
from auditor.types import Batch, Group, Integers

Stratum = str
"""A class and a value of each group column, as a JSON list."""

Groups = tuple[str | Group, ...]
Cells = Callable[[Batch], list[Stratum | None]]


def strata(batch: Batch, label: str | None, groups: Groups) -> list[Stratum | None]:
    """The cell of each row; None where the row has no class.

    A missing group value is a value of its own. Groups with bins are cut into them.

    Args:
        batch: rows.
        label: the label column.
        groups: the group columns.

    Raises:
        UsageError: label or groups are not given, or not there.
    """
    if not label or not groups:
        raise UsageError("needs a label column and at least one group column", remedy="Name them with label= and groups=.")
    columns = [group if isinstance(group, Group) else Group(group) for group in groups]
    for name in (label, *(group.column for group in columns)):
        if name not in batch.column_names:
            raise UsageError(f"no column {name!r}{near(name, batch.column_names)}")
    classes = encode(batch.column(label), label)
    values = [group_values(batch, group) for group in columns]
    codes = [classes.codes, *(value.codes for value in values)]
    names = [classes.names, *(value.names for value in values)]
    return _joined(codes, names)


def _joined(codes: Sequence[Integers], names: Sequence[Sequence[str]]) -> list[Stratum | None]:
    """Text work once for each cell that occurs."""
    distinct, place = np.unique(np.column_stack(codes), axis=0, return_inverse=True)
    cells = [
        None if row[0] < 0 else json.dumps([known[code] for known, code in zip(names, row, strict=True)], ensure_ascii=False)
        for row in distinct.tolist()
    ]
    return [cells[index] for index in place.ravel()]


def worded(stratum: Stratum) -> str:
    """A cell in words: ``class good, group old``."""
    label, *groups = json.loads(stratum)
    return f"class {label}, group {' & '.join(groups)}"
