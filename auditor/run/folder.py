"""The folder of a run: one plan on one data set, one folder, one process at a time."""

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from auditor import codec
from auditor.errors import UsageError
from auditor.execute.leftovers import sweep
from auditor.plan import CleanPlan, Plan, lasting
from auditor.store import cache_folder, check_cache
from auditor.store.files import check_writable, write_atomic

if sys.platform != "win32":
    import fcntl

_CACHED = ("tables", "frames")
_QUIET = 3600.0
_LOCK, _PLAN, _SUBJECT, _RUN = ".auditor-lock", "plan.json", "subject.json", "run.json"
_KEPT = "Name a new folder with -o, remove this one, or keep what is in it beside the new run with --force."


@contextlib.contextmanager
def alone(out: Path) -> Iterator[None]:
    """Work in a folder as the only process; a lock is gone with its process, however that ends.

    Nothing stays of the lock, nor of a folder that was made for it and not used.

    Raises:
        UsageError: another process works in the folder.
    """
    missing = [one for one in (out, *out.parents) if not os.path.lexists(one)]
    held = _locked(out / _LOCK)
    try:
        yield
    finally:
        if held is not None:
            with contextlib.suppress(OSError):
                (out / _LOCK).unlink()
            os.close(held)
            for one in missing:
                with contextlib.suppress(OSError):  # there is something in it
                    one.rmdir()


def _locked(path: Path) -> int | None:
    """An open file that is locked, or None where there can be none; why that is, is told elsewhere."""
    if sys.platform == "win32":  # it has no locks that end with their process this simply
        return None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except (OSError, ValueError):
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        who = os.read(file, 20).decode("ascii", "replace")
        os.close(file)
        raise UsageError(
            f"another run is at work in this folder{f', process {who}' if who else ''}",
            place=str(path.parent),
            remedy="Wait until it has ended, or name another folder with -o.",
        ) from None
    except OSError:  # a file system without locks
        os.close(file)
        return None
    if not path.exists() or path.stat().st_ino != os.fstat(file).st_ino:  # whoever held it removed it meanwhile
        os.close(file)
        return _locked(path)
    with contextlib.suppress(OSError):
        os.ftruncate(file, 0)
        os.write(file, str(os.getpid()).encode())
    return file


def check_free(out: Path, plan: Plan | CleanPlan, *, force: bool = False) -> None:
    """See that the folder is new, or this plan's, and can be written to: the same plan goes on in the same folder.

    The cache folder is looked at too.

    Args:
        out: the folder.
        plan: what is to be run.
        force: whether a run of another plan may be put aside, once it is known that this one can begin.

    Raises:
        UsageError: it holds something else, or one of the two cannot be made or written to.
    """
    try:
        held = _held(out, plan)
    except OSError as error:
        problem = f"the folder cannot be read: {error.strerror or error}"
        raise UsageError(problem, place=str(out), remedy="Name another folder with -o.") from None
    if held and not (force and (out / _PLAN).is_file()):
        known = (out / _PLAN).is_file()
        raise UsageError(
            f"holds {held}", place=str(out), remedy=_KEPT if known else "Name a new folder with -o, or remove this one."
        )
    check_writable(out, remedy="Name another folder with -o.")
    check_cache()


def claim(out: Path, plan: Plan | CleanPlan, *, subject: tuple[str, ...] = (), force: bool = False) -> Path | None:
    """Make the folder this plan's; done when nothing that was given can turn out to be wrong any more.

    What killed runs left half-written is removed, here and in the cache: there after an hour, as it may be shared.

    Args:
        out: the folder.
        plan: what is to be run.
        subject: digests of the data and the model that it is run on.
        force: put a finished run of something else aside.

    Returns:
        Where a run that was there is now, if one was put aside.

    Raises:
        UsageError: the folder holds a finished run of other data or another model.
    """
    other = _is_of_another(out, subject)
    if other and not force:
        raise UsageError("holds a run of the same plan on other data or another model", place=str(out), remedy=_KEPT)
    aside = _put_aside(out) if other or (force and _held(out, plan)) else None
    write_atomic(out / _SUBJECT, json.dumps(subject))
    write_atomic(out / _PLAN, _written(plan))
    sweep(out)
    for name in _CACHED:
        sweep(cache_folder() / name, quiet=_QUIET)
    return aside


def _held(out: Path, plan: Plan | CleanPlan) -> str:
    """What a folder holds that is not of this plan, in words; empty where there is nothing."""
    record = out / _PLAN
    if not out.is_dir() or (record.is_file() and record.read_bytes() == _written(plan)):
        return ""
    others = any(file.name != _LOCK for file in out.iterdir())
    return ("another run" if record.exists() else "other files") if others else ""


def _is_of_another(out: Path, subject: tuple[str, ...]) -> bool:
    """Whether a folder holds a finished run of other data or another model."""
    try:
        before = json.loads((out / _SUBJECT).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return (out / _RUN).is_file() and before != list(subject)


def _put_aside(out: Path) -> Path:
    """Move what a folder holds to a new one beside it, named for when it was finished."""
    record = next((out / name for name in (_RUN, _PLAN) if (out / name).is_file()), out)
    name = f"{out.name}-{datetime.fromtimestamp(record.stat().st_mtime, UTC):%Y%m%d-%H%M%S}"
    places = (out.with_name(name + end) for end in ("", *(f"-{number}" for number in range(2, 10_000))))
    aside = next(place for place in places if not os.path.lexists(place))
    aside.mkdir()
    for file in list(out.iterdir()):
        if file.name != _LOCK:
            file.rename(aside / file.name)
    return aside


def _written(plan: Plan | CleanPlan) -> bytes:
    return codec.to_json(lasting(plan)).encode()
