"""Group columns seen through once, so that what cannot be counted by group is said before any work starts."""

from itertools import pairwise

from auditor.errors import InputError, near
from auditor.stats.cells import is_numeric, text
from auditor.stats.counts import check_values, group_values
from auditor.stats.slices import declared
from auditor.types import MISSING, Group, Table

SHOWN = 20
"""Values of a group column that a message lists."""


def check_groups(table: Table) -> None:
    """See that every group column exists, has few enough values, and has its declared reference among them.

    Raises:
        InputError: one does not; names the column, what it holds and what to declare.
    """
    groups = table.roles.groups
    for group in groups:
        _check_bins(table, group)
    seen: dict[str, set[str]] = {group.column: set() for group in groups}
    for batch in table.batches(None if table.steps else [*seen]) if groups else ():
        for group in groups:
            values = group_values(batch, group)
            seen[group.column].update(values.names[code] for code in set(values.codes.tolist()))
            check_values(seen[group.column] - {MISSING}, group, numeric=is_numeric(table.schema.field(group.column).type))
    for group in groups:
        _check_reference(group, seen[group.column])


def _check_bins(table: Table, group: Group) -> None:
    place, names = f"group column {group.column!r}", table.schema.names
    if group.column not in names:
        raise InputError(f"not in the data{near(group.column, names)}", place=place, remedy="Name a column of the data.")
    if any(low >= high for low, high in pairwise(group.bins)):
        raise InputError(f"bins {group.bins} do not ascend", place=place, remedy="List each edge once, smallest first.")


def _check_reference(group: Group, values: set[str]) -> None:
    if group.reference is None or declared(group, values) is not None:
        return
    known = sorted(values - {MISSING})
    listed = ", ".join(known[:SHOWN]) + (f" and {len(known) - SHOWN} more" if len(known) > SHOWN else "")
    problem = f"reference {str(group.reference)!r} is not one of its values: {listed or 'it has none'}"
    hint = near(str(text(group.reference)), known)
    place = f"group column {group.column!r}"
    raise InputError(problem + hint, place=place, remedy="" if hint else "Declare one of these as the reference.")
