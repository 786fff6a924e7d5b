"""Stretches of bytes: a file, or a member of an archive, without copying it."""

import io
import mmap
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from auditor.scan.findings import Sheet

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Data: TypeAlias = bytes | mmap.mmap

IN_MEMORY = 8 << 20
"""Bytes above which a file is mapped, and unpacked data goes to a temporary file."""

PICKLED = frozenset({".pkl", ".pickle", ".joblib", ".dill", ".pt", ".pth", ".ckpt"})
"""Suffixes of files that ought to be pickles, or archives with pickles."""

PACKED = frozenset({".gz", ".bz2", ".xz", ".lzma", ".zst", ".z"})


@dataclass(frozen=True, slots=True)
class Region:
    """Bytes ``start`` to ``end`` of ``data``.

    Attributes:
        data: a whole file, mapped or in memory.
        start: first byte.
        end: one past the last byte.
        name: the name that it goes by: of the file, or of the member inside its archive.
        inside: the way to it through archives; empty for a file.
        depth: how many archives it is inside.
        pickled: whether it ought to be a pickle or to hold one.
    """

    data: Data
    start: int
    end: int
    name: str
    inside: str = ""
    depth: int = 0
    pickled: bool = False

    @property
    def size(self) -> int:
        """Number of bytes."""
        return self.end - self.start

    @property
    def suffix(self) -> str:
        """The name's last suffix, in lower case, with its dot."""
        return suffix(self.name)

    def head(self, count: int, skip: int = 0) -> bytes:
        """At most ``count`` bytes, from the start or after the first ``skip``."""
        return self.data[self.start + skip : min(self.start + skip + count, self.end)]

    def member(self, name: str, start: int, end: int, data: Data | None = None) -> "Region":
        """A region inside this one: of the same bytes, or of unpacked ones."""
        inside = f"{self.inside}/{name}" if self.inside else name
        held = self.data if data is None else data
        return Region(held, start, end, name, inside, self.depth + 1, is_pickled(name))

    def unpacked(self, data: Data) -> "Region":
        """What this region unpacks to; it keeps its name, without the suffix of the packing."""
        name = self.name[: -len(self.suffix)] if self.suffix in PACKED else self.name
        return Region(data, 0, len(data), name, self.inside, self.depth + 1, self.pickled or is_pickled(name))


def suffix(name: str) -> str:
    """A name's last suffix, in lower case, with its dot; empty where there is none."""
    _, dot, last = name.rpartition(".")
    return f".{last.lower()}" if dot and "/" not in last else ""


def is_pickled(name: str) -> bool:
    """Whether a file of this name ought to be a pickle or to hold one."""
    last = suffix(name)
    return last in PICKLED or (last in PACKED and suffix(name[: -len(last)]) in PICKLED)


def opened(path: Path, name: str) -> Region:
    """A file as a region; large files are mapped, not read.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        size = path.stat().st_size
        data: Data = _mapped(file) if size > IN_MEMORY else file.read()
    pickled = is_pickled(name) or (suffix(name) == ".bin" and data[:1] == b"\x80")
    return Region(data, 0, len(data), name, pickled=pickled)


def gathered(chunks: Iterable[bytes], sheet: Sheet, inside: str) -> Data:
    """Unpacked chunks as one piece of data: in memory, or mapped from a temporary file when large.

    What would go over the sheet's limit is left out, and reported.
    """
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
        for chunk in chunks:
            file.write(chunk[: sheet.bytes_left])
            sheet.bytes_left -= len(chunk)
            if sheet.bytes_left < 0:
                sheet.bytes_left = 0
                sheet.add("unsafe", "archive bomb", "unpacks to more than the scanner's limit of 1 GiB", inside)
                break
        if file.tell() > IN_MEMORY:
            file.flush()
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        file.seek(0)
        return file.read()


def _mapped(file: BinaryIO) -> mmap.mmap:
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def as_file(region: Region) -> io.BufferedReader:
    """A region as a file that can be read and sought in, for libraries that want one."""
    return io.BufferedReader(_RegionFile(region))


class _RegionFile(io.RawIOBase):
    def __init__(self, region: Region) -> None:
        self._region, self._at = region, 0

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """Position from the region's start."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position, as files do."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._region.size}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill a buffer, as far as there are bytes."""
        view = memoryview(buffer)
        found = self._region.head(len(view), skip=self._at)
        view[: len(found)] = found
        self._at += len(found)
        return len(found)
