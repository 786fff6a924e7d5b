"""What an ONNX model wants to be given: rows of a table as its input tensors."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from auditor.errors import InputError
from auditor.loaders import _rows
from auditor.types import Offered

Cells = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Part:
    """An input.

    Attributes:
        name: in the model.
        kind: its type.
        columns: of a row, that it takes.
        flat: whether it is a list with one cell of each row, and not a table.
    """

    name: str
    kind: str
    columns: tuple[str, ...]
    flat: bool = False


def width(part: Any) -> int | None:
    """Number of cells in one row of a tensor; None where the model leaves it open."""
    sides: list[object] = part.shape[1:]
    known = [side for side in sides if isinstance(side, int)]
    return math.prod(known) if len(known) == len(sides) else None


def block_of(session: Any, place: str) -> int | None:
    """How many rows the model takes at a time; None where that is open.

    Raises:
        InputError: its inputs differ in that.
    """
    sizes = {part.shape[0] for part in session.get_inputs() if part.shape and isinstance(part.shape[0], int)}
    if len(sizes) > 1 or 0 in sizes:
        found = " and ".join(map(str, sorted(sizes)))
        raise InputError(f"its inputs take different numbers of rows at a time: {found}", place=place)
    return sizes.pop() if sizes else None


def reads_text(session: Any, columns: Sequence[str]) -> bool:
    """Whether the model takes a text, and not the cells of a row."""
    parts = session.get_inputs()
    return len(parts) == 1 and parts[0].type == "tensor(string)" and width(parts[0]) == 1 and len(columns) <= 1


def inputs_of(session: Any, offered: Offered, place: str) -> tuple[Part, ...]:
    """The inputs, with the columns that fill them.

    An input of one cell takes the column that it is named after. Where an input takes several cells, or none is named after
    a column and the columns are named by a person, they are taken in order.

    Raises:
        InputError: an input is none that a table can fill, or columns are missing.
    """
    parts = session.get_inputs()
    for part in parts:
        if part.type not in KINDS or len(part.shape) not in (1, 2):
            problem = f"cannot fill the input {part.name!r} of type {part.type} {part.shape}"
            remedy = "Text models with tokens need a transformers folder with their tokenizer"
            raise InputError(problem, place=place, remedy=remedy)
    widths = [width(part) for part in parts]
    # Converters replace what is no letter, digit or underline in the names of inputs.
    spelled = {re.sub(r"\W", "_", column): column for column in offered.columns}
    known = any(part.name in spelled for part in parts)
    if all(size == 1 for size in widths) and (known or (len(parts) > 1 and not offered.named)):
        names = _rows.chosen([spelled.get(part.name, part.name) for part in parts], None, offered, place)
    else:
        names = _in_order(widths, offered, place)
    rest, found = list(names), []
    for part, size in zip(parts, widths, strict=True):
        taken = rest[: len(rest) if size is None else size]
        rest = rest[len(taken) :]
        found.append(Part(part.name, part.type, tuple(taken), len(part.shape) == 1))
    return tuple(found)


def _in_order(widths: Sequence[int | None], offered: Offered, place: str) -> tuple[str, ...]:
    if None in widths and len(widths) > 1:
        raise InputError("it has several inputs, of which one does not say how many columns it takes", place=place)
    total = None if None in widths else sum(size for size in widths if size is not None)
    return _rows.chosen((), total, offered, place)


def fed(parts: Sequence[Part], rows: Sequence[tuple[object, ...]], place: str) -> dict[str, Cells]:
    """Rows as input tensors.

    Raises:
        InputError: a cell does not fit.
    """
    columns, tensors, start = list(zip(*rows, strict=True)), {}, 0
    for part in parts:
        some = columns[start : start + len(part.columns)]
        start += len(part.columns)
        cells = [_cells(column, part.kind, name, place) for name, column in zip(part.columns, some, strict=True)]
        tensors[part.name] = cells[0] if part.flat else np.stack(cells, axis=1)
    return tensors


def _cells(column: Sequence[object], kind: str, name: str, place: str) -> Cells:
    """One column as the model wants it.

    Raises:
        InputError: a cell does not fit.
    """
    dtype, convert = KINDS[kind]
    try:
        return np.array([convert(cell) for cell in column], dtype=dtype)
    except (ValueError, TypeError, OverflowError) as error:
        raise InputError(f"the model reads {kind} in column {name!r}: {error}", place=place) from None


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)


def _real(cell: Any) -> float:
    return float("nan") if cell is None else float(cell)


def _whole(cell: Any) -> int:
    number = int(cell)
    if number != float(cell):
        raise ValueError(f"{cell!r} is no whole number")
    return number


def _truth(cell: object) -> bool:
    if cell not in (True, False):
        raise ValueError(f"{cell!r} is no truth value")
    return bool(cell)


KINDS: Final[Mapping[str, tuple[type, Callable[[Any], object]]]] = {
    "tensor(float)": (np.float32, _real),
    "tensor(double)": (np.float64, _real),
    "tensor(float16)": (np.float16, _real),
    "tensor(int64)": (np.int64, _whole),
    "tensor(int32)": (np.int32, _whole),
    "tensor(int16)": (np.int16, _whole),
    "tensor(int8)": (np.int8, _whole),
    "tensor(uint8)": (np.uint8, _whole),
    "tensor(bool)": (np.bool_, _truth),
    "tensor(string)": (np.object_, _text),
}
"""Input types that cells of a table can fill: NumPy's type, and how a cell is converted. Missing numbers are NaN where the
type has it, missing texts are empty, and a missing whole number does not fit."""
