"""Which outputs of an ONNX model hold its answer, and what classes they speak of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from auditor.errors import InputError
from auditor.loaders._onnx_inputs import width

Form = Literal["table", "maps", "columns", "label"]
Numbers = Literal["probability", "logit", "rank", "decision"]

_REAL: Final = ("tensor(float)", "tensor(double)", "tensor(float16)")
_NAMES: Final = ("tensor(string)", "tensor(int64)", "tensor(int32)", "tensor(bool)")


@dataclass(frozen=True, slots=True)
class Output:
    """Where the answer is.

    Attributes:
        names: of the outputs; several where each class has one.
        form: a table of scores, a map by class for each row, a column of scores for each class, or the label alone.
        numbers: what the scores are: probabilities; logits, of which the softmax is taken; ranks, likewise; or decisions.
    """

    names: tuple[str, ...]
    form: Form
    numbers: Numbers


def output_of(session: Any, labels: Sequence[str], place: str) -> tuple[Output, tuple[str, ...]]:
    """The outputs that hold the answer, and the names of the classes.

    Args:
        session: of onnxruntime.
        labels: class names as the file says them; empty where it does not.
        place: the file.

    Raises:
        InputError: none is recognised as such, or the classes are not known or fewer than two.
    """
    parts = session.get_outputs()
    found = _scores(parts) or _columns(parts, labels) or _label(parts)
    if found is None:
        shown = ", ".join(f"{part.name} {part.type} {part.shape}" for part in parts)
        remedy = "Export a classifier, and call the output with its scores 'probabilities' or 'logits'"
        raise InputError(f"found no scores of classes among its outputs: {shown}", place=place, remedy=remedy)
    classes = tuple(labels) or _counted(found, parts, place)
    if len(classes) < 2:
        raise InputError(f"expected scores of two or more classes, found {len(classes)}", place=place)
    return found, classes


def _scores(parts: Sequence[Any]) -> Output | None:
    """One output with a score for each class: maps, or a table that is called as such."""
    label = any(part.name.endswith("label") for part in parts)
    for part in parts:
        if part.type.startswith("seq(map("):
            return Output((part.name,), "maps", "probability")
    named = [(part, _numbers(part.name.lower())) for part in parts if part.type in _REAL and len(part.shape) <= 2]
    tables = [(part, numbers) for part, numbers in named if numbers]
    if len(tables) > 1 and all(width(part) == 1 for part, _ in tables):
        return None  # one for each class
    for part, numbers in sorted(tables, key=lambda pair: pair[1] != "probability"):
        # One number beside a label is what scikit-learn converters call the probabilities of a linear classifier.
        return Output((part.name,), "table", "rank" if label and width(part) == 1 else numbers)
    return None


def _numbers(name: str) -> Numbers | None:
    if "prob" in name:
        return "probability"
    return "logit" if "logit" in name else "rank" if "score" in name else None


def _columns(parts: Sequence[Any], labels: Sequence[str]) -> Output | None:
    """One output of one number for each class, in the order of the classes."""
    names = [part.name for part in parts if part.type in _REAL and width(part) == 1]
    if len(names) < 2 or (labels and len(labels) != len(names)):
        return None
    numbers = {_numbers(name.lower()) or "probability" for name in names}
    ends = {label: [name for name in names if _plain(name).endswith(_plain(label))] for label in labels}
    if all(len(found) == 1 for found in ends.values()) and len({found[0] for found in ends.values()}) == len(labels):
        names = [ends[label][0] for label in labels] or names
    return Output(tuple(names), "columns", numbers.pop() if len(numbers) == 1 else "probability")


def _plain(name: str) -> str:
    return re.sub(r"\W", "_", name).casefold()


def _label(parts: Sequence[Any]) -> Output | None:
    """The one output, which names a class."""
    named = [part for part in parts if part.type in _NAMES and width(part) == 1]
    return Output((named[0].name,), "label", "decision") if len(named) == 1 == len(parts) else None


def _counted(found: Output, parts: Sequence[Any], place: str) -> tuple[str, ...]:
    """Names of classes that the file does not name.

    Raises:
        InputError: it does not say how many there are.
    """
    if found.form == "columns":
        heads = {name.rpartition("_")[0] for name in found.names}
        return tuple(name.rpartition("_")[2] for name in found.names) if len(heads) == 1 else found.names
    (part,) = (part for part in parts if part.name == found.names[0])
    known = width(part) if found.form == "table" else None
    if known is None:
        remedy = """Put the names into its metadata: 'classes', as a JSON list such as ["no", "yes"]"""
        raise InputError("it does not say how many classes it knows", place=place, remedy=remedy)
    return tuple(str(index) for index in range(max(known, 2)))
