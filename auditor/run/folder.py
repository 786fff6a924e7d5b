"""The folder of a run: one plan, one folder."""

from pathlib import Path

from auditor import codec
from auditor.errors import UsageError
from auditor.plan import CleanPlan, Plan, plain
from auditor.store.files import write_atomic


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
    """Make the folder this plan's; done when nothing that was given can turn out to be wrong any more."""
    write_atomic(out / "plan.json", _written(plan))


def _written(plan: Plan | CleanPlan) -> bytes:
    return codec.to_json(plain(plan)).encode()
