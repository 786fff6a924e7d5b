"""Group fairness: how rates of decisions and errors differ between groups and their intersections."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from auditor.declare import Findings, probe
from auditor.predict.labels import class_index, positive_index
from auditor.probes._rates import Target, compared, fractions, measured
from auditor.stats.intervals import share
from auditor.stats.slices import Slice, Values, known, name_of, overall, reference, references, slices, where
from auditor.types import CountTable, Decisions, Group, Measurement, Roles, Subject, need

LARGEST = 50
"""Combinations of group values that are shown of each intersection."""

MOST_CLASSES = 10
OF_EACH_CLASS = frozenset({"selection_rate", "true_positive_rate", "false_positive_rate"})


@probe(
    source="Hardt, Price & Srebro 2016, https://arxiv.org/abs/1610.02413; Chouldechova 2017, https://arxiv.org/abs/1610.07524"
)
async def group_fairness(subject: Subject[Decisions], *, favourable: str | None = None) -> Findings:
    """Selection and error rates of groups, and their differences from and ratios to a reference group.

    Of more than two classes without a declared positive or favourable one, selection rate and true and false positive rate
    are those of each of the 10 most frequent classes against the rest.

    Args:
        subject: a table with group columns; a model or a column that decides classes. Rows without a label have a part in
            selection rates only.
        favourable: the class that is a good outcome for the person, for the selection rate; by default the positive class.

    Yields:
        ``group_share``; ``selection_rate``, ``true_positive_rate``, ``false_positive_rate``, ``false_negative_rate``,
        ``positive_predictive_value``, ``false_omission_rate`` and ``accuracy``, fractions, overall, per group and per
        intersection of groups; each ``..._difference`` (group minus reference) and ``..._ratio`` (group over reference).
        Of intersections of many values the 50 largest are shown, and ``groups_left_out`` counts the others.

    Raises:
        Skip: there is no group column.
        InputError: the favourable class is none of the classes.
    """
    groups = need(subject.table.roles.groups, "a group column")
    table, level = await subject.count(), subject.level
    targets, single = _targets(table, subject.table.roles, favourable), references(table, groups)
    for found in measured(fractions(overall(table), targets), level, {}):
        yield found
    for columns in _columns(groups):
        for found in _of_columns(table, columns, targets, single, level):
            yield found
    if refused := await subject.unanswered():
        yield refused


def _targets(table: CountTable, roles: Roles, favourable: str | None) -> tuple[Target, ...]:
    classes = table.classes
    chosen = class_index(classes, favourable) if favourable else None
    positive = chosen if len(classes) > 2 and roles.positive is None else positive_index(roles, classes)
    if positive is not None:
        return (Target(positive, positive if chosen is None else chosen),)
    whole = overall(table)
    rows = whole.cells.sum(axis=0) + whole.cells.sum(axis=1) + whole.unlabelled
    most = sorted(range(len(classes)), key=lambda of: -int(rows[of]))[:MOST_CLASSES]
    return tuple(Target(of, of, OF_EACH_CLASS, {"class": classes[of]}) for of in sorted(most))


def _columns(groups: Sequence[Group]) -> Iterator[tuple[Group, ...]]:
    """Each column, each pair, and all together."""
    yield from ((group,) for group in groups)
    yield from combinations(groups, 2)
    if len(groups) > 2:
        yield tuple(groups)


def _of_columns(
    table: CountTable, columns: tuple[Group, ...], targets: tuple[Target, ...], single: dict[str, str], level: float
) -> Iterator[Measurement]:
    parts = slices(table, columns)
    total, chosen = sum(part.rows for part in parts.values()), reference(parts, columns, single)
    shown = parts if len(columns) == 1 else _largest(parts, chosen)
    rates = {values: fractions(parts[values], targets) for values in shown}
    for values, part in shown.items():
        at = where(columns, values)
        yield share("group_share", part.rows, total, level=level, where=at)
        yield from measured(rates[values], level, at)
        if chosen is not None and values != chosen and known(values):
            yield from compared(rates[values], rates[chosen], level, {**at, "reference": " & ".join(chosen)})
    if len(shown) < len(parts):
        yield _left_out(parts, shown, columns)


def _largest(parts: dict[Values, Slice], chosen: Values | None) -> dict[Values, Slice]:
    """The largest combinations, the reference always among them, in their own order."""
    order = sorted(parts, key=lambda values: (values != chosen, -parts[values].rows))[:LARGEST]
    return {values: part for values, part in parts.items() if values in set(order)}


def _left_out(parts: dict[Values, Slice], shown: dict[Values, Slice], columns: Sequence[Group]) -> Measurement:
    rows = sum(part.rows for values, part in parts.items() if values not in shown)
    reason = f"only the {len(shown)} largest of {len(parts)} combinations are shown; the others hold {rows:,} rows"
    at = {"column": " & ".join(name_of(group) for group in columns)}
    return Measurement("groups_left_out", len(parts) - len(shown), "count", len(parts), method="exact", reason=reason, where=at)
