"""YAML and JSON files to dataclasses, and dataclasses to JSON and JSON Schema."""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

import yaml

from auditor.codec import yaml12
from auditor.codec.checking import adapter, parse
from auditor.errors import ConfigError

T = TypeVar("T")


def read_text(path: Path) -> str:
    """Read a text file that people write.

    Raises:
        ConfigError: it is not there, or it is not UTF-8.
    """
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"byte {error.start} is not UTF-8", place=str(path), remedy="Save the file as UTF-8.") from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror or error}", place=str(path)) from None


def yaml_value(text: str, *, place: str) -> object:
    """Read YAML 1.2 as JSON-like data.

    Raises:
        ConfigError: it is not YAML, with line and column; it says a key twice, or uses aliases.
    """
    try:
        return yaml12.load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        spot = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = " ".join(part for part in (error.context, error.problem) if part)
        raise ConfigError(f"not readable as YAML: {problem}", place=place + spot) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"not readable as YAML: {' '.join(str(error).split())}", place=place) from None


def read_yaml(path: Path, kind: type[T]) -> T:
    """Read a YAML file as a dataclass.

    Raises:
        ConfigError: it cannot be read, or it does not fit.
    """
    return parse(yaml_value(read_text(path), place=str(path)), kind, place=str(path))


def read_json(path: Path, kind: type[T]) -> T:
    """Read a JSON file as a dataclass.

    Raises:
        ConfigError: it cannot be read, or it does not fit.
    """
    return parse(json_value(path), kind, place=str(path))


def json_value(path: Path) -> object:
    """Read a JSON file as it is.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        value: object = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        spot = f"{path}, line {error.lineno}, column {error.colno}"
        raise ConfigError(f"not readable as JSON: {error.msg}", place=spot) from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"not readable as JSON: {error}", place=str(path)) from None
    return value


def plain(value: object) -> object:
    """A dataclass as JSON-like data; numpy's numbers become Python's."""
    dumped = adapter(type(value)).dump_python((value,), mode="json", warnings=False, fallback=_number)
    return cast(list[object], dumped)[0]


def _number(value: object) -> object:
    if callable(item := getattr(value, "item", None)):
        return item()
    raise TypeError(f"{value!r} is not data that can be written as JSON")


def to_json(value: object) -> str:
    """A dataclass as indented JSON with a final line end; the same value gives the same bytes.

    Raises:
        ValueError: a number in it is not finite.
    """
    return json.dumps(plain(value), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def schema(kind: type[object]) -> Mapping[str, object]:
    """The JSON Schema (2020-12) of a dataclass as ``to_json`` writes it, with ``$id`` and ``title``.

    The ``$id`` is made of the default of the dataclass's field ``schema`` where it has one, else of its name.
    """
    made = adapter(kind).json_schema(mode="serialization")
    definitions = made["$defs"]
    defaults = {field.name: field.default for field in dataclasses.fields(cast(Any, kind))}
    version = str(defaults.get("schema", f"auditor.{kind.__name__.lower()}"))
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:" + version.replace(".", ":").replace("/", ":"),
    }
    return {**head, **definitions.pop(kind.__name__), "$defs": definitions}
