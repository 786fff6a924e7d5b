"""What a cleaning run did to whom: shares of rows removed and changed, by group and pass, and what the data is made of."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from auditor.stats.cells import Encoded, encode
from auditor.stats.counts import group_values
from auditor.stats.intervals import difference, ratio, share
from auditor.stats.slices import name_of, reference_of
from auditor.types import COPY, MISSING, ROW, Group, LedgerEntry, Measurement, Roles, Table

Sizes = dict[str, tuple[int, int]]
"""By group value: rows that something was done to, and all rows."""


@dataclass(frozen=True, slots=True)
class _Fate:
    """What became of the rows of the source; copies that a pass added are none of them.

    Attributes:
        stays: by number in the source, whether no pass removed the row.
        quarantined: how many rows a pass failed on.
    """

    stays: NDArray[np.bool_]
    quarantined: int


def effects(before: Table, after: Table, ledger: Sequence[LedgerEntry], out: Path) -> Iterator[Measurement]:
    """Measure a cleaning run.

    Args:
        before: the data as it was.
        after: the cleaned data, with its hidden columns.
        ledger: what each pass did.
        out: folder that the files of the ledger are in.

    Yields:
        ``removed_share`` and ``quarantined_share`` of all rows; ``removed_share`` of each group, with its difference from
        and ratio to the reference group: rows of ``before``, in the groups they were in, whatever was added and removed
        again. Then ``removed_share`` and ``changed_share`` of each pass that removed or changed rows, the same by group, of
        the rows it was given, added ones among them; ``label_share`` and ``group_share`` before and after (``basis``).
    """
    roles, rows = before.roles, before.rows
    fate = _fate(after, ledger, out)
    yield share("removed_share", rows - int(fate.stays.sum()), rows)
    yield share("quarantined_share", fate.quarantined, rows)
    for group in roles.groups:
        yield from _compared("removed_share", group, _removed(before, group, fate), {})
    steps = [entry.step for entry in ledger]
    for number, entry in enumerate(ledger, 1):
        name = entry.step if steps.count(entry.step) == 1 else f"{number}. {entry.step}"
        yield from _of_pass(entry, roles, {"pass": name})
    for basis, table in (("before", before), ("after", after)):
        yield from _composition(table, roles, {"basis": basis})


def _fate(after: Table, ledger: Sequence[LedgerEntry], out: Path) -> _Fate:
    """What became of each row: it is there after, a pass failed on it, or else one removed it."""
    stays = np.zeros(after.source.rows, dtype=bool)
    for batch in after.batches([]):
        numbers = batch.column(ROW).to_numpy()
        stays[numbers[batch.column(COPY).to_numpy() == 0] if COPY in batch.column_names else numbers] = True
    failed = [row for entry in ledger if entry.quarantined for row in _quarantined(out / str(entry.file))]
    stays[failed] = True
    return _Fate(stays, len(failed))


def _quarantined(file: Path) -> Iterator[int]:
    """Numbers of the source rows that a pass failed on, from its full ledger, which holds them whatever evidence is shown."""
    with file.open("rb") as lines:
        for line in lines:
            if b'"quarantined"' in line:  # cheap, since most lines are of other kinds
                found = json.loads(line)
                if found["what"] == "quarantined" and not found.get("copy"):
                    yield found["row"]


def _removed(before: Table, group: Group, fate: _Fate) -> Sizes:
    """Rows of each group that any pass removed, and rows that the group had."""
    lost, every = Counter[str](), Counter[str]()
    for batch in before.batches([group.column]):
        found = group_values(batch, group)
        removed = ~fate.stays[batch.column(ROW).to_numpy()]
        every.update(_rows_of(found))
        lost.update(_rows_of(Encoded(found.codes[removed], found.names)))
    return {value: (lost[value], rows) for value, rows in sorted(every.items())}


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
    name, chosen = name_of(group), reference_of(group, {value: n for value, (_, n) in sizes.items()})
    for value, (x, n) in sizes.items():
        yield share(metric, x, n, where={**where, name: value})
    for value, (x, n) in sizes.items():
        if chosen is not None and value not in (chosen, MISSING):
            at = {**where, name: value, "reference": chosen}
            yield difference(f"{metric}_difference", x, n, *sizes[chosen], where=at)
            yield ratio(f"{metric}_ratio", x, n, *sizes[chosen], where=at)


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
