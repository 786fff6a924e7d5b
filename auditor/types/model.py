"""Models: something to encode inputs with, something that scores them, and optional abilities."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

from auditor.types.predictions import Floats

Scale = Literal["probability", "rank", "decision"]
"""What a model's scores are: see ``Model.scale``."""

Item = Hashable
"""One input in canonical form: a ``str`` for text models, a ``tuple`` of cell values for table models."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """An input made ready for the model.

    Attributes:
        length: its cost: tokens for text, 1 for a table row.
        payload: what ``Model.forward`` takes: token ids, or the row.
        truncated: whether a part of the input did not fit and the model will not see it.
        refused: why the model cannot be asked this, where it cannot; the payload is then not used.
    """

    length: int
    payload: object
    truncated: bool = False
    refused: str = ""


@dataclass(frozen=True, slots=True)
class FileFact:
    """A file of a checkpoint: its path inside, its size in bytes, its SHA-256."""

    path: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Offered:
    """The columns that a model may read.

    Attributes:
        columns: all that there are, or those that a person named; empty where that is not known yet.
        inputs: of these, those that a model that names none is given, in order; all by default.
        groups: of these, those that say who a row is about, and so may be inputs or not.
        named: whether a person named the inputs.
    """

    columns: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    named: bool = False

    @classmethod
    def of(cls, columns: "Sequence[str] | Offered") -> "Offered":
        """Columns that a person named as inputs."""
        return columns if isinstance(columns, Offered) else cls(tuple(columns), tuple(columns), named=bool(columns))


@dataclass(frozen=True, slots=True)
class Model:
    """A loaded classifier.

    Attributes:
        name: path or hub name as the user gave it.
        kind: what it was loaded with, such as ``"transformers"``, ``"skops"``, ``"onnx"``.
        fingerprint: digest over files, configuration and everything else that decides an answer.
        classes: class names in the order of the scores' columns.
        takes: ``"text"`` for one string, ``"row"`` for a tuple of cells.
        columns: for ``"row"``: the columns that a row is made of, in order.
        encode: items to encoded items, in order.
        forward: payloads and a dtype to class probabilities, shape ``(n, k)``, float64; softmax is applied once, in here.
        dtypes: dtypes that ``forward`` offers; the first is the reference that verdicts rest on.
        workers: threads in which ``forward`` may run at once.
        batch_tokens: tokens in one batch, padding counted, at which ``forward`` is fastest.
        prepare: called once in each of those threads before the first batch; it must not fail.
        device: where it runs.
        parameters: number of weights, or 0 where that means nothing.
        max_length: tokens that the model sees at most; None for table models.
        files: the checkpoint's files.
        notes: what a reader must know of the scores, one sentence each.
        scale: what the scores are: probabilities; numbers in [0, 1] that only rank rows by how much they look like each
            class; or 1 for the class decided and 0 for the others. The highest is the class decided, whichever they are.
        gradient: ability: payloads and class indices to the gradient of the class's log-probability with respect to
            the input embeddings, one ``(tokens, width)`` array each.
        embed: ability: payloads to one vector each, shape ``(n, width)``.
    """

    name: str
    kind: str
    fingerprint: str
    classes: tuple[str, ...]
    encode: Callable[[Sequence[Item]], list[Encoded]]
    forward: Callable[[Sequence[object], str], Floats]
    takes: Literal["text", "row"] = "text"
    columns: tuple[str, ...] = ()
    dtypes: tuple[str, ...] = ("float32",)
    workers: int = 1
    batch_tokens: int = 1024
    prepare: Callable[[], None] | None = None
    device: str = "cpu"
    parameters: int = 0
    max_length: int | None = None
    files: tuple[FileFact, ...] = ()
    notes: tuple[str, ...] = ()
    scale: Scale = "probability"
    gradient: Callable[[Sequence[object], Sequence[int]], list[Floats]] | None = None
    embed: Callable[[Sequence[object]], Floats] | None = None
