"""The command that a report prints, run literally in a shell, finds the same."""

import html as escaping
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PACK = """
schema: auditor.rulepack/1
id: mine
edition: "1"
status: house
as_of: "2026-11-01"
stale_after: "2027-11-01"
clauses:
  - ref: "1"
    checks:
      - {metric: accuracy_difference, probe: group_fairness, slices: group, where: {reference: "*"},
         threshold: {op: within, value: 0.01, source: house}}
"""


@pytest.fixture
def place(tmp_path):
    """A folder whose name a shell does not like, with data and a pack."""
    folder = tmp_path / 'it\'s a "place" $HOME; (1)'
    (folder / "my pack" / "i18n").mkdir(parents=True)
    (folder / "my pack" / "pack.yaml").write_text(PACK)
    (folder / "my pack" / "i18n" / "en.yaml").write_text("title: Mine\napplies: Here.\nclauses: {'1': Right for each.}\n")
    rows = [f"{'fm'[i % 2]}s,{i % 90},{'yn'[i % 2]},{'yn'[i % 5 % 2]},NA" for i in range(400)]
    (folder / "the data.csv").write_text("\n".join(["who's,age,y,p,1.0", *rows, *rows[:3]]) + "\n")
    return folder


def shell(line: str, where: Path) -> subprocess.CompletedProcess:
    bin_folder = where / "bin"
    bin_folder.mkdir(exist_ok=True)
    (bin_folder / "auditor").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m auditor "$@"\n')
    (bin_folder / "auditor").chmod(0o755)
    return subprocess.run(
        ["bash", "-c", line],
        cwd=where,
        env={**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )


def commands(report: Path) -> set[str]:
    said = re.findall(r"<(?:code|pre)[^>]*>(auditor [^<]*)<", report.read_text())
    return {escaping.unescape(line) for line in said}


def found(folder: Path) -> object:
    run = json.loads((folder / "run.json").read_text())
    timed = {"seconds", "started"}
    outcomes = [{key: value for key, value in one.items() if key not in timed} for one in run["outcomes"]]
    return {
        **{key: run[key] for key in ("verdicts", "gate", "packs", "plan_digest", "plan", "seed", "ledger")},
        "outcomes": outcomes,
        "data": run["data"],
    }


AUDIT = (
    "auditor run --data 'the data.csv' --label y --prediction p --group \"who's=fs\" --group 'age:25,45=[25, 45)' "
    "--favourable n --positive y --pack 'my pack' --pack us-four-fifths --seed 7 --alpha 0.1 --level 0.9 --evidence hash "
    "--probe group_fairness --probe selection_rates --probe data_quality:languages=9 --strict -o 'runs/it is 1'"
)
CLEAN = (
    "auditor clean 'the data.csv' --label y --group \"who's\" --pass whitespace --pass drop_exact_duplicates:columns=[age] "
    "--seed 3 --format csv --evidence hash --yes -o 'out dir/1'"
)


def test_an_audit(place):
    first = shell(AUDIT, place)
    assert first.returncode in (3, 4), first.stderr
    (line,) = commands(place / "runs/it is 1" / "report.html")
    again = shell(line, place)
    assert again.returncode == first.returncode, again.stderr
    assert found(place / "runs/it is 1-again") == found(place / "runs/it is 1")
    assert [pack["id"] for pack in found(place / "runs/it is 1-again")["packs"]] == ["mine", "us-four-fifths"]


def test_a_report_made_again_elsewhere_still_names_the_run(place):
    shell(AUDIT, place)
    assert shell("auditor report 'runs/it is 1' -o other", place).returncode == 0
    assert commands(place / "other" / "report.html") == commands(place / "runs/it is 1" / "report.html")


def test_a_cleaning_run(place):
    first = shell(CLEAN.replace("drop_exact_duplicates:columns=[age]", "drop_exact_duplicates"), place)
    assert first.returncode == 0, first.stderr
    (line,) = commands(place / "out dir/1" / "report.html")
    again = shell(line, place)
    assert again.returncode == 0, again.stderr
    assert found(place / "out dir/1-again") == found(place / "out dir/1")
    assert (place / "out dir/1-again/cleaned.csv").read_bytes() == (place / "out dir/1/cleaned.csv").read_bytes()
    over = shell(f"{line.split(' -o ')[0]} --format jsonl -o third", place)
    assert over.returncode == 0, over.stderr
    assert (place / "third" / "cleaned.jsonl").exists()


def test_from_an_absolute_folder_it_works_from_anywhere(place, tmp_path):
    first = shell(AUDIT.replace("'runs/it is 1'", f"'{tmp_path}/abs'"), place)
    assert first.returncode in (3, 4), first.stderr
    (line,) = commands(tmp_path / "abs" / "report.html")
    (tmp_path / "elsewhere").mkdir()
    assert shell(line, tmp_path / "elsewhere").returncode == first.returncode
    one, other = found(tmp_path / "abs"), found(tmp_path / "abs-again")
    assert one["verdicts"] == other["verdicts"]


def test_a_repeated_probe_is_repeated(tmp_path):
    (tmp_path / "d.csv").write_text("text,y\n" + "some words here,a\nmore words there,b\n" * 20)
    plan = tmp_path / "audit.yaml"
    plan.write_text("data: d.csv\nprobes: [{use: data_quality, languages: 5}, {use: data_quality, languages: 6}, energy]\n")
    assert shell(f"auditor run '{plan}' --probe data_quality -o out", tmp_path).returncode in (0, 3)
    probes = json.loads((tmp_path / "out" / "run.json").read_text())["plan"]["probes"]
    assert [probe["languages"] for probe in probes] == [5, 6]
