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
from auditor.loaders._encoding import Encoding, detect
from auditor.loaders._files import digest_of, is_small
from auditor.loaders._json_cells import ABSENT, column
from auditor.loaders._json_records import Broken, Record, records
from auditor.types import COPY, ROW, Table

_CHUNK = 10_000


@loader(source="JSON lines, https://jsonlines.org; RFC 8259, https://www.rfc-editor.org/rfc/rfc8259")
def json_lines(paths: Sequence[Path], reading: Reading, *, lines: bool = True) -> Table:
    """JSON as records: an object a line (JSON lines), an array of objects, or an object of columns; plain, gzip or zstd.

    Columns are all keys that occur; where a record lacks a key its cell is missing. Strings stay text, those of digits too;
    nested arrays and objects are seen as their JSON text. Numbers keep their digits, records the keys that they have. Lines
    that are no JSON object are set aside and counted.

    Args:
        paths: the files, in order.
        reading: how to read them.
        lines: whether an object is known to be one record and not the columns of a table.

    Raises:
        InputError: a file is empty or no text, its encoding cannot be told, or it holds something else than records.
        TooManyBadRows: more lines are set aside than allowed.
    """
    encodings = [detect(path, reading.encoding) for path in paths]
    text = Text(
        format="json",
        digest=digest_of(paths),
        recipe=digest.of_value([digest.of_code(json_lines), digest.of_code(records), lines, [one.name for one in encodings]]),
        small=is_small(paths),
        chunks=functools.partial(_chunks, paths, encodings, lines=lines),
        notes=tuple(dict.fromkeys(encoding.note for encoding in encodings if encoding.note)),
    )
    return assemble(text, reading)


def _chunks(paths: Sequence[Path], encodings: Sequence[Encoding], *, lines: bool) -> Iterator[Chunk]:
    for path, encoding in zip(paths, encodings, strict=True):
        place = f"{path.name}, " if len(paths) > 1 else ""
        yield from (_chunk(some, place) for some in _in_tens(records(path, encoding, lines=lines)))


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
