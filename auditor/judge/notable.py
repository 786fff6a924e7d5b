"""Evidence: measurements that are shown and not judged, and which of them the head of a report must not leave out."""

import operator
from collections.abc import Sequence
from dataclasses import replace

from auditor.judge import wording
from auditor.judge.cases import settled
from auditor.types import Check, Finding, Measurement, Notable, Verdict, Why

_RELATIONS = {">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt}
_SAID = {">=": "from {} on", ">": "above {}", "<=": "up to {}", "<": "below {}", "beyond": "beyond ±{}"}


def shown(check: Check, found: Sequence[Measurement]) -> list[Finding]:
    """Findings on measurements that no bound is for: evidence, or not tested where none of them has a value."""
    known = any(m.value is not None for m in found if m.applies)
    return [_shown(check, m, known=known) for m in found]


def _shown(check: Check, m: Measurement, *, known: bool) -> Finding:
    reason = m.reason or "no reason was given"
    if not m.applies:
        return settled("not-applicable", Why(("inapplicable",), cause=reason), m)
    if m.value is None and not known:
        return settled("not-tested", Why(("undefined",), cause=reason), m)
    finding = settled("evidence", Why(("shown",)), m)
    return replace(finding, notable=check.notable) if check.notable and _is_notable(m, check.notable) else finding


def _is_notable(m: Measurement, bound: Notable) -> bool:
    """Whether the estimate is, or with ``interval`` both ends of its interval are."""
    numbers = [m.value] if bound.by == "point" else [m.low, m.high]
    known = [number for number in numbers if number is not None]
    if not known or len(known) < len(numbers):
        return False
    if bound.op == "beyond":
        return min(known) > bound.value or max(known) < -bound.value
    return all(_RELATIONS[bound.op](number, bound.value) for number in known)


def notable(verdicts: Sequence[Verdict]) -> list[tuple[Verdict, Finding]]:
    """Notable findings with their clauses, the farthest beyond their bounds first; each measurement once."""
    found = {
        (finding.metric, frozenset(finding.where.items())): (verdict, finding)
        for verdict in reversed(verdicts)
        for finding in verdict.findings
        if finding.notable
    }
    return sorted(found.values(), key=_place)


def _place(pair: tuple[Verdict, Finding]) -> tuple[float, str, list[tuple[str, str]]]:
    finding = pair[1]
    distance = abs(abs(finding.value or 0.0) - finding.notable.value) if finding.notable else 0.0
    return -distance, finding.metric, sorted(finding.where.items())


def sentence(verdict: Verdict, finding: Finding) -> str:
    """A notable finding in English: the number, its interval, and the bound that makes it notable."""
    bound = finding.notable
    if bound is None:
        return finding.reason
    value = "undefined" if finding.value is None else wording.number(finding.value)
    ends = (
        f" [{wording.number(finding.low)}, {wording.number(finding.high)}]"
        if finding.low is not None and finding.high is not None
        else ""
    )
    where = wording.slice_of(finding.where)
    of, clause = f" of {where}" if where else "", f"{verdict.pack} {verdict.clause}"
    said = _SAID[bound.op].format(wording.bound(bound.value))
    return f"{wording.words(finding.metric)}{of} {value}{ends}, n = {finding.n:,}: notable {said} ({clause})"
