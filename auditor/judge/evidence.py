"""Which measurements give evidence for a check, and what is said where there are none."""

from collections.abc import Mapping, Sequence

from auditor.types import Check, Finding, Measurement, Outcome, group_columns


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


def absent(check: Check, found: Sequence[Measurement], outcomes: Sequence[Outcome]) -> list[Finding]:
    """What keeps a check from being complete: a probe that crashed is an error, one that was skipped was not tested.

    The probe is the one that the check names. Of a check that names none, every probe that measured nothing may have been
    the one, where the metric is missing.
    """
    sources = [outcome for outcome in outcomes if outcome.probe == check.probe]
    if not check.probe and not found:
        sources = [outcome for outcome in outcomes if not outcome.measurements]
    gaps = [_gap(check, outcome) for outcome in sources if outcome.status != "measured"]
    return gaps if gaps or found else [_finding(check, _unmeasured(check, sources))]


def _gap(check: Check, outcome: Outcome) -> Finding:
    if outcome.status == "failed":
        return _finding(check, f"{outcome.probe} crashed: {outcome.reason or 'no reason was given'}", failed=True)
    return _finding(check, outcome.reason or f"{outcome.probe} was skipped")


def _unmeasured(check: Check, sources: Sequence[Outcome]) -> str:
    if sources and check.probe:
        return f"{check.probe} found nothing of this kind to measure in these data"
    return f"the plan has no probe {check.probe}" if check.probe else f"no probe measured {check.metric}"


def _finding(check: Check, reason: str, *, failed: bool = False) -> Finding:
    where: Mapping[str, str] = {key: value for key, value in check.where.items() if value != "*"}
    return Finding(check.metric, where, "error" if failed else "not-tested", reason)
