"""Classifiers in the ONNX format, run on the CPU by onnxruntime."""

import functools
import math
import re
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from auditor import digest
from auditor.declare import loader
from auditor.errors import InputError, MissingExtra, UnsafeCheckpoint
from auditor.loaders import _onnx_graph, _rows
from auditor.loaders._onnx_run import KINDS, Network, Output, Part, Scale, failures, first_line, forward
from auditor.scan import manifest
from auditor.scan.member_names import leaves
from auditor.scan.regions import opened
from auditor.types import FileFact, Model


@loader(source="ONNX, https://onnx.ai/onnx/repo-docs/IR.html", extra="onnx")
def onnx_file(path: Path, *, columns: Sequence[str] = (), name: str = "") -> Model:
    """Load a classifier of table rows or of texts from an ``.onnx`` file.

    One input tensor of several numbers takes the columns in the order given; several inputs of one cell each take the
    columns that they are named after; one input of one text takes texts. Scores are the output whose name holds ``prob``
    (as it is) or ``logit`` or ``score`` (softmax, for a single number the logistic function). Class names come from the
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
    place = str(path)
    graph = _graph(path)
    session = _session(path)
    text = _reads_text(session, columns)
    read = () if text else _columns(session, columns, place)
    output = _output(session, place)
    classes = graph.labels or tuple(str(index) for index in range(_count(session, output, place)))
    if len(classes) < 2:
        raise InputError(f"expected scores of two or more classes, found {len(classes)}", place=place)
    files = (*manifest(path), *_beside(path, graph))
    parts = session.get_inputs()
    names = read if len(read) == len(parts) else [part.name for part in parts]
    inputs = tuple(Part(part.name, part.type, column) for part, column in zip(parts, names, strict=True))
    network = Network(session, inputs, read, output, classes, place)
    return Model(
        name=name or place,
        kind="onnx",
        fingerprint=digest.of_value(
            ["onnx", [file.digest for file in files], metadata.version("onnxruntime"), classes, read, output.name]
        ),
        classes=classes,
        encode=_rows.encode_texts if text else _rows.encode_rows,
        forward=functools.partial(forward, network),
        takes="text" if text else "row",
        columns=read,
        files=files,
    )


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
        raise InputError(f"onnxruntime cannot run the model: {first_line(error)}", place=str(path)) from None


def _width(part: Any) -> int | None:
    """Number of cells in one row of a tensor; None where the model leaves it open."""
    sides: list[object] = part.shape[1:]
    known = [side for side in sides if isinstance(side, int)]
    return math.prod(known) if len(known) == len(sides) else None


def _reads_text(session: Any, columns: Sequence[str]) -> bool:
    parts = session.get_inputs()
    return len(parts) == 1 and parts[0].type == "tensor(string)" and _width(parts[0]) == 1 and len(columns) <= 1


def _columns(session: Any, columns: Sequence[str], place: str) -> tuple[str, ...]:
    """The columns of a row.

    Raises:
        InputError: an input is none that a table can fill, or columns are missing.
    """
    parts = session.get_inputs()
    for part in parts:
        if part.type not in KINDS or len(part.shape) != 2:
            remedy = "Text models with tokens need a transformers folder with their tokenizer"
            raise InputError(
                f"cannot fill the input {part.name!r} of type {part.type} {part.shape}", place=place, remedy=remedy
            )
    if len(parts) == 1 and _width(parts[0]) != 1:
        return _rows.chosen((), _width(parts[0]), columns, place)
    # Converters replace what is no letter, digit or underline in the names of inputs.
    spelled = {re.sub(r"\W", "_", column): column for column in columns}
    return _rows.chosen([spelled.get(part.name, part.name) for part in parts], None, columns, place)


def _output(session: Any, place: str) -> Output:
    """The output that holds the scores.

    Raises:
        InputError: none is recognised as such.
    """
    outputs = session.get_outputs()
    label = any(part.name.endswith("label") for part in outputs)
    for part in outputs:
        mapped = part.type.startswith("seq(map(")
        scale = _scale(part.name.lower())
        if (mapped or part.type in ("tensor(float)", "tensor(double)")) and (mapped or scale):
            # One number beside a label is what scikit-learn converters call the probabilities of a linear classifier.
            raw = not mapped and label and _width(part) == 1
            return Output(part.name, mapped, "decision" if raw else scale or "probability")
    found = ", ".join(f"{part.name} {part.type}" for part in outputs)
    raise InputError(
        f"found no scores of classes among its outputs: {found}",
        place=place,
        remedy="Export a classifier, and call the output with its scores 'probabilities' or 'logits'",
    )


def _scale(name: str) -> Scale | None:
    if "prob" in name:
        return "probability"
    return "decision" if "logit" in name or "score" in name else None


def _count(session: Any, output: Output, place: str) -> int:
    part = next(part for part in session.get_outputs() if part.name == output.name)
    width = None if output.mapped else _width(part)
    if width is None:
        raise InputError("the model does not say how many classes it has", place=place, remedy="Export it with a fixed size")
    return 2 if width == 1 else width
