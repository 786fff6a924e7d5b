"""The cleaned data as one file, without the hidden columns."""

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.csv as pv
import pyarrow.parquet as pq

from auditor.errors import RowsLost, UsageError
from auditor.store.files import replacing
from auditor.types import COPY, ROW, Batch, Table

Format = Literal["parquet", "csv", "jsonl"]
Write = Callable[[Batch], None]


def check(schema: pa.Schema, form: Format) -> None:
    """Make sure that a format can hold the columns.

    Raises:
        UsageError: it cannot.
    """
    nested = [field.name for field in schema if pa.types.is_nested(field.type)]
    if form == "csv" and nested:
        raise UsageError(f"CSV cannot hold lists or records, as in column {nested[0]!r}", remedy="Write Parquet or JSON lines.")


def path_of(folder: Path, form: Format) -> Path:
    """Where the cleaned data are written to."""
    return folder / f"cleaned.{form}"


def write(table: Table, folder: Path, form: Format) -> Path:
    """Write a table as ``cleaned.parquet``, ``cleaned.csv`` or ``cleaned.jsonl``, a batch at a time.

    Raises:
        UsageError: the format cannot hold a column.
        RowsLost: not all rows were written.
    """
    check(table.schema, form)
    path, rows = path_of(folder, form), 0
    with replacing(path) as part, _WRITERS[form](part, table.schema) as append:
        for batch in table.batches():
            seen = batch.drop_columns([name for name in (ROW, COPY) if name in batch.column_names])
            append(seen)
            rows += seen.num_rows
    if rows != table.rows:
        raise RowsLost(
            f"{rows} rows were written of {table.rows}", place=str(path), remedy="Do not use the file; this is a bug."
        )
    return path


@contextlib.contextmanager
def _parquet(path: Path, schema: pa.Schema) -> Iterator[Write]:
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        yield writer.write_table


@contextlib.contextmanager
def _csv(path: Path, schema: pa.Schema) -> Iterator[Write]:
    with pv.CSVWriter(path, schema) as writer:
        yield writer.write_table


@contextlib.contextmanager
def _json_lines(path: Path, _: pa.Schema) -> Iterator[Write]:
    with path.open("w", encoding="utf-8") as file:
        yield lambda batch: file.writelines(
            json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in batch.to_pylist()
        )


_WRITERS: dict[Format, Callable[[Path, pa.Schema], contextlib.AbstractContextManager[Write]]] = {
    "parquet": _parquet,
    "csv": _csv,
    "jsonl": _json_lines,
}
