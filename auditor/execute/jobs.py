"""What a shard job is told, and the record that it leaves when it is done."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from auditor import codec
from auditor.declare import bare
from auditor.errors import ConfigError
from auditor.store.files import write_atomic
from auditor.types import COPY, Batch, Roles, Shard, Shown, Views

Entry = Mapping[str, Any]
"""One line of the ledger, as JSON-like data."""

Effect = tuple[int, int, int, int]
"""Rows of a group: all, removed, changed, added."""


@dataclass(frozen=True, slots=True)
class Step:
    """A pass at its place in the chain.

    Attributes:
        number: its place, from 1.
        function: the pass, with its options bound.
        decision: for a table pass: the file that its reduction's decision was written to; None while there is none.
        digest: of that file.
    """

    number: int
    function: Callable[..., Any]
    decision: Path | None = None
    digest: str = ""

    @property
    def name(self) -> str:
        """The pass's name."""
        return getattr(bare(self.function), "__name__", "pass")


@dataclass(frozen=True, slots=True)
class Job:
    """Some shards, and what is to be done with their rows.

    Attributes:
        name: of the files it writes; names sort in the order of the shards.
        shards: what to read.
        steps: the passes, in order.
        following: the table pass that comes after them, whose reduction is taken over the rows that leave.
        folder: where it writes.
        key: digest of everything that decides what it writes.
        roles: what the columns are for.
        allowed: rows that may fail before the run does.
        shown: what its ledger may show of rows.
        views: of columns that are kept as they were written, how they are seen.
    """

    name: str
    shards: tuple[Shard, ...]
    steps: tuple[Step, ...]
    following: Step | None
    folder: Path
    key: str
    roles: Roles
    allowed: int
    shown: Shown = "show"
    views: Views = field(default_factory=dict)

    @property
    def output(self) -> Path:
        """The rows that leave, in Parquet."""
        return self.folder / f"{self.name}.parquet"

    @property
    def state(self) -> Path:
        """The state of the following reduction."""
        return self.folder / f"{self.name}.state"

    @property
    def done(self) -> Path:
        """The record that says that all other files are there."""
        return self.folder / f"{self.name}.done.json"

    def ledger(self, number: int) -> Path:
        """The ledger lines of one pass."""
        return self.folder / f"{self.name}.{number}.jsonl"

    def reported(self) -> tuple[int, ...]:
        """Numbers of the passes that it has ledger lines for."""
        return tuple(step.number for step in (*self.steps, *([self.following] if self.following else [])))

    def batches(self) -> Iterator[Batch]:
        """Read the rows of all shards, from each at least one batch; copies of a row are always in a batch with it."""
        for shard in self.shards:
            schema = shard.held.schema if shard.held is not None else pq.read_schema(shard.path)
            if COPY in schema.names:
                yield _whole(shard)
            else:
                yield from shard.batches()


def _whole(shard: Shard) -> Batch:
    if shard.held is not None:
        return shard.held
    with pq.ParquetFile(shard.path) as file:
        return file.read_row_group(shard.group)


@dataclass(frozen=True, slots=True)
class Tally:
    """What one pass did to some rows.

    Attributes:
        rows_in: rows it was given.
        rows_out: rows it returned.
        removed: rows it took out.
        changed: rows it changed a cell of.
        added: rows it made.
        quarantined: rows it failed on.
        reasons: why rows were removed, with how many.
        columns: columns it added.
        by_group: by group column and value: rows, removed, changed, added.
        examples: the first ledger lines of each kind.
    """

    rows_in: int = 0
    rows_out: int = 0
    removed: int = 0
    changed: int = 0
    added: int = 0
    quarantined: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    by_group: Mapping[str, Mapping[str, Effect]] = field(default_factory=dict)
    examples: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """What is left of a job that is done.

    Attributes:
        key: the job's key.
        rows: number of rows in each row group of its output.
        bytes: size of its output.
        tallies: what each pass did, by the pass's number.
    """

    key: str
    rows: tuple[int, ...]
    bytes: int
    tallies: Mapping[int, Tally]


def finished(job: Job) -> Record | None:
    """The record of a job that was done before, by the same code with the same options on the same rows."""
    files = [job.output, *([job.state] if job.following else []), *(job.ledger(number) for number in job.reported())]
    try:
        record = codec.parse(json.loads(job.done.read_text("utf-8")), Record, place=str(job.done))
        same = record.key == job.key and record.bytes == job.output.stat().st_size
        return record if same and all(file.exists() for file in files) else None
    except (OSError, ValueError, ConfigError):
        return None


def commit(job: Job, record: Record) -> Record:
    """Write the record, as the last thing of a job."""
    write_atomic(job.done, json.dumps(codec.plain(record), ensure_ascii=False, sort_keys=True))
    return record
