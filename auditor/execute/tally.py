"""The ledger in short: counts, groups, reasons and some examples of each pass, mergeable in shard order."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from auditor import declare
from auditor.execute.compare import Difference
from auditor.execute.jobs import Effect, Entry, Job, Step, Tally
from auditor.stats.counts import group_values
from auditor.types import COPY, Batch, Example, Group, GroupEffect, LedgerEntry, Roles, as_seen

EXAMPLES = 20
"""Rows of each pass that the report shows."""

_REASONS = 100
_NO_EFFECT = (0, 0, 0, 0)
_ROW_NAMED = re.compile(r"\brow \d+")


def tally(before: Batch, rows_out: int, found: Difference, lines: Sequence[Entry], job: Job) -> Tally:
    """Count what one pass did to one batch.

    Args:
        before: the batch.
        rows_out: rows that the pass returned.
        found: what differs.
        lines: the ledger lines of the same.
        job: whose roles say which columns group rows.
    """
    kinds = {kind: [line for line in lines if line["what"] == kind] for kind in ("removed", "changed", "added", "quarantined")}
    sides, names = (before, found.removed, found.before, found.added), before.column_names
    return Tally(
        rows_in=before.num_rows,
        rows_out=rows_out,
        **{kind: len(some) for kind, some in kinds.items()},
        reasons=_commonest(Counter(_ROW_NAMED.sub("row …", line["reason"]) for line in kinds["removed"])),
        columns=found.columns,
        by_group={group.column: _by_group(group, sides, job) for group in job.roles.groups if group.column in names},
        examples={kind: tuple(some[:EXAMPLES]) for kind, some in kinds.items() if some},
    )


def _by_group(group: Group, sides: Sequence[Batch], job: Job) -> dict[str, Effect]:
    counts = [_sizes(as_seen(batch.select([group.column]), job.views, job.roles), group) for batch in sides]
    return {
        name: (counts[0][name], counts[1][name], counts[2][name], counts[3][name]) for name in sorted({*counts[0], *counts[3]})
    }


def _sizes(batch: Batch, group: Group) -> Counter[str]:
    """How many rows each value of a group column has."""
    if batch.num_rows == 0:
        return Counter()
    found = group_values(batch, group)
    sizes = np.bincount(found.codes, minlength=len(found.names)).tolist()
    return Counter({name: size for name, size in zip(found.names, sizes, strict=True) if size})


def merged(one: Tally, other: Tally) -> Tally:
    """Two tallies of the same pass, the earlier rows first, as one."""
    kinds = dict.fromkeys([*one.examples, *other.examples])
    columns = dict.fromkeys([*one.by_group, *other.by_group])
    return Tally(
        rows_in=one.rows_in + other.rows_in,
        rows_out=one.rows_out + other.rows_out,
        removed=one.removed + other.removed,
        changed=one.changed + other.changed,
        added=one.added + other.added,
        quarantined=one.quarantined + other.quarantined,
        reasons=_commonest(Counter(one.reasons) + Counter(other.reasons)),
        columns=tuple(dict.fromkeys([*one.columns, *other.columns])),
        by_group={column: _summed(one.by_group.get(column, {}), other.by_group.get(column, {})) for column in columns},
        examples={kind: (*one.examples.get(kind, ()), *other.examples.get(kind, ()))[:EXAMPLES] for kind in kinds},
    )


def _summed(one: Mapping[str, Effect], other: Mapping[str, Effect]) -> dict[str, Effect]:
    pairs = {name: (one.get(name, _NO_EFFECT), other.get(name, _NO_EFFECT)) for name in sorted({*one, *other})}
    return {name: (a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]) for name, (a, b) in pairs.items()}


def _commonest(reasons: Mapping[str, int]) -> dict[str, int]:
    """The commonest reasons, and the rest as one, so that a pass that tells each row its own story stays short."""
    ranked = sorted(reasons.items(), key=lambda item: (item[0] == _OTHER, -item[1], item[0]))
    rest = sum(count for _, count in ranked[_REASONS:])
    return dict(ranked[:_REASONS]) | ({_OTHER: rest} if rest else {})


_OTHER = "other reasons"


def entry(step: Step, found: Tally, roles: Roles, file: str) -> LedgerEntry:
    """What the report says of one pass.

    Args:
        step: the pass.
        found: what it did to all rows.
        roles: the inputs are what examples show.
        file: the full ledger, relative to the report.
    """
    return LedgerEntry(
        step=step.name,
        options={name: _readable(value) for name, value in declare.options(step.function).items()},
        source=declare.info(step.function).source,
        rows_in=found.rows_in,
        rows_out=found.rows_out,
        removed=found.removed,
        changed=found.changed,
        added=found.added,
        quarantined=found.quarantined,
        reasons=found.reasons,
        columns=found.columns,
        by_group=tuple(
            GroupEffect({column: name}, *effect) for column, groups in found.by_group.items() for name, effect in groups.items()
        ),
        examples=tuple(example(line, roles) for line in _chosen(found.examples) if "cells" in line or "before" in line),
        file=file,
    )


def _readable(value: object) -> object:
    if callable(value):
        return declare.describe(value)
    if isinstance(value, tuple | list):
        return [_readable(item) for item in value]
    return value.column if isinstance(value, Group) else value


def _chosen(examples: Mapping[str, Sequence[Entry]]) -> list[Entry]:
    """Twenty lines, of each kind that there is the same number where there are enough; errors first."""
    order = [kind for kind in ("quarantined", "removed", "changed", "added") if kind in examples]
    ranked = sorted(
        (place, order.index(kind), line["row"], kind) for kind in order for place, line in enumerate(examples[kind])
    )
    kept = {(kind, place) for place, _, _, kind in ranked[:EXAMPLES]}
    return [line for kind in order for place, line in enumerate(examples[kind]) if (kind, place) in kept]


def example(line: Entry, roles: Roles) -> Example:
    """A line of a ledger for a reader: the inputs where there are any, else all cells."""
    before, after = _sides(line, roles)
    copy = {COPY.strip("_"): str(line["copy"])} if "copy" in line else {}
    facts = {name: str(line[name]) for name in ("what", "reason", "error") if name in line}
    return Example(str(line.get("id", line["row"])), before, after, facts | copy)


def _sides(line: Entry, roles: Roles) -> tuple[str, str | None]:
    if "cells" in line:
        old, new = ({column: pair[side] for column, pair in line["cells"].items()} for side in (0, 1))
        return _shown(old, tuple(old)), _shown(new, tuple(new))
    return _shown(line["before"], roles.inputs), _shown(line["after"], roles.inputs) if "after" in line else None


def _shown(cells: Mapping[str, Any], wanted: Sequence[str]) -> str:
    """One cell as it is, several with the names of their columns."""
    chosen = {name: cells[name] for name in wanted if name in cells} or cells
    if len(chosen) == 1:
        return _text(*chosen.values())
    return ", ".join(f"{name}: {_text(cell)}" for name, cell in chosen.items())


def _text(cell: object) -> str:
    return "(missing)" if cell is None else str(cell)
