"""Where the files that ship with the package are: in the wheel, or beside a checkout."""

from pathlib import Path

from auditor.errors import UsageError


def folder(kind: str) -> Path:
    """Folder of shipped files of one kind, ``"rules"`` or ``"templates"``.

    Raises:
        UsageError: the installation is incomplete.
    """
    here = Path(__file__).resolve().parent
    for place in (here / kind, here.parent / kind):
        if place.is_dir():
            return place
    raise UsageError(f"the folder {kind!r} is missing from the installation", place=str(here), remedy="Install auditor again.")
