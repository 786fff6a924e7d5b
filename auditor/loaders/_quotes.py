"""Quotes in delimited text: which of them quote, so that no cell swallows the records after it."""

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from auditor.loaders._files import Stream
from auditor.loaders._kinds import is_number

LONGEST = 16 << 20
"""A record may be so long; a quote that is not closed by then does not quote."""

_PIECE = 1 << 20
_NAMED = 5
_ENOUGH = 4
_LINES = 10
_FEW = 10
_SEVERAL = 2
_LEAST = 20
_RARE: Mapping[str, int] = {"\t": 4, "|": 2, ";": 1, ",": 0}
"""How much it says that a line has as many of a delimiter as records have; tabs are rare in texts, commas are not."""

_CELL = re.compile(rb'"[^"]*+(?:""[^"]*+)*+("|\Z)')
_BLANK = re.compile(rb"(?:\A|(?<=\n))\r?\n")


@dataclass(frozen=True, slots=True)
class Shape:
    """What the first records of a file look like.

    Attributes:
        width: how many fields they have.
        kinds: of each column ``"number"``, its values where they are few, or nothing.
    """

    width: int
    kinds: tuple[str | tuple[str, ...], ...]

    @property
    def known(self) -> int:
        """Of how many columns something is known."""
        return sum(map(bool, self.kinds))

    def fits(self, line: bytes, delimiter: bytes) -> bool:
        """Whether a line looks like a record."""
        if line.count(delimiter) != self.width - 1:
            return False
        cells = line.decode("utf-8", "replace").rstrip("\r").split(delimiter.decode())
        return all(_suits(cell, kind) for cell, kind in zip(cells, self.kinds, strict=True) if kind)


def shape_of(columns: Sequence[Sequence[str]]) -> Shape:
    """The shape of records with these columns; missing cells are left out."""
    return Shape(len(columns), tuple(map(_kind, columns)))


def _kind(cells: Sequence[str]) -> str | tuple[str, ...]:
    if cells and all(map(is_number, cells)):
        return "number"
    values = {cell.strip() for cell in cells}
    return tuple(sorted(values)) if len(cells) >= _LEAST and len(values) <= _FEW else ""


def _suits(cell: str, kind: str | tuple[str, ...]) -> bool:
    return not cell.strip() or (is_number(cell) if kind == "number" else cell.strip() in kind)


@dataclass(slots=True)
class Places:
    """Lines on which something was met: how many, and the first of them."""

    count: int = 0
    lines: list[int] = field(default_factory=list)

    def add(self, line: int) -> None:
        """Count one."""
        self.count += 1
        if len(self.lines) < _NAMED:
            self.lines.append(line)

    def __str__(self) -> str:
        """``line 3``, ``lines 3 and 5``, ``lines 3, 5, 6, 8, 9 and 2 more``."""
        more = [f"{self.count - len(self.lines)} more"] if self.count > len(self.lines) else []
        *first, last = [*map(str, self.lines), *more]
        return f"lines {', '.join(first)} and {last}" if first else f"line {last}"


@dataclass(slots=True)
class Mended:
    """A stream of delimited text that hands out whole records, in which quotes that do not quote are doubled.

    A quote at the beginning of a cell quotes what follows up to its closing quote. Where that is on another line, a
    delimiter or a line end has to follow it, and the lines between must not look like records; else the quote is a character
    like others: the field is written anew, quoted, with its own quotes doubled, so that a reader takes it as it stands. Lines
    keep their numbers.

    It hands out 1 MB at a time, whatever is asked for: Arrow's reader fetches 32 blocks ahead and has no option for fewer.

    Attributes:
        source: the bytes, as UTF-8.
        delimiter: between fields.
        quotes: whether any quote quotes.
        shape: what records look like, where that is known.
        whole: whether the source ends where the file does; what is not closed at the end of a sample is left out.
        line: the number of the next line.
        literal: lines on which a quote begins a cell and does not quote.
        doubtful: lines on which a cell begins that may have swallowed records.
        blank: lines without anything, but for those at the end.
        closed: false; Arrow asks.
    """

    source: Stream
    delimiter: str
    quotes: bool = True
    shape: Shape | None = None
    whole: bool = True
    line: int = 1
    literal: Places = field(default_factory=Places)
    doubtful: Places = field(default_factory=Places)
    blank: int = 0
    closed: bool = False
    _rest: bytes = b""
    _ready: bytes = b""
    _over: bool = False
    _pending: int = 0

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, at most ``size``; none at the end."""
        while not self._over and (size < 0 or not self._ready):
            self._advance()
        block = self._ready if size < 0 else self._ready[:size]
        self._ready = self._ready[len(block) :]
        return block

    def _advance(self) -> None:
        piece = self.source.read(max(_PIECE, len(self._rest)))
        text, self._over = self._rest + piece, not piece
        ended = self._over and self.whole
        if ended and text and not text.endswith(b"\n"):
            text += b"\n"
        found = _Marks.of(text, self, ended=ended) if self.quotes and b'"' in text else _Marks()
        used = len(text) if ended else found.last_record_end(text)
        if not used and len(text) >= LONGEST:
            used = len(text)
        self._commit(text, found, used)
        self._ready += found.rewritten(text, used)
        self._rest = text[used:]

    def _commit(self, text: bytes, found: "_Marks", used: int) -> None:
        """Count what was met in the part of the text that is handed out."""
        for places, starts in ((self.literal, [at for at, _ in found.literal]), (self.doubtful, found.doubtful)):
            for at in starts:
                if at < used:
                    places.add(self.line + text.count(b"\n", 0, at) if len(places.lines) < _NAMED else 0)
        self._count_blank(text, found, used)
        self.line += text.count(b"\n", 0, used)

    def _count_blank(self, text: bytes, found: "_Marks", used: int) -> None:
        if not (b"\n\n" in text or b"\n\r\n" in text or text[:1] in (b"\n", b"\r")):
            self.blank, self._pending = (self.blank + self._pending, 0) if used else (self.blank, self._pending)
            return
        filled = len(text[:used].rstrip(b"\r\n"))
        if filled:
            self.blank += self._pending + sum(
                len(_BLANK.findall(text, start, min(end, filled))) for start, end in found.between(filled)
            )
            self._pending = 0
        self._pending += len(_BLANK.findall(text, filled, used))


@dataclass(slots=True)
class _Marks:
    """What quotes do in a text that begins with a record.

    Attributes:
        spans: cells that go on over line ends, as their beginnings and ends.
        literal: fields that begin with a quote that does not quote.
        doubtful: beginnings of cells that may have swallowed records.
        stop: where a cell begins whose end is not in the text; None where none does.
    """

    spans: list[tuple[int, int]] = field(default_factory=list)
    literal: list[tuple[int, int]] = field(default_factory=list)
    doubtful: list[int] = field(default_factory=list)
    stop: int | None = None

    @classmethod
    def of(cls, text: bytes, stream: Mended, *, ended: bool) -> "_Marks":
        found, patterns, at = cls(), _patterns(stream.delimiter), 0
        if lines := _plain(text, stream.delimiter):
            found.stop = lines
            return found
        while (at := cast(re.Match[bytes], patterns.harmless.match(text, at)).end()) < len(text):
            cell = cast(re.Match[bytes], _CELL.match(text, at))
            if cell.end() == len(text) and not ended and len(text) - at < LONGEST:
                found.stop = at
                break
            at = found._judge(text, cell, stream, patterns)
        return found

    def _judge(self, text: bytes, cell: re.Match[bytes], stream: Mended, patterns: "_Patterns") -> int:
        """File a cell that begins with a quote, and say where to go on."""
        at, end = cell.span()
        closed = bool(cell[1]) and patterns.after.match(text, end) is not None
        several = b"\n" in text[at:end]
        swallowed = (
            stream.shape is not None and closed and several and _swallowed(text, at, end, stream.delimiter, stream.shape)
        )
        if (several and not closed) or swallowed == "yes" or (not closed and stream.delimiter == "\t"):
            end = cast(re.Match[bytes], patterns.end.search(text, at)).start()
            self.literal.append((at, end))
            return end
        if several:
            self.spans.append((at, end))
        if swallowed:
            self.doubtful.append(at)
        return end

    def last_record_end(self, text: bytes) -> int:
        """Where the last whole record of the text ends; 0 where none does."""
        end = len(text) if self.stop is None else self.stop
        for start, stop in [*reversed(self.spans), (0, 0)]:
            if stop > end:
                continue
            if found := max(text.rfind(b"\n", stop, end), text.rfind(b"\r", stop, min(end, len(text) - 1))) + 1:
                return found + (text[found - 1 : found + 1] == b"\r\n")
            end = start
        return 0

    def between(self, used: int) -> Iterator[tuple[int, int]]:
        """The stretches of the text that are in no cell of several lines."""
        at = 0
        for start, end in self.spans:
            yield at, start
            at = end
        yield at, used

    def rewritten(self, text: bytes, used: int) -> bytes:
        """The text with quotes doubled that do not quote."""
        if not self.literal:
            return text[:used]
        pieces, done = [], 0
        for start, end in self.literal:
            if start < used:
                pieces += [text[done:start], b'"', text[start:end].replace(b'"', b'""'), b'"']
                done = end
        return b"".join([*pieces, text[done:used]])


def _plain(text: bytes, delimiter: str) -> int:
    """Where the last line ends, if up to there quotes only stand around whole cells of one line, else 0.

    That is quickly told, and so of most that programs write.
    """
    length = text.rfind(b"\n") + 1
    signs = np.frombuffer(text, np.uint8, length)
    quotes = np.flatnonzero(signs == ord('"'))
    first, last = quotes[::2], quotes[1::2]
    if len(first) > len(last):
        return 0
    between = np.zeros(256, bool)
    between[[*delimiter.encode(), *b"\r\n"]] = True
    outside = between[signs[first[first > 0] - 1]].all() and between[signs[last + 1]].all()
    ends = np.flatnonzero(signs == ord("\n"))
    return length if outside and not (np.searchsorted(quotes, ends) % 2).any() else 0


def _swallowed(text: bytes, at: int, end: int, delimiter: str, shape: Shape) -> str:
    """Whether the lines within a cell are records: "yes", "maybe", or "" for no.

    They are if most of them have as many fields as records have, and that says enough: numbers where numbers are, the
    same few values, or tabs.
    """
    if shape.width < _SEVERAL:
        return ""
    start = text.index(b"\n", at) + 1
    within = text[start : text.find(b"\n", end) if text.find(b"\n", end) >= 0 else len(text)].split(b"\n")
    fitting = sum(shape.fits(line, delimiter.encode()) for line in within)
    if 2 * fitting < len(within):
        return ""
    weight = shape.known + _RARE.get(delimiter, 0)
    known = fitting * weight >= _ENOUGH or (fitting and weight >= _SEVERAL)
    return "yes" if known or (fitting >= _LINES and shape.width > _SEVERAL) else "maybe" if weight or fitting >= _LINES else ""


@dataclass(frozen=True, slots=True)
class _Patterns:
    """What to look for where fields have a delimiter.

    Attributes:
        harmless: text up to a quote that begins a cell and is not closed on its line; of tabs, or not at the cell's end.
        after: what may follow a closing quote.
        end: the end of a field without quotes.
    """

    harmless: re.Pattern[bytes]
    after: re.Pattern[bytes]
    end: re.Pattern[bytes]


@functools.cache
def _patterns(delimiter: str) -> _Patterns:
    ends = re.escape(delimiter.encode()) + rb"\r\n"
    followed = rb"(?=[" + ends + rb"])" if delimiter == "\t" else b""
    quoted = rb"(?<![^" + ends + rb'])"[^"\n]*+(?:""[^"\n]*+)*+"' + followed
    return _Patterns(
        re.compile(rb'(?:[^"]*+(?:' + quoted + rb"|(?<=[^" + ends + rb'])"))*+[^"]*+'),
        re.compile(rb" *+(?:[" + ends + rb"]|\Z)"),
        re.compile(rb"[" + ends + rb"]|\Z"),
    )


def is_quoted(stream: Stream) -> bool:
    """Whether quotes quote in text of tabs, all of it: about as many fields begin with one as end with one."""
    begins = ends = 0
    rest = b""
    while block := stream.read(_PIECE):
        text = rest + block
        used = text.rfind(b"\n") + 1
        rest = text[used:]
        if b'"' in text:
            begins, ends = begins + _begins(text[:used]), ends + _ends(text[:used])
    begins, ends = begins + _begins(rest), ends + _ends(rest)
    return abs(begins - ends) <= max(begins, ends) // 50


def _begins(lines: bytes) -> int:
    return lines.count(b'\t"') + lines.count(b'\n"') + lines.startswith(b'"')


def _ends(lines: bytes) -> int:
    lines = lines.replace(b"\r\n", b"\n")
    return lines.count(b'"\t') + lines.count(b'"\n') + lines.endswith(b'"')
