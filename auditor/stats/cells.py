"""Cells as text: one spelling for what people mean as one value, whatever type a file format gave it."""

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from auditor.errors import InputError
from auditor.types import Floats, Integers
from auditor.types.plain import comparable, listed, storage_of

WHOLE = re.compile(r"(-?(?:0|[1-9]\d*))\.0+")
"""A whole number written with a fraction of zeros; ``01`` and ``1e0`` are left as they are."""

NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
"""A number as data files write it; not ``nan``, not ``inf``."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A column as integers.

    Attributes:
        codes: index into ``names`` of each row's value, shape ``(n,)``; -1 where it is missing.
        names: the distinct values as text, in an order of their own.
    """

    codes: Integers
    names: tuple[str, ...]

    def renamed(self, names: Mapping[str, str]) -> "Encoded":
        """The same cells under other names, of which several may be one."""
        if not names.keys() & set(self.names):
            return self
        new = [names.get(name, name) for name in self.names]
        merged = tuple(dict.fromkeys(new))
        lookup = np.array([*(merged.index(name) for name in new), -1], dtype=np.int64)
        return Encoded(lookup[self.codes], merged)


def text(cell: object) -> str | None:
    """A cell in canonical form; None where it is missing.

    Missing are null, NaN and text that is empty or blank. Space around text is dropped. Whole numbers have no fraction, so
    ``1``, ``1.0`` and ``"1.0"`` are all ``1``; text that is canonically equal, such as an ö of one character and of two, is one
    value (Unicode's NFC); truth values are ``true`` and ``false`` in any case, as text or as such.
    """
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return None
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    found = str(cell).strip()
    if not found.isascii():
        found = unicodedata.normalize("NFC", found)
    if whole := WHOLE.fullmatch(found):
        return "0" if whole[1] == "-0" else whole[1]
    return found.lower() if found.lower() in ("true", "false") else found or None


def canonical(names: Mapping[str, str]) -> dict[str, str]:
    """A map of cells to names in canonical form on both sides."""
    return {str(text(cell)): str(text(name)) for cell, name in names.items()}


def encode(column: pa.ChunkedArray, name: str = "") -> Encoded:
    """A column's cells in canonical form, as integers; costs a dictionary look-up a row and text work a distinct value.

    Args:
        column: cells of any type that is not nested.
        name: the column's name, for the error.

    Raises:
        InputError: the column holds lists or records.
    """
    if pa.types.is_nested(storage_of(column.type)):
        problem = f"holds {column.type}, expected text, numbers or truth values"
        raise InputError(problem, place=f"column {name!r}" if name else "", remedy="Flatten the column.")
    if pa.types.is_null(column.type):
        return Encoded(np.full(len(column), -1, dtype=np.int64), ())
    plain = column if pa.types.is_dictionary(column.type) else _dictionary(column)
    whole = plain.unify_dictionaries().combine_chunks()
    texts = [text(cell) for cell in listed(whole.dictionary)]
    names = tuple(dict.fromkeys(found for found in texts if found is not None))
    position = {found: index for index, found in enumerate(names)}
    # One entry more for null, whose index -1 reaches the last place.
    lookup = np.array([-1 if found is None else position[found] for found in (*texts, None)], dtype=np.int64)
    indices = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return Encoded(lookup[indices], names)


def _dictionary(column: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        return column.dictionary_encode()
    except pa.ArrowNotImplementedError:
        return comparable(column).dictionary_encode()


def numbers(column: pa.ChunkedArray) -> Floats:
    """A numeric or Boolean column as float64, shape ``(n,)``; NaN where it is missing.

    Raises:
        ValueError: the column is not numeric.
    """
    if not is_numeric(column.type):
        raise ValueError(str(column.type))
    return np.asarray(column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), dtype=np.float64)


def is_numeric(kind: pa.DataType) -> bool:
    """Whether cells of this type are numbers or truth values, or all missing."""
    simple = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
    return bool(simple or pa.types.is_decimal(kind) or pa.types.is_null(kind))
