"""The cleaned data as one file, without the hidden columns; cells that no pass changed as they were written."""

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from auditor.errors import RowsLost, UsageError
from auditor.run import spelled
from auditor.store.files import replacing
from auditor.types import COPY, ROW, Batch, Table
from auditor.types.views import seen_as

Format = Literal["parquet", "csv", "jsonl"]
Write = Callable[[Batch], None]
_QUOTED = r'[",\r\n]|^$'
"""What has to be quoted in CSV; the empty text too, since nothing between commas is a missing cell."""


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
    with replacing(path) as part, _WRITERS[form](part, table) as append:
        for batch in table.batches(written=True):
            seen = batch.drop_columns([name for name in (ROW, COPY) if name in batch.column_names])
            append(seen)
            rows += seen.num_rows
    if rows != table.rows:
        raise RowsLost(
            f"{rows} rows were written of {table.rows}", place=str(path), remedy="Do not use the file; this is a bug."
        )
    return path


@contextlib.contextmanager
def _parquet(path: Path, table: Table) -> Iterator[Write]:
    as_numbers = spelled.numbers(table)

    def typed(batch: Batch) -> Batch:
        for place, name in enumerate(batch.column_names):
            view, cells = table.views.get(name), batch.column(place)
            if view is not None and view.sees and pa.types.is_string(cells.type):
                cells = seen_as(cells, view) if name in as_numbers else spelled.as_text(cells, view)
                batch = batch.set_column(place, name, cells)
        return batch

    first = typed(next(table.batches(written=True)).slice(0, 0))
    schema = first.drop_columns([name for name in (ROW, COPY) if name in first.column_names]).schema
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        yield lambda batch: writer.write_table(typed(batch))


@contextlib.contextmanager
def _csv(path: Path, table: Table) -> Iterator[Write]:
    def append(batch: Batch) -> None:
        columns = [spelled.as_text(cells, table.views.get(name)) for name, cells in _columns(batch)]
        _write_lines(file, [_field(cells, alone=len(columns) == 1) for cells in columns], ",")

    with path.open("wb") as file:
        names = pa.table({name: [name] for name in table.schema.names})
        _write_lines(file, [_field(cells, alone=False) for _, cells in _columns(names)], ",")
        yield append


def _field(cells: pa.ChunkedArray, *, alone: bool) -> pa.ChunkedArray:
    """Text as fields of CSV; where a field stands alone, a missing one is quoted, as an empty line is no record."""
    odd = pc.fill_null(pc.match_substring_regex(cells, _QUOTED), False)
    if pc.any(odd).as_py():
        inside = pc.binary_join_element_wise('"', pc.replace_substring(cells, '"', '""'), '"', "")
        cells = pc.if_else(odd, inside, cells)
    return pc.fill_null(cells, '""' if alone else "")


@contextlib.contextmanager
def _json_lines(path: Path, table: Table) -> Iterator[Write]:
    as_numbers = spelled.numbers(table)

    def append(batch: Batch) -> None:
        members = []
        for name, cells in _columns(batch):
            found = spelled.as_json(cells, table.views.get(name), number=name in as_numbers)
            members.append(pc.binary_join_element_wise(json.dumps(name, ensure_ascii=False), found, ": "))
        _write_lines(file, members, ", ", "{", "}")

    with path.open("wb") as file:
        yield append


def _columns(batch: Batch) -> Iterator[tuple[str, pa.ChunkedArray]]:
    yield from zip(batch.column_names, batch.columns, strict=True)


def _write_lines(file: IO[bytes], cells: list[pa.ChunkedArray], between: str, first: str = "", last: str = "") -> None:
    """Write a line for each row; a missing cell takes no place in it."""
    if not cells or not len(cells[0]):
        return
    wide = pa.large_string()  # a batch of long texts may be larger than 2 GB
    texts = [one.combine_chunks().cast(wide) for one in cells]
    lines = pc.binary_join_element_wise(*texts, pa.scalar(between, wide), null_handling="skip")
    file.writelines(f"{first}{line}{last}\n".encode() for line in lines.to_pylist())


_WRITERS: dict[Format, Callable[[Path, Table], contextlib.AbstractContextManager[Write]]] = {
    "parquet": _parquet,
    "csv": _csv,
    "jsonl": _json_lines,
}
