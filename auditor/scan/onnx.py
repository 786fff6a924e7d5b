"""ONNX models: where they look for tensors that are kept in other files.

Source: onnx/onnx.proto (field numbers) and docs/ExternalData.md of https://github.com/onnx/onnx.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from auditor.scan.findings import Sheet
from auditor.scan.member_names import leaves
from auditor.scan.protobuf import fields
from auditor.scan.regions import Data, Region

_INSIDE: Final[Mapping[str, Mapping[int, str]]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {13: "external"},
}
_DEPTH: Final = 100


def read(region: Region, sheet: Sheet) -> bool:
    """Check that external data lies beside the model; returns whether the name says that this is an ONNX model."""
    if region.suffix != ".onnx":
        return False
    try:
        places = set(external(region.data, region.start, region.end))
    except (ValueError, UnicodeDecodeError) as error:
        sheet.add("broken", "broken model", f"it does not read as an ONNX model ({error})", region.inside)
        return True
    for place in sorted(filter(leaves, places)):
        sheet.add("unsafe", "external data", f"reads tensors from outside of its folder: {place}", region.inside)
    return True


def external(data: Data, start: int, end: int, kind: str = "model", depth: int = 0) -> Iterator[str]:
    """The files that a model reads tensors from, as it names them.

    Raises:
        ValueError: the model cannot be read.
    """
    if depth > _DEPTH:
        raise ValueError("graphs are nested too deep")
    for number, first, last in fields(data, start, end):
        inner = _INSIDE[kind].get(number)
        if inner == "external":
            entry = {part: data[a:b] for part, a, b in fields(data, first, last)}
            if entry.get(1) == b"location":
                yield entry.get(2, b"").decode()
        elif inner:
            yield from external(data, first, last, inner, depth + 1)
