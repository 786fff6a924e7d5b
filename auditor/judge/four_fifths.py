"""The four-fifths rule on selection rates, in integers (Uniform Guidelines, 29 CFR 1607.4(D), and their Questions & Answers).

The comparison is with the group that is selected most often among those with at least 2 % of the rows; smaller groups are
shown and not judged. A rate below four fifths of that rate *fails* only where numbers are large enough to show it: the
one-sided upper bound of the ratio, adjusted for the family, is below four fifths too, the rates differ significantly, and
the result does not turn when one selection moves from the reference to the group. A rate of four fifths or more *passes*
where the lower bound of the ratio is not below four fifths. All else is *inconclusive*.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from auditor.judge import wording
from auditor.judge.cases import Case, Family, Pending, decided, settled, unjudged
from auditor.judge.margins import Bounds, bounds_of, margin, one_sided, violation
from auditor.judge.needed import rows_needed
from auditor.stats.intervals import ratio
from auditor.stats.tests import equal_rates, selection_deviations
from auditor.types import MISSING, Check, Finding, Measurement, Said, Threshold, Why, group_columns

SMALLEST_SHARE = Fraction(1, 50)
"""Of the rows: a group below this share needs no finding of its own (1607.4(A))."""


@dataclass(frozen=True, slots=True)
class Selected:
    """A group: ``x`` selected of ``n``, and the measurement that says so."""

    name: str
    x: int
    n: int
    measurement: Measurement

    @property
    def rate(self) -> Fraction:
        """Share selected."""
        return Fraction(self.x, self.n)


def compared(measurements: Sequence[Measurement], check: Check, threshold: Threshold, alpha: float) -> list[Case]:
    """Judge the selection rates of each group column.

    Args:
        measurements: selection rates of single groups, with their counts, of one probe.
        check: what is checked.
        threshold: the bound of the ratio, as a rule 0.8.
        alpha: one-sided error rate.
    """
    columns: dict[tuple[object, ...], list[Measurement]] = {}
    for m in measurements:
        column = group_columns(m.where)[0]
        rest = sorted((key, value) for key, value in m.where.items() if key != column)
        columns.setdefault((column, *rest), []).append(m)
    return [case for found in columns.values() for case in _column(found, check, threshold, alpha)]


def _column(measurements: Sequence[Measurement], check: Check, threshold: Threshold, alpha: float) -> list[Case]:
    groups = [_selected(m) for m in measurements if _group(m) != MISSING]
    rows = sum(group.n for group in groups)
    judged = [group for group in groups if group.n and group.n >= SMALLEST_SHARE * rows]
    shown: list[Case] = [_small(group, rows) for group in groups if group not in judged]
    shown += [_unknown(m) for m in measurements if _group(m) == MISSING]
    if len(judged) < 2:
        return [*shown, *(settled("not-tested", Why(("no_comparison",)), group.measurement) for group in judged)]
    reference = max(judged, key=lambda group: (group.rate, group.n, group.name))
    others = [group for group in judged if group is not reference]
    return [*shown, *(_against(reference, group, check, threshold, alpha) for group in others)]


def _group(m: Measurement) -> str:
    return m.where[group_columns(m.where)[0]]


def _selected(m: Measurement) -> Selected:
    return Selected(_group(m), round(m.counts.get("x", 0)), round(m.counts.get("n", 0)), m)


def _small(group: Selected, rows: int) -> Finding:
    return settled("not-applicable", Why(("small_group",), {"rows": group.n, "of": rows}), group.measurement)


def _unknown(m: Measurement) -> Finding:
    return settled("not-applicable", Why(("no_group",)), m)


def _against(reference: Selected, group: Selected, check: Check, threshold: Threshold, alpha: float) -> Case:
    where = {**group.measurement.where, "reference": reference.name}
    name = f"{check.metric}_ratio"
    m = ratio(name, group.x, group.n, reference.x, reference.n, where=where, level=group.measurement.level)
    bounds = bounds_of(m)
    if (finding := unjudged(m, check)) or bounds is None:
        return finding or settled("inconclusive", Why(("no_interval",), cause="nothing says how sure it is"), m)
    return Pending(violation(bounds, margin(threshold)), partial(_settle, reference, group, m, threshold, bounds, alpha))


def _settle(
    reference: Selected, group: Selected, m: Measurement, threshold: Threshold, bounds: Bounds, alpha: float, family: Family
) -> Finding:
    limit = Fraction(str(threshold.value))
    p_value = equal_rates(group.x, group.n, reference.x, reference.n)
    moves = moves_to_clear(group, reference, limit)
    ends = one_sided(bounds, alpha)
    numbers = {"bound": threshold.value, "moves": moves, "p": p_value}
    if moves == 0 and ends.low >= limit:
        return decided("pass", Why((wording.met(threshold),), numbers), m, ends, family)
    if moves > 1 and p_value <= alpha and family.adjusted <= alpha:
        deviations = selection_deviations(group.x, group.n, group.x + reference.x, group.n + reference.n)
        why = Why(("below", "adverse"), {**numbers, "deviations": abs(deviations)})
        return decided("fail", why, m, one_sided(bounds, alpha / family.factor), family)
    needed = rows_needed(m, float(limit), float("inf"), alpha=alpha, family=family.size)
    why = Why((*wording.undecided(threshold, needed, contrast=True), _doubt(moves, p_value, alpha)), numbers)
    return decided("inconclusive", why, m, ends, family, needed)


def moves_to_clear(group: Selected, reference: Selected, limit: Fraction) -> int:
    """How many selections would have to move from the reference to the group until its ratio is no longer below the limit.

    0 where it is not below. In integers: ``x n_ref / (x_ref n) >= a / b`` is ``b x n_ref >= a x_ref n``.
    """
    a, b = limit.numerator, limit.denominator
    short = a * reference.x * group.n - b * group.x * reference.n
    return max(-(-short // (b * reference.n + a * group.n)), 0)


def _doubt(moves: int, p_value: float, alpha: float) -> Said:
    if moves == 0:
        return "not_itself"
    if moves == 1:
        return "one_selection"
    return "differ" if p_value <= alpha else "do_not_differ"
