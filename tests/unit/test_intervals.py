"""Intervals: properties known by arithmetic, the edges, and the measurements made with them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from auditor.stats.intervals import (
    Interval,
    adjusted_log,
    difference,
    mean,
    mean_interval,
    mover_difference,
    newcombe,
    ratio,
    share,
    wilson,
    z_value,
)

COUNTS = st.integers(1, 10**9).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
LEVELS = st.sampled_from([0.8, 0.9, 0.95, 0.99])


def test_wilson_agrees_with_scipy():
    for x, n in [(0, 1), (1, 1), (0, 20), (3, 7), (15, 148), (500_000, 10**6)]:
        ends = stats.binomtest(x, n).proportion_ci(0.9, method="wilson")
        assert wilson(x, n, 0.9) == pytest.approx((ends.low, ends.high), abs=1e-12)


def test_z_value_is_the_normal_quantile():
    assert z_value(0.95) == pytest.approx(1.959963984540054, abs=1e-12)
    assert z_value(0.0) == 0


@given(COUNTS, LEVELS)
def test_wilson_holds_the_rate_and_stays_a_rate(counts, level):
    x, n = counts
    low, high = wilson(x, n, level)
    assert 0 <= low <= x / n <= high <= 1
    assert low < high


@given(COUNTS, COUNTS, LEVELS)
def test_newcombe_holds_the_difference_and_turns_with_the_sides(one, other, level):
    low, high = newcombe(*one, *other, level)
    gap = one[0] / one[1] - other[0] / other[1]
    assert -1 - 1e-12 <= low <= gap <= high <= 1 + 1e-12
    turned = newcombe(*other, *one, level)
    assert turned == pytest.approx((-high, -low), abs=1e-12)


@given(COUNTS, COUNTS.filter(lambda counts: counts[0] > 0), LEVELS)
def test_adjusted_log_holds_the_ratio(one, other, level):
    low, high = adjusted_log(*one, *other, level)
    value = one[0] / one[1] / (other[0] / other[1])
    assert 0 <= low <= value * (1 + 1e-9)
    assert value * (1 - 1e-9) <= high < math.inf


@given(COUNTS, COUNTS)
def test_a_higher_level_is_never_narrower(one, other):
    for interval in (newcombe, adjusted_log):
        narrow, wide = interval(*one, *other, 0.8), interval(*one, *other, 0.95)
        assert wide.low <= narrow.low <= narrow.high <= wide.high


def test_no_rows_say_nothing():
    assert wilson(0, 0) == (0, 1)
    assert newcombe(0, 0, 3, 7) == newcombe(3, 7, 0, 0) == (-1, 1)
    assert mean_interval(3.0, 9.0, 1) == (-math.inf, math.inf)


def test_adjusted_log_by_hand():
    # Walter 1975: ln((7.5/20.5)/(12.5/30.5)), variance 1/7.5 - 1/20.5 + 1/12.5 - 1/30.5
    centre = math.log((7.5 / 20.5) / (12.5 / 30.5))
    half = 1.959963984540054 * math.sqrt(1 / 7.5 - 1 / 20.5 + 1 / 12.5 - 1 / 30.5)
    assert adjusted_log(7, 20, 12, 30) == pytest.approx((math.exp(centre - half), math.exp(centre + half)), rel=1e-12)


def test_adjusted_log_at_the_edges():
    assert adjusted_log(0, 20, 5, 20).low == 0
    assert adjusted_log(5, 20, 0, 20).high == math.inf
    low, high = adjusted_log(3, 3, 3, 3)  # every row a case on both sides: Walter's own interval would be [1, 1]
    assert low < 0.6
    assert high > 1.6


def test_mover_is_newcombe_for_two_wilson_intervals_and_pythagoras_for_symmetric_ones():
    assert mover_difference(0.8, wilson(56, 70), 0.6, wilson(48, 80)) == pytest.approx(newcombe(56, 70, 48, 80), abs=1e-12)
    assert mover_difference(10, Interval(7, 13), 2, Interval(-2, 6)) == (3, 13)


def test_mean_interval_agrees_with_scipy():
    values = np.random.default_rng(1).gamma(2.0, 3.0, 25)
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.9)
    found = mean_interval(values.sum(), (values**2).sum(), 25, 0.9)
    assert found == pytest.approx((expected.low, expected.high), rel=1e-9)


def test_equal_values_whose_squares_round_down_have_no_negative_variance():
    assert mean_interval(0.3, 0.03 - 1e-18, 3) == pytest.approx((0.1, 0.1))


def test_share_carries_its_counts_as_plain_floats():
    m = share("selection_rate", np.int64(3), np.int64(12), where={"sex": "F"}, level=0.9)
    assert (m.value, m.n, m.level, m.method, m.unit, m.where) == (0.25, 12, 0.9, "wilson", "fraction", {"sex": "F"})
    assert (m.low, m.high) == wilson(3, 12, 0.9)
    assert m.counts == {"x": 3.0, "n": 12.0}
    assert {type(v) for v in (m.value, m.low, m.high, *m.counts.values())} == {float}


def test_contrasts_are_signed_group_against_reference():
    gap = difference("selection_rate_difference", 3, 12, 6, 10)
    assert gap.value == pytest.approx(-0.35)
    assert (gap.method, gap.n, gap.unit) == ("newcombe", 12, "fraction")
    assert gap.counts == {"x": 3.0, "n": 12.0, "x_ref": 6.0, "n_ref": 10.0}
    relative = ratio("selection_rate_ratio", 3, 12, 6, 10)
    assert relative.value == pytest.approx(0.25 / 0.6)
    assert (relative.method, relative.unit) == ("adjusted_log", "ratio")
    assert relative.low < relative.value < relative.high


@pytest.mark.parametrize(
    ("m", "reason"),
    [
        (share("true_positive_rate", 0, 0, needs="rows with a positive label"), "there are no rows with a positive label"),
        (difference("d", 0, 0, 1, 2), "the group has no rows"),
        (difference("d", 1, 2, 0, 0), "the reference group has no rows"),
        (ratio("r", 0, 0, 1, 2), "the group has no rows"),
        (ratio("r", 1, 2, 0, 7), "the reference rate is 0"),
        (mean("m", 0, 0, 0, unit="nats"), "there are no rows"),
    ],
)
def test_undefined_is_none_with_its_reason(m, reason):
    assert (m.value, m.low, m.high, m.reason) == (None, None, None, reason)


def test_zero_cases_against_some_is_a_ratio_of_zero():
    m = ratio("r", 0, 50, 10, 50)
    assert (m.value, m.low) == (0.0, 0.0)
    assert 0 < m.high < 1


def test_mean_has_a_standard_error_and_a_single_value_no_interval():
    m = mean("log_loss", 6.0, 14.0, 3, unit="nats")
    assert m.value == 2
    assert m.counts["se"] == pytest.approx(1 / math.sqrt(3))
    assert m.high - 2 == pytest.approx(4.302652729911275 / math.sqrt(3))  # t quantile at .975 with 2 degrees of freedom
    one = mean("log_loss", 2.0, 4.0, 1, unit="nats")
    assert (one.value, one.low, one.reason) == (2.0, None, "one value has no spread")


def test_counts_of_a_thousand_million_keep_their_precision():
    m = difference("d", np.int64(5 * 10**8 + 10**5), np.int64(10**9), np.int64(5 * 10**8), np.int64(10**9))
    assert m.value == pytest.approx(1e-4)
    assert m.high - m.low == pytest.approx(2 * 1.959963984540054 * math.sqrt(0.5 / 10**9), rel=1e-3)
    low, high = wilson(np.int64(10**10), np.int64(2 * 10**10))
    assert high - low == pytest.approx(1.959963984540054 / math.sqrt(2 * 10**10), rel=1e-6)
