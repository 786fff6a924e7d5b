"""Rates of one slice, and of a slice compared with another."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from auditor.declare import Cut
from auditor.stats.intervals import difference, ratio, share
from auditor.stats.slices import Rates, Slice, rates
from auditor.types import Measurement

Where = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Target:
    """A class whose error rates are measured.

    Attributes:
        positive: its index: it counts as positive, and every other class as negative.
        name: its name.
        metrics: which rates; None for all.
    """

    positive: int
    name: str
    metrics: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Fraction:
    """A rate, ``x`` of ``n``, what ``n`` counts, and of which class it is."""

    metric: str
    x: int
    n: int
    needs: str
    where: Where = field(default_factory=dict)


RATES: tuple[tuple[str, str, Callable[[Rates], tuple[int, int]]], ...] = (
    ("true_positive_rate", "rows with a positive label", lambda r: (r.tp, r.tp + r.fn)),
    ("false_positive_rate", "rows with a negative label", lambda r: (r.fp, r.fp + r.tn)),
    ("false_negative_rate", "rows with a positive label", lambda r: (r.fn, r.tp + r.fn)),
    ("positive_predictive_value", "labelled rows decided as positive", lambda r: (r.tp, r.tp + r.fp)),
    ("false_omission_rate", "labelled rows decided as negative", lambda r: (r.fn, r.fn + r.tn)),
)


ERRORS = tuple(metric for metric, _, _ in RATES)
CROSSED: tuple[Cut, ...] = ("group", "intersection")


def contrasts(*rates: str) -> tuple[str, ...]:
    """Names of what ``compared`` gives of some rates."""
    return tuple(f"{rate}_{kind}" for rate in rates for kind in ("difference", "ratio"))


def errors(part: Slice, targets: tuple[Target, ...]) -> list[Fraction]:
    """A slice's accuracy and error rates, always in the same order; each rate names the class that is positive."""
    found = [Fraction("accuracy", int(part.cells.trace()), part.labelled, "labelled rows with a decision")]
    for target in targets:
        seen, named = rates(part, target.positive), {"class": target.name}
        each = [Fraction(metric, *of(seen), needs, named) for metric, needs, of in RATES]
        found += [one for one in each if target.metrics is None or one.metric in target.metrics]
    return found


def selected(part: Slice, favourable: int, name: str) -> list[Fraction]:
    """How many of a slice's rows with a decision get the favourable class."""
    seen = rates(part, favourable)
    return [Fraction("selection_rate", seen.chosen, seen.decided, "rows with a decision", {"favourable": name})]


def measured(found: list[Fraction], level: float, where: Where) -> Iterator[Measurement]:
    """Each rate with its interval."""
    for one in found:
        yield share(one.metric, one.x, one.n, level=level, where={**where, **one.where}, needs=one.needs)


def compared(found: list[Fraction], other: list[Fraction], level: float, where: Where) -> Iterator[Measurement]:
    """Each rate's difference from the reference's, and ratio to it."""
    for one, ref in zip(found, other, strict=True):
        sides, at = (one.x, one.n, ref.x, ref.n), {**where, **one.where}
        yield difference(f"{one.metric}_difference", *sides, level=level, where=at, needs=one.needs)
        yield ratio(f"{one.metric}_ratio", *sides, level=level, where=at, needs=one.needs)
