"""What is kept on disk: atomic files, and the answers of models."""

import contextlib
import os
from pathlib import Path

from auditor.store.files import check_writable

_PARTS = ("predictions", "tables", "frames")


def cache_folder() -> Path:
    """Where what can be computed again is kept: ``$AUDITOR_CACHE``, else the user's cache folder."""
    if chosen := os.environ.get("AUDITOR_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "auditor"


def check_cache() -> None:
    """Make the cache folder, and see that it can be used, before any work.

    Raises:
        UsageError: it cannot be made, or not written to.
    """
    folder = cache_folder()
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    for one in (folder, *(folder / name for name in _PARTS if os.path.lexists(folder / name))):
        check_writable(one, place=f"cache {one}", remedy="Name a folder that can be written to in AUDITOR_CACHE.")
