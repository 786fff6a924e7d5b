"""Areas under the ROC curve from histograms, against exact values and simulation."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from auditor.probes.performance import performance
from auditor.stats import scores
from auditor.stats.auroc import Auroc, auroc, newcombe_auroc
from auditor.types import Decisions, Group, Roles
from tests.held import measure, one, table

SCORED = Roles(label="y", prediction="p", score="s")


def binned(truth: np.ndarray, score: np.ndarray, bins: int = scores.BINS) -> Auroc | None:
    """The area from bins alone, as where rows are many."""
    decisions = Decisions((score >= 0.5).astype(np.int64), ("0", "1"), np.stack([1 - score, score], axis=1))
    rows = scores.prepare(truth, decisions)
    assert rows is not None
    (found,) = scores.sketch(rows, np.zeros(len(truth), dtype=np.int64), 1, bins, ties=True)
    return auroc(found.histogram[0], several=scores.tied(found.single[0], bins))


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
    found = binned(truth, score)
    assert found is not None
    value, se = delong(score[truth == 1], score[truth == 0])
    assert found.value == pytest.approx(roc_auc_score(truth, score), abs=1e-12)
    assert found.value == pytest.approx(value, abs=1e-12)
    assert found.se == pytest.approx(se, abs=1e-12)
    assert found.method == "delong"
    assert found.tie_error == 0  # scores that are equal are no error of the bins


@pytest.mark.parametrize("sure", [0, 12])
@pytest.mark.parametrize("bins", [scores.BINS, scores.GROUP_BINS])
def test_bins_are_fine_enough_for_models_that_are_sure(bins: int, sure: int) -> None:
    """A model whose scores pile up at 0 and 1 would lose its order in equal bins of the score."""
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 2, 20_000)
    score = 1 / (1 + np.exp(-rng.normal(sure * (2 * truth - 1) / 2 + truth, 3)))
    found = binned(truth, score, bins)
    assert found is not None
    error = abs(found.value - roc_auc_score(truth, score))
    assert error <= found.tie_error
    assert error < 1e-5
    assert found.tie_error < 1e-3


def test_the_tie_error_bounds_what_bins_hide() -> None:
    truth, score = np.array([0, 1, 0, 1]), np.array([0.5, 0.5 + 1e-9, 0.2, 0.8])
    found = binned(truth, score)
    assert found is not None
    assert roc_auc_score(truth, score) - found.value == pytest.approx(found.tie_error) == pytest.approx(0.125)
    assert not found.is_sure


@pytest.mark.parametrize("rows", [2_000, 300_000])
@pytest.mark.parametrize("far", [1e9, -1e9, 1e300])
def test_one_far_score_leaves_the_area_exact_or_withheld(rows: int, far: float) -> None:
    """Before, one score of 1e9 put all others into one bin, and .80 became .67."""
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 2, rows)
    score = rng.normal(truth * 1.2, 1) + 5
    score[0] = far
    columns = {"y": truth, "s": score, "p": (score > 5.5).astype(int), "g": np.where(np.arange(rows) % 2, "a", "b")}
    data = table(columns, Roles(label="y", prediction="p", score="s", groups=(Group("g"),)), shard_rows=50_000)
    found = measure(performance, data)
    for where in ({}, {"g": "a"}, {"g": "b"}):
        measured = one(found, "auroc", **where)
        if rows > scores.EXACT:
            assert measured.value is None
            assert measured.reason.startswith("withheld")
            continue
        inside = columns["g"] == where["g"] if where else np.ones(rows, bool)
        assert measured.value == pytest.approx(roc_auc_score(truth[inside], score[inside]), abs=1e-12)
        assert measured.counts["tie_error"] == 0


@pytest.mark.parametrize("positive", ["0", "1"])
def test_probabilities_near_0_are_told_apart(positive: str) -> None:
    rng = np.random.default_rng(6)
    truth = rng.integers(0, 2, 400)
    score = 10 ** (-rng.uniform(18, 22, 400) + truth)
    data = table({"y": truth, "s": score}, Roles(label="y", score="s", positive=positive))
    expected = roc_auc_score(truth, score)
    assert one(measure(performance, data), "auroc").value == pytest.approx(expected if positive == "1" else 1 - expected)


def test_few_distinct_scores_are_exact_in_any_number_of_rows() -> None:
    """Deciles: every bin holds one score, and its ties are true ones."""
    rng = np.random.default_rng(7)
    truth = rng.integers(0, 2, 300_000)
    score = np.clip(np.round(rng.normal(5 + truth, 2)), 1, 10)
    columns, roles = {"y": truth, "s": score, "p": truth, "g": ["a", "b"] * 150_000}, replace(SCORED, groups=(Group("g"),))
    found = measure(performance, table(columns, roles, shard_rows=60_000))
    assert one(found, "auroc").value == pytest.approx(roc_auc_score(truth, score), abs=1e-12)
    assert one(found, "auroc", g="b").value == pytest.approx(roc_auc_score(truth[1::2], score[1::2]), abs=1e-12)
    assert one(found, "auroc", g="b").counts["tie_error"] == 0


def test_scores_of_which_half_are_0_are_measured_in_any_number_of_rows() -> None:
    rng = np.random.default_rng(9)
    truth = rng.integers(0, 2, 300_000)
    score = np.where(rng.random(300_000) < 0.6 - 0.2 * truth, 0, rng.random(300_000))
    columns, roles = {"y": truth, "s": score, "p": truth, "g": ["a", "b"] * 150_000}, replace(SCORED, groups=(Group("g"),))
    found = measure(performance, table(columns, roles, shard_rows=60_000))
    assert one(found, "auroc").value == pytest.approx(roc_auc_score(truth, score), abs=1e-5)
    assert one(found, "auroc", g="a").value == pytest.approx(roc_auc_score(truth[::2], score[::2]), abs=1e-4)


def test_many_classes_of_small_tables_are_exact() -> None:
    rng = np.random.default_rng(8)
    truth = rng.integers(0, 4, 3000)
    values = rng.dirichlet(np.full(4, 0.02), 3000)  # nearly all probabilities lie beside 0 or 1
    rows = scores.prepare(truth, Decisions(values.argmax(1), tuple("abcd"), values))
    assert rows is not None
    whole = scores.merged(*scores.sketch(rows, np.arange(3000) % 2, 2, 1024, exact=True))
    assert whole.exact is not None
    for of in range(4):
        found = auroc(whole.exact[of].counts)
        assert found is not None
        assert found.value == pytest.approx(roc_auc_score(truth == of, values[:, of]), abs=1e-12)


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
        found = binned(np.repeat([1, 0], [m, n]), score, scores.GROUP_BINS)
        hits += found is not None and found.interval.low <= area <= found.interval.high
    assert hits / rounds > 0.92
