"""What there is: loaders, passes and probes of the package and of plugins, found in their source without importing it."""

import ast
import functools
import importlib
import importlib.metadata
import importlib.util
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from auditor import declare
from auditor.errors import ConfigError, near

Noun = Literal["loader", "pass", "probe"]

GROUP = "auditor.plugins"
"""Entry points of this group name the packages of plugins; the package itself is the plugin with the empty name."""

_FOLDERS = {"loader": "loaders", "pass": "passes", "probe": "probes"}
_NOUNS: dict[str, Noun] = {"loader": "loader", "row_pass": "pass", "table_pass": "pass", "probe": "probe"}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """A function of the catalogue, as its source shows it.

    Attributes:
        name: what plans call it: ``file``, ``file.function``, or either after ``plugin/``.
        noun: what it is.
        summary: the first sentence of its documentation.
        path: the file that it is in.
        line: the line of its definition, from 1.
        module: the module to import.
        function: its name in the module.
    """

    name: str
    noun: Noun
    summary: str
    path: Path
    line: int
    module: str
    function: str


def entries(noun: Noun) -> tuple[Entry, ...]:
    """Everything of one noun, in order of plugin and name; nothing is imported."""
    found = (entry for plugin, package in _packages().items() for entry in _of_package(noun, plugin, package))
    return tuple(sorted(found, key=lambda entry: ("/" in entry.name, entry.name)))


def names(noun: Noun) -> tuple[str, ...]:
    """The names of everything of one noun; nothing is imported."""
    return tuple(entry.name for entry in entries(noun))


def find(noun: Noun, name: str) -> Callable[..., object]:
    """Import a loader, pass or probe by its name.

    Raises:
        ConfigError: there is none of this name, or its module cannot be imported.
    """
    entry = next((entry for entry in entries(noun) if entry.name == name), None)
    if entry is None:
        raise ConfigError(f"unknown {noun} {name!r}{_hint(noun, name)}", remedy=f"Run: auditor list {_FOLDERS[noun]}")
    try:
        function = getattr(importlib.import_module(entry.module), entry.function)
    except ImportError as error:
        raise ConfigError(f"{noun} {name!r} cannot be imported: {error}", place=str(entry.path)) from None
    declare.info(function)
    return cast(Callable[..., object], function)


def _hint(noun: Noun, name: str) -> str:
    plugin, slash, _ = name.rpartition("/")
    if slash and plugin not in _packages():
        return f"; no plugin {plugin!r} is installed"
    for other in (one for one in _FOLDERS if one != noun):
        if name in names(cast(Noun, other)):
            return f"; {name!r} is a {other}"
    return near(name, names(noun))


def _packages() -> dict[str, str]:
    """Plugin names and their packages."""
    found = importlib.metadata.entry_points(group=GROUP)
    return {"": __name__.split(".", 1)[0]} | {point.name: point.value for point in sorted(found, key=lambda point: point.name)}


def _of_package(noun: Noun, plugin: str, package: str) -> Iterator[Entry]:
    prefix = f"{plugin}/" if plugin else ""
    for path in sorted((_folder_of(package) / _FOLDERS[noun]).glob("[!_]*.py")):
        for mark, function, line, summary in _marked(path, path.stat().st_mtime_ns):
            if _NOUNS[mark] == noun:
                name = path.stem if function == path.stem else f"{path.stem}.{function}"
                yield Entry(prefix + name, noun, summary, path, line, f"{package}.{_FOLDERS[noun]}.{path.stem}", function)


def _folder_of(package: str) -> Path:
    """Where a package's files are; only the spec of its top level is looked up, which imports nothing."""
    top, *rest = package.split(".")
    spec = importlib.util.find_spec(top)
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError(f"the package {package!r} of a plugin is not there", remedy="Install the plugin again, or remove it.")
    return Path(spec.submodule_search_locations[0], *rest)


@functools.cache
def _marked(path: Path, _changed: int) -> tuple[tuple[str, str, int, str], ...]:
    """Mark, name, line and first sentence of each marked function of a file; one that is not Python is warned of."""
    try:
        tree = ast.parse(path.read_bytes())
    except SyntaxError as error:
        _log.warning("%s, line %s: left out of the catalogue: %s", path, error.lineno, error.msg)
        return ()
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return tuple((mark, node.name, node.lineno, _sentence(node)) for node in functions for mark in _marks(node))


def _marks(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if name in _NOUNS:
            yield name


def _sentence(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    return (ast.get_docstring(node) or "").split("\n\n", maxsplit=1)[0].replace("\n", " ").strip()
