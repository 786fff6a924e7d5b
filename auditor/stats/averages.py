"""Averages over classes of precision, recall and F1, from a confusion table.

Each metric is a ratio with its numerator on the table's diagonal: recall divides by the true rows of the class, precision by
the decided ones, F1 by the mean of both. Averages are smooth functions of the cells, so their variance is that of the delta
method (Takahashi et al. 2022, https://doi.org/10.1007/s10489-021-02635-5, give it for F1).
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from auditor.stats.intervals import Interval, wilson, z_value
from auditor.types import Counts, Floats, Integers

Metric = Literal["recall", "precision", "f1"]
Average = Literal["macro", "weighted"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number in [0, 1] with its interval, and half the interval in units of the normal quantile as its standard error."""

    value: float
    se: float
    interval: Interval


def f1(cells: Counts, of: int, level: float = 0.95) -> Estimate | None:
    """F1 of one class; None where it is neither true nor decided of any row.

    ``F1 = 2 J / (1 + J)`` where J is the share of rows right among those of which the class is true or decided: a plain rate,
    whose Wilson interval the same formula carries over.

    Args:
        cells: rows by true class (axis 0) and decided class (axis 1), shape ``(k, k)``.
        of: index of the class.
        level: confidence level.
    """
    right = int(cells[of, of])
    union = int(cells[of].sum() + cells[:, of].sum()) - right
    if union == 0:
        return None
    return _estimate(2 * right / (right + union), _f1_ends(right, union, level), level)


def average(cells: Counts, metric: Metric, kind: Average, level: float = 0.95, *, only_true: bool = False) -> Estimate | None:
    """The macro or weighted average of a metric over classes; None where there are no rows.

    Averaged are the classes that are true or decided of some row, as in scikit-learn with ``zero_division=0``: the precision
    of a class that is never decided and the recall of one that is never true count as 0, since leaving the class out would
    flatter the model. Weights are the shares of true rows.

    The interval is Wilson's for a rate with the same standard error. That is taken at a table with one more row a class, half
    of it spread like chance, so that a perfect table of few rows has a width too. A macro average can hang on few rows of a
    rare class; it takes the wider ends of that and of the classes' own intervals combined (MOVER, Zou & Donner 2008).

    Args:
        cells: rows by true class (axis 0) and decided class (axis 1), shape ``(k, k)``.
        metric: which one.
        kind: equal weights, or weights by true rows.
        level: confidence level.
        only_true: leave out the classes that are never true: the mean of recalls is then the balanced accuracy.
    """
    true, decided = cells.sum(axis=1), cells.sum(axis=0)
    used = np.flatnonzero(true if only_true else true + decided)
    if not len(used):
        return None
    value = float(_weights(cells, used, kind) @ _values(cells, metric)[used])
    k = len(cells)
    smooth = cells + 0.5 / k + 0.5 * np.eye(k)
    se = math.sqrt(_variance(smooth, metric, used, kind))
    middle = float(_weights(smooth, used, kind) @ _values(smooth, metric)[used])
    rows = middle * (1 - middle) / se**2 if se else float(cells.sum())
    low, high = wilson(value * rows, rows, level)
    if kind == "macro":
        below, above = _combined(cells, metric, used, level)
        low, high = min(low, value - below), max(high, value + above)
    return _estimate(value, Interval(max(low, 0.0), min(high, 1.0)), level)


def _estimate(value: float, ends: Interval, level: float) -> Estimate:
    return Estimate(value, (ends.high - ends.low) / (2 * z_value(level)), ends)


def _f1_ends(right: float, union: float, level: float) -> Interval:
    return Interval(*(2 * end / (1 + end) for end in wilson(right, union, level)))


def _combined(cells: Counts, metric: Metric, used: Integers, level: float) -> tuple[float, float]:
    """How far the mean's interval reaches below and above it, from those of its classes as if they were independent."""
    right, values, below = cells.diagonal(), _values(cells, metric)[used], _below(cells, metric)
    if metric == "f1":
        ends = [_f1_ends(right[of], 2 * below[of] - right[of], level) for of in used]
    else:
        ends = [wilson(right[of], below[of], level) for of in used]
    low, high = np.array(ends).T
    return math.hypot(*(values - low)) / len(used), math.hypot(*(high - values)) / len(used)


def _weights(cells: Floats | Counts, used: Integers, kind: Average) -> Floats:
    true = cells.sum(axis=1)[used]
    return np.asarray(true / true.sum() if kind == "weighted" else np.full(len(used), 1 / len(used)))


def _values(cells: Floats | Counts, metric: Metric) -> Floats:
    return np.asarray(cells.diagonal() / np.maximum(_below(cells, metric), np.finfo(np.float64).tiny))


def _below(cells: Floats | Counts, metric: Metric) -> Floats:
    """What each class's metric divides by."""
    true, decided = cells.sum(axis=1), cells.sum(axis=0)
    return np.asarray({"recall": true, "precision": decided, "f1": (true + decided) / 2}[metric], dtype=np.float64)


def _variance(cells: Floats, metric: Metric, used: Integers, kind: Average) -> float:
    """Delta method. A table with twice the rows has the same average, so the gradient's mean over rows is 0."""
    weights = np.zeros(len(cells))
    weights[used] = _weights(cells, used, kind)
    values, below = _values(cells, metric), _below(cells, metric)
    pull = weights * values / below
    gradient = np.diag(weights / below)
    gradient -= {"recall": pull[:, None], "precision": pull[None, :], "f1": (pull[:, None] + pull[None, :]) / 2}[metric]
    if kind == "weighted":
        moved = np.where(weights > 0, values - weights @ values, 0) / cells[used].sum()
        gradient += moved[:, None]
    return float((cells * gradient**2).sum())
