"""An audit that is killed, at any moment, and started again: the same run, and nothing finished is done twice."""

import json
import multiprocessing
import os
import random
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

WORDS = "the a he she good bad film was very not actor actress plot dull bright".split()
PROBES = ("performance", "group_fairness", "counterfactual_flips", "label_flips", "deep_word_bug", "energy")
TIMES = {"started", "seconds"}
KILLS = 8


def job(checkpoint: Path, data: Path, home: Path) -> None:
    """Audit in this process, and note how many inputs each forward pass took."""
    os.environ["AUDITOR_CACHE"] = str(home / "cache")
    from auditor import report
    from auditor.loaders import checkpoints
    from auditor.plan import DataSpec, ModelSpec, Plan, default_probes
    from auditor.run.audit import audit
    from auditor.types import Floats, Group, Model

    load = checkpoints.load

    def noting(*given: object, **options: object) -> Model:
        model = load(*given, **options)

        def forward(payloads: Sequence[object], dtype: str) -> Floats:
            time.sleep(0.005)
            scores = model.forward(payloads, dtype)
            with (home / "forwarded").open("a") as log:
                log.write(f"{len(payloads)}\n")
            return scores

        return replace(model, forward=forward)

    checkpoints.load = noting
    probes = tuple(step for step in default_probes() if step.use in PROBES)
    spec = DataSpec(str(data), text="text", label="label", groups=(Group("sex"),))
    report.write(audit(Plan(spec, ModelSpec(str(checkpoint)), probes=probes), home / "run"), home / "run")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Rows of random words: enough for several batches a probe."""
    draw = random.Random(1)
    lines = ["text,label,sex"]
    for _ in range(900):
        text = " ".join(draw.choices(WORDS, k=draw.randint(2, 12)))
        lines.append(f"{text},{draw.choice(['negative', 'positive'])},{draw.choice('fm')}")
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def finished(home: Path) -> object:
    """The run without its times."""
    return without_times(json.loads((home / "run" / "run.json").read_text()))


def without_times(value: object) -> object:
    if isinstance(value, dict):
        if value.get("metric") == "seconds_per_1000_predictions":
            return "a time"
        return {key: without_times(inner) for key, inner in value.items() if key not in TIMES}
    return [without_times(inner) for inner in value] if isinstance(value, list) else value


def forwarded(home: Path) -> list[int]:
    return [int(line) for line in (home / "forwarded").read_text().split()] if (home / "forwarded").exists() else []


@pytest.mark.slow
def test_a_killed_audit_goes_on(checkpoint: Path, data: Path, tmp_path: Path) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["torch", "transformers", "auditor.run.audit", "auditor.report"])

    def start(home: Path) -> multiprocessing.process.BaseProcess:
        home.mkdir(exist_ok=True)
        process = context.Process(target=job, args=(checkpoint, data, home))
        process.start()
        return process

    whole = tmp_path / "whole"
    start(whole).join()
    clock = time.monotonic()
    second = tmp_path / "second"
    start(second).join()
    took = time.monotonic() - clock
    expected = finished(whole)
    assert {outcome["status"] for outcome in expected["outcomes"]} == {"measured"}
    assert finished(second) == expected

    draw, killed = random.Random(2), 0
    for i in range(KILLS):
        home = tmp_path / f"killed{i}"
        process = start(home)
        time.sleep(draw.uniform(0.1, 1.1) * took)
        killed += process.is_alive()
        process.kill()
        process.join()
        before = forwarded(home)
        start(home).join()
        assert finished(home) == expected, f"run {i} differs"
        # What the device worker had computed and the store had not yet, is the only work that may be done twice.
        assert sum(forwarded(home)) <= sum(forwarded(whole)) + sum(before[-2:]), f"run {i} repeated work"
    assert killed >= KILLS // 2


def test_a_second_audit_asks_the_model_nothing(
    checkpoint: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from auditor.loaders import checkpoints

    monkeypatch.setattr(checkpoints, "load", checkpoints.load)
    job(checkpoint, data, tmp_path)
    first, asked = finished(tmp_path), len(forwarded(tmp_path))
    (tmp_path / "run").rename(tmp_path / "first")
    job(checkpoint, data, tmp_path)
    assert len(forwarded(tmp_path)) == asked
    assert finished(tmp_path) == first
