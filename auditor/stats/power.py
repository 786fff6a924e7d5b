"""How many rows a verdict needs, and what the rows at hand could have shown. All in the normal approximation.

``deviation`` is what the standard error comes to at one row a side: ``se = deviation / sqrt(n)``.
"""

import math

from scipy.special import ndtr, ndtri

POWER = 0.8
MOST_ROWS = 1_000_000_000


def rate_deviation(p: float) -> float:
    """Deviation of one rate."""
    return math.sqrt(p * (1 - p))


def difference_deviation(p: float, p_ref: float) -> float:
    """Deviation of a difference of two rates with equally many rows."""
    return math.sqrt(p * (1 - p) + p_ref * (1 - p_ref))


def log_ratio_deviation(p: float, p_ref: float) -> float:
    """Deviation of the logarithm of a ratio of two positive rates with equally many rows."""
    return math.sqrt((1 - p) / p + (1 - p_ref) / p_ref)


def rows_to_detect(p: float, p_ref: float, *, alpha: float = 0.05, power: float = POWER) -> int:
    """Rows per side that tell two different rates apart with a two-sided test (Fleiss, Levin & Paik 2003, eq. 4.14).

    Args:
        p: rate in the group.
        p_ref: rate in the reference group, another one.
        alpha: two-sided error rate.
        power: chance of telling them apart.
    """
    pooled = (p + p_ref) / 2
    apart = _z(1 - alpha / 2) * math.sqrt(2) * rate_deviation(pooled) + _z(power) * difference_deviation(p, p_ref)
    return math.ceil((apart / (p - p_ref)) ** 2)


def rows_to_show_beyond(excess: float, deviation: float, *, alpha: float, power: float = POWER) -> int | None:
    """Rows per side after which a one-sided bound excludes the margin, were the estimate true.

    Args:
        excess: distance of the estimate from the margin, positive.
        deviation: of the estimate.
        alpha: one-sided error rate, adjusted for the family.
        power: chance that it then does.

    Returns:
        None where not even a thousand million rows would do: the estimate is at the margin.
    """
    return _rows((_z(1 - alpha) + _z(power)) * deviation, excess)


def rows_to_show_inside(below: float, above: float, deviation: float, *, alpha: float, power: float = POWER) -> int | None:
    """Rows per side after which both one-sided bounds lie inside the margins, were the estimate true (Schuirmann 1987).

    Args:
        below: distance from the lower margin up to the estimate, positive; ``math.inf`` where there is none.
        above: distance from the estimate up to the upper margin, positive; ``math.inf`` where there is none.
        deviation: of the estimate.
        alpha: one-sided error rate of each bound.
        power: chance that both then are.

    Returns:
        None where not even a thousand million rows would do: the estimate is at a margin.
    """
    if below <= 0 or above <= 0:
        return None
    few, many = 0.0, 2 * math.log(MOST_ROWS)
    for _ in range(60):
        middle = (few + many) / 2
        scale = math.exp(middle / 2) / deviation if deviation > 0 else math.inf
        chance = float(ndtr(below * scale - _z(1 - alpha)) + ndtr(above * scale - _z(1 - alpha))) - 1
        few, many = (few, middle) if chance >= power else (middle, many)
    rows = math.ceil(math.exp(many) * (1 - 1e-9))  # the halving ends a hair above the answer
    return rows if rows <= MOST_ROWS else None


def detectable_gap(standard_error: float, *, alpha: float = 0.05, power: float = POWER) -> float:
    """Smallest true gap that a two-sided test would have noticed with chance ``power``, at this standard error."""
    return (_z(1 - alpha / 2) + _z(power)) * standard_error


def _rows(needed: float, distance: float) -> int | None:
    if distance <= 0 or needed / distance > math.sqrt(MOST_ROWS):
        return None
    return max(math.ceil((needed / distance) ** 2), 1)


def _z(probability: float) -> float:
    return float(ndtri(probability))
