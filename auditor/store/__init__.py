"""What is kept on disk: atomic files, and the answers of models."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """Where what can be computed again is kept: ``$AUDITOR_CACHE``, else the user's cache folder."""
    if chosen := os.environ.get("AUDITOR_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "auditor"
