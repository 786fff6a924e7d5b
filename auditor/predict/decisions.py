"""Decisions that are in the table: a prediction column, a condition on a column, or a score by itself."""

from collections.abc import Iterator
from functools import reduce

import numpy as np

from auditor.errors import Skip
from auditor.predict.cut import cut
from auditor.predict.labels import THRESHOLD, ClassMap
from auditor.stats import scores
from auditor.stats.cells import numbers
from auditor.stats.counts import count, empty, merge
from auditor.types import Batch, CountTable, Decisions, Floats, Integers, Roles, Table


def decided(table: Table, classes: ClassMap) -> Iterator[tuple[Batch, Decisions]]:
    """Batches with label and group columns, and the decisions on their rows.

    A missing prediction, or where a score decides a missing score, leaves the row undecided (-1); it is counted as such. A
    score in [0, 1] is the probability of the positive class; any other ranks rows by it. Of two classes the negative one
    has the rest; of more, the others have no score, and so there are only ranks.

    Args:
        table: the data.
        classes: from ``class_map(table, None)``.

    Raises:
        Skip: the roles name neither a prediction nor a score.
    """
    roles = table.roles
    if not (roles.prediction or roles.score):
        raise Skip("needs decisions: a model, or a prediction or score column")
    for batch in table.batches(None if table.steps else _columns(table)):
        yield batch, _decisions(batch, roles, classes)


def truth(batch: Batch, roles: Roles, classes: ClassMap) -> Integers:
    """Index of each row's true class, shape ``(n,)``; -1 where it has none."""
    if roles.label is None:
        return np.full(batch.num_rows, -1, dtype=np.int64)
    return classes.codes(batch.column(roles.label))


def count_table(table: Table, classes: ClassMap) -> CountTable:
    """Count decisions in the table by group and true class, a batch at a time.

    Raises:
        Skip: the roles name neither a prediction nor a score.
    """
    groups = table.roles.groups
    exact = scores.is_small(table.rows, len(classes.classes))
    parts = (
        count(batch, truth(batch, table.roles, classes), found, groups, exact=exact) for batch, found in decided(table, classes)
    )
    return reduce(merge, parts, empty(classes.classes, groups))


def _columns(table: Table) -> list[str]:
    roles = table.roles
    rule = cut(roles.prediction, table.schema.names) if roles.prediction else None
    named = (roles.label, rule.column if rule else roles.prediction, roles.score, *(group.column for group in roles.groups))
    return list(dict.fromkeys(name for name in named if name))


def _decisions(batch: Batch, roles: Roles, classes: ClassMap) -> Decisions:
    given = numbers(batch.column(roles.score)) if roles.score else None
    labels = _labels(batch, roles, classes, given)
    if given is None:
        return Decisions(labels, classes.classes)
    scaled = np.clip(given, 0, 1)
    if classes.scale:
        low, high = classes.scale
        scaled = (given - low) / (high - low) if high > low else given - low
    values = _by_class(scaled, 1 - scaled, classes)
    raw = None if classes.scale is None and classes.positive else _by_class(given, -given, classes)
    probable = classes.scale is None and len(classes.classes) == 2
    return Decisions(labels, classes.classes, values if probable else None, None if probable else values, raw)


def _by_class(scores: Floats, others: Floats, classes: ClassMap) -> Floats:
    """Scores of the positive class; of two classes those of the other, of more none for the others."""
    values = np.full((len(scores), len(classes.classes)), np.nan)
    values[:, classes.positive] = scores
    if len(classes.classes) == 2:
        values[:, 1 - classes.positive] = others
    return values


def _labels(batch: Batch, roles: Roles, classes: ClassMap, scores: Floats | None) -> Integers:
    rule = cut(roles.prediction, batch.column_names) if roles.prediction else None
    if roles.prediction and not rule:
        return classes.codes(batch.column(roles.prediction))
    if rule:
        holds = rule.decide(batch.column(rule.column))
    else:
        given = np.full(batch.num_rows, np.nan) if scores is None else scores
        holds = np.where(np.isnan(given), -1, (given >= THRESHOLD).astype(np.int64))
    met = classes.positive if classes.met is None else classes.met
    return np.where(holds < 0, -1, np.where(holds, met, 1 - met))
