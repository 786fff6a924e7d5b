"""A cleaning run: what is written, what is counted, and for whom."""

import csv
import json
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from auditor import codec
from auditor.api import run_clean
from auditor.errors import RowsLost, Skip, UsageError
from auditor.execute import apply
from auditor.plan import CleanPlan, DataSpec
from auditor.plugins import Step
from auditor.run import clean as module
from auditor.run.clean import clean
from auditor.run.effects import effects
from auditor.stats.intervals import newcombe, wilson
from auditor.store import cache_folder
from auditor.testing.subjects import table
from auditor.types import Group, GroupEffect, LedgerEntry, Measurement, Roles, Run

ROWS = [
    ("1", "She said  it was schÃ¶n", "pos", "F"),
    ("2", "He said  no", "neg", "M"),
    ("3", "He said no", "neg", "M"),
    ("4", "fine", "pos", "M"),
    ("5", "fine", "pos", "M"),
    ("6", "fine", "neg", "M"),
    ("7", "fine", "pos", ""),
    ("8", "fine", "pos", ""),
]


@pytest.fixture
def data(tmp_path: Path) -> DataSpec:
    path = tmp_path / "data.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("id", "text", "label", "sex"), *ROWS])
    return DataSpec(str(path), text="text", label="label", groups=(Group("sex"),), id="id")


def found(run: Run, metric: str, **where: str) -> Measurement:
    (match,) = [one for one in run.outcomes[0].measurements if one.metric == metric and one.where == where]
    return match


def test_rows_are_repaired_and_repeated_ones_removed(data: DataSpec, tmp_path: Path) -> None:
    said: list[str] = []
    run = clean(CleanPlan(data), tmp_path / "out", tell=said.append)
    assert said[0] == "inputs: text; label: label; groups: sex; id: id"
    rows = pq.read_table(tmp_path / "out" / "cleaned.parquet")
    assert rows.column_names == ["id", "text", "label", "sex"]
    assert rows["id"].to_pylist() == [1, 2, 4, 6, 7]
    assert rows["text"].to_pylist()[:2] == ["She said it was schön", "He said no"]
    assert [(e.step, e.rows_in, e.rows_out, e.removed, e.changed) for e in run.ledger] == [
        ("unicode_repair", 8, 8, 0, 1),
        ("whitespace", 8, 8, 0, 2),
        ("drop_exact_duplicates", 8, 5, 3, 0),
    ]
    assert run.kind == "cleaning"
    assert run.gate.exit_code == 0
    assert run.data.rows == 8


def test_effects_by_group_have_intervals_and_contrasts(data: DataSpec, tmp_path: Path) -> None:
    """By hand: 3 of 8 rows are removed; of the 5 men, the largest group, 2; of the women none; of 2 without a sex 1."""
    run = clean(CleanPlan(data), tmp_path / "out")
    every = found(run, "removed_share")
    assert (every.value, every.n, (every.low, every.high)) == (3 / 8, 8, wilson(3, 8))
    assert (found(run, "removed_share", sex="M").value, found(run, "removed_share", sex="F").value) == (2 / 5, 0.0)
    assert found(run, "removed_share", sex="(missing)").value == 0.5
    gap = found(run, "removed_share_difference", sex="F", reference="M")
    assert (gap.value, (gap.low, gap.high)) == (-2 / 5, newcombe(0, 1, 2, 5))
    assert found(run, "removed_share_ratio", sex="F", reference="M").value == 0.0
    assert not [one for one in run.outcomes[0].measurements if "reference" in one.where and one.where["sex"] == "(missing)"]
    changed = found(run, "changed_share", **{"pass": "whitespace", "sex": "F"})
    assert (changed.value, changed.n) == (1.0, 1)
    assert found(run, "quarantined_share").value == 0.0


def test_what_the_data_is_made_of_before_and_after(data: DataSpec, tmp_path: Path) -> None:
    run = clean(CleanPlan(data), tmp_path / "out")
    assert [found(run, "label_share", **{"basis": b, "class": "pos"}).value for b in ("before", "after")] == [5 / 8, 3 / 5]
    assert [found(run, "group_share", basis=b, sex="M").value for b in ("before", "after")] == [5 / 8, 3 / 5]
    assert [found(run, "group_share", basis=b, sex="(missing)").value for b in ("before", "after")] == [2 / 8, 1 / 5]


def test_a_group_that_is_declared_is_the_reference() -> None:
    rows = table({"text": ["a"] * 3, "sex": ["F", "M", "M"]}, Roles(inputs=("text",), groups=(Group("sex", reference="F"),)))
    entry = LedgerEntry("p", {}, 3, 2, removed=1, by_group=())
    assert not [one for one in effects(rows, rows, [entry]) if "reference" in one.where]
    counted = (GroupEffect({"sex": "F"}, 1, 0, 0, 0), GroupEffect({"sex": "M"}, 2, 1, 0, 0))
    contrasts = [one for one in effects(rows, rows, [replace(entry, by_group=counted)]) if "reference" in one.where]
    assert {one.where["reference"] for one in contrasts} == {"F"}
    ratio = next(one for one in contrasts if one.metric == "removed_share_ratio")
    assert (ratio.value, ratio.reason) == (None, "the reference rate is 0")


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_formats(data: DataSpec, tmp_path: Path, form: Any) -> None:
    clean(CleanPlan(data, format=form), tmp_path / "out")
    path = tmp_path / "out" / f"cleaned.{form}"
    if form == "csv":
        with path.open(encoding="utf-8", newline="") as file:
            assert [row["id"] for row in csv.DictReader(file)] == ["1", "2", "4", "6", "7"]
    if form == "jsonl":
        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        assert lines[0] == {"id": 1, "text": "She said it was schön", "label": "pos", "sex": "F"}
        assert lines[-1]["sex"] is None
    assert {file.name for file in (tmp_path / "out").iterdir() if file.name.startswith("cleaned")} == {path.name}


def test_csv_cannot_hold_lists(tmp_path: Path) -> None:
    path = tmp_path / "d.parquet"
    pq.write_table(pa.table({"text": ["a"], "tags": [["x"]]}), path)
    with pytest.raises(UsageError, match="CSV cannot hold lists or records, as in column 'tags'"):
        clean(CleanPlan(DataSpec(str(path), text="text"), format="csv"), tmp_path / "out")


def test_of_the_default_passes_those_that_fit_are_run(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("a,b\n1,2\n1,2\n3,4\n")
    run = clean(CleanPlan(DataSpec(str(path), inputs=("a", "b"))), tmp_path / "out")
    assert [(entry.step, entry.rows_out) for entry in run.ledger] == [("drop_exact_duplicates", 2)]
    with pytest.raises(Skip, match="needs a text column"):
        clean(CleanPlan(DataSpec(str(path), inputs=("a", "b")), passes=(Step("whitespace"),)), tmp_path / "other")


@pytest.mark.parametrize(
    "passes",
    [
        (Step("whitespace"), Step("augment_gendered_words"), Step("reweigh")),
        (Step("balance_by_resampling", {"to": "largest"}), Step("keyboard_typos", {"rate": 0.2})),
    ],
)
def test_added_rows_and_columns_are_written(data: DataSpec, tmp_path: Path, passes: Sequence[Step]) -> None:
    run = clean(CleanPlan(data, passes=tuple(passes)), tmp_path / "out")
    rows = pq.read_table(tmp_path / "out" / "cleaned.parquet")
    assert rows.num_rows == run.ledger[-1].rows_out == 8 + sum(entry.added for entry in run.ledger)
    assert not [name for name in rows.column_names if name.startswith("_")]


def test_the_same_pass_twice_is_told_apart(data: DataSpec, tmp_path: Path) -> None:
    steps = (Step("whitespace"), Step("whitespace", {"newlines": False}))
    run = clean(CleanPlan(data, passes=steps), tmp_path / "out")
    assert found(run, "changed_share", **{"pass": "1. whitespace"}).value == 2 / 8


def test_a_second_run_gives_the_same_but_for_times(data: DataSpec, tmp_path: Path) -> None:
    def still(run: Run) -> str:
        outcomes = tuple(replace(outcome, seconds=0.0) for outcome in run.outcomes)
        return codec.to_json(replace(run, started="", seconds=0.0, outcomes=outcomes))

    told: list[tuple[str, int, int]] = []
    runs = [clean(CleanPlan(data), tmp_path / name, progress=lambda *step: told.append(step)) for name in ("a", "a", "b")]
    assert len({still(run) for run in runs}) == 1
    assert told == [("passes", 1, 2), ("passes", 2, 2)] * 3


def test_a_folder_belongs_to_one_plan(data: DataSpec, tmp_path: Path) -> None:
    clean(CleanPlan(data), tmp_path / "out")
    with pytest.raises(UsageError, match="holds another run"):
        clean(CleanPlan(data, seed=1), tmp_path / "out")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(UsageError, match="holds other files"):
        clean(CleanPlan(data), tmp_path / "mine")


class TestEvidence:
    """What is left of the rows in the folder of a run, beside the cleaned data."""

    STEPS = (
        *(Step(name) for name in ("unicode_repair", "whitespace", "drop_exact_duplicates", "augment_gendered_words")),
        Step("keyboard_typos", {"rate": 0.2}),
        Step("balance_by_resampling", {"to": "smallest"}),
        Step("reweigh"),
    )

    @pytest.fixture
    def plan(self, tmp_path: Path) -> CleanPlan:
        """Of a file without a header, whose first row is quoted in a note, with cells that are found nowhere else."""
        path, texts = tmp_path / "d.csv", [f"she  zanzibar{number} schÃ¶n " + "quux " * 90 for number in range(30)]
        cells = [(f"zebra{n}", text, 7_700_000 + n, "yes" if n % 3 else "no", "FM"[n % 2]) for n, text in enumerate(texts)]
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([*cells, *[("zebra99", *cell[1:]) for cell in cells[:9]]])
        columns = DataSpec(str(path), text="column_2", label="column_4", groups=(Group("column_5"),), id="column_1")
        return CleanPlan(columns, self.STEPS)

    def found(self, plan: CleanPlan, out: Path) -> dict[str, set[str]]:
        """Which cells are found in the folder, and in which files."""
        run_clean(plan, out)
        places: dict[str, set[str]] = {"zanzibar": set(), "quux": set(), "zebra": set(), "77000": set()}
        for file in (path for path in out.rglob("*") if path.is_file() and path.name != "cleaned.parquet"):
            assert file.suffix != ".parquet" or plan.evidence == "show"
            held = file.read_bytes()
            for cell, files in places.items():
                if cell.encode() in held:
                    files.add(file.relative_to(out).parts[0])
        return places

    def test_shown(self, plan: CleanPlan, tmp_path: Path) -> None:
        places = self.found(plan, tmp_path / "out")
        assert any("zebra0" in note for note in codec.read_json(tmp_path / "out" / "run.json", Run).data.source.notes)
        assert places["zanzibar"] >= {"run.json", "report.html", "ledger", "shards"}
        assert places["zebra"] >= {"run.json", "report.html", "ledger"}

    def test_digests(self, plan: CleanPlan, tmp_path: Path) -> None:
        places = self.found(replace(plan, evidence="hash"), tmp_path / "out")
        assert places.pop("zebra") >= {"run.json", "ledger"}
        assert set().union(*places.values()) == set()
        assert "sha256:" in (tmp_path / "out" / "report.html").read_text("utf-8")

    def test_nothing(self, plan: CleanPlan, tmp_path: Path) -> None:
        plan = replace(plan, evidence="none")
        assert set().union(*self.found(plan, tmp_path / "out").values()) == set()
        shown = clean(replace(plan, evidence="show"), tmp_path / "shown")
        hidden = codec.read_json(tmp_path / "out" / "run.json", Run)
        assert hidden.ledger == tuple(replace(entry, examples=()) for entry in shown.ledger)
        assert [
            len((tmp_path / name / "ledger/1-unicode_repair.jsonl").read_text().splitlines()) for name in ("out", "shown")
        ] == [
            39,
            39,
        ]
        cells = [pq.read_table(tmp_path / name / "cleaned.parquet") for name in ("out", "shown")]
        assert cells[0].equals(cells[1])

    def test_shards_stay_until_the_run_is_done(self, plan: CleanPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        plan, out = replace(plan, evidence="none"), tmp_path / "out"
        with monkeypatch.context() as broken:
            broken.setattr(module.cleaned, "write", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                clean(plan, out)
        done = {path: path.stat().st_mtime_ns for path in out.rglob("*.done.json")}
        assert done
        with monkeypatch.context() as kept:
            kept.setattr(module.shutil, "rmtree", lambda _: None)
            clean(plan, out)
        assert {path: path.stat().st_mtime_ns for path in done} == done
        clean(plan, out)
        assert not (out / "shards").exists()


def test_what_killed_runs_left_half_written_is_removed(data: DataSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the run's folder at once; in the cache, which may be shared, after an hour; never of a process that runs."""
    monkeypatch.setenv("AUDITOR_CACHE", str(tmp_path / "cache"))
    gone, own = "99999999", str(os.getpid())
    out, cache, now = tmp_path / "out", cache_folder(), time.time()
    clean(CleanPlan(data), out)
    files = {
        out / f"cleaned.parquet.{gone}.auditor-part": (0, False),
        out / "ledger" / f"1-whitespace.jsonl.{gone}.auditor-part": (0, False),
        out / f"cleaned.csv.{own}.auditor-part": (7200, True),
        cache / "tables" / f"a.parquet.{gone}.auditor-part": (7200, False),
        cache / "tables" / f"b.parquet.{gone}.auditor-part": (1800, True),
        cache / "tables" / f"c.parquet.{own}.auditor-part": (7200, True),
        cache / "tables" / "d.parquet": (7200, True),
        cache / "frames" / f"5f.{gone}.auditor-part": (7200, False),
        cache / "others" / f"e.{gone}.auditor-part": (7200, True),
    }
    for path, (age, _) in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
        os.utime(path, (now - age, now - age))
    clean(CleanPlan(data), out)
    assert {path: path.exists() for path in files} == {path: kept for path, (_, kept) in files.items()}


def test_rows_that_do_not_add_up_end_the_run(data: DataSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def losing(*given: Any, **options: Any) -> Any:
        after, ledger = apply(*given, **options)
        return replace(after, shards=after.shards[1:]), ledger

    monkeypatch.setattr(module, "apply", losing)
    with pytest.raises(RowsLost, match="8 rows in"):
        clean(CleanPlan(data), tmp_path / "out")
    assert not (tmp_path / "out" / "cleaned.parquet").exists()
