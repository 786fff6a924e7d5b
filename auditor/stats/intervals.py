"""Intervals in closed form for rates, their differences and ratios, and means; and the measurements made with them.

A one-sided bound at error rate ``alpha`` is the end of the two-sided interval at level ``1 - 2 * alpha``.
"""

import functools
import math
from collections.abc import Mapping
from typing import NamedTuple

from scipy.special import ndtri, stdtrit

from auditor.types import Measurement


class Interval(NamedTuple):
    """Lower and upper end of an interval."""

    low: float
    high: float


@functools.lru_cache(maxsize=1024)
def z_value(level: float) -> float:
    """The normal quantile of a two-sided interval: 1.96 for a level of 0.95."""
    return float(ndtri(0.5 + level / 2))


def wilson(x: float, n: float, level: float = 0.95) -> Interval:
    """Score interval of a rate (Wilson 1927), good at 0 and n cases too.

    Args:
        x: cases, at least 0 and at most ``n``.
        n: rows; of no rows the rate can be anything, so the interval is [0, 1].
        level: confidence level, two-sided.
    """
    if n == 0:
        return Interval(0.0, 1.0)
    z = z_value(level)
    middle, half = x + z * z / 2, z * math.sqrt(x * ((n - x) / n) + z * z / 4)
    low = 0.0 if x == 0 else (middle - half) / (n + z * z)
    high = 1.0 if x == n else (middle + half) / (n + z * z)
    return Interval(low, high)


def newcombe(x: float, n: float, x_ref: float, n_ref: float, level: float = 0.95) -> Interval:
    """Hybrid score interval of a difference of two rates, group minus reference (Newcombe 1998, method 10).

    Args:
        x: cases in the group.
        n: rows in the group.
        x_ref: cases in the reference group.
        n_ref: rows in the reference group.
        level: confidence level, two-sided.
    """
    if n == 0 or n_ref == 0:
        return Interval(-1.0, 1.0)
    return mover_difference(x / n, wilson(x, n, level), x_ref / n_ref, wilson(x_ref, n_ref, level))


def mover_difference(a: float, a_interval: Interval, b: float, b_interval: Interval) -> Interval:
    """Interval of ``a - b`` from the intervals of two independent estimates (Zou & Donner 2008)."""
    below = math.hypot(a - a_interval.low, b_interval.high - b)
    above = math.hypot(a_interval.high - a, b - b_interval.low)
    return Interval(a - b - below, a - b + above)


def adjusted_log(x: float, n: float, x_ref: float, n_ref: float, level: float = 0.95) -> Interval:
    """Adjusted log interval of a ratio of two rates, group over reference (Walter 1975).

    Half a case and half a row are added on each side. Where every row is a case, Walter's variance of that side is 0
    and two full sides would give an interval without width; here half a case counts as missing instead.

    Args:
        x: cases in the group; of none, the lower end is 0.
        n: rows in the group.
        x_ref: cases in the reference group; of none, the upper end is infinite.
        n_ref: rows in the reference group.
        level: confidence level, two-sided.
    """
    centre = math.log((x + 0.5) * (n_ref + 0.5)) - math.log((n + 0.5) * (x_ref + 0.5))
    half = z_value(level) * math.sqrt(_log_variance(x, n) + _log_variance(x_ref, n_ref))
    low = 0.0 if x == 0 else math.exp(centre - half)
    high = math.inf if x_ref == 0 else math.exp(centre + half)
    return Interval(low, high)


def _log_variance(x: float, n: float) -> float:
    cases = min(x, max(n - 0.5, 0.0)) + 0.5
    return 1 / cases - 1 / (n + 0.5)


def mean_interval(total: float, total_squared: float, n: int, level: float = 0.95) -> Interval:
    """Student's interval of a mean.

    Args:
        total: sum of the values.
        total_squared: sum of their squares.
        n: how many; one value says nothing of its spread, so below 2 the interval is the whole line.
        level: confidence level, two-sided.
    """
    if n < 2:
        return Interval(-math.inf, math.inf)
    half = t_value(level, n - 1) * standard_error(total, total_squared, n)
    return Interval(total / n - half, total / n + half)


@functools.lru_cache(maxsize=1024)
def t_value(level: float, freedom: int) -> float:
    """Student's quantile of a two-sided interval with so many degrees of freedom."""
    return float(stdtrit(freedom, 0.5 + level / 2))


def standard_error(total: float, total_squared: float, n: int) -> float:
    """Standard error of a mean of at least two values, from their sum and the sum of their squares."""
    return math.sqrt(max(total_squared - total * total / n, 0.0) / (n - 1) / n)


def share(
    metric: str,
    x: float,
    n: float,
    *,
    level: float = 0.95,
    where: Mapping[str, str] | None = None,
    unit: str = "fraction",
    needs: str = "rows",
) -> Measurement:
    """A rate, ``x`` of ``n``, with its Wilson interval.

    Args:
        metric: name of the rate.
        x: cases.
        n: rows that could be cases.
        level: confidence level.
        where: the slice.
        unit: of the value.
        needs: what ``n`` counts, for the reason where there is none: ``"rows with a positive label"``.
    """
    if n == 0:
        return Measurement(metric, None, unit, 0, level=level, reason=f"there are no {needs}", where=dict(where or {}))
    x, n = float(x), float(n)
    low, high = wilson(x, n, level)
    counts = {"x": x, "n": n}
    return Measurement(metric, x / n, unit, int(n), low, high, level, "wilson", None, dict(where or {}), counts)


def difference(
    metric: str,
    x: float,
    n: float,
    x_ref: float,
    n_ref: float,
    *,
    level: float = 0.95,
    where: Mapping[str, str] | None = None,
    unit: str = "fraction",
    needs: str = "rows",
) -> Measurement:
    """A difference of two rates, group minus reference, with its Newcombe interval; ``n`` is the group's.

    Args:
        metric: name of the contrast, such as ``"selection_rate_difference"``.
        x: cases in the group.
        n: rows in the group.
        x_ref: cases in the reference group.
        n_ref: rows in the reference group.
        level: confidence level.
        where: the slice, with its ``reference``.
        unit: of the value.
        needs: what ``n`` and ``n_ref`` count, for the reason where there is none.
    """
    counts = _sides(x, n, x_ref, n_ref)
    reason = _missing_side(n, n_ref, needs)
    if reason:
        return Measurement(metric, None, unit, int(n), level=level, reason=reason, where=dict(where or {}), counts=counts)
    low, high = newcombe(**counts, level=level)
    value = float(x / n - x_ref / n_ref)
    return Measurement(metric, value, unit, int(n), low, high, level, "newcombe", None, dict(where or {}), counts)


def ratio(
    metric: str,
    x: float,
    n: float,
    x_ref: float,
    n_ref: float,
    *,
    level: float = 0.95,
    where: Mapping[str, str] | None = None,
    unit: str = "ratio",
    needs: str = "rows",
) -> Measurement:
    """A ratio of two rates, group over reference, with its adjusted log interval; ``n`` is the group's.

    Args:
        metric: name of the contrast, such as ``"selection_rate_ratio"``.
        x: cases in the group.
        n: rows in the group.
        x_ref: cases in the reference group; of none the ratio is undefined.
        n_ref: rows in the reference group.
        level: confidence level.
        where: the slice, with its ``reference``.
        unit: of the value.
        needs: what ``n`` and ``n_ref`` count, for the reason where there is none.
    """
    counts = _sides(x, n, x_ref, n_ref)
    reason = _missing_side(n, n_ref, needs) or ("the reference rate is 0" if x_ref == 0 else None)
    if reason:
        return Measurement(metric, None, unit, int(n), level=level, reason=reason, where=dict(where or {}), counts=counts)
    low, high = adjusted_log(**counts, level=level)
    value = float(x / n / (x_ref / n_ref))
    return Measurement(metric, value, unit, int(n), low, high, level, "adjusted_log", None, dict(where or {}), counts)


def mean(
    metric: str,
    total: float,
    total_squared: float,
    n: int,
    *,
    unit: str,
    level: float = 0.95,
    where: Mapping[str, str] | None = None,
    needs: str = "rows",
) -> Measurement:
    """A mean with Student's interval and its standard error ``se``; of a single value there is no interval.

    Args:
        metric: name of the mean.
        total: sum of the values.
        total_squared: sum of their squares.
        n: how many values.
        unit: of the value.
        level: confidence level.
        where: the slice.
        needs: what ``n`` counts, for the reason where there is none.
    """
    where = dict(where or {})
    if n == 0:
        return Measurement(metric, None, unit, 0, level=level, reason=f"there are no {needs}", where=where)
    value = float(total / n)
    if n == 1:
        return Measurement(metric, value, unit, 1, level=level, method="mean", reason="one value has no spread", where=where)
    low, high = mean_interval(total, total_squared, n, level)
    counts = {"se": standard_error(total, total_squared, n), "n": float(n)}
    return Measurement(metric, value, unit, int(n), float(low), float(high), level, "mean", None, where, counts)


def _sides(x: float, n: float, x_ref: float, n_ref: float) -> dict[str, float]:
    return {"x": float(x), "n": float(n), "x_ref": float(x_ref), "n_ref": float(n_ref)}


def _missing_side(n: float, n_ref: float, needs: str) -> str | None:
    if n == 0:
        return f"the group has no {needs}"
    return f"the reference group has no {needs}" if n_ref == 0 else None
