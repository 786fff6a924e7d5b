"""Passes over a table of any size: in stages, shard by shard, each shard once."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from auditor.errors import UsageError
from auditor.execute import inline, process
from auditor.execute.desk import too_many
from auditor.execute.jobs import Job, Record, finished
from auditor.execute.leftovers import sweep
from auditor.execute.results import ledger_entry, table_of
from auditor.execute.stages import decided, job_of, staged, together, written
from auditor.store.files import PART
from auditor.types import LedgerEntry, Shown, Table

Runner = Literal["auto", "inline", "process"]
Progress = Callable[[int, int], None]
Run = Callable[[Sequence[Job], int], Iterator[tuple[Job, Record]]]

RUNNERS: dict[str, Run] = {"inline": inline.run, "process": process.run}
"""What does jobs: given them and a number of workers, yields each with its record when it is done, in any order."""

LARGE = 200_000
"""Rows from which on a pool of processes pays."""


def apply(
    table: Table,
    passes: Sequence[Callable[..., Any]],
    out: Path,
    *,
    runner: Runner = "auto",
    workers: int | None = None,
    max_bad_rows: float = 0.001,
    evidence: Shown = "show",
    progress: Progress | None = None,
) -> tuple[Table, tuple[LedgerEntry, ...]]:
    """Run passes over a table, shard by shard; shards that were done before, by the same code on the same rows, are kept.

    What is written is the same for every runner and number of workers, and however often the run was broken off.

    Args:
        table: the data; its own ``steps`` are run first.
        passes: row passes and table passes with their options bound, in order.
        out: folder for ``shards/``, which holds the rows after each stage, and ``ledger/``, one file of JSON lines a pass.
        runner: ``inline`` in this process, ``process`` in a pool, ``auto`` the pool from 200,000 rows on.
        workers: number of processes; by default one for each core.
        max_bad_rows: share of the rows that passes may fail on; unless it is 0, one row always may.
        evidence: what ledger and examples may show of rows; ``shards/`` holds them in any case.
        progress: called with the number of jobs that are done, and of all.

    Returns:
        The table as it leaves the last pass, with its hidden columns, and what each pass did.

    Raises:
        TooManyBadRows: passes failed on more rows than allowed.
        RowsLost: rows do not add up.
        UsageError: a pass cannot be run this way.
    """
    stages, shards = staged((*table.steps, *passes)), together(table)
    allowed = max(1, int(max_bad_rows * table.rows)) if max_bad_rows > 0 else 0
    run, number = _runner(runner, workers, table.rows, len(shards))
    beat = _beat(progress, len(stages) * len(shards))
    done: list[tuple[Job, Record]] = []
    for place, stage in enumerate(stages):
        folder = out / "shards" / str(place)
        jobs = [job_of(name, some, stage, folder, table, allowed, evidence) for name, some in enumerate(shards)]
        done += _all_done(jobs, run, number, beat)
        _afford(done, allowed)
        shards = [written(job, record) for job, record in done[-len(jobs) :]]
        if stage.following:
            stages[place + 1] = decided(stages[place + 1], jobs, folder.with_suffix(".decision"))
    steps = [step for stage in stages for step in stage.steps]
    return table_of(table, shards, steps), tuple(ledger_entry(step, done, table.roles, out) for step in steps)


def _runner(name: Runner, workers: int | None, rows: int, jobs: int) -> tuple[Run, int]:
    number = min(workers or cores(), jobs)
    if name == "auto":
        name = "process" if rows >= LARGE and number > 1 and process.safe() else "inline"
    if name not in RUNNERS:
        raise UsageError(f"no runner {name!r}; there are {', '.join(RUNNERS)} and auto")
    return RUNNERS[name], number


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _beat(progress: Progress | None, total: int) -> Callable[[], None]:
    done = 0

    def beat() -> None:
        nonlocal done
        done += 1
        if progress:
            progress(done, total)

    return beat


def _all_done(jobs: Sequence[Job], run: Run, workers: int, beat: Callable[[], None]) -> list[tuple[Job, Record]]:
    """All jobs with their records, in order: those that were done before, and the others when they are."""
    _tidy(jobs)
    records: dict[str, Record] = {}
    for job in jobs:
        if record := finished(job):
            records[job.name] = record
            beat()
    todo = [job for job in jobs if job.name not in records]
    for job, record in run(todo, workers) if todo else ():
        records[job.name] = record
        beat()
    return [(job, records[job.name]) for job in jobs]


def _tidy(jobs: Sequence[Job]) -> None:
    """Remove what a run that was broken off, or had other shards, left behind."""
    names = {job.name for job in jobs}
    jobs[0].folder.mkdir(parents=True, exist_ok=True)
    sweep(jobs[0].folder)
    for file in jobs[0].folder.iterdir():
        if not PART.search(file.name) and file.name.split(".")[0] not in names:
            file.unlink()


def _afford(done: Sequence[tuple[Job, Record]], allowed: int) -> None:
    failed = [(step, tally) for _, record in done for step, tally in record.tallies.items() if tally.quarantined]
    total = sum(tally.quarantined for _, tally in failed)
    if total > allowed:
        number, first = failed[0]
        line = first.examples["quarantined"][0]
        raise too_many(total, allowed, f"pass {number}, row {line['row']}: {line['error']}")
