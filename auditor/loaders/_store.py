"""Where a table's rows are: in memory, in row groups of the source itself, or in a Parquet file of the cache."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from auditor import codec, digest
from auditor.errors import InputError
from auditor.loaders._chunks import Reading, Stored
from auditor.store.files import replacing
from auditor.types import COPY, ROW, Roles, Shard, Source, Table, Views, as_seen
from auditor.types.plain import as_text, plain_schema, plain_table

GROUP_ROWS = 100_000
_GROUP_BYTES = 128 << 20


def store(stored: Stored, reading: Reading) -> Table:
    """Hold a source that has its types already, or stream it into the cache.

    Raises:
        InputError: two columns have the same name, or one has that of a hidden column.
    """
    check_names(stored.schema, reading.name)
    notes = (*stored.notes, *as_text(stored.schema))
    source = Source(reading.name, stored.format, stored.digest, stored.rows, notes=notes)
    key, schema = digest.of_value([stored.digest, stored.format]), plain_schema(stored.schema)
    if stored.small:
        return held(pa.concat_tables([schema.empty_table(), *map(plain_table, stored.tables())]), source, key)
    path = reading.cache / "tables" / f"{key}.parquet"
    if not is_whole(path):
        write(path, schema, map(plain_table, stored.tables()))
    return finished(row_groups(path, key), schema, source, key)


def is_whole(path: Path) -> bool:
    """Whether a Parquet file is there, and ends as it should."""
    try:
        return bool(pq.read_metadata(path).num_columns)
    except (OSError, pa.ArrowException):
        return False


def check_names(schema: pa.Schema, place: str) -> None:
    """Check that columns of a typed source can be told apart.

    Raises:
        InputError: two have the same name, or one has that of a hidden column.
    """
    twice = [name for name, times in Counter(schema.names).items() if times > 1]
    hidden = [name for name in (ROW, COPY) if name in schema.names and not pa.types.is_integer(schema.field(name).type)]
    if twice or hidden:
        problem = f"there are several columns {twice[0]!r}" if twice else f"the column name {hidden[0]!r} is taken"
        raise InputError(problem, place=place, remedy="Rename it in the source.")


def held(cells: pa.Table, source: Source, key: str, views: Views | None = None) -> Table:
    """A table held in memory, in shards of at most 100,000 rows."""
    starts = range(0, max(cells.num_rows, 1), GROUP_ROWS)
    parts = [(start, cells.slice(start, GROUP_ROWS)) for start in starts]
    shards = [Shard(len(part), start, digest.of_value([key, start]), held=part) for start, part in parts]
    return finished(shards, cells.schema, source, key, views)


def finished(shards: Iterable[Shard], schema: pa.Schema, source: Source, key: str, views: Views | None = None) -> Table:
    """A table of shards, without roles yet."""
    kept = pa.schema([field for field in schema if field.name not in (ROW, COPY)])
    seen = as_seen(kept.empty_table(), views or {}, Roles()).schema
    mark = digest.of_value([key, kept.to_string(show_schema_metadata=False), codec.plain(dict(views or {}))])
    return Table(source, tuple(shards), seen, Roles(), mark, views=dict(views or {}))


def row_groups(path: Path, key: str, first: int = 0) -> Iterator[Shard]:
    """The row groups of a Parquet file, as shards."""
    facts = pq.read_metadata(path)
    for group in range(facts.num_row_groups):
        rows = facts.row_group(group).num_rows
        yield Shard(rows, first, digest.of_value([key, group]), path=str(path), group=group)
        first += rows


def write(path: Path, schema: pa.Schema, tables: Iterable[pa.Table]) -> None:
    """Write rows to a Parquet file, which appears when it is whole."""
    texts = [field.name for field in schema if pa.types.is_string(field.type)]
    # Dictionaries of numbers cost time and space: measured on random scores, a third of the time and half of the size.
    options = {"compression": "zstd", "compression_level": 1, "use_dictionary": texts, "write_statistics": False}
    with replacing(path) as part, pq.ParquetWriter(part, schema, **options) as writer:
        for group in _grouped(tables):
            writer.write_table(group, row_group_size=GROUP_ROWS)


def _grouped(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The same rows, in tables of 100,000 rows, or fewer where they are large."""
    waiting: list[pa.Table] = []
    for table in tables:
        waiting.append(table)
        if sum(map(len, waiting)) >= GROUP_ROWS or sum(one.nbytes for one in waiting) >= _GROUP_BYTES:
            whole = pa.concat_tables(waiting)
            size = min(GROUP_ROWS, len(whole))
            full = len(whole) - len(whole) % size
            yield from (whole.slice(start, size) for start in range(0, full, size))
            waiting = [whole.slice(full)] if full < len(whole) else []
    if waiting:
        yield pa.concat_tables(waiting)
