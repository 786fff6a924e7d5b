"""Tables in one JSON object: columns, records keyed by id, or records in one of its fields."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from auditor.errors import InputError, near
from auditor.loaders._json_cells import Number, decoder

_DEEP = 4
_NUMBER = re.compile(r"-?\d+")
_PARTS = {"columns", "index", "data"}
_KEYED = "The records are the values of one object; their keys {}."
_INSIDE = "The records are those in the field {!r}{}."
_ONE = "The file is one object, and is read as one record."
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of a table, and what was assumed to find them."""

    rows: Sequence[Row | object]
    note: str | None = None


def unusable(path: Path, problem: str, remedy: str | None = None) -> InputError:
    """The error for a file that holds no records."""
    usual = "Give a JSON object on each line, an array of objects, or an object of columns."
    return InputError(problem, place=str(path), remedy=remedy or usual)


def table_in(text: bytes, path: Path, field: str | None) -> Found:
    """The table in a file that is one object.

    Args:
        text: the file.
        path: of it.
        field: where in it the records are, where that was said.

    Raises:
        InputError: it is no JSON, there is no table in it, or there are several.
    """
    try:
        json.loads(text, object_pairs_hook=_once)
        whole = text.decode()
        value = decoder(whole).decode(whole)
    except (ValueError, RecursionError) as error:
        raise unusable(path, f"it does not read as JSON ({error})") from None
    if not isinstance(value, dict):
        raise unusable(path, "it holds no object")
    if field is None:
        return _of_object(value, path)
    inner = field_of(value, field)
    if isinstance(inner, list):
        return Found(inner)
    if isinstance(inner, dict) and inner:
        return _of_object(inner, path)
    known = [*_candidates(value), *(value if isinstance(value, dict) else ())]
    raise InputError(
        f"there is no list of records in the field {field!r}{near(field, known)}",
        place=str(path),
        remedy=f"The fields are {', '.join(dict.fromkeys(known[:10]))}.",
    )


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object whose keys differ.

    Raises:
        ValueError: a key occurs twice, so that a value would be lost.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)!r} occurs twice in one object")
    return found


def field_of(value: object, field: str) -> object:
    """The value of a field, or of a field in a field, as in ``a.b``; None where there is none."""
    if not isinstance(value, dict) or field in value:
        return value.get(field) if isinstance(value, dict) else None
    for end in (place for place, char in enumerate(field) if char == "."):
        found = field_of(value.get(field[:end]), field[end + 1 :])
        if found is not None:
            return found
    return None


def _of_object(value: dict[str, object], path: Path) -> Found:
    """The table that an object is, or that is in one of its fields."""
    cells = list(value.values())
    if _PARTS >= value.keys() >= {"columns", "data"} and _is_split(value):
        names = [str(name) for name in value["columns"]]  # type: ignore[attr-defined]
        return Found([dict(zip(names, row, strict=True)) for row in value["data"]])  # type: ignore[attr-defined]
    if cells and all(isinstance(one, dict) and one for one in cells) and _are_rows(value):
        return _of_objects(value)  # type: ignore[arg-type]
    if _is_columns(cells):
        return Found(list(_rows(value)))  # type: ignore[arg-type]
    return _in_field(value, path)


def _are_rows(value: Mapping[str, object]) -> bool:
    """Whether the objects in an object are rows or columns, and not parts around the list that holds the records."""
    keys = [set(inner) for inner in value.values() if isinstance(inner, dict)]
    return not _candidates(value) or (len(keys) > 1 and bool(set.intersection(*keys)))


def _is_split(value: Mapping[str, object]) -> bool:
    """Whether an object holds names of columns, and rows as arrays."""
    names, rows = value["columns"], value["data"]
    return (
        isinstance(names, list)
        and isinstance(rows, list)
        and all(isinstance(row, list) and len(row) == len(names) for row in rows)
    )


def _is_columns(cells: Sequence[object]) -> bool:
    lists = [one for one in cells if isinstance(one, list)]
    return (
        bool(cells)
        and len(lists) == len(cells)
        and len(set(map(len, lists))) == 1
        and not all(_is_records(one) for one in lists)
    )


def _is_records(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _rows(columns: Mapping[str, Sequence[object]]) -> Iterator[Row]:
    for row in zip(*columns.values(), strict=True):
        yield dict(zip(columns, row, strict=True))


def _of_objects(value: dict[str, dict[str, object]]) -> Found:
    """Records keyed by id, or columns whose cells are keyed by row."""
    if _is_keyed(value):
        return _with_keys("id", value, _KEYED)
    rows: dict[str, dict[str, object]] = {key: {} for cells in value.values() for key in cells}
    for name, cells in value.items():
        for key, cell in cells.items():
            rows[key][name] = cell
    if list(rows) == [str(number) for number in range(len(rows))]:
        return Found(list(rows.values()))
    return _with_keys("index", rows, "The object holds columns whose cells are keyed by row; the keys {}.")


def _with_keys(name: str, rows: Mapping[str, dict[str, object]], note: str) -> Found:
    """Records with their keys as a column, unless one of that name says the same."""
    taken = {key for row in rows.values() for key in row}
    if name in taken and all(str(row.get(name)) == key for key, row in rows.items()):
        return Found(list(rows.values()), note.format(f"are those of column {name!r}"))
    if name in taken:
        name = next(one for one in chain(["key"], (f"key.{i}" for i in count(1))) if one not in taken)
    return Found([{name: key, **row} for key, row in rows.items()], note.format(f"are column {name!r}"))


def _is_keyed(value: Mapping[str, Mapping[str, object]]) -> bool:
    """Whether the objects in an object are records, and not columns."""
    inner = list(dict.fromkeys(key for row in value.values() for key in row))
    outer_numbers, inner_numbers = (all(map(_NUMBER.fullmatch, keys)) for keys in (value, inner))
    if outer_numbers != inner_numbers:
        return outer_numbers
    across = [{_kind(row[key]) for row in value.values() if row.get(key) is not None} for key in inner]
    within = [{_kind(cell) for cell in row.values() if cell is not None} for row in value.values()]
    mixed_across, mixed_within = (any(len(kinds) > 1 for kinds in both) for both in (across, within))
    return mixed_within if mixed_across != mixed_within else len(value) >= len(inner)


def _kind(cell: object) -> type:
    return int if isinstance(cell, Number) else type(cell)


def _candidates(value: object) -> list[str]:
    """The fields that hold lists of objects, from the outside in: those of the first level where there are any."""
    level: list[tuple[str, object]] = [("", value)]
    for _ in range(_DEEP):
        level = [
            (f"{place}.{key}" if place else key, one)
            for place, inner in level
            if isinstance(inner, dict)
            for key, one in inner.items()
        ]
        if found := [place for place, inner in level if _is_records(inner)]:
            return found
    return []


def _in_field(value: dict[str, object], path: Path) -> Found:
    fields = _candidates(value)
    if len(fields) > 1:
        raise unusable(
            path,
            f"it is one object with several lists of records: {', '.join(fields[:8])}",
            f"Name one: --records {fields[0]}, or records: {fields[0]} under data: in a plan.",
        )
    if fields:
        found = field_of(value, fields[0])
        others = [key for key in value if key != fields[0].partition(".")[0]]
        beside = f"; what is beside it is left out ({', '.join(others[:8])})" if others else ""
        return Found(found, _INSIDE.format(fields[0], beside))  # type: ignore[arg-type]
    if any(not isinstance(one, list | dict) for one in value.values()):
        return Found([value], _ONE)
    raise unusable(path, f"it is one object, with the keys {', '.join(map(repr, list(value)[:8]))}, and no table")
