"""Views: a column of a text format is kept as it was written, and a number or a truth value is a view of it."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

Sees = Literal["int", "float", "bool", "text"]

NULL_SPELLINGS = ("NA", "N/A", "n/a", "#N/A", "NULL", "Null", "null", "None", "none", "?", "-")
"""Seen as missing among numbers; among text they stay, and the data quality probe counts them."""

TOKENS = {b"auditor.cells": b"json"}
"""Metadata of a field whose cells are JSON text, in batches that are handed to passes."""

TYPES: dict[Sees, pa.DataType] = {"int": pa.int64(), "float": pa.float64(), "bool": pa.bool_(), "text": pa.string()}
_NO_NAMES = ("nan", "NaN", "NAN")
"""Missing where the numbers of a column are names."""

_NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


class Misfit(ValueError):
    """A cell is not of the kind that its column was taken for."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The signs in numbers.

    Attributes:
        decimal: between whole and fraction.
        thousands: between groups of three digits of the whole; empty where there is none.
    """

    decimal: str = "."
    thousands: str = ""


POINT = Marks()
"""As programs write numbers."""


@dataclass(frozen=True, slots=True)
class View:
    """How the cells of a column are seen that is kept as it was written.

    Attributes:
        sees: as what; None where the column is kept as it is seen.
        form: what is kept: the ``plain`` text of a cell, or its ``json``.
        marks: the signs in its numbers.
        words: what false and true are called.
        absent: whether a missing cell is a key that the record did not have, and not a null.
        strings: whether all cells of JSON are strings, so that passes take them as the texts that they are.
        only_role: whether only a role sees it so, and it is text in its own format.
    """

    sees: Sees | None
    form: Literal["plain", "json"] = "plain"
    marks: Marks = POINT
    words: tuple[str, str] = ("false", "true")
    absent: bool = False
    strings: bool = False
    only_role: bool = False


Views = Mapping[str, View]


def is_text(kind: pa.DataType) -> bool:
    """Whether cells of a type are text."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def holds(kind: pa.DataType, wanted: Callable[[pa.DataType], bool]) -> bool:
    """Whether cells of this type, or of the types of lists and records that they are, are of a wanted type."""
    if _is_list(kind):
        return holds(kind.value_type, wanted)
    return wanted(kind) or bool(pa.types.is_struct(kind) and any(holds(field.type, wanted) for field in kind))


def holds_text(kind: pa.DataType) -> bool:
    """Whether there are texts in cells of this type that passes reach."""
    return holds(kind, is_text)


def hides_text(kind: pa.DataType) -> bool:
    """Whether there are texts in cells of this type that are out of reach."""
    if is_text(kind) or not (pa.types.is_nested(kind) or pa.types.is_dictionary(kind)):
        return False
    if _is_list(kind):
        return hides_text(kind.value_type)
    if pa.types.is_struct(kind):
        return any(hides_text(field.type) for field in kind)
    return "string" in str(kind)


def is_json(field: pa.Field) -> bool:
    """Whether the cells of a column that a pass is given are JSON."""
    return bool(is_text(field.type) and field.metadata and TOKENS.items() <= field.metadata.items())


def seen_as(cells: pa.ChunkedArray, view: View, *, text: bool = False) -> pa.ChunkedArray:
    """The cells of a column as they are seen.

    Args:
        cells: as they were written.
        view: how they are seen.
        text: whether to see them as text, where numbers are only names, as of groups; null spellings are missing then too.

    Raises:
        Misfit: a cell cannot be seen that way.
    """
    if view.sees is None:
        return cells
    cells = cells if pa.types.is_string(cells.type) else cells.cast(pa.string())
    wanted = TYPES["text" if text else view.sees]
    if view.form == "json":
        return _content(cells) if view.sees == "text" else _cast(_blanked(cells, pa.array(["null", *_NO_NAMES * text])), wanted)
    if view.marks == POINT and wanted != pa.string():
        try:
            return _cast(cells, wanted)
        except Misfit:
            pass
    trimmed = pc.utf8_trim_whitespace(cells)
    missing = pc.is_in(trimmed, pa.array(["", *NULL_SPELLINGS]))
    if wanted == pa.string():
        missing = pc.or_(missing, pc.is_in(trimmed, pa.array(_NO_NAMES)))
        return pc.if_else(missing, pa.scalar(None, pa.string()), cells)
    return _cast(with_point(pc.if_else(missing, pa.scalar(None, pa.string()), trimmed), view.marks), wanted)


def written_as(cells: pa.ChunkedArray, view: View) -> pa.Array:
    """Cells as they are seen, as text of the form that their column is kept in."""
    return pa.array([_written(cell, view) for cell in cells.to_pylist()], pa.string())


_ALIKE = {" ": "[ \u00a0\u202f\u2009]", "'": "['\u2019]"}
"""Signs of thousands that look alike, as regular expressions."""


def pattern(marks: Marks) -> str:
    """What a number looks like, as a regular expression (RE2)."""
    point, comma = re.escape(marks.decimal), _ALIKE.get(marks.thousands, re.escape(marks.thousands))
    whole = rf"(\d+|[1-9]\d{{0,2}}({comma}\d{{3}})+)" if comma else r"\d+"
    return rf"[+-]?({whole}({point}\d*)?|{point}\d+)([eE][+-]?\d+)?"


def with_point(cells: pa.ChunkedArray, marks: Marks) -> pa.ChunkedArray:
    """Numbers as programs write them.

    Raises:
        Misfit: a cell is no number with these signs.
    """
    if marks == POINT:
        return cells
    if not pc.all(pc.match_substring_regex(cells, rf"^({pattern(marks)}|[+-]?(?i:nan|inf|infinity))$"), min_count=0).as_py():
        raise Misfit(pattern(marks))
    comma = _ALIKE.get(marks.thousands, re.escape(marks.thousands))
    plain = pc.replace_substring_regex(cells, comma, "") if marks.thousands else cells
    return pc.replace_substring(plain, marks.decimal, ".")


def _blanked(cells: pa.ChunkedArray, missing: pa.Array) -> pa.ChunkedArray:
    return pc.if_else(pc.is_in(cells, missing), pa.scalar(None, pa.string()), cells)


def _cast(cells: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray:
    try:
        return pc.cast(cells, wanted)
    except pa.ArrowInvalid:
        raise Misfit(str(wanted)) from None


def _content(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Strings without their quotes, what is null as missing, and everything else as its JSON."""
    quoted = pc.fill_null(pc.starts_with(cells, '"'), False)
    plain = _blanked(cells, pa.array(["null"]))
    if not pc.any(quoted).as_py():
        return plain
    texts = pa.array([json.loads(cell) for cell in cells.filter(quoted).to_pylist()], pa.string())
    return pa.chunked_array([pc.replace_with_mask(plain.combine_chunks(), quoted.combine_chunks(), texts)])


def _written(cell: object, view: View) -> str | None:
    if cell is None:
        return "null" if view.form == "json" else None
    if isinstance(cell, bool):
        return view.words[cell]
    if isinstance(cell, str):
        return json.dumps(cell, ensure_ascii=False) if view.form == "json" else cell
    found = repr(cell)
    if view.form == "json":
        return _NOT_FINITE.get(found, found)
    return found.replace(".", view.marks.decimal)
