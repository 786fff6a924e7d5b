"""Names of archive members and of files that a checkpoint refers to."""

import re
from typing import Final

from auditor.scan.findings import Sheet

_LEAVES: Final = re.compile(r"(?:^|[\\/])\.\.(?:[\\/]|$)|^[\\/]|^[A-Za-z]:")


def leaves(name: str) -> bool:
    """Whether a relative name would lead out of the folder that it is meant for, on any system."""
    return bool(_LEAVES.search(name))


def check(name: str, inside: str, sheet: Sheet) -> None:
    """Report a member that would be unpacked outside of its folder, or whose name does not print as it is."""
    if leaves(name):
        sheet.add("unsafe", "member path", f"would be unpacked outside of its folder: {name}", inside)
    if not name.isprintable():
        sheet.add("unsafe", "member path", f"has characters in its name that do not print: {name}", inside)
