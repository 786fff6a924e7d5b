"""What a disk says when it cannot go on, as an error that names the place and what to do."""

import contextlib
import errno
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from auditor.errors import UsageError
from auditor.store import CACHE, NOWHERE, cache_folder

_FULL = {errno.ENOSPC: "the disk is full", errno.EDQUOT: "the disk quota is used up", errno.EFBIG: "the file grew too large"}
_IN_WORDS = ("No space left on device", "disk is full", "Disk quota exceeded", "File too large")
AGAIN = "The same command goes on where this one was."


@contextlib.contextmanager
def told(out: Path) -> Iterator[None]:
    """Turn errors of the disk inside the block into errors that a person can act on.

    Args:
        out: the folder that is written to, named where the error does not say which file it was.

    Raises:
        UsageError: a file cannot be read or written.
    """
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise said(error, out) from error


def said(error: BaseException, out: Path | None = None) -> UsageError:
    """An error of the disk in one line: the file, what is wrong, and what to do."""
    name = getattr(error, "filename", None)
    place = Path(os.fsdecode(name)) if isinstance(name, str | bytes) else None
    cache = cache_folder()
    if place and place.is_relative_to(NOWHERE):
        return UsageError(
            "there is no home folder to keep it in, and what was given needs one",
            place="cache",
            remedy=f"Name a folder that can be written to in {CACHE}.",
        )
    if place and drop_damaged(place, error):
        return UsageError(
            f"{place.name} is damaged: {_problem(error)}", place=f"cache {cache}", remedy=f"It was removed. {AGAIN}"
        )
    if place and place.is_relative_to(cache):
        remedy = f"Free some space, or name another folder in {CACHE}." if _full(error) else f"Name another folder in {CACHE}."
        return UsageError(_problem(error), place=f"cache {cache}", remedy=f"{remedy} {AGAIN}")
    remedy = f"Free some space. {AGAIN}" if _full(error) else ""
    return UsageError(_problem(error), place=str(place or out or ""), remedy=remedy)


def drop_damaged(path: Path, error: BaseException) -> bool:
    """Remove a table from the cache that cannot be read; whether it was one, and is gone."""
    if _full(error) or not path.is_relative_to(cache_folder() / "tables") or not path.is_file() or _refused(error):
        return False
    with contextlib.suppress(OSError):
        path.unlink()
    return not path.exists()


def _refused(error: BaseException) -> bool:
    """Whether the system said no, rather than a reader that found nonsense; Arrow's errors have no number."""
    return getattr(error, "errno", None) is not None


def _full(error: BaseException) -> str:
    """That there is no room, in words; empty where it is something else."""
    number = getattr(error, "errno", None)
    return _FULL.get(number or 0) or next((_FULL[errno.ENOSPC] for words in _IN_WORDS if words in str(error)), "")


def _problem(error: BaseException) -> str:
    words = _full(error) or getattr(error, "strerror", None) or " ".join(str(error).split()) or type(error).__name__
    return words[:1].lower() + words[1:]
