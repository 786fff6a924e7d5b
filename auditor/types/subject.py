"""What a probe is handed. The annotation is the requirement: ``Subject[Scores]`` needs a model that scores classes."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from auditor.errors import Skip
from auditor.types.counts import CountTable
from auditor.types.model import Item, Model
from auditor.types.predictions import Floats, Integers
from auditor.types.results import Evidence
from auditor.types.table import Batch, Table

P_co = TypeVar("P_co", covariant=True)
T = TypeVar("T")


class Ask(Protocol):
    """Ask the model about inputs that are in no table; all probes' questions are answered together."""

    def __call__(self, items: Sequence[Item], /, *, dtype: str | None = None, alone: bool = False) -> Awaitable[Floats]:
        """Class probabilities, shape ``(n, k)``, in the order of the items; NaN where the model gave no answer.

        Args:
            items: inputs in canonical form.
            dtype: dtype to compute in; the model's reference dtype by default.
            alone: compute each input in a batch of its own, so that no other input can have a part in the answer.
        """
        ...


async def _none() -> None:
    """There is no model that could refuse a row."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What the answers to a table's rows cost when they were computed, whenever that was.

    Attributes:
        rows: number of rows that the model answered.
        seconds: time inside the model.
        joules: energy over the same time; None where the machine has no meter.
        tokens: tokens that the model read.
        truncated: rows whose input was longer than the model sees.
    """

    rows: int
    seconds: float
    joules: float | None
    tokens: int
    truncated: int


@dataclass(frozen=True, slots=True)
class Subject(Generic[P_co]):
    """What is audited.

    ``P_co`` says what a probe needs: ``None`` for the table alone, ``Decisions`` for decided classes (from a model or from
    a column), ``Scores`` for a model that can be asked.

    Attributes:
        table: the data.
        predict: the model's answer to every row of a table, this one or one mapped from it; NaN for a row that it refused.
        ask: the model's answer to any inputs.
        count: the count table of ``table``, computed once for all probes.
        cost: what the model's answers to a table cost.
        truth: true class of each row of a batch as an index into the model's classes, -1 where there is none, shape ``(n,)``.
        model: the model, where there is one.
        checkpoint: the folder or file that the model was asked to be loaded from, where there is one.
        seed: seed of the run.
        level: confidence level of intervals.
        unanswered: the rows of ``table`` that the model gave no finite answer to, with reasons; None where there are none.
    """

    table: Table
    predict: Callable[[Table], Awaitable[P_co]]
    ask: Ask
    count: Callable[[], Awaitable[CountTable]]
    cost: Callable[[Table], Awaitable[Cost]]
    truth: Callable[[Batch], Integers]
    model: Model | None = None
    checkpoint: Path | None = None
    seed: int = 0
    level: float = 0.95
    unanswered: Callable[[], Awaitable[Evidence | None]] = _none


def need(value: T | None, what: str) -> T:
    """The value, where it is there.

    Raises:
        Skip: it is None or empty; ``what`` names it, such as ``"a label column"``.
    """
    if value is None or value == ():
        raise Skip(f"needs {what}")
    return value
