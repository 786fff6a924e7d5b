"""Where the accessibility checker axe-core is; it is a developer's tool and no part of the project."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLACES = ("build/axe/axe.min.js", "node_modules/axe-core/axe.min.js")
HOW = (
    "mkdir -p build/axe && npm pack axe-core@4 --pack-destination build/axe"
    " && tar -xzf build/axe/axe-core-4*.tgz -C build/axe --strip-components=1 package/axe.min.js"
)


def axe_source() -> str:
    """The text of axe.min.js: from ``$AUDITOR_AXE`` or a usual place; skips, saying how to get it, where it is nowhere."""
    chosen = os.environ.get("AUDITOR_AXE")
    for path in [Path(chosen)] if chosen else [ROOT / place for place in PLACES]:
        if path.is_file():
            return path.read_text("utf-8")
    pytest.skip(f"axe-core not found; in the project's folder run: {HOW}")
