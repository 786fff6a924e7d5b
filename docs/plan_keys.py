"""Write docs/plan.md, the page that lists every key of audit.yaml, from the dataclasses that read it.

Run: python docs/plan_keys.py
"""

import dataclasses
import inspect
import re
import types
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from auditor.plan import Plan
from auditor.plugins import Step

PAGE = Path(__file__).with_name("plan.md")
INTRODUCTION = """# Every key of audit.yaml

An `audit.yaml` says what is audited, what is measured and what judges it; `auditor init` writes one, `auditor check` reads
one and says what it would do. Paths in it are relative to its folder. Only `data` is needed; what else is left out has the
default. Options of `auditor run` and arguments of `auditor.audit` say the same.

Short forms: `data: test.csv` for `data: {path: test.csv}`, the same for `model`; a group as `age:25,45` or `race=Caucasian`;
a probe as `label_flips:corrupt=keyboard_typos`; one thing for a list of one. Options of a probe stand beside its name:
`{use: label_flips, corrupt: keyboard_typos}`; `auditor show NAME` lists them.

This page is made by `python docs/plan_keys.py` from the dataclasses that read the file.
"""
WORDS: dict[object, str] = {str: "text", int: "whole number", float: "number", bool: "true or false", object: "any value"}


def page() -> str:
    """The page as Markdown."""
    sections = [_section("", Plan), *(_section(path, kind) for path, kind in _nested("", Plan))]
    return "\n\n".join([INTRODUCTION.rstrip(), *sections]) + "\n"


def _nested(path: str, kind: type) -> Iterator[tuple[str, type]]:
    """The dataclasses below one, in order, each with the key that it stands under."""
    for name, hint in typing.get_type_hints(kind).items():
        for inner, many in _dataclasses(hint):
            where = f"{path}{name}{'[]' if many else ''}"
            yield where, inner
            yield from _nested(f"{where}.", inner)


def _dataclasses(hint: Any, many: bool = False) -> Iterator[tuple[type, bool]]:
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        yield hint, many
    several = many or typing.get_origin(hint) is tuple
    for argument in typing.get_args(hint):
        yield from _dataclasses(argument, several)


def _section(path: str, kind: type) -> str:
    told, hints = _told(kind), typing.get_type_hints(kind)
    rows = [
        f"| `{field.name}` | {_type(hints[field.name])} | {_default(field)} | {_cell(told[field.name])} |"
        for field in dataclasses.fields(kind)
    ]
    summary = inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0].replace("\n", " ")
    title = f"## `{path}`\n\n{summary}" if path else "## At the top"
    return "\n".join([title, "", "| key | type | default | what |", "|---|---|---|---|", *rows])


def _told(kind: type) -> dict[str, str]:
    """What the documentation of a dataclass says of each attribute."""
    _, _, attributes = inspect.cleandoc(kind.__doc__ or "").partition("Attributes:\n")
    found = re.findall(r"^    (\w+): (.*(?:\n {8,}.*)*)", attributes, flags=re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in found}


def _cell(text: str) -> str:
    text = re.sub(r"\bNone\b", "nothing", re.sub(r"``(.*?)``", r"`\1`", text))
    return text.replace("|", "\\|")


def _type(hint: Any) -> str:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(dict.fromkeys(_type(one) for one in arguments if one is not type(None)))
    if origin is Literal:
        return ", ".join(f"`{one}`" for one in arguments)
    if origin is tuple:
        return f"list of {_type(arguments[0])}"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"mapping of {_type(arguments[0])} to {_type(arguments[1])}"
    return WORDS.get(hint, "keys below" if dataclasses.is_dataclass(hint) else getattr(hint, "__name__", "any value"))


def _default(field: "dataclasses.Field[Any]") -> str:
    if field.default is not dataclasses.MISSING:
        return _value(field.default)
    return "*needed*" if field.default_factory is dataclasses.MISSING else _value(field.default_factory())


def _value(value: Any) -> str:
    if dataclasses.is_dataclass(value):
        return "the defaults below"
    if isinstance(value, tuple) and value and isinstance(value[0], Step):
        return ", ".join(f"`{step.use}`" for step in value)
    if value is None or value in ((), {}):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else ', '.join(value) if isinstance(value, tuple) else value}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
