"""Published figures and planning numbers that the statistics have to reproduce, from the counts printed here."""

import math

import numpy as np
import pytest
from scipy.stats import binom

from auditor.stats import intervals, power
from auditor.stats.tests import cochran_mantel_haenszel, fisher_exact, pooled_z

# ProPublica, "How We Analyzed the COMPAS Recidivism Algorithm" (2016): 7,214 defendants, score other than Low.
BLACK = {"tn": 990, "fp": 805, "fn": 532, "tp": 1369}
WHITE = {"tn": 1139, "fp": 349, "fn": 461, "tp": 505}

# Bickel, Hammel & O'Connell, Science 187 (1975): admitted and rejected men, then women, in the six largest departments.
BERKELEY = [
    [[512, 313], [89, 19]],
    [[353, 207], [17, 8]],
    [[120, 205], [202, 391]],
    [[138, 279], [131, 244]],
    [[53, 138], [94, 299]],
    [[22, 351], [24, 317]],
]


@pytest.mark.parametrize(
    ("x", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_in_newcombe_1998a_table_1(x, n, low, high):
    assert intervals.wilson(x, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("sides", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1),
    ],
)
def test_differences_as_in_newcombe_1998b_table_2_method_10(sides, low, high):
    assert intervals.newcombe(*sides) == pytest.approx((low, high), abs=5e-5)


def test_compas_false_positive_rates_differ_as_published():
    fp, negatives = BLACK["fp"], BLACK["fp"] + BLACK["tn"]
    fp_ref, negatives_ref = WHITE["fp"], WHITE["fp"] + WHITE["tn"]
    assert round(100 * fp / negatives, 2) == 44.85
    assert round(100 * fp_ref / negatives_ref, 2) == 23.45
    sides = (fp, negatives, fp_ref, negatives_ref)
    assert pooled_z(*sides).statistic == pytest.approx(12.780, abs=5e-4)
    assert fisher_exact(*sides) == pytest.approx(5.07e-38, rel=2e-3)
    gap = intervals.difference("false_positive_rate_difference", *sides)
    assert (gap.value, gap.low, gap.high) == pytest.approx((0.2139, 0.1821, 0.2450), abs=5e-5)
    # Katz's interval is [1.7212, 2.1241]; with half a case added on each side Walter's differs in the third decimal.
    relative = intervals.ratio("false_positive_rate_ratio", *sides)
    assert relative.value == pytest.approx(1.9121, abs=5e-5)
    assert (relative.low, relative.high) == pytest.approx((1.7212, 2.1241), abs=0.003)


def test_compas_predictive_values_do_not():
    positives, positives_ref = BLACK["tp"] + BLACK["fp"], WHITE["tp"] + WHITE["fp"]
    sides = (BLACK["tp"], positives, WHITE["tp"], positives_ref)
    gap = intervals.difference("positive_predictive_value_difference", *sides)
    assert (gap.value, gap.low, gap.high) == pytest.approx((0.0384, 0.0000, 0.0773), abs=1e-4)
    assert fisher_exact(*sides) == pytest.approx(0.0508, abs=5e-5)


@pytest.mark.parametrize(
    ("sides", "gap", "relative"),
    [
        ((88, 149, 612, 851), -0.128550, 0.821248),  # age 25 and over against younger
        ((110, 190, 590, 810), -0.149448, 0.794826),  # over 25, as in Kamiran & Calders 2012
        ((201, 310, 499, 690), -0.074801, 0.896567),  # women against men
    ],
)
def test_german_credit(sides, gap, relative):
    assert intervals.difference("d", *sides).value == pytest.approx(gap, abs=5e-7)
    assert intervals.ratio("r", *sides).value == pytest.approx(relative, abs=5e-7)


def test_berkeley_admissions_differ_overall_and_not_within_departments():
    men, women = np.sum(BERKELEY, axis=0)
    sides = (women[0], women.sum(), men[0], men.sum())
    assert sides == (557, 1835, 1198, 2691)
    assert intervals.difference("d", *sides).value == pytest.approx(-0.141645, abs=5e-7)
    assert intervals.ratio("r", *sides).value == pytest.approx(0.681830, abs=5e-7)
    within = cochran_mantel_haenszel(BERKELEY)
    assert within.odds_ratio == pytest.approx(0.904697, abs=5e-7)
    assert within.statistic == pytest.approx(1.5246, abs=5e-5)
    assert within.p_value == pytest.approx(0.2169, abs=5e-5)


# Coverage of nominal 95 % intervals in 40,000 simulations each (standard error 0.001), by group sizes and true rates.
@pytest.mark.parametrize(
    ("n", "n_ref", "p", "p_ref", "newcombe", "adjusted_log"),
    [
        (30, 300, 0.1, 0.1, 0.957, 0.946),
        (30, 300, 0.1, 0.3, 0.957, 0.941),
        (50, 50, 0.05, 0.05, 0.979, 0.998),
        (100, 1000, 0.5, 0.4, 0.951, 0.949),
        (20, 5000, 0.3, 0.3, 0.952, 0.948),
    ],
)
def test_coverage(n, n_ref, p, p_ref, newcombe, adjusted_log):
    assert _coverage(intervals.newcombe, p - p_ref, n, n_ref, p, p_ref) == pytest.approx(newcombe, abs=0.004)
    assert _coverage(intervals.adjusted_log, p / p_ref, n, n_ref, p, p_ref) == pytest.approx(adjusted_log, abs=0.004)


def test_high_rates_are_covered_where_walter_alone_would_not():
    # 30 and 300 rows at a rate of .95: Walter's own interval, whose variance is 0 where all are cases, covers 78 %.
    assert _coverage(intervals.adjusted_log, 1, 30, 300, 0.95, 0.95) > 0.9
    assert _coverage(intervals.adjusted_log, 1, 50, 50, 0.98, 0.98) > 0.95


def _coverage(interval, truth, n, n_ref, p, p_ref):
    """Exact coverage: the probability of all counts whose interval holds the truth."""
    chance, chance_ref = binom.pmf(np.arange(n + 1), n, p), binom.pmf(np.arange(n_ref + 1), n_ref, p_ref)
    covered = 0.0
    for x in np.flatnonzero(chance > 1e-7).tolist():
        for x_ref in np.flatnonzero(chance_ref > 1e-7).tolist():
            low, high = interval(x, n, x_ref, n_ref)
            covered += chance[x] * chance_ref[x_ref] * (low <= truth <= high)
    return covered


@pytest.mark.parametrize(("base", "rows"), [(0.05, 6745), (0.1, 3213), (0.2, 1447), (0.3, 859), (0.5, 388), (0.8, 123)])
def test_rows_that_detect_four_fifths(base, rows):
    assert power.rows_to_detect(0.8 * base, base) == rows


@pytest.mark.parametrize(
    ("gap", "base", "rows"),
    [(0.1, 0.2, 199), (0.1, 0.3, 294), (0.1, 0.5, 388), (0.05, 0.2, 906), (0.05, 0.3, 1251), (0.05, 0.5, 1565)],
)
def test_rows_that_detect_a_difference(gap, base, rows):
    assert power.rows_to_detect(base - gap, base) == rows


@pytest.mark.parametrize(
    ("margin", "rate", "rows"),
    [
        (0.1, 0.1, 155),
        (0.1, 0.3, 360),
        (0.1, 0.5, 429),
        (0.05, 0.1, 617),
        (0.05, 0.3, 1439),
        (0.05, 0.5, 1713),
        (0.02, 0.1, 3854),
        (0.02, 0.3, 8993),
        (0.02, 0.5, 10705),
    ],
)
def test_rows_that_show_equal_rates_to_be_equal(margin, rate, rows):
    deviation = power.difference_deviation(rate, rate)
    assert power.rows_to_show_inside(margin, margin, deviation, alpha=0.05) == rows


def test_four_fifths_in_floats_is_a_trap():
    # 48 of 80 against 60 of 80 is exactly 4/5, and so not adverse (Uniform Guidelines, Q&A 11).
    assert (48 / 80) / (60 / 80) < 0.8
    assert math.isclose((48 / 80) / (60 / 80), 0.8)
