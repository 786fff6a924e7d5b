"""What a scan finds, and the sheet that the readers of one file write it on."""

import os
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["malicious", "unsafe", "broken", "review", "unread"]

SEVERITIES: tuple[Severity, ...] = ("malicious", "unsafe", "broken", "review", "unread")
"""Worst first."""

UNPACK_LIMIT = 1 << 30
"""Bytes that the archives and compressed streams of one file may unpack to, together."""

MEMBER_LIMIT = 100_000
"""Archive members that one file may hold, together."""

LISTED = 100
"""Findings of one severity that are listed for one file."""


@dataclass(frozen=True, slots=True)
class ScanFinding:
    """One thing about a checkpoint's file that a reader should know.

    Attributes:
        path: the file, relative to the folder that was scanned.
        severity: ``malicious``: names code that gives control over the machine; ``unsafe``: may run code that nobody
            vouches for; ``broken``: does not read as what it is, so nothing can be said for it; ``review``: needs code of
            scikit-learn, NumPy, SciPy or joblib to load; ``unread``: of a format that is not looked into.
        kind: what it is about, such as ``"pickle global"`` or ``"chat template"``.
        detail: what was found, as printable text.
        inside: the member of an archive that it is in; empty for the file itself.
    """

    path: str
    severity: Severity
    kind: str
    detail: str
    inside: str = ""


@dataclass(slots=True)
class Sheet:
    """Findings of one file so far, and what its archives may still unpack to.

    Attributes:
        path: the file.
        bytes_left: bytes that may still be unpacked.
        members_left: archive members that may still be opened.
    """

    path: str
    bytes_left: int = UNPACK_LIMIT
    members_left: int = MEMBER_LIMIT
    _found: dict[ScanFinding, None] = field(default_factory=dict)
    _counts: Counter[Severity] = field(default_factory=Counter)

    def add(self, severity: Severity, kind: str, detail: str, inside: str = "") -> None:
        """Write a finding down, once."""
        finding = ScanFinding(self.path, severity, kind, shown(detail), shown(inside))
        if finding in self._found:
            return
        self._counts[severity] += 1
        if self._counts[severity] <= LISTED:
            self._found[finding] = None

    def findings(self) -> list[ScanFinding]:
        """All findings, worst first; what was too much to list is summed up."""
        over = [severity for severity, count in self._counts.items() if count > LISTED]
        more = [ScanFinding(self.path, severity, "more", f"has more findings than the {LISTED} listed") for severity in over]
        return sorted([*self._found, *more], key=lambda finding: SEVERITIES.index(finding.severity))


def shown(text: str, most: int = 240) -> str:
    """Hostile text as printable text: control and direction characters are escaped, and long text is cut."""
    cut = text if len(text) <= most else text[: most - 3] + "..."
    return "".join(char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode() for char in cut)


def named(path: str) -> str:
    """A file name as printable text; bytes that are no UTF-8 are escaped."""
    return shown(os.fsencode(path).decode("utf-8", "backslashreplace"), 1000)
