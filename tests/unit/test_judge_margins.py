"""One measurement against one bound."""

import math

import pytest

from auditor.judge import wording
from auditor.judge.cases import Family, Pending, unjudged
from auditor.judge.margins import Margin, judged, violation
from auditor.judge.needed import rows_needed
from auditor.stats.intervals import difference, mean, newcombe, ratio, share, wilson
from auditor.types import Check, Finding, Measurement, Threshold, Why

WITHIN = Threshold("within", 0.1, "house")
AT_MOST = Threshold("<=", 0.05, "house")


def alone(m: Measurement, threshold: Threshold, alpha: float = 0.05) -> Finding:
    """The finding on a measurement that is the only one of its family."""
    case = judged(m, threshold, alpha)
    return case.settle(Family(case.p_value, 1.0, 1)) if isinstance(case, Pending) else case


def gap(x: float, n: float, x_ref: float, n_ref: float) -> Measurement:
    return difference("false_positive_rate_difference", x, n, x_ref, n_ref, where={"race": "B", "reference": "A"})


def test_shown_outside_fails_with_both_rates_and_the_bound_in_the_reason():
    finding = alone(gap(805, 1795, 349, 1488), WITHIN)
    assert finding.state == "fail"
    assert finding.reason == "false positive rate 0.448 against 0.235 in A: difference 0.214 [0.187, 0.240] exceeds 0.10"
    assert (finding.low, finding.high) == newcombe(805, 1795, 349, 1488, 0.9)
    assert finding.p_value < 1e-9
    assert (finding.n, finding.needed_n) == (1795, None)


def test_a_shortfall_outside_fails_too():
    finding = alone(gap(349, 1488, 805, 1795), WITHIN)
    assert finding.state == "fail"
    assert finding.reason.endswith("lies beyond -0.10")


def test_shown_inside_passes_and_says_what_would_have_been_noticed():
    finding = alone(gap(500, 1000, 500, 1000), WITHIN)
    assert finding.state == "pass"
    # (1.95996 + .84162) x sqrt(2 x .25 / 1000) = .0626
    assert finding.reason.endswith("lies within 0.10; a gap from 0.063 on would have been noticed")


def test_significant_but_inside_the_margin_passes():
    finding = alone(gap(5200, 10_000, 5000, 10_000), WITHIN)
    assert finding.state == "pass"
    assert finding.reason.endswith("the gap is real but tolerable")


def test_neither_is_inconclusive_with_the_rows_that_would_settle_it():
    finding = alone(gap(50, 100, 50, 100), WITHIN)
    assert finding.state == "inconclusive"
    assert finding.needed_n == 429  # per side, at equality and a rate of one half
    assert finding.reason.endswith("may lie within or beyond 0.10; about 429 rows per side would settle it")


def test_at_the_margin_no_number_of_rows_settles_it():
    finding = alone(gap(60, 100, 50, 100), WITHIN)
    assert (finding.state, finding.needed_n) == ("inconclusive", None)
    assert "too near for any number of rows" in finding.reason


@pytest.mark.parametrize(
    ("threshold", "x", "state"),
    [
        (AT_MOST, 0, "pass"),
        (AT_MOST, 5, "inconclusive"),
        (AT_MOST, 30, "fail"),
        (Threshold(">=", 0.9, "house"), 99, "pass"),
        (Threshold(">=", 0.9, "house"), 89, "inconclusive"),
        (Threshold(">", 0.9, "house"), 50, "fail"),
        (Threshold("<", 0.5, "house"), 70, "fail"),
    ],
)
def test_one_sided_bounds_of_a_rate(threshold, x, state):
    assert alone(share("label_flips", x, 100), threshold).state == state


def test_the_bound_that_decides_is_one_sided():
    # 9 of 310: the one-sided 95 % bound, which is the end of the 90 % interval, is below .05; the 95 % interval is not.
    assert wilson(9, 310, 0.9).high < 0.05 < wilson(9, 310, 0.95).high
    finding = alone(share("label_flips", 9, 310), AT_MOST)
    assert finding.state == "pass"
    assert (finding.low, finding.high) == wilson(9, 310, 0.9)


def test_the_family_makes_failing_harder_and_passing_not():
    case = judged(share("label_flips", 12, 120), AT_MOST, 0.05)
    assert 0.005 < case.p_value < 0.02
    assert case.settle(Family(case.p_value, 1.0, 1)).state == "fail"
    many = case.settle(Family(min(case.p_value * 10, 1), 10.0, 10))
    assert many.state == "inconclusive"
    assert many.p_value == pytest.approx(case.p_value * 10)
    inside = judged(share("label_flips", 0, 200), AT_MOST, 0.05)
    assert inside.settle(Family(1.0, 10.0, 10)).state == "pass"


def test_the_failing_bound_shown_is_the_adjusted_one():
    case = judged(share("label_flips", 30, 100), AT_MOST, 0.05)
    finding = case.settle(Family(case.p_value * 5, 5.0, 5))
    assert finding.low == pytest.approx(wilson(30, 100, 1 - 2 * 0.01).low)


@pytest.mark.parametrize(
    ("x", "p"),
    [(20, 0.5), (30, 0.00621), (10, 0.99379)],  # score test of 20 %: z = 0, 2.5, -2.5
)
def test_p_value_of_a_rate_is_the_score_test(x, p):
    case = judged(share("label_flips", x, 100), Threshold("<=", 0.2, "house"), 0.05)
    assert case.p_value == pytest.approx(p, abs=2e-5)


def test_a_margin_on_both_sides_takes_the_nearer_one():
    over = judged(gap(70, 100, 50, 100), WITHIN, 0.05).p_value
    under = judged(gap(50, 100, 70, 100), WITHIN, 0.05).p_value
    assert over == pytest.approx(under)
    assert over == pytest.approx(judged(gap(70, 100, 50, 100), Threshold("<=", 0.1, "house"), 0.05).p_value)


def test_ratios_are_judged_on_the_log_scale():
    m = ratio("selection_rate_ratio", 45, 100, 60, 100)
    finding = alone(m, Threshold(">=", 0.8, "guideline"))
    assert finding.state == "inconclusive"
    # excess ln(.8/.75); deviation sqrt(.55/.45 + .4/.6); (1.6449 + .8416)^2 x 1.8889 / .06454^2
    assert finding.needed_n == pytest.approx((2.48648**2) * (0.55 / 0.45 + 0.4 / 0.6) / math.log(0.8 / 0.75) ** 2, abs=1)
    assert alone(ratio("r", 4500, 10_000, 6000, 10_000), Threshold(">=", 0.8, "guideline")).state == "fail"
    assert alone(ratio("r", 5500, 10_000, 6000, 10_000), Threshold(">=", 0.8, "guideline")).state == "pass"


def test_means_and_bootstraps_are_judged_by_their_standard_error():
    m = mean("log_loss", 30.0, 30.0**2 / 100 + 99 * 0.04, 100, unit="nats")  # mean .3, standard error .02
    assert alone(m, Threshold("<=", 0.4, "house")).state == "pass"
    assert alone(m, Threshold("<=", 0.3, "house")).state == "inconclusive"
    boot = Measurement("f1", 0.6, "fraction", 400, 0.56, 0.64, 0.95, "bootstrap", None, {}, {"se": 0.02})
    finding = alone(boot, Threshold(">=", 0.7, "house"))
    assert finding.state == "fail"
    assert finding.low == pytest.approx(0.6 - 1.6448536 * 0.02)
    undecided = alone(boot, Threshold(">=", 0.58, "house"))
    # deviation .02 x sqrt(400) = .4 at one row; (1.6449 + .8416)^2 x .16 / .02^2 = 2473
    assert undecided.needed_n == 2474


@pytest.mark.parametrize("method", ["wilson", "newcombe", "adjusted_log", "delong", "bonett_price"])
def test_without_the_counts_of_its_method_the_standard_error_decides(method):
    m = Measurement("f1", 0.6, "fraction", 400, 0.56, 0.64, 0.95, method, None, {}, {"tp": 90.0, "se": 0.02})
    assert alone(m, Threshold(">=", 0.5, "house")).state == "pass"
    assert alone(m, Threshold(">=", 0.58, "house")).needed_n == 2474
    assert alone(m, Threshold(">=", 0.6, "house", "", "point")).state == "pass"


def test_what_counts_everything_is_compared_as_it_is():
    none = Measurement("unsafe_files", 0, "count", 4, method="exact")
    some = Measurement("unsafe_files", 2, "count", 4, method="exact")
    assert alone(none, Threshold("<=", 0, "house")) == Finding(
        "unsafe_files", {}, "pass", "unsafe files 0 is at most 0", 0, n=4, why=Why(("at_most",), {"bound": 0})
    )
    assert alone(some, Threshold("<=", 0, "house")).reason == "unsafe files 2 exceeds 0"


@pytest.mark.parametrize(
    ("m", "threshold", "state"),
    [
        (share("missing_share", 5, 100), Threshold("<=", 0.05, "house", "", "point"), "pass"),
        (share("missing_share", 6, 100), Threshold("<=", 0.05, "house", "", "point"), "fail"),
        (gap(3, 10, 2, 10), Threshold("within", 0.1, "house", "", "point"), "pass"),  # .3 - .2 > .1 in floats
        (gap(31, 100, 20, 100), Threshold("within", 0.1, "house", "", "point"), "fail"),
        (ratio("r", 48, 80, 60, 80), Threshold(">=", 0.8, "guideline", "", "point"), "pass"),  # < .8 in floats
        (ratio("r", 47, 80, 60, 80), Threshold(">=", 0.8, "guideline", "", "point"), "fail"),
    ],
)
def test_points_are_compared_in_exact_arithmetic(m, threshold, state):
    assert alone(m, threshold).state == state


def test_a_number_without_uncertainty_decides_nothing():
    bare = Measurement("f1", 0.99, "fraction", 400)
    assert alone(bare, Threshold(">=", 0.5, "house")).state == "inconclusive"
    frozen = Measurement(
        "f1", 1.0, "fraction", 40, method="bootstrap", reason="no interval: every resample gives the same value"
    )
    finding = alone(frozen, Threshold(">=", 0.5, "house"))
    assert finding.state == "inconclusive"
    assert finding.reason == "f1 1.000 has no interval: every resample gives the same value"
    assert finding.why == Why(("no_interval",), cause="every resample gives the same value")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0, "Wh", "0.000"),
        (0.0134, "Wh", "0.013"),
        (0.00012, "Wh", "0.00012"),
        (0.0000243, "Wh", "2.4e-05"),
        (-0.0004, "fraction", "-0.0004"),
        (0.25, "count", "0.25"),
        (2.0, "count", "2"),
        (1234.5, "s", "1,234"),
    ],
)
def test_a_number_that_is_not_zero_is_not_written_as_zero(value, unit, text):
    assert wording.number(value, unit) == text


def test_neither_is_its_interval():
    m = Measurement("energy", 0.00012, "Wh", 9, 0.000024, 0.00061, method="estimate")
    assert wording.estimate(m) == "energy 0.00012 [2.4e-05, 0.00061]"


def test_the_reason_is_there_as_data():
    why = alone(gap(805, 1795, 349, 1488), WITHIN).why
    assert why == Why(("exceeds",), {"rate": 805 / 1795, "rate_ref": 349 / 1488, "bound": 0.1})
    why = alone(gap(50, 100, 50, 100), WITHIN).why
    assert (why.says, why.numbers["needed"]) == (("within_or_beyond", "rows_needed_per_side"), 429)
    why = alone(gap(500, 1000, 500, 1000), WITHIN).why
    assert why.says == ("within", "noticed")
    assert why.numbers["noticed"] == pytest.approx(0.0626, abs=1e-4)
    why = unjudged(gap(1, 100, 5, 29), Check("d")).why
    assert (why.says, why.numbers["rows"], why.numbers["needed"]) == (("too_few_in_reference",), 29, 30)


@pytest.mark.parametrize(
    ("m", "state", "reason"),
    [
        (gap(1, 29, 5, 100), "inconclusive", "not assessed: 29 rows behind it, fewer than the 30 needed"),
        (gap(1, 100, 5, 29), "inconclusive", "not assessed: 29 rows in the reference group, fewer than the 30 needed"),
        (share("true_positive_rate", 0, 0, needs="positives"), "inconclusive", "undefined: there are no positives"),
        (Measurement("f1", None, "fraction", 50), "inconclusive", "undefined: no reason was given"),
        (
            difference("d", 50, 100, 1, 100, where={"race": "(missing)", "reference": "A"}),
            "not-applicable",
            "rows without a group value are shown, not judged",
        ),
    ],
)
def test_what_cannot_be_judged_is_listed_with_its_reason(m, state, reason):
    finding = unjudged(m, Check("d"))
    assert (finding.state, finding.reason) == (state, reason)
    assert (finding.value, finding.low, finding.high, finding.n) == (m.value, m.low, m.high, m.n)


def test_enough_rows_go_on_to_be_judged():
    assert unjudged(gap(1, 30, 5, 30), Check("d")) is None
    assert unjudged(Measurement("unsafe_files", 0, "count", 1, method="exact"), Check("unsafe_files", needs=0)) is None


def test_rows_needed_are_more_than_there_are():
    m = gap(0, 40, 0, 40)
    assert rows_needed(m, -0.1, 0.1, alpha=0.05, family=1) > 40


def test_an_open_margin_cannot_be_violated():
    everything = Margin(-math.inf, math.inf)
    assert violation(lambda level: wilson(50, 100, level), everything) == 1
    assert everything.holds(wilson(50, 100))
