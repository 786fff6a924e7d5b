"""Passes that would take more rows, or more of one group, than a data set should lose without a person's word."""

import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from scipy.stats import hypergeom

from auditor.execute.jobs import Entry
from auditor.execute.tally import example
from auditor.stats.cells import text
from auditor.stats.counts import bin_names
from auditor.types import MISSING, Alarm, Example, Group, GroupEffect, LedgerEntry, Roles

MOST_REMOVED = 0.1
"""Share of the rows that a pass may take."""

TIMES = 2.0
"""How many times the pass's share of all rows it may take of one group."""

CHANCE = 0.01
"""A group's excess is an accident where as many rows, drawn blindly, would come from any one of the pass's groups so often:
the exact (hypergeometric) probability, times the number of groups (Bonferroni)."""

_SHOWN = 5


def alarms(ledger: Sequence[LedgerEntry], roles: Roles, out: Path) -> tuple[LedgerEntry, ...]:
    """The ledger, with an alarm on each pass that takes over 10 % of the rows, or too many of one group.

    Too many are more than twice the share that it takes of all rows, where that is no accident: had the pass drawn its rows
    blindly, so many of them would come from one of its groups with a chance below 1 % (hypergeometric, Bonferroni). Rows
    without a group are of no group.

    Args:
        ledger: what each pass did.
        roles: the columns that group rows.
        out: folder that the files of the ledger are in.
    """
    return tuple(_with_alarms(entry, roles, out) for entry in ledger)


def _with_alarms(entry: LedgerEntry, roles: Roles, out: Path) -> LedgerEntry:
    found = [*_of_all(entry), *_of_groups(entry, roles, out)]
    return replace(entry, alarms=tuple(found)) if found else entry


def _of_all(entry: LedgerEntry) -> Iterator[Alarm]:
    if entry.removed > MOST_REMOVED * entry.rows_in:
        examples = [example for example in entry.examples if example.facts.get("what") == "removed"]
        yield Alarm({}, entry.removed, entry.rows_in, MOST_REMOVED, tuple(examples[:_SHOWN]))


def _of_groups(entry: LedgerEntry, roles: Roles, out: Path) -> Iterator[Alarm]:
    limit = TIMES * entry.removed / max(entry.rows_in, 1)
    effects = [effect for effect in entry.by_group if MISSING not in effect.group.values()]
    for effect in effects:
        if effect.removed > limit * effect.rows and _chance(effect, entry) * len(effects) < CHANCE:
            yield Alarm(effect.group, effect.removed, effect.rows, limit, _examples(entry, effect, roles, out))


def _chance(effect: GroupEffect, entry: LedgerEntry) -> float:
    """How often a blind draw of as many rows would take as many of the group."""
    return float(hypergeom.sf(effect.removed - 1, entry.rows_in, entry.removed, effect.rows))


def _examples(entry: LedgerEntry, effect: GroupEffect, roles: Roles, out: Path) -> tuple[Example, ...]:
    """The first removed rows of a group, from the full ledger; none where that does not show their cells."""
    ((column, value),) = effect.group.items()
    group = next(group for group in roles.groups if group.column == column)
    found = (line for line in _removed(out / str(entry.file)) if _value(line["before"].get(column), group) == value)
    return tuple(example(line, roles) for line in islice(found, _SHOWN))


def _removed(file: Path) -> Iterator[Entry]:
    with file.open("rb") as lines:
        for line in lines:
            if b'"removed"' in line:  # cheap, since most lines are of other kinds
                found = json.loads(line)
                if found["what"] == "removed" and "before" in found:
                    yield found


def _value(cell: object, group: Group) -> str:
    """The group that a cell of the ledger says; MISSING where it says none, as a digest does."""
    if not group.bins:
        return text(cell) or MISSING
    try:
        return bin_names(group.bins)[bisect_right(group.bins, float(str(cell)))]
    except ValueError:
        return MISSING
