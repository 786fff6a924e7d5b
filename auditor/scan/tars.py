"""TAR archives, such as torch wrote before 2018, and .nemo files."""

import tarfile
from collections.abc import Iterator
from typing import Final

from auditor.scan.findings import Sheet
from auditor.scan.member_names import check, leaves
from auditor.scan.regions import Region, as_file

_BLOCK: Final = 512
_SUM: Final = slice(148, 156)


def members(region: Region, sheet: Sheet) -> list[Region] | None:
    """The files in an archive; None where the region is none."""
    if not _starts_archive(region.head(_BLOCK)):
        return None
    return list(_files(region, sheet))


def _files(region: Region, sheet: Sheet) -> Iterator[Region]:
    try:
        with tarfile.open(fileobj=as_file(region), mode="r:") as archive:
            while member := archive.next():
                sheet.members_left -= 1
                if sheet.members_left < 0:
                    sheet.add("unsafe", "archive bomb", "holds more members than the scanner opens", region.inside)
                    return
                yield from _file(member, region, sheet)
            # The library ends quietly at a header that it cannot read; an archive's own end is a block of zeros.
            if region.head(_BLOCK, skip=archive.offset).strip(b"\0") or archive.offset > region.size:
                sheet.add("broken", "broken archive", f"it cannot be read after byte {archive.offset}", region.inside)
    except (tarfile.TarError, OSError, ValueError) as error:
        sheet.add("broken", "broken archive", f"it cannot be read to its end ({error})", region.inside)


def _file(member: tarfile.TarInfo, region: Region, sheet: Sheet) -> Iterator[Region]:
    _check(member, region, sheet)
    if member.isreg() and not member.issparse():
        start = region.start + member.offset_data
        yield region.member(member.name, start, min(start + member.size, region.end))


def _starts_archive(block: bytes) -> bool:
    """Whether a block is a header, which the sum of its bytes shows."""
    if not block[_SUM].strip(b" \0") or block[148] not in b" 01234567\x80":
        return False
    try:
        tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def _check(member: tarfile.TarInfo, region: Region, sheet: Sheet) -> None:
    inside = f"{region.inside}/{member.name}" if region.inside else member.name
    check(member.name, inside, sheet)
    if member.issym() or member.islnk():
        if leaves(member.linkname):
            sheet.add("unsafe", "member path", f"is a link out of its folder, to {member.linkname}", inside)
    elif not (member.isreg() or member.isdir()):
        sheet.add("unsafe", "member path", "is a device or another special file", inside)
    elif member.issparse():
        sheet.add("broken", "unknown packing", "is a sparse file, which is not read", inside)
