"""What attacks on texts share: which rows are attacked, when an attack has succeeded, and what is reported."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from auditor.errors import Skip
from auditor.probes._rows import Row, chosen, shares
from auditor.stats.intervals import mean
from auditor.types import Evidence, Example, Floats, Measurement, Scores, Subject

NEAR_TIE = 1e-3
"""Margin under which the rest of a batch might decide an answer; float32 answers differ by some 1e-6 between batches."""

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Victim:
    """A row to attack, and the model's float32 answer to it, shape ``(k,)``."""

    row: Row
    scores: Floats

    @property
    def right(self) -> bool:
        """Whether the model gets the row right without any attack; others are not attacked."""
        return margin(self.scores, self.row.label) > 0


@dataclass(frozen=True, slots=True)
class Attack:
    """How an attack on one row ended.

    Attributes:
        text: the last text.
        success: whether the model's float32 answer to it is a wrong class.
        queries: texts that the attack asked about; repeated ones count again, as in the literature.
        changed: number of words changed.
        words: number of words.
        scores: the float32 answer to the last text, shape ``(k,)``; None where the attack failed.
    """

    text: str
    success: bool
    queries: int
    changed: int
    words: int
    scores: Floats | None = None


def margin(scores: Floats, label: int) -> float:
    """By how much the class is ahead of the best other class; below 0 another class is decided; NaN without an answer."""
    return float(scores[label] - np.delete(scores, label).max())


async def victims(subject: Subject[Scores], *, rows: int, sample: Literal["random", "first"]) -> list[Victim]:
    """The rows of the sample that the model answers, with its answers.

    Raises:
        Skip: no row has a label, or the model answers none of them, or gets none right.
    """
    picked = chosen(subject, rows=rows, sample=sample)
    if not picked:
        raise Skip("needs rows with a label")
    answers = await subject.ask([row.text for row in picked], dtype="float32")
    found = [Victim(row, scores) for row, scores in zip(picked, answers, strict=True) if np.isfinite(scores).all()]
    if not found:
        raise Skip(f"the model gave no answer to any of the {len(picked)} chosen rows")
    if not any(victim.right for victim in found):
        raise Skip(f"the model gets none of the {len(found)} chosen rows right, so there is nothing to attack")
    return found


async def confirmed(subject: Subject[Scores], text: str, label: int) -> Floats | None:
    """The model's float32 answer to a text where it is another class than ``label``, else None.

    Near ties are computed once more in a batch of their own, so that no neighbour decides a flip.
    """
    (scores,) = await subject.ask([text], dtype="float32")
    if abs(margin(scores, label)) < NEAR_TIE:
        (scores,) = await subject.ask([text], dtype="float32", alone=True)
    return scores if margin(scores, label) < 0 else None  # NaN, where it was not answered, is below nothing


def report(subject: Subject[Scores], found: Sequence[Victim], attacks: Sequence[Attack]) -> Iterator[Measurement | Evidence]:
    """Success rate, accuracy under attack, queries, words changed, and the texts.

    Args:
        subject: what was attacked.
        found: the sample, ``m`` rows.
        attacks: on those rows of it that the model gets right, in their order.
    """
    attacked = [victim.row for victim in found if victim.right]
    groups = [row.groups for row in attacked]
    successes = [attack.success for attack in attacks]
    yield from shares("attack_success_rate", successes, groups, subject, needs="rows that the model gets right")
    withstood = {row.row for row, attack in zip(attacked, attacks, strict=True) if not attack.success}
    survived = [victim.row.row in withstood for victim in found]
    yield from shares("accuracy_under_attack", survived, [victim.row.groups for victim in found], subject)
    yield _mean("queries", [attack.queries for attack in attacks], "queries", subject.level)
    changed = [attack.changed / attack.words for attack in attacks if attack.success]
    yield _mean("words_changed", changed, "fraction", subject.level)
    won = [(row, attack) for row, attack in zip(attacked, attacks, strict=True) if attack.success]
    won.sort(key=lambda pair: (pair[1].changed, pair[0].row))
    examples = tuple(_example(subject, row, attack) for row, attack in won[:SHOWN])
    yield Evidence(
        "attack_success_rate", "Texts that were changed until the prediction turned, fewest words first", len(won), examples
    )


def _mean(metric: str, values: Sequence[float], unit: str, level: float) -> Measurement:
    squares = sum(value * value for value in values)
    return mean(metric, sum(values), squares, len(values), unit=unit, level=level, needs="successful attacks")


def _example(subject: Subject[Scores], row: Row, attack: Attack) -> Example:
    classes = subject.model.classes if subject.model else ()
    scores = attack.scores if attack.scores is not None else np.zeros(len(classes))
    facts = {
        "label": classes[row.label],
        "predicted": classes[int(scores.argmax())],
        "margin": f"{-margin(scores, row.label):.3f}",
        "words changed": f"{attack.changed} of {attack.words}",
        "queries": str(attack.queries),
    }
    return Example(row.name, row.text, attack.text, facts)
