"""Which encoding a text file is in, and its bytes as UTF-8."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from auditor.errors import InputError
from auditor.loaders._files import BLOCK, Stream, blocks, head, opened

LOST = "\U0010ffff"
"""Stands for bytes that are no UTF-8 in a file that else is: a noncharacter, which no text holds. Its rows are set aside."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 256 << 10
_HIGH = re.compile(rb"[\x80-\xff]+")
_WESTERN = frozenset("àáâãäåæçèéêëìíîïñòóôõöøùúûüßÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜœŒ€£°§«»¿¡‘’“”–—…·´\u00a0")
_FREQUENT = frozenset("的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过")
_CONTROLS = bytes(range(0x01, 0x09)) + bytes(range(0x0E, 0x1B))


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding: the codec's name, whether some bytes do not fit it, and what to say of it."""

    name: str
    damaged: bool = False
    note: str | None = None


@dataclass(slots=True)
class _Recoded:
    """A stream in some encoding, read as UTF-8."""

    source: Stream
    decoder: codecs.IncrementalDecoder
    ready: bytes = b""
    closed: bool = False

    def read(self, size: int = -1, /) -> bytes:
        pieces = [self.ready]
        while (size < 0 or sum(map(len, pieces)) < size) and (block := self.source.read(BLOCK)):
            pieces.append(self.decoder.decode(block).encode())
        if pieces == [b""]:
            pieces.append(self.decoder.decode(b"", final=True).encode())
        whole = b"".join(pieces)
        size = len(whole) if size < 0 else size
        self.ready = whole[size:]
        return whole[:size]


def _lost(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError):
        return LOST, error.end
    raise error


codecs.register_error("auditor.lost", _lost)


def as_utf8(path: Path, encoding: Encoding) -> Stream:
    """A file's bytes, decompressed, as UTF-8 without a byte order mark."""
    if encoding.name == "utf-8" and not encoding.damaged:
        return opened(path)
    decoder = codecs.getincrementaldecoder(encoding.name)("auditor.lost" if encoding.damaged else "strict")
    return _Recoded(opened(path), decoder)


def detect(path: Path, given: str | None = None) -> Encoding:
    """The encoding of a text file: what was given, what its byte order mark says, UTF-8, or what its bytes look like.

    Raises:
        InputError: it is no text, is not in the encoding given, or cannot be told.
    """
    first = head(path, 4096)
    name = given or next((name for mark, name in _MARKS if first.startswith(mark)), None) or _unmarked_utf16(first) or "utf-8"
    if not name.startswith(("utf-16", "utf-32")) and sum(map(first.count, _CONTROLS)) > max(len(first) / 20, 32):
        raise InputError("it is not text", place=str(path), remedy="Give a table as CSV, TSV, JSON, Parquet or Arrow.")
    error = _misfit(path, name)
    if error is None:
        return Encoding(name, note=f"It is read as {name.upper()}." if name.startswith(("utf-16", "utf-32")) else None)
    if (
        name == "utf-8"
        and given is None
        and (guess := _guess(_sample(path)))
        and (guess.damaged or _misfit(path, guess.name) is None)
    ):
        return guess
    untold = "" if given else ", and the encoding cannot be told"
    raise InputError(
        f"the bytes at offset {error[0]} ({error[1].hex(' ')}) are not {name.upper()}{untold}",
        place=str(path),
        remedy="Convert it to UTF-8, or give its encoding after the format, as in csv:cp1251.",
    )


def _unmarked_utf16(first: bytes) -> str | None:
    """UTF-16 of mostly Latin text, by the zeros in every other byte."""
    even, odd = (first[start::2].count(0) / max(len(first) // 2, 1) for start in (0, 1))
    return "utf-16-le" if odd > 0.5 > 10 * even else "utf-16-be" if even > 0.5 > 10 * odd else None


def _misfit(path: Path, name: str) -> tuple[int, bytes] | None:
    """Offset of the first bytes that are not in an encoding, and those bytes; None where all are.

    Raises:
        InputError: there is no such encoding.
    """
    try:
        decoder = codecs.getincrementaldecoder(name)()
    except LookupError:
        raise InputError(
            f"there is no encoding {name!r}", place=str(path), remedy="Give one that Python knows, such as cp1251."
        ) from None
    before = 0
    for block, final in _ending(blocks(path)):
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(block, final)
        except UnicodeDecodeError as error:
            return before - held + error.start, error.object[error.start : error.end]
        before += len(block)
    return None


def _ending(pieces: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    for piece in pieces:
        yield piece, False
    yield b"", True


def _sample(path: Path) -> bytes:
    """Lines with bytes beyond ASCII, up to some 256 KB of them."""
    found: list[bytes] = []
    rest = b""
    for block in blocks(path):
        *lines, rest = (rest + block).split(b"\n")
        found += [line for line in lines if not line.isascii()]
        if sum(map(len, found)) > _SAMPLE:
            return b"\n".join(found)
    return b"\n".join([*found, rest])


def _guess(sample: bytes) -> Encoding | None:
    """The encoding that bytes which are not all UTF-8 look like: UTF-8 with damage, GB 18030, or Western European."""
    text = sample.decode("utf-8", "auditor.lost")
    lost = text.count(LOST)
    if sum(not char.isascii() for char in text) - lost >= 10 * lost:
        return Encoding("utf-8", damaged=True, note="Some bytes are not UTF-8, as all others are; their rows are set aside.")
    runs = _HIGH.findall(sample)
    name = "cp1252" if not re.search(rb"[\x81\x8d\x8f\x90\x9d]", sample) else "latin-1"
    usual = sum(char in _WESTERN for char in sample.decode(name)) >= 0.8 * sum(map(len, runs))
    if usual and b"\0" not in sample and sum(len(run) == 1 for run in runs) >= 0.7 * len(runs):
        return Encoding(name, note=f"It is not UTF-8 and is read as {name}, Western European, by the look of its bytes.")
    if _is_chinese(sample):
        return Encoding("gb18030", note="It is not UTF-8 and is read as GB 18030, Chinese, by the look of its bytes.")
    return None


def _is_chinese(sample: bytes) -> bool:
    try:
        text = sample.decode("gb18030")
    except UnicodeDecodeError:
        return False
    han = [char for char in text if "\u4e00" <= char <= "\u9fff"]
    kana = sum("\u3041" <= char <= "\u30ff" for char in text)
    common = sum(0xB0 <= char.encode("gb18030")[0] <= 0xD7 for char in han)
    frequent = sum(char in _FREQUENT for char in han)
    return common >= 0.8 * len(han) > 4 * kana and (len(han) < 50 or frequent >= 0.05 * len(han))
