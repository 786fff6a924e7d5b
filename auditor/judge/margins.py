"""The three-way verdict on one measurement: shown to be inside the margin, shown to be outside, or neither.

A measurement *fails* when its one-sided bound, adjusted for the family, lies outside the margin: more than is tolerable
has been shown. It *passes* when both one-sided bounds lie inside (two one-sided tests, Schuirmann 1987), which needs no
adjustment since all have to (Berger 1982). Otherwise it is *inconclusive*, with the rows that would settle it.
"""

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from scipy.special import ndtr

from auditor.judge import wording
from auditor.judge.cases import Case, Family, Pending, decided, settled
from auditor.judge.needed import rows_needed
from auditor.stats.intervals import Interval, adjusted_log, newcombe, t_value, wilson, z_value
from auditor.stats.power import detectable_gap
from auditor.stats.tests import z_beyond
from auditor.types import Finding, Measurement, Said, Threshold, Why

Bounds = Callable[[float], Interval]
"""An interval by its two-sided level."""

RELATIONS = {"<=": operator.le, "<": operator.lt, ">=": operator.ge, ">": operator.gt}


@dataclass(frozen=True, slots=True)
class Margin:
    """The tolerable values: ``low`` to ``high``, either of them possibly infinite."""

    low: float
    high: float

    def holds(self, ends: Interval) -> bool:
        """Whether both ends lie inside."""
        return self.low <= ends.low and ends.high <= self.high


def margin(threshold: Threshold) -> Margin:
    """The margin that a threshold stands for."""
    low = {"within": -threshold.value, ">=": threshold.value, ">": threshold.value}.get(threshold.op, -math.inf)
    high = {"within": threshold.value, "<=": threshold.value, "<": threshold.value}.get(threshold.op, math.inf)
    return Margin(low, high)


def judged(m: Measurement, threshold: Threshold, alpha: float) -> Case:
    """Judge a measurement that has a value.

    Args:
        m: the measurement; one that counts everything (``exact``) is compared as it is.
        threshold: the bound.
        alpha: one-sided error rate.
    """
    if threshold.decision == "point" or m.method == "exact":
        return _compared(m, threshold)
    bounds = bounds_of(m)
    if bounds is None:
        cause = (m.reason or "nothing says how sure it is").removeprefix("no interval: ")
        return settled("inconclusive", Why(("no_interval",), cause=cause), m)
    return Pending(violation(bounds, margin(threshold)), lambda family: _settled(m, threshold, bounds, alpha, family))


def bounds_of(m: Measurement) -> Bounds | None:
    """Intervals of a measurement at any level, from its counts or its standard error; None where it has neither."""
    c, value = m.counts, m.value or 0.0
    if m.method == "wilson" and {"x", "n"} <= c.keys():
        return lambda level: wilson(c["x"], c["n"], level)
    if m.method in ("newcombe", "adjusted_log") and {"x", "n", "x_ref", "n_ref"} <= c.keys():
        contrast = newcombe if m.method == "newcombe" else adjusted_log
        return lambda level: contrast(c["x"], c["n"], c["x_ref"], c["n_ref"], level)
    se = c.get("se", 0.0)
    if not se > 0:
        return None
    if m.method == "mean":
        return lambda level: _around(value, t_value(level, m.n - 1) * se)
    return lambda level: _around(value, z_value(level) * se)


def violation(bounds: Bounds, allowed: Margin) -> float:
    """One-sided p-value of the hypothesis that the true value lies inside the margin."""
    over = float(ndtr(-z_beyond(bounds, allowed.high))) if math.isfinite(allowed.high) else 1.0
    under = float(ndtr(z_beyond(bounds, allowed.low))) if math.isfinite(allowed.low) else 1.0
    return min(over, under)


def one_sided(bounds: Bounds, alpha: float) -> Interval:
    """Both one-sided bounds at an error rate."""
    return bounds(max(1 - 2 * alpha, 0.0))


def _compared(m: Measurement, threshold: Threshold) -> Finding:
    """Compare the point estimate, in exact arithmetic: 48/80 over 60/80 is 4/5, which floats deny."""
    value, limit = _fraction(m), Fraction(str(threshold.value))
    meets = abs(value) <= limit if threshold.op == "within" else RELATIONS[threshold.op](value, limit)
    says = wording.met(threshold) if meets else wording.missed(threshold, float(value))
    return settled("pass" if meets else "fail", Why((says,), {"bound": threshold.value}), m)


def _fraction(m: Measurement) -> Fraction:
    if m.method not in ("newcombe", "adjusted_log") or "x_ref" not in m.counts:
        return Fraction(str(m.value))
    c = {key: Fraction(value) for key, value in m.counts.items()}
    rate, rate_ref = c["x"] / c["n"], c["x_ref"] / c["n_ref"]
    return rate - rate_ref if m.method == "newcombe" else rate / rate_ref


def _settled(m: Measurement, threshold: Threshold, bounds: Bounds, alpha: float, family: Family) -> Finding:
    allowed, ends = margin(threshold), one_sided(bounds, alpha)
    bound = {"bound": threshold.value}
    if family.adjusted <= alpha:
        why = Why((wording.missed(threshold, m.value or 0.0),), bound)
        return decided("fail", why, m, one_sided(bounds, alpha / family.factor), family)
    if allowed.holds(ends):
        says, noticed = _power(m, ends, alpha)
        return decided("pass", Why((wording.met(threshold), *says), {**bound, **noticed}), m, ends, family)
    needed = rows_needed(m, allowed.low, allowed.high, alpha=alpha, family=family.size)
    why = Why(wording.undecided(threshold, needed, contrast="n_ref" in m.counts), bound)
    return decided("inconclusive", why, m, ends, family, needed)


def _power(m: Measurement, ends: Interval, alpha: float) -> tuple[tuple[Said, ...], dict[str, float]]:
    """What a difference inside the margin leaves open: that it is real, or how large a gap would have been noticed."""
    if m.method != "newcombe":
        return (), {}
    if not ends.low <= 0 <= ends.high:
        return ("real",), {}
    se = (ends.high - ends.low) / 2 / z_value(1 - 2 * alpha)
    return ("noticed",), {"noticed": detectable_gap(se, alpha=alpha)}


def _around(value: float, half: float) -> Interval:
    return Interval(value - half, value + half)
