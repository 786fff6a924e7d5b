"""The bootstrap of count tables."""

import tracemalloc

import numpy as np
import pytest
from scipy import stats

from auditor.stats import bootstrap
from auditor.stats.bootstrap import bootstrapped, multinomial
from auditor.stats.intervals import newcombe


def f1(tables):
    """F1 from cells (tp, fn, fp, tn) summed over strata."""
    tp, fn, fp, _ = np.moveaxis(tables.sum(axis=1), -1, 0)
    with np.errstate(invalid="ignore"):
        return 2 * tp / (2 * tp + fn + fp)


def gap(tables):
    """Difference of two strata's rates, from cells (cases, others)."""
    rates = tables[:, :, 0] / tables.sum(axis=2)
    return rates[:, 0] - rates[:, 1]


def test_agrees_with_scipy_on_the_rows_behind_the_table():
    cells = np.array([[40, 10, 20, 30]])
    rows = np.repeat(np.arange(4), cells[0])

    def on_rows(sample, axis):
        count = [(sample == cell).sum(axis=axis) for cell in range(4)]
        return 2 * count[0] / (2 * count[0] + count[1] + count[2])

    expected = stats.bootstrap((rows,), on_rows, n_resamples=9999, method="BCa", rng=np.random.default_rng(5))
    found, se = multinomial(cells, f1, draws=9999, seed=5)
    assert found == pytest.approx((expected.confidence_interval.low, expected.confidence_interval.high), abs=0.006)
    assert se == pytest.approx(expected.standard_error, rel=0.04)


def test_agrees_with_newcombe_where_there_is_a_closed_form():
    cells = np.array([[300, 700], [450, 550]])
    found, se = multinomial(cells, gap, draws=9999, seed=1)
    assert found == pytest.approx(newcombe(300, 1000, 450, 1000), abs=0.003)
    assert se == pytest.approx(np.sqrt(0.3 * 0.7 / 1000 + 0.45 * 0.55 / 1000), rel=0.03)


def test_skewed_samples_pull_the_interval_the_way_scipy_pulls_it():
    # Mean of a strongly skewed cell value: the acceleration matters here.
    value = np.array([0.0, 1.0, 20.0])
    cells = np.array([[40, 8, 2]])

    def mean(tables):
        return (tables[:, 0] * value).sum(axis=1) / tables[:, 0].sum(axis=1)

    rows = np.repeat(value, cells[0])
    expected = stats.bootstrap((rows,), np.mean, n_resamples=9999, method="BCa", rng=np.random.default_rng(2))
    percentile = stats.bootstrap((rows,), np.mean, n_resamples=9999, method="percentile", rng=np.random.default_rng(2))
    found, _ = multinomial(cells, mean, draws=9999, seed=2)
    assert found.high == pytest.approx(expected.confidence_interval.high, abs=0.25)
    assert found.high > percentile.confidence_interval.high + 0.2


def test_strata_keep_their_sizes_and_empty_ones_stay_empty():
    seen = []

    def spy(tables):
        seen.append(tables.sum(axis=2))
        return tables[:, 0, 0] / 10

    multinomial(np.array([[4, 6], [0, 0], [50, 50]]), spy, draws=50, seed=0)
    resampled = np.concatenate([sizes for sizes in seen if len(sizes) == 50])
    assert (resampled == [10, 0, 100]).all()


def test_same_seed_same_interval_whatever_the_chunk(monkeypatch):
    cells = np.array([[40, 10, 20, 30], [3, 9, 4, 4]])
    whole = multinomial(cells, f1, draws=500, seed=9)
    monkeypatch.setattr(bootstrap, "CHUNK_CELLS", 64)
    assert multinomial(cells, f1, draws=500, seed=9) == whole
    assert multinomial(cells, f1, draws=500, seed=10) != whole


def test_memory_does_not_grow_with_the_draws_or_the_rows():
    cells = np.full((50, 40), 10**7)
    tracemalloc.start()
    multinomial(cells, lambda tables: tables[:, 0, 0] / 4e8, draws=5000, seed=0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100e6  # all draws at once would be 80 MB of tables and their copies


def test_undefined_too_often_has_no_interval():
    found, se = multinomial(np.array([[0, 1, 1, 30]]), lambda t: np.where(t[:, 0, 1] > 0, 1.0, np.nan), draws=300, seed=0)
    assert np.isnan([*found, se]).all()


def test_bootstrapped_measures():
    m = bootstrapped("f1", np.array([[40, 10, 20, 30]]), f1, n=100, seed=3, where={"average": "macro"})
    assert m.value == pytest.approx(80 / 110)
    assert m.low < m.value < m.high
    assert (m.method, m.n, m.reason, m.where) == ("bootstrap", 100, None, {"average": "macro"})
    assert 0.03 < m.counts["se"] < 0.06


@pytest.mark.parametrize(
    ("cells", "value", "reason"),
    [
        ([[0, 0, 0, 9]], None, "no row is or was called positive"),
        ([[9, 0, 0, 0]], 1.0, "no interval: every resample gives the same value"),
        ([[1, 0, 0, 20]], 1.0, "no interval: too many resamples leave it undefined"),
    ],
)
def test_bootstrapped_says_what_it_cannot_know(cells, value, reason):
    m = bootstrapped("f1", np.array(cells), f1, n=9, seed=3, undefined="no row is or was called positive")
    assert (m.value, m.low, m.high, m.reason, dict(m.counts)) == (value, None, None, reason, {})


def test_coverage_of_f1_is_near_nominal():
    rng = np.random.default_rng(11)
    shares = np.array([0.25, 0.1, 0.15, 0.5])
    truth = 0.5 / (0.5 + 0.25)
    tables = rng.multinomial(150, shares, size=400)
    covered = 0
    for seed, cells in enumerate(tables):
        (low, high), _ = multinomial(cells[None], f1, draws=600, seed=seed)
        covered += low <= truth <= high
    assert 0.92 <= covered / 400 <= 0.98
