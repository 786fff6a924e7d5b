"""The expected calibration error and its interval, against other definitions and simulation."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import norm

from auditor.stats.calibration import calibration_error, coarser, folded_mean


def table(confidence: np.ndarray, right: np.ndarray, bins: int = 30) -> np.ndarray:
    at = np.minimum((confidence * bins).astype(int), bins - 1)
    return np.stack([np.bincount(at, weights, minlength=bins) for weights in (np.ones(len(at)), confidence, right)], axis=1)


def test_the_error_is_the_mean_gap_of_bins_by_hand() -> None:
    # Two bins: 4 rows at .9 of which 2 are right, 1 row at .6 that is right: .8 * .4 + .2 * .4.
    found = calibration_error(np.array([[4, 3.6, 2], [0, 0, 0], [1, 0.6, 1]]))
    assert found is not None
    assert found.value == pytest.approx(0.8 * 0.4 + 0.2 * 0.4)
    assert found.n == 5


def test_it_is_that_of_rows_in_fifteen_bins() -> None:
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.5, 1, 500)
    right = rng.random(500) < confidence - 0.1
    edges, total = np.linspace(0, 1, 16), 0.0
    for low, high in pairwise(edges):
        inside = (confidence >= low) & (confidence < high)
        if inside.any():
            total += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    found = calibration_error(coarser(table(confidence, right), 15))
    assert found is not None
    assert found.value == pytest.approx(total)


def test_coarser_bins_hold_the_same_rows() -> None:
    fine = np.arange(90.0).reshape(30, 3)
    assert coarser(fine, 10)[0].tolist() == fine[:3].sum(axis=0).tolist()
    assert coarser(fine, 15).sum() == fine.sum()


def test_no_rows_have_no_error() -> None:
    assert calibration_error(np.zeros((15, 3))) is None


def test_the_folded_normal_mean_is_right() -> None:
    x = np.linspace(-8, 8, 200_001)
    for mean, sd in ((0.0, 1.0), (0.3, 0.5), (-1.0, 0.2)):
        numeric = float(np.sum(np.abs(mean + sd * x) * norm.pdf(x)) * (x[1] - x[0]))
        assert folded_mean(np.array([mean]), np.array([sd]))[0] == pytest.approx(numeric, abs=1e-6)


def test_one_row_can_have_any_error() -> None:
    found = calibration_error(np.array([[1, 0.9, 1.0]]))
    assert found is not None
    assert found.interval.low == 0
    assert found.interval.high > 0.8


def test_perfect_agreement_still_has_an_upper_end() -> None:
    found = calibration_error(np.array([[100, 80.0, 80.0]]))
    assert found is not None
    assert (found.value, found.interval.low) == (0, 0)
    assert 0.05 < found.interval.high < 0.12  # the normal interval of a rate of .8 of 100 is 0.078 wide on a side


def test_the_same_table_gives_the_same_interval() -> None:
    cells = table(np.linspace(0.5, 1, 99), np.arange(99) % 3 > 0)
    assert calibration_error(cells) == calibration_error(cells)


def well(confidence: np.ndarray) -> np.ndarray:
    return confidence


def sure(confidence: np.ndarray) -> np.ndarray:
    return confidence - 0.1


def flat(confidence: np.ndarray) -> np.ndarray:
    return 0.5 + (confidence - 0.5) * 0.7


def barely(confidence: np.ndarray) -> np.ndarray:
    return confidence - 0.02


@pytest.mark.parametrize("n", [60, 1000])
@pytest.mark.parametrize("rate", [well, sure, flat, barely])
def test_intervals_cover_the_true_error_also_where_it_is_zero(rate: Callable[[np.ndarray], np.ndarray], n: int) -> None:
    rng = np.random.default_rng(3)

    def drawn(size: int) -> tuple[np.ndarray, np.ndarray]:
        confidence = 0.5 + 0.5 * rng.beta(3, 1.5, size)
        return confidence, rng.random(size) < rate(confidence)

    many = 0.5 + 0.5 * rng.beta(3, 1.5, 1_000_000)
    exact = coarser(table(many, rate(many)), 15)
    true = float(np.abs(exact[:, 2] - exact[:, 1]).sum() / len(many))
    hits, debiased, plain, rounds = 0, 0.0, 0.0, 200
    for _ in range(rounds):
        found = calibration_error(coarser(table(*drawn(n)), 15))
        assert found is not None
        hits += found.interval.low <= true + 1e-9 and true <= found.interval.high
        debiased, plain = debiased + found.debiased / rounds, plain + found.value / rounds
    assert hits / rounds > 0.9
    assert abs(debiased - true) < max(abs(plain - true), 0.002)  # taking off noise brings it nearer to the truth
