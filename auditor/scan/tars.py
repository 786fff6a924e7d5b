"""TAR archives, such as torch wrote before 2018, and .nemo files."""

import tarfile
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
    found: list[Region] = []
    try:
        with tarfile.open(fileobj=as_file(region), mode="r:") as archive:
            while (member := archive.next()) and sheet.members_left > 0:
                sheet.members_left -= 1
                _check(member, region, sheet)
                if member.isreg() and not member.issparse():
                    start = region.start + member.offset_data
                    found.append(region.member(member.name, start, min(start + member.size, region.end)))
                    if start + member.size > region.end:
                        sheet.add("broken", "broken archive", "it ends early", found[-1].inside)
    except (tarfile.TarError, OSError, ValueError) as error:
        sheet.add("broken", "broken archive", f"it cannot be read to its end ({error})", region.inside)
    if sheet.members_left <= 0:
        sheet.add("unsafe", "archive bomb", "holds more members than the scanner opens", region.inside)
    return found


def _starts_archive(block: bytes) -> bool:
    """Whether a block is a header: its checksum is the sum of its bytes, with the checksum itself read as blanks."""
    digits = block[_SUM].strip(b" \0")
    if len(block) < _BLOCK or not digits or not digits.isdigit() or b"8" in digits or b"9" in digits:
        return False
    return int(digits, 8) == sum(block) - sum(block[_SUM]) + 8 * ord(" ")


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
