"""Score sketches: what class scores looked like, in arrays of fixed size that merge by addition.

Histograms have equal bins of ``2/pi * asin(sqrt(score))``, which stabilises the variance of a rate: models are sure of most
rows, and these bins are 1e-9 wide beside 0 and 1, where equal bins of the score would put all sure rows into one.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from auditor.types import Counts, Decisions, Distinct, Floats, Integers, ScoreSketch

BINS = 65_536
"""Histogram bins over everything."""

GROUP_BINS = 4_096
"""Histogram bins of each group."""

FEWEST_BINS = 1_024
MOST_CLASSES = 20
"""With more classes than this no histograms are kept."""

RELIABILITY_BINS = 30
"""Read as 15 pairs for the calibration error and as 10 triples for the reliability table."""

EXACT = 250_000
"""Scores, rows times classes with histograms, up to which each distinct one is kept: 24 bytes each, in each slice."""

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
        order: the scores as they were given, shape ``(m, c)``, which order rows as ``places`` do, and more finely.
        confidence: probability of the most probable class, shape ``(m,)``; None where scores are no probabilities.
        losses: ``1``, right, log loss, its square, Brier score, its square: shape ``(6, m)``; None likewise.
    """

    kept: Integers
    truth: Integers
    places: Floats
    classes: tuple[int, ...]
    order: Floats
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
    order = (values if decisions.raw is None else decisions.raw[kept])[:, classes]
    places = 2 / np.pi * np.arcsin(np.sqrt(np.clip(values[:, classes], 0, 1)))
    if decisions.scores is None:
        return Rows(kept, truth, places, classes, order)
    return Rows(kept, truth, places, classes, order, values.max(axis=1, initial=0), _losses(truth, decided, values))


def is_small(rows: int, classes: int) -> bool:
    """Whether each distinct score of so many rows can be kept."""
    return rows * len(charted(classes)) <= EXACT


def charted(k: int) -> tuple[int, ...]:
    """Which of ``k`` classes have histograms: the last of two, each of up to 20, else none."""
    if k == 2:
        return (1,)
    return tuple(range(k)) if 2 < k <= MOST_CLASSES else ()


def sketch(rows: Rows, codes: Integers, size: int, bins: int, *, exact: bool = False, ties: bool = False) -> list[ScoreSketch]:
    """Sketch each slice of a batch.

    Args:
        rows: the batch's rows.
        codes: which slice each row of the batch belongs to, from 0 to ``size - 1``, shape ``(n,)``.
        size: number of slices.
        bins: histogram bins, shared out over the classes where there are more than two.
        exact: keep each distinct score too.
        ties: keep which bins hold one score only.
    """
    codes = codes[rows.kept]
    width = max(FEWEST_BINS, bins // max(len(rows.classes), 1)) if len(rows.classes) != 1 else bins
    histograms = np.zeros((size, len(rows.classes), 2, width), dtype=np.int64)
    single = np.full((size, len(rows.classes), width), np.nan) if ties else None
    for index, of in enumerate(rows.classes):
        place = rows.places[:, index]
        has = np.flatnonzero(~np.isnan(place))
        bin_ = np.minimum(place[has] * width, width - 1).astype(np.int64)
        at = (codes[has] * 2 + (rows.truth[has] == of)) * width + bin_
        histograms[:, index] = np.bincount(at, minlength=size * 2 * width).reshape(size, 2, width)
        if single is not None:
            single[:, index] = _single(rows.order[has, index], codes[has] * width + bin_, size * width).reshape(size, width)
    reliability, sums = _sums(rows, codes, size)
    names = ("n", "log_loss", "log_loss_squared", "brier", "brier_squared")
    moments = [dict(zip(names, map(float, column), strict=True)) for column in sums.T]
    kept = _distinct(rows, codes, size) if exact else [None] * size
    alone = [None] * size if single is None else single
    return [ScoreSketch(*parts) for parts in zip(histograms, reliability, moments, alone, kept, strict=True)]


def _single(scores: Floats, at: Integers, size: int) -> Floats:
    """The score of each bin: NaN where there is none, infinite where there are several."""
    found = np.full(size, np.nan)
    found[at] = scores
    found[at[found[at] != scores]] = np.inf
    return found


def _distinct(rows: Rows, codes: Integers, size: int) -> list[tuple[Distinct, ...]]:
    """The distinct scores of each class in each slice."""
    by_class = [_of_class(rows, index, codes, size) for index in range(len(rows.classes))]
    return [tuple(found[code] for found in by_class) for code in range(size)]


def _of_class(rows: Rows, index: int, codes: Integers, size: int) -> list[Distinct]:
    has = np.flatnonzero(~np.isnan(rows.order[:, index]))
    scores, code, is_class = rows.order[has, index], codes[has], rows.truth[has] == rows.classes[index]
    order = np.lexsort((scores, code))
    scores, code, is_class = scores[order], code[order], is_class[order]
    starts = np.flatnonzero(np.concatenate([[True], (scores[1:] != scores[:-1]) | (code[1:] != code[:-1])])[: len(scores)])
    sums = [np.add.reduceat(side.astype(np.int64), starts) for side in (~is_class, is_class)] if len(starts) else [starts] * 2
    counts, ends = np.stack(sums), np.searchsorted(code[starts], np.arange(size + 1))
    return [Distinct(scores[starts[low:high]], counts[:, low:high]) for low, high in itertools.pairwise(ends.tolist())]


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
    single = None if a.single is None or b.single is None else _both(a.single, b.single)
    exact = None
    if a.exact is not None and b.exact is not None:
        exact = tuple(_together(one, other) for one, other in zip(a.exact, b.exact, strict=True))
    return ScoreSketch(a.histogram + b.histogram, a.reliability + b.reliability, moments, single, exact)


def _both(a: Floats, b: Floats) -> Floats:
    return np.where(np.isnan(a), b, np.where(np.isnan(b) | (a == b), a, np.inf))


def tied(single: Floats, width: int) -> NDArray[np.bool_]:
    """Which of so many bins may hold several scores, from what is known of other bins of the same rows, or of more.

    Args:
        single: the score of each bin, shape ``(b,)``, as ``ScoreSketch.single`` has it.
        width: number of bins asked about.
    """
    several, held = np.isinf(single), ~np.isnan(single)
    if len(single) == width:
        return several
    edges = np.arange(len(single) + 1) * width / len(single)
    first, last = np.floor(edges[:-1]).astype(np.int64), np.ceil(edges[1:]).astype(np.int64) - 1
    mixed = np.bincount(first[held], minlength=width) > 1
    mixed[first[several]] = mixed[last[several]] = True
    return np.asarray(mixed | (np.bincount(last[held], minlength=width) > 1))


def _together(a: Distinct, b: Distinct) -> Distinct:
    """The distinct scores of both sets of rows."""
    scores, place = np.unique(np.concatenate([a.scores, b.scores]), return_inverse=True)
    both = np.concatenate([a.counts, b.counts], axis=1)
    counts = np.stack([np.bincount(place, side, minlength=len(scores)) for side in both]).astype(np.int64)
    return Distinct(scores, counts)


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
