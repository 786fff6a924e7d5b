"""The demo, as `make demo` runs it: every planted defect is found, and nothing in the control."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEFECTS = ["exact duplicates", "missing ages", "under-served group", "gendered shortcut", "typo fragility"]
FOLLOWING = {
    "accuracy_difference",
    "expected_calibration_error",
    "false_positive_rate_difference",
    "label_flips_difference",
    "selection_rate_difference",
}
"""Metrics that the planted defects move too: a group served badly and a shortcut show in all contrasts, and in calibration."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the demo ran once."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns("out", "__pycache__"))
    place = {**os.environ, "AUDITOR_CACHE": str(folder / "cache"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "examples/demo.py"], cwd=folder, env=place, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (folder / "said.txt").write_text(done.stdout, encoding="utf-8")
    return folder


def read(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text("utf-8"))


def findings(run: dict[str, Any], state: str) -> list[dict[str, Any]]:
    return [found for verdict in run["verdicts"] for found in verdict["findings"] if found["state"] == state]


@pytest.mark.parametrize("defect", DEFECTS)
def test_planted_defect_fails_a_rule(demo: Path, defect: str) -> None:
    (planted,) = [each for each in read(demo / "examples/out/planted/truth.json")["fails"] if each["defect"] == defect]
    hits = [
        found
        for found in findings(read(demo / "runs/demo/run.json"), "fail")
        if found["metric"] == planted["metric"] and planted["where"].items() <= found["where"].items()
    ]
    assert hits


def test_no_other_defect_is_claimed(demo: Path) -> None:
    planted = {each["metric"] for each in read(demo / "examples/out/planted/truth.json")["fails"]}
    assert {found["metric"] for found in findings(read(demo / "runs/demo/run.json"), "fail")} <= planted | FOLLOWING


def test_the_test_knows_all_that_is_planted(demo: Path) -> None:
    assert [each["defect"] for each in read(demo / "examples/out/planted/truth.json")["fails"]] == DEFECTS


def test_shares_are_those_that_were_planted(demo: Path) -> None:
    truth, run = read(demo / "examples/out/planted/truth.json")["audit"], read(demo / "runs/demo/run.json")
    quality = next(outcome for outcome in run["outcomes"] if outcome["probe"] == "data_quality")["measurements"]
    (repeated,) = [m for m in quality if m["metric"] == "duplicate_share" and not set(m["where"]) & {"region", "gender"}]
    (missing,) = [m for m in quality if m["metric"] == "missing_share" and m["where"] == {"column": "age"}]
    assert repeated["value"] == pytest.approx(truth["duplicate_rows"] / truth["rows"])
    assert missing["value"] == pytest.approx(truth["missing_ages"] / truth["rows"])


def test_control_fails_nothing(demo: Path) -> None:
    run = read(demo / "runs/demo-control/run.json")
    assert not [verdict["clause"] for verdict in run["verdicts"] if verdict["state"] not in {"pass", "evidence"}]
    assert run["gate"]["exit_code"] == 0


@pytest.mark.parametrize("name", ["demo", "demo-control"])
def test_every_probe_measured(demo: Path, name: str) -> None:
    outcomes = read(demo / f"runs/{name}/run.json")["outcomes"]
    assert {outcome["probe"]: outcome["reason"] for outcome in outcomes if outcome["status"] != "measured"} == {}


def test_reports_are_small_and_named_at_the_end(demo: Path) -> None:
    said = (demo / "said.txt").read_text("utf-8")
    for name in ("demo", "demo-zh", "demo-control", "demo-clean"):
        report = demo / "runs" / name / "report.html"
        assert 10_000 < report.stat().st_size < 1_000_000
        assert str(report) in said


def test_cleaning_removes_the_duplicates_and_nothing_else(demo: Path) -> None:
    truth, ledger = read(demo / "examples/out/planted/truth.json")["train"], read(demo / "runs/demo-clean/run.json")["ledger"]
    assert {entry["step"]: entry["removed"] for entry in ledger if entry["removed"]} == {
        "drop_exact_duplicates": truth["duplicate_rows"]
    }
    assert ledger[-1]["rows_out"] == truth["rows"] - truth["duplicate_rows"]


def test_gate_fails_for_the_planted_example(demo: Path) -> None:
    assert read(demo / "runs/demo/run.json")["gate"]["exit_code"] == 3


def test_same_seed_makes_the_same_data(demo: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(ROOT / "examples/make_data.py"), str(tmp_path)], check=True)
    for name in ("planted/train.csv", "planted/audit.csv", "clean/train.csv", "clean/audit.csv"):
        assert (tmp_path / name).read_bytes() == (demo / "examples/out" / name).read_bytes()
