"""Data in memory as a file: what it is called follows from what it holds, so that equal data make equal runs."""

import itertools
import os
import sys
import uuid
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, Union

from auditor import digest
from auditor.errors import UsageError
from auditor.store import cache_folder, check_cache
from auditor.store.failures import told
from auditor.store.files import part_of

if TYPE_CHECKING:
    import datasets
    import pandas as pd
    import polars as pl
    import pyarrow as pa

Data: TypeAlias = Union[
    str,
    "os.PathLike[str]",
    "pd.DataFrame",
    "pl.DataFrame",
    "pl.LazyFrame",
    "pa.Table",
    "pa.RecordBatch",
    "datasets.Dataset",
    "datasets.DatasetDict",
]
"""Paths, hub names, and tables in memory. Of others, whatever gives its rows by Arrow's C interface."""

_ROWS = 100_000
_EXPECTED = "a path, a pandas or polars DataFrame, an Arrow table, or a datasets.Dataset"


def as_path(data: Data) -> str:
    """The path of data: a path as it is; a table in memory is written to the cache folder as Parquet.

    Of the index of a pandas ``DataFrame``, levels that have a name become columns. Equal rows give the same file, whatever
    library holds them.

    Raises:
        UsageError: it is something else, has several parts, or is a table that Parquet cannot hold.
    """
    if isinstance(data, str | os.PathLike):
        return os.fspath(data)
    check_cache()
    folder = cache_folder() / "frames"
    with told(folder):
        return str(_kept(_tables(data), folder))


def _kept(tables: "Iterator[pa.Table]", folder: Path) -> Path:
    import pyarrow as pa

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        error.filename = str(folder)
        raise
    part = part_of(folder / uuid.uuid4().hex)
    try:
        _write(tables, part)
        path = folder / f"table-{digest.of_file(part)[:16]}.parquet"
        part.replace(path)
    except (ValueError, pa.ArrowException) as error:
        raise UsageError(f"cannot be written as a table: {' '.join(str(error).split())}", place="data") from None
    finally:
        part.unlink(missing_ok=True)
    return path


def _write(tables: "Iterator[pa.Table]", path: Path) -> None:
    """Write rows in groups of 100,000, with the plainest type that holds each column."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    first = next(tables)
    schema = pa.schema([pa.field(field.name, _plain(field.type)) for field in first.schema])
    with pq.ParquetWriter(path, schema) as writer:
        for table in itertools.chain([first], tables):
            writer.write_table(_cast(table, schema).combine_chunks(), row_group_size=_ROWS)


def _cast(table: "pa.Table", schema: "pa.Schema") -> "pa.Table":
    import pyarrow as pa

    return pa.table([_as(column, field.type) for column, field in zip(table.columns, schema, strict=True)], schema=schema)


def _as(column: "pa.ChunkedArray", kind: "pa.DataType") -> "pa.ChunkedArray":
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):  # Arrow decodes no dictionary of views
        plain = [pa.DictionaryArray.from_arrays(one.indices, one.dictionary.cast(kind)) for one in column.chunks]
        column = pa.chunked_array(plain, pa.dictionary(column.type.index_type, kind))
    return column if column.type == kind else column.cast(kind)


def _plain(kind: "pa.DataType") -> "pa.DataType":
    """The type that every library's column of the same cells is brought to."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _plain(kind.value_type)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.string()
    if pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind):
        return pa.binary()
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(pa.field("element", _plain(kind.value_type)))
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(field.name, _plain(field.type)) for field in kind])
    return kind


def _tables(data: Any) -> "Iterator[pa.Table]":
    """The rows of a table in memory, in one piece or in pieces of 100,000."""
    for module, name, read in _KINDS:
        if module in sys.modules and isinstance(data, getattr(sys.modules[module], name, ())):
            return read(data)
    if hasattr(data, "__arrow_c_stream__") and (hasattr(data, "columns") or hasattr(data, "schema")):
        return _by_arrow(data)
    raise UsageError(f"expected {_EXPECTED}, found a {type(data).__name__}", place="data")


def _of_pandas(frame: "pd.DataFrame") -> "Iterator[pa.Table]":
    import pyarrow as pa

    try:
        yield pa.Table.from_pandas(_flat(frame).rename(columns=str), preserve_index=False).replace_schema_metadata()
    except (ValueError, pa.ArrowException) as error:
        raise UsageError(f"cannot be written as a table: {' '.join(str(error).split())}", place="data") from None


def _by_arrow(data: Any) -> "Iterator[pa.Table]":
    import pyarrow as pa

    yield pa.table(data)


def _of_dataset(data: "datasets.Dataset") -> "Iterator[pa.Table]":
    if not data.num_rows:
        yield data.with_format("arrow")[:]
    yield from data.with_format("arrow").iter(batch_size=_ROWS)


def _of_splits(data: "datasets.DatasetDict") -> "Iterator[pa.Table]":
    names = list(data)
    if len(names) != 1:
        listed = ", ".join(map(repr, names)) or "none"
        raise UsageError(
            f"expected one table, found a {type(data).__name__} with the splits {listed}",
            place="data",
            remedy=f"Give one of them, as in data[{names[0]!r}]." if names else "",
        )
    return _tables(data[names[0]])


def _of_stream(data: Any) -> "Iterator[pa.Table]":
    raise UsageError(
        f"expected {_EXPECTED}, found a {type(data).__name__}, whose rows cannot be counted",
        place="data",
        remedy="Give a Dataset, as from Dataset.from_list(list(data)).",
    )


_KINDS: "tuple[tuple[str, str, Callable[[Any], Iterator[pa.Table]]], ...]" = (
    ("pandas", "DataFrame", _of_pandas),
    ("polars", "LazyFrame", lambda data: _by_arrow(data.collect())),
    ("datasets", "Dataset", _of_dataset),
    ("datasets", "DatasetDict", _of_splits),
    ("datasets", "IterableDataset", _of_stream),
    ("pyarrow", "RecordBatch", lambda data: iter([_one(data)])),
)


def _one(batch: "pa.RecordBatch") -> "pa.Table":
    import pyarrow as pa

    return pa.Table.from_batches([batch])


def _flat(frame: "pd.DataFrame") -> "pd.DataFrame":
    """A frame with the named levels of its index as columns, but for those that are columns already, cell by cell."""
    levels = [(level, name) for level, name in enumerate(frame.index.names) if name is not None]
    new = [level for level, name in levels if not _is_column(frame, level, name)]
    return frame.reset_index(level=new) if new else frame


def _is_column(frame: "pd.DataFrame", level: int, name: Hashable) -> bool:
    import pandas as pd

    return name in frame.columns and frame.index.get_level_values(level).equals(pd.Index(frame[name]))
