"""``auditor new``."""

import keyword
import re
import string
from pathlib import Path
from typing import Literal

import click

from auditor.cli.screen import say
from auditor.errors import UsageError

_FOLDERS = {"probe": "probes", "pass": "passes"}


@click.command("new")
@click.argument("kind", type=click.Choice(list(_FOLDERS)))
@click.argument("name")
@click.option("--package", metavar="NAME", help="Your package, such as acme_audit; 'auditor' inside its own checkout.")
def command(kind: Literal["probe", "pass"], name: str, package: str | None) -> None:
    """Start a probe or a pass, with a test that passes as it is. Nothing is written over.

    In a folder of its own it becomes a plugin: a package, with one line in pyproject.toml that makes it known. In a checkout
    of auditor it becomes part of the catalogue.

    \b
    Examples:
      auditor new probe short_texts --package acme_audit
      auditor new pass small_letters --package acme_audit
    """  # noqa: D301
    from auditor.store.files import write_atomic

    package = package or _own()
    _check_names(kind, name, package)
    files = _files(kind, name, package)
    for path in files:
        if path.exists():
            raise UsageError("is there already, and is not written over", place=str(path), remedy="Take another name.")
    missing = {path: text for path, text in _supports(kind, package).items() if not path.exists()}
    for path, text in {**missing, **files}.items():
        write_atomic(path, text)
        say(f"Wrote  {path}")
    _say_next(package, name, [*files])


def _own() -> str:
    if Path("auditor", "probes").is_dir():
        return "auditor"
    raise UsageError("which package is it for", remedy="Give --package, such as --package acme_audit")


def _check_names(kind: Literal["probe", "pass"], name: str, package: str) -> None:
    from auditor.plugins import names

    for word, what in ((name, kind), (package, "package")):
        if not re.fullmatch(r"[a-z][a-z0-9_]*", word) or keyword.iskeyword(word):
            raise UsageError(f"{word!r} cannot be the name of a {what}", remedy="Use small letters, digits and underscores.")
    known = name if package == "auditor" else f"{_plugin(package)}/{name}"
    if known in names(kind):
        raise UsageError(f"there is a {kind} called {known!r} already", remedy=f"See: auditor show {known}")


def _plugin(package: str) -> str:
    return package.removesuffix("_audit").removesuffix("_auditor")


def _starter(template: str, **words: str) -> str:
    from auditor import assets

    return string.Template((assets.folder("templates") / "starters" / f"{template}.txt").read_text("utf-8")).substitute(words)


def _files(kind: str, name: str, package: str) -> dict[Path, str]:
    """The function and its test."""
    tests = Path("tests", "unit") if package == "auditor" else Path("tests")
    words = {"name": name, "package": package, "title": name.replace("_", " ").capitalize()}
    return {
        Path(package, _FOLDERS[kind], f"{name}.py"): _starter(f"{kind}.py", **words),
        tests / f"test_{name}.py": _starter(f"test_{kind}.py", **words),
    }


def _supports(kind: str, package: str) -> dict[Path, str]:
    """What makes a folder a plugin."""
    if package == "auditor":
        return {}
    words = {"package": package, "plugin": _plugin(package), "distribution": package.replace("_", "-")}
    return {
        Path("pyproject.toml"): _starter("pyproject.toml", **words),
        Path(package, "__init__.py"): f'"""Checks of {_plugin(package)} for auditor."""\n',
        Path(package, _FOLDERS[kind], "__init__.py"): f'"""The {_FOLDERS[kind]}."""\n',
    }


def _say_next(package: str, name: str, files: list[Path]) -> None:
    say(f"Test   python -m pytest {files[-1]}")
    if package == "auditor":
        say(f"Show   auditor show {name}")
        return
    if 'entry-points."auditor.plugins"' not in Path("pyproject.toml").read_text("utf-8"):
        say(f'Add    [project.entry-points."auditor.plugins"] {_plugin(package)} = "{package}"  to pyproject.toml')
    say(f"Show   pip install -e . && auditor show {_plugin(package)}/{name}")
