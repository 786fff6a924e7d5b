"""Tests of equal rates, and p-values read off intervals."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtr

from auditor.stats.intervals import adjusted_log, newcombe, wilson
from auditor.stats.tests import (
    cochran_mantel_haenszel,
    equal_rates,
    fisher_exact,
    mcnemar_exact,
    pooled_z,
    selection_deviations,
    z_beyond,
)


def test_pooled_z_squared_is_the_chi_square_of_the_table():
    found = pooled_z(30, 100, 50, 120)
    expected = stats.chi2_contingency([[30, 70], [50, 70]], correction=False)
    assert found.statistic**2 == pytest.approx(expected.statistic)
    assert found.p_value == pytest.approx(expected.pvalue)
    assert found.statistic < 0  # the group is below


def test_pooled_z_of_all_or_nothing_is_no_difference():
    assert pooled_z(0, 10, 0, 20) == pooled_z(10, 10, 20, 20) == (0.0, 1.0)


def test_small_tables_are_tested_exactly_and_large_ones_by_z():
    assert equal_rates(1, 10, 3, 20) == fisher_exact(1, 10, 3, 20) == 1.0
    assert equal_rates(3, 200, 4, 300) == fisher_exact(3, 200, 4, 300)  # 2.8 cases expected
    assert equal_rates(30, 100, 50, 120) == pooled_z(30, 100, 50, 120).p_value


def test_selection_deviations_are_those_of_the_hypergeometric_distribution():
    law = stats.hypergeom(100, 40, 25)  # 25 members of a pool of 100, of whom 40 are selected
    assert selection_deviations(6, 25, 40, 100) == pytest.approx((6 - law.mean()) / law.std())
    assert selection_deviations(5, 10, 10, 20) == 0
    assert selection_deviations(10, 10, 20, 20) == 0  # nothing else could have come out


def test_castaneda_v_partida():
    # 430 U.S. 482 (1977), note 17: 870 jurors, 339 of them from a population share of 79.1 %: about 29 standard deviations.
    # A pool of a thousand million people makes the draw binomial, as the court computed it.
    pool = 10**9
    deviations = selection_deviations(339, int(0.791 * pool), 870, pool)
    assert abs(deviations) == pytest.approx(29, abs=0.5)


def test_mcnemar_is_the_exact_sign_test():
    assert mcnemar_exact(5, 15) == pytest.approx(stats.binomtest(5, 20).pvalue)
    assert mcnemar_exact(15, 5) == mcnemar_exact(5, 15)
    assert mcnemar_exact(0, 0) == mcnemar_exact(7, 7) == 1.0


def test_cmh_of_one_stratum_is_the_chi_square_up_to_the_finite_pool():
    table = np.array([[30, 70], [50, 70]])
    found = cochran_mantel_haenszel([table])
    expected = stats.chi2_contingency(table, correction=False).statistic * 219 / 220
    assert found.statistic == pytest.approx(expected)
    assert found.odds_ratio == pytest.approx(30 * 70 / (70 * 50))


def test_cmh_leaves_out_empty_strata_and_knows_undefined_odds():
    tables = [[[10, 5], [4, 8]], [[0, 0], [0, 0]], [[1, 0], [0, 0]]]
    assert cochran_mantel_haenszel(tables) == cochran_mantel_haenszel(tables[:1])
    alone = cochran_mantel_haenszel([[[5, 0], [7, 0]]])
    assert (alone.odds_ratio, alone.statistic, alone.p_value) == (None, 0.0, 1.0)


def test_z_read_off_a_wilson_interval_is_the_score_test():
    for x, n, rate in [(30, 100, 0.2), (30, 100, 0.4), (0, 50, 0.1), (50, 50, 0.9)]:
        z = z_beyond(lambda level, x=x, n=n: wilson(x, n, level), rate)
        assert z == pytest.approx((x / n - rate) / math.sqrt(rate * (1 - rate) / n), abs=1e-6)


@pytest.mark.parametrize("bound", [-0.1, 0.0, 0.1, 0.3])
@pytest.mark.parametrize("interval", [newcombe, adjusted_log])
def test_p_value_is_where_the_one_sided_bound_meets_the_margin(interval, bound):
    if interval is adjusted_log:
        bound = math.exp(bound)
    z = z_beyond(lambda level: interval(40, 90, 30, 110, level), bound)
    low, high = interval(40, 90, 30, 110, 2 * ndtr(abs(z)) - 1)
    assert (low if z > 0 else high) == pytest.approx(bound, abs=1e-6)


def test_z_is_capped_where_p_values_end():
    assert z_beyond(lambda level: wilson(10**6, 2 * 10**6, level), 0.1) == pytest.approx(8, abs=1e-9)
