"""Clauses judged on measurements.

All tests of one pack are one family: its attributes, metrics and contrasts are declared before the run, and Holm's
adjustment keeps the chance that any of its clauses fails without cause at ``alpha``. Packs do not share a family: each is
a question of its own, and adding a pack changes no verdict of another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from auditor.judge import four_fifths, wording
from auditor.judge.cases import Case, Family, Pending, unjudged
from auditor.judge.evidence import absent, matching
from auditor.judge.margins import judged
from auditor.judge.notable import shown
from auditor.judge.statements import about, in_words, settled
from auditor.judge.states import worst, worst_first
from auditor.stats.multiplicity import holm
from auditor.types import Check, Clause, Finding, Outcome, Pack, State, Statement, Verdict

TELLS: Mapping[State, str] = {
    "fail": "fail",
    "error": "are missing after a crash",
    "inconclusive": "are inconclusive",
    "not-tested": "were not tested",
    "evidence": "are for a person to judge",
    "attested": "are attested",
    "pass": "pass",
    "not-applicable": "need no judgement",
}


def judge(
    packs: Sequence[Pack],
    outcomes: Sequence[Outcome],
    *,
    alpha: float = 0.05,
    inapplicable: Mapping[str, str] | None = None,
    statements: Sequence[Statement] = (),
    on: str = "",
) -> tuple[Verdict, ...]:
    """Judge every clause of every pack; the order of outcomes and measurements has no influence.

    Args:
        packs: as read.
        outcomes: of all probes, skipped and crashed ones among them.
        inapplicable: probes that cannot apply to what is audited, planned or not, with the reason.
        statements: what people put on record.
        on: day of the run, an ISO date: statements hold from one day to another.
        alpha: one-sided error rate: of failing anything in a pack without cause, and of passing a finding without cause.

    Returns:
        One verdict a clause, in the order of the packs.
    """
    found = (verdict for pack in packs for verdict in _of_pack(pack, outcomes, alpha, inapplicable or {}, statements, on))
    return tuple(replace(verdict, reason=in_words(verdict, on)) for verdict in found)


def _of_pack(
    pack: Pack,
    outcomes: Sequence[Outcome],
    alpha: float,
    inapplicable: Mapping[str, str],
    statements: Sequence[Statement],
    on: str,
) -> list[Verdict]:
    cases = [
        [(check, case) for check in clause.checks for case in _cases(check, outcomes, alpha, inapplicable)]
        for clause in pack.clauses
    ]
    pending = [case for of_clause in cases for _, case in of_clause if isinstance(case, Pending)]
    adjusted = dict(zip(map(id, pending), holm([case.p_value for case in pending]), strict=True))
    verdicts = []
    for clause, of_clause in zip(pack.clauses, cases, strict=True):
        findings = [_bounded(_finding(case, adjusted, len(pending)), check) for check, case in of_clause]
        verdicts.append(_verdict(pack, clause, worst_first(findings), about(pack, clause, statements), on))
    return verdicts


def _bounded(finding: Finding, check: Check) -> Finding:
    """The finding with its check's bound; what is only shown is held against none."""
    return finding if finding.state == "not-applicable" else replace(finding, threshold=check.threshold)


def _finding(case: Case, adjusted: Mapping[int, float], size: int) -> Finding:
    if isinstance(case, Finding):
        return case
    p_value = adjusted[id(case)]
    return case.settle(Family(p_value, max(p_value / case.p_value, 1.0), size))


def _cases(check: Check, outcomes: Sequence[Outcome], alpha: float, inapplicable: Mapping[str, str]) -> list[Case]:
    found = matching(check, outcomes)
    cases: list[Case] = list(absent(check, found, outcomes, inapplicable))
    if check.threshold is None:
        return [*cases, *shown(check, found)]
    if check.threshold.decision == "four_fifths":
        rule = partial(four_fifths.compared, check=check, threshold=check.threshold, alpha=alpha)
        return cases + [case for outcome in outcomes for case in rule(matching(check, [outcome]))]
    return cases + [unjudged(m, check) or judged(m, check.threshold, alpha) for m in found]


def _verdict(pack: Pack, clause: Clause, findings: tuple[Finding, ...], statements: tuple[Statement, ...], on: str) -> Verdict:
    state = (
        "not-applicable" if _inapplicable(clause, findings) else _ceiling(clause, worst(finding.state for finding in findings))
    )
    return Verdict(
        pack=pack.id,
        edition=pack.edition,
        clause=clause.ref,
        state=settled(clause, state, findings, statements, on),
        reason=_reason(clause, findings),
        severity=clause.severity,
        assessment=clause.assessment,
        findings=findings,
        text=clause.text,
        statements=statements,
    )


def _inapplicable(clause: Clause, findings: Sequence[Finding]) -> bool:
    """Whether all that the clause asks about cannot be asked of what is audited; a person's duty stays one."""
    return (
        clause.assessment != "attestation"
        and bool(findings)
        and all(finding.why and "inapplicable" in finding.why.says for finding in findings)
    )


def _ceiling(clause: Clause, state: State) -> State:
    """The most that a machine may say: evidence is not a pass, and a person's duty is not judged at all."""
    if clause.assessment == "attestation":
        return "evidence" if state == "evidence" else "not-tested"
    return "evidence" if clause.assessment == "evidence" and state == "pass" else state


def _reason(clause: Clause, findings: Sequence[Finding]) -> str:
    if clause.assessment == "attestation":
        return "a person has to state this, and no statement is on record"
    if not findings:
        return "nothing is attached to this clause that could give evidence"
    first = findings[0]
    where = wording.slice_of(first.where)
    reason = f"{where}: {first.reason}" if where else first.reason
    if len(findings) == 1:
        return reason
    alike = sum(finding.state == first.state for finding in findings)
    return f"{alike:,} of {len(findings):,} findings {TELLS[first.state]}, first: {reason}"
