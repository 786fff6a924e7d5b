"""The records of a JSON file, one after another, however it holds them."""

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from auditor.errors import InputError
from auditor.loaders._encoding import LOST, Encoding, as_utf8
from auditor.loaders._files import BLOCK, Stream
from auditor.loaders._json_cells import decoder, written

_SPACE = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that cannot be read: where it is, and what is wrong."""

    why: str


Record = Mapping[str, object] | Broken


def records(path: Path, encoding: Encoding, *, lines: bool) -> Iterator[Record]:
    """The records of a file that holds an object a line, an array of objects, or an object of columns.

    Args:
        path: the file.
        encoding: of it.
        lines: whether an object is known to be one record and not the columns of a table.

    Raises:
        InputError: it holds something else, or JSON is broken where no line end helps.
    """
    head = as_utf8(path, encoding).read(BLOCK).lstrip()
    stream = as_utf8(path, encoding)
    if not head:
        raise _unusable(path, "the file is empty")
    if head.startswith(b"["):
        return (_checked(value, text, f"record {number}") for number, (value, text) in enumerate(_items(stream, path), 1))
    return _by_line(stream) if lines or _has_objects(head) else _by_column(stream, path)


def _unusable(path: Path, problem: str) -> InputError:
    return InputError(
        problem, place=str(path), remedy="Give a JSON object on each line, an array of objects, or an object of columns."
    )


def _has_objects(head: bytes) -> bool:
    """Whether the first line is a whole object, and more lines follow."""
    first, _, more = head.partition(b"\n")
    try:
        return isinstance(json.loads(first), dict) and bool(more.strip())
    except ValueError:
        return False


def _by_line(stream: Stream) -> Iterator[Record]:
    """An object a line. Only LF ends a line: U+0085 and U+2028 may be part of a string."""
    rest, number = b"", 0
    while block := stream.read(BLOCK):
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            number += 1
            if line.strip():
                yield _parsed(line, number)
    if rest.strip():
        yield _parsed(rest, number + 1)


def _parsed(line: bytes, number: int) -> Record:
    try:
        text = line.decode()
        return _checked(decoder(text).decode(text), text, f"line {number}")
    except (ValueError, RecursionError) as error:
        return Broken(f"line {number} is no JSON ({error})")


def _checked(value: object, text: str, place: str) -> Record:
    """A value, if it is an object of text that can be written."""
    if not isinstance(value, dict):
        return Broken(f"{place} is no JSON object")
    if not value:
        return Broken(f"{place} is an object without keys")
    if LOST in text:
        return Broken(f"{place} has bytes that are not UTF-8")
    if "\\ud" in text.lower() and not _is_whole(value):
        return Broken(f"{place} has half of a surrogate pair")
    return value


def _is_whole(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _items(stream: Stream, path: Path) -> Iterator[tuple[object, str]]:
    """The values of an array, and the text of each.

    Raises:
        InputError: the array is broken, or is not closed.
    """
    pieces, number = _Pieces(stream), 0
    pieces.skip("[")
    while not pieces.skip("]"):
        number += 1
        try:
            yield pieces.value()
        except (ValueError, RecursionError) as error:
            raise _unusable(path, f"record {number} does not read as JSON ({error})") from None
        pieces.skip(",")


@dataclass(slots=True)
class _Pieces:
    """JSON text that is read as it is needed."""

    stream: Stream
    text: str = ""
    at: int = 0
    utf8: codecs.IncrementalDecoder = field(default_factory=codecs.getincrementaldecoder("utf-8"))

    def more(self) -> bool:
        """Read on, doubling what is at hand; whether there was more."""
        block = self.stream.read(max(BLOCK, len(self.text) - self.at))
        if block:
            self.text, self.at = self.text[self.at :] + self.utf8.decode(block), 0
        return bool(block)

    def skip(self, sign: str) -> bool:
        """Pass over space, and over a sign if it comes next."""
        while True:
            self.at = _SPACE.match(self.text, self.at).end()  # type: ignore[union-attr]
            if self.at < len(self.text) or not self.more():
                break
        found = self.text.startswith(sign, self.at)
        self.at += found
        return found

    def value(self) -> tuple[object, str]:
        """The next value, and its text; a value may only end where the text goes on, or is over."""
        while True:
            try:
                value, end = decoder(self.text).raw_decode(self.text, self.at)
            except ValueError:
                if not self.more():
                    raise
                continue
            if end < len(self.text) or not self.more():
                text, self.at = self.text[self.at : end], end
                return value, text


def _by_column(stream: Stream, path: Path) -> Iterator[Record]:
    """The rows of an object that holds a list, or an object, of cells for each column.

    Raises:
        InputError: it holds something else.
    """
    whole = b"".join(iter(lambda: stream.read(BLOCK), b""))
    try:
        text = whole.decode()
        value = decoder(text).decode(text)
    except (ValueError, RecursionError) as error:
        raise _unusable(path, f"it does not read as JSON ({error})") from None
    columns = {name: list(cells.values()) if isinstance(cells, dict) else cells for name, cells in value.items()}
    if (
        not columns
        or not all(isinstance(cells, list) for cells in columns.values())
        or len(set(map(len, columns.values()))) > 1
    ):
        raise _unusable(path, f"it is one object, with the keys {', '.join(map(repr, list(value)[:8]))}, and no table")
    for number, cells in enumerate(zip(*columns.values(), strict=True), 1):
        row = dict(zip(columns, cells, strict=True))
        yield _checked(row, written(row), f"record {number}")
