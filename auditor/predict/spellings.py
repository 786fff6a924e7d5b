"""Groups and classes that are spelled in several ways: told before any work, since each is counted by itself."""

import shlex
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from auditor.errors import InputError
from auditor.stats.cells import Encoded, encode
from auditor.stats.counts import group_values
from auditor.stats.spellings import counted
from auditor.types import MISSING, Group, Table

_FAMILIES = 3
_SPELLINGS = 6


def noted(table: Table, classes: Mapping[str, int] | None = None) -> Table:
    """The table with a note on each group column, and on the label, in which values are spelled in several ways.

    Args:
        table: the data.
        classes: index of the class that each label means: spellings of one class are no two classes.
    """
    roles = table.roles
    notes = [note for group in roles.groups if not group.bins if (note := _of_group(table, group))]
    if roles.label and roles.label not in [group.column for group in roles.groups]:
        notes += [note] if (note := _of_label(table, roles.label, classes)) else []
    return replace(table, source=replace(table.source, notes=(*table.source.notes, *notes))) if notes else table


def _of_group(table: Table, group: Group) -> str:
    found = counted(_rows(table, group.column, group))
    if not found:
        return ""
    same = shlex.quote(f"{group.column}:{'='.join(value for value, _ in found[0].most_common())}")
    said = f"spells groups in several ways, and each is a group of its own: {_listed(found)}"
    return f"Group column {group.column!r} {said}. If they are one group, declare it: --same {same}, or same in the plan."


def _of_label(table: Table, label: str, classes: Mapping[str, int] | None) -> str:
    found = counted(_rows(table, label, None))
    if classes is not None:
        found = [family for family in found if len({classes.get(value) for value in family}) > 1]
    if not found:
        return ""
    name, other, *_ = [value for value, _ in found[0].most_common()]
    labels = shlex.quote(f"{other}={name}")
    said = f"spells classes in several ways, and each is a class of its own: {_listed(found)}"
    return f"Label column {label!r} {said}. If they are one class, declare it: --labels {labels}, or labels in the plan."


def _rows(table: Table, column: str, group: Group | None) -> Counter[str]:
    """Rows by value; none where the column cannot be read as groups or classes, which what counts them says."""
    rows = Counter[str]()
    try:
        for batch in table.batches(None if table.steps else [column]):
            found = group_values(batch, group) if group else encode(batch.column(column), column)
            rows += _sizes(found)
    except InputError:
        return Counter()
    return rows


def _sizes(found: Encoded) -> Counter[str]:
    sizes = np.bincount(found.codes[found.codes >= 0], minlength=len(found.names)).tolist()
    return Counter({name: size for name, size in zip(found.names, sizes, strict=True) if size and name != MISSING})


def _listed(families: list[Counter[str]]) -> str:
    """``Female (240), female (120); Asian;White (30), White;Asian (20)``."""
    said = [", ".join(f"{value} ({rows:,})" for value, rows in family.most_common(_SPELLINGS)) for family in families]
    more = f"; and {len(said) - _FAMILIES} more" if len(said) > _FAMILIES else ""
    return "; ".join(said[:_FAMILIES]) + more
