"""Classifiers in the ONNX format, run on the CPU by onnxruntime."""

import functools
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from auditor import digest
from auditor.declare import loader
from auditor.errors import InputError, MissingExtra, UnsafeCheckpoint
from auditor.loaders import _onnx_graph, _rows
from auditor.loaders._onnx_inputs import Part, block_of, inputs_of, reads_text
from auditor.loaders._onnx_outputs import Output, output_of
from auditor.loaders._onnx_run import Network, failures, forward, told
from auditor.scan import manifest
from auditor.scan.member_names import leaves
from auditor.scan.regions import opened
from auditor.types import FileFact, Model, Offered, Scale

_RANKED: Final = "The model's scores are no probabilities: they rank rows, and calibration is not measured."
_DECIDED: Final = "The model gives no probabilities, only decisions: neither AUROC nor calibration is measured."
_FIXED: Final = "The file fixes how many rows the model takes at a time; it is asked in blocks of so many."


@loader(source="ONNX, https://onnx.ai/onnx/repo-docs/IR.html", extra="onnx")
def onnx_file(path: Path, *, columns: Sequence[str] | Offered = (), name: str = "") -> Model:
    """Load a classifier of table rows or of texts from an ``.onnx`` file.

    Inputs of one cell take the columns that they are named after; inputs of several cells take the columns in the order
    given; one input of one text takes texts. Where the file fixes the number of rows at a time, it is asked in blocks of
    so many. Scores are the output whose name holds ``prob`` (as it is), ``logit`` or ``score`` (softmax, for a single number
    the logistic function), or one output of a number for each class; else the label alone is read. Class names come from the
    file, else they are ``"0"`` to ``"k-1"``.

    Args:
        path: the file; tensors that it keeps in other files are read from beside it.
        columns: columns of a row, or those that there are.
        name: what the report calls it; the path by default.

    Raises:
        UnsafeCheckpoint: it reads files from outside of its folder.
        InputError: it does not read, is no classifier, or reads other columns.
        MissingExtra: onnxruntime is not installed.
    """
    place, offered = str(path), Offered.of(columns)
    graph = _graph(path)
    session = _session(path)
    text = reads_text(session, offered.columns if offered.named else ())
    inputs = _text_input(session) if text else inputs_of(session, offered, place)
    read = () if text else tuple(column for part in inputs for column in part.columns)
    output, classes = output_of(session, graph.labels, place)
    block = block_of(session, place)
    files = (*manifest(path), *_beside(path, graph))
    network = Network(session, inputs, block, output, classes, place)
    known = [metadata.version("onnxruntime"), classes, read, output]
    return Model(
        name=name or place,
        kind="onnx",
        fingerprint=digest.of_value(["onnx", [file.digest for file in files], *known]),
        classes=classes,
        encode=_rows.encode_texts if text else _rows.encode_rows,
        forward=functools.partial(forward, network),
        takes="text" if text else "row",
        columns=read,
        batch_tokens=_rows.TEXTS_AT_A_TIME if text else _rows.ROWS_AT_A_TIME,
        files=files,
        scale=_SCALES[output.numbers],
        notes=_notes(output, block),
    )


_SCALES: Final[Mapping[str, Scale]] = {
    "probability": "probability",
    "logit": "probability",
    "rank": "rank",
    "decision": "decision",
}


def _text_input(session: Any) -> tuple[Part, ...]:
    (part,) = session.get_inputs()
    return (Part(part.name, part.type, (part.name,), len(part.shape) == 1),)


def _notes(output: Output, block: int | None) -> tuple[str, ...]:
    said = {"rank": _RANKED, "decision": _DECIDED}.get(output.numbers)
    return tuple(note for note in (said, _FIXED if block else None) if note)


def _graph(path: Path) -> _onnx_graph.Graph:
    try:
        graph = _onnx_graph.read(opened(path, path.name).data)
    except (OSError, ValueError) as error:
        raise InputError(f"does not read as an ONNX model: {error}", place=str(path)) from None
    for file in filter(leaves, graph.files):
        raise UnsafeCheckpoint(f"reads tensors from outside of its folder: {file!r}", place=str(path))
    return graph


def _beside(path: Path, graph: _onnx_graph.Graph) -> list[FileFact]:
    places = [path.parent / file for file in graph.files]
    return [FileFact(place.name, place.stat().st_size, digest.of_file(place)) for place in places if place.is_file()]


def _session(path: Path) -> Any:
    """A session on the CPU.

    Raises:
        InputError: onnxruntime cannot run the model.
        MissingExtra: there is no onnxruntime.
    """
    try:
        import onnxruntime
    except ImportError:
        raise MissingExtra.named("onnx", "running an .onnx file") from None
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except failures() as error:
        raise InputError(f"onnxruntime cannot run the model: {told(error)}", place=str(path)) from None
