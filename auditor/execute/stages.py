"""From passes to stages to jobs: row passes run together, and a table pass begins a stage once its reduction is finished."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from auditor import codec, digest
from auditor.declare import Reduction, info
from auditor.execute import states
from auditor.execute.jobs import Job, Record, Step
from auditor.types import BATCH_ROWS, Shard, Shown, Table

Shards = tuple[Shard, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """Passes that run together over a batch: a table pass at most, and only as the first.

    Attributes:
        steps: the passes.
        following: the table pass that begins the next stage.
    """

    steps: tuple[Step, ...]
    following: Step | None


def staged(functions: Sequence[Callable[..., Any]]) -> list[Stage]:
    """Cut a chain of passes before each table pass."""
    steps = [Step(number, function) for number, function in enumerate(functions, 1)]
    cuts = [place for place, step in enumerate(steps) if info(step.function).kind == "table_pass"]
    spans = zip([0, *cuts], [*cuts, len(steps)], strict=True)
    return [Stage(tuple(steps[start:end]), steps[end] if end < len(steps) else None) for start, end in spans]


def together(table: Table) -> list[Shards]:
    """A table's shards, at least one; small neighbours together, so that a job has up to 65,536 rows or is one shard."""
    empty = Shard(0, 0, digest.of_value([table.fingerprint, "empty"]), held=table.schema.empty_table())
    groups: list[Shards] = []
    for shard in table.shards or (empty,):
        if groups and sum(one.rows for one in groups[-1]) + shard.rows <= BATCH_ROWS:
            groups[-1] += (shard,)
        else:
            groups.append((shard,))
    return groups


def job_of(number: int, shards: Shards, stage: Stage, folder: Path, table: Table, allowed: int, shown: Shown) -> Job:
    """The job of some shards of a table in a stage."""
    roles = table.roles
    code = [[step.number, digest.of_code(step.function), step.digest] for step in stage.steps]
    after = [stage.following.number, digest.of_code(stage.following.function)] if stage.following else []
    columns = [roles.id, *([group.column, list(group.bins), [list(names) for names in group.same]] for group in roles.groups)]
    views = codec.plain(dict(table.views))
    key = digest.of_value([digest.of_package(), code, after, columns, views, shown, [shard.digest for shard in shards]])
    return Job(f"{number:06}", shards, stage.steps, stage.following, folder, key, roles, allowed, shown, table.views)


def written(job: Job, record: Record) -> Shards:
    """What a job wrote, as shards."""
    path = str(job.output)
    return tuple(Shard(rows, 0, digest.of_value([job.key, group]), path, group) for group, rows in enumerate(record.rows))


def decided(stage: Stage, jobs: Sequence[Job], path: Path) -> Stage:
    """The next stage, now that the reduction of its table pass can be finished; states are merged in the order of the rows."""
    first, *others = stage.steps
    reduction: Reduction = first.function()
    merged = functools.reduce(reduction.merge, (states.load(job.state) for job in jobs))
    states.save(path, reduction.finish(merged))
    return replace(stage, steps=(replace(first, decision=path, digest=digest.of_file(path)), *others))
