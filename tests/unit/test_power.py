"""Rows that a verdict needs."""

import math

import numpy as np
import pytest

from auditor.stats.intervals import newcombe, wilson
from auditor.stats.power import (
    detectable_gap,
    difference_deviation,
    log_ratio_deviation,
    rate_deviation,
    rows_to_detect,
    rows_to_show_beyond,
    rows_to_show_inside,
)


def test_a_zero_width_estimate_needs_one_row_and_one_at_the_margin_more_than_there_are():
    assert rows_to_show_inside(0.1, 0.1, 0.0, alpha=0.05) == 1
    assert rows_to_show_beyond(0.1, 0.0, alpha=0.05) == 1
    assert rows_to_show_beyond(0.0, 0.5, alpha=0.05) is None
    assert rows_to_show_beyond(1e-9, 0.5, alpha=0.05) is None
    assert rows_to_show_inside(1e-9, 0.1, 0.5, alpha=0.05) is None
    assert rows_to_show_inside(-0.1, 0.1, 0.5, alpha=0.05) is None


def test_one_sided_inside_and_beyond_are_one_formula():
    # (1.6449 + .8416)^2 x .25 / .05^2 = 618.3
    assert rows_to_show_inside(math.inf, 0.05, 0.5, alpha=0.05) == rows_to_show_beyond(0.05, 0.5, alpha=0.05) == 619


def test_the_promised_power_is_reached_by_simulation_for_a_difference_inside():
    p, p_ref, margin = 0.32, 0.3, 0.1
    gap = p - p_ref
    n = rows_to_show_inside(gap + margin, margin - gap, difference_deviation(p, p_ref), alpha=0.05)
    rng = np.random.default_rng(3)
    passed = 0
    for x, y in zip(rng.binomial(n, p, 3000), rng.binomial(n, p_ref, 3000), strict=True):
        low, high = newcombe(x, n, y, n, 0.9)
        passed += -margin < low and high < margin
    assert passed / 3000 == pytest.approx(0.8, abs=0.03)


def test_the_promised_power_is_reached_by_simulation_for_a_rate_beyond():
    n = rows_to_show_beyond(0.02, rate_deviation(0.42), alpha=0.05)
    found = np.random.default_rng(4).binomial(n, 0.42, 4000)
    failed = sum(wilson(x, n, 0.9).low > 0.4 for x in found)
    assert failed / 4000 == pytest.approx(0.8, abs=0.02)


def test_log_ratio_deviation_by_hand():
    assert log_ratio_deviation(0.5, 0.2) == pytest.approx(math.sqrt(1 + 4))


def test_detectable_gap_is_what_the_planning_number_was_planned_for():
    n = rows_to_detect(0.3, 0.4)
    assert detectable_gap(difference_deviation(0.3, 0.4) / math.sqrt(n)) == pytest.approx(0.1, rel=0.01)
