"""Drawn charts: places and paths, which templates only write down; ``macro`` names the one that does."""

from dataclasses import dataclass
from typing import ClassVar

from auditor.types import State


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on an axis."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """One line of a forest plot, before it is drawn: a value, its interval and what was decided on it."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    state: State | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """One line of a drawn chart: its label, and where its value stands; None where it has none."""

    label: str
    y: float
    x: float | None
    state: State | None = None


@dataclass(frozen=True, slots=True)
class Forest:
    """An interval plot: one line per group, a reference line, and the band that is tolerated.

    Attributes:
        title: what is plotted.
        desc: the same chart in words.
        height: of the drawing.
        plot: left and right end of the plotting area.
        floor: place of the axis.
        marks: the estimates.
        whiskers: SVG path of all intervals.
        ticks: of the value axis.
        reference: place of the reference line, where there is one.
        band: left end and width of the tolerated band, where there is one.
    """

    title: str
    desc: str
    height: float
    plot: tuple[float, float]
    floor: float
    marks: tuple[Mark, ...]
    whiskers: str
    ticks: tuple[Tick, ...]
    reference: float | None = None
    band: tuple[float, float] | None = None
    macro: ClassVar[str] = "forest"


@dataclass(frozen=True, slots=True)
class Bar:
    """A horizontal bar: its label and height, its width and end, a second part after it, and the text at ``tail``."""

    label: str
    y: float
    width: float
    end: float
    more: float
    tail: float
    text: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Horizontal bars from zero, which stands at ``left``."""

    title: str
    desc: str
    height: float
    left: float
    lines: tuple[Bar, ...]
    macro: ClassVar[str] = "bars"


@dataclass(frozen=True, slots=True)
class Line:
    """A curve of points in a square from 0 to 1, beside the diagonal: a reliability diagram.

    Attributes:
        title: what is plotted.
        desc: the same chart in words.
        points: places and radius of each point.
        path: SVG path through the points.
        whiskers: SVG path of the intervals.
        ticks: of both axes, as values with their place on the x and on the y axis.
    """

    title: str
    desc: str
    points: tuple[tuple[float, float, float], ...]
    path: str
    whiskers: str
    ticks: tuple[tuple[Tick, Tick], ...]


@dataclass(frozen=True, slots=True)
class Histogram:
    """Vertical bars side by side: place, top, width and height of each, and the ticks below."""

    title: str
    desc: str
    bars: tuple[tuple[float, float, float, float], ...]
    ticks: tuple[Tick, ...]
    macro: ClassVar[str] = "histogram"


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a stacked bar."""

    x: float
    width: float
    state: State
