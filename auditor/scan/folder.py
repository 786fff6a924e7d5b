"""Scanning a checkpoint, a file or a folder, and listing its files."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from auditor import digest
from auditor.errors import InputError
from auditor.scan.findings import ScanFinding, Sheet, named
from auditor.scan.look import look
from auditor.scan.regions import opened
from auditor.types import FileFact


def scan(path: Path) -> tuple[ScanFinding, ...]:
    """Look for what could run when a checkpoint is loaded, without loading, importing or running any of it.

    Args:
        path: a file, or a folder with everything in it.

    Returns:
        Findings by file, worst first in each file; none for files of tensors alone.

    Raises:
        InputError: there is no such file or folder.
    """
    if not path.exists():
        raise InputError("there is no such file or folder", place=str(path), remedy="Check the path")
    boundary = _boundary(path)
    return tuple(finding for place, name in _places(path) for finding in _scan_file(place, name, boundary))


def manifest(path: Path) -> tuple[FileFact, ...]:
    """The files of a checkpoint with their sizes in bytes and SHA-256 digests, sorted by name.

    Raises:
        OSError: a file cannot be read.
    """
    boundary = _boundary(path)
    files = sorted((named(name), place) for place, name in _places(path) if not _trouble(place, boundary))
    return tuple(FileFact(name, place.stat().st_size, digest.of_file(place)) for name, place in files)


def file_names(path: Path) -> tuple[str, ...]:
    """The names of a checkpoint's files, as findings name them, sorted."""
    return tuple(sorted(named(name) for _, name in _places(path)))


def _places(path: Path) -> Iterator[tuple[Path, str]]:
    """Everything in a folder that is no folder itself, with its relative name, in order of the names."""
    if not path.is_dir():
        yield path, path.name
        return
    for folder, folders, files in os.walk(path):
        folders.sort()
        links = [name for name in folders if Path(folder, name).is_symlink()]
        for name in sorted([*files, *links]):
            place = Path(folder, name)
            yield place, place.relative_to(path).as_posix()


def _boundary(path: Path) -> Path:
    """The folder that links may not leave: of a snapshot in the Hugging Face cache, the folder of all snapshots."""
    here = path.resolve()
    folder = here if here.is_dir() else here.parent
    return folder.parent.parent if folder.parent.name == "snapshots" and (folder.parent.parent / "blobs").is_dir() else folder


def _scan_file(place: Path, name: str, boundary: Path) -> list[ScanFinding]:
    sheet = Sheet(named(name))
    if trouble := _trouble(place, boundary):
        sheet.add("unsafe", "link", trouble)
        return sheet.findings()
    try:
        region = opened(place, place.name)
    except OSError as error:
        sheet.add("broken", "unreadable file", error.strerror or str(error))
    else:
        look(region, sheet)
    return sheet.findings()


def _trouble(place: Path, boundary: Path) -> str | None:
    """Why a file is not opened; None for regular files and for links to such that stay inside."""
    try:
        target = place.resolve(strict=True)
        mode = target.stat().st_mode
    except (OSError, RuntimeError):
        return "is a link to nothing"
    if not target.is_relative_to(boundary):
        return f"is a link out of the folder, to {target}"
    if stat.S_ISDIR(mode):
        return f"is a link to a folder, {target.relative_to(boundary)}"
    return None if stat.S_ISREG(mode) else "is a device, a pipe or another special file"
