"""JSON: an object a line, an array of objects, or an object of columns."""

import functools
import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from auditor import digest
from auditor.declare import loader
from auditor.loaders._assemble import assemble
from auditor.loaders._chunks import Chunk, Reading, Text
from auditor.loaders._encoding import detect
from auditor.loaders._files import digest_of, is_small
from auditor.loaders._json_cells import ABSENT, column
from auditor.loaders._json_records import Broken, Layout, Record, layout, records
from auditor.loaders._json_tables import table_in
from auditor.types import COPY, ROW, Table

_CHUNK = 10_000


@loader(source="JSON lines, https://jsonlines.org; RFC 8259, https://www.rfc-editor.org/rfc/rfc8259")
def json_lines(paths: Sequence[Path], reading: Reading, *, lines: bool = True) -> Table:
    """JSON as records: an object a line, an array of objects, or an object of columns or records; plain, gzip or zstd.

    Columns are all keys that occur; where a record lacks a key its cell is missing. Strings stay text, those of digits too;
    nested arrays and objects are seen as their JSON text. Numbers keep their digits, records the keys that they have. Lines
    that are no JSON object are set aside and counted. An object may also hold its records in a field, which is named where
    there are several, or keyed by their ids.

    Args:
        paths: the files, in order.
        reading: how to read them.
        lines: whether an object is known to be one record and not the columns of a table.

    Raises:
        InputError: a file is empty or no text, its encoding cannot be told, or it holds something else than records.
        TooManyBadRows: more lines are set aside than allowed.
    """
    encodings = [detect(path, reading.encoding) for path in paths]
    found = [
        layout(path, encoding, lines=lines, field=reading.records, columns=reading.columns)
        for path, encoding in zip(paths, encodings, strict=True)
    ]
    notes = [note for one in found for note in (one.encoding.note, one.note) if note]
    text = Text(
        format="json",
        digest=digest_of(paths),
        recipe=digest.of_value(
            [
                *(digest.of_code(one) for one in (json_lines, records, table_in)),
                [(one.encoding.name, one.kind, one.field, one.columns) for one in found],
            ]
        ),
        small=is_small(paths),
        chunks=functools.partial(_chunks, found),
        notes=tuple(dict.fromkeys(notes)),
    )
    return assemble(text, reading)


def _chunks(files: Sequence[Layout]) -> Iterator[Chunk]:
    for file in files:
        place = f"{file.path.name}, " if len(files) > 1 else ""
        yield from (_chunk(some, place) for some in _in_tens(records(file)))


def _in_tens(found: Iterable[Record]) -> Iterator[list[Record]]:
    """Ten thousand records at a time."""
    found = iter(found)
    while some := list(itertools.islice(found, _CHUNK)):
        yield some


def _chunk(found: Sequence[Record], place: str) -> Chunk:
    good = [record for record in found if not isinstance(record, Broken)]
    bad = tuple(place + record.why for record in found if isinstance(record, Broken))
    columns, kinds, notes = {}, {}, []
    for key in dict.fromkeys(itertools.chain.from_iterable(good)):
        name = f"{key}.1" if key in (ROW, COPY) else key
        notes += [f"The key {key!r} is taken; its column is called {name!r}."] * (name != key)
        columns[name], kinds[name] = column([record.get(key, ABSENT) for record in good])
    offsets = [number for number, record in enumerate(found) if not isinstance(record, Broken)]
    return Chunk(pa.table(columns), pa.array(offsets, pa.int64()) if bad else None, bad, tuple(notes), kinds)
