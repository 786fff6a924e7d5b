"""Inputs that a model does not answer: each costs itself, and is told with its reason.

An input is *refused* where the model fails on it, or where its answer is not finite. Its scores are NaN: it has no class,
it is in no rate, and it is counted as undecided. Nothing of it is kept on disk, so that a later run asks again.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from auditor.errors import AuditorError, InputError
from auditor.store.predictions import Answer
from auditor.types import ROW, Batch, Evidence, Example, Floats, Item, Roles

T = TypeVar("T")
R = TypeVar("R")

NOT_FINITE = "the model's answer is not a finite number"
"""The reason of rows whose scores are NaN or infinite."""

TITLE = "Rows that the model gave no answer to"
SHOWN = 20

HOPELESS = 256
"""Inputs that a model may fail on, one after another and without answering any, before nothing more is tried."""


def isolated(
    work: Callable[[Sequence[T]], list[R]], items: Sequence[T], refuse: Callable[[T, str], R], failed: Callable[[], bool]
) -> list[R]:
    """What some work makes of items, in their order; those that it fails on one by one are refused.

    Items that it fails on together are halved until each stands alone, or until the work succeeds.

    Args:
        work: gives one result for each item that it is given.
        items: what to work on.
        refuse: the result of an item that the work fails on, and the reason.
        failed: whether so much has failed before, and nothing succeeded, that the failure is not the items'.

    Raises:
        AuditorError: the work was not possible for a reason that no item is to blame for.
    """
    try:
        return work(items)
    except InputError as error:
        problem = str(error)
        if failed():
            raise
    except AuditorError:
        raise
    except Exception as error:  # whatever a model raises is the input's error
        problem = _reason(error)
        if failed():
            raise
    if len(items) == 1:
        return [refuse(items[0], problem)]
    half = len(items) // 2
    return [*isolated(work, items[:half], refuse, failed), *isolated(work, items[half:], refuse, failed)]


def _reason(error: Exception) -> str:
    """The first line of an error, with its kind."""
    said = (str(error).strip().splitlines() or [""])[0][:300].rstrip(".")
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def answered(scores: Floats) -> NDArray[np.bool_]:
    """Which rows of scores, shape ``(n, k)``, are answers: all of their numbers are finite. Shape ``(n,)``."""
    return np.asarray(np.isfinite(scores).all(axis=1))


class Refused:
    """The rows of a table that a model refused, gathered a batch at a time.

    Args:
        roles: of the table; its rows are called by their id, where they have one.
    """

    def __init__(self, roles: Roles) -> None:
        self._roles, self._seen, self._total = roles, 0, 0
        self._examples: list[Example] = []

    def add(self, batch: Batch, items: Sequence[Item], answers: Sequence[Answer]) -> None:
        """Look at the answers to the rows of a batch."""
        found = [place for place, answer in enumerate(answers) if answer.refused]
        self._seen, self._total = self._seen + len(answers), self._total + len(found)
        for place in found[: SHOWN - len(self._examples)]:
            facts = {"reason": answers[place].refused}
            self._examples.append(Example(self._name(batch, place), _shown(items[place]), None, facts))

    def _name(self, batch: Batch, place: int) -> str:
        column = self._roles.id if self._roles.id in batch.column_names else ROW
        return str(batch.column(column)[place].as_py())

    def check(self) -> None:
        """See that the model answers at all: one that refuses every row is not measured.

        Raises:
            InputError: there are rows, and none was answered.
        """
        if self._seen and self._total == self._seen:
            first = self._examples[0]
            raise InputError(
                f"gave no answer to any of {self._seen:,} rows; the first, {first.row}: {first.facts['reason']}",
                place="the model",
                remedy="Ask it about one row where it was made",
            )

    def evidence(self) -> Evidence | None:
        """The rows, for a person to look at; None where all were answered."""
        return Evidence("undecided_share", TITLE, self._total, tuple(self._examples)) if self._total else None


def _shown(item: Item) -> str:
    return item if isinstance(item, str) else ", ".join(map(str, item)) if isinstance(item, tuple) else str(item)
