"""Checking JSON-like data against types, and saying what is wrong in words."""

import dataclasses
import types
import typing
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar, cast

import pydantic
from pydantic_core import ErrorDetails

from auditor.errors import ConfigError, near

T = TypeVar("T")

_CONFIG = pydantic.ConfigDict(extra="forbid", allow_inf_nan=False, json_schema_serialization_defaults_required=True)
_EXPECTED = {
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "finite": "a finite number",
    "bool": "true or false",
    "tuple": "a list",
    "list": "a list",
    "mapping": "a mapping",
    "dict": "a mapping",
    "dataclass": "a mapping",
    "none": "nothing",
}


_adapters: dict[object, pydantic.TypeAdapter[tuple[Any]]] = {}


def adapter(kind: object) -> pydantic.TypeAdapter[tuple[Any]]:
    """The checker of ``(value,)``: pydantic hands a configuration down to plain dataclasses only from a type around them."""
    if kind not in _adapters:
        _adapters[kind] = pydantic.TypeAdapter(cast(Any, types.GenericAlias(tuple, (kind,))), config=_CONFIG)
    return _adapters[kind]


def parse(value: object, kind: type[T], *, place: str) -> T:
    """Check a JSON-like value against a dataclass, or any other type.

    Args:
        value: mappings, lists, text, numbers, true, false and None; lists stand for tuples.
        kind: what it has to be; keys that it does not know and numbers that are not finite are refused.
        place: what the value is from, such as a file's name.

    Raises:
        ConfigError: it does not fit; names the key, the value and what was expected.
    """
    return cast(T, check(value, kind, place=place))


def check(value: object, annotation: object, *, place: str) -> object:
    """As ``parse``, for any annotation: ``float | None``, ``Literal["a", "b"]``, ``tuple[str, ...]``."""
    try:
        return adapter(annotation).validate_python((value,))[0]
    except pydantic.ValidationError as error:
        errors = error.errors(include_url=False)
        first = min(errors, key=lambda one: one["type"] != "unexpected_keyword_argument")
        where = key_path(first["loc"][1:])
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise ConfigError(
            _problem(first, annotation) + more, place=place + (where if where[:1] in ("", "[") else f", {where}")
        ) from None


def key_path(parts: Sequence[int | str]) -> str:
    """A place inside nested data, in words: ``probes[1].favourable``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).removeprefix(".")


def shown(value: object, limit: int = 60) -> str:
    """A value as an error message shows it: on one line, and not too long."""
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _problem(error: ErrorDetails, annotation: object) -> str:
    """What is wrong, in words."""
    kind, value = error["type"], error["input"]
    if kind == "unexpected_keyword_argument":
        known = _fields(annotation, error["loc"][1:-1])
        return "unknown" + (near(str(error["loc"][-1]), known) or f"; the keys are {', '.join(known)}")
    if kind in ("missing", "missing_argument"):
        return "missing"
    if kind == "literal_error":
        expected = error["ctx"]["expected"]
        choices = [choice.strip("'") for choice in expected.replace(" or ", ", ").split(", ")]
        return f"expected {expected}, found {shown(value)}{near(str(value), choices)}"
    wanted = _EXPECTED.get(kind.split("_")[0])
    return f"expected {wanted}, found {shown(value)}" if wanted else f"{error['msg']}, found {shown(value)}"


def _fields(annotation: object, parts: Sequence[int | str]) -> list[str]:
    """Names of the fields of the dataclass at a place inside a type."""
    for part in parts:
        hints = [typing.get_type_hints(record) for record in _records(annotation)]
        annotation = next((named[part] for named in hints if part in named), annotation)
    return [field.name for record in _records(annotation) for field in dataclasses.fields(record)]


def _records(annotation: object) -> Iterator[type[Any]]:
    """The dataclasses that an annotation is, or holds as an item or as an alternative."""
    if isinstance(annotation, type) and dataclasses.is_dataclass(annotation):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from _records(inner)
