"""An open gate says how much was shown, alike in every format, and is green only where all that weighs was."""

import json
import re
from collections import Counter
from dataclasses import replace

import click
import pytest

import auditor
from auditor.cli import main
from auditor.judge import gate, judge
from auditor.judge.headline import ENGLISH, english, headline
from auditor.report.markdown import markdown
from auditor.report.page import html
from auditor.report.words import words
from auditor.stats.intervals import share
from auditor.types import Check, Clause, Gate, Measurement, Notable, Outcome, Pack, Threshold, Verdict


def verdict(state, severity="major", assessment="machine"):
    return Verdict("p", "1", "c", state, "", severity=severity, assessment=assessment)


def said(states, **how):
    return gate([verdict(state) for state in states], **how)


MANY = ["pass"] * 2 + ["not-tested"] * 13


@pytest.mark.parametrize(
    ("states", "how", "sentence", "proven"),
    [
        (MANY, {}, "open: nothing failed, but 13 of 15 clauses were not tested", False),
        (
            ["inconclusive"] * 12,
            {},
            "open: nothing failed, but nothing was shown either: all 12 clauses are inconclusive",
            False,
        ),
        (["pass"] * 15, {}, "open: all 15 clauses passed", True),
        (["pass"], {}, "open: the only clause passed", True),
        (["pass"] * 3 + ["attested"], {}, "open: 3 of 4 clauses passed, 1 is attested", True),
        (["pass", "evidence"], {}, "open: nothing failed, but 1 of 2 clauses waits for a person", False),
        (["not-applicable"] * 3, {}, "open: nothing failed, but no clause applies to what was audited", False),
        (["pass", "not-applicable"], {}, "open: the only clause passed", True),
        (["fail", "error", *MANY], {}, "closed: 1 of 17 clauses failed, 1 crashed, 13 were not tested, 2 passed", False),
        (MANY, {"strict": True}, "undecided: 13 of 15 clauses were not tested", False),
        (MANY, {"refused": True}, "undecided: the model was not loaded; 13 of 15 clauses were not tested", False),
        ([], {"refused": True}, "undecided: the model was not loaded; not judged: no rule pack", False),
        ([], {}, "not judged: no rule pack", False),
    ],
)
def test_the_headline_says_how_much_was_shown(states, how, sentence, proven):
    found = said(states, **how)
    assert (found.headline, found.proven) == (sentence, proven)


@pytest.mark.parametrize("state", ["inconclusive", "not-tested", "evidence"])
@pytest.mark.parametrize(("severity", "proven"), [("critical", False), ("major", False), ("minor", True), ("info", True)])
def test_only_what_weighs_keeps_an_open_gate_from_green(state, severity, proven):
    found = gate([verdict("pass"), verdict(state, severity)])
    assert (found.state, found.proven) == ("ok", proven)
    assert found.headline.startswith(
        "open: nothing failed; 1 of 2 clauses passed, 1 " if proven else "open: nothing failed, but 1 of 2"
    )


def test_a_crash_that_no_clause_speaks_of_is_told():
    found = gate([verdict("pass")], [Outcome("other", "failed", "ValueError")])
    assert (found.crashed, found.proven) == (1, False)
    assert found.headline == "open: the only clause passed; probes that crashed: 1"


def test_the_report_says_the_same_in_english_and_all_of_it_in_chinese():
    for key, text in ENGLISH.items():
        assert words("en").messages[f"gate.says.{key}"] == text
        assert re.findall(r"{\w+}", words("zh").messages[f"gate.says.{key}"]).sort() == re.findall(r"{\w+}", text).sort()
    assert headline(Gate("ok", 0, states={"pass": 1}), english) == "open: the only clause passed"


@pytest.fixture(scope="module")
def open_run(tmp_path_factory):
    """Predictions without labels: much cannot be told."""
    folder = tmp_path_factory.mktemp("open")
    (folder / "scored.csv").write_text("g,p,x\n" + "".join(f"{'ab'[i % 2]},{'yn'[i % 3 % 2]},{i}\n" for i in range(300)))
    return auditor.audit(data=folder / "scored.csv", prediction="p", groups="g", out=folder / "run")


def test_every_format_says_it_and_none_is_green(open_run, capsys, monkeypatch):
    run, folder = open_run.run, open_run.folder
    sentence = run.gate.headline
    assert sentence.startswith("open: nothing failed, but ")
    assert run.gate.exit_code == 0
    assert not run.gate.proven
    page = html(run)
    assert f"Gate {sentence}" in page
    assert 'class="verdict s-inconclusive"' in page
    assert 'class="verdict s-inconclusive"' in html(run, "zh")
    assert "放行：没有条款未通过，但" in html(run, "zh")
    assert f"## Gate {sentence}" in markdown(run)
    assert f'<property name="headline" value="{sentence}" />' in (folder / "junit.xml").read_text()
    assert '<property name="proven" value="false" />' in (folder / "junit.xml").read_text()
    assert json.loads((folder / "run.json").read_text())["gate"]["headline"] == sentence
    from auditor.cli.summary import summarise

    monkeypatch.setattr("auditor.cli.screen.click.echo", lambda text, **_: print(text))
    summarise(open_run)
    out = capsys.readouterr().out
    assert sentence in " ".join(click.unstyle(out).split())
    assert "\x1b[33mopen" in out


def test_what_cannot_apply_to_recorded_predictions_is_not_counted(open_run):
    states = {one.clause: one.state for one in open_run.run.verdicts}
    cannot = {"B1", "B12", "B13", "B14", "B15", "B16"}  # there is no model that could be asked, and no file of one
    assert {states[ref] for ref in cannot} == {"not-applicable"}
    assert states["B7"] in ("not-applicable", "not-tested")  # needs labels first
    for missed in ("B6", "B8", "B10"):  # whoever decides can be wrong, and only labels tell
        assert states[missed] in ("not-tested", "inconclusive"), missed
    assert states["B9"] == "not-tested"  # nobody said which class is favourable
    shown = html(open_run.run)
    assert "What does not apply" in shown
    assert "needs a model that can be asked" in shown


def test_one_group_column_is_crossed_with_nothing(tmp_path):
    path = tmp_path / "scored.csv"
    path.write_text(
        "g,h,y,p\n" + "".join(f"{'ab'[i % 2]},{'cd'[i // 2 % 2]},{'yn'[i % 3 % 2]},{'yn'[i % 5 % 2]}\n" for i in range(300))
    )
    given = {"data": path, "label": "y", "prediction": "p", "probes": "group_fairness"}
    states = [
        {one.clause: one.state for one in auditor.audit(**given, groups=groups, out=tmp_path / "-".join(groups)).run.verdicts}[
            "B11"
        ]
        for groups in (["g"], ["g", "h"])
    ]
    assert states[0] == "not-applicable"
    assert states[1] != "not-applicable"


def test_calibration_without_scores_does_not_apply(tmp_path):
    path = tmp_path / "scored.csv"
    path.write_text("y,p,s\n" + "".join(f"{'yn'[i % 2]},{'yn'[i % 3 % 2]},{i * 7 % 100}\n" for i in range(300)))
    run = auditor.audit(data=path, label="y", prediction="p", out=tmp_path / "run").run
    assert {one.clause: one.state for one in run.verdicts}["B7"] == "not-applicable"
    ranks = auditor.audit(data=path, label="y", prediction="s >= 50", score="s", positive="y", out=tmp_path / "ranks").run
    assert {one.clause: one.state for one in ranks.verdicts}["B7"] == "not-applicable"


def test_of_data_alone_model_clauses_do_not_apply_and_neither_do_those_of_labels_that_nobody_needs(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("sex,words\n" + "".join(f"{'fm'[i % 2]},some words {i}\n" for i in range(100)))
    run = auditor.audit(data=path, groups="sex", out=tmp_path / "run").run
    states = {one.clause: one.state for one in run.verdicts}
    assert Counter(states.values()).keys() <= {"pass", "evidence", "not-applicable"}
    assert {ref for ref, state in states.items() if state == "not-applicable"} >= {
        "B1",
        "B4",
        "B6",
        "B7",
        "B8",
        "B9",
        "B10",
        "B11",
        "B12",
        "B13",
        "B14",
        "B15",
        "B16",
    }
    assert states["B5"] == "evidence"


def test_a_model_of_table_rows_has_no_words_to_swap(tmp_path):
    pytest.importorskip("sklearn")
    skops = pytest.importorskip("skops.io")
    import pandas as pd
    from sklearn.linear_model import LogisticRegression

    frame = pd.DataFrame({"a": range(200), "b": [i % 7 for i in range(200)], "y": [i % 2 for i in range(200)]})
    skops.dump(LogisticRegression(max_iter=500).fit(frame[["a", "b"]], frame["y"]), tmp_path / "model.skops")
    run = auditor.audit(data=frame, model=tmp_path / "model.skops", label="y", out=tmp_path / "run").run
    states = {one.clause: one.state for one in run.verdicts}
    assert {states[ref] for ref in ("B12", "B13", "B14", "B15")} == {"not-applicable"}
    assert states["B1"] == "pass"
    assert states["B8"] == "not-tested"  # groups may be missing


def test_what_was_expected_and_is_missing_stays_not_tested(tmp_path, checkpoint):
    path = tmp_path / "rows.csv"
    path.write_text("text\n" + "".join(f"the good film {i}\n" for i in range(60)))
    run = auditor.audit(data=path, model=checkpoint, text="text", out=tmp_path / "run").run
    states = {one.clause: one.state for one in run.verdicts}
    assert {states[ref] for ref in ("B4", "B6", "B7", "B8", "B15")} == {"not-tested"}


def test_a_plan_without_the_probe_does_not_make_a_clause_apply(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n" + "".join(f"{i},{i % 3}\n" for i in range(60)))
    run = auditor.audit(data=path, probes="data_quality", out=tmp_path / "run").run
    states = {one.clause: one.state for one in run.verdicts}
    assert {states[ref] for ref in ("B6", "B9", "B13")} == {"not-applicable"}


ATTACK = Check("attack_success_rate", probe="deep_word_bug", notable=Notable(">=", 0.5))


def attacked(x, n, **more):
    clause = Clause("R1", assessment="evidence", severity="info", checks=(replace(ATTACK, **more),))
    pack = Pack(
        "p",
        "1",
        "house",
        "2026-01-01",
        "2027-01-01",
        (clause, Clause("R2", checks=(Check("accuracy", threshold=Threshold(">=", 0.5, "house")),))),
    )
    outcomes = [
        Outcome("deep_word_bug", "measured", measurements=(share("attack_success_rate", x, n), share("accuracy", 95, 100)))
    ]
    return gate(judge([pack], outcomes))


def test_bad_evidence_stands_at_the_top():
    # 84 of 100: Wilson's interval is .756 to .899.
    found = attacked(84, 100)
    assert found.notable == ("attack success rate 0.840 [0.756, 0.899], n = 100: notable from 0.50 on (p R1)",)
    assert not found.proven
    assert attacked(49, 100).notable == ()
    assert attacked(49, 100).proven
    assert attacked(5, 8).notable  # however few the rows


def test_by_interval_small_groups_do_not_cry_wolf():
    by_interval = Notable(">=", 0.5, by="interval")
    assert attacked(84, 100, notable=by_interval).notable
    assert not attacked(5, 8, notable=by_interval).notable


@pytest.mark.parametrize(("value", "notable"), [(0.3, True), (-0.3, True), (0.1, False)])
def test_beyond_is_a_distance_from_nothing(value, notable):
    m = Measurement("gap_difference", value, "fraction", 100, value - 0.05, value + 0.05, method="newcombe")
    clause = Clause(
        "R1", assessment="evidence", checks=(Check("gap_difference", notable=Notable("beyond", 0.2, by="interval")),)
    )
    found = judge(
        [Pack("p", "1", "house", "2026-01-01", "2027-01-01", (clause,))], [Outcome("x", "measured", measurements=(m,))]
    )
    assert bool(gate(found).notable) is notable


def test_an_attack_that_succeeds_is_in_the_head_of_every_format(tmp_path, checkpoint, capsys):
    rows = "".join(
        f"the {words},{label}\n"
        for words, label in [("good film was bright", "positive"), ("bad plot was dull", "negative")] * 20
    )
    (tmp_path / "rows.csv").write_text("text,label\n" + rows)
    base = ["run", "--data", str(tmp_path / "rows.csv"), "--model", str(checkpoint), "--text", "text", "--label", "label"]
    assert main([*base, "--probe", "deep_word_bug:rows=20", "-o", str(tmp_path / "run")]) in (0, 3)
    out = capsys.readouterr().out
    from auditor.report import read

    run = read(tmp_path / "run")
    (rate,) = [m for m in run.outcomes[0].measurements if m.metric == "attack_success_rate"]
    if rate.value is not None and rate.value >= 0.5:
        assert "attack success rate" in out
        assert html(run).index("notable") < html(run).index('id="findings"')


def test_each_probe_that_needs_a_model_says_the_same_of_none():
    from auditor.errors import NotApplicable, Skip
    from auditor.plugins import find
    from auditor.run.probing import lacking

    probe = find("probe", "energy")
    assert isinstance(lacking(probe, model=False, decisions=False, refused=None), NotApplicable)
    missed = lacking(probe, model=False, decisions=False, refused="unsafe")
    assert isinstance(missed, Skip)
    assert not isinstance(missed, NotApplicable)
