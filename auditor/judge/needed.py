"""How many rows would settle what these rows could not."""

import math
from dataclasses import dataclass

from auditor.stats import power
from auditor.types import Measurement


@dataclass(frozen=True, slots=True)
class Position:
    """An estimate on the scale that its interval is symmetric on.

    Attributes:
        value: the estimate; the logarithm of a ratio.
        deviation: its standard error at one row a side.
        low: lower end of the margin, on the same scale.
        high: upper end of the margin.
    """

    value: float
    deviation: float
    low: float
    high: float


def rows_needed(m: Measurement, low: float, high: float, *, alpha: float, family: int) -> int | None:
    """Rows per side that would settle an inconclusive measurement with a power of 0.8, were its estimate true.

    Args:
        m: the measurement.
        low: lower end of the margin.
        high: upper end of the margin.
        alpha: one-sided error rate.
        family: number of tests that share ``alpha`` in showing a violation.

    Returns:
        None where the estimate lies so near the margin that no number of rows would do.
    """
    at = _position(m, low, high)
    below, above = at.value - at.low, at.high - at.value
    if below > 0 and above > 0:
        rows = power.rows_to_show_inside(below, above, at.deviation, alpha=alpha)
    else:
        rows = power.rows_to_show_beyond(max(-below, -above), at.deviation, alpha=alpha / family)
    smaller = int(min(m.n, m.counts.get("n_ref", m.n)))
    return None if rows is None else max(rows, smaller + 1)


def _position(m: Measurement, low: float, high: float) -> Position:
    value, c = m.value or 0.0, m.counts
    if m.method == "wilson" and "x" in c:
        return Position(value, power.rate_deviation(_inner(c["x"], c["n"])), low, high)
    if m.method == "newcombe" and "x_ref" in c:
        deviation = power.difference_deviation(_inner(c["x"], c["n"]), _inner(c["x_ref"], c["n_ref"]))
        return Position(value, deviation, low, high)
    if m.method == "adjusted_log" and "x_ref" in c:
        p, p_ref = _inner(c["x"], c["n"]), _inner(c["x_ref"], c["n_ref"])
        return Position(math.log(p / p_ref), power.log_ratio_deviation(p, p_ref), _log(low), _log(high))
    return Position(value, c["se"] * math.sqrt(m.n), low, high)


def _inner(x: float, n: float) -> float:
    """A rate, drawn in from 0 and 1 by half a case, where its deviation would be 0."""
    return (x + 0.5) / (n + 1) if x in (0, n) else x / n


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf
