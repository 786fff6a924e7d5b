"""States in their order, and how they combine."""

from collections.abc import Iterable

from auditor.types import Finding, State

WORST_FIRST: tuple[State, ...] = (
    "fail",
    "error",
    "inconclusive",
    "not-tested",
    "evidence",
    "attested",
    "pass",
    "not-applicable",
)


def worst(states: Iterable[State]) -> State:
    """The worst of some states, never an average; ``not-tested`` where nothing applies."""
    return min((state for state in states if state != "not-applicable"), key=WORST_FIRST.index, default="not-tested")


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings by state, then by how strong the evidence of a violation is, then by name."""
    return tuple(sorted(findings, key=_rank))


def _rank(finding: Finding) -> tuple[int, float, str, list[tuple[str, str]]]:
    strength = 2.0 if finding.p_value is None else finding.p_value
    return WORST_FIRST.index(finding.state), strength, finding.metric, sorted(finding.where.items())
