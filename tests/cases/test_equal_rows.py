"""Which rows are equal, and what may not be removed without a person's word."""

import csv
import json
import random
import runpy
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from scipy.stats import hypergeom

import auditor
from auditor import codec
from auditor.cli import main
from auditor.errors import UsageError
from auditor.run.guard import CHANCE
from auditor.types import Measurement, Run

JUST_DUPLICATES = ["drop_exact_duplicates"]


def lines(path: Path, rows: Iterable[Mapping[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def table(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def found(run: Run, metric: str, **where: str) -> Measurement:
    (only,) = [m for o in run.outcomes for m in o.measurements if m.metric == metric and dict(m.where) == where]
    return only


@pytest.mark.parametrize("name", ["alpaca", "pref"])
def test_instructions_and_preferences_are_all_kept(shared, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(shared / "cases" / "clean_alpaca" / "make.py"))
    result = auditor.clean(tmp_path / f"{name}.jsonl", out=tmp_path / "out")
    assert result.run.gate.exit_code == 0
    assert pq.read_table(result.data).num_rows == 8


def test_chosen_and_rejected_answers_are_all_kept(tmp_path):
    rows = [{"prompt": f"q{i % 3}", "chosen": f"good {i}", "rejected": "no idea, sorry about that"} for i in range(12)]
    run = auditor.clean(lines(tmp_path / "d.jsonl", rows), out=tmp_path / "out").run
    assert (run.ledger[-1].rows_out, run.ledger[-1].options["keys"]) == (12, ["prompt", "chosen", "rejected"])


def test_pairs_of_advglue_are_all_kept(shared, tmp_path):
    pairs = json.loads((shared / "data" / "advglue" / "dev.json").read_text())["mnli"]
    assert len({json.dumps({**pair, "idx": 0}) for pair in pairs}) == 121  # so none is dropped by a declared id either
    for name in ("a", "b"):
        result = auditor.clean(lines(tmp_path / "d.jsonl", pairs), out=tmp_path / name, id="idx" if name == "b" else None)
        assert (result.run.ledger[-1].rows_out, result.run.gate.exit_code) == (121, 0)


def test_customers_with_few_reviews_are_all_kept(tmp_path):
    """One text column of three values, told to be the input: 4,000 rows that differ elsewhere."""
    reviews = ["very good service indeed", "not so good service today", "slow but nice people here"]
    rows = [(f"c{i}", reviews[i % 3], ("Rome", "Oslo")[i % 2], i / 7) for i in range(4000)]
    run = auditor.clean(table(tmp_path / "d.csv", ["customer", "review", "city", "amount"], rows), out=tmp_path / "out").run
    assert run.ledger[-1].rows_out == 4000
    note = "Rows are equal if they agree in customer, review, city, amount."
    assert note in run.data.source.notes
    assert note in (tmp_path / "out" / "report.html").read_text("utf-8")


def test_an_id_is_left_out_only_where_it_is_declared(tmp_path):
    """20 rows, of which row 19 repeats row 0 but for its id."""
    path = table(tmp_path / "d.csv", ["id", "text"], [(i, f"text {i % 19}") for i in range(20)])
    inferred = auditor.clean(path, out=tmp_path / "a").run
    assert (inferred.ledger[-1].removed, inferred.data.roles.id) == (0, "id")
    assert "id looks like an id" in " ".join(inferred.data.source.notes)
    assert auditor.clean(path, out=tmp_path / "b", id="id").run.ledger[-1].removed == 1
    assert main(["clean", str(path), "--id", "id", "-o", str(tmp_path / "c")]) == 0
    assert codec.read_json(tmp_path / "c" / "run.json", Run).ledger[-1].removed == 1
    keys = auditor.clean(path, out=tmp_path / "d", passes="drop_exact_duplicates:keys=[text]").run
    assert (keys.ledger[0].removed, keys.ledger[0].options) == (1, {"keys": ["text"]})


def test_the_probe_and_the_pass_take_the_same_rows_for_equal(tmp_path):
    path = table(tmp_path / "d.csv", ["id", "text", "n"], [(i, f"some text {i % 30}", i % 60) for i in range(61)])
    for how, equal in (({}, 0), ({"id": "id"}, 1)):
        audit = auditor.audit(data=path, probes="data_quality", out=tmp_path / f"a{equal}", **how).run
        clean = auditor.clean(path, passes=JUST_DUPLICATES, out=tmp_path / f"c{equal}", **how).run
        assert found(audit, "duplicate_share").counts["x"] == clean.ledger[0].removed == equal
    named = auditor.audit(data=path, probes="data_quality:keys=[text]", out=tmp_path / "k").run
    assert found(named, "duplicate_share").counts == {"x": 31, "n": 61}
    assert found(named, "duplicate_share").reason == "rows are equal if they agree in text"
    with pytest.raises(UsageError, match="did you mean 'text'"):
        auditor.audit(data=path, probes="data_quality:keys=[txt]", out=tmp_path / "u")


def test_labels_conflict_where_all_that_is_known_of_the_inputs_is_equal(tmp_path):
    """The premise is a guessed input: with one hypothesis each, no two pairs contradict each other."""
    rows = [{"premise": f"a long premise about {i % 5} things", "hypothesis": f"h{i}", "label": i % 2} for i in range(40)]
    rows += [{**rows[0], "label": 1}]
    run = auditor.audit(data=lines(tmp_path / "d.jsonl", rows), probes="data_quality", out=tmp_path / "out").run
    conflicts = found(run, "conflicting_label_share")
    assert conflicts.counts == {"x": 2, "n": 41}
    assert conflicts.reason == "inputs are equal if they agree in premise, hypothesis"
    declared = auditor.audit(
        data=tmp_path / "d.jsonl", inputs="premise", label="label", probes="data_quality", out=tmp_path / "declared"
    ).run
    assert found(declared, "conflicting_label_share").counts == {"x": 41, "n": 41}
    assert found(declared, "conflicting_label_share").reason == "inputs are equal if they agree in premise"


class TestPredictionsWithoutInputs:
    """Rows of a label, a prediction and a group are bound to be equal."""

    def verdict(self, tmp_path, **more):
        choose = random.Random(0)
        rows = [(choose.random() < 0.5, choose.random() < 0.5, "ab"[i % 2], i) for i in range(400)]
        cells = [(int(y), int(p), g, *([f"text number {i}"] if more else [])) for y, p, g, i in rows]
        path = table(tmp_path / "d.csv", ["y", "p", "g", *(["text"] if more else [])], cells)
        run = auditor.audit(data=path, label="y", prediction="p", groups="g", out=tmp_path / "out", **more).run
        (clause,) = [verdict for verdict in run.verdicts if (verdict.pack, verdict.clause) == ("base", "B2")]
        return run, clause

    def test_duplicates_are_no_fault(self, tmp_path):
        run, clause = self.verdict(tmp_path)
        assert clause.state == "not-applicable"
        repeated = found(run, "duplicate_share")
        assert (repeated.value, repeated.applies) == (1 - 8 / 400, False)
        assert main(["report", str(tmp_path / "out"), "--lang", "zh"]) == 0
        assert "数据只记录了预测" in (tmp_path / "out" / "report.html").read_text("utf-8")

    def test_with_inputs_they_are_judged(self, tmp_path):
        run, clause = self.verdict(tmp_path, text="text")
        assert clause.state == "pass"
        assert found(run, "duplicate_share").value == 0


class TestGuard:
    """A pass that takes too much stops before data are written."""

    def data(self, tmp_path, rows):
        return table(tmp_path / "d.csv", ["n", "text", "sex"], rows)

    def half(self, tmp_path):
        return self.data(tmp_path, [(i % 50, f"text {i % 50}", "f") for i in range(100)])

    def test_more_than_a_tenth_of_the_rows(self, tmp_path, capsys):
        path, out = self.half(tmp_path), tmp_path / "out"
        assert main(["clean", str(path), "-o", str(out)]) == 3
        said = capsys.readouterr().out
        assert "drop_exact_duplicates would take 50 of 100 rows (50.0%), over 10%" in said
        assert "row 50: " in said
        assert "--yes" in said
        assert not list(out.glob("cleaned*"))
        run = codec.read_json(out / "run.json", Run)
        ((alarm,),) = [entry.alarms for entry in run.ledger if entry.alarms]
        assert (alarm.removed, alarm.rows, alarm.limit, len(alarm.examples)) == (50, 100, 0.1, 5)
        assert run.gate.exit_code == 3
        assert "no data were written" in (out / "report.html").read_text("utf-8")
        done = {file: file.stat().st_mtime_ns for file in out.rglob("*.done.json")}
        assert done
        assert main(["clean", str(path), "-o", str(out), "--yes"]) == 0
        assert {file: file.stat().st_mtime_ns for file in done} == done
        assert pq.read_table(out / "cleaned.parquet").num_rows == 50
        went_on = codec.read_json(out / "run.json", Run)
        assert [entry.alarms for entry in went_on.ledger] == [entry.alarms for entry in run.ledger]
        assert "told to" in (out / "report.html").read_text("utf-8")
        assert "took 50 of 100 rows" in capsys.readouterr().out

    def test_as_json(self, tmp_path, capsys):
        assert main(["clean", str(self.half(tmp_path)), "-o", str(tmp_path / "out"), "--json"]) == 3
        found = json.loads(capsys.readouterr().out)
        assert found["data"] is None
        assert [(one["state"], one["pass"]) for one in found["findings"]] == [("fail", "drop_exact_duplicates")]

    def test_exactly_a_tenth_is_no_alarm(self, tmp_path):
        path = self.data(tmp_path, [(i % 90, f"text {i % 90}", "f") for i in range(100)])
        assert auditor.clean(path, out=tmp_path / "out").run.gate.exit_code == 0

    def test_in_python(self, tmp_path):
        path = self.half(tmp_path)
        stopped = auditor.clean(path, out=tmp_path / "out")
        assert (stopped.data, stopped.run.gate.state) == (None, "fail")
        gone_on = auditor.clean(path, out=tmp_path / "out", yes=True)
        assert (gone_on.run.gate.state, pq.read_table(gone_on.data).num_rows) == ("ok", 50)
        assert gone_on.run.plan_digest == stopped.run.plan_digest
        assert auditor.clean(path, out=tmp_path / "out").data is None
        assert not (tmp_path / "out" / "cleaned.parquet").exists()

    @pytest.mark.parametrize(("taken", "stops"), [(6, True), (3, False)])
    def test_more_than_twice_the_share_of_one_group(self, tmp_path, taken, stops):
        """20 of 1,000 rows, 2 %, of which 6 or 3 are of the 50 women; both are over 4 % of them."""
        kept = [(i, f"text {i}", "f" if i < 50 - taken else "m") for i in range(980)]
        again = [*kept[:taken], *kept[500 : 520 - taken]]
        chance = 2 * hypergeom.sf(taken - 1, 1000, 20, 50)
        assert (chance < CHANCE) == stops
        result = auditor.clean(self.data(tmp_path, [*kept, *again]), groups="sex", out=tmp_path / "out")
        assert result.run.gate.exit_code == (3 if stops else 0)
        alarms = [alarm for entry in result.run.ledger for alarm in entry.alarms]
        if stops:
            (alarm,) = alarms
            assert (alarm.group, alarm.removed, alarm.rows, alarm.limit) == ({"sex": "f"}, 6, 50, 0.04)
            assert [example.row for example in alarm.examples] == [str(row) for row in range(980, 985)]
        else:
            assert not alarms

    @pytest.mark.parametrize("evidence", ["hash", "none"])
    def test_what_may_not_be_shown_is_not_shown(self, tmp_path, evidence):
        path, out = self.data(tmp_path, [(i % 50, f"secret {i % 50}", "f") for i in range(100)]), tmp_path / "out"
        auditor.clean(path, out=out, groups="sex", evidence=evidence)
        for file in (out / "run.json", out / "report.html", *out.glob("ledger/*")):
            assert "secret 3" not in file.read_text("utf-8")
        assert auditor.clean(path, out=out, groups="sex", evidence=evidence, yes=True).data.exists()
        assert not (out / "shards").exists()

    def test_in_chinese(self, tmp_path):
        auditor.clean(self.half(tmp_path), out=tmp_path / "out", lang="zh")
        assert "没有写出数据" in (tmp_path / "out" / "report.html").read_text("utf-8")
