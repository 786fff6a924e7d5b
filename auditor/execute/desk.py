"""Where the results of one job pile up until all of them are written."""

from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import IO, Self

import pyarrow as pa
import pyarrow.parquet as pq

from auditor.errors import RowsLost, TooManyBadRows, UsageError
from auditor.execute import ledger, states
from auditor.execute.compare import Difference
from auditor.execute.jobs import Job, Record, Step, Tally
from auditor.execute.ledger import Bad
from auditor.execute.tally import merged, tally
from auditor.store.files import replacing
from auditor.types import Batch


class Desk:
    """The files and counts of one job; files take their names when the block ends well, and go away when it does not."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._files = ExitStack()
        self._books: dict[int, IO[str]] = {}
        self._writer: pq.ParquetWriter | None = None
        self._rows: list[int] = []
        self._tallies = {number: Tally() for number in job.reported()}

    def __enter__(self) -> Self:
        for number in self._job.reported():
            part = self._files.enter_context(replacing(self._job.ledger(number)))
            self._books[number] = self._files.enter_context(part.open("w", encoding="utf-8"))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._files.__exit__(kind, error, trace)

    def write(self, batch: Batch) -> None:
        """Append rows that leave, as one row group.

        Raises:
            UsageError: they have other columns than those before.
        """
        if self._writer is None:
            part = self._files.enter_context(replacing(self._job.output))
            self._writer = self._files.enter_context(pq.ParquetWriter(part, batch.schema))
        check_schema(batch.schema, self._writer.schema, f"shard {self._job.name}")
        self._writer.write_table(batch, row_group_size=max(batch.num_rows, 1))
        self._rows.append(batch.num_rows)

    def keep(self, state: states.State) -> None:
        """Write the state of the reduction over all rows that left."""
        states.save(self._job.state, state)

    @property
    def allowed(self) -> int:
        """Rows that may still fail before the run does."""
        return self._job.allowed - sum(one.quarantined for one in self._tallies.values())

    def note(
        self, step: Step, before: Batch, rows_out: int, found: Difference, reasons: Sequence[str], bad: Sequence[Bad]
    ) -> None:
        """Enter what a pass did to a batch into the ledger.

        Args:
            step: the pass.
            before: the batch, with the rows that failed.
            rows_out: rows that the pass returned.
            found: what differs, without the rows that failed.
            reasons: why each removed row was removed.
            bad: the rows that failed.

        Raises:
            RowsLost: rows in and rows out do not add up.
            TooManyBadRows: the job failed on more rows than the run allows.
        """
        if len(bad) > self.allowed:
            raise too_many(len(bad), self._job.allowed, f"pass {step.name!r}, {bad[0].place}: {bad[0].told(self._job.shown)}")
        lines = ledger.entries(found, reasons, bad, self._job.roles, self._job.shown)
        new = tally(before, rows_out, found, lines, self._job)
        check(new, step.name)
        self._books[step.number].write(ledger.text(lines))
        self._tallies[step.number] = merged(self._tallies[step.number], new)

    def record(self) -> Record:
        """What is left of the job; to be asked when its files are in place."""
        return Record(self._job.key, tuple(self._rows), self._job.output.stat().st_size, self._tallies)


def check(found: Tally, name: str) -> None:
    """Make sure that every row is accounted for.

    Raises:
        RowsLost: it is not.
    """
    if found.rows_in + found.added != found.rows_out + found.removed + found.quarantined:
        raise RowsLost(
            f"{found.rows_in} rows in + {found.added} added is not "
            f"{found.rows_out} out + {found.removed} removed + {found.quarantined} set aside",
            place=f"pass {name!r}",
            remedy="Do not use the output; this is a bug.",
        )


def check_schema(schema: pa.Schema, first: pa.Schema, place: str) -> None:
    """Make sure that rows have the columns that the first ones have.

    Raises:
        UsageError: they do not.
    """
    if not schema.equals(first):
        differ = sorted({field.name for field in {*schema} ^ {*first}})
        raise UsageError(
            f"a pass made column {differ[0]!r} of one type in some rows and of another in others",
            place=place,
            remedy="Give each column that the pass makes one type, whatever the rows hold.",
        )


def too_many(failed: int, allowed: int, first: str) -> TooManyBadRows:
    """The error of a run that fails on too many rows; ``failed`` is a lower bound."""
    problem = f"at least {failed} rows failed, and {allowed} may; the first in {first}"
    return TooManyBadRows(problem, remedy="Mend the rows or the pass, or allow more with max_bad_rows; what is done is kept.")
