"""What an ONNX file says about its classes and its other files, read from the bytes.

Source: onnx/onnx.proto and docs/Operators-ml.md of https://github.com/onnx/onnx.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from auditor.scan.onnx import external
from auditor.scan.protobuf import fields, whole_numbers
from auditor.scan.regions import Data

_GRAPH, _METADATA = 7, 14
_NODE, _INITIALIZER = 1, 5
_OP, _ATTRIBUTE = 4, 5
_LABELS: Final = ("classlabels_strings", "classlabels_int64s", "classlabels_ints")
_KEYS: Final = ("id2label", "classes", "labels")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Graph:
    """Facts about a model file.

    Attributes:
        labels: class names in the order of the scores' columns; empty where the file does not say.
        files: files with tensors, relative to the model.
    """

    labels: tuple[str, ...]
    files: tuple[str, ...]


def read(data: Data) -> Graph:
    """Read the facts.

    Class names are looked for where converters put them: the operators ``ZipMap`` and ``...Classifier``, then the metadata
    (``id2label``, ``classes`` or ``labels``, as JSON), then a constant called ``classes``.

    Raises:
        ValueError: it is no ONNX model.
    """
    whole = (0, len(data))
    graph = next((span for number, span in _spans(data, whole) if number == _GRAPH), None)
    if graph is None:
        raise ValueError("it holds no graph")
    files = tuple(sorted(set(external(data, *whole))))
    return Graph(_from_nodes(data, graph) or _from_metadata(data, whole) or _from_constants(data, graph), files)


def _spans(data: Data, span: Span) -> Iterator[tuple[int, Span]]:
    for number, start, end in fields(data, *span):
        yield number, (start, end)


def _texts(data: Data, span: Span, number: int) -> list[str]:
    return [data[start:end].decode() for found, (start, end) in _spans(data, span) if found == number]


def _from_nodes(data: Data, graph: Span) -> tuple[str, ...]:
    """Labels of the last operator that has some; ``ZipMap`` comes last and decides."""
    labels: tuple[str, ...] = ()
    for number, node in _spans(data, graph):
        if number == _NODE and any(op == "ZipMap" or op.endswith("Classifier") for op in _texts(data, node, _OP)):
            labels = _node_labels(data, node) or labels
    return labels


def _node_labels(data: Data, node: Span) -> tuple[str, ...]:
    for number, attribute in _spans(data, node):
        if number == _ATTRIBUTE and set(_texts(data, attribute, 1)) & set(_LABELS):
            return tuple(_texts(data, attribute, 9)) or tuple(str(label) for label in whole_numbers(data, *attribute))
    return ()


def _from_metadata(data: Data, model: Span) -> tuple[str, ...]:
    """Labels in the metadata: a list of names, or names by index."""
    spans = [span for number, span in _spans(data, model) if number == _METADATA]
    held = {key: value for span in spans for key, value in zip(_texts(data, span, 1), _texts(data, span, 2), strict=True)}
    for key in _KEYS:
        if key in held:
            return _listed(json.loads(held[key]))
    return ()


def _listed(value: object) -> tuple[str, ...]:
    if isinstance(value, Mapping):
        return tuple(str(value[index]) for index in sorted(value, key=int))
    if isinstance(value, list):
        return tuple(map(str, value))
    raise ValueError(f"its class names are {value!r}")


def _from_constants(data: Data, graph: Span) -> tuple[str, ...]:
    """Texts of a tensor that is called ``classes``."""
    for number, tensor in _spans(data, graph):
        if number == _INITIALIZER and _texts(data, tensor, 8) == ["classes"]:
            return tuple(_texts(data, tensor, 6))
    return ()
