"""What people put on record settles what only they can, from one day to another, and nothing that a machine decides."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

import auditor
from auditor.cli import main
from auditor.errors import ConfigError
from auditor.judge import gate, judge
from auditor.report import read
from auditor.report.markdown import markdown
from auditor.report.page import html
from auditor.stats.intervals import share
from auditor.types import Check, Clause, Outcome, Pack, Statement, Threshold

ON = "2026-11-20"
AT_MOST = Threshold("<=", 0.1, "house")
SAID = Statement("p", "1", "Ada <b>Lovelace</b>; CISO", "head of risk", "2026-11-01", "I looked & accept it.", "2027-06-30")
MACHINE = Check("label_flips", probe="x", threshold=AT_MOST)
SHOWN = Check("label_flips", probe="x")


def verdict(clause, outcome, *statements, on=ON):
    pack = Pack("p", "1", "house", "2026-01-01", "2028-01-01", (clause,))
    (found,) = judge([pack], [outcome], statements=statements, on=on)
    return found


def measured(x):
    return Outcome("x", "measured", measurements=(share("label_flips", x, 1000),))


DUTY = Clause("1", assessment="attestation")
EVIDENCE = Clause("1", assessment="evidence", checks=(SHOWN,))
JUDGED = Clause("1", checks=(MACHINE,))
SKIPPED, CRASHED = Outcome("x", "skipped", "no luck"), Outcome("x", "failed", "ValueError")


@pytest.mark.parametrize(
    ("clause", "outcome", "before", "after"),
    [
        (DUTY, SKIPPED, "not-tested", "attested"),
        (EVIDENCE, measured(500), "evidence", "attested"),
        (EVIDENCE, SKIPPED, "not-tested", "not-tested"),  # there is nothing that a person could have weighed
        (EVIDENCE, CRASHED, "error", "error"),
        (replace(EVIDENCE, checks=(MACHINE,)), measured(500), "fail", "fail"),
        (replace(EVIDENCE, checks=(MACHINE,)), measured(100), "inconclusive", "inconclusive"),
        (JUDGED, measured(10), "pass", "pass"),
        (JUDGED, measured(500), "fail", "fail"),
        (JUDGED, measured(100), "inconclusive", "inconclusive"),
        (JUDGED, CRASHED, "error", "error"),
        (JUDGED, SKIPPED, "not-tested", "not-tested"),
        (replace(DUTY, checks=(SHOWN,)), CRASHED, "not-tested", "not-tested"),
    ],
)
def test_it_settles_what_only_a_person_can_and_nothing_else(clause, outcome, before, after):
    assert verdict(clause, outcome).state == before
    found = verdict(clause, outcome, SAID)
    assert (found.state, found.statements) == (after, (SAID,))


@pytest.mark.parametrize(
    ("clause", "outcome", "after"),
    [
        (JUDGED, SKIPPED, "not-applicable"),
        (DUTY, SKIPPED, "not-applicable"),
        (JUDGED, measured(500), "fail"),
        (JUDGED, measured(100), "inconclusive"),
        (JUDGED, CRASHED, "error"),
        (EVIDENCE, measured(500), "evidence"),
    ],
)
def test_it_can_say_that_what_was_not_tested_does_not_apply(clause, outcome, after):
    assert verdict(clause, outcome, replace(SAID, applies=False)).state == after


@pytest.mark.parametrize(
    ("on", "state", "reason"),
    [
        ("2026-10-31", "not-tested", "is dated 2026-11-01, which is after this run; a person has to state this"),
        ("2026-11-01", "attested", "stated by Ada"),
        ("2027-06-30", "attested", "stated by Ada"),
        ("2027-07-01", "not-tested", "expired on 2027-06-30; a person has to state this"),
    ],
)
def test_it_holds_from_its_day_to_its_last(on, state, reason):
    found = verdict(DUTY, SKIPPED, SAID, on=on)
    assert found.state == state
    assert reason in found.reason


def test_of_two_the_one_that_holds_counts():
    old = replace(SAID, date="2025-01-01", until="2025-12-31", who="Bob")
    assert verdict(DUTY, SKIPPED, old, SAID).state == "attested"
    assert verdict(DUTY, SKIPPED, old, SAID, on="2028-01-01").reason.startswith("the statement of Ada")


def test_strict_lets_through_what_is_attested():
    assert gate([verdict(EVIDENCE, measured(5))], strict=True).exit_code == 4
    found = gate([verdict(EVIDENCE, measured(5), SAID), verdict(JUDGED, measured(5))], strict=True)
    assert (found.exit_code, found.proven, found.headline) == (0, True, "open: 1 of 2 clauses passed, 1 is attested")


def day(offset):
    return (datetime.now(UTC).date() + timedelta(days=offset)).isoformat()


@pytest.fixture
def plan(tmp_path):
    """Selections that pass four fifths, and what people state of the rest."""
    path = tmp_path / "hired.csv"
    path.write_text("sex,p\n" + "".join(f"{'fm'[i % 2]},{'hired' if i // 2 % 2 else 'rejected'}\n" for i in range(4000)))
    text = "data: {path: hired.csv, prediction: p, groups: sex, favourable: hired}\n"
    text += "packs: [us-four-fifths]\npolicy: {strict: true}\nstatements:\n"
    by = f"who: A <i>Person</i>, role: counsel, date: {day(-3)}, text: 'Looked & <script>ok', until: {day(30)}"
    for clause in ("1607.4(D), smaller differences", "1607.4(A)", "1607.4(C)", "1607.5", "1607.15", "42 USC 2000e-2(k)"):
        quoted = clause if clause == "1607.5" else f'"{clause}"'  # a number in YAML
        text += f"  - {{pack: us-four-fifths, clause: {quoted}, {by}}}\n"
    (tmp_path / "audit.yaml").write_text(text)
    return tmp_path / "audit.yaml"


def test_strict_can_be_passed(plan, tmp_path):
    assert main(["run", str(plan), "-o", str(tmp_path / "run")]) == 0
    run = read(tmp_path / "run")
    assert run.gate.headline == "open: 1 of 7 clauses passed, 6 are attested"
    assert run.gate.proven
    for page in (html(run), html(run, "zh")):
        assert "A &lt;i&gt;Person&lt;/i&gt;" in page
        assert "<script>ok" not in page
        assert "counsel" in page
        assert day(30) in page
    assert "Statements on record" in html(run)
    assert "已备案的声明" in html(run, "zh")
    assert "Statements on record" in markdown(run)
    assert "statement.1" in (tmp_path / "run" / "junit.xml").read_text()
    kept = json.loads((tmp_path / "run" / "run.json").read_text())
    assert kept["plan"]["statements"][0]["who"] == "A <i>Person</i>"
    assert kept["verdicts"][1]["statements"][0]["role"] == "counsel"
    again = tmp_path / "again"
    assert main(["run", str(tmp_path / "run" / "audit.yaml"), "-o", str(again)]) == 0


def test_an_expired_one_opens_it_again(plan, tmp_path, capsys):
    plan.write_text(plan.read_text().replace(day(30), day(-1)))
    assert main(["run", str(plan), "-o", str(tmp_path / "run")]) == 4
    assert f"expired on {day(-1)}" in html(read(tmp_path / "run"))
    assert "已于" in html(read(tmp_path / "run"), "zh")


@pytest.mark.parametrize(
    ("right", "wrong", "place", "hint"),
    [
        ('"1607.4(C)"', '"1607.4(c) "', "statements[2].clause", "did you mean '1607.4(C)'?"),
        ("pack: us-four-fifths, clause: 1607.5", "pack: us-four-fifth, clause: 1607.5", "statements[3].pack", "did you mean"),
        (
            "pack: us-four-fifths, clause: 1607.5",
            "pack: base, clause: B5",
            "statements[3].pack",
            "its packs are us-four-fifths",
        ),
        (day(30), "30.6.2027", "statements[0].until", "expected a date"),
        (day(30), day(-9), "statements[0].until", "before its date"),
        ("role: counsel", "role: ''", "statements[0].role", "expected text"),
        ("role: counsel, ", "", "statements[0].role", "missing"),
        ("who: A", "whom: A", "statements[0].whom", "did you mean 'who'?"),
    ],
)
def test_a_slip_in_one_is_named_before_the_work(plan, tmp_path, capsys, right, wrong, place, hint):
    plan.write_text(plan.read_text().replace(right, wrong))
    for words in (["run", str(plan), "-o", str(tmp_path / "run")], ["check", str(plan)]):
        assert main(words) == 2
        error = " ".join(capsys.readouterr().err.split())
        assert place in error
        assert hint in error
    assert not (tmp_path / "run").exists()


def test_from_a_file_and_from_python(plan, tmp_path):
    said = tmp_path / "said.yaml"
    said.write_text(plan.read_text().partition("statements:\n")[2])
    bare = plan.read_text().partition("statements:\n")[0]
    plan.write_text(bare)
    assert main(["run", str(plan), "--statements", str(said), "-o", str(tmp_path / "file")]) == 0
    one = {"pack": "us-four-fifths", "clause": "1607.5", "who": "A", "role": "b", "date": day(0), "text": "c", "until": day(0)}
    for given in ([one], [Statement(**one)], one, said):
        run = auditor.audit(
            data=tmp_path / "hired.csv", prediction="p", groups="sex", favourable="hired", packs="us-four-fifths",
            statements=given, out=tmp_path / f"py{id(given)}",
        ).run  # fmt: skip
        assert "attested" in run.gate.states
    with pytest.raises(ConfigError, match="did you mean 'until'"):
        auditor.audit(data=tmp_path / "hired.csv", prediction="p", statements=[{**one, "untill": "x"}])
