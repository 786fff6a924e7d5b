"""The folder of a run: one plan, one folder."""

from pathlib import Path

from auditor import codec
from auditor.errors import UsageError
from auditor.execute.leftovers import sweep
from auditor.plan import CleanPlan, Plan, plain
from auditor.store import cache_folder
from auditor.store.files import write_atomic

_CACHED = ("tables", "frames")
_QUIET = 3600.0


def check_free(out: Path, plan: Plan | CleanPlan) -> None:
    """See that the folder is new, or this plan's: the same plan goes on in the same folder.

    Raises:
        UsageError: it holds something else.
    """
    record = out / "plan.json"
    if record.exists() and record.read_bytes() == _written(plan):
        return
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        held = "another run" if record.exists() else "other files"
        raise UsageError(f"holds {held}", place=str(out), remedy="Name a new folder with -o, or remove this one.")


def claim(out: Path, plan: Plan | CleanPlan) -> None:
    """Make the folder this plan's; done when nothing that was given can turn out to be wrong any more.

    What killed runs left half-written is removed, here and in the cache: there after an hour, as it may be shared.
    """
    write_atomic(out / "plan.json", _written(plan))
    sweep(out)
    for name in _CACHED:
        sweep(cache_folder() / name, quiet=_QUIET)


def _written(plan: Plan | CleanPlan) -> bytes:
    return codec.to_json(plain(plan)).encode()
