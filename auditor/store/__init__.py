"""What is kept on disk: atomic files, and the answers of models."""

import contextlib
import os
from pathlib import Path

from auditor.store.files import check_writable

CACHE = "AUDITOR_CACHE"
"""The variable that names the cache folder."""

NOWHERE = Path(os.devnull) / "auditor"
"""The cache folder of a user without a home: nothing can be written to it, and what needs to be says so."""

_PARTS = ("predictions", "tables", "frames")


def cache_folder() -> Path:
    """Where what can be computed again is kept: ``$AUDITOR_CACHE``, else the user's cache folder."""
    if chosen := os.environ.get(CACHE):
        return Path(chosen)
    if Path(folder := os.environ.get("XDG_CACHE_HOME", "")).is_absolute():
        return Path(folder) / "auditor"
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path's raises where there is no home
    return home / ".cache" / "auditor" if home.is_absolute() and os.environ.get("HOME") != "" else NOWHERE


def check_cache() -> None:
    """Make the cache folder, and see that it can be used, before any work.

    Only where somebody chose it: a small table needs no cache, so the lack of a usual one is told when one is needed.

    Raises:
        UsageError: it cannot be made, or not written to.
    """
    folder = cache_folder()
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    if os.environ.get(CACHE):
        for one in (folder, *(folder / name for name in _PARTS if os.path.lexists(folder / name))):
            check_writable(one, place=f"cache {one}", remedy=f"Name a folder that can be written to in {CACHE}.")
