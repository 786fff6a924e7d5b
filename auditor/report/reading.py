"""A run made easy to ask: units of metrics, what was decided on a measurement, and names in the reader's language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from auditor.judge.states import WORST_FIRST
from auditor.report import format as form
from auditor.report.visible import name as short
from auditor.report.words import Words
from auditor.types import Measurement, Run, State, Threshold, Verdict

Slice = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided on one measurement, and against which bound."""

    state: State
    threshold: Threshold | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A run, a language, and what is looked up often.

    Attributes:
        run: what is reported.
        words: the language.
        units: unit by metric; differences of fractions have the unit ``"points"``.
        decisions: by metric and slice; the worst where several clauses judged one measurement.
        groups: columns that say who a row is about.
    """

    run: Run
    words: Words
    units: Mapping[str, str]
    decisions: Mapping[tuple[str, Slice], Decision]
    groups: tuple[str, ...]

    def unit(self, metric: str) -> str:
        """Unit of a metric's values; where it was never measured, the one that its name tells, if any."""
        return self.units.get(metric) or next((unit for ending, unit in ENDINGS if metric.endswith(ending)), "")

    def decision(self, metric: str, where: Mapping[str, str]) -> Decision | None:
        """What was decided on a measurement, if anything."""
        return self.decisions.get((metric, frozenset(where.items())))

    def metric(self, name: str) -> str:
        """Name of a metric for the reader; derived ones are put together from the metric and the kind of contrast."""
        if known := self.words.known(f"metrics.{name}.name"):
            return known
        if found := re.fullmatch(r"(\w+)_(difference|ratio)", name):
            return self.words(f"contrast.{found[2]}", metric=self.metric(found[1]))
        return self.words.title("metrics", name)

    def key(self, name: str) -> str:
        """Name of a key of ``where``: the interface's for its own, the column's for a column."""
        return self.words.known(f"where.{name}") or short(name.removeprefix("column:"))

    def slice(self, where: Mapping[str, str], *, leave: frozenset[str] = frozenset()) -> str:
        """A slice in words: ``Female & Black``, with ``vs Male & White`` where there is a reference."""
        parts = [short(value) for key, value in where.items() if key not in leave and key not in ("reference", "average")]
        text = " & ".join(parts) or self.words("where.everything")
        if "average" in where and "average" not in leave:
            text = self.words("where.averaged", of=text, average=short(where["average"]))
        if "reference" in where and "reference" not in leave:
            text = self.words("where.compared", slice=text, reference=short(where["reference"]))
        return text

    def bound(self, threshold: Threshold, metric: str) -> str:
        """A bound in words, such as ``within ±10 pp``."""
        value = form.limit(threshold.value, self.unit(metric), self.words)
        return f"{self.words('bound.within')} ±{value}" if threshold.op == "within" else f"{SIGNS[threshold.op]} {value}"


ENDINGS = (
    ("_difference", "points"),
    ("_ratio", "ratio"),
    ("_share", "fraction"),
    ("_rate", "fraction"),
    ("_error", "fraction"),
)
"""Units that names of metrics tell."""

SIGNS = {">=": "≥", ">": ">", "<=": "≤", "<": "<"}


def reading(run: Run, words: Words) -> Reading:
    """Prepare a run for being asked."""
    measured = [m for outcome in run.outcomes for m in outcome.measurements]
    return Reading(
        run=run,
        words=words,
        units={m.metric: unit(m) for m in measured},
        decisions=_decisions(run.verdicts),
        groups=tuple(name for group in run.data.roles.groups for name in (group.column, f"column:{group.column}")),
    )


_CONTRASTS = ("_difference", "_gap", "_over_majority")


def unit(measurement: Measurement) -> str:
    """Unit to show a measurement in: a difference of fractions is in percentage points."""
    contrast = "reference" in measurement.where or measurement.metric.endswith(_CONTRASTS)
    return "points" if measurement.unit == "fraction" and contrast else measurement.unit


def badness(state: State) -> int:
    """Place of a state in the order worst first."""
    return WORST_FIRST.index(state)


def tolerated(threshold: Threshold) -> tuple[float | None, float | None]:
    """The values that a bound tolerates, as the two ends of a band; None is an open end."""
    if threshold.op == "within":
        return -threshold.value, threshold.value
    return (threshold.value, None) if threshold.op in (">=", ">") else (None, threshold.value)


def _decisions(verdicts: tuple[Verdict, ...]) -> dict[tuple[str, Slice], Decision]:
    found: dict[tuple[str, Slice], Decision] = {}
    for verdict in verdicts:
        for finding in verdict.findings:
            key = (finding.metric, frozenset(finding.where.items()))
            decision = Decision(finding.state, finding.threshold)
            if key not in found or _graver(decision, found[key]):
                found[key] = decision
    return found


def _graver(new: Decision, old: Decision) -> bool:
    return badness(new.state) < badness(old.state)
