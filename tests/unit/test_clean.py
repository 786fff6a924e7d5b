"""A cleaning run: what is written, what is counted, and for whom."""

import csv
import functools
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
from auditor.declare import replaced, row_pass, strings
from auditor.errors import RowsLost, Skip, UsageError
from auditor.execute import apply
from auditor.passes.augment_gendered_words import augment_gendered_words
from auditor.passes.drop_exact_duplicates import drop_exact_duplicates
from auditor.plan import CleanPlan, DataSpec
from auditor.plugins import Step
from auditor.run import clean as module
from auditor.run.clean import clean
from auditor.run.effects import effects
from auditor.stats.intervals import newcombe, wilson
from auditor.store import cache_folder
from auditor.testing.subjects import table
from auditor.types import ROW, Batch, Group, GroupEffect, LedgerEntry, Measurement, Roles, Run

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
    run = clean(CleanPlan(data, yes=True), tmp_path / "out", tell=said.append)
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
    run = clean(CleanPlan(data, yes=True), tmp_path / "out")
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
    run = clean(CleanPlan(data, yes=True), tmp_path / "out")
    assert [found(run, "label_share", **{"basis": b, "class": "pos"}).value for b in ("before", "after")] == [5 / 8, 3 / 5]
    assert [found(run, "group_share", basis=b, sex="M").value for b in ("before", "after")] == [5 / 8, 3 / 5]
    assert [found(run, "group_share", basis=b, sex="(missing)").value for b in ("before", "after")] == [2 / 8, 1 / 5]


def test_a_group_that_is_declared_is_the_reference(tmp_path: Path) -> None:
    cells = pa.table({"text": ["a"] * 3, "sex": ["F", "M", "M"], ROW: [0, 1, 2]})
    before, after = (table(rows, Roles(inputs=("text",), groups=(Group("sex", reference="F"),))) for rows in (cells, cells[:2]))
    after = replace(after, source=before.source)
    contrasts = [one for one in effects(before, after, [], tmp_path) if "reference" in one.where]
    assert {one.where["reference"] for one in contrasts} == {"F"}
    ratio = next(one for one in contrasts if one.metric == "removed_share_ratio")
    assert (ratio.value, ratio.reason) == (None, "the reference rate is 0")
    counted = (GroupEffect({"sex": "F"}, 1, 0, 0, 0), GroupEffect({"sex": "M"}, 2, 1, 0, 0))
    for by_group, found in (((), []), (counted, ["removed_share_difference", "removed_share_ratio"])):
        entry = LedgerEntry("p", {}, 3, 2, removed=1, by_group=by_group)
        places = [one for one in effects(before, after, [entry], tmp_path) if "pass" in one.where and "reference" in one.where]
        assert [one.metric for one in places] == found


@row_pass(source="made for tests")
def trip(batch: Batch, *, over: str) -> Batch:
    """Fail on a word."""
    if any(over in cell for cell in strings(batch, "text")):
        raise ValueError(over)
    return batch


@row_pass(source="made for tests")
def regroup(batch: Batch) -> Batch:
    """Put every row in one group."""
    return replaced(batch, "g", ["F"] * batch.num_rows)


class TestAddedRows:
    """What is added and removed again is no row of the data: by hand, 20 rows of group a and 4 of b."""

    STEPS = (Step("augment_gendered_words"), Step("balance_by_resampling"))

    @pytest.fixture
    def plan(self, tmp_path: Path) -> CleanPlan:
        """All rows get a copy, so that the cells are of 40 and 8 rows, of which 8 and 8 are left."""
        path = tmp_path / "gendered.csv"
        rows = [(f"she said {number}", "yes", "a" if number < 20 else "b") for number in range(24)]
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("text", "label", "g"), *rows])
        return CleanPlan(DataSpec(str(path), text="text", label="label", groups=(Group("g"),)), self.STEPS, yes=True)

    def lines(self, out: Path, file: str, what: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in (out / "ledger" / file).read_text("utf-8").splitlines()]
        return [line for line in lines if line["what"] == what]

    @pytest.mark.parametrize("evidence", ["show", "none"])
    def test_removed_copies_are_not_removed_rows(self, plan: CleanPlan, tmp_path: Path, evidence: Any) -> None:
        run = run_clean(replace(plan, evidence=evidence), tmp_path / "out").run
        added, taken = run.ledger
        assert (added.added, taken.rows_in, taken.removed, taken.rows_out) == (24, 48, 32, 16)
        removed = self.lines(tmp_path / "out", "2-balance_by_resampling.jsonl", "removed")
        lost = sum("copy" not in line for line in removed)
        assert 12 <= lost < len(removed) == 32
        every, a, b = (found(run, "removed_share", **where) for where in ({}, {"g": "a"}, {"g": "b"}))
        assert [(one.value, one.n) for one in (every, a, b)] == [(lost / 24, 24), (lost / 20, 20), (0.0, 4)]
        assert found(run, "removed_share_difference", g="b", reference="a").value == -lost / 20
        of_pass = found(run, "removed_share", **{"pass": "balance_by_resampling", "g": "a"})
        assert (of_pass.value, of_pass.n) == (32 / 40, 40)

    def test_groups_are_those_that_the_rows_had(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """One row of F and nine of M are all of F when nine are removed: more than F had."""
        path = tmp_path / "d.csv"
        path.write_text("text,g\nsame,F\n" + "same,M\n" * 9)
        monkeypatch.setattr(module, "_passes", lambda *_: [regroup, drop_exact_duplicates])
        run = clean(CleanPlan(DataSpec(str(path), text="text", groups=(Group("g"),))), tmp_path / "out")
        shares = [found(run, "removed_share", g=group) for group in "FM"]
        assert [(one.value, one.n) for one in shares] == [(0.0, 1), (1.0, 9)]

    def test_copies_that_were_set_aside_are_not_rows_that_were(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The pass fails on rows 1 and 2 and on the copy of row 0; none of them was removed by a rule."""
        path = tmp_path / "d.csv"
        path.write_text("text,g\nsay she,F\nsay he,F\nsay he too,M\nsay so,M\n")
        passes = [augment_gendered_words, functools.partial(trip, over=" he")]
        monkeypatch.setattr(module, "_passes", lambda *_: passes)
        run = clean(CleanPlan(DataSpec(str(path), text="text", groups=(Group("g"),), max_bad_rows=0.9)), tmp_path / "out")
        assert (run.ledger[0].added, run.ledger[1].quarantined, run.ledger[1].rows_out) == (3, 3, 4)
        assert (found(run, "quarantined_share").value, found(run, "removed_share").value) == (2 / 4, 0.0)
        assert found(run, "removed_share", g="F").value == 0.0

    def test_a_run_that_crashed_goes_on(self, plan: CleanPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        out = tmp_path / "out"
        with monkeypatch.context() as broken:
            broken.setattr(module, "effects", lambda *_: (_ for _ in ()).throw(ValueError("math domain error")))
            with pytest.raises(ValueError, match="math domain error"):
                run_clean(plan, out)
        assert not (out / "run.json").exists()
        done = {path: path.stat().st_mtime_ns for path in out.rglob("*.done.json")}
        assert done
        run_clean(plan, out)
        assert {path: path.stat().st_mtime_ns for path in done} == done
        assert codec.read_json(out / "run.json", Run).ledger[-1].rows_out == 16


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_formats(data: DataSpec, tmp_path: Path, form: Any) -> None:
    clean(CleanPlan(data, format=form, yes=True), tmp_path / "out")
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
    runs = [
        clean(CleanPlan(data, yes=True), tmp_path / name, progress=lambda *step: told.append(step)) for name in ("a", "a", "b")
    ]
    assert len({still(run) for run in runs}) == 1
    assert told == [("passes", 1, 2), ("passes", 2, 2)] * 3


def test_a_folder_belongs_to_one_plan(data: DataSpec, tmp_path: Path) -> None:
    clean(CleanPlan(data, yes=True), tmp_path / "out")
    with pytest.raises(UsageError, match="holds another run"):
        clean(CleanPlan(data, seed=1), tmp_path / "out")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(UsageError, match="holds other files"):
        clean(CleanPlan(data, yes=True), tmp_path / "mine")


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
        cells = [
            (f"zebra{n}", text, 770_077_007_700 + n, "yes" if n % 3 else "no", "FM"[n % 2]) for n, text in enumerate(texts)
        ]
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([*cells, *[("zebra99", *cell[1:]) for cell in cells[:9]]])
        columns = DataSpec(str(path), text="column_2", label="column_4", groups=(Group("column_5"),), id="column_1")
        return CleanPlan(columns, self.STEPS, yes=True)

    def found(self, plan: CleanPlan, out: Path) -> dict[str, set[str]]:
        """Which cells are found in the folder, and in which files."""
        run_clean(plan, out)
        places: dict[str, set[str]] = {"zanzibar": set(), "quux": set(), "zebra": set(), "7700770077": set()}
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
        bare = [replace(e, examples=(), alarms=tuple(replace(a, examples=()) for a in e.alarms)) for e in shown.ledger]
        assert list(hidden.ledger) == bare
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
    clean(CleanPlan(data, yes=True), out)
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
    clean(CleanPlan(data, yes=True), out)
    assert {path: path.exists() for path in files} == {path: kept for path, (_, kept) in files.items()}


def test_rows_that_do_not_add_up_end_the_run(data: DataSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def losing(*given: Any, **options: Any) -> Any:
        after, ledger = apply(*given, **options)
        return replace(after, shards=after.shards[1:]), ledger

    monkeypatch.setattr(module, "apply", losing)
    with pytest.raises(RowsLost, match="8 rows in"):
        clean(CleanPlan(data, yes=True), tmp_path / "out")
    assert not (tmp_path / "out" / "cleaned.parquet").exists()
