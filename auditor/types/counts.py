"""The count table: all that classification metrics need of any number of rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Distinct:
    """The distinct scores of a class, and how often each occurs.

    Attributes:
        scores: ascending, shape ``(d,)``.
        counts: shape ``(2, d)``: rows by truth (0 another class, 1 this class).
    """

    scores: NDArray[np.float64]
    counts: Counts


@dataclass(frozen=True, slots=True)
class ScoreSketch:
    """What scores looked like in one slice: mergeable, and of fixed size where ``exact`` is None.

    Attributes:
        histogram: shape ``(c, 2, b)``: rows per fixed bin of a class's score, by truth (0 another class, 1 this class).
            Of two classes only the last has one (``c = 1``), since the other's is its mirror image; of more, each has one;
            of too many, none (``c = 0``).
        reliability: shape ``(30, 3)``: per equal-width bin of the top class's probability: number of rows,
            sum of that probability, number of rows that are right.
        moments: sums over rows: ``n``, ``log_loss`` (-ln p of the true class, in nats) and its square
            ``log_loss_squared``, ``brier`` and ``brier_squared``. All 0 where scores are no probabilities.
        single: shape ``(c, b)``: the score in each bin, where all are the same; infinite where several are, NaN in an empty
            bin. Rows of one score are tied in truth, rows of several are only tied by the bin. None where scores are
            ``exact``, and of groups.
        exact: of each of the ``c`` classes; None where rows are too many.
    """

    histogram: Counts
    reliability: NDArray[np.float64]
    moments: Mapping[str, float]
    single: NDArray[np.float64] | None = None
    exact: tuple[Distinct, ...] | None = None


@dataclass(frozen=True, slots=True)
class CountTable:
    """Rows counted by group, true class and decided class.

    Attributes:
        classes: the ``k`` class names.
        columns: group columns; empty where no groups are declared.
        levels: the ``g`` combinations of group values that occur, each one value per column, sorted.
        cells: shape ``(g, k, k)``: rows of each combination by true class (axis 1) and decided class (axis 2).
        unlabelled: shape ``(g, k)``: rows without a true class, by decided class.
        undecided: shape ``(g,)``: rows without a decided class; they are in no other count.
        sketches: score sketches: of everything under ``()``, and of each value of each column under ``(column, value)``;
            empty where only decisions are known.
    """

    classes: tuple[str, ...]
    columns: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    cells: Counts
    unlabelled: Counts
    undecided: Counts
    sketches: Mapping[tuple[str, ...], ScoreSketch] = field(default_factory=dict)
