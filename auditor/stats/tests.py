"""Tests of equality of rates, and p-values read off intervals."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr, chdtrc, ndtr

from auditor.stats.intervals import Interval

FARTHEST_Z = 8.0
"""Beyond so many standard deviations a p-value is not told from 0: 6e-16."""


class Comparison(NamedTuple):
    """A test statistic and its two-sided p-value."""

    statistic: float
    p_value: float


def pooled_z(x: float, n: float, x_ref: float, n_ref: float) -> Comparison:
    """Two-proportion z test with the pooled variance; positive where the group's rate is higher.

    Args:
        x: cases in the group.
        n: rows in the group, at least 1.
        x_ref: cases in the reference group.
        n_ref: rows in the reference group, at least 1.
    """
    pooled = (x + x_ref) / (n + n_ref)
    variance = pooled * (1 - pooled) * (1 / n + 1 / n_ref)
    z = (x / n - x_ref / n_ref) / math.sqrt(variance) if variance > 0 else 0.0
    return Comparison(z, _two_sided(z))


def fisher_exact(x: int, n: int, x_ref: int, n_ref: int) -> float:
    """Two-sided p-value of Fisher's exact test of equal rates."""
    from scipy import stats

    return float(stats.fisher_exact([[x, n - x], [x_ref, n_ref - x_ref]]).pvalue)


def equal_rates(x: int, n: int, x_ref: int, n_ref: int) -> float:
    """Two-sided p-value of equal rates: exact where a cell expects fewer than 5 rows or there are under 30, else pooled z."""
    rows, cases = n + n_ref, x + x_ref
    fewest = min(n, n_ref) * min(cases, rows - cases) / rows
    if rows < 30 or fewest < 5:
        return fisher_exact(x, n, x_ref, n_ref)
    return pooled_z(x, n, x_ref, n_ref).p_value


def selection_deviations(x: int, n: int, x_pool: int, n_pool: int) -> float:
    """How many standard deviations a group's selections lie from what a blind draw out of the whole pool gives.

    The hypergeometric form of the rule of two or three standard deviations (Castaneda v. Partida, 430 U.S. 482, 1977).

    Args:
        x: selected from the group.
        n: members of the group.
        x_pool: selected in all, the group among them.
        n_pool: members of the pool, the group among them.

    Returns:
        Negative for a shortfall; 0 where no draw could have come out otherwise.
    """
    rate = x_pool / n_pool
    variance = n * rate * (1 - rate) * (n_pool - n) / max(n_pool - 1, 1)
    return (x - n * rate) / math.sqrt(variance) if variance > 0 else 0.0


def mcnemar_exact(only_first: int, only_second: int) -> float:
    """Two-sided exact p-value that two classifiers err equally often on the same rows (McNemar 1947).

    Args:
        only_first: rows that only the first gets wrong.
        only_second: rows that only the second gets wrong.
    """
    return min(1.0, 2 * float(bdtr(min(only_first, only_second), only_first + only_second, 0.5)))


class CommonOdds(NamedTuple):
    """Association of two binary variables within strata.

    Attributes:
        odds_ratio: Mantel-Haenszel's common odds ratio; None where it is undefined.
        statistic: Cochran-Mantel-Haenszel chi square, without continuity correction.
        p_value: of no association in any stratum.
    """

    odds_ratio: float | None
    statistic: float
    p_value: float


def cochran_mantel_haenszel(strata: Sequence[ArrayLike]) -> CommonOdds:
    """Test of no association within strata (Mantel & Haenszel 1959).

    Args:
        strata: 2 by 2 tables: group by outcome.
    """
    tables = np.asarray(strata, dtype=float)
    tables = tables[tables.sum(axis=(1, 2)) > 1]
    n = tables.sum(axis=(1, 2))
    rows, columns = tables.sum(axis=2), tables.sum(axis=1)
    expected = rows[:, 0] * columns[:, 0] / n
    variance = float((rows.prod(axis=1) * columns.prod(axis=1) / (n * n * (n - 1))).sum())
    concordant = float((tables[:, 0, 0] * tables[:, 1, 1] / n).sum())
    discordant = float((tables[:, 0, 1] * tables[:, 1, 0] / n).sum())
    statistic = float((tables[:, 0, 0] - expected).sum()) ** 2 / variance if variance > 0 else 0.0
    return CommonOdds(concordant / discordant if discordant else None, statistic, float(chdtrc(1, statistic)))


def z_beyond(interval: Callable[[float], Interval], bound: float) -> float:
    """Where an interval's end meets a bound, in standard deviations: positive where the estimate lies above it.

    Args:
        interval: two-sided interval by its level; both ends move outwards as the level grows.
        bound: the value that the estimate is tested against.

    Returns:
        ``z``, at most 8 either way: ``ndtr(-z)`` is the one-sided p-value of "not above ``bound``", ``ndtr(z)`` of
        "not below", exactly where the one-sided bounds of that interval would exclude it.
    """
    above = interval(0.0).low > bound
    near, far = 0.0, FARTHEST_Z
    for _ in range(50):
        z = (near + far) / 2
        low, high = interval(2 * float(ndtr(z)) - 1)
        near, far = (z, far) if (low > bound if above else high < bound) else (near, z)
    return near if above else -near


def _two_sided(z: float) -> float:
    return 2 * float(ndtr(-abs(z)))
