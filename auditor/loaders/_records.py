"""Which records of a file of delimited text are good, where the others are, and on which lines."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow.csv as pacsv

from auditor.loaders._dialect import Dialect
from auditor.loaders._encoding import Encoding, as_utf8
from auditor.loaders._files import BLOCK
from auditor.loaders._quotes import Mended
from auditor.types import Integers

_LINED = 5


@dataclass(frozen=True, slots=True)
class File:
    """A file, how it is written, and how to call it among others."""

    path: Path
    encoding: Encoding
    dialect: Dialect
    place: str = ""


def mended(file: File) -> Mended:
    """A file's text, with quotes only where they quote."""
    dialect = file.dialect
    return Mended(as_utf8(file.path, file.encoding), dialect.delimiter, dialect.quotes, dialect.shape)


@dataclass(slots=True)
class Records:
    """The records of a file, as its blocks go by; a header is one of them.

    Attributes:
        file: the file.
        faults: records set aside that are not handed on yet, with the reason, in order.
        next: the first record that has not gone by.
        counted: records handed on so far.
        lines: each record's number and the line that it begins on.
        sought: the number that ``lines`` goes on from.
        lined: how many faults have been looked up in ``lines``.
        unspaced: fields without a space before them, where one follows each delimiter.
    """

    file: File
    faults: list[tuple[int, str]] = field(default_factory=list)
    next: int = 0
    counted: int = 0
    lines: Iterator[tuple[int, int]] | None = None
    sought: int = 0
    lined: int = 0
    unspaced: int = 0

    def set_aside(self, row: pacsv.InvalidRow) -> Literal["skip"]:
        """Note a record with too few or too many fields; Arrow's reader calls this."""
        record = row.number - 1
        lines = row.text.rstrip("\r\n").count("\n") + 1
        over = f", over {lines} lines" if lines > 1 else ""
        why = f"{self.named(record)} has {row.actual_columns} fields instead of {row.expected_columns}{over}"
        self.faults.append((record, why))
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
    stream, rest = mended(file), b""
    while block := stream.read(BLOCK):
        *lines, rest = (rest + block).split(b"\n")
        yield from (line.decode("utf-8", "replace") + "\n" for line in lines)
    if rest:
        yield rest.decode("utf-8", "replace")
