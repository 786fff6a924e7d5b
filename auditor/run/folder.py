"""The folder of a run: one plan, one folder."""

from pathlib import Path

from auditor import codec
from auditor.errors import UsageError
from auditor.execute.leftovers import sweep
from auditor.plan import CleanPlan, Plan, lasting
from auditor.store import cache_folder, check_cache
from auditor.store.files import check_writable, write_atomic

_CACHED = ("tables", "frames")
_QUIET = 3600.0


def check_free(out: Path, plan: Plan | CleanPlan) -> None:
    """See that the folder is new, or this plan's, and can be written to: the same plan goes on in the same folder.

    The cache folder is looked at too.

    Raises:
        UsageError: it holds something else, or one of the two cannot be made or written to.
    """
    try:
        held = _held(out, plan)
    except OSError as error:
        problem = f"the folder cannot be read: {error.strerror or error}"
        raise UsageError(problem, place=str(out), remedy="Name another folder with -o.") from None
    if held:
        raise UsageError(f"holds {held}", place=str(out), remedy="Name a new folder with -o, or remove this one.")
    check_writable(out, remedy="Name another folder with -o.")
    check_cache()


def claim(out: Path, plan: Plan | CleanPlan) -> None:
    """Make the folder this plan's; done when nothing that was given can turn out to be wrong any more.

    What killed runs left half-written is removed, here and in the cache: there after an hour, as it may be shared.
    """
    write_atomic(out / "plan.json", _written(plan))
    sweep(out)
    for name in _CACHED:
        sweep(cache_folder() / name, quiet=_QUIET)


def _held(out: Path, plan: Plan | CleanPlan) -> str:
    """What a folder holds that is not of this plan, in words; empty where there is nothing."""
    record = out / "plan.json"
    if not out.is_dir() or (record.is_file() and record.read_bytes() == _written(plan)):
        return ""
    return ("another run" if record.exists() else "other files") if any(out.iterdir()) else ""


def _written(plan: Plan | CleanPlan) -> bytes:
    return codec.to_json(lasting(plan)).encode()
