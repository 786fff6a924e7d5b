"""Asking an ONNX model: rows in, in as many as it takes at a time, and its outputs as scores."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from auditor.errors import InputError
from auditor.loaders import _rows
from auditor.loaders._onnx_inputs import Part, fed
from auditor.loaders._onnx_outputs import Output
from auditor.types import Floats

_LONGEST: Final = 400
_SOURCE: Final = re.compile(r"/\S+:\d+ \S+?\(.*?\) ")
"""The place in the runtime's own source that a message begins with."""


@dataclass(frozen=True, slots=True)
class Network:
    """A model that is ready to answer.

    Attributes:
        session: of onnxruntime.
        inputs: one with all columns, or several with some each.
        block: rows that it takes at a time; None where that is open.
        output: with the answer.
        classes: their names.
        place: the file.
    """

    session: Any
    inputs: tuple[Part, ...]
    block: int | None
    output: Output
    classes: tuple[str, ...]
    place: str


def forward(network: Network, payloads: Sequence[Any], dtype: str) -> Floats:
    """Scores, shape ``(n, k)``; an ONNX model computes in the one dtype that it was exported in.

    Raises:
        InputError: a cell does not fit the model, or the answer is no probabilities.
    """
    del dtype
    rows = [payload if isinstance(payload, tuple) else (payload,) for payload in payloads]
    size = network.block or len(rows)
    found = [_asked(network, rows[start : start + size]) for start in range(0, len(rows), size)]
    return np.concatenate(found) if found else np.empty((0, len(network.classes)))


def _asked(network: Network, rows: Sequence[tuple[object, ...]]) -> Floats:
    """The answer to rows that go through at once; a block that is not full is filled up with its last row."""
    filled = [*rows, *[rows[-1]] * ((network.block or 0) - len(rows))]
    try:
        outputs = network.session.run(list(network.output.names), fed(network.inputs, filled, network.place))
    except failures() as error:
        raise InputError(f"the model cannot read a row: {told(error)}", place=network.place) from None
    return _scores(network, outputs, len(filled))[: len(rows)]


def _scores(network: Network, outputs: Sequence[Any], count: int) -> Floats:
    output, classes = network.output, network.classes
    if output.form == "label":
        return _decided(np.asarray(outputs[0], dtype=object).reshape(-1), network)
    values = _values(network, outputs)
    if len(values) != count and values.size != count * len(classes):
        raise InputError(f"it gave {len(values)} answers to {count} rows", place=network.place)
    values = _WAYS[output.numbers](values.reshape(count, -1))
    if values.shape[1] != len(classes):
        raise InputError(f"{values.shape[1]} scores for {len(classes)} classes", place=network.place)
    place = f"{network.place}, output {', '.join(output.names)}"
    return values if output.numbers == "rank" else _rows.probabilities(values, place)


def _values(network: Network, outputs: Sequence[Any]) -> Floats:
    """The numbers of an answer, whatever form it has."""
    if network.output.form == "maps":
        return _table(outputs[0], network)
    if network.output.form == "columns":
        return np.stack([np.asarray(column, dtype=np.float64).reshape(-1) for column in outputs], axis=1)
    return np.asarray(outputs[0], dtype=np.float64)


def _as_they_are(values: Floats) -> Floats:
    """Probabilities: those of two classes where there is one number for the second."""
    return np.hstack([1 - values, values]) if values.shape[1] == 1 else values


_WAYS: Final = {"probability": _as_they_are, "logit": _rows.from_decision, "rank": _rows.ranks, "decision": _as_they_are}


def _table(maps: Sequence[Mapping[object, float]], network: Network) -> Floats:
    """Maps from class to score as a table, in the order of the class names.

    Raises:
        InputError: a map has other classes.
    """
    keys = {str(key): key for key in maps[0]} if maps else {}
    if keys and keys.keys() != set(network.classes):
        problem = f"it scores the classes {_rows.listed([*keys])}, and the file names {_rows.listed(network.classes)}"
        raise InputError(problem, place=network.place)
    return np.array([[one[keys[name]] for name in network.classes] for one in maps], dtype=np.float64)


def _decided(labels: Any, network: Network) -> Floats:
    """1 for the class that is named, 0 for the others.

    Raises:
        InputError: it names another class.
    """
    places = {name: place for place, name in enumerate(network.classes)}
    names = [str(label) for label in labels.tolist()]
    if unknown := next((name for name in names if name not in places), None):
        problem = f"it answers {unknown!r}, which is none of its classes {_rows.listed(network.classes)}"
        raise InputError(problem, place=network.place)
    return np.asarray(np.eye(len(places))[[places[name] for name in names]])


def failures() -> tuple[type[Exception], ...]:
    """What onnxruntime raises: a dozen classes without a common base of their own."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    kinds = [kind for kind in vars(state).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    return (*kinds, RuntimeError)


def told(error: Exception) -> str:
    """What onnxruntime says, in one line and without its codes: which side is at fault comes last."""
    whole = " ".join(str(error).split()) or type(error).__name__
    said = whole.rpartition("] : ")[2].split(" : ", 2)[-1] if whole.startswith("[ONNXRuntimeError]") else whole
    said = _SOURCE.sub("", said.rpartition("Status Message: ")[2])
    return said[:_LONGEST].rstrip(". ")
