"""Files that are there whole or not at all."""

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from auditor.errors import UsageError

PART = re.compile(r"\.(\d+)\.auditor-part$")
"""How the name of a half-written file ends: with the process that writes it."""


def check_writable(folder: Path, *, remedy: str, place: str = "") -> None:
    """See that files can be written to a folder, or that it can be made; nothing of the trial stays.

    Args:
        folder: where something is to be written later.
        remedy: what to do where it cannot.
        place: what the message names; the folder by default.

    Raises:
        UsageError: they cannot, as with a file in its path, or without permission.
    """
    above = (folder, *folder.parents)
    missing = [one for one in above if not os.path.lexists(one)]
    try:
        _try(folder)
    except (OSError, ValueError) as error:
        there = next((one for one in above if os.path.lexists(one)), folder)
        told = getattr(error, "strerror", None) or str(error)
        reason = told if os.path.isdir(there) else f"{str(there)!r} is no folder"  # noqa: PTH112 - Path's raises where it may not look
        verb = "made" if missing else "written to"
        raise UsageError(f"the folder cannot be {verb}: {reason}", place=place or str(folder), remedy=remedy) from None
    finally:
        for one in missing:
            with contextlib.suppress(OSError, ValueError):
                one.rmdir()


def _try(folder: Path, times: int = 3) -> None:
    """Make a folder and a file in it; again where another process, which tries the same, takes a folder away meanwhile."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except FileNotFoundError:
        if times == 1:
            raise
        _try(folder, times - 1)


def write_atomic(path: Path, data: bytes | str) -> None:
    """Write a file so that a reader, or a later run, sees all of it or none."""
    with replacing(path) as part:
        part.write_bytes(data.encode() if isinstance(data, str) else data)


def part_of(path: Path) -> Path:
    """Where this process writes a file until it is whole."""
    return path.with_name(f"{path.name}.{os.getpid()}.auditor-part")


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to; it takes the place of ``path`` when the block ends well, and goes away when it does not."""
    part = part_of(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        named = error.filename  # say what was to be written, also where libraries do not, or a folder above it cannot be made
        if named is None or named == str(part) or Path(os.fsdecode(named)) in path.parents:
            error.filename = str(path)
        raise
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
