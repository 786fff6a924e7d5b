"""Configuration that names code, and code itself."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from auditor.scan import templates
from auditor.scan.findings import Sheet
from auditor.scan.member_names import leaves
from auditor.scan.regions import Region
from auditor.scan.trust import trust

_CODE: Final = frozenset(
    {".py", ".pyc", ".pyo", ".pyd", ".pyx", ".so", ".dll", ".dylib", ".exe", ".sh", ".bat", ".ps1", ".jar"}
)
_LONGEST: Final = 16 << 20
"""Bytes of a configuration that are read; a longer one is cut, and so does not read as JSON."""

_TAG: Final = re.compile(rb"!!python/|!<tag:yaml.org,2002:python/")
_POINTER: Final = b"version https://git-lfs.github.com/spec/"


def read(region: Region, sheet: Sheet) -> bool:
    """Check a file that is code or configuration by its name; returns whether it is one."""
    name = region.name.rsplit("/", 1)[-1].lower()
    if region.suffix in _CODE:
        sheet.add("unsafe", "code file", "is a program; loaders may run it", region.inside)
    elif region.head(len(_POINTER)) == _POINTER:
        sheet.add("broken", "missing file", "is a pointer of Git LFS and not the file itself", region.inside)
    elif region.suffix in (".yaml", ".yml"):
        _yaml(region, sheet)
    elif region.suffix == ".json" and (check := next((c for part, c in _JSON.items() if part in name), None)):
        _json(region, sheet, check)
    else:
        return False
    return True


def _yaml(region: Region, sheet: Sheet) -> None:
    if _TAG.search(region.head(_LONGEST)):
        sheet.add("unsafe", "yaml tag", "has tags that make a careless reader build Python objects", region.inside)


def _json(region: Region, sheet: Sheet, check: Callable[[object, Region, Sheet], None]) -> None:
    try:
        value = json.loads(region.head(_LONGEST))
    except (ValueError, RecursionError) as error:
        sheet.add("broken", "broken JSON", f"{type(error).__name__}: {error}", region.inside)
    else:
        check(value, region, sheet)


def _configuration(value: object, region: Region, sheet: Sheet) -> None:
    for node in _nodes(value):
        for key in ("auto_map", "custom_pipelines"):
            if node.get(key):
                sheet.add("unsafe", "auto_map", f"{key} names code to load with the model: {node[key]}", region.inside)
        for template in _strings(node.get("chat_template")):
            templates.check(template, sheet, region.inside)
        _keras_layer(node, region, sheet)


def _keras_layer(node: Mapping[str, object], region: Region, sheet: Sheet) -> None:
    """Layers that carry code, or are taken from any module (CVE-2025-1550)."""
    name, module = node.get("class_name"), node.get("module")
    if name in ("Lambda", "__lambda__"):
        sheet.add("unsafe", "lambda layer", "a layer carries Python code", region.inside)
    elif isinstance(name, str) and isinstance(module, str) and module.split(".")[0] != "keras":
        sheet.add("unsafe", "foreign layer", f"a layer is taken from {module}.{name}", region.inside)


def _index(value: object, region: Region, sheet: Sheet) -> None:
    """An index of weights must not name files outside of its folder."""
    for node in _nodes(value):
        for place in _strings(node.get("weight_map")):
            if leaves(place):
                sheet.add("unsafe", "external data", f"reads weights from outside of its folder: {place}", region.inside)


def _schema(value: object, region: Region, sheet: Sheet) -> None:
    """The types that a skops file is rebuilt from."""
    for node in _nodes(value):
        name, module = node.get("__class__"), node.get("__module__")
        if not isinstance(name, str) or not isinstance(module, str):
            continue
        level = trust(module, name)
        if level in ("unsafe", "malicious"):
            sheet.add(level, "untrusted type", f"is rebuilt with {module}.{name}", region.inside)


_JSON: Final[Mapping[str, Callable[[object, Region, Sheet], None]]] = {
    ".index.json": _index,
    "schema.json": _schema,
    "config": _configuration,
    "chat_template": _configuration,
}
"""How a JSON file is checked, by a part of its name."""


def _nodes(value: object) -> Iterator[dict[str, object]]:
    """All objects of a JSON value, without recursion."""
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def _strings(value: object) -> Iterator[str]:
    """All texts of a JSON value, without recursion."""
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            yield node
        elif isinstance(node, (dict, list)):
            waiting.extend(node.values() if isinstance(node, dict) else node)
