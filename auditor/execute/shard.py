"""The work on one job: its passes in a row over each batch, with the rows that a pass fails on set aside."""

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from auditor.declare import Reduction, info
from auditor.errors import AuditorError, InputError
from auditor.execute import states
from auditor.execute.compare import difference, identity
from auditor.execute.desk import Desk
from auditor.execute.jobs import Job, Record, Step, commit
from auditor.execute.ledger import Bad
from auditor.execute.rewritten import for_pass, rewritten, with_tokens
from auditor.execute.shown import window
from auditor.store.failures import AGAIN, drop_damaged
from auditor.types import Batch

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Ready:
    """A pass that can be run on a batch, and says why it removed rows."""

    step: Step
    run: Callable[[Batch], Batch]
    reason: Callable[[Batch], Sequence[str]]


def work(job: Job) -> Record:
    """Read a job's rows, put them through its passes, and write what leaves.

    Raises:
        InputError: the rows cannot be read.
        TooManyBadRows: this job alone failed on more rows than the run allows.
        RowsLost: rows do not add up.
    """
    passes = [_ready(step, job) for step in job.steps]
    following: Reduction | None = job.following.function() if job.following else None
    partial = following and _seeing(following.partial, job.following, job)
    found: list[states.State] = []
    with Desk(job) as desk:
        for batch in _read(job):
            for one in passes:
                batch = _taken(one, batch, desk)
            if job.following and partial:
                batch = _reduced(job.following, partial, batch, found, desk)
            desk.write(batch)
        if following:
            desk.keep(functools.reduce(following.merge, found))
    return commit(job, desk.record())


def _read(job: Job) -> Iterator[Batch]:
    try:
        yield from job.batches()
    except (OSError, pa.ArrowException) as error:
        path = Path(str(job.shards[0].path))
        remedy = "Make sure that the file is whole and does not change during the run."
        if drop_damaged(path, error):
            remedy = f"It was removed from the cache. {AGAIN}"
        raise InputError(f"cannot be read: {error}", place=str(path), remedy=remedy) from error


def _ready(step: Step, job: Job) -> _Ready:
    def plainly(removed: Batch) -> list[str]:
        return [f"removed by {step.name}"] * removed.num_rows

    def whole(run: Callable[[Batch], Batch], batch: Batch) -> Batch:
        if info(step.function).written:
            return run(with_tokens(batch, job.views))
        seen = for_pass(batch, job.views, job.roles)
        return rewritten(batch, seen, run(seen), job.views)

    if step.decision is None:
        return _Ready(step, functools.partial(whole, step.function), plainly)
    reduction: Reduction = step.function()
    decision, reason = _decision(step.decision, step.digest), reduction.reason
    return _Ready(
        step,
        run=functools.partial(whole, lambda batch: reduction.apply(batch, decision)),
        reason=_seeing(lambda removed: reason(removed, decision), step, job) if reason else plainly,
    )


def _seeing(function: Callable[[Batch], T], step: Step | None, job: Job) -> Callable[[Batch], T]:
    """A function of a pass, given cells as the pass takes them."""
    if step is None or info(step.function).written:
        return function
    return lambda batch: function(for_pass(batch, job.views, job.roles))


@functools.lru_cache(maxsize=2)
def _decision(path: Path, _digest: str) -> states.State:
    return states.load(path)


def _taken(one: _Ready, batch: Batch, desk: Desk) -> Batch:
    """The batch after one pass."""
    bad: list[Bad] = []
    parts = isolate(one.run, batch, bad, desk.allowed)
    after = pa.concat_tables(parts) if parts else one.run(batch.slice(0, 0))
    found = difference(_without(batch, bad), after, one.step.name)
    desk.note(one.step, batch, after.num_rows, found, one.reason(found.removed) if found.removed.num_rows else (), bad)
    return after


def _reduced(
    step: Step, partial: Callable[[Batch], states.State], batch: Batch, found: list[states.State], desk: Desk
) -> Batch:
    """Add a batch to a reduction; without the rows that it fails on, which are entered under the pass that it belongs to."""
    bad: list[Bad] = []
    found += isolate(partial, batch, bad, desk.allowed) or [partial(batch.slice(0, 0))]
    if bad:
        none = batch.slice(0, 0)
        desk.note(step, pa.concat_tables([one.row for one in bad]), 0, difference(none, none, step.name), (), bad)
    return _without(batch, bad)


def isolate(function: Callable[[Batch], T], batch: Batch, bad: list[Bad], allowed: int) -> list[T]:
    """What a function makes of a batch, in parts where it fails on a row.

    A batch that it fails on is halved until the row stands alone.

    Args:
        function: what to run.
        batch: rows.
        bad: the rows that it fails on are added here.
        allowed: how many of them to look for; with more, the search ends.

    Raises:
        AuditorError: the function was given the wrong options or columns, which no row is to blame for.
    """
    try:
        return [function(batch)]
    except AuditorError:
        raise
    except Exception as error:  # whatever a pass raises is the row's error, in the ledger
        if batch.num_rows == 0:
            raise
        if batch.num_rows == 1:
            bad.append(Bad(batch, window(f"{type(error).__name__}: {error}")))
            return []
    half = batch.num_rows // 2
    parts = isolate(function, batch.slice(0, half), bad, allowed)
    return parts if len(bad) > allowed else parts + isolate(function, batch.slice(half), bad, allowed)


def _without(batch: Batch, bad: Sequence[Bad]) -> Batch:
    if not bad:
        return batch
    gone = pa.array([int(identity(one.row)[0]) for one in bad])
    return batch.filter(pc.invert(pc.is_in(pa.array(identity(batch)), value_set=gone)))
