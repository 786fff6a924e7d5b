"""Arrow's own files: IPC files, IPC streams, Feather."""

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from auditor.declare import loader
from auditor.errors import InputError
from auditor.loaders._agree import agree
from auditor.loaders._chunks import Reading, Stored
from auditor.loaders._files import digest_of, is_small
from auditor.loaders._store import store
from auditor.types import Table

_MAGIC = b"ARROW1"
_UNENDED = "{} has no mark at its end: it may be cut short, and rows after the last whole batch be missing."


@loader(source="Apache Arrow IPC, https://arrow.apache.org/docs/format/Columnar.html")
def arrow(paths: Sequence[Path], reading: Reading) -> Table:
    """Arrow IPC files and streams, which Feather files are too.

    Args:
        paths: the files, in order; they must have the same columns of the same types.
        reading: how to read them.

    Raises:
        InputError: a file is cut short or not Arrow, two columns have the same name, or files disagree.
    """
    found = [_counted(path) for path in paths]
    agree(paths, [[f"{field.name} ({field.type})" for field in schema] for schema, _ in found])
    rows = sum(rows for _, rows in found)
    tables = functools.partial(_tables, paths)
    notes = tuple(_UNENDED.format(path.name) for path in paths if not _is_ended(path))
    return store(Stored("arrow", digest_of(paths), found[0][0], rows, is_small(paths), tables, notes), reading)


def _is_ended(path: Path) -> bool:
    """Whether a file ends as its format says: a stream with a mark, which a cut at the end of a batch takes away."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(6) == _MAGIC:
            return True
        file.seek(max(size - 8, 0))
        return file.read().endswith(b"\xff\xff\xff\xff\0\0\0\0")


def _tables(paths: Sequence[Path]) -> Iterator[pa.Table]:
    for path in paths:
        yield from (pa.Table.from_batches([batch]).replace_schema_metadata(None) for batch in _batches(path)[1])


def _counted(path: Path) -> tuple[pa.Schema, int]:
    """The schema and number of rows of a file, all of it read once.

    Raises:
        InputError: it cannot be read to its end.
    """
    try:
        schema, batches = _batches(path)
        return schema.remove_metadata(), sum(batch.num_rows for batch in batches)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"it does not read as Arrow ({error})", place=str(path), remedy="Fetch or write it again.") from None


def _batches(path: Path) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    source = pa.memory_map(str(path))
    if source.read(6) == _MAGIC:
        file = pa.ipc.open_file(source)
        return file.schema, map(file.get_batch, range(file.num_record_batches))
    source.seek(0)
    stream = pa.ipc.open_stream(source)
    return stream.schema, iter(stream)
