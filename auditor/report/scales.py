"""From values to places on a chart: linear and logarithmic scales, and round ticks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis.

    Attributes:
        low: value at ``start``.
        high: value at ``stop``.
        start: place of the low end, in units of the drawing.
        stop: place of the high end; may be smaller than ``start``, as for an axis that points up.
        log: whether equal ratios, and not equal differences, are equally far apart.
    """

    low: float
    high: float
    start: float
    stop: float
    log: bool = False

    def at(self, value: float) -> float:
        """Place of a value, to a tenth; values outside the axis stand at its end."""
        low, high, value = (math.log(max(v, 1e-9)) if self.log else v for v in (self.low, self.high, value))
        share = min(1.0, max(0.0, (value - low) / (high - low)))
        return tidy(self.start + share * (self.stop - self.start))

    def holds(self, value: float) -> bool:
        """Whether a value lies on the axis."""
        return self.low <= value <= self.high


def tidy(place: float) -> float:
    """A place rounded to a tenth, whole where it is whole: what is drawn, and short to write."""
    rounded = round(place, 1)
    return int(rounded) if rounded == int(rounded) else rounded


def fitted(values: Sequence[float], start: float, stop: float, *, bounds: tuple[float, float] | None = None) -> Scale:
    """A linear scale that holds all values with a little room, within bounds that the unit sets."""
    low, high = min(values), max(values)
    room = 0.06 * (high - low) or 0.1 * abs(high) or 0.5
    low, high = low - room, high + room
    if bounds is not None:
        low, high = max(low, bounds[0]), min(high, bounds[1])
    return Scale(low, high, start, stop)


def fitted_log(values: Sequence[float], start: float, stop: float) -> Scale:
    """A logarithmic scale that holds all positive values; ratios beyond 1/20 and 20 stand at its ends."""
    positive = [value for value in values if value > 0] or [1.0]
    low, high = max(0.05, min(positive) / 1.1), min(20.0, max(positive) * 1.1)
    return Scale(min(low, 0.9), max(high, 1.1), start, stop, log=True)


def ticks(scale: Scale, *, about: int = 5) -> tuple[float, ...]:
    """Round values on the axis, about as many as asked."""
    if scale.log:
        return _log_ticks(scale)
    raw = (scale.high - scale.low) / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= raw * 0.999)
    first, last = math.ceil(scale.low / step - 1e-9), math.floor(scale.high / step + 1e-9)
    return tuple(float(f"{index * step:.12g}") for index in range(first, last + 1))


_RATIOS = (1.0, 0.8, 0.5, 2.0, 1.25, 0.2, 5.0, 0.1, 10.0, 0.9, 1.1, 0.65, 1.5, 3.0, 0.35)
"""Ratios to write at an axis, those that a reader looks for first."""


def _log_ticks(scale: Scale) -> tuple[float, ...]:
    found: list[float] = []
    for value in _RATIOS:
        if scale.holds(value) and all(abs(scale.at(value) - scale.at(other)) >= 26 for other in found):
            found.append(value)
    return tuple(sorted(found))
