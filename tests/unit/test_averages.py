"""Averages over classes, against scikit-learn, a bootstrap and simulation."""

from typing import get_args

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, precision_recall_fscore_support

from auditor.stats import bootstrap
from auditor.stats.averages import Average, Metric, average, f1
from auditor.stats.intervals import wilson

CELLS = np.array([[50, 5, 1], [4, 20, 4], [2, 2, 12]])


def rows(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    truth, decided = np.indices(cells.shape)
    return np.repeat(truth.ravel(), cells.ravel()), np.repeat(decided.ravel(), cells.ravel())


@pytest.mark.parametrize("kind", get_args(Average))
@pytest.mark.parametrize("index", range(3))
def test_averages_are_those_of_scikit_learn(kind: Average, index: int) -> None:
    metric: Metric = ("precision", "recall", "f1")[index]
    found = average(CELLS, metric, kind)
    assert found is not None
    assert found.value == pytest.approx(precision_recall_fscore_support(*rows(CELLS), average=kind)[index])


def test_balanced_accuracy_leaves_out_a_class_that_is_never_true() -> None:
    cells = np.array([[5, 1, 2], [1, 6, 0], [0, 0, 0]])
    truth, decided = rows(cells)
    with pytest.warns(UserWarning, match="y_pred contains classes not in y_true"):
        expected = balanced_accuracy_score(truth, decided)
    assert average(cells, "recall", "macro", only_true=True).value == pytest.approx(expected)
    assert average(cells, "recall", "macro").value == pytest.approx(expected * 2 / 3)


def test_the_precision_of_a_class_that_is_never_decided_counts_as_0() -> None:
    cells = np.array([[5, 0], [3, 0]])
    assert average(cells, "precision", "macro").value == pytest.approx(5 / 8 / 2)
    assert average(cells, "precision", "macro").interval.high > 0.8  # with more rows it may be decided, and always rightly
    assert average(cells, "f1", "macro").value == pytest.approx((10 / 13 + 0) / 2)
    assert average(np.zeros((2, 2), dtype=int), "recall", "macro") is None


def test_500_tables_with_classes_absent_on_either_side_against_scikit_learn() -> None:
    rng = np.random.default_rng(12)
    absent = 0
    for _ in range(500):
        k = int(rng.integers(2, 7))
        cells = rng.integers(0, 12, (k, k)) * rng.integers(0, 2, (k, k))
        cells[rng.random(k) < 0.3] = 0
        cells[:, rng.random(k) < 0.3] = 0
        absent += not (cells.sum(axis=0).all() and cells.sum(axis=1).all())
        if not cells.any():
            assert average(cells, "precision", "macro") is None
            continue
        for kind in get_args(Average):
            expected = precision_recall_fscore_support(*rows(cells), average=kind, zero_division=0)[:3]
            found = [average(cells, metric, kind) for metric in ("precision", "recall", "f1")]
            assert [one.value for one in found] == pytest.approx(list(expected))
            assert all(0 <= one.interval.low <= one.value <= one.interval.high <= 1 for one in found)
    assert absent > 200


def test_a_class_that_does_not_occur_has_no_part_in_f1() -> None:
    cells = np.array([[5, 1, 0], [2, 4, 0], [0, 0, 0]])
    assert average(cells, "f1", "macro").value == pytest.approx(average(cells[:2, :2], "f1", "macro").value)


@pytest.mark.parametrize("kind", get_args(Average))
@pytest.mark.parametrize("metric", get_args(Metric))
def test_the_interval_agrees_with_a_bootstrap_of_the_table(metric: Metric, kind: Average) -> None:
    cells = CELLS * 20

    def statistic(tables: np.ndarray) -> np.ndarray:
        return np.array([average(one.reshape(3, 3), metric, kind).value for one in tables[:, 0]])

    ends, se = bootstrap.multinomial(cells.reshape(1, 9), statistic, draws=2000, seed=0, level=0.95)
    found = average(cells, metric, kind)
    assert found is not None
    assert found.se == pytest.approx(se, rel=0.06)
    assert found.interval == pytest.approx(ends, abs=0.004)


@pytest.mark.parametrize("metric", get_args(Metric))
def test_a_perfect_table_of_few_rows_has_a_width(metric: Metric) -> None:
    found = average(np.diag([100, 5]), metric, "macro")
    assert found is not None
    assert (found.value, found.interval.high) == (1, 1)
    assert 0.6 < found.interval.low < 0.9  # one class rests on five rows
    assert average(np.diag([100, 50]), metric, "macro").interval.low > 0.95


@pytest.mark.parametrize("metric", get_args(Metric))
def test_macro_intervals_cover_with_a_rare_class(metric: Metric) -> None:
    shares, rng = np.array([[0.9, 0.03], [0.02, 0.05]]), np.random.default_rng(4)
    true = average((shares * 1e9).astype(np.int64), metric, "macro").value
    found = [average(one.reshape(2, 2), metric, "macro") for one in rng.multinomial(120, shares.ravel(), 500)]
    intervals = [one.interval for one in found if one]
    assert np.mean([low <= true <= high for low, high in intervals]) > 0.92


def test_f1_of_a_class_carries_over_the_interval_of_a_rate() -> None:
    found = f1(np.array([[90, 4], [2, 14]]), 1)
    assert found is not None
    assert found.value == pytest.approx(28 / 34)
    low, high = wilson(14, 20)
    assert found.interval == pytest.approx((2 * low / (1 + low), 2 * high / (1 + high)))
    assert f1(np.array([[9, 0], [0, 0]]), 1) is None
