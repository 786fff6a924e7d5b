"""Asking an ONNX model: rows to its input tensors, its output to probabilities."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from auditor.errors import InputError
from auditor.loaders import _rows
from auditor.types import Floats

Cells = NDArray[Any]
Scale = Literal["probability", "decision"]

_TOLERANCE: Final = 1e-3


class Part(NamedTuple):
    """An input: its name in the model, its type, and the name of its column."""

    name: str
    kind: str
    column: str


@dataclass(frozen=True, slots=True)
class Output:
    """Where the scores are: the output's name, whether it is a list of maps by class, and what its numbers are."""

    name: str
    mapped: bool
    scale: Scale


@dataclass(frozen=True, slots=True)
class Network:
    """A model that is ready to answer.

    Attributes:
        session: of onnxruntime.
        inputs: one with all columns, or one for each column.
        columns: of a row; empty for texts.
        output: with the scores.
        classes: their names.
        place: the file.
    """

    session: Any
    inputs: tuple[Part, ...]
    columns: tuple[str, ...]
    output: Output
    classes: tuple[str, ...]
    place: str


def forward(network: Network, payloads: Sequence[Any], dtype: str) -> Floats:
    """Probabilities, shape ``(n, k)``; an ONNX model computes in the one dtype that it was exported in.

    Raises:
        InputError: a cell does not fit the model, or the answer is no probabilities.
    """
    del dtype
    try:
        (found,) = network.session.run([network.output.name], _feed(network, payloads))
    except failures() as error:
        raise InputError(f"the model cannot read a row: {first_line(error)}", place=network.place) from None
    values = _table(found, network.classes) if network.output.mapped else np.asarray(found, dtype=np.float64)
    return _rows.finite(_probabilities(values.reshape(len(payloads), -1), network), network.place)


def failures() -> tuple[type[Exception], ...]:
    """What onnxruntime raises: a dozen classes without a common base of their own."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    kinds = [kind for kind in vars(state).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    return (*kinds, RuntimeError)


def first_line(error: Exception) -> str:
    """The part of a long message that a person reads."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300].rstrip(".")


def _table(maps: Sequence[Mapping[object, float]], classes: Sequence[str]) -> Floats:
    """Maps from class to score as a table, in the order of the class names."""
    keys = {str(key): key for key in maps[0]} if maps else {}
    return np.array([[one[keys[name]] for name in classes] for one in maps], dtype=np.float64)


def _probabilities(values: Floats, network: Network) -> Floats:
    if network.output.scale == "decision":
        values = _rows.from_decision(values)
    elif values.shape[1] == 1:
        values = np.hstack([1 - values, values])
    if values.shape[1] != len(network.classes):
        raise InputError(f"{values.shape[1]} scores for {len(network.classes)} classes", place=network.place)
    total = np.asarray(values.sum(axis=1, keepdims=True))
    if values.min(initial=0) < -_TOLERANCE or np.any(abs(total - 1) > _TOLERANCE):
        remedy = "Export the model with probabilities, or call the output 'scores'"
        raise InputError(f"the output {network.output.name!r} holds no probabilities", place=network.place, remedy=remedy)
    kept = values.clip(min=0)
    return np.asarray(kept / kept.sum(axis=1, keepdims=True))


def _feed(network: Network, payloads: Sequence[Any]) -> dict[str, Cells]:
    rows = [payload if isinstance(payload, tuple) else (payload,) for payload in payloads]
    columns = list(zip(*rows, strict=True))
    if len(network.inputs) > 1:
        parts = zip(network.inputs, columns, strict=True)
        return {part.name: _cells(cells, part.kind, part.column, network.place)[:, None] for part, cells in parts}
    (part,) = network.inputs
    names = network.columns or (part.column,)
    filled = [_cells(cells, part.kind, name, network.place) for name, cells in zip(names, columns, strict=True)]
    return {part.name: np.stack(filled, axis=1)}


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


KINDS: Final[Mapping[str, tuple[type, Callable[[Any], object]]]] = {
    "tensor(float)": (np.float32, _real),
    "tensor(double)": (np.float64, _real),
    "tensor(int64)": (np.int64, _whole),
    "tensor(int32)": (np.int32, _whole),
    "tensor(bool)": (np.bool_, bool),
    "tensor(string)": (np.object_, _text),
}
"""Input types that cells of a table can fill: NumPy's type, and how a cell is converted. Missing numbers are NaN where the
type has it, missing texts are empty, and a missing whole number does not fit."""
