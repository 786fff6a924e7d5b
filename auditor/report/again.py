"""The command that repeats a run: with the plan that the run leaves in its folder, so that nothing is forgotten."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from auditor.report.visible import visible

PLANS: Mapping[Literal["audit", "cleaning"], str] = {"audit": "audit.yaml", "cleaning": "clean.yaml"}
"""The file that a run leaves in its folder, by kind."""

_COMMANDS: Mapping[Literal["audit", "cleaning"], str] = {"audit": "run", "cleaning": "clean"}
_SAFE = re.compile(r"[\w@%+=:,./-]+", re.ASCII)


def command(kind: Literal["audit", "cleaning"], folder: Path | None = None) -> str:
    """The command, to be run where the audit was; in any shell, but for names that cannot be seen: those need ``bash``.

    Args:
        kind: of the run.
        folder: of the run, as seen from the working directory; without one, the command is for the folder itself.
    """
    plan, again = (Path(PLANS[kind]), Path("again")) if folder is None else (folder / PLANS[kind], _beside(folder))
    return f"auditor {_COMMANDS[kind]} {quoted(str(plan))} -o {quoted(str(again))}"


def _beside(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}-again") if folder.name else folder / "again"


def quoted(word: str) -> str:
    """A word of a shell's command line; what cannot be seen in it is written by its bytes."""
    word = f"./{word}" if word.startswith("-") else word
    if _SAFE.fullmatch(word):
        return word
    if visible(word) == word:
        return "'" + word.replace("'", "'\"'\"'") + "'"
    return "$'" + "".join(map(_escaped, word)) + "'"


def _escaped(character: str) -> str:
    if character in "\\'":
        return f"\\{character}"
    if visible(character) == character:
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode(errors="surrogateescape"))
