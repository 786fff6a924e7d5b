"""What is left when all jobs are done: the table, and what each pass did to it."""

import functools
import shutil
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from auditor import digest
from auditor.execute.compare import HIDDEN
from auditor.execute.desk import check, check_schema
from auditor.execute.jobs import Job, Record, Step
from auditor.execute.stages import Shards
from auditor.execute.tally import entry, merged
from auditor.store.files import replacing
from auditor.types import LedgerEntry, Roles, Table, View, as_seen
from auditor.types.views import is_text


def table_of(table: Table, shards: Sequence[Shards], steps: Sequence[Step]) -> Table:
    """The table as it leaves the last pass.

    Raises:
        UsageError: passes gave different shards different columns.
    """
    flat = tuple(shard for some in shards for shard in some)
    schema = _schema(sorted({str(shard.path) for shard in flat}))
    lineage = digest.of_value([table.fingerprint, *(digest.of_code(step.function) for step in steps)])
    views = {name: view for name, view in table.views.items() if _still(schema, name, view)}
    seen = as_seen(schema.empty_table(), views, Roles()).schema
    return Table(table.source, flat, seen, table.roles, lineage, views=views)


def _still(schema: pa.Schema, name: str, view: View) -> bool:
    """Whether a column is still kept as it was written."""
    return name in schema.names and (view.sees is None or is_text(schema.field(name).type))


def _schema(paths: Sequence[str]) -> pa.Schema:
    schemas = [pq.read_schema(path) for path in paths]
    for path, schema in zip(paths, schemas, strict=True):
        check_schema(schema, schemas[0], Path(path).stem)
    return pa.schema([field for field in schemas[0] if field.name not in HIDDEN])


def ledger_entry(step: Step, done: Sequence[tuple[Job, Record]], roles: Roles, out: Path) -> LedgerEntry:
    """What one pass did to all rows; its full ledger is put together in ``ledger/``, in the order of the rows.

    Raises:
        RowsLost: rows do not add up.
    """
    parts = [(job.ledger(step.number), record.tallies[step.number]) for job, record in done if step.number in record.tallies]
    file = f"ledger/{step.number}-{step.name}.jsonl"
    with replacing(out / file) as whole, whole.open("wb") as book:
        for path, _ in parts:
            with path.open("rb") as lines:
                shutil.copyfileobj(lines, book)
    found = functools.reduce(merged, (tally for _, tally in parts))
    check(found, step.name)
    return entry(step, found, roles, file)
