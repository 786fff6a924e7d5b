"""JSON-like data as YAML for people, which reads back as the same data."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

_PLAIN = re.compile(r"[A-Za-z_][\w./-]*", re.ASCII)
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"})


class _Dumper(yaml.SafeDumper):
    """Writes text in quotes wherever a reader of any version of YAML might take it for something else."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write equal parts out."""
        del data
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Dumper.add_representer(str, _text)


def to_yaml(value: Mapping[str, object]) -> str:
    """JSON-like data as YAML 1.2, keys in their order."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
