"""Comma- and tab-separated text: CSV, TSV and the like."""

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from auditor import digest
from auditor.declare import loader
from auditor.errors import InputError
from auditor.loaders._agree import agree
from auditor.loaders._assemble import assemble
from auditor.loaders._chunks import Chunk, Reading, Text
from auditor.loaders._dialect import as_text, sniff
from auditor.loaders._encoding import LOST, Encoding, as_utf8, detect
from auditor.loaders._files import digest_of, is_small
from auditor.loaders._quotes import LONGEST, Mended, is_quoted
from auditor.loaders._records import File, Records, mended
from auditor.types import Integers, Table

_BLOCK = LONGEST
_SAMPLE = 4 << 20
_LITERAL = "Quotes that begin a cell and are not closed in it are read as characters like others, on {}."
_DOUBTFUL = "Cells of several lines hold lines that look like records; if quotes are missing, records are lost in them: {}."


@loader(source="RFC 4180, https://www.rfc-editor.org/rfc/rfc4180")
def delimited(paths: Sequence[Path], reading: Reading, *, tabs: bool = False) -> Table:
    """Text with a delimiter: comma (CSV), tab (TSV), semicolon or bar; plain, gzip or zstd.

    Empty fields are missing. Records with too few or too many fields are set aside and counted. Columns become integers,
    floats or booleans where no cell loses anything by it, else they are text.

    Args:
        paths: the files, in order; they must have the same columns.
        reading: how to read them.
        tabs: whether fields are known to be separated by tabs.

    Raises:
        InputError: a file is empty or no text, its encoding cannot be told, or columns disagree.
        TooManyBadRows: more records are set aside than allowed.
    """
    files = [_looked_at(path, reading, tabs=tabs, place=f"{path.name}, " if len(paths) > 1 else "") for path in paths]
    agree(paths, [file.dialect.names for file in files])
    text = Text(
        format="tsv" if tabs else "csv",
        digest=digest_of(paths),
        recipe=digest.of_value(
            [digest.of_code(delimited), digest.of_code(sniff), [(f.encoding.name, repr(f.dialect)) for f in files]]
        ),
        small=is_small(paths),
        chunks=functools.partial(_all_chunks, files),
        notes=tuple(dict.fromkeys(note for file in files for note in (file.encoding.note, *file.dialect.notes) if note)),
        twins=files[0].dialect.twins,
    )
    return assemble(text, reading)


def _looked_at(path: Path, reading: Reading, *, tabs: bool, place: str) -> File:
    encoding = detect(path, reading.encoding)
    quotes = not tabs or is_quoted(as_utf8(path, encoding))
    sample, whole = _sample(path, encoding)
    dialect = sniff(sample, whole=whole, tabs=tabs, quotes=quotes, named=reading.named, columns=reading.columns)
    if dialect is None:
        raise InputError("the file is empty", place=str(path), remedy="Give a file with a header line and rows.")
    return File(path, encoding, dialect, place)


def _sample(path: Path, encoding: Encoding) -> tuple[bytes, bool]:
    """The first records of a file, up to the last line end in its first 4 MB; whether that is all of it."""
    stream, found = as_utf8(path, encoding), b""
    while len(found) < _SAMPLE and (block := stream.read(_SAMPLE - len(found))):
        found += block
    if len(found) < _SAMPLE:
        return found + b"\n", True
    return found[: found.rfind(b"\n") + 1] or found, False


def _all_chunks(files: Sequence[File]) -> Iterator[Chunk]:
    for file in files:
        yield from _chunks(file)


def _chunks(file: File) -> Iterator[Chunk]:
    """A file's records, in blocks, without its header."""
    records, stream = Records(file), mended(file)
    for whole, numbers in _joined(_batches(file, stream, records), records):
        cells = whole.rename_columns(list(file.dialect.names))
        if file.dialect.header and len(numbers) and numbers[0] == 0:
            cells, numbers, records.counted = cells.slice(1), numbers[1:], 1
        yield _chunk(cells, numbers, records)
    rest = records.hand_on(np.zeros(0, np.int64), last=True)[1]
    yield Chunk(_no_rows(file.dialect.names), bad=rest, notes=tuple(_met(records, stream)))


def _joined(batches: Iterator[pa.RecordBatch], records: Records) -> Iterator[tuple[pa.Table, Integers]]:
    """Good records, 16 MB at a time, and their numbers: working on a chunk takes its time per column, however few the rows."""
    waiting: list[pa.RecordBatch] = []
    numbers: list[Integers] = []
    size = 0
    for batch in batches:
        waiting.append(batch)
        numbers.append(records.pass_by(batch.num_rows))
        size += batch.get_total_buffer_size()
        if size >= _BLOCK:
            whole = pa.Table.from_batches(waiting).combine_chunks(), np.concatenate(numbers)
            waiting, numbers, size = [], [], 0
            yield whole
    if waiting:
        yield pa.Table.from_batches(waiting).combine_chunks(), np.concatenate(numbers)


def _chunk(cells: pa.Table, numbers: Integers, records: Records) -> Chunk:
    """Records of a block, cleaned of what is no part of them."""
    if records.file.dialect.spaced:
        first, *others = cells.column_names
        records.unspaced += sum(_without_space(cells.column(name)) for name in others)
        cells = pa.table({first: cells.column(first), **{name: _stripped(cells.column(name)) for name in others}})
    if records.file.encoding.damaged:
        lost = np.logical_or.reduce([_has_lost(column) for column in cells.columns])
        records.set_aside_lost(numbers[lost])
        cells, numbers = cells.filter(pa.array(~lost)), numbers[~lost]
    offsets, bad = records.hand_on(numbers)
    return Chunk(cells, pa.array(offsets) if bad else None, bad)


def _batches(file: File, stream: Mended, records: Records) -> Iterator[pa.RecordBatch]:
    names = [f"f{i}" for i in range(len(file.dialect.names))]
    reading = pacsv.ReadOptions(use_threads=False, block_size=_BLOCK, column_names=names)
    parsing = pacsv.ParseOptions(
        delimiter=file.dialect.delimiter,
        quote_char='"' if file.dialect.quotes else False,
        newlines_in_values=file.dialect.quotes,
        invalid_row_handler=records.set_aside,
    )
    try:
        yield from pacsv.open_csv(stream, reading, parsing, as_text(names))
    except pa.ArrowInvalid as error:
        problem = (
            f"a record is longer than {_BLOCK >> 20} MB" if "straddling" in str(error) else f"it does not read as CSV ({error})"
        )
        raise InputError(
            f"{problem}, after {records.named(records.next)}",
            place=str(file.path),
            remedy="See whether a quote is not closed there.",
        ) from None


def _stripped(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    cells = pc.utf8_ltrim(cells, " ")
    return pc.if_else(pc.equal(cells, ""), pa.scalar(None, pa.string()), cells)


def _without_space(cells: pa.ChunkedArray) -> int:
    """How many cells do not begin with a space, though there is something in them."""
    return pc.sum(pc.invert(pc.or_(pc.starts_with(cells, " "), pc.equal(cells, "")))).as_py() or 0


def _has_lost(cells: pa.ChunkedArray) -> NDArray[np.bool_]:
    return np.asarray(pc.fill_null(pc.match_substring(cells, LOST), False))


def _no_rows(names: Sequence[str]) -> pa.Table:
    return pa.schema([pa.field(name, pa.string()) for name in names]).empty_table()


def _met(records: Records, stream: Mended) -> Iterator[str]:
    """Notes on what was met in the whole of a file."""
    place = records.file.place
    if stream.literal.count:
        yield f"{place}{_LITERAL.format(stream.literal)}"
    if stream.doubtful.count:
        yield f"{place}{_DOUBTFUL.format(stream.doubtful)}"
    if stream.blank:
        yield f"{place}{stream.blank} blank lines are no records and are skipped."
    if records.unspaced:
        yield f"{place}{records.unspaced} fields do not begin with the space that follows the delimiter elsewhere."
