"""Clauses, ceilings, what was not measured, and the gate."""

import itertools

import pytest

from auditor.judge import gate, judge
from auditor.judge.states import WORST_FIRST, worst
from auditor.stats.intervals import difference, share
from auditor.types import Check, Clause, Measurement, Outcome, Pack, Threshold, Verdict

AT_MOST = Threshold("<=", 0.05, "house")


def pack(*clauses):
    return Pack("p", "1", "house", "2026-01-01", "2027-01-01", clauses)


def flips(x, n=1000, **where):
    return share("label_flips", x, n, where=where)


def measured(*measurements, probe="label_flips"):
    return Outcome(probe, "measured", measurements=measurements)


def verdict(clause, *outcomes):
    (found,) = judge([pack(clause)], outcomes)
    return found


CHECK = Check("label_flips", probe="label_flips", threshold=AT_MOST)
CLAUSE = Clause("R1", checks=(CHECK,), text={"en": "few flips"}, severity="minor")


def test_a_verdict_carries_its_clause():
    found = verdict(CLAUSE, measured(flips(200)))
    assert (found.pack, found.edition, found.clause, found.severity, found.assessment) == ("p", "1", "R1", "minor", "machine")
    assert (found.findings[0].threshold, found.text) == (AT_MOST, {"en": "few flips"})
    assert found.state == "fail"
    assert found.reason == "label flips 0.200 [0.180, 0.222] exceeds 0.05"


def test_the_worst_finding_decides_and_comes_first():
    found = verdict(CLAUSE, measured(flips(0), flips(50, sex="F"), flips(300, sex="M")))
    assert [finding.state for finding in found.findings] == ["fail", "inconclusive", "pass"]
    assert found.state == "fail"
    assert found.reason.startswith("1 of 3 findings fail, first: sex = M: label flips 0.300")


def test_the_reason_names_what_was_compared_with_what():
    gap = difference("accuracy_difference", 500, 1000, 800, 1000, where={"sex": "F", "race": "B", "reference": "M & A"})
    clause = Clause("R1", checks=(Check("accuracy_difference", threshold=Threshold("within", 0.1, "house")),))
    reason = verdict(clause, measured(gap)).reason
    assert reason.startswith("sex = F, race = B: accuracy 0.500 against 0.800 in M & A: difference -0.300 [")


def test_what_two_probes_measure_alike_is_judged_once():
    found = verdict(CLAUSE, measured(flips(12, 120)), measured(flips(12, 120), probe="other"))
    assert len(found.findings) == 1
    assert found.state == "fail"  # p is .0059; twice in the family it would still fail, at .0118
    assert found.findings[0].p_value == pytest.approx(0.0059, abs=1e-4)
    assert len(verdict(CLAUSE, measured(flips(12, 120), flips(13, 120))).findings) == 2


def test_worst_is_never_an_average():
    for one, other in itertools.combinations(WORST_FIRST[:-1], 2):
        assert worst([one, other]) == worst([other, one, other]) == one
    assert worst(["pass", "not-applicable"]) == "pass"
    assert worst(["not-applicable"]) == worst([]) == "not-tested"


def test_every_test_of_a_pack_is_in_one_family():
    # 12 of 120 against 5 %: p is .0059 alone. With nine others that are nowhere near, Holm takes ten times that.
    near = flips(12, 120)
    others = [flips(50, 1000, column=str(i)) for i in range(9)]
    one, two = (
        Clause("R1", checks=(Check("label_flips", slices="whole", without=("column",), threshold=AT_MOST),)),
        Clause("R2", checks=(Check("label_flips", where={"column": "*"}, threshold=AT_MOST),)),
    )
    alone, _ = judge([pack(one, two)], [measured(near)])
    together, _ = judge([pack(one, two)], [measured(near, *others)])
    apart, _, _ = judge([pack(one), pack(two, one)], [measured(near, *others)])
    assert (alone.state, together.state, apart.state) == ("fail", "inconclusive", "fail")
    assert together.findings[0].p_value == pytest.approx(10 * alone.findings[0].p_value)


def test_four_fifths_compares_the_groups_of_one_probe_run_with_each_other():
    rule = Threshold(">=", 0.8, "guideline", "x", "four_fifths")
    clause = Clause("R1", checks=(Check("selection_rate", slices="group", threshold=rule),))
    hired = [share("selection_rate", x, 1000, where={"sex": sex}) for sex, x in (("F", 500), ("M", 500))]
    fired = [share("selection_rate", x, 1000, where={"sex": sex}) for sex, x in (("F", 50), ("M", 50))]
    found = verdict(clause, measured(*hired), measured(*fired), Outcome("empty", "measured"))
    assert sorted(finding.value for finding in found.findings) == [1.0, 1.0]


def test_checks_choose_their_measurements():
    gaps = [
        difference("d", 5, 100, 5, 100, where={"sex": "F", "reference": "M"}),
        difference("d", 5, 100, 5, 100, where={"sex": "F", "race": "B", "reference": "M & A"}),
        Measurement("d", 0.1, "fraction", 9, where={"class": "a", "column:class": "x"}),
        Measurement("d", 0.2, "fraction", 9),
    ]

    def chosen(**options):
        clause = Clause("R1", assessment="evidence", checks=(Check("d", **options),))
        return {tuple(finding.where) for finding in verdict(clause, measured(*gaps)).findings if finding.state == "evidence"}

    assert len(chosen()) == 4
    assert chosen(slices="group") == {("sex", "reference"), ("class", "column:class")}
    assert chosen(slices="group", where={"reference": "*"}) == {("sex", "reference")}
    assert chosen(slices="intersection") == {("sex", "race", "reference")}
    assert chosen(slices="whole") == {()}
    assert chosen(without=("reference",)) == {("class", "column:class"), ()}
    assert chosen(where={"reference": "M"}) == {("sex", "reference")}


@pytest.mark.parametrize(
    ("outcomes", "state", "reason"),
    [
        ([], "not-tested", "the plan has no probe label_flips"),
        ([Outcome("label_flips", "skipped", "needs a model")], "not-tested", "needs a model"),
        ([Outcome("label_flips", "skipped")], "not-tested", "label_flips was skipped"),
        (
            [Outcome("label_flips", "failed", "ZeroDivisionError: division by zero")],
            "error",
            "label_flips crashed: ZeroDivisionError: division by zero",
        ),
        ([measured()], "not-tested", "label_flips found nothing of this kind to measure in these data"),
        ([Outcome("energy", "failed", "boom")], "not-tested", "the plan has no probe label_flips"),
    ],
)
def test_what_was_not_measured_says_why_and_is_never_a_pass(outcomes, state, reason):
    found = verdict(CLAUSE, *outcomes)
    assert (found.state, found.reason) == (state, reason)


@pytest.mark.parametrize(
    ("outcomes", "state", "reason"),
    [
        ([], "not-tested", "no probe measured lift"),
        ([measured(flips(0))], "not-tested", "no probe measured lift"),
        ([Outcome("acme/credit.lift", "failed", "boom")], "error", "acme/credit.lift crashed: boom"),
        ([Outcome("acme/credit.lift", "skipped", "needs a score")], "not-tested", "needs a score"),
        (
            [Outcome("x", "failed", "boom"), measured(Measurement("lift", 2.0, "ratio", 90))],
            "evidence",
            "lift 2.000 is shown, not judged",
        ),
    ],
)
def test_a_check_that_names_no_probe_suspects_those_that_measured_nothing(outcomes, state, reason):
    found = verdict(Clause("R1", assessment="evidence", checks=(Check("lift"),)), *outcomes)
    assert (found.state, found.findings[0].reason) == (state, reason)


def test_a_crash_beside_a_measurement_is_still_an_error():
    crashed = Outcome("label_flips", "failed", "out of memory", measurements=(flips(0),))
    assert verdict(CLAUSE, crashed).state == "error"
    assert verdict(CLAUSE, measured(flips(0)), Outcome("label_flips", "failed", "boom")).state == "error"
    assert verdict(CLAUSE, measured(flips(0)), Outcome("label_flips", "skipped", "no words")).state == "not-tested"
    assert verdict(CLAUSE, measured(flips(0))).state == "pass"


def test_evidence_is_never_a_pass_and_failing_evidence_fails():
    clause = Clause("R1", assessment="evidence", checks=(CHECK,))
    assert verdict(clause, measured(flips(0))).state == "evidence"
    assert verdict(clause, measured(flips(300))).state == "fail"


def test_a_duty_of_a_person_is_never_judged():
    bare = Clause("R1", assessment="attestation")
    shown = Clause("R1", assessment="attestation", checks=(Check("label_flips"),))
    assert verdict(bare, measured(flips(0))).state == "not-tested"
    assert verdict(shown, measured(flips(0))).state == "evidence"
    assert verdict(shown).state == "not-tested"
    assert "a person has to state this" in verdict(bare).reason


def test_a_clause_without_checks_is_not_tested():
    assert verdict(Clause("R1"), measured(flips(0))).state == "not-tested"


def test_a_clause_of_nothing_but_missing_groups_is_not_tested():
    found = verdict(CLAUSE, measured(flips(0, race="(missing)")))
    assert (found.state, found.findings[0].state) == ("not-tested", "not-applicable")


def test_evidence_that_has_no_value_was_not_tested():
    clause = Clause("R1", assessment="evidence", checks=(Check("f1"),))
    found = verdict(clause, measured(Measurement("f1", None, "fraction", 0, reason="there are no rows")))
    assert (found.state, found.reason) == ("not-tested", "undefined: there are no rows")


def made(state):
    return Verdict("p", "1", "c", state, "")


@pytest.mark.parametrize(
    ("states", "loose", "strict"),
    [
        ([], ("ok", 0), ("ok", 0)),
        (["pass", "not-applicable", "attested"], ("ok", 0), ("ok", 0)),
        (["pass", "inconclusive"], ("ok", 0), ("undecided", 4)),
        (["not-tested"], ("ok", 0), ("undecided", 4)),
        (["evidence"], ("ok", 0), ("undecided", 4)),
        (["inconclusive", "fail"], ("fail", 3), ("fail", 3)),
        (["pass", "error"], ("fail", 3), ("fail", 3)),
    ],
)
def test_gate(states, loose, strict):
    verdicts = [made(state) for state in states]
    for is_strict, expected in ((False, loose), (True, strict)):
        found = gate(verdicts, strict=is_strict)
        assert (found.state, found.exit_code) == expected
        assert found.strict is is_strict
        assert dict(found.states) == {state: states.count(state) for state in states}
    assert list(gate(verdicts).states) == sorted(set(states), key=WORST_FIRST.index)


@pytest.mark.parametrize(("states", "code"), [([], 4), (["pass", "not-tested"], 4), (["fail", "not-tested"], 3)])
def test_a_model_that_was_refused_leaves_the_gate_no_better_than_undecided(states, code):
    assert gate([made(state) for state in states], refused=True).exit_code == code


def test_each_finding_has_the_bound_of_its_own_check():
    # 0.18 and 0.02 apart: the first is beyond 0.05, the second within 0.2, and neither is held against the other's bound.
    loose, tight = Threshold("within", 0.2, "house"), Threshold("within", 0.05, "vendor", "contract, 4.2")
    clause = Clause("R1", checks=(Check("a_difference", threshold=loose), Check("b_difference", threshold=tight)))
    contrasts = [
        difference(f"{name}_difference", x, 2000, 1000, 2000, where={"sex": "F", "reference": "M"})
        for name, x in (("a", 1040), ("b", 1360))
    ]
    found = {finding.metric: finding for finding in verdict(clause, measured(*contrasts)).findings}
    assert {name: (one.state, one.threshold) for name, one in found.items()} == {
        "a_difference": ("pass", loose),
        "b_difference": ("fail", tight),
    }
    assert "0.20" in found["a_difference"].reason
    assert "0.05" in found["b_difference"].reason


def test_what_was_not_measured_has_the_bound_that_it_would_have_been_held_against():
    assert [finding.threshold for finding in verdict(CLAUSE, Outcome("label_flips", "skipped", "why")).findings] == [AT_MOST]
