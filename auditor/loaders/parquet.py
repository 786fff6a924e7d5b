"""Parquet files, used where they are."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from auditor import digest
from auditor.declare import loader
from auditor.errors import InputError
from auditor.loaders._agree import agree
from auditor.loaders._chunks import Reading
from auditor.loaders._store import check_names, finished, held, row_groups
from auditor.types import Shard, Source, Table
from auditor.types.plain import plain_schema


@loader(source="Apache Parquet, https://parquet.apache.org/docs/file-format/")
def parquet(paths: Sequence[Path], reading: Reading) -> Table:
    """Parquet files: one shard a row group, read in place and never copied.

    Args:
        paths: the files, in order; they must have the same columns of the same types.
        reading: how to read them.

    Raises:
        InputError: a file is cut short or no Parquet, two columns have the same name, or files disagree.
    """
    schemas = [_schema(path) for path in paths]
    agree(paths, [[f"{field.name} ({field.type})" for field in schema] for schema in schemas])
    check_names(schemas[0], reading.name)
    shards: list[Shard] = []
    digests = [digest.of_file(path) for path in paths]
    for path, mark in zip(paths, digests, strict=True):
        shards += row_groups(path, mark, sum(shard.rows for shard in shards))
    whole = digests[0] if len(digests) == 1 else digest.of_value(digests)
    source = Source(reading.name, "parquet", whole, sum(shard.rows for shard in shards))
    return finished(shards, schemas[0], source, whole) if shards else held(schemas[0].empty_table(), source, whole)


def _schema(path: Path) -> pa.Schema:
    try:
        return plain_schema(pq.read_schema(path).remove_metadata())
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"it does not read as Parquet ({error})", place=str(path), remedy="Fetch or write it again.") from None
