"""Areas under the ROC curve from histograms, against exact values and simulation."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from auditor.stats import scores
from auditor.stats.auroc import auroc, newcombe_auroc
from auditor.types import Decisions


def histogram(truth: np.ndarray, score: np.ndarray, bins: int = scores.BINS) -> np.ndarray:
    decisions = Decisions((score >= 0.5).astype(np.int64), ("0", "1"), np.stack([1 - score, score], axis=1))
    rows = scores.prepare(truth, decisions)
    assert rows is not None
    return scores.sketch(rows, np.zeros(len(truth), dtype=np.int64), 1, bins)[0].histogram[0]


def delong(positive: np.ndarray, negative: np.ndarray) -> tuple[float, float]:
    """The textbook form: all pairs (DeLong et al. 1988, equations 2 to 6)."""
    psi = (positive[:, None] > negative).astype(float) + (positive[:, None] == negative) / 2
    by_positive, by_negative = psi.mean(axis=1), psi.mean(axis=0)
    variance = by_positive.var(ddof=1) / len(positive) + by_negative.var(ddof=1) / len(negative)
    return float(psi.mean()), float(np.sqrt(variance))


def test_scores_in_bins_of_their_own_give_the_exact_area_and_variance() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 300)
    score = np.round(np.clip(rng.normal(0.4 + 0.2 * truth, 0.2), 0, 1), 2)  # rounded: many ties
    found = auroc(histogram(truth, score))
    assert found is not None
    value, se = delong(score[truth == 1], score[truth == 0])
    assert found.value == pytest.approx(roc_auc_score(truth, score), abs=1e-12)
    assert found.value == pytest.approx(value, abs=1e-12)
    assert found.se == pytest.approx(se, abs=1e-12)
    assert found.method == "delong"


@pytest.mark.parametrize("sure", [0, 12])
@pytest.mark.parametrize("bins", [scores.BINS, scores.GROUP_BINS])
def test_bins_are_fine_enough_for_models_that_are_sure(bins: int, sure: int) -> None:
    """A model whose scores pile up at 0 and 1 would lose its order in equal bins of the score."""
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 2, 20_000)
    score = 1 / (1 + np.exp(-rng.normal(sure * (2 * truth - 1) / 2 + truth, 3)))
    found = auroc(histogram(truth, score, bins))
    assert found is not None
    error = abs(found.value - roc_auc_score(truth, score))
    assert error <= found.tie_error
    assert error < 1e-5
    assert found.tie_error < 1e-3


def test_the_tie_error_bounds_what_bins_hide() -> None:
    truth, score = np.array([0, 1, 0, 1]), np.array([0.5, 0.5 + 1e-9, 0.2, 0.8])
    found = auroc(histogram(truth, score))
    assert found is not None
    assert roc_auc_score(truth, score) - found.value == pytest.approx(found.tie_error) == pytest.approx(0.125)


@pytest.mark.parametrize(("m", "n"), [(0, 5), (5, 0), (0, 0)])
def test_an_empty_side_has_no_area(m: int, n: int) -> None:
    assert auroc(np.array([[n, 0], [0, m]])) is None


@pytest.mark.parametrize(
    ("counts", "value"),
    [([[5, 0], [0, 8]], 1.0), ([[0, 5], [8, 0]], 0.0), ([[0, 5], [0, 8]], 0.5), ([[1, 0], [0, 1]], 1.0)],
)
def test_degenerate_tables_have_intervals_with_a_width(counts: list[list[int]], value: float) -> None:
    found = auroc(np.array(counts))
    assert found is not None
    assert found.value == value
    assert 0 <= found.interval.low <= value <= found.interval.high <= 1
    assert found.interval.high - found.interval.low > 0.2
    assert found.se > 0


def test_newcombe_intervals_are_symmetric_and_solve_their_equation() -> None:
    low, high = newcombe_auroc(0.8, 20, 30)
    assert newcombe_auroc(0.2, 20, 30) == pytest.approx((1 - high, 1 - low))
    for end in (low, high):
        factor = 1 + (25 - 1) * ((1 - end) / (2 - end) + end / (1 + end))
        assert (end - 0.8) ** 2 == pytest.approx(norm.ppf(0.975) ** 2 * end * (1 - end) * factor / 600)


@pytest.mark.parametrize(("area", "m", "n"), [(0.7, 12, 40), (0.8, 100, 100), (0.95, 30, 300), (0.99, 40, 200)])
def test_intervals_cover_the_true_area(area: float, m: int, n: int) -> None:
    rng, shift = np.random.default_rng(2), np.sqrt(2) * norm.ppf(area)
    hits, rounds = 0, 400
    for _ in range(rounds):
        score = norm.cdf(np.concatenate([rng.normal(shift, 1, m), rng.normal(0, 1, n)]))
        found = auroc(histogram(np.repeat([1, 0], [m, n]), score, scores.GROUP_BINS))
        hits += found is not None and found.interval.low <= area <= found.interval.high
    assert hits / rounds > 0.92
