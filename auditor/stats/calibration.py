"""Expected calibration error, with its interval, from a reliability table."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import erf

from auditor.stats.intervals import Interval, z_value
from auditor.types import Floats

DRAWS = 2_000
STEPS = 20
FURTHEST = 4.0


@dataclass(frozen=True, slots=True)
class CalibrationError:
    """How far the confidence of a model is from how often it is right.

    Attributes:
        value: expected calibration error of the bins as they are (Guo et al. 2017). Noise alone makes it positive.
        debiased: the same, less the part that noise is expected to add (Kumar, Liang & Ma 2019), at least 0.
        interval: interval of the true error; it reaches 0 where perfect calibration would explain the table.
        se: half its longer side over the normal quantile.
        n: number of rows.
    """

    value: float
    debiased: float
    interval: Interval
    se: float
    n: int


def coarser(reliability: Floats, bins: int) -> Floats:
    """A reliability table, shape ``(b, 3)``, with its bins put together into fewer; ``bins`` divides ``b``."""
    return np.asarray(reliability.reshape(bins, -1, 3).sum(axis=1))


def calibration_error(reliability: Floats, level: float = 0.95) -> CalibrationError | None:
    """The expected calibration error of a reliability table; None where it is empty.

    The error is a sum of absolute values, so the percentile bootstrap is biased upwards twice and practically never covers a
    true error of 0. Here the interval holds the errors that would not make the observed one unusual: the observed bins are
    moved towards and away from calibration together, and each position is simulated (test inversion by a parametric
    bootstrap along one direction, DiCiccio & Romano 1990; Carpenter 1999).

    Args:
        reliability: per bin of the top class's probability: rows, sum of that probability, rows that are right; ``(b, 3)``.
        level: confidence level, two-sided.
    """
    n, total, right = reliability[reliability[:, 0] > 0].T
    if not len(n):
        return None
    weight, confidence, accuracy = n / n.sum(), np.clip(total / n, 0, 1), right / n
    gap = accuracy - confidence
    value = float(weight @ np.abs(gap))
    # An observed rate of 0 or 1 has no spread of its own: half a row on each side gives it one.
    spread = np.sqrt((right + 0.5) * (n - right + 0.5) / (n + 1) ** 2 / n)
    noise = float(weight @ (folded_mean(gap, spread) - np.abs(gap)))
    low, high = _inverted(value, weight, confidence, n, _away(gap, spread, confidence), level)
    # An error observed to be smaller than noise alone makes it says little of the true one, whose bins may also be off on
    # the other side; there the upper end is that of the error with its signs taken as known.
    ends = Interval(low, min(max(high, value + z_value(level) * float(np.linalg.norm(weight * spread))), 1.0))
    se = max(ends.high - value, value - ends.low) / z_value(level)
    return CalibrationError(value, max(value - noise, 0.0), ends, se, int(n.sum()))


def folded_mean(mean: Floats, sd: Floats) -> Floats:
    """Mean of the absolute value of normal variables."""
    scaled = mean / sd
    return np.asarray(sd * np.sqrt(2 / np.pi) * np.exp(-(scaled**2) / 2) + mean * erf(scaled / np.sqrt(2)))


def _away(gap: Floats, spread: Floats, confidence: Floats) -> Floats:
    """The direction along which errors are tried: the observed gaps, none smaller than its own noise."""
    sign = np.where(gap == 0, np.where(confidence < 0.5, 1.0, -1.0), np.sign(gap))
    return np.asarray(sign * np.maximum(np.abs(gap), spread))


def _inverted(value: float, weight: Floats, confidence: Floats, n: Floats, away: Floats, level: float) -> Interval:
    tail, noise = (1 - level) / 2, _normal(len(n) + 1)

    def at(step: float) -> tuple[float, Floats]:
        """The true error so far out, and errors that tables observe there."""
        rate = np.clip(confidence + step * away, 0, 1)
        gap = rate - confidence
        true = float(weight @ np.abs(gap))
        sd = np.sqrt(rate * (1 - rate) / n)
        shares = np.sqrt(max(float(weight @ gap**2) - true**2, 0.0) / n.sum())  # rows fall into bins by chance, too
        return true, np.abs(gap + sd * noise[:, 1:]) @ weight + shares * noise[:, 0]

    low = _edge(lambda step: bool((at(step)[1] >= value).mean() >= tail))
    high = _edge(lambda step: bool((at(step)[1] <= value).mean() < tail))
    return Interval(min(at(low)[0], value), max(at(high)[0], value))


def _edge(reached: Callable[[float], bool]) -> float:
    """The smallest step at which a condition holds that goes on to hold, by bisection."""
    if reached(0.0):
        return 0.0
    low, high = 0.0, FURTHEST
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high


@functools.lru_cache(maxsize=32)
def _normal(columns: int) -> Floats:
    return np.random.default_rng(0).standard_normal((DRAWS, columns))
