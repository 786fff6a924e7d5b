"""The bootstrap of count tables, for statistics that have no interval in closed form (F1, calibration error, ...).

Resampling the cells of a table equals resampling its rows, at a cost that does not depend on how many rows there are.
Not for the largest of several gaps: at equality it never covers 0. Give each contrast its own interval instead.
"""

import math
from collections.abc import Callable, Iterator, Mapping

import numpy as np
from scipy.special import ndtr, ndtri

from auditor.stats.intervals import Interval
from auditor.types import Counts, Floats, Measurement

Statistic = Callable[[Counts], Floats]
"""From tables, shape ``(draws, strata, m)``, to one value each, shape ``(draws,)``; nan where it is undefined."""

CHUNK_CELLS = 2_000_000
MOST_UNDEFINED = 0.05


def multinomial(
    cells: Counts, statistic: Statistic, *, draws: int = 2000, seed: int, level: float = 0.95
) -> tuple[Interval, float]:
    """Stratified multinomial bootstrap with the bias-corrected and accelerated interval (Efron 1987).

    Args:
        cells: shape ``(strata, m)``: rows of each stratum by cell; the size of each stratum stays as it is.
        statistic: what is estimated.
        draws: number of resampled tables.
        seed: of the resampling.
        level: confidence level, two-sided.

    Returns:
        The interval and the standard error. Both are nan where the statistic is undefined for the table itself, or for
        more than 5 % of the resampled ones.
    """
    cells = np.asarray(cells, dtype=np.int64)
    estimate = float(statistic(cells[None])[0])
    values = np.concatenate([statistic(tables) for tables in _resampled(cells, draws, seed)])
    values = values[np.isfinite(values)]
    if not math.isfinite(estimate) or values.size < (1 - MOST_UNDEFINED) * draws:
        return Interval(math.nan, math.nan), math.nan
    return _interval(values, estimate, _acceleration(cells, statistic), level), float(values.std(ddof=1))


def bootstrapped(
    metric: str,
    cells: Counts,
    statistic: Statistic,
    *,
    n: int,
    seed: int,
    unit: str = "fraction",
    level: float = 0.95,
    draws: int = 2000,
    where: Mapping[str, str] | None = None,
    undefined: str = "it is undefined for these rows",
) -> Measurement:
    """A statistic of a count table with its bootstrap interval and standard error ``se``.

    Args:
        metric: name of the statistic.
        cells: shape ``(strata, m)``.
        statistic: what is estimated.
        n: rows that it rests on.
        seed: of the resampling.
        unit: of the value.
        level: confidence level.
        draws: number of resampled tables.
        where: the slice.
        undefined: why the statistic may have no value.

    Returns:
        Without a value where the statistic is undefined; without an interval where resampling cannot give one, which is
        where it is undefined too often, or where every resample gives the same value.
    """
    where = dict(where or {})
    value = float(statistic(np.asarray(cells, dtype=np.int64)[None])[0])
    if not math.isfinite(value):
        return Measurement(metric, None, unit, n, level=level, reason=undefined, where=where)
    (low, high), se = multinomial(cells, statistic, draws=draws, seed=seed, level=level)
    if not se > 0:
        reason = "every resample gives the same value" if se == 0 else "too many resamples leave it undefined"
        return Measurement(metric, value, unit, n, None, None, level, "bootstrap", f"no interval: {reason}", where)
    return Measurement(metric, value, unit, n, low, high, level, "bootstrap", None, where, {"se": se, "n": float(n)})


def _resampled(cells: Counts, draws: int, seed: int) -> Iterator[Counts]:
    """Resampled tables in chunks; each stratum has its own stream, so the chunk size changes nothing."""
    sizes = cells.sum(axis=1)
    streams = np.random.default_rng(seed).spawn(len(cells))
    chunk = max(CHUNK_CELLS // max(cells.size, 1), 1)
    for start in range(0, draws, chunk):
        size = min(chunk, draws - start)
        tables = np.zeros((size, *cells.shape), dtype=np.int64)
        for stratum in np.flatnonzero(sizes):
            shares = cells[stratum] / sizes[stratum]
            tables[:, stratum] = streams[stratum].multinomial(sizes[stratum], shares, size=size)
        yield tables


def _interval(values: Floats, estimate: float, acceleration: float, level: float) -> Interval:
    below = float(((values < estimate).sum() + (values == estimate).sum() / 2) / values.size)
    bias = float(ndtri(min(max(below, 0.5 / values.size), 1 - 0.5 / values.size)))
    ends = bias + ndtri(np.array([(1 - level) / 2, (1 + level) / 2]))
    at = ndtr(bias + ends / np.maximum(1 - acceleration * ends, 1e-9))
    low, high = np.quantile(values, at)
    return Interval(float(low), float(high))


def _acceleration(cells: Counts, statistic: Statistic) -> float:
    """Skewness of the jackknife's influence values: one table a cell that rows can be left out of, not one a row.

    The form for several samples is in Davison & Hinkley 1997, section 5.3.2.
    """
    present = np.argwhere(cells > 0)
    influence = np.zeros(cells.shape)
    chunk = max(CHUNK_CELLS // max(cells.size, 1), 1)
    for start in range(0, len(present), chunk):
        some = present[start : start + chunk]
        tables = np.repeat(cells[None], len(some), axis=0)
        tables[np.arange(len(some)), some[:, 0], some[:, 1]] -= 1
        influence[some[:, 0], some[:, 1]] = statistic(tables)
    if not np.isfinite(influence).all():
        return 0.0
    sizes = np.maximum(cells.sum(axis=1, keepdims=True), 1)
    influence = (sizes - 1) * ((influence * cells).sum(axis=1, keepdims=True) / sizes - influence)
    squared = float((cells * influence**2 / sizes**2).sum())
    cubed = float((cells * influence**3 / sizes**3).sum())
    return cubed / (6 * squared**1.5) if squared > 0 else 0.0
