"""Each probe yields what it says that it yields, and nothing else: rule packs are checked against that."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import auditor
from auditor import declare, plan, plugins
from auditor.declare import CUTS
from auditor.testing import findings, sample, table, word_model
from auditor.types import Encoded, Group, Measurement, Model, Roles, Table, group_columns

BUILT_IN = {step.use: step for step in plan.default_probes()}
Seen = dict[str, tuple[set[str], set[str]]]
"""By metric: what it was measured of, and the keys of ``where`` that are no group columns."""


def three_classes() -> Table:
    """Three classes, decided in the table, by groups of many values."""
    rng = np.random.default_rng(0)
    names = np.array(["a", "b", "c"])
    cells = {
        "y": names[rng.integers(0, 3, 900)],
        "p": [None if i % 50 == 0 else name for i, name in enumerate(names[rng.integers(0, 3, 900)])],
        "g": [f"g{i}" for i in rng.integers(0, 12, 900)],
        "h": [f"h{i}" for i in rng.integers(0, 12, 900)],
        "note": [("NA", " x", "7", "b\x07", "word")[i] for i in rng.integers(0, 5, 900)],
    }
    return table(pa.table(cells), Roles(label="y", prediction="p", groups=(Group("g"), Group("h")), favourable="a"))


def answers_of_three(items: Any, _dtype: str) -> np.ndarray:
    raw = np.array([[len(str(item)) % k + 1.0 for k in (3, 4, 5)] for item in items])
    return raw / raw.sum(axis=1, keepdims=True)


def model_of_three() -> Model:
    return Model(
        name="three",
        kind="example",
        fingerprint="three",
        classes=("a", "b", "c"),
        encode=lambda items: [Encoded(1, str(item)) for item in items],
        forward=answers_of_three,
        parameters=3,
    )


def texts_of_three() -> Table:
    texts = [f"she saw the {'very ' * (i % 7)}good film {i}" for i in range(60)]
    cells = {"text": texts, "label": ["abc"[i % 3] for i in range(60)], "sex": ["fm"[i % 2] for i in range(60)]}
    return table(pa.table(cells), Roles(inputs=("text",), label="label", groups=(Group("sex"),), favourable="a"))


def inputs() -> Iterator[tuple[Table, Model | None]]:
    """Tables and models that differ in what probes look at."""
    rows = sample(200)
    declared = replace(rows, roles=replace(rows.roles, favourable="positive"))
    for one in (declared, replace(rows, roles=replace(rows.roles, groups=()))):
        yield one, word_model()
        yield one, None
    yield three_classes(), None
    yield texts_of_three(), model_of_three()


def add(seen: Seen, found: list[Measurement]) -> None:
    for m in found:
        slices, keys = seen[m.metric]
        groups = group_columns(m.where)
        slices.add(CUTS[min(len(groups), 2)])
        keys.update(set(m.where) - set(groups))


@pytest.fixture(scope="module")
def everything(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    """What every built-in probe yields over all inputs."""
    seen: dict[str, Seen] = {name: defaultdict(lambda: (set(), set())) for name in BUILT_IN}
    for rows, model in inputs():
        for name, step in BUILT_IN.items():
            function = plugins.bind(step, "probe")
            needs = plugins.requirement(function)
            if needs == "none" or model or (needs == "decisions" and rows.roles.prediction):
                try:
                    found = findings(function, rows, model, seed=3)
                except auditor.AuditorError:
                    continue
                add(seen[name], [one for one in found if isinstance(one, Measurement)])
    out = tmp_path_factory.mktemp("run")
    data = out / "rows.csv"
    data.write_text("text,label\n" + "the good film,positive\nthe bad film,negative\n" * 4)
    run = auditor.audit(data=data, model=checkpoint, out=out / "run").run
    for outcome in run.outcomes:
        add(seen[outcome.probe], list(outcome.measurements))
    return seen


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_probe_yields_what_it_says(name, everything):
    declared = {one.name: (set(one.slices), set(one.keys or ())) for one in declare.info(plugins.find("probe", name)).yields}
    assert dict(everything[name]) == declared


@pytest.mark.parametrize("name", plugins.names("probe"))
def test_every_probe_says_it(name):
    assert declare.info(plugins.find("probe", name)).yields
