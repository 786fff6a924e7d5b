"""What a cleaning run did to whom: shares of rows removed and changed, by group and pass, and what the data is made of."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from auditor.stats.cells import Encoded, encode, text
from auditor.stats.counts import group_values
from auditor.stats.intervals import difference, ratio, share
from auditor.stats.slices import name_of
from auditor.types import MISSING, Group, LedgerEntry, Measurement, Roles, Table

Sizes = dict[str, tuple[int, int]]
"""By group value: rows that something was done to, and all rows."""


def effects(before: Table, after: Table, ledger: Sequence[LedgerEntry]) -> Iterator[Measurement]:
    """Measure a cleaning run.

    Args:
        before: the data as it was.
        after: the cleaned data.
        ledger: what each pass did.

    Yields:
        ``removed_share`` and ``quarantined_share`` of all rows; ``removed_share`` of each group, with its difference from
        and ratio to the reference group; ``removed_share`` and ``changed_share`` of each pass that removed or changed rows,
        the same by group; ``label_share`` and ``group_share`` before and after (``basis``).
    """
    roles, rows = before.roles, before.rows
    yield share("removed_share", sum(entry.removed for entry in ledger), rows)
    yield share("quarantined_share", sum(entry.quarantined for entry in ledger), rows)
    for group in roles.groups:
        yield from _compared("removed_share", group, _removed(ledger, group), {})
    steps = [entry.step for entry in ledger]
    for number, entry in enumerate(ledger, 1):
        name = entry.step if steps.count(entry.step) == 1 else f"{number}. {entry.step}"
        yield from _of_pass(entry, roles, {"pass": name})
    for basis, table in (("before", before), ("after", after)):
        yield from _composition(table, roles, {"basis": basis})


def _removed(ledger: Sequence[LedgerEntry], group: Group) -> Sizes:
    """Rows of each group that any pass removed, and rows that the first pass was given."""
    gone = Counter[str]()
    for entry in ledger:
        gone.update({value: removed for value, (removed, _) in _sizes(entry, group, "removed").items()})
    return {value: (gone[value], rows) for value, (_, rows) in (_sizes(ledger[0], group, "removed") if ledger else {}).items()}


def _of_pass(entry: LedgerEntry, roles: Roles, where: Mapping[str, str]) -> Iterator[Measurement]:
    for kind in ("removed", "changed"):
        if count := getattr(entry, kind):
            yield share(f"{kind}_share", count, entry.rows_in, where=where)
            for group in roles.groups:
                yield from _compared(f"{kind}_share", group, _sizes(entry, group, kind), where)


def _sizes(entry: LedgerEntry, group: Group, kind: str) -> Sizes:
    return {
        effect.group[group.column]: (getattr(effect, kind), effect.rows)
        for effect in entry.by_group
        if group.column in effect.group and effect.rows
    }


def _compared(metric: str, group: Group, sizes: Sizes, where: Mapping[str, str]) -> Iterator[Measurement]:
    """The share of each group; its difference from, and ratio to, the reference."""
    name, chosen = name_of(group), _reference(group, sizes)
    for value, (x, n) in sizes.items():
        yield share(metric, x, n, where={**where, name: value})
    for value, (x, n) in sizes.items():
        if chosen is not None and value not in (chosen, MISSING):
            at = {**where, name: value, "reference": chosen}
            yield difference(f"{metric}_difference", x, n, *sizes[chosen], where=at)
            yield ratio(f"{metric}_ratio", x, n, *sizes[chosen], where=at)


def _reference(group: Group, sizes: Sizes) -> str | None:
    """The declared group, where it has rows; else the largest that has a value."""
    if group.reference is not None:
        declared = text(group.reference)
        return declared if declared in sizes else None
    return max((value for value in sizes if value != MISSING), key=lambda value: sizes[value][1], default=None)


def _composition(table: Table, roles: Roles, where: Mapping[str, str]) -> Iterator[Measurement]:
    """How the rows fall into classes and groups."""
    labels, groups = _counted(table, roles)
    for name, count in sorted(labels.items()):
        yield share("label_share", count, labels.total(), where={**where, "class": name})
    for group, counts in zip(roles.groups, groups, strict=True):
        for name, count in sorted(counts.items()):
            yield share("group_share", count, counts.total(), where={**where, name_of(group): name})


def _counted(table: Table, roles: Roles) -> tuple[Counter[str], list[Counter[str]]]:
    labels, groups = Counter[str](), [Counter[str]() for _ in roles.groups]
    columns = dict.fromkeys([*([roles.label] if roles.label else []), *(group.column for group in roles.groups)])
    for batch in table.batches(list(columns)) if columns else ():
        if roles.label:
            labels += _rows_of(encode(batch.column(roles.label), roles.label))
        for counts, group in zip(groups, roles.groups, strict=True):
            counts.update(_rows_of(group_values(batch, group)))
    return labels, groups


def _rows_of(found: Encoded) -> Counter[str]:
    """Rows of each value that occurs; rows without one are not counted."""
    sizes = np.bincount(found.codes[found.codes >= 0], minlength=len(found.names)).tolist()
    return Counter({name: size for name, size in zip(found.names, sizes, strict=True) if size})
