"""Small tables and models to try passes and probes on."""

import asyncio
import functools
import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa

from auditor import digest
from auditor.execute import fitted
from auditor.predict.labels import class_map
from auditor.predict.plane import Plane
from auditor.predict.subject import with_model, without_model
from auditor.types import Encoded, Evidence, Floats, Group, Item, Measurement, Model, Roles, Shard, Source, Subject, Table

WORDS = ("good", "bad", "fine", "dull", "he", "she", "film", "the", "plot", "was")


def table(columns: Mapping[str, Sequence[object]] | pa.Table, roles: Roles | None = None, *, shards: int = 1) -> Table:
    """A table in memory.

    Args:
        columns: cells by column, all of the same length.
        roles: what the columns are for; by default ``text`` is the input and ``label`` the label, where they are there.
        shards: how many parts it is in.
    """
    batch = columns if isinstance(columns, pa.Table) else pa.table({name: list(cells) for name, cells in columns.items()})
    if roles is None:
        present = {name for name in ("text", "label") if name in batch.column_names}
        roles = Roles(inputs=("text",) if "text" in present else (), label="label" if "label" in present else None)
    whole = digest.of_value(batch.to_pylist())
    size = max(1, math.ceil(batch.num_rows / shards))
    parts = [batch.slice(first, size) for first in range(0, max(batch.num_rows, 1), size)]
    held = tuple(
        Shard(part.num_rows, i * size, digest.of_value([whole, i]), held=part.combine_chunks()) for i, part in enumerate(parts)
    )
    return Table(Source("example", "memory", whole, batch.num_rows), held, batch.schema, roles, whole)


def sample(rows: int = 60, *, shards: int = 1) -> Table:
    """A table with all roles and all that is hostile: missing cells, markup, controls, emoji, long texts, repeated rows."""
    words = [" ".join(WORDS[(i * step) % len(WORDS)] for step in range(1, 6)) for i in range(rows)]
    odd = (None, "", "<script>alert(1)</script>", "a\x00b\n\u202ec", "👩‍🚀 é e\u0301", "he " * 2000)
    texts = [odd[i // 7] if i % 7 == 6 and i // 7 < len(odd) else word for i, word in enumerate(words)]
    cells = {
        "text": pa.array(texts, pa.string()),
        "label": pa.array([None if i == 3 else ("negative", "positive")[i * 7 % 3 % 2] for i in range(rows)], pa.string()),
        "sex": pa.array([None if i == 5 else ("Female", "Male")[i % 2] for i in range(rows)], pa.string()),
        "age": pa.array([None if i == 8 else 18.0 + i for i in range(rows)], pa.float64()),
        "predicted": pa.array([("negative", "positive")[i * 5 % 7 % 2] for i in range(rows)], pa.string()),
        "score": pa.array([(i * 37 % 100) / 100 for i in range(rows)], pa.float64()),
    }
    roles = Roles(
        inputs=("text",),
        label="label",
        groups=(Group("sex"), Group("age", (30.0, 45.0))),
        prediction="predicted",
        score="score",
    )
    return table(pa.table(cells), roles, shards=shards)


def word_model(weights: Mapping[str, float] | None = None, classes: tuple[str, str] = ("negative", "positive")) -> Model:
    """A text classifier of two classes: the log-odds of the second are the sum of the weights of the text's words.

    Args:
        weights: log-odds of each word; other words have none.
        classes: names of the classes.
    """
    known = dict(weights if weights is not None else {"good": 2.0, "fine": 1.0, "bad": -2.0, "dull": -1.0, "she": -0.5})
    return Model(
        name="words",
        kind="example",
        fingerprint=digest.of_value([sorted(known.items()), classes]),
        classes=classes,
        encode=_encoded,
        forward=functools.partial(_forward, known),
        parameters=len(known),
    )


def _encoded(items: Sequence[Item]) -> list[Encoded]:
    return [Encoded(max(1, len(str(item).split())), str(item)) for item in items]


def _forward(weights: Mapping[str, float], payloads: Sequence[object], _dtype: str) -> Floats:
    odds = np.array([sum(weights.get(word, 0.0) for word in str(text).lower().split()) for text in payloads], dtype=np.float64)
    positive = 1 / (1 + np.exp(-odds.clip(-500, 500)))
    return np.stack([1 - positive, positive], axis=1)


def findings(
    probe: Callable[..., Any],
    table: Table,
    model: Model | None = None,
    *,
    seed: int = 0,
    level: float = 0.95,
    **options: object,
) -> list[Measurement | Evidence]:
    """Everything that a probe yields on a table.

    Args:
        probe: a probe, or a partial of one.
        table: the data.
        model: the model, where there is one.
        seed: seed of the run.
        level: confidence level of intervals.
        options: of the probe.

    Raises:
        Skip: the probe cannot be run on this.
    """
    return asyncio.run(_findings(functools.partial(probe, **options), table, model, seed, level))


async def _findings(
    probe: Callable[..., Any], table: Table, model: Model | None, seed: int, level: float
) -> list[Measurement | Evidence]:
    bound = fitted(probe, table, seed)
    if model is None:
        decided = table.roles.prediction or table.roles.score
        classes = class_map(table, None) if decided else None
        subject = without_model(table, classes, checkpoint=None, seed=seed, level=level)
        return await _listed(bound, cast(Subject[Any], subject))
    with tempfile.TemporaryDirectory() as folder:
        plane = Plane(model, Path(folder))
        try:
            classes = class_map(table, model.classes) if table.roles.label else None
            return await _listed(bound, with_model(table, classes, plane, checkpoint=None, seed=seed, level=level))
        finally:
            plane.close()


async def _listed(probe: Callable[..., Any], subject: Subject[Any]) -> list[Measurement | Evidence]:
    return [finding async for finding in probe(subject)]


def without(table: Table, *names: str) -> Table:
    """The table with some of its roles taken away."""
    blank = Roles()
    return replace(table, roles=replace(table.roles, **{name: getattr(blank, name) for name in names}))
