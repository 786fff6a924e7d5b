"""Which records of a file of delimited text are good, where the others are, and on which lines."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow.csv as pacsv

from auditor.errors import InputError
from auditor.loaders._dialect import Dialect
from auditor.loaders._encoding import Encoding, as_utf8
from auditor.loaders._files import BLOCK, Stream
from auditor.types import Integers

_LINED = 5
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class File:
    """A file, how it is written, and how to call it among others."""

    path: Path
    encoding: Encoding
    dialect: Dialect
    place: str = ""


@dataclass(slots=True)
class Watched:
    """A stream of bytes whose last ones are remembered, whose quotes are counted, and which ends with a line end.

    It hands out 1 MB at a time, whatever is asked for: Arrow's reader fetches 32 blocks ahead and has no option for fewer. Only
    where no record ends in it does it hand out more, since Arrow refuses a record that a whole block does not end.

    Attributes:
        source: the bytes.
        quoting: whether a line end between quotes is part of a record.
        quotes: how many quotes went by.
        inside: whether the next byte is between quotes, as it seems; a quote amid an unquoted field misleads.
        tail: the last bytes that went by.
        closed: false; Arrow asks.
    """

    source: Stream
    quoting: bool = True
    quotes: int = 0
    inside: bool = False
    tail: bytes = b""
    closed: bool = False

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, at most ``size``; none at the end."""
        block, ended = b"", False
        while not ended and len(block) != size and (piece := self.source.read(min(size - len(block), _PIECE))):
            ended = self._ends_record(piece)
            quotes = piece.count(b'"')
            self.quotes += quotes
            self.inside ^= bool(quotes % 2)
            block += piece
        if not ended and len(block) == size:
            # Arrow refuses it, or it was not between quotes.
            self.inside = not self.inside
        block = block or (b"" if self.tail.endswith(b"\n") else b"\n")
        self.tail = (self.tail + block[-8:])[-8:]
        return block

    def _ends_record(self, piece: bytes) -> bool:
        """Whether a record ends in the next bytes, as it seems."""
        start, inside = 0, self.inside
        while (end := piece.find(b"\n", start)) >= 0:
            inside ^= bool(piece.count(b'"', start, end) % 2)
            if not (self.quoting and inside):
                return True
            start = end + 1
        return False


@dataclass(slots=True)
class Records:
    """The records of a file, as its blocks go by; a header is one of them.

    Attributes:
        file: the file.
        faults: records set aside that are not handed on yet, with the reason, in order.
        next: the first record that has not gone by.
        counted: records handed on so far.
        unclosed: a record set aside in which a quote is opened and not closed.
        lines: each record's number and the line that it begins on.
        sought: the number that ``lines`` goes on from.
        lined: how many faults have been looked up in ``lines``.
    """

    file: File
    faults: list[tuple[int, str]] = field(default_factory=list)
    next: int = 0
    counted: int = 0
    unclosed: int | None = None
    lines: Iterator[tuple[int, int]] | None = None
    sought: int = 0
    lined: int = 0

    def set_aside(self, row: pacsv.InvalidRow) -> Literal["skip"]:
        """Note a record with too few or too many fields; Arrow's reader calls this."""
        record = row.number - 1
        if self.file.dialect.quotes and "\n" in row.text and row.text.count('"') % 2:
            self.unclosed = record
        self.faults.append((record, f"{self.named(record)} has {row.actual_columns} fields instead of {row.expected_columns}"))
        return "skip"

    def set_aside_lost(self, records: Integers) -> None:
        """Note records with bytes that cannot be decoded."""
        self.faults += [(record, f"{self.named(record)} has bytes that are not UTF-8") for record in records.tolist()]
        self.faults.sort()

    def named(self, record: int) -> str:
        """The line of a record in words; its number, after the first few, where looking it up would take long."""
        self.lined += 1
        if self.lines is None or record < self.sought:
            self.lines = enumerate(_lines(self.file))
        self.sought = record + 1
        line = next((line for number, line in self.lines if number == record), None) if self.lined <= _LINED else None
        return f"{self.file.place}record {record + 1}" if line is None else f"{self.file.place}line {line}"

    def pass_by(self, good: int) -> Integers:
        """The numbers of the next good records."""
        ahead = np.arange(self.next, self.next + good + len(self.faults))
        faulty = np.array([record for record, _ in self.faults if record >= self.next], np.int64) - self.next
        found = np.delete(ahead, faulty[faulty < len(ahead)])[:good]
        self.next = int(found[-1]) + 1 if good else self.next
        return found

    def hand_on(self, good: Integers, *, last: bool = False) -> tuple[Integers, tuple[str, ...]]:
        """Offsets of good records among all that are handed on with them, and why the others are set aside."""
        end = int(good[-1]) if len(good) else -1
        bad = [why for record, why in self.faults if last or record < end]
        offsets = good - self.counted
        self.faults = self.faults[len(bad) :]
        self.counted += len(good) + len(bad)
        return offsets, tuple(bad)

    def check_closed(self, tail: str, ending: bytes) -> None:
        """Check that no quote runs on to the end of the file.

        Args:
            tail: the last cell.
            ending: the last bytes of the file.

        Raises:
            InputError: one does; names the line that it is opened on.
        """
        record = self.unclosed
        if record is None and "\n" in tail and not ending.rstrip(b"\r\n").endswith(b'"'):
            record = self.next - 1
        if record is not None:
            self.lined = 0
            raise InputError(
                f"a quote in {self.named(record)} is not closed, so the lines after it are part of one cell",
                place=str(self.file.path),
                remedy="Close the quote, or double it if it is part of the text.",
            )


def _lines(file: File) -> Iterator[int]:
    """The line on which each record begins, as long as Python's reader can tell."""
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if file.dialect.quotes else csv.QUOTE_NONE
    reader = csv.reader(_text_lines(file), delimiter=file.dialect.delimiter, quoting=quoting)
    line = 1
    try:
        for fields in reader:
            if fields:
                yield line
            line = reader.line_num + 1
    except csv.Error:
        return


def _text_lines(file: File) -> Iterator[str]:
    stream, rest = as_utf8(file.path, file.encoding), b""
    while block := stream.read(BLOCK):
        *lines, rest = (rest + block).split(b"\n")
        yield from (line.decode("utf-8", "replace") + "\n" for line in lines)
    if rest:
        yield rest.decode("utf-8", "replace")
