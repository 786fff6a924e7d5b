"""Opening files: compressed or not, whole or not, and what their first bytes say they are."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from auditor import digest
from auditor.errors import InputError

BLOCK = 1 << 20
SMALL = 64 << 20
"""Sources of up to so many bytes, decompressed, are held in memory."""

_PACKED = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"))
_FORMATS = (
    (b"PAR1", "parquet"),
    (b"ARROW1", "arrow"),
    (b"FEA1", "feather, version 1"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a zip archive or a spreadsheet"),
    (b"\xd0\xcf\x11\xe0", "a spreadsheet"),
    (b"SQLite format 3", "a database"),
    (b"\x80\x02", "a pickle"),
    (b"\x80\x04", "a pickle"),
    (b"\x80\x05", "a pickle"),
    (b"\x93NUMPY", "a NumPy array"),
)


class Stream(Protocol):
    """Something that gives bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, at most ``size``; none at the end."""
        ...


def compression(path: Path) -> str | None:
    """``"gzip"``, ``"zstd"`` or None, by the first bytes and not by the name."""
    with path.open("rb") as file:
        first = file.read(4)
    return next((name for magic, name in _PACKED if first.startswith(magic)), None)


def opened(path: Path) -> Stream:
    """A file's bytes, decompressed."""
    packed = compression(path)
    source: Stream = pa.OSFile(str(path))
    if packed:
        source = pa.CompressedInputStream(source, packed)
    return source


def blocks(path: Path) -> Iterator[bytes]:
    """A file's bytes, decompressed, in pieces.

    Raises:
        InputError: the compressed stream is cut short or damaged.
    """
    stream = opened(path)
    try:
        while block := stream.read(BLOCK):
            yield block
    except OSError as error:
        raise InputError(
            f"the compressed data cannot be read to its end ({error})",
            place=str(path),
            remedy="Fetch or write the file again; it is cut short or damaged.",
        ) from None


def head(path: Path, size: int) -> bytes:
    """A file's first bytes, decompressed.

    Raises:
        InputError: the compressed stream is damaged.
    """
    return next(blocks(path), b"")[:size]


def recognised(path: Path) -> str | None:
    """What the first bytes say a file is: ``"parquet"``, ``"arrow"``, something that is no table, or None for text."""
    first = head(path, 16)
    return next((name for magic, name in _FORMATS if first.startswith(magic)), None)


def is_small(paths: Sequence[Path]) -> bool:
    """Whether files fit in memory at ease, by their decompressed size."""
    left = SMALL
    for path in paths:
        if compression(path) is None:
            left -= path.stat().st_size
        else:
            left -= sum(len(block) for block in _up_to(path, left))
        if left < 0:
            return False
    return True


def _up_to(path: Path, size: int) -> Iterator[bytes]:
    for block in blocks(path):
        yield block
        size -= len(block)
        if size < 0:
            return


def digest_of(paths: Sequence[Path]) -> str:
    """SHA-256 of one file's bytes, or over the digests of several."""
    digests = [digest.of_file(path) for path in paths]
    return digests[0] if len(digests) == 1 else digest.of_value(digests)
