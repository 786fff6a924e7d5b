"""Classification performance, overall and per group."""

from collections.abc import Iterator, Mapping, Sequence

from auditor.declare import Findings, metrics, probe
from auditor.predict.labels import positive_index
from auditor.probes import _classwise as classwise
from auditor.probes import _scored as scored
from auditor.stats.intervals import difference
from auditor.stats.slices import Slice, overall, references, slices, where
from auditor.types import MISSING, CountTable, Decisions, Group, Measurement, Subject, need


@probe(
    yields=(
        *metrics("accuracy", "log_loss", "undecided_share", slices=("whole", "group")),
        *metrics("accuracy_over_majority", "balanced_accuracy"),
        *metrics("majority_share", keys=("class",)),
        *metrics("precision", "recall", "f1", "auroc", slices=("whole", "group"), keys=("class", "average")),
        *metrics("confusion", keys=("label", "prediction")),
        *metrics("accuracy_difference", slices=("group",), keys=("reference",)),
        *metrics("auroc_difference", slices=("group",), keys=("reference", "average")),
    ),
    source="Sokolova & Lapalme 2009, https://doi.org/10.1016/j.ipm.2009.03.002",
)
async def performance(subject: Subject[Decisions]) -> Findings:
    """How often decisions are right: accuracy, precision, recall, F1, AUROC, log loss and the confusion table.

    Args:
        subject: a table with labels; a model or a column that decides classes, with scores where there are any.

    Yields:
        ``accuracy``, ``majority_share`` and ``accuracy_over_majority`` (paired on the same rows); ``precision``, ``recall``
        and ``f1`` per class and as macro, weighted and micro averages; ``balanced_accuracy``; ``auroc``; ``log_loss`` in
        nats; ``confusion`` counts. Per group: ``accuracy``, precision, recall and F1 of the positive class (the macro
        average of more than two), ``auroc`` and ``log_loss``; ``accuracy_difference`` and ``auroc_difference`` to the
        reference group. All are fractions of labelled rows with a decision; rows without one are an ``undecided_share``.

    Raises:
        Skip: there is no label column.
    """
    need(subject.table.roles.label, "a label column")
    table, roles, level = await subject.count(), subject.table.roles, subject.level
    for found in _overall(table, level):
        yield found
    for group in roles.groups:
        for found in _by_group(table, group, positive_index(roles, table.classes), level):
            yield found
    if refused := await subject.unanswered():
        yield refused


def _overall(table: CountTable, level: float) -> Iterator[Measurement]:
    whole, classes, sketch = overall(table), table.classes, table.sketches.get(())
    yield classwise.accuracy(whole, level, {})
    yield from classwise.over_majority(whole, classes, level)
    yield from classwise.averages(whole, classes, level, {})
    for of, name in enumerate(classes):
        yield from classwise.one_class(whole, of, name, level, {})
    yield scored.area(sketch, classes, level, {})
    if len(classes) > 2:
        yield from scored.areas(sketch, classes, level, {})
    yield scored.log_loss(sketch, level, {})
    yield from classwise.confusion(whole, classes)
    yield classwise.undecided(whole, level, {})


def _by_group(table: CountTable, group: Group, positive: int, level: float) -> Iterator[Measurement]:
    parts = {value: part for (value,), part in slices(table, [group]).items()}
    areas = {}
    for value, part in parts.items():
        at, sketch = where([group], [value]), table.sketches.get((group.column, value))
        areas[value] = scored.area(sketch, table.classes, level, at, table.sketches.get(()))
        yield classwise.accuracy(part, level, at)
        yield from _of_classes(part, table.classes, positive, level, at)
        if table.sketches:
            yield areas[value]
        if scored.probable(table.sketches.get(())):
            yield scored.log_loss(sketch, level, at)
        yield classwise.undecided(part, level, at)
    reference = references(table, [group]).get(group.column)
    for value, part in parts.items():
        if reference is not None and value not in (reference, MISSING):
            yield _accuracy_difference(part, parts[reference], level, {**where([group], [value]), "reference": reference})
            if table.sketches:
                yield scored.area_difference(areas[value], areas[reference], reference)


def _of_classes(
    part: Slice, classes: Sequence[str], positive: int, level: float, at: Mapping[str, str]
) -> Iterator[Measurement]:
    """Precision, recall and F1 of a group: of the positive one of two classes, averaged over more."""
    if len(classes) <= 2:
        yield from classwise.one_class(part, positive, classes[positive], level, at)
        return
    for metric in classwise.METRICS:
        yield classwise.mean_of_classes(metric, metric, "macro", part, classes, level, {**at, "average": "macro"})


def _accuracy_difference(part: Slice, other: Slice, level: float, at: Mapping[str, str]) -> Measurement:
    sides = (side for one in (part, other) for side in (int(one.cells.trace()), one.labelled))
    return difference("accuracy_difference", *sides, level=level, where=at, needs=classwise.LABELLED)
