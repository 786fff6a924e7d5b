"""Files that are there whole or not at all."""

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

PART = re.compile(r"\.(\d+)\.auditor-part$")
"""How the name of a half-written file ends: with the process that writes it."""


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
    path.parent.mkdir(parents=True, exist_ok=True)
    part = part_of(path)
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
