"""Compressed streams: gzip, zlib, bzip2, xz, lzma, zstandard and what old versions of joblib wrote.

Streams are unpacked piece by piece and without their checksums in the way: what comes before a damage is looked at too,
since a reader that unpickles as it unpacks would have run it by then.
"""

import bz2
import lzma
import struct
import zlib
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Final, TypeAlias

from auditor.scan.findings import Sheet
from auditor.scan.regions import PACKED, Region, as_file, gathered

Damage: TypeAlias = list[str]
"""What is wrong with a stream, in the order of discovery."""

Chunks: TypeAlias = Callable[[Region, Damage], Iterator[bytes]]

_STEP: Final = 4096
_OUT: Final = 8192
_CHECKSUM: Final = "it is not what its checksum says"


def contents(region: Region, sheet: Sheet) -> list[Region] | None:
    """What a compressed file holds, as one region; None where the region is none."""
    found = _format(region)
    if found is None:
        return None
    chunks, certain = found
    damage: Damage = []
    data = gathered(chunks(region, damage), sheet, region.inside)
    if damage and (certain or region.pickled or region.suffix in PACKED):
        sheet.add("broken", "broken packing", damage[0], region.inside)
    return [region.unpacked(data)] if data else []


def _format(region: Region) -> tuple[Chunks, bool] | None:
    """How to unpack a region, and whether its first bytes leave no doubt that it is packed so."""
    head = region.head(10)
    for magic, chunks in _BY_MAGIC.items():
        if head.startswith(magic):
            return chunks, True
    if head[4:] == b"1AY&SY" and head.startswith(b"BZh"):
        return bzip2, True
    if head.startswith(b"]\x00\x00"):
        return _lzma, False
    if head[:1] == b"x" and len(head) > 1 and int.from_bytes(head[:2], "big") % 31 == 0:
        return _zlib, False
    return None


def deflate(region: Region, damage: Damage) -> Iterator[bytes]:
    """Unpack raw DEFLATE data."""
    yield from _inflate(region, damage, 0)


def bzip2(region: Region, damage: Damage) -> Iterator[bytes]:
    """Unpack bzip2 streams."""
    return _streams(region, damage, bz2.BZ2Decompressor)


def zstandard(region: Region, damage: Damage) -> Iterator[bytes]:
    """Unpack zstandard frames."""
    import zstandard as zstd

    with zstd.ZstdDecompressor().stream_reader(as_file(region), read_across_frames=True) as stream:
        try:
            while piece := stream.read(1 << 20):
                yield piece
        except zstd.ZstdError as error:
            damage.append(f"its packed data is damaged ({error})")


def _inflate(region: Region, damage: Damage, at: int) -> Generator[bytes, None, int]:
    """Unpack raw DEFLATE data from a position of the region; returns the position after it."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        while not stream.eof and (piece := region.head(_STEP, skip=at)):
            yield stream.decompress(piece)
            at += len(piece) - len(stream.unused_data)
    except zlib.error as error:
        damage.append(f"its packed data is damaged ({error})")
    if not stream.eof and not damage:
        damage.append("its packed data ends early")
    return at


def _zlib(region: Region, damage: Damage) -> Iterator[bytes]:
    return _with_adler(region, damage, 2)


def _with_adler(region: Region, damage: Damage, at: int) -> Iterator[bytes]:
    """Unpack DEFLATE data and compare the checksum behind it, as zlib writes it."""
    adler, packed = 1, _inflate(region, damage, at)
    try:
        while True:
            piece = next(packed)
            adler = zlib.adler32(piece, adler)
            yield piece
    except StopIteration as done:
        if not damage and region.head(4, skip=done.value) != struct.pack(">I", adler):
            damage.append(_CHECKSUM)


def _old_joblib(region: Region, damage: Damage) -> Iterator[bytes]:
    # A hexadecimal length of fixed width comes first; on some systems it ends in one letter more.
    return _with_adler(region, damage, 23 if region.head(1, skip=21) == b"x" else 24)


def _gzip(region: Region, damage: Damage) -> Iterator[bytes]:
    at = 0
    while not damage and region.head(3, skip=at) == b"\x1f\x8b\x08":
        crc, packed = 0, _inflate(region, damage, _gzip_header(region, at))
        try:
            while True:
                piece = next(packed)
                crc = zlib.crc32(piece, crc)
                yield piece
        except StopIteration as done:
            at = done.value
        if not damage and region.head(4, skip=at) != struct.pack("<I", crc):
            damage.append(_CHECKSUM)
        at += 8


def _gzip_header(region: Region, at: int) -> int:
    """Position after the header of a gzip member (RFC 1952, section 2.3)."""
    flags = region.head(1, skip=at + 3) or b"\0"
    at += 10
    if flags[0] & 4:
        at += 2 + int.from_bytes(region.head(2, skip=at), "little")
    for bit in (8, 16):
        if flags[0] & bit:
            cut = region.data.find(b"\0", region.start + at, region.end)
            at = (cut if cut >= 0 else region.end) - region.start + 1
    return at + (2 if flags[0] & 2 else 0)


def _lzma(region: Region, damage: Damage) -> Iterator[bytes]:
    return _streams(region, damage, lzma.LZMADecompressor)


def _streams(
    region: Region, damage: Damage, fresh: Callable[[], bz2.BZ2Decompressor] | Callable[[], lzma.LZMADecompressor]
) -> Iterator[bytes]:
    """Unpack streams that follow each other, a bounded piece at a time."""
    stream, at, rest = fresh(), 0, b""
    try:
        while piece := rest or region.head(_STEP, skip=at):
            at += 0 if rest else len(piece)
            yield stream.decompress(piece, _OUT)
            while not stream.needs_input and not stream.eof:
                yield stream.decompress(b"", _OUT)
            rest = stream.unused_data if stream.eof else b""
            stream = fresh() if rest else stream
    except (OSError, lzma.LZMAError) as error:
        damage.append(f"its packed data is damaged ({error})")
    if not stream.eof and not damage:
        damage.append("its packed data ends early")


_BY_MAGIC: Final[Mapping[bytes, Chunks]] = {
    b"\x1f\x8b\x08": _gzip,
    b"\xfd7zXZ\x00": _lzma,
    b"\x28\xb5\x2f\xfd": zstandard,
    b"ZF0x": _old_joblib,
}

BY_ZIP_METHOD: Final[Mapping[int, Chunks]] = {8: deflate, 12: bzip2, 93: zstandard}
"""How members of ZIP archives are packed, by the number of the method."""
