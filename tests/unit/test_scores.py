"""Score sketches: sums that merge, against scikit-learn on the rows themselves."""

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, log_loss

from auditor.stats import scores
from auditor.types import Decisions, ScoreSketch


def sketch(
    truth: np.ndarray, values: np.ndarray | None, *, ranks: np.ndarray | None = None, bins: int = scores.BINS
) -> ScoreSketch:
    given = values if values is not None else ranks
    names = tuple(map(str, range(given.shape[1])))
    rows = scores.prepare(truth, Decisions(np.nan_to_num(given).argmax(axis=1), names, values, ranks))
    assert rows is not None
    (found,) = scores.sketch(rows, np.zeros(len(truth), dtype=np.int64), 1, bins)
    return found


def drawn(n: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(k)
    return rng.integers(0, k, n), rng.dirichlet(np.ones(k), n)


@pytest.mark.parametrize("k", [2, 3])
def test_moments_are_sums_over_rows(k: int) -> None:
    truth, values = drawn(200, k)
    moments = sketch(truth, values).moments
    each = -np.log(values[np.arange(200), truth])
    assert moments["n"] == 200
    assert moments["log_loss"] / 200 == pytest.approx(log_loss(truth, values))
    assert moments["log_loss_squared"] == pytest.approx((each**2).sum())
    expected = brier_score_loss(truth, values[:, 1]) if k == 2 else brier_score_loss(truth, values, labels=list(range(k)))
    assert moments["brier"] / 200 == pytest.approx(expected)
    squares = (values - np.eye(k)[truth]) ** 2
    assert moments["brier_squared"] == pytest.approx(((squares.sum(axis=1) / (2 if k == 2 else 1)) ** 2).sum())


def test_a_probability_of_zero_costs_what_scikit_learn_says() -> None:
    moments = sketch(np.array([0, 1]), np.array([[0.0, 1.0], [0.0, 1.0]])).moments
    assert np.isfinite(moments["log_loss"])
    assert moments["log_loss"] / 2 == pytest.approx(log_loss([0, 1], [[0.0, 1.0], [0.0, 1.0]]))


def test_reliability_sums_the_top_class() -> None:
    values = np.array([[0.35, 0.65], [0.9, 0.1], [0.5, 0.5], [0.0, 1.0]])
    table = sketch(np.array([1, 1, 1, 1]), values).reliability
    assert table[int(0.65 * 30)].tolist() == [1, 0.65, 1]
    assert table[int(0.9 * 30)].tolist() == [1, 0.9, 0]
    assert table[29].tolist() == [1, 1, 1]
    assert table.sum(axis=0).tolist() == pytest.approx([4, 3.05, 2])


@pytest.mark.parametrize(("decided", "right"), [(0, 0), (1, 1), (-1, 0)])
def test_of_equal_probabilities_the_decided_class_is_on_top(decided: int, right: int) -> None:
    rows = scores.prepare(np.array([1]), Decisions(np.array([decided]), ("0", "1"), np.array([[0.5, 0.5]])))
    (found,) = scores.sketch(rows, np.array([0]), 1, 64)
    assert found.reliability.sum(axis=0).tolist() == [1, 0.5, right]


def test_rows_without_truth_or_score_are_left_out() -> None:
    values = np.array([[0.2, 0.8], [np.nan, np.nan], [0.6, 0.4]])
    found = sketch(np.array([1, 1, -1]), values)
    assert found.moments["n"] == found.histogram.sum() == 1


def test_ranks_make_a_histogram_and_nothing_else() -> None:
    found = sketch(np.array([0, 1]), None, ranks=np.array([[1.0, 0.0], [0.0, 1.0]]))
    assert found.histogram.shape == (1, 2, scores.BINS)
    assert found.histogram[0, :, [0, -1]].tolist() == [[1, 0], [0, 1]]
    assert found.moments["n"] == found.reliability.sum() == 0


def test_classes_share_the_bins() -> None:
    truth, values = drawn(50, 4)
    found = sketch(truth, values)
    assert found.histogram.shape == (4, 2, scores.BINS // 4)
    assert found.histogram.sum(axis=(1, 2)).tolist() == [50] * 4
    assert found.histogram[2, 1].sum() == (truth == 2).sum()
    assert sketch(truth, values, bins=scores.GROUP_BINS).histogram.shape == (4, 2, 1024)


@pytest.mark.parametrize(("k", "expected"), [(1, ()), (2, (1,)), (3, (0, 1, 2)), (20, tuple(range(20))), (21, ())])
def test_which_classes_have_histograms(k: int, expected: tuple[int, ...]) -> None:
    assert scores.charted(k) == expected
    truth, values = drawn(10, k)
    assert len(sketch(truth, values).histogram) == len(expected)


def test_a_class_without_ranks_has_an_empty_histogram() -> None:
    ranks = np.array([[np.nan, 0.2, np.nan], [np.nan, 0.9, np.nan]])
    found = sketch(np.array([0, 1]), None, ranks=ranks)
    assert found.histogram.sum(axis=(1, 2)).tolist() == [0, 2, 0]


def test_slices_of_a_batch_add_up_to_it() -> None:
    truth, values = drawn(300, 2)
    rows = scores.prepare(truth, Decisions(values.argmax(axis=1), ("0", "1"), values))
    (whole,) = scores.sketch(rows, np.zeros(300, dtype=np.int64), 1, 64)
    first, second, none = scores.sketch(rows, np.arange(300) % 2, 3, 64)
    both = scores.merged(first, second)
    assert np.array_equal(both.histogram, whole.histogram)
    np.testing.assert_allclose(both.reliability, whole.reliability)
    assert dict(both.moments) == pytest.approx(dict(whole.moments))
    assert none.histogram.sum() == none.moments["n"] == 0


@pytest.mark.parametrize(("bins", "off"), [(scores.BINS, 2e-5), (scores.GROUP_BINS, 2e-4)])
def test_a_histogram_gives_the_reliability_of_its_class(bins: int, off: float) -> None:
    truth, values = drawn(2000, 2)
    table = scores.class_reliability(sketch(truth, values, bins=bins).histogram[0], 15)
    at = np.minimum((values[:, 1] * 15).astype(int), 14)
    assert np.abs(table[:, 0] - np.bincount(at, minlength=15)).sum() <= 4  # rows beside an edge
    assert table.sum(axis=0) == pytest.approx([2000, values[:, 1].sum(), (truth == 1).sum()], abs=2000 * off)
