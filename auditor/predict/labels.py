"""Classes: which there are, and which of them each cell of the label and prediction columns means.

A cell means a class when both read the same in canonical form (``auditor.stats.cells.text``: ``1``, ``1.0`` and ``"1 "`` are
one value, and so are ``True`` and ``"true"``). A whole column is read in the first of these ways that fits all of its values:

1. values are names of classes;
2. values are names of classes in another case;
3. truth values stand for 0 and 1, or 0 and 1 for truth values;
4. values are the indices ``0 .. k - 1`` of a model's classes, where no class is named like an index; of two classes, false
   is the first and true the second.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from auditor.errors import InputError, near
from auditor.predict.cut import Cut, cut
from auditor.predict.groups import check_groups
from auditor.predict.names import FALSE, TRUE, by_position, misfit, ordered, read, two_words, unnamed
from auditor.predict.proposals import label_map, written
from auditor.predict.seen import MOST_CLASSES, Seen, at, known, score_range, seen
from auditor.stats.cells import canonical, encode, text
from auditor.stats.counts import MOST_CELLS
from auditor.types import Integers, Roles, Table

OTHER = "(other)"
"""The second class where a score is given and the labels name only one."""

SHOWN = 10
"""Labels that a message lists."""

MOST_COUNTED = math.isqrt(MOST_CELLS) - 1
"""Classes of which a table of true against decided ones can be counted."""

THRESHOLD = 0.5
"""Scores from here on decide for the positive class, where no prediction column is named."""


@dataclass(frozen=True, slots=True)
class ClassMap:
    """Which class each cell means.

    Attributes:
        classes: names of the ``k`` classes.
        positive: index of the class that rates such as the true positive rate speak of.
        index: class of each cell value that occurs, in canonical form.
        met: index of the class that a condition or a score decides for where it is met; None where a column holds decisions.
        scale: smallest and largest score, where the score column is no probability and only ranks the rows.
        notes: what was assumed, one sentence each.
        favourable: index of the class that selection rates count; None where none was declared.
    """

    classes: tuple[str, ...]
    positive: int
    index: Mapping[str, int]
    met: int | None = None
    scale: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()
    favourable: int | None = None

    def codes(self, column: pa.ChunkedArray) -> Integers:
        """Index of the class that each cell means, shape ``(n,)``; -1 where it is missing.

        Raises:
            InputError: a cell means no class, which a table changed since the scan can bring about.
        """
        cells = encode(column)
        for name in cells.names:
            if name not in self.index:
                raise InputError(f"{name!r} is not a known class", remedy=f"Known are {listed(self.classes)}.")
        lookup = np.array([*(self.index[name] for name in cells.names), -1], dtype=np.int64)
        return lookup[cells.codes]


def class_map(
    table: Table, classes: tuple[str, ...] | None, *, most: int = MOST_CLASSES, named: Collection[str] = ()
) -> ClassMap:
    """Scan the label, prediction and score columns once and say what their cells mean; group columns are checked on the way.

    Args:
        table: the data; its roles say which columns to read, and what stands for which class in them.
        classes: the model's classes; None where predictions are in the table, and then its columns name the classes.
        most: how many distinct values the columns may hold.
        named: columns that a person named: where they hold text they may hold any number that can be counted.

    Raises:
        InputError: a column is missing or of a wrong type; a cell means no class (names the row, the value and the known
            classes); the labels are too many to be classes; a score is infinite; a group column cannot be used; the
            favourable class is none of the classes.
    """
    check_groups(table)
    roles = table.roles
    rule = cut(roles.prediction, table.schema.names) if roles.prediction else None
    columns = [roles.label, roles.prediction if classes is None and not rule else None]
    looked = [
        seen(table, name, max(most, MOST_COUNTED) if name in named and _is_text(table, name) else most)
        if name
        else Seen("", {})
        for name in columns
    ]
    names, notes = label_names(roles.labels, looked, classes)
    labels, predictions = (one.renamed(names) for one in looked)
    table = _by_position(table, labels, classes)
    roles = table.roles
    found = _map(table, labels, predictions, rule, classes)
    written = {value: found.index[name] for one in (labels, predictions) for value, name in one.named.items()}
    return replace(
        found,
        index={**found.index, **written},
        favourable=favourable_index(roles, found.classes),
        notes=(*notes, *found.notes),
    )


def _by_position(table: Table, labels: Seen, classes: tuple[str, ...] | None) -> Table:
    """The table with names for a positive and a favourable class that are positions, where the labels are positions too."""
    index = read(labels.rows, classes, indices=True) if classes else None
    if not classes or not index or unnamed(index, classes) is None:
        return table
    said = {role: getattr(table.roles, role) for role in ("positive", "favourable") if getattr(table.roles, role) is not None}
    named: dict[str, Any] = {role: classes[class_index(classes, name, role, indices=True)] for role, name in said.items()}
    return replace(table, roles=replace(table.roles, **named))


def _is_text(table: Table, column: str) -> bool:
    kind = table.schema.field(column).type if column in table.schema.names else None
    kind = kind.value_type if kind is not None and pa.types.is_dictionary(kind) else kind
    return kind is not None and (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _map(table: Table, labels: Seen, predictions: Seen, rule: Cut | None, classes: tuple[str, ...] | None) -> ClassMap:
    roles = table.roles
    if classes is not None:
        return _of_model(table, labels, classes)
    if roles.prediction and not rule:
        return _of_column(table, labels, predictions)
    if rule or roles.score:
        return _of_condition(table, labels, rule)
    names = ordered(labels.rows)
    return ClassMap(names, positive_index(roles, names), read(labels.rows, names) or {})


def class_index(classes: Sequence[str], name: str, place: str = "", *, indices: bool = False) -> int:
    """Index of the class that a name means.

    Args:
        classes: their names.
        name: as it was written.
        place: what it was written for, such as ``"favourable"``.
        indices: whether it may be an index in words. Of classes that people name, it may not: nobody knows that of hired and
            rejected the second one is 1.

    Raises:
        InputError: it means none.
    """
    found = read([str(text(name))], classes, indices=indices)
    if not found:
        problem = f"{name!r} is not a class{near(name, classes)}"
        raise InputError(problem, place=place, remedy=f"The classes are {listed(classes)}.")
    return next(iter(found.values()))


def favourable_index(roles: Roles, classes: Sequence[str]) -> int | None:
    """Index of the favourable class; None where none was declared, since it is never guessed.

    Raises:
        InputError: the declared one is none of the classes.
    """
    return None if roles.favourable is None else class_index(classes, roles.favourable, "favourable")


def listed(names: Sequence[str]) -> str:
    """Names for a message: the first ten, and how many there are where that is not all."""
    return ", ".join(names[:SHOWN]) + (f", ... ({len(names):,} in all)" if len(names) > SHOWN else "")


def positive_index(roles: Roles, classes: Sequence[str]) -> int:
    """Index of the positive class: the declared one, else the last.

    Raises:
        InputError: the declared one is none of the classes.
    """
    return len(classes) - 1 if roles.positive is None else class_index(classes, roles.positive, "positive")


def _of_model(table: Table, labels: Seen, classes: tuple[str, ...]) -> ClassMap:
    index = read(labels.rows, classes, indices=True)
    if index is None:
        raise _not_of_model(table, labels, classes)
    pairs = listed([f"{value} as {classes[place]}" for value, place in index.items()])
    notes = (f"labels were read by position: {pairs}",) if unnamed(index, classes) else ()
    return ClassMap(classes, positive_index(table.roles, classes), index, notes=notes)


def _of_column(table: Table, labels: Seen, predictions: Seen) -> ClassMap:
    """Classes that a label and a prediction column name; a class may be only in one of them."""
    roles = table.roles
    notes: list[str] = []
    classes = _completed(ordered(labels.rows or predictions.rows), roles.positive)
    index = read(predictions.rows, classes)
    if index is None and labels.rows.keys() & predictions.rows.keys():
        only = [name for name in predictions.rows if name not in labels.rows]
        notes.append(f"predicted but never a label, so a class of its own: {listed(only)}")
        classes = ordered({*labels.rows, *predictions.rows})
        index = read(predictions.rows, classes)
    if index is None and roles.positive and len(classes) == 2 and predictions.rows.keys() <= {*FALSE, *TRUE}:
        words = two_words(classes, class_index(classes, roles.positive))
        index = {value: words[value] for value in predictions.rows}
    if index is None:
        remedy = "Where 1 means the positive class, declare which that is; else: " + map_remedy([*predictions.rows], classes)
        raise _unknown(table, predictions, classes, f"not among the labels of {labels.column!r}", remedy)
    scale = _scale(table, notes)
    every = {**(read(labels.rows, classes) or {}), **index}
    return ClassMap(classes, positive_index(roles, classes), every, scale=scale, notes=tuple(notes))


def _of_condition(table: Table, labels: Seen, rule: Cut | None) -> ClassMap:
    """Two classes that a condition on a column, or a score by itself, decides between."""
    roles = table.roles
    notes: list[str] = []
    named = f"{rule.column} {rule.op} {rule.number:g}" if rule else f"{roles.score} >= {THRESHOLD}"
    place = f"{table.source.name}, prediction {named}"
    if rule:
        known(table, rule.column)
    classes = _completed(ordered(labels.rows or {str(text(roles.positive or "1"))}), roles.positive, always=True)
    if len(classes) > 2:
        problem = f"decides between two classes, but {labels.column!r} has {len(classes)}: {listed(classes)}"
        raise InputError(problem, place=place, remedy="Name a prediction column that holds classes.")
    words = read(("0", "1"), classes)
    if words is None and roles.positive is None:
        remedy = f"Declare the positive class, the one that it decides for: positive: {classes[-1]}, or {classes[0]}."
        raise InputError(f"cannot tell which of {' and '.join(classes)} it decides for", place=place, remedy=remedy)
    positive = positive_index(roles, classes)
    met = words["1"] if rule and words else positive
    if not rule:
        notes.append(f"no prediction column was named: a row is decided as {classes[met]} where {named}")
    scale = _scale(table, notes)
    return ClassMap(classes, positive, read(labels.rows, classes) or {}, met, scale, tuple(notes))


def _completed(classes: tuple[str, ...], positive: str | None, *, always: bool = False) -> tuple[str, ...]:
    """A single class, with the positive one beside it where that is another, or else, where asked for, an unnamed other."""
    if len(classes) != 1:
        return classes
    name = text(positive) if positive else None
    if name and name != classes[0]:
        return (classes[0], name)
    return (OTHER, classes[0]) if always else classes


def _scale(table: Table, notes: list[str]) -> tuple[float, float] | None:
    """The range of scores that are no probabilities; says so in the notes."""
    roles = table.roles
    found = score_range(table, roles.score) if roles.score else None
    if found is None or not found.outside:
        return None
    span = f"goes from {found.low:g} to {found.high:g}"
    counted = f"{found.outside:,} outside of 0 to 1, the first in row {found.first}"
    if not roles.prediction:
        place, condition = at(table, str(roles.score)), f"{roles.score} >= {(found.low + found.high) / 2:g}"
        remedy = f'Mend them, or say when it decides for the positive class, such as --prediction "{condition}".'
        raise InputError(f"{span} ({counted}), so it is no probability and decides nothing", place=place, remedy=remedy)
    notes.append(f"score {roles.score} {span} ({counted}): it ranks rows and is no probability")
    return found.low, found.high


def _not_of_model(table: Table, labels: Seen, classes: Sequence[str]) -> InputError:
    """Blames the first label out of line with most others; all of them where most are neither names nor positions."""
    only = next(iter(labels.rows)) if len(labels.rows) == 1 else None
    value, remedy = misfit(labels.rows, classes) or only, map_remedy([*labels.rows], classes)
    place = at(table, labels.column, labels.rows[value] if value else None)
    names, positions = listed(classes), f"the positions 0 to {len(classes) - 1}" if by_position(classes) else ""
    if value:
        known = f"known are {names}, or {positions}" if positions else f"known are {names}"
        return InputError(f"{value!r} is not a class of the model; {known}", place=place, remedy=remedy)
    found = listed([*labels.rows])
    problem = f"neither the model's classes {names} nor {positions}" if positions else f"not the model's classes {names}"
    return InputError(f"labels {found} are {problem}", place=place, remedy=remedy)


def map_remedy(labels: Sequence[str], classes: Sequence[str]) -> str:
    """What to write so that labels mean classes: as much of a map as their names tell, to be read and pasted."""
    exact = {str(text(name)) for name in classes}
    odd = [label for label in labels if label not in exact]
    few = labels if len(labels) <= SHOWN else odd[:SHOWN]
    proposed = written({label: name for label, name in label_map(few, classes).items() if label in odd[:SHOWN]})
    more = f", and so on for all {len(odd):,} labels" if len(odd) > SHOWN else ""
    return f"Say which class each label means, in the plan under data: {proposed}{more}"


def label_names(
    labels: Mapping[str, str], looked: Sequence[Seen], classes: Sequence[str] | None
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The declared map of labels in canonical form, and notes on what it does not do.

    Raises:
        InputError: it names a class that the model has not, or misspells a label.
    """
    names = canonical(labels)
    if classes is not None:
        own = {label: classes[class_index(classes, name, f"labels, {label!r}", indices=True)] for label, name in names.items()}
        names = {label: str(text(name)) for label, name in own.items()}
    values = {value for one in looked for value in one.rows}
    unused = [label for label in names if label not in values]
    for label in unused:
        if guess := near(label, values - names.keys()):
            raise InputError(f"{label!r} occurs in no row{guess}", place="labels", remedy="Mend it, or leave it out.")
    notes = (f"labels: {listed(unused)} occur in no row",) if unused else ()
    if names.keys() & values:
        told = ", ".join(f"{label} as {name}" for label, name in [*names.items()][:SHOWN] if label in values)
        notes = (*notes, f"labels were read as declared: {told}")
    return names, notes


def _unknown(table: Table, found: Seen, classes: Sequence[str], problem: str, remedy: str) -> InputError:
    value = unnamed(found.rows, classes) or next(iter(found.rows))
    place = at(table, found.column, found.rows[value])
    return InputError(f"{value!r} is {problem}; known are {listed(classes)}", place=place, remedy=remedy)
