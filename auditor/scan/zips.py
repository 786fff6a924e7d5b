"""ZIP archives, read from the bytes: a damaged or doctored directory, checksum or flag hides no member.

Source: PKWARE's APPNOTE 6.3.10, sections 4.3 to 4.5. Python's ``zipfile`` refuses members that torch reads all the same
(CVE-2025-10155, CVE-2025-10156, CVE-2025-10157).
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from auditor.scan import packed
from auditor.scan.findings import Sheet
from auditor.scan.member_names import check
from auditor.scan.regions import Data, Region, gathered

_LOCAL, _CENTRAL, _END, _END64 = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06"
_LOCATOR64: Final = b"PK\x06\x07"
_TAIL: Final = 22 + 0xFFFF
_FULL: Final = 0xFFFFFFFF
_ENCRYPTED: Final = 0x1

_WHOLE: Final = 1 << 16
"""Stored members up to this size are checked against their checksum; above it only where they are pickles."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a directory says of a member: ``at`` is the position of its local header in the region's data."""

    name: str
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    at: int


def members(region: Region, sheet: Sheet) -> list[Region] | None:
    """The members of an archive, unpacked; None where the region is none.

    Whole files are also taken for archives where only their end says so, as loaders do.
    """
    starts = region.head(4) in (_LOCAL, _END)
    if not starts and (region.depth or region.data.rfind(_END, max(region.end - _TAIL, region.start), region.end) < 0):
        return None
    try:
        entries = list(_directory(region, sheet))
    except (struct.error, ValueError) as error:
        sheet.add("broken", "broken archive", f"its directory cannot be read ({error})", region.inside)
        entries = list(_salvaged(region, sheet))
    return [found for entry in entries if (found := _member(entry, region, sheet))]


def _directory(region: Region, sheet: Sheet) -> Iterator[Entry]:
    data = region.data
    end = data.rfind(_END, max(region.end - _TAIL, region.start), region.end)
    if end < 0:
        raise ValueError("it has no end record")
    count, length, offset = struct.unpack_from("<HII", data, end + 10)
    if data[end - 20 : end - 16] == _LOCATOR64:
        end = data.rfind(_END64, region.start, end)
        if end < 0:
            raise ValueError("it has no 64-bit end record")
        count, length, offset = struct.unpack_from("<QQQ", data, end + 32)
    at = end - length
    if at < region.start:
        raise ValueError("its directory starts before it")
    # Offsets count from the archive's first byte, which need not be the file's.
    base = at - offset
    for _ in range(count):
        entry, at = _entry(data, at, base)
        if not _allowed(sheet, region):
            return
        yield entry


def _entry(data: Data, at: int, base: int) -> tuple[Entry, int]:
    if data[at : at + 4] != _CENTRAL:
        raise ValueError(f"no member is described at byte {at}")
    flags, method, crc, length, size, name, extra, comment = struct.unpack_from("<8xHH4x3I3H", data, at)
    offset = struct.unpack_from("<I", data, at + 42)[0]
    text = data[at + 46 : at + 46 + name]
    more = data[at + 46 + name : at + 46 + name + extra]
    size, length, offset = _long_sizes(more, size, length, offset)
    return Entry(_decoded(text), flags, method, crc, length, size, base + offset), at + 46 + name + extra + comment


def _long_sizes(extra: bytes, *short: int) -> Iterator[int]:
    """Sizes and offset, from the 64-bit field where the short ones are full."""
    long: Iterator[tuple[int]] = iter(())
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            long = struct.iter_unpack("<Q", extra[at + 4 : at + 4 + length // 8 * 8])
        at += 4 + length
    return (next(long, (value,))[0] if value == _FULL else value for value in short)


def _salvaged(region: Region, sheet: Sheet) -> Iterator[Entry]:
    """Members found by their own headers, for an archive without a directory."""
    at = region.data.find(_LOCAL, region.start, region.end)
    while 0 <= at <= region.end - 30 and _allowed(sheet, region):
        flags, method, crc, length, size, name = struct.unpack_from("<6xHH4x3IH", region.data, at)
        after = region.data.find(b"PK", at + 30 + name + length, region.end)
        unknown = flags & 0x8 or length == _FULL
        rest = (after if after >= 0 else region.end) - at - 30 - name
        yield Entry(_decoded(region.data[at + 30 : at + 30 + name]), flags, method, crc, rest if unknown else length, size, at)
        at = region.data.find(_LOCAL, at + 30, region.end)


def _member(entry: Entry, region: Region, sheet: Sheet) -> Region | None:
    inside = f"{region.inside}/{entry.name}" if region.inside else entry.name
    check(entry.name, inside, sheet)
    if not region.start <= entry.at <= region.end - 30 or region.data[entry.at : entry.at + 4] != _LOCAL:
        sheet.add("broken", "broken archive", "the directory points to where no member is", inside)
        return None
    if entry.flags & _ENCRYPTED:
        sheet.add("broken", "encrypted member", "marked as encrypted; it is read as if it were not", inside)
    name, extra = struct.unpack_from("<HH", region.data, entry.at + 26)
    if (local := _decoded(region.data[entry.at + 30 : entry.at + 30 + name])) != entry.name:
        sheet.add("broken", "broken archive", f"its own header gives it the name {local}", inside)
    start = entry.at + 30 + name + extra
    stored = region.member(entry.name, start, min(start + entry.packed, region.end))
    found = stored if entry.method == 0 else _unpacked(stored, entry.method, sheet)
    if found and (found.size <= _WHOLE or found.pickled or entry.method):
        _verify(found, entry, sheet)
    return found


def _unpacked(stored: Region, method: int, sheet: Sheet) -> Region | None:
    chunks = packed.BY_ZIP_METHOD.get(method)
    if chunks is None:
        sheet.add("broken", "unknown packing", f"packed with method {method}, which is not known here", stored.inside)
        return None
    damage: packed.Damage = []
    data = gathered(chunks(stored, damage), sheet, stored.inside)
    for what in damage[:1]:
        sheet.add("broken", "broken packing", what, stored.inside)
    return Region(data, 0, len(data), stored.name, stored.inside, stored.depth, stored.pickled)


def _verify(found: Region, entry: Entry, sheet: Sheet) -> None:
    with memoryview(found.data) as view, view[found.start : found.end] as part:
        crc = zlib.crc32(part)
    if found.size != entry.size or crc != entry.crc:
        sheet.add("broken", "checksum", "it is not what the archive's checksum and size say", found.inside)


def _allowed(sheet: Sheet, region: Region) -> bool:
    sheet.members_left -= 1
    if sheet.members_left < 0:
        sheet.add("unsafe", "archive bomb", "holds more members than the scanner opens", region.inside)
    return sheet.members_left >= 0


def _decoded(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")
