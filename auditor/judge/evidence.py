"""Which measurements give evidence for a check, and what is said where there are none."""

from collections.abc import Mapping, Sequence

from auditor.judge import wording
from auditor.types import Check, Finding, Measurement, Outcome, State, Why, group_columns


def matching(check: Check, outcomes: Sequence[Outcome]) -> list[Measurement]:
    """Measurements that a check takes, of whatever probe; what two probes say alike counts once."""
    found = [m for outcome in outcomes for m in outcome.measurements if _takes(check, m)]
    return list({_key(m): m for m in found}.values())


def _key(m: Measurement) -> tuple[object, ...]:
    return m.metric, frozenset(m.where.items()), m.value, m.n, m.method, frozenset(m.counts.items())


def _takes(check: Check, m: Measurement) -> bool:
    if m.metric != check.metric or any(key in m.where for key in check.without):
        return False
    columns = len(group_columns(m.where))
    in_slice = {"any": True, "whole": columns == 0, "group": columns == 1, "intersection": columns > 1}[check.slices]
    return in_slice and all(key in m.where and wanted in ("*", m.where[key]) for key, wanted in check.where.items())


def absent(
    check: Check, found: Sequence[Measurement], outcomes: Sequence[Outcome], inapplicable: Mapping[str, str]
) -> list[Finding]:
    """What keeps a check from being complete: a probe that crashed is an error, one that was skipped was not tested.

    The probe is the one that the check names. Of a check that names none, every probe that measured nothing may have been
    the one, where the metric is missing. What cannot apply to what is audited is not applicable.

    Args:
        check: what is asked.
        found: measurements that it takes.
        outcomes: of all probes.
        inapplicable: probes that cannot apply here, planned or not, with the reason.
    """
    sources = [outcome for outcome in outcomes if outcome.probe == check.probe]
    if not check.probe and not found:
        sources = [outcome for outcome in outcomes if not outcome.measurements]
    crashed = any(outcome.status == "failed" for outcome in sources)
    if check.slices == "intersection" and not found and not crashed and _uncrossed(outcomes):
        return [_finding(check, Why(("inapplicable",), cause=UNCROSSED), "not-applicable")]
    gaps = [_gap(check, outcome) for outcome in sources if outcome.status != "measured"]
    if gaps or found:
        return gaps
    if not sources and check.probe in inapplicable:
        return [_finding(check, Why(("inapplicable",), cause=inapplicable[check.probe]), "not-applicable")]
    return [_finding(check, _unmeasured(check, sources))]


UNCROSSED = "there is only one group column, so no groups are crossed"


def _uncrossed(outcomes: Sequence[Outcome]) -> bool:
    """Whether groups of a single column were measured, and no others."""
    columns = {group_columns(m.where) for outcome in outcomes for m in outcome.measurements}
    return len(columns - {()}) == 1


def _gap(check: Check, outcome: Outcome) -> Finding:
    if outcome.status == "failed":
        why = Why(("crashed",), probe=outcome.probe, cause=outcome.reason or "no reason was given")
        return _finding(check, why, "error")
    if outcome.status == "inapplicable":
        return _finding(check, Why(("inapplicable",), cause=outcome.reason or ""), "not-applicable")
    return _finding(check, Why(cause=outcome.reason) if outcome.reason else Why(("skipped",), probe=outcome.probe))


def _unmeasured(check: Check, sources: Sequence[Outcome]) -> Why:
    if not check.probe:
        return Why(("not_measured",))
    return Why(("not_found" if sources else "not_planned",), probe=check.probe)


def _finding(check: Check, why: Why, state: State = "not-tested") -> Finding:
    where: Mapping[str, str] = {key: value for key, value in check.where.items() if value != "*"}
    reason = wording.sentence(why, check.metric)
    return Finding(check.metric, where, state, reason, why=why)
