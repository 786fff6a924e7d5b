"""Measurements of one slice that need the scores its decisions were made from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from auditor.stats.auroc import Auroc, auroc
from auditor.stats.calibration import calibration_error, coarser
from auditor.stats.intervals import Interval, mean, mover_difference, share, z_value
from auditor.stats.scores import MOST_CLASSES, charted, class_reliability, tied
from auditor.types import Floats, Measurement, ScoreSketch

ERROR = "expected_calibration_error"
ERROR_BINS = 15
"""As in Guo et al. (2017)."""

SHOWN_BINS = 10
_RANKS = "the score is no probability, it only ranks rows"
_TOO_NEAR = "withheld: too many scores lie too near each other, beside others that are far, for the histogram to order them"
NO_SCORES = "only decisions are known, no scores"

Where = Mapping[str, str]


def area(
    sketch: ScoreSketch | None, classes: Sequence[str], level: float, where: Where, whole: ScoreSketch | None = None
) -> Measurement:
    """Area under the ROC curve: of two classes, of the last against the first; of more, the mean of each against the rest.

    The areas of several classes depend on each other. Their mean's standard error is taken as the mean of theirs, which is
    what it comes to where they move together, and else too large.

    Args:
        sketch: of a slice.
        classes: their names.
        level: confidence level of the interval.
        where: the slice.
        whole: the sketch of all rows, by default the same: it knows which bins hold several scores.
    """
    each = list(areas(sketch, classes, level, where, whole))
    if len(classes) == 2 and each:
        return each[0]
    where = {**where, "average": "macro"} if len(classes) > 2 else where
    found = [one for one in each if one.value is not None]
    if not found:
        return Measurement("auroc", None, "fraction", 0, level=level, reason=_no_area(sketch, classes), where=where)
    if any(one.reason == _TOO_NEAR for one in each):
        return Measurement("auroc", None, "fraction", found[0].n, level=level, reason=_TOO_NEAR, where=where)
    value = float(np.mean([one.value for one in found]))
    se = float(np.mean([one.counts["se"] for one in found]))
    ends = (max(value - z_value(level) * se, 0.0), min(value + z_value(level) * se, 1.0))
    left = ", ".join(one.where["class"] for one in each if one.value is None)
    reason = f"without {left}, of which there are no rows" if left else None
    return Measurement("auroc", value, "fraction", found[0].n, *ends, level, "delong", reason, where, {"se": se})


def areas(
    sketch: ScoreSketch | None, classes: Sequence[str], level: float, where: Where, whole: ScoreSketch | None = None
) -> Iterator[Measurement]:
    """Area under the ROC curve of each class against the rest; of two classes, of the last."""
    if sketch is None:
        return
    for index, name in enumerate(_named(classes)):
        histogram, named = sketch.histogram[index], where if len(classes) == 2 else {**where, "class": name}
        found, rows = _area(sketch, whole or sketch, index, level), int(histogram.sum())
        if found is None:
            side = "otherwise than " if histogram[1].any() else ""
            reason = f"there are no rows labelled {side}{name}" if rows else no_probability(sketch)
            yield Measurement("auroc", None, "fraction", rows, level=level, reason=reason, where=named)
            continue
        counts = {"positives": float(found.positives), "negatives": float(found.negatives)}
        if not found.is_sure:
            yield Measurement("auroc", None, "fraction", rows, level=level, reason=_TOO_NEAR, where=named, counts=counts)
            continue
        counts |= {"se": found.se, "tie_error": found.tie_error}
        yield Measurement("auroc", found.value, "fraction", rows, *found.interval, level, found.method, None, named, counts)


def _area(sketch: ScoreSketch, whole: ScoreSketch, index: int, level: float) -> Auroc | None:
    """From each distinct score where they are kept, else from the bins."""
    if sketch.exact is not None:
        return auroc(sketch.exact[index].counts, level)
    histogram = sketch.histogram[index]
    every = np.ones(histogram.shape[1], bool)
    return auroc(histogram, level, every if whole.single is None else tied(whole.single[index], histogram.shape[1]))


def area_difference(one: Measurement, other: Measurement, reference: str) -> Measurement:
    """The difference of two groups' areas, from their own intervals (Zou & Donner 2008)."""
    name, where = "auroc_difference", {**one.where, "reference": reference}
    if one.value is None or other.value is None:
        reason = one.reason if one.value is None else f"reference: {other.reason}"
        return Measurement(name, None, "fraction", one.n, level=one.level, reason=reason, where=where)
    sides = [Interval(float(side.low or 0), float(side.high or 0)) for side in (one, other)]
    low, high = mover_difference(one.value, sides[0], other.value, sides[1])
    counts = {"se": float(np.hypot(one.counts["se"], other.counts["se"])), "n_ref": float(other.n), "n": float(one.n)}
    return Measurement(name, one.value - other.value, "fraction", one.n, low, high, one.level, "mover", None, where, counts)


def log_loss(sketch: ScoreSketch | None, level: float, where: Where) -> Measurement:
    """Mean of minus the logarithm of the true class's probability."""
    return _mean("log_loss", "log_loss", "nats", sketch, level, where)


def brier(sketch: ScoreSketch | None, level: float, where: Where) -> Measurement:
    """Mean squared error of the probabilities: of two classes, of one; of more, summed over classes (Brier 1950)."""
    return _mean("brier_score", "brier", "score", sketch, level, where)


def calibration(sketch: ScoreSketch | None, classes: Sequence[str], level: float, where: Where) -> Iterator[Measurement]:
    """Expected calibration error of the top class's probability, and of each class's own.

    The first is what the literature reports. Of two classes it is blind to probabilities that are all too high: rows of one
    class are then called too surely and rows of the other not surely enough, and both fall into the same bins.
    """
    if sketch is None or not probable(sketch):
        for metric in (ERROR, f"{ERROR}_debiased"):
            yield Measurement(metric, None, "fraction", 0, level=level, **_improbable(sketch), where=where)
        return
    yield from _errors(coarser(sketch.reliability, ERROR_BINS), level, where)
    for histogram, name in zip(sketch.histogram, _named(classes), strict=True):
        yield from _errors(class_reliability(histogram, ERROR_BINS), level, {**where, "class": name})


def reliability(sketch: ScoreSketch | None, classes: Sequence[str], level: float, where: Where) -> Iterator[Measurement]:
    """Share of rows that are right, by how probable the model called its top class; bins without rows are left out.

    Of two classes also the share of rows of the last one, by how probable the model called that.
    """
    if sketch is None or not probable(sketch):
        return
    yield from _bins(coarser(sketch.reliability, SHOWN_BINS), level, where)
    if len(classes) == 2:
        yield from _bins(class_reliability(sketch.histogram[0], SHOWN_BINS), level, {**where, "class": classes[1]})


def _errors(table: Floats, level: float, where: Where) -> Iterator[Measurement]:
    found = calibration_error(table, level)
    if found:
        counts, ends = {"se": found.se, "bins": float(len(table))}, (*found.interval, level, "bootstrap", None, where)
        yield Measurement(ERROR, found.value, "fraction", found.n, *ends, counts)
        yield Measurement(f"{ERROR}_debiased", found.debiased, "fraction", found.n, *ends, counts)


def _bins(table: Floats, level: float, where: Where) -> Iterator[Measurement]:
    for index, (n, confidence, right) in enumerate(table.tolist()):
        if n:
            end = "1]" if index == len(table) - 1 else f"{(index + 1) / len(table):g})"
            found = share("reliability", right, n, level=level, where={**where, "bin": f"[{index / len(table):g}, {end}"})
            yield replace(found, counts={**found.counts, "confidence": confidence / n})


def _named(classes: Sequence[str]) -> list[str]:
    """Names of the classes that have histograms."""
    return [classes[of] for of in charted(len(classes))]


def probable(sketch: ScoreSketch | None) -> bool:
    """Whether there are class probabilities of labelled rows."""
    return sketch is not None and sketch.moments["n"] > 0


def no_probability(sketch: ScoreSketch | None) -> str:
    """Why there is nothing to say of probabilities."""
    if sketch is None:
        return NO_SCORES
    ranked = sketch.histogram.any()
    return _RANKS if ranked else "there are no labelled rows with a score"


def _improbable(sketch: ScoreSketch | None) -> dict[str, Any]:
    """Why a measurement of probabilities has no value; of scores that are none, by their nature, it is not even asked."""
    reason = no_probability(sketch)
    return {"reason": reason, "applies": reason not in (_RANKS, NO_SCORES)}


def _mean(metric: str, key: str, unit: str, sketch: ScoreSketch | None, level: float, where: Where) -> Measurement:
    if sketch is None or not sketch.moments["n"]:
        return Measurement(metric, None, unit, 0, level=level, **_improbable(sketch), where=where)
    total, squared, n = (sketch.moments[name] for name in (key, f"{key}_squared", "n"))
    return mean(metric, total, squared, int(n), unit=unit, level=level, where=where)


def _no_area(sketch: ScoreSketch | None, classes: Sequence[str]) -> str:
    if sketch is not None and not charted(len(classes)):
        return f"it is measured for 2 to {MOST_CLASSES} classes, and here are {len(classes)}"
    return NO_SCORES if sketch is None else "there are no labelled rows with a score, or all are of one class"
