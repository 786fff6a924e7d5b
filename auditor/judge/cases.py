"""A measurement on its way to a finding: settled at once, or pending until its p-value is adjusted for the family."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from auditor.judge import wording
from auditor.stats.intervals import Interval
from auditor.types import MISSING, Check, Finding, Measurement, Said, State, Why, group_columns


@dataclass(frozen=True, slots=True)
class Family:
    """What a pending finding learns from the others of its family.

    Attributes:
        adjusted: its own p-value, adjusted.
        factor: what the adjustment multiplied it by: the error rate of its bound is divided by that.
        size: how many are tested together.
    """

    adjusted: float
    factor: float
    size: int


@dataclass(frozen=True, slots=True)
class Pending:
    """A finding that rests on a test.

    Attributes:
        p_value: one-sided p-value of a violation of the bound, unadjusted.
        settle: the finding, once the family is known.
    """

    p_value: float
    settle: Callable[[Family], Finding]


Case = Finding | Pending


def settled(state: State, why: Why, m: Measurement, needed_n: int | None = None) -> Finding:
    """A finding that needs no test; it shows the measurement's own interval."""
    why = replace(why, numbers={**wording.rates(m), **why.numbers})
    reason = wording.sentence(why, m.metric, wording.estimate(m))
    return Finding(m.metric, m.where, state, reason, m.value, m.low, m.high, m.n, needed_n=needed_n, why=why)


def decided(state: State, why: Why, m: Measurement, ends: Interval, family: Family, needed_n: int | None = None) -> Finding:
    """A finding that rests on a test; it shows the one-sided bounds that decided it."""
    needed = {} if needed_n is None else {"needed": float(needed_n)}
    why = replace(why, numbers={**wording.rates(m), **needed, **why.numbers})
    reason = wording.sentence(why, m.metric, wording.estimate(m, ends))
    return Finding(m.metric, m.where, state, reason, m.value, ends.low, ends.high, m.n, family.adjusted, needed_n, why)


def unjudged(m: Measurement, check: Check) -> Finding | None:
    """The finding on a measurement that cannot be judged, or None where it can.

    What does not apply here, and rows whose group is missing, are shown only. An undefined value is inconclusive for its own
    reason. Below the denominator gate, on either side of a contrast, a measurement is *not assessed*: inconclusive, listed,
    never dropped.
    """
    if not m.applies:
        return settled("not-applicable", Why(("inapplicable",), cause=m.reason or "no reason was given"), m)
    if any(m.where[column] == MISSING for column in group_columns(m.where)):
        return settled("not-applicable", Why(("no_group",)), m)
    if m.value is None:
        return settled("inconclusive", Why(("undefined",), cause=m.reason or "no reason was given"), m)
    sides: tuple[tuple[Said, float], ...] = (
        ("too_few", m.n),
        ("too_few_in_reference", m.counts.get("n_ref", check.needs)),
    )
    for side, n in sides:
        if n < check.needs:
            return settled("inconclusive", Why((side,), {"rows": n, "needed": check.needs}), m, check.needs)
    return None
