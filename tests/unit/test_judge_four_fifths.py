"""The four-fifths rule, as the Uniform Guidelines and their Questions & Answers read it."""

from fractions import Fraction

import pytest

from auditor.judge.cases import Family, Pending
from auditor.judge.four_fifths import Selected, compared, moves_to_clear
from auditor.stats.intervals import share
from auditor.types import Check, Threshold

RULE = Threshold(">=", 0.8, "guideline", "29 CFR 1607.4(D)", "four_fifths")


def rates(column="race", **groups):
    return [share("selection_rate", x, n, where={column: name}) for name, (x, n) in groups.items()]


def findings(measurements, *, needs=30, alpha=0.05):
    """Findings by group; every test is a family of its own."""
    cases = compared(measurements, Check("selection_rate", slices="group", threshold=RULE, needs=needs), RULE, alpha)
    done = [case.settle(Family(case.p_value, 1.0, 1)) if isinstance(case, Pending) else case for case in cases]
    return {next(iter(finding.where.values())): finding for finding in done}


def test_question_11():
    # Rates of 60, 45, 48 and 51 %: 45 is less than four fifths of 60; 48 is four fifths, and 51 more, so neither is adverse.
    found = findings(rates(A=(60_000, 100_000), B=(45_000, 100_000), C=(48_000, 100_000), D=(51_000, 100_000)))
    assert "A" not in found
    assert {name: finding.state for name, finding in found.items()} == {"B": "fail", "C": "inconclusive", "D": "pass"}
    assert found["C"].value == pytest.approx(0.8)
    assert "the rate itself is not below it" in found["C"].reason
    assert all(finding.where["reference"] == "A" for finding in found.values())


def test_exactly_four_fifths_never_fails_however_many_rows():
    for n in (100, 10_000, 10**8):
        found = findings(rates(A=(60 * n // 100, n), B=(48 * n // 100, n)))
        assert found["B"].state == "inconclusive"


def test_question_21():
    # 1 of 10 women and 3 of 20 men: a ratio of .67, but one hire more turns it, so the numbers are too small.
    for needs in (1, 30):
        finding = findings(rates("sex", women=(1, 10), men=(3, 20)), needs=needs)["women"]
        assert finding.state == "inconclusive"
        assert finding.value == pytest.approx(2 / 3)
    assert (
        "one selection more in the group would clear it"
        in findings(rates("sex", women=(1, 10), men=(3, 20)), needs=1)["women"].reason
    )


def test_a_result_that_one_selection_turns_never_fails():
    # 21 of 30 against 900 of 1,000 is .78, and 22 against 899 is .82. At an error rate of .45 the tests alone would fail it.
    finding = findings(rates(A=(900, 1000), B=(21, 30)), alpha=0.45)["B"]
    assert finding.p_value < 0.45
    assert finding.state == "inconclusive"
    assert findings(rates(A=(900, 1000), B=(20, 30)), alpha=0.45)["B"].state == "fail"


def test_a_large_shortfall_on_few_rows_fails_only_where_it_is_significant():
    assert findings(rates(A=(36, 40), B=(12, 40)))["B"].state == "fail"
    assert findings(rates(A=(20, 40), B=(15, 40)))["B"].state == "inconclusive"


def test_the_reason_says_how_far_and_how_fragile():
    finding = findings(rates(A=(600, 1000), B=(300, 1000)))["B"]
    assert finding.reason.startswith("selection rate 0.300 against 0.600 in A: ratio 0.500 [")
    # Of 450 expected by a blind draw 300: 150 / sqrt(1000 x .45 x .55 x 1000/1999) = 13.5 standard deviations.
    assert "13.5 standard deviations" in finding.reason
    # (4 x 600 x 1000 - 5 x 300 x 1000) / (5 x 1000 + 4 x 1000) = 100 moves: 400 and 500 of 1,000 are a ratio of .8
    assert "100 selections would have to move" in finding.reason
    assert finding.metric == "selection_rate_ratio"


@pytest.mark.parametrize(
    ("group", "reference", "moves"),
    [
        ((1, 10), (3, 20), 1),
        ((48, 80), (60, 80), 0),
        ((47, 80), (60, 80), 1),
        ((300, 1000), (600, 1000), 100),
        ((9, 10), (1, 10), 0),
    ],
)
def test_moves_to_clear_is_the_least_number_that_clears(group, reference, moves):
    x, n = group
    x_ref, n_ref = reference
    one, other = Selected("g", x, n, rates(a=group)[0]), Selected("r", x_ref, n_ref, rates(a=reference)[0])
    assert moves_to_clear(one, other, Fraction(4, 5)) == moves
    assert 5 * (x + moves) * n_ref >= 4 * (x_ref - moves) * n
    if moves:
        assert 5 * (x + moves - 1) * n_ref < 4 * (x_ref - moves + 1) * n


def test_groups_below_two_per_cent_are_shown_and_neither_judged_nor_the_reference():
    found = findings(rates(A=(500, 1000), B=(480, 1000), tiny=(39, 39)))
    assert found["tiny"].state == "not-applicable"
    assert found["tiny"].reason == "39 of 2,039 rows are fewer than 2 %: shown, not judged"
    assert found["B"].where["reference"] == "A"
    exactly = findings(rates(A=(490, 980), B=(480, 980), small=(40, 40)))  # 40 of 2,000 are 2 %
    assert exactly["A"].where["reference"] == "small"


def test_rows_without_a_group_are_shown_and_count_in_no_share():
    found = findings(
        [*rates(A=(500, 1000), B=(480, 1000), C=(20, 45)), share("selection_rate", 9, 10_000, where={"race": "(missing)"})]
    )
    assert found["(missing)"].state == "not-applicable"
    assert found["C"].state == "inconclusive"  # 45 of 2,045 rows, not of 12,045


def test_small_groups_are_not_assessed():
    finding = findings(rates(A=(50, 100), B=(1, 29)))["B"]
    assert (finding.state, finding.needed_n) == ("inconclusive", 30)
    assert finding.reason.startswith("not assessed")


def test_nobody_selected_is_undefined():
    finding = findings(rates(A=(0, 100), B=(0, 100)))["A"]
    assert (finding.state, finding.value, finding.reason) == ("inconclusive", None, "undefined: the reference rate is 0")


def test_a_single_group_is_nothing_to_compare():
    found = findings(rates(A=(50, 100)))
    assert found["A"].state == "not-tested"
    assert "nothing to compare" in found["A"].reason


def test_each_column_and_class_has_its_own_reference():
    by_class = [
        share("selection_rate", x, 100, where={"sex": sex, "class": of})
        for sex, of, x in [("F", "a", 50), ("M", "a", 60), ("F", "b", 40), ("M", "b", 20)]
    ]
    cases = compared([*by_class, *rates(A=(90, 100), B=(80, 100))], Check("selection_rate"), RULE, 0.05)
    found = [case.settle(Family(case.p_value, 1.0, 1)).where for case in cases]
    assert found == [
        {"sex": "F", "class": "a", "reference": "M"},
        {"sex": "M", "class": "b", "reference": "F"},
        {"race": "B", "reference": "A"},
    ]


def test_equal_groups_pass_with_enough_rows():
    found = findings(rates(A=(3000, 10_000), B=(2990, 10_000), C=(3000, 10_000)))
    assert [finding.state for finding in found.values()] == ["pass", "pass"]
    assert found["B"].reason.endswith("is at least 0.80")
