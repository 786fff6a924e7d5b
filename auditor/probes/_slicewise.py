"""Rates of groups and of their intersections, each compared with a reference group."""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from auditor.probes._rates import Fraction, compared, measured
from auditor.stats.intervals import share
from auditor.stats.slices import Slice, Values, known, name_of, overall, reference, references, slices, where
from auditor.types import CountTable, Group, Measurement

LARGEST = 50
"""Combinations of group values that are shown of each intersection."""

Fractions = Callable[[Slice], list[Fraction]]
"""The rates of a slice, always in the same order."""


def slicewise(
    table: CountTable, groups: Sequence[Group], fractions: Fractions, level: float, *, sizes: bool = False
) -> Iterator[Measurement]:
    """Rates overall, per group and per intersection, with their differences from and ratios to the reference.

    Of intersections of many values the 50 largest are shown, and ``groups_left_out`` counts the others.

    Args:
        table: rows counted.
        groups: its group columns.
        fractions: what to measure of a slice.
        level: confidence level of intervals.
        sizes: whether to give the ``group_share`` of each too.
    """
    single = references(table, groups)
    yield from measured(fractions(overall(table)), level, {})
    for columns in _columns(groups):
        yield from _of_columns(table, columns, fractions, single, level, sizes=sizes)


def _columns(groups: Sequence[Group]) -> Iterator[tuple[Group, ...]]:
    """Each column, each pair, and all together."""
    yield from ((group,) for group in groups)
    yield from combinations(groups, 2)
    if len(groups) > 2:
        yield tuple(groups)


def _of_columns(
    table: CountTable, columns: tuple[Group, ...], fractions: Fractions, single: dict[str, str], level: float, *, sizes: bool
) -> Iterator[Measurement]:
    parts = slices(table, columns)
    total, chosen = sum(part.rows for part in parts.values()), reference(parts, columns, single)
    shown = parts if len(columns) == 1 else _largest(parts, chosen)
    rates = {values: fractions(parts[values]) for values in shown}
    for values, part in shown.items():
        at = where(columns, values)
        if sizes:
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
