"""YAML as people mean it, the core schema of YAML 1.2: ``no``, ``2024-01-01`` and ``0123`` are text, 1e-3 is a number."""

import re
from typing import TYPE_CHECKING, cast

import yaml

if TYPE_CHECKING:
    _Base = yaml.SafeLoader
else:  # the loader in C is ten times as fast, but not every build of PyYAML has it
    _Base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_DEEPEST = 100
_INT = r"[-+]?(0|[1-9][0-9]*)"
_SCALARS = (
    ("null", r"~|null|Null|NULL|", ("~", "n", "N", "")),
    ("bool", r"true|True|TRUE|false|False|FALSE", tuple("tTfF")),
    ("int", _INT, tuple("-+0123456789")),
    ("float", rf"({_INT}(\.[0-9]*)?|[-+]?\.[0-9]+)([eE][-+]?[0-9]+)?", tuple("-+.0123456789")),
)


class _Loader(_Base):
    """A safe loader that refuses keys said twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        """Build a mapping, each key once."""
        seen: set[str] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise _problem(f"the key {key.value!r} is there twice", key)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in _SCALARS:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))


def _refuse_traps(text: str) -> None:
    """Look for what could exhaust memory or the stack: aliases of aliases, and nesting without end."""
    depth = 0
    for event in yaml.parse(text, _Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise _problem("nested too deeply", event)
        if isinstance(event, yaml.AliasEvent):
            raise _problem("aliases are not read; write the value out", event)


def _problem(what: str, at: yaml.Event | yaml.Node) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(None, None, what, cast(yaml.Mark, at.start_mark))


def load(text: str) -> object:
    """Read one document as JSON-like data; nothing but plain data is ever built.

    Raises:
        yaml.YAMLError: it is not YAML, it says a key twice, it uses aliases, or it is nested more than 100 deep.
        ValueError: a number in it has thousands of digits.
    """
    _refuse_traps(text)
    value: object = _Loader(text).get_single_data()
    return value
