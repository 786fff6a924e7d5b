"""The records of a JSON file, one after another, however it holds them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from auditor.errors import InputError
from auditor.loaders._encoding import LOST, Encoding, as_utf8
from auditor.loaders._files import BLOCK, Stream
from auditor.loaders._json_cells import decoder, written
from auditor.loaders._json_pieces import Pieces
from auditor.loaders._json_tables import Found, field_of, table_in, unusable


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that cannot be read: where it is, and what is wrong."""

    why: str


Record = Mapping[str, object] | Broken


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file holds its records.

    Attributes:
        path: the file.
        encoding: of it.
        kind: ``"lines"``, values on each line; ``"values"``, values one after another, of which arrays hold records;
            ``"object"``, one object that holds a table.
        field: where in each value the records are; None where they are the values.
        columns: names for the cells of records that are arrays.
        note: what was assumed.
    """

    path: Path
    encoding: Encoding
    kind: Literal["lines", "values", "object"]
    field: str | None = None
    columns: tuple[str, ...] = ()
    note: str | None = None


def layout(path: Path, encoding: Encoding, *, lines: bool, field: str | None, columns: tuple[str, ...]) -> Layout:
    """Find out how a file holds its records.

    Args:
        path: the file.
        encoding: of it.
        lines: whether an object is known to be one record and not the columns of a table.
        field: where in the file the records are, where that was said.
        columns: names for the cells of records that are arrays.

    Raises:
        InputError: it is empty, or one object that holds no table, or several.
    """
    first = as_utf8(path, encoding).read(BLOCK).lstrip()
    if not first:
        raise unusable(path, "the file is empty")
    kind: Literal["lines", "values", "object"] = "values" if first.startswith(b"[") else "lines"
    if kind == "lines" and not _has_objects(first):
        kind = _kind(path, encoding, lines=lines)
    if kind != "object":
        return Layout(path, encoding, kind, field, columns)
    return Layout(path, encoding, kind, field, columns, _table(path, encoding, field).note)


def _has_objects(first: bytes) -> bool:
    """Whether the first line is a whole object, and more lines follow."""
    line, _, more = first.partition(b"\n")
    try:
        return isinstance(json.loads(line), dict) and bool(more.strip())
    except ValueError:
        return False


def _kind(path: Path, encoding: Encoding, *, lines: bool) -> Literal["lines", "values", "object"]:
    """How a file is read whose first line is not one of several objects."""
    pieces = Pieces(as_utf8(path, encoding))
    try:
        pieces.skip("")
        text = pieces.value()[1]
    except (ValueError, RecursionError) as error:
        if lines:
            return "lines"
        raise unusable(path, f"it does not read as JSON ({error})") from None
    if lines:
        return "values" if "\n" in text else "lines"
    return "object" if pieces.over() else "values"


def records(found: Layout) -> Iterator[Record]:
    """The records of a file.

    Raises:
        InputError: it holds something else, or JSON is broken where no line end helps.
    """
    if found.kind == "object":
        for number, row in enumerate(_table(found.path, found.encoding, found.field).rows, 1):
            yield _checked(row, written(row), f"record {number}", found)
        return
    stream = as_utf8(found.path, found.encoding)
    for value in _on_lines(stream) if found.kind == "lines" else _values(stream, found.path):
        yield from _within(value, found)


@dataclass(frozen=True, slots=True)
class _Value:
    """A value, its text, and where it is."""

    value: object
    text: str
    place: str


def _table(path: Path, encoding: Encoding, field: str | None) -> Found:
    stream = as_utf8(path, encoding)
    return table_in(b"".join(iter(lambda: stream.read(BLOCK), b"")), path, field)


def _within(found: "_Value | Broken", how: Layout) -> Iterator[Record]:
    """A value as a record, or the records in its field."""
    if isinstance(found, Broken):
        yield found
    elif how.field is None:
        yield _checked(found.value, found.text, found.place, how)
    else:
        inner = field_of(found.value, how.field)
        if not isinstance(inner, list):
            yield Broken(f"{found.place} has no list in the field {how.field!r}")
            return
        for number, one in enumerate(inner, 1):
            yield _checked(one, written(one), f"{found.place}, record {number}", how)


def _on_lines(stream: Stream) -> "Iterator[_Value | Broken]":
    """The values on each line, of which there may be several. Only LF ends a line: U+0085 and U+2028 may be in a string."""
    rest, number = b"", 0
    while block := stream.read(BLOCK):
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            number += 1
            if line.strip():
                yield from _on_line(line, number)
    if rest.strip():
        yield from _on_line(rest, number + 1)


def _on_line(line: bytes, number: int) -> "Iterator[_Value | Broken]":
    place, at = f"line {number}", 0
    try:
        text = line.decode().strip()
        reader = decoder(text)
        while at < len(text):
            value, end = reader.raw_decode(text, at)
            yield _Value(value, text[at:end], place)
            at = end + len(text[end:]) - len(text[end:].lstrip()) if end < len(text) else end
    except (ValueError, RecursionError) as error:
        yield Broken(f"{place} is no JSON ({error})")


def _values(stream: Stream, path: Path) -> "Iterator[_Value | Broken]":
    """The values of a file, and of arrays what is in them.

    Raises:
        InputError: one is broken, or an array is not closed.
    """
    pieces, number = Pieces(stream), 0
    try:
        while not pieces.over():
            inside = pieces.skip("[")
            while not (inside and pieces.skip("]")):
                number += 1
                value, text = pieces.value()
                yield _Value(value, text, f"record {number}")
                pieces.skip(",")
                if not inside:
                    break
    except (ValueError, RecursionError) as error:
        raise unusable(path, f"record {number} does not read as JSON ({error})") from None


def _checked(value: object, text: str, place: str, how: Layout) -> Record:
    """A value, if it is an object of text that can be written."""
    if how.columns:
        value = _named(value, how.columns, place, how.path)
    if not isinstance(value, dict):
        return value if isinstance(value, Broken) else Broken(f"{place} is no JSON object")
    if not value:
        return Broken(f"{place} is an object without keys")
    if LOST in text:
        return Broken(f"{place} has bytes that are not UTF-8")
    if "\\ud" in text.lower() and not _is_whole(value):
        return Broken(f"{place} has half of a surrogate pair")
    return value


def _named(value: object, columns: Sequence[str], place: str, path: Path) -> object:
    """The cells of a record that is an array, by name.

    Raises:
        InputError: the record is an object, and has names of its own.
    """
    if isinstance(value, dict):
        raise InputError(
            "the records have names of their own", place=f"{path}, {place}", remedy="Leave the names of columns out."
        )
    if isinstance(value, list) and len(value) != len(columns):
        return Broken(f"{place} has {len(value)} cells instead of {len(columns)}")
    return dict(zip(columns, value, strict=True)) if isinstance(value, list) else value


def _is_whole(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
