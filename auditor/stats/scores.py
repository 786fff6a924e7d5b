"""Score sketches: what class scores looked like, in arrays of fixed size that merge by addition.

Histograms have equal bins of ``2/pi * asin(sqrt(score))``, which stabilises the variance of a rate: models are sure of most
rows, and these bins are 1e-9 wide beside 0 and 1, where equal bins of the score would put all sure rows into one.
"""

from dataclasses import dataclass

import numpy as np

from auditor.types import Counts, Decisions, Floats, Integers, ScoreSketch

BINS = 65_536
"""Histogram bins over everything."""

GROUP_BINS = 4_096
"""Histogram bins of each group."""

FEWEST_BINS = 1_024
MOST_CLASSES = 20
"""With more classes than this no histograms are kept."""

RELIABILITY_BINS = 30
"""Read as 15 pairs for the calibration error and as 10 triples for the reliability table."""

SMALLEST = float(np.finfo(np.float64).eps)
"""Probabilities below this count as this in the log loss, which would be infinite at 0."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows made ready for sketches.

    Attributes:
        kept: index of the rows that have both a true class and scores.
        truth: their true classes, shape ``(m,)``.
        places: position of each class's score in the histogram, from 0 to 1, shape ``(m, c)``; NaN where it has none.
        classes: the ``c`` classes that ``places`` speaks of.
        confidence: probability of the most probable class, shape ``(m,)``; None where scores are no probabilities.
        losses: ``1``, right, log loss, its square, Brier score, its square: shape ``(6, m)``; None likewise.
    """

    kept: Integers
    truth: Integers
    places: Floats
    classes: tuple[int, ...]
    confidence: Floats | None = None
    losses: Floats | None = None


def prepare(truth: Integers, decisions: Decisions) -> Rows | None:
    """Work out once per batch what each slice's sketch sums up; None where only decisions are known.

    Args:
        truth: index of each row's true class, shape ``(n,)``; -1 where it has none.
        decisions: of the same rows, with scores or ranks.
    """
    values = decisions.scores if decisions.scores is not None else decisions.ranks
    if values is None:
        return None
    kept = np.flatnonzero((truth >= 0) & ~np.isnan(values).all(axis=1))
    classes = charted(len(decisions.classes))
    truth, values, decided = truth[kept], values[kept], decisions.labels[kept]
    places = 2 / np.pi * np.arcsin(np.sqrt(np.clip(values[:, classes], 0, 1)))
    if decisions.scores is None:
        return Rows(kept, truth, places, classes)
    return Rows(kept, truth, places, classes, values.max(axis=1, initial=0), _losses(truth, decided, values))


def charted(k: int) -> tuple[int, ...]:
    """Which of ``k`` classes have histograms: the last of two, each of up to 20, else none."""
    if k == 2:
        return (1,)
    return tuple(range(k)) if 2 < k <= MOST_CLASSES else ()


def sketch(rows: Rows, codes: Integers, size: int, bins: int) -> list[ScoreSketch]:
    """Sketch each slice of a batch.

    Args:
        rows: the batch's rows.
        codes: which slice each row of the batch belongs to, from 0 to ``size - 1``, shape ``(n,)``.
        size: number of slices.
        bins: histogram bins, shared out over the classes where there are more than two.
    """
    codes = codes[rows.kept]
    width = max(FEWEST_BINS, bins // max(len(rows.classes), 1)) if len(rows.classes) != 1 else bins
    histograms = np.zeros((size, len(rows.classes), 2, width), dtype=np.int64)
    for index, of in enumerate(rows.classes):
        place = rows.places[:, index]
        has = np.flatnonzero(~np.isnan(place))
        at = (codes[has] * 2 + (rows.truth[has] == of)) * width + np.minimum(place[has] * width, width - 1).astype(np.int64)
        histograms[:, index] = np.bincount(at, minlength=size * 2 * width).reshape(size, 2, width)
    reliability, sums = _sums(rows, codes, size)
    names = ("n", "log_loss", "log_loss_squared", "brier", "brier_squared")
    moments = [dict(zip(names, map(float, column), strict=True)) for column in sums.T]
    return [ScoreSketch(*parts) for parts in zip(histograms, reliability, moments, strict=True)]


def class_reliability(histogram: Counts, bins: int) -> Floats:
    """The reliability table of one class's probability, from its histogram.

    Scores are taken at the middle of their histogram bin: with two classes off by at most 0.0002 in a group and 0.00002
    overall, with many by at most 0.0008.

    Args:
        histogram: rows per bin of the score, by truth, shape ``(2, b)``.
        bins: equal-width bins of the probability.

    Returns:
        Per bin: number of rows, sum of the probability, number of rows of this class; shape ``(bins, 3)``.
    """
    width = histogram.shape[1]
    middle = np.sin(np.pi / 2 * (np.arange(width) + 0.5) / width) ** 2
    at, rows = np.minimum(middle * bins, bins - 1).astype(np.int64), histogram.sum(axis=0)
    columns = [np.bincount(at, weights, minlength=bins) for weights in (rows, rows * middle, histogram[1])]
    return np.stack(columns, axis=1, dtype=np.float64)


def merged(a: ScoreSketch, b: ScoreSketch) -> ScoreSketch:
    """The sketch of both sets of rows."""
    moments = {name: total + b.moments[name] for name, total in a.moments.items()}
    return ScoreSketch(a.histogram + b.histogram, a.reliability + b.reliability, moments)


def _losses(truth: Integers, decided: Integers, values: Floats) -> Floats:
    row = np.arange(len(truth))
    of_truth, top = values[row, truth], values.argmax(axis=1)
    # Of equally probable classes the decided one is the top one, so that both count as right or both as wrong.
    top = np.where((decided >= 0) & (values[row, decided] == values[row, top]), decided, top)
    log_loss = -np.log(np.maximum(of_truth, SMALLEST))
    brier = (values**2).sum(axis=1) - 2 * of_truth + 1
    if values.shape[1] == 2:  # Brier (1950) adds both classes' errors; of two classes they are equal, and one is meant today
        brier = brier / 2
    return np.stack([np.ones(len(truth)), top == truth, log_loss, log_loss**2, brier, brier**2])


def _sums(rows: Rows, codes: Integers, size: int) -> tuple[Floats, Floats]:
    """Reliability tables, shape ``(size, bins, 3)``, and moments, shape ``(5, size)``."""
    if rows.confidence is None or rows.losses is None:
        return np.zeros((size, RELIABILITY_BINS, 3)), np.zeros((5, size))
    at = codes * RELIABILITY_BINS + np.minimum(rows.confidence * RELIABILITY_BINS, RELIABILITY_BINS - 1).astype(np.int64)
    one, right, *losses = rows.losses
    cells = [np.bincount(at, weights, minlength=size * RELIABILITY_BINS) for weights in (one, rows.confidence, right)]
    moments = [np.bincount(codes, weights, minlength=size) for weights in (one, *losses)]
    table = np.stack(cells, axis=-1, dtype=np.float64).reshape(size, RELIABILITY_BINS, 3)
    return table, np.stack(moments, dtype=np.float64)
