"""Geometry of the charts.

All drawings are 360 units wide, which fits a phone and stands twice or three times beside itself on a desk.
"""

import unicodedata
from collections.abc import Sequence

from auditor.report import format as form
from auditor.report.scales import Scale, fitted, fitted_log, ticks, tidy
from auditor.report.shapes import Bar, Bars, Estimate, Forest, Histogram, Line, Mark, Segment, Tick
from auditor.types import State

WIDTH = 360
_EDGE = 8
_ROW = 22
_TOP = 6
_LETTER, _IDEOGRAPH = 6.1, 11.5


def forest(
    title: str,
    desc: str,
    estimates: Sequence[Estimate],
    *,
    unit: str,
    log: bool = False,
    reference: float | None = None,
    band: tuple[float | None, float | None] | None = None,
) -> Forest | None:
    """Draw an interval plot, or nothing where no estimate has a value.

    Args:
        title: what is plotted.
        desc: the same chart in words.
        estimates: top to bottom.
        unit: of the values; ``"fraction"`` keeps the axis in [0, 1].
        log: draw ratios so that 1/2 and 2 are equally far from 1.
        reference: value of the reference line.
        band: the tolerated values; an open end reaches the end of the axis.
    """
    seen = [v for e in estimates for v in (e.value, e.low, e.high) if v is not None]
    if not seen:
        return None
    left = _label_width([e.label for e in estimates])
    seen += [v for v in (reference, *_reach(band, unit)) if v is not None]
    scale = fitted_log(seen, left, WIDTH - _EDGE) if log else fitted(seen, left, WIDTH - _EDGE, bounds=_bounds(unit))
    marks = [_mark(e, index, left, scale) for index, e in enumerate(estimates)]
    floor = _TOP + _ROW * len(estimates) + 2
    return Forest(
        title=title,
        desc=desc,
        height=floor + 20,
        plot=(left, WIDTH - _EDGE),
        floor=floor,
        marks=tuple(marks),
        whiskers="".join(_whisker(e, mark.y, scale) for e, mark in zip(estimates, marks, strict=True)),
        ticks=tuple(Tick(scale.at(value), form.tick(value, unit)) for value in ticks(scale)),
        reference=None if reference is None else scale.at(reference),
        band=None if band is None else _band(band, scale),
    )


def bars(title: str, desc: str, lines: Sequence[tuple[str, float, float, str]]) -> Bars | None:
    """Draw horizontal bars: label, value, a second value after it, and the text at the end; nothing without a value."""
    most = max((value + second for _, value, second, _ in lines), default=0.0)
    if most <= 0:
        return None
    left = _label_width([label for label, *_ in lines])
    room = WIDTH - _EDGE - left - max(_width(text) for *_, text in lines) - 8
    drawn = [
        _bar(_cut(label, left), _middle(index), left, room * value / most, room * second / most, text)
        for index, (label, value, second, text) in enumerate(lines)
    ]
    return Bars(title, desc, _TOP + _ROW * len(lines) + 4, left, tuple(drawn))


def line(title: str, desc: str, points: Sequence[tuple[float, Estimate, float]]) -> Line | None:
    """Draw a curve in the unit square.

    Args:
        title: what is plotted.
        desc: the same chart in words.
        points: left to right: x, the estimate above it, and the share of rows there, which sets the point's size.
    """
    across, up = Scale(0, 1, 36, WIDTH - _EDGE), Scale(0, 1, 300, _EDGE)
    known = [(across.at(x), e, share) for x, e, share in points if e.value is not None]
    if not known:
        return None
    placed = [(x, up.at(e.value or 0.0), tidy(2 + 6 * share**0.5)) for x, e, share in known]
    path = "M" + "L".join(f"{x} {y}" for x, y, _ in placed)
    whiskers = "".join(f"M{x} {up.at(e.low)}V{up.at(e.high)}" for x, e, _ in known if e.low is not None and e.high is not None)
    marks = [
        (Tick(across.at(v), form.tick(v, "fraction")), Tick(up.at(v), form.tick(v, "fraction")))
        for v in (0, 0.25, 0.5, 0.75, 1)
    ]
    return Line(title, desc, tuple(placed), path, whiskers, tuple(marks))


def histogram(title: str, desc: str, counts: Sequence[tuple[str, float]]) -> Histogram | None:
    """Draw vertical bars of equal width, each with its label; every n-th label is written."""
    most = max((count for _, count in counts), default=0.0)
    if most <= 0:
        return None
    step = (WIDTH - 2 * _EDGE) / len(counts)
    every = -(-len(counts) // 8)
    drawn, below = [], []
    for index, (label, count) in enumerate(counts):
        height = tidy(110 * count / most)
        drawn.append((tidy(_EDGE + index * step), tidy(120 - height), tidy(max(1.0, step - 1)), height))
        if index % every == 0:
            below.append(Tick(tidy(_EDGE + (index + 0.5) * step), _cut(label, int(step * every))))
    return Histogram(title, desc, tuple(drawn), tuple(below))


def stack(parts: Sequence[tuple[State, int]], width: float) -> tuple[Segment, ...]:
    """Draw the parts of a whole one after another over a width, with hairlines between them."""
    total = sum(count for _, count in parts)
    segments, at = [], 0.0
    for state, count in parts:
        if count:
            segments.append(Segment(tidy(at), tidy(max(1.0, width * count / total - 2)), state))
            at += width * count / total
    return tuple(segments)


def _bar(label: str, y: float, left: float, width: float, more: float, text: str) -> Bar:
    end = tidy(left + width)
    return Bar(label, y, tidy(width), end, tidy(more), tidy(end + more), text)


def _mark(estimate: Estimate, index: int, left: float, scale: Scale) -> Mark:
    place = None if estimate.value is None else scale.at(estimate.value)
    return Mark(_cut(estimate.label, left), _middle(index), place, estimate.state)


def _whisker(estimate: Estimate, y: float, scale: Scale) -> str:
    """A horizontal line from low to high; an end off the axis gets an arrow head instead of stopping there."""
    if estimate.value is None or (estimate.low is None and estimate.high is None):
        return ""
    low = scale.low if estimate.low is None else estimate.low
    high = scale.high if estimate.high is None else estimate.high
    path = f"M{scale.at(low)} {y}H{scale.at(high)}"
    if estimate.low is None or low < scale.low:
        path += f"m0 0M{scale.at(low) + 4} {y - 3}l-4 3l4 3"
    if estimate.high is None or high > scale.high:
        path += f"M{scale.at(high) - 4} {y - 3}l4 3l-4 3"
    return path


def _band(band: tuple[float | None, float | None], scale: Scale) -> tuple[float, float]:
    low = scale.at(scale.low if band[0] is None else band[0])
    high = scale.at(scale.high if band[1] is None else band[1])
    return low, tidy(high - low)


def _reach(band: tuple[float | None, float | None] | None, unit: str) -> tuple[float | None, ...]:
    """Ends of a band, an open one at the end of what the unit can be, so that one sees where it is tolerated."""
    if band is None:
        return ()
    ends = _bounds(unit) or (None, None)
    return tuple(end if edge is None else edge for edge, end in zip(band, ends, strict=True))


def _bounds(unit: str) -> tuple[float, float] | None:
    return {"fraction": (0.0, 1.0), "points": (-1.0, 1.0)}.get(unit)


def _middle(index: int) -> float:
    return _TOP + _ROW * index + _ROW // 2


def _label_width(labels: Sequence[str]) -> int:
    return int(min(150, max(40, max(_width(label) for label in labels) + 10)))


def _width(text: str) -> float:
    return sum(_IDEOGRAPH if unicodedata.east_asian_width(letter) in "WF" else _LETTER for letter in text)


def _cut(label: str, width: float) -> str:
    """The label, shortened to a width of the drawing; the table beside the chart has all of it."""
    if _width(label) <= width - 6:
        return label
    kept, room = "", width - 6 - _LETTER
    for letter in label:
        room -= _width(letter)
        if room < 0:
            break
        kept += letter
    return kept.rstrip() + "…"
