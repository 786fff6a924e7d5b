"""Rows before and after a row pass, with the model's answers to both: what invariance tests are made of."""

import asyncio
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from auditor.declare import describe, strings
from auditor.errors import Skip, UsageError
from auditor.predict.subject import inputs_of, items
from auditor.probes._attacks import NEAR_TIE
from auditor.probes._rows import Row, columns_of, rows_of
from auditor.types import ROW, Batch, Evidence, Example, Floats, Item, Model, RowPass, Scores, Subject, Table, need

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Pair:
    """A row that a pass changed.

    Attributes:
        row: the row as it is in the data; its text is what the pass changed.
        text: the same after the pass.
        asked: the model's input before and after.
        before: the model's answer to the row, shape ``(k,)``.
        after: the model's answer to the changed input, shape ``(k,)``.
    """

    row: Row
    text: str
    asked: tuple[Item, Item]
    before: Floats
    after: Floats

    @property
    def flipped(self) -> bool:
        """Whether another class is decided."""
        return int(self.before.argmax()) != int(self.after.argmax())

    @property
    def shift(self) -> float:
        """How far the probability of the class decided before has moved, in [0, 1]."""
        decided = int(self.before.argmax())
        return abs(float(self.after[decided] - self.before[decided]))


@dataclass(frozen=True, slots=True)
class Pairs:
    """What a pass changes: the rows that the model answers as they are and changed, and those that it does not."""

    answered: list[Pair]
    refused: list[Pair]


async def pairs(subject: Subject[Scores], change: RowPass) -> Pairs:
    """Every row that the pass changes, before and after.

    Raises:
        Skip: the pass changed no row, or the model answered none of those both times.
        UsageError: the pass drops or adds rows, or changes their order.
    """
    model = need(subject.model, "a model that can be asked")
    _check_read(change, subject.table, model)
    changed = subject.table.map(change)
    before, after = await asyncio.gather(subject.predict(subject.table), subject.predict(changed))
    decided = [[label >= 0 for label in scores.labels().tolist()] for scores in (before, after)]
    found, refused = list[Pair](), list[Pair]()
    start, columns = 0, list(dict.fromkeys((*inputs_of(model, subject.table), *columns_of(subject.table))))
    for old, new in zip(subject.table.batches(columns), changed.batches(columns), strict=True):
        if old.column(ROW) != new.column(ROW):
            raise UsageError(f"{describe(change)} drops, adds or moves rows", remedy="Use a pass that keeps every row.")
        for place, row, text, asked in _changed(subject, model, old, new):
            at = start + place
            pair = Pair(row, text, asked, before.values[at], after.values[at])
            (found if decided[0][at] and decided[1][at] else refused).append(pair)
        start += old.num_rows
    if not found:
        lost = f" that the model answers; it gave no answer to {len(refused)} changed ones" if refused else ""
        raise Skip(f"{describe(change)} changed no row{lost}, so nothing was tested")
    return Pairs(await _settled(subject, found), refused)


def _check_read(change: RowPass, table: Table, model: Model) -> None:
    """See that the pass changes what the model reads.

    Raises:
        Skip: it was told to change another column.
    """
    column = change.keywords.get("column") if isinstance(change, functools.partial) else None
    read = inputs_of(model, table)
    if isinstance(column, str) and column not in read:
        raise Skip(f"{describe(change)} changes column {column!r}, and the model reads {', '.join(read[:SHOWN])}")


def _changed(
    subject: Subject[Scores], model: Model, old: Batch, new: Batch
) -> Iterator[tuple[int, Row, str, tuple[Item, Item]]]:
    """The rows of a batch whose input was changed: place, row, what it was changed to, and the inputs."""
    read = inputs_of(model, subject.table)
    sides = [items(batch, model, read) for batch in (old, new)]
    if model.takes == "text":
        texts = [[str(item) for item in side] for side in sides]
    else:
        edited = [name for name in read if not old.column(name).equals(new.column(name))]
        texts = [_described(batch, edited) for batch in (old, new)]
    for place, row in enumerate(rows_of(subject, old, texts[0])):
        if texts[0][place] != texts[1][place]:
            yield place, row, texts[1][place], (sides[0][place], sides[1][place])


def _described(batch: Batch, columns: Sequence[str]) -> list[str]:
    """The cells of some columns of each row: alone where it is one column, else behind its name."""
    if len(columns) == 1:
        return strings(batch, columns[0])
    named = [[f"{name}: {cell}" for cell in strings(batch, name)] for name in columns]
    return [", ".join(cells) for cells in zip(*named, strict=True)] if named else [""] * batch.num_rows


async def _settled(subject: Subject[Scores], found: Sequence[Pair]) -> list[Pair]:
    """The pairs, with near ties computed once more in batches of their own, so that no neighbour decides a flip."""

    async def settle(pair: Pair) -> Pair:
        if min(_lead(pair.before), _lead(pair.after)) >= NEAR_TIE:
            return pair
        before, after = await subject.ask(pair.asked, alone=True)
        return replace(pair, before=before, after=after) if np.isfinite([before, after]).all() else pair

    return await asyncio.gather(*(settle(pair) for pair in found))


def _lead(scores: Floats) -> float:
    second, first = np.partition(scores, -2)[-2:]
    return float(first - second)


def evidence(metric: str, title: str, found: Pairs, subject: Subject[Scores], where: Mapping[str, str]) -> Iterator[Evidence]:
    """The flipped rows, those first whose scores moved most; and the changed rows without an answer, where there are any."""
    flipped = sorted((pair for pair in found.answered if pair.flipped), key=lambda pair: (-pair.shift, pair.row.row))
    classes = subject.model.classes if subject.model else ()
    yield Evidence(metric, title, len(flipped), tuple(_example(pair, classes) for pair in flipped[:SHOWN]), where)
    if found.refused:
        shown = tuple(Example(pair.row.name, pair.row.text, pair.text) for pair in found.refused[:SHOWN])
        yield Evidence(metric, "Changed rows that do not count: the model gave no answer", len(found.refused), shown, where)


def _example(pair: Pair, classes: Sequence[str]) -> Example:
    decided = [classes[int(scores.argmax())] for scores in (pair.before, pair.after)]
    label = {"label": classes[pair.row.label]} if pair.row.label >= 0 else {}
    facts = {**label, "predicted": f"{decided[0]} → {decided[1]}", "score moved": f"{pair.shift:.3f}"}
    return Example(pair.row.name, pair.row.text, pair.text, facts)
