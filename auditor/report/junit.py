"""Verdicts as JUnit XML, so that a build shows clauses beside its unit tests."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from auditor.judge import wording
from auditor.report.visible import shortened
from auditor.types import Run, State, Verdict

_LONGEST = 2_000
_TAGS: dict[State, str] = {"fail": "failure", "error": "error", "pass": "", "attested": ""}
"""Element that a state becomes; every other state is ``skipped``, with its reason. An empty one means a passed case."""


def junit(run: Run) -> str:
    """One suite per pack and one case per clause; builds show what was skipped as green, so suites count the states too."""
    root = Element("testsuites", {"name": "auditor", **_counts(run.verdicts)})
    _properties(root, _facts(run))
    for pack, edition in dict.fromkeys((verdict.pack, verdict.edition) for verdict in run.verdicts):
        _suite(root, run, [verdict for verdict in run.verdicts if (verdict.pack, verdict.edition) == (pack, edition)])
    indent(root, " ")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _suite(root: Element, run: Run, verdicts: list[Verdict]) -> None:
    name = _clean(f"{verdicts[0].pack} {verdicts[0].edition}")
    suite = SubElement(root, "testsuite", {"name": name, "timestamp": _clean(run.started), **_counts(verdicts)})
    states = {state: str(sum(v.state == state for v in verdicts)) for state in dict.fromkeys(v.state for v in verdicts)}
    _properties(suite, {f"clauses.{state}": count for state, count in states.items()})
    for verdict in verdicts:
        _case(suite, name, verdict)


def _case(suite: Element, pack: str, verdict: Verdict) -> None:
    text = verdict.text.get("en") or next(iter(verdict.text.values()), "")
    case = SubElement(suite, "testcase", classname=pack, name=_clean(f"{verdict.clause} {text}".strip()), time="0")
    facts = {"clause": verdict.clause, "state": verdict.state, "severity": verdict.severity, "assessment": verdict.assessment}
    _properties(case, {**facts, **_bounds(verdict), **_stated(verdict)})
    if tag := _TAGS.get(verdict.state, "skipped"):
        SubElement(case, tag, message=_clean(f"{verdict.state}: {verdict.reason}"))


def _stated(verdict: Verdict) -> dict[str, str]:
    """What people put on record about a clause."""
    return {
        f"statement.{number}": f"{one.who}, {one.role}, {one.date} to {one.until}: {one.text}"
        for number, one in enumerate(verdict.statements, 1)
    }


def _bounds(verdict: Verdict) -> dict[str, str]:
    """What each metric was held against."""
    found: dict[str, list[str]] = {}
    for metric, threshold in dict.fromkeys((f.metric, f.threshold) for f in verdict.findings if f.threshold):
        found.setdefault(f"bound.{metric}", []).append(wording.limit(threshold))
    return {name: "; ".join(sorted(limits)) for name, limits in sorted(found.items())}


def _facts(run: Run) -> dict[str, str]:
    """What the gate says, and how each probe ended: a crash that no clause speaks of is seen here."""
    gate = run.gate
    told = {f"notable.{number}": sentence for number, sentence in enumerate(gate.notable, 1)}
    facts = {"headline": gate.headline, "gate": gate.state, "proven": str(gate.proven).lower(), **told}
    facts |= {"exit_code": str(gate.exit_code), "plan_digest": run.plan_digest}
    ended = {f"probe.{o.probe}": f"{o.status}: {o.reason}" if o.reason else o.status for o in run.outcomes}
    return {**facts, **{f"clauses.{state}": str(count) for state, count in run.gate.states.items()}, **ended}


def _counts(verdicts: list[Verdict] | tuple[Verdict, ...]) -> dict[str, str]:
    tags = [_TAGS.get(verdict.state, "skipped") for verdict in verdicts]
    counts = {
        "tests": len(tags),
        "failures": tags.count("failure"),
        "errors": tags.count("error"),
        "skipped": tags.count("skipped"),
    }
    return {name: str(count) for name, count in counts.items()} | {"time": "0"}


def _properties(parent: Element, facts: dict[str, str]) -> None:
    properties = SubElement(parent, "properties")
    for name, value in facts.items():
        SubElement(properties, "property", name=_clean(name), value=_clean(value))


def _clean(text: str) -> str:
    """Text without the characters that XML does not allow; they are named instead."""
    return shortened(text, _LONGEST)
