"""What probes are handed: a table, and ways to get at a model's answers, or at the decisions in the table."""

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from auditor.declare import strings
from auditor.errors import Skip
from auditor.predict.decisions import count_table, truth
from auditor.predict.labels import ClassMap
from auditor.predict.plane import Plane, scores_of
from auditor.predict.refusals import Refused
from auditor.stats.counts import count, empty, merge
from auditor.stats.scores import is_small
from auditor.store.predictions import Answer
from auditor.types import (
    Batch,
    Cost,
    CountTable,
    Decisions,
    Evidence,
    Floats,
    Integers,
    Item,
    Model,
    Roles,
    Scores,
    Subject,
    Table,
)

T = TypeVar("T")

CHUNK = 4096
"""Rows asked about at a time: enough for full batches, little enough to keep memory flat."""


def with_model(
    table: Table, classes: ClassMap | None, plane: Plane, *, checkpoint: Path | None, seed: int, level: float
) -> Subject[Scores]:
    """A subject whose answers come from a model."""
    asked = _Asked(table, classes, plane)
    counted = _once(asked.count)

    async def count() -> CountTable:
        return (await counted())[0]

    async def unanswered() -> Evidence | None:
        return (await counted())[1]

    return Subject(
        table,
        predict=asked.predict,
        ask=plane.ask,
        count=count,
        cost=asked.cost,
        truth=functools.partial(_truth, table.roles, classes),
        model=plane.model,
        checkpoint=checkpoint,
        seed=seed,
        level=level,
        unanswered=unanswered,
    )


def without_model(
    table: Table, classes: ClassMap | None, *, checkpoint: Path | None, seed: int, level: float
) -> Subject[Decisions | None]:
    """A subject whose decisions, if any, are in the table."""

    async def predict(_: Table) -> Decisions:
        raise Skip("needs a model that can be asked")

    async def ask(_items: Sequence[Item], /, *, dtype: str | None = None, alone: bool = False) -> Floats:
        raise Skip(f"needs a model that can be asked{' alone' if alone else ''}{f' in {dtype}' if dtype else ''}")

    async def cost(_: Table) -> Cost:
        raise Skip("needs a model that can be asked")

    async def counted() -> CountTable:
        if classes is None:
            raise Skip("needs decisions: a model, or a prediction column")
        return count_table(table, classes)

    known = functools.partial(_truth, table.roles, classes)
    return Subject(table, predict, ask, _once(counted), cost, known, checkpoint=checkpoint, seed=seed, level=level)


def items(batch: Batch, model: Model, inputs: Sequence[str]) -> list[Item]:
    """The rows of a batch as the model takes them."""
    if model.takes == "text":
        return list(strings(batch, inputs[0]))
    columns = [batch.column(name).to_pylist() for name in model.columns]
    return list(zip(*columns, strict=True))


def inputs_of(model: Model, table: Table) -> list[str]:
    """Columns that the model reads."""
    return list(table.roles.inputs[:1] if model.takes == "text" else model.columns)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A table and the plane that answers for its rows."""

    table: Table
    classes: ClassMap | None
    plane: Plane

    async def chunks(self, table: Table, columns: Sequence[str] = ()) -> AsyncIterator[tuple[Batch, list[Item], list[Answer]]]:
        model = self.plane.model
        inputs = inputs_of(model, table)
        for whole in table.batches([*dict.fromkeys((*inputs, *columns))]):
            for start in range(0, whole.num_rows, CHUNK):
                batch = whole.slice(start, CHUNK)
                rows = items(batch, model, inputs)
                yield batch, rows, await self.plane.answers(rows)

    async def predict(self, table: Table) -> Scores:
        classes = self.plane.model.classes
        parts, refused = [], Refused(table.roles)
        async for batch, asked, answers in self.chunks(table):
            parts.append(scores_of(answers, len(classes)))
            refused.add(batch, asked, answers)
        refused.check()
        return Scores(np.concatenate(parts) if parts else scores_of([], len(classes)), classes)

    async def count(self) -> tuple[CountTable, Evidence | None]:
        """The count table, and the rows that are undecided since the model did not answer them."""
        roles, names = self.table.roles, self.plane.model.classes
        named = [*(group.column for group in roles.groups), roles.label, roles.id]
        total, refused = empty(names, roles.groups), Refused(roles)
        exact = is_small(self.table.rows, len(names))
        async for batch, asked, answers in self.chunks(self.table, [name for name in named if name]):
            scores = Scores(scores_of(answers, len(names)), names)
            decisions = _decisions(scores, self.plane.model)
            total = merge(total, count(batch, _truth(roles, self.classes, batch), decisions, roles.groups, exact=exact))
            refused.add(batch, asked, answers)
        refused.check()
        return total, refused.evidence()

    async def cost(self, table: Table) -> Cost:
        rows = tokens = truncated = 0
        seconds, joules, metered = 0.0, 0.0, True
        async for _, asked, answers in self.chunks(table):
            told = [(item, answer) for item, answer in zip(asked, answers, strict=True) if not answer.refused]
            encoded = self.plane.model.encode([item for item, _ in told]) if told else []
            rows, tokens = rows + len(told), tokens + sum(code.length for code in encoded)
            truncated += sum(code.truncated for code in encoded)
            seconds += sum(answer.seconds for _, answer in told)
            metered = metered and all(answer.joules is not None for _, answer in told)
            joules += sum(answer.joules or 0.0 for _, answer in told)
        return Cost(rows, seconds, joules if metered else None, tokens, truncated)


def _decisions(scores: Scores, model: Model) -> Decisions:
    """The classes decided, with the scores for what they are: probabilities, ranks, or nothing more than the decisions."""
    probable, ranked = model.scale == "probability", model.scale == "rank"
    return Decisions(scores.labels(), scores.classes, scores.values if probable else None, scores.values if ranked else None)


def _truth(roles: Roles, classes: ClassMap | None, batch: Batch) -> Integers:
    return np.full(batch.num_rows, -1, dtype=np.int64) if classes is None else truth(batch, roles, classes)


def _once(compute: Callable[[], Awaitable[T]]) -> Callable[[], Awaitable[T]]:
    """Compute on the first call and give every caller the same answer, or the same error."""
    task: list[asyncio.Future[T]] = []

    async def shared() -> T:
        if not task:
            task.append(asyncio.ensure_future(compute()))
        return await asyncio.shield(task[0])

    return shared
