"""Reasons of findings and verdicts in the reader's language, put together from what ``Finding.why`` says.

A finding without it, as in a run of an older version, gives its own English sentence.
"""

from dataclasses import replace

from auditor.judge import wording
from auditor.judge.statements import Told, sentence, told
from auditor.report import format as form
from auditor.report.reading import Reading
from auditor.report.visible import name as short
from auditor.report.visible import shortened
from auditor.report.words import Text
from auditor.types import Finding, Statement, Verdict

_LONGEST = 600

Sentence = tuple[Text, ...]
"""A sentence in pieces, since a part of it may be in another language; they are set one after the other."""


def of_finding(reading: Reading, finding: Finding) -> Sentence:
    """Why a finding is in its state."""
    words, why = reading.words, finding.why
    if why is None:
        return (words.english(finding.reason),)
    numbers = {name: _number(reading, finding, name, value) for name, value in why.numbers.items()}
    said = {
        "estimate": _estimate(reading, finding, numbers),
        "metric": reading.metric(finding.metric),
        "probe": words.title("probes", why.probe),
        **numbers,
    }
    parts = words("reasons.then").join(words(f"reasons.{part}", **said) for part in why.says)
    cause = (words.english(why.cause),) if why.cause else ()
    return (Text(parts), *cause) if parts else cause


def of_verdict(reading: Reading, verdict: Verdict) -> Sentence:
    """Why a clause is in its state: of its findings, the first, and how many are like it."""
    if stated := told(verdict, reading.run.started[:10]):
        return _stated(reading, verdict, *stated)
    return _of_evidence(reading, verdict)


def _stated(reading: Reading, verdict: Verdict, kind: Told, one: Statement) -> Sentence:
    """What a person stated; or that they did and it does not hold, and then what the evidence says."""
    said = {"who": short(one.who), "role": short(one.role), "date": one.date, "until": one.until}
    head = Text(reading.words(f"statements.{kind}", **said))
    if kind in ("attested", "inapplicable"):
        return head, Text(shortened(one.text, _LONGEST))
    bare = replace(verdict, statements=(), reason=verdict.reason.removeprefix(sentence(kind, one)))
    return (head, *_of_evidence(reading, bare))


def _of_evidence(reading: Reading, verdict: Verdict) -> Sentence:
    findings, words = verdict.findings, reading.words
    if verdict.assessment == "attestation" or not findings or findings[0].why is None:
        return (words.english(verdict.reason),)
    first = findings[0]
    alike = sum(finding.state == first.state for finding in findings)
    head = ""
    if len(findings) > 1:
        tells = words(f"reasons.tells.{first.state}")
        head = words("reasons.first", count=form.grouped(alike), total=form.grouped(len(findings)), tells=tells)
    if where := _where(reading, first):
        head += words("reasons.of", slice=where)
    return (*((Text(head),) if head else ()), *of_finding(reading, first))


def _where(reading: Reading, finding: Finding) -> str:
    """The slice with the names of its keys, without what it is compared with; empty for the whole table."""
    named = (f"{reading.key(key)} = {short(value)}" for key, value in finding.where.items() if key != "reference")
    return reading.words("where.list").join(named)


def _estimate(reading: Reading, finding: Finding, numbers: dict[str, str]) -> str:
    """What was measured, with both rates where it is a contrast of rates."""
    words, unit = reading.words, reading.unit(finding.metric)
    value, ends = form.quantity(finding.value, unit, words), form.interval(finding.low, finding.high, unit)
    said = {"metric": reading.metric(finding.metric), "value": f"{value} {ends}" if ends else value}
    if "rate_ref" not in numbers:
        return words("reasons.estimate", **said)
    reference = short(finding.where.get("reference", "")) or words("where.reference")
    return words("reasons.contrast", **said, rate=numbers["rate"], rate_ref=numbers["rate_ref"], reference=reference)


def _number(reading: Reading, finding: Finding, name: str, value: float) -> str:
    """A number of a reason; what has no unit of its own here is a count."""
    unit, words = reading.unit(finding.metric), reading.words
    match name:
        case "bound":
            return form.limit(value, unit, words)
        case "noticed":
            return form.quantity(value, unit, words)
        case "rate" | "rate_ref":
            return form.quantity(value, "fraction", words)
        case "p":
            return wording.probability(value)
        case "deviations":
            return wording.tenths(value)
    return form.grouped(round(value))
