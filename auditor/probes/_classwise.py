"""Measurements of one slice that need only its confusion table."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from auditor.stats.averages import Average, Metric, average, f1
from auditor.stats.intervals import share, z_value
from auditor.stats.slices import Slice
from auditor.types import Measurement

METRICS: tuple[Metric, ...] = ("precision", "recall", "f1")
AVERAGES: tuple[Average, ...] = ("macro", "weighted")
LABELLED = "labelled rows with a decision"
MOST_CLASSES = 20
MOST_CELLS = 400
_NAMED = 10

Where = Mapping[str, str]


def accuracy(part: Slice, level: float, where: Where) -> Measurement:
    """Share of labelled rows decided right."""
    return share("accuracy", _right(part), part.labelled, level=level, where=where, needs=LABELLED)


def one_class(part: Slice, of: int, name: str, level: float, where: Where) -> Iterator[Measurement]:
    """Precision, recall and F1 of a class."""
    where = {**where, "class": name}
    tp, true, decided = int(part.cells[of, of]), int(part.cells[of].sum()), int(part.cells[:, of].sum())
    yield share("precision", tp, decided, level=level, where=where, needs=f"labelled rows decided as {name}")
    yield share("recall", tp, true, level=level, where=where, needs=f"rows labelled {name}")
    found = f1(part.cells, of, level)
    if found is None:
        reason = f"there are no rows labelled or decided as {name}"
        yield Measurement("f1", None, "fraction", 0, level=level, reason=reason, where=where)
        return
    counts = {"tp": float(tp), "fp": float(decided - tp), "fn": float(true - tp), "se": found.se}
    rows = true + decided - tp
    yield Measurement("f1", found.value, "fraction", rows, *found.interval, level, "wilson", None, where, counts)


def averages(part: Slice, classes: Sequence[str], level: float, where: Where) -> Iterator[Measurement]:
    """Macro and weighted averages over classes, the micro ones, and balanced accuracy."""
    yield mean_of_classes("balanced_accuracy", "recall", "macro", part, classes, level, where, only_true=True)
    for metric in METRICS:
        for kind in AVERAGES:
            yield mean_of_classes(metric, metric, kind, part, classes, level, {**where, "average": kind})
        # One class is decided a row, so each error is one false positive and one false negative: all three are the accuracy.
        micro = {**where, "average": "micro"}
        yield share(metric, _right(part), part.labelled, level=level, where=micro, needs=LABELLED)


def mean_of_classes(
    name: str,
    metric: Metric,
    kind: Average,
    part: Slice,
    classes: Sequence[str],
    level: float,
    where: Where,
    *,
    only_true: bool = False,
) -> Measurement:
    """An average over classes under a name of its own; its reason says which classes count as 0 or have no part in it."""
    found = average(part.cells, metric, kind, level, only_true=only_true)
    if found is None:
        return Measurement(name, None, "fraction", 0, level=level, reason=f"there are no {LABELLED}", where=where)
    counts, reason = {"se": found.se}, _limits(part, metric, classes, only_true=only_true)
    return Measurement(name, found.value, "fraction", part.labelled, *found.interval, level, "delta", reason, where, counts)


def _limits(part: Slice, metric: Metric, classes: Sequence[str], *, only_true: bool) -> str | None:
    """What an average over classes hides: those that count as 0 since they are undefined, and those that are left out."""
    true, decided = part.cells.sum(axis=1), part.cells.sum(axis=0)
    out = true == 0 if only_true else (true + decided) == 0
    zero = {"precision": (decided == 0) & ~out, "recall": (true == 0) & ~out, "f1": np.zeros_like(out)}[metric]
    never = {"precision": "never decided", "recall": "never true", "f1": ""}[metric]
    parts = [f"counts as 0, {never}: {_some(classes, zero)}"] if zero.any() else []
    parts += (
        [f"left out, {'never true' if only_true else 'neither true nor decided'}: {_some(classes, out)}"] if out.any() else []
    )
    return "; ".join(parts) or None


def _some(classes: Sequence[str], chosen: NDArray[np.bool_]) -> str:
    """The chosen classes, the first ten of many."""
    names = [name for name, one in zip(classes, chosen, strict=True) if one]
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")


def over_majority(part: Slice, classes: Sequence[str], level: float) -> Iterator[Measurement]:
    """The share of the most frequent class, and how much more often the decisions are right than that class is.

    Both are rates of the same rows, so the interval is one for paired rates (Bonett & Price 2012): it rests on the rows of
    which only one of the two is right.
    """
    true, n = part.cells.sum(axis=1), part.labelled
    most = int(true.argmax())
    where = {"class": classes[most]} if n else {}
    yield share("majority_share", int(true[most]), n, level=level, where=where, needs=LABELLED)
    if n == 0:
        reason = f"there are no {LABELLED}"
        yield Measurement("accuracy_over_majority", None, "fraction", 0, level=level, reason=reason)
        return
    better = _right(part) - int(part.cells[most, most])
    worse = int(true[most]) - int(part.cells[most, most])
    up, down = (better + 1) / (n + 2), (worse + 1) / (n + 2)
    se = float(np.sqrt((up + down - (up - down) ** 2) / (n + 2)))
    low, high = (up - down + side * z_value(level) * se for side in (-1, 1))
    counts = {"better": float(better), "worse": float(worse), "se": se}
    value, ends = (better - worse) / n, (max(low, -1.0), min(high, 1.0))
    yield Measurement("accuracy_over_majority", value, "fraction", n, *ends, level, "bonett_price", None, {}, counts)


def confusion(part: Slice, classes: Sequence[str]) -> Iterator[Measurement]:
    """Rows by true and decided class; of more than 20 classes, only the largest cells that hold any."""
    cells = [(label, decided) for label in range(len(classes)) for decided in range(len(classes))]
    if len(classes) > MOST_CLASSES:
        held = np.argwhere(part.cells)
        order = np.argsort(-part.cells[tuple(held.T)], kind="stable")
        cells = [(int(label), int(decided)) for label, decided in held[order]][:MOST_CELLS]
    for label, decided in cells:
        where = {"label": classes[label], "prediction": classes[decided]}
        yield Measurement("confusion", float(part.cells[label, decided]), "count", part.labelled, method="exact", where=where)


def undecided(part: Slice, level: float, where: Where) -> Measurement:
    """Share of rows without a decision: they are in no other number."""
    return share("undecided_share", part.undecided, part.rows, level=level, where=where)


def _right(part: Slice) -> int:
    return int(part.cells.trace())
