"""What kind of cells a column of text holds, and making it that kind.

Cells become numbers only where nothing is lost by it: integers with leading zeros, integers beyond 64 bits and dates stay text.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

Kind = Literal["nothing", "bool", "int", "float", "text"]

NULL_SPELLINGS = ("NA", "N/A", "n/a", "#N/A", "NULL", "Null", "null", "None", "none", "?", "-")
"""Read as missing among numbers; among text they stay, and the data quality probe counts them."""

TYPES: dict[Kind, pa.DataType] = {
    "nothing": pa.string(),
    "bool": pa.bool_(),
    "int": pa.int64(),
    "float": pa.float64(),
    "text": pa.string(),
}
_BOOLEANS = (("True", "False"), ("true", "false"), ("TRUE", "FALSE"))
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*|\s*[+-]?(nan|inf|infinity)\s*", re.IGNORECASE)
_WHOLE = re.compile(r"\s*-?\d+\s*|" + "|".join(rf"\s*{re.escape(word)}\s*" for word in NULL_SPELLINGS))
_NUMBERS: tuple[Kind, ...] = ("int", "float")
_HEAD = 64


class Misfit(ValueError):
    """A cell is not of the kind its column was taken for."""


def join(one: Kind, other: Kind) -> Kind:
    """The narrowest kind that holds both."""
    kinds = {one, other} - {"nothing"}
    if len(kinds) <= 1:
        return kinds.pop() if kinds else "nothing"
    return "float" if kinds == {"int", "float"} else "text"


def empty(kinds: Mapping[str, Kind]) -> pa.Schema:
    """The schema of columns of these kinds."""
    return pa.schema([pa.field(name, TYPES[kind]) for name, kind in kinds.items()])


def stored_kind(cells: pa.ChunkedArray) -> Kind:
    """The kind of a column that has its type already."""
    return next((kind for kind, known in TYPES.items() if known == cells.type and kind != "nothing"), "nothing")


def kind_of(cells: pa.ChunkedArray) -> Kind:
    """The kind of a column of text, looking at every cell where the first ones do not settle it."""
    first = _first(cells)
    if not all(map(_may_be_number, first)):
        return "bool" if _is_boolean(cells) else "text"
    for kind in _NUMBERS if all(map(_WHOLE.fullmatch, first)) else _NUMBERS[1:]:
        try:
            numbers = as_kind(cells, kind)
        except Misfit:
            continue
        return kind if numbers.null_count < len(numbers) else "nothing"
    return "text"


def is_number(cell: str) -> bool:
    """Whether a cell is written as a number."""
    return _NUMBER.fullmatch(cell) is not None


def looks_numeric(cells: pa.ChunkedArray) -> bool:
    """Whether the first cells are numbers, with null spellings among them."""
    first = _first(cells)
    return any(map(is_number, first)) and all(map(_may_be_number, first))


def _first(cells: pa.ChunkedArray) -> list[str]:
    return cells.slice(0, 4 * _HEAD).drop_null().slice(0, _HEAD).to_pylist()  # type: ignore[no-any-return]


def _may_be_number(cell: str) -> bool:
    return is_number(cell) or cell.strip() in NULL_SPELLINGS


def _is_boolean(cells: pa.ChunkedArray) -> bool:
    values = pc.unique(cells.slice(0, 4 * _HEAD)).drop_null().to_pylist()
    pair = next((pair for pair in _BOOLEANS if set(values) <= set(pair)), None)
    return pair is not None and bool(pc.all(pc.is_in(cells.drop_null(), pa.array(pair))).as_py())


def as_kind(cells: pa.ChunkedArray, kind: Kind) -> pa.ChunkedArray:
    """A column as a kind; null spellings among numbers become missing.

    Raises:
        Misfit: a cell does not fit, or would lose something.
    """
    wanted = TYPES[kind]
    if cells.type == wanted:
        return cells
    if not pa.types.is_string(cells.type) or kind == "bool":
        return _cast(cells, wanted)
    try:
        numbers = _cast(cells, wanted)
    except Misfit:
        trimmed = pc.utf8_trim_whitespace(cells)
        cells = pc.if_else(pc.is_in(trimmed, pa.array(NULL_SPELLINGS)), pa.scalar(None, pa.string()), trimmed)
        numbers = _cast(cells, wanted)
    if _loses(cells, kind):
        raise Misfit(kind)
    return numbers


def _cast(cells: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray:
    try:
        return pc.cast(cells, wanted, safe=not pa.types.is_integer(cells.type))
    except pa.ArrowInvalid:
        raise Misfit(str(wanted)) from None


def _loses(cells: pa.ChunkedArray, kind: Kind) -> bool:
    if kind == "int":
        padded = pc.and_(
            pc.or_(pc.starts_with(cells, "0"), pc.starts_with(cells, "-0")), pc.greater(pc.binary_length(cells), 1)
        )
        return bool(pc.any(padded).as_py())
    long = pc.greater(pc.binary_length(cells), 15)
    if not pc.any(long).as_py():
        return bool(pc.any(pc.match_substring_regex(cells, r"^-?0\d")).as_py())
    return bool(pc.any(pc.match_substring_regex(cells, r"^[+-]?\d{16,}\.?$|^-?0\d")).as_py())


def spelled_missing(cells: pa.ChunkedArray) -> Counter[str]:
    """How often each null spelling occurs among the cells of a column of text."""
    trimmed = pc.utf8_trim_whitespace(cells)
    found = pc.value_counts(trimmed.filter(pc.fill_null(pc.is_in(trimmed, pa.array(NULL_SPELLINGS)), False)))
    return Counter({entry["values"]: entry["counts"] for entry in found.to_pylist()})
