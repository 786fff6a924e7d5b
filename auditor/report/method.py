"""How to read the report: the states, the metrics and intervals that occur in it, and what limits it."""

from dataclasses import dataclass

from auditor.report import format as form
from auditor.report.reading import Reading
from auditor.types import State


@dataclass(frozen=True, slots=True)
class Method:
    """The method section.

    Attributes:
        states: each state that occurs, and what it means.
        metrics: each metric that occurs: its name, one sentence, and the methods of its intervals.
        intervals: each interval method that occurs, and one sentence.
        limits: what the reader has to keep in mind, one sentence each.
    """

    states: tuple[State, ...]
    metrics: tuple[tuple[str, str, str], ...]
    intervals: tuple[tuple[str, str], ...]
    limits: tuple[str, ...]


def method(reading: Reading) -> Method:
    """Glossary and limits of a run."""
    measured = [m for outcome in reading.run.outcomes for m in outcome.measurements]
    methods: dict[str, set[str]] = {}
    for m in measured:
        methods.setdefault(m.metric, set()).update([m.method] if m.method else [])
    used = sorted({name for names in methods.values() for name in names})
    return Method(
        states=tuple(state for state in STATES if reading.run.gate.states.get(state)),
        metrics=tuple((reading.metric(m), said(reading, m), _named(reading, names)) for m, names in methods.items()),
        intervals=tuple(
            (reading.words.title("methods", name), reading.words.known(f"methods.{name}.said") or "") for name in used
        ),
        limits=_limits(reading),
    )


STATES: tuple[State, ...] = ("pass", "fail", "inconclusive", "not-tested", "error", "evidence", "attested", "not-applicable")


def said(reading: Reading, metric: str) -> str:
    """What a metric is, in one sentence."""
    words = reading.words
    if known := words.known(f"metrics.{metric}.said"):
        return known
    for contrast in ("difference", "ratio"):
        base = metric.removesuffix(f"_{contrast}")
        if base != metric and words.known(f"metrics.{base}.said"):
            return words(f"contrast.{contrast}_said", metric=reading.metric(base))
    return words("metrics_unknown")


def _named(reading: Reading, methods: set[str]) -> str:
    return ", ".join(reading.words.title("methods", name) for name in sorted(methods))


def _limits(reading: Reading) -> tuple[str, ...]:
    run, words = reading.run, reading.words
    found = [words("limits.sample"), words("limits.scope")] if run.outcomes else []
    if run.verdicts:
        found.append(words("limits.rules"))
    if run.data.source.quarantined:
        found.append(words("limits.quarantined", count=form.grouped(run.data.source.quarantined)))
    if run.model and run.model.truncated:
        found.append(words("limits.truncated", count=form.grouped(run.model.truncated)))
    if run.model is None and run.outcomes:
        found.append(words("limits.no_model"))
    return (*found, words("limits.examples"))
