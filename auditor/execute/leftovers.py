"""Half-written files of processes that were killed."""

import contextlib
import os
import time
from pathlib import Path

from auditor.store.files import PART


def sweep(folder: Path, *, quiet: float = 0.0) -> None:
    """Remove half-written files, in a folder and those in it, whose process is gone; what cannot be removed stays.

    Args:
        folder: where to look; it need not be there.
        quiet: seconds for which nothing was written to a file that is removed. It is for folders that containers or other
            machines share: their processes cannot be seen from here.
    """
    for part in folder.rglob("*.auditor-part"):
        writer = PART.search(part.name)
        if writer and not _runs(int(writer[1])) and _age(part) >= quiet:
            with contextlib.suppress(OSError):
                part.unlink()


def _runs(process: int) -> bool:
    """Whether a process is there, as far as can be told; where signal 0 does more than ask, it is taken to be."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return not _waits(process)


def _waits(process: int) -> bool:
    """Whether a process has ended and only waits for its parent to ask how: in a container, often for ever."""
    try:
        return Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()[:1] == [b"Z"]
    except OSError:
        return False


def _age(part: Path) -> float:
    """Seconds since the last write; below any bound where the file is gone."""
    try:
        return time.time() - part.stat().st_mtime
    except FileNotFoundError:
        return float("-inf")
