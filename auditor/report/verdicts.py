"""What the rules say: findings worst first, and the state of every clause."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from auditor.judge.states import WORST_FIRST
from auditor.report import charts
from auditor.report import format as form
from auditor.report.evidence import Exhibit, explains
from auditor.report.plots import headed
from auditor.report.reading import Reading, badness, tolerated
from auditor.report.reasons import Sentence, of_finding, of_verdict
from auditor.report.shapes import Estimate, Forest
from auditor.report.visible import name as short
from auditor.report.words import Text
from auditor.types import Finding, State, Threshold, Verdict

_DETAILED: tuple[State, ...] = ("fail", "error", "inconclusive")
_HELD: tuple[State, ...] = ("fail", "inconclusive", "pass")
_SEVERITY = ("critical", "major", "minor", "info")
_ROWS, _EXPLAINED, _FORESTS, _CHARTED = 12, 4, 4, 16
_CHARTED_TWICE = 24
"""Findings up to which a chart stands both with its finding and with its probe."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A threshold: what it bounds, the bound in words, who says so, and where."""

    metric: str
    text: str
    origin: str
    cite: str


@dataclass(frozen=True, slots=True)
class Judged:
    """One judged measurement in a finding: what, of whom, the number with its bounds, n, state and bound; of some why."""

    metric: str
    slice: str
    value: str
    bounds: str
    n: str
    state: State
    bound: str
    reason: Sentence


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause and what was found.

    Attributes:
        index: place in the packs, from 0.
        anchor: id on the page.
        state: of the clause.
        ref: its number in the source.
        pack: the pack's id and edition.
        text: what it asks for.
        reason: why it is in this state.
        severity: how much a failure weighs.
        ceiling: the most that a machine can bring it to.
        bounds: the thresholds of its checks, each once.
        judged: measurements, worst first.
        left_out: measurements that are only in run.json.
        forests: interval plots of the measurements against the bound.
        exhibits: failing examples.
        probes: names of the probes that measured it, as in the plan.
        tally: findings by state.
    """

    index: int
    anchor: str
    state: State
    ref: str
    pack: str
    text: Text
    reason: Sentence
    severity: str
    ceiling: str
    bounds: tuple[Bound, ...]
    judged: tuple[Judged, ...]
    left_out: int
    forests: tuple[Forest, ...]
    exhibits: tuple[Exhibit, ...]
    probes: tuple[str, ...]
    tally: tuple[tuple[State, int], ...]

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of what was judged."""
        return tuple(dict.fromkeys(one.metric for one in self.judged))

    @property
    def bounded(self) -> tuple[tuple[str, Bound], ...]:
        """The bounds with the metrics that they are of; without, where there is one bound for all."""
        alike = {(one.text, one.origin, one.cite) for one in self.bounds}
        if len(alike) == 1:
            return (("", self.bounds[0]),)
        return tuple((one.metric, one) for one in self.bounds)

    @property
    def detailed(self) -> bool:
        """Whether it stands among the findings, and not only in the matrix."""
        return self.state in _DETAILED


def clauses(reading: Reading, exhibits: Sequence[Exhibit]) -> tuple[Clause, ...]:
    """All clauses, worst first and then by weight; examples go to the first clause that they explain."""
    left = list(exhibits)
    written = []
    for index, verdict in sorted(enumerate(reading.run.verdicts), key=lambda item: _weight(item[1])):
        shown = [e for e in left if verdict.state in _DETAILED and _shows(e, verdict)]
        left = [e for e in left if e not in shown]
        written.append(_clause(reading, verdict, index, tuple(shown)))
    return tuple(written)


def charted(reading: Reading) -> frozenset[str]:
    """Metrics that need no chart but that of their finding, since there are many findings."""
    detailed = [verdict for verdict in reading.run.verdicts if verdict.state in _DETAILED]
    many = len(detailed) > _CHARTED_TWICE
    return frozenset(finding.metric for verdict in detailed for finding in verdict.findings) if many else frozenset()


def _weight(verdict: Verdict) -> tuple[int, int]:
    severity = _SEVERITY.index(verdict.severity) if verdict.severity in _SEVERITY else len(_SEVERITY)
    return badness(verdict.state), severity


def _shows(exhibit: Exhibit, verdict: Verdict) -> bool:
    return any(explains(exhibit, f.metric, f.where) for f in verdict.findings if f.state in _DETAILED)


def _clause(reading: Reading, verdict: Verdict, index: int, shown: tuple[Exhibit, ...]) -> Clause:
    words, findings = reading.words, sorted(verdict.findings, key=lambda finding: badness(finding.state))
    tally = Counter(finding.state for finding in findings)
    metrics = {finding.metric for finding in findings}
    probes = [o.probe for o in reading.run.outcomes if any(m.metric in metrics for m in o.measurements)]
    return Clause(
        index=index,
        anchor=f"clause-{index + 1}",
        state=verdict.state,
        ref=short(verdict.clause),
        pack=f"{short(verdict.pack)} {short(verdict.edition)}",
        text=words.chosen(verdict.text, verdict.clause),
        reason=of_verdict(reading, verdict),
        severity=words.title("severity", verdict.severity),
        ceiling=words(f"ceiling.{verdict.assessment}"),
        bounds=_bounds(reading, verdict),
        judged=tuple(
            _judged(reading, f, explained=at < _EXPLAINED and f.reason not in verdict.reason)
            for at, f in enumerate(findings[:_ROWS])
        ),
        left_out=max(0, len(findings) - _ROWS),
        forests=_forests(reading, findings) if verdict.state in _DETAILED else (),
        exhibits=shown,
        probes=tuple(short(probe) for probe in probes),
        tally=tuple((state, tally[state]) for state in WORST_FIRST if tally[state]),
    )


def _bounds(reading: Reading, verdict: Verdict) -> tuple[Bound, ...]:
    """The bound of each check, in an order that does not depend on what was found."""
    held = {(_bounded(f), f.threshold) for f in verdict.findings if f.threshold}
    return tuple(
        Bound(reading.metric(of), reading.bound(one, of), reading.words(f"origin.{one.source}"), short(one.cite))
        for of, one in sorted(held, key=lambda pair: (pair[0], pair[1].op, pair[1].value))
    )


def _bounded(finding: Finding) -> str:
    """The metric that a bound is of: of rates held to four fifths of the highest, their ratio to it."""
    ratio = finding.threshold and finding.threshold.decision == "four_fifths" and not finding.metric.endswith("_ratio")
    return f"{finding.metric}_ratio" if ratio else finding.metric


def _decided(findings: Sequence[Finding]) -> list[Finding]:
    """Findings that were held against the bound, whatever came of it."""
    return [finding for finding in findings if finding.state in _HELD and finding.value is not None]


def _judged(reading: Reading, finding: Finding, *, explained: bool) -> Judged:
    unit = reading.unit(finding.metric)
    return Judged(
        metric=reading.metric(finding.metric),
        slice=reading.slice(finding.where),
        value=form.quantity(finding.value, unit, reading.words),
        bounds=form.interval(finding.low, finding.high, unit),
        n=form.grouped(finding.n),
        state=finding.state,
        bound=reading.bound(finding.threshold, finding.metric) if finding.threshold else "",
        reason=of_finding(reading, finding) if explained and finding.state != "pass" else (),
    )


def _forests(reading: Reading, findings: Sequence[Finding]) -> tuple[Forest, ...]:
    """A chart for each metric and bound."""
    drawn = []
    for metric, threshold in dict.fromkeys((finding.metric, finding.threshold) for finding in findings):
        rows = [f for f in _decided(findings) if (f.metric, f.threshold) == (metric, threshold)][:_CHARTED]
        drawn.append(_forest(reading, metric, threshold, rows))
    return tuple(forest for forest in drawn if forest is not None)[:_FORESTS]


def _forest(reading: Reading, metric: str, threshold: Threshold | None, rows: Sequence[Finding]) -> Forest | None:
    words, unit = reading.words, reading.unit(metric)
    states = Counter(words(f"states.{finding.state}.name") for finding in rows)
    contrast = any("reference" in finding.where for finding in rows)
    said = words("chart.judged", states=words("where.list").join(f"{name} {count}" for name, count in states.items()))
    return charts.forest(
        headed(reading, metric, unit),
        said,
        [Estimate(reading.slice(f.where, leave=frozenset(("reference",))), f.value, f.low, f.high, f.state) for f in rows],
        unit=unit,
        log=unit == "ratio" and contrast,
        reference=(1.0 if unit == "ratio" else 0.0) if contrast else None,
        band=tolerated(threshold) if threshold else None,
    )
