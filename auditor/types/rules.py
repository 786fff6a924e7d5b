"""Rule packs: obligations, what gives evidence for them, and the verdicts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

State = Literal["pass", "fail", "inconclusive", "not-tested", "error", "evidence", "attested", "not-applicable"]
Ceiling = Literal["machine", "evidence", "attestation"]
Origin = Literal["law", "standard", "guideline", "vendor", "house"]
Said = Literal[
    "inapplicable",
    "no_group", "small_group", "no_comparison", "undefined", "too_few", "too_few_in_reference", "no_interval", "shown",
    "within", "at_most", "at_least", "above", "below", "exceeds", "beyond", "not_above", "not_below",
    "within_or_beyond", "either_side", "rows_needed", "rows_needed_per_side", "too_near",
    "real", "noticed", "adverse", "not_itself", "one_selection", "differ", "do_not_differ",
    "crashed", "skipped", "not_found", "not_planned", "not_measured",
]  # fmt: skip
"""What a reason can say; the sentences are in ``judge/wording.py`` and in the report's catalogues."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A bound and where it comes from.

    Attributes:
        op: the relation that the measurement has to have to ``value``.
        value: the bound; for ``within``, the largest tolerable distance from 0.
        source: who says so.
        cite: the place in the source.
        decision: ``equivalence`` (both one-sided bounds inside: pass; the adjusted bound outside: fail),
            ``four_fifths`` (the same, on integer counts of a rate ratio with the one-person flip test), or ``point``.
    """

    op: Literal[">=", ">", "<=", "<", "within"]
    value: float
    source: Origin
    cite: str = ""
    decision: Literal["equivalence", "four_fifths", "point"] = "equivalence"


@dataclass(frozen=True, slots=True)
class Notable:
    """From where on evidence is told in the head of the report. It decides nothing: bad evidence is not to be overlooked.

    Attributes:
        op: the relation to ``value`` that makes a measurement notable; ``beyond`` is a distance from 0.
        value: the bound.
        by: ``point`` compares the estimate, ``interval`` its whole interval, which keeps small groups from crying wolf.
    """

    op: Literal[">=", ">", "<=", "<", "beyond"]
    value: float
    by: Literal["point", "interval"] = "point"


@dataclass(frozen=True, slots=True)
class Check:
    """What gives evidence for a clause: the measurements of one metric, against a bound.

    Attributes:
        metric: name of the measurements.
        where: only measurements whose ``where`` holds all of these; ``"*"`` takes any value, but the key must be there.
        without: only measurements whose ``where`` holds none of these keys.
        slices: only measurements of the whole table, of one group column, or of several crossed; see ``group_columns``.
        probe: name of the probe that gives the metric: where the metric is missing, it says why.
        threshold: the bound; None takes the measurement as evidence without judging it.
        needs: smallest n (both sides of a contrast) that is judged; below it the measurement is *not assessed*.
        notable: of evidence: from where on it is told in the head of the report.
    """

    metric: str
    where: Mapping[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    slices: Literal["any", "whole", "group", "intersection"] = "any"
    probe: str = ""
    threshold: Threshold | None = None
    needs: int = 30
    notable: Notable | None = None


@dataclass(frozen=True, slots=True)
class Clause:
    """One obligation of a pack, in the project's own words.

    Attributes:
        ref: its number in the source, such as ``"1607.4(D)"``.
        assessment: the most that evidence from a machine can bring it to.
        severity: how much a failure weighs.
        checks: what gives evidence.
        text: what it asks for, by language code.
    """

    ref: str
    assessment: Ceiling = "machine"
    severity: Literal["critical", "major", "minor", "info"] = "major"
    checks: tuple[Check, ...] = ()
    text: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pack:
    """A rule pack.

    Attributes:
        id: its name.
        edition: which edition of the source; never an id without one.
        status: where the source stands.
        in_force: first and last day in force, ISO dates; either may be None.
        as_of: last human review of the text, ISO date.
        stale_after: from this date on, the report says that the pack wants a review.
        applies: in words, by language: when it applies; the pack's user decides.
        sources: addresses of the source.
        clauses: the obligations.
        title: by language code.
        digest: SHA-256 of the files.
        place: the file that it was read from.
    """

    id: str
    edition: str
    status: Literal["in_force", "adopted", "draft", "voluntary", "contested", "stayed", "repealed", "house"]
    as_of: str
    stale_after: str
    clauses: tuple[Clause, ...]
    in_force: tuple[str | None, str | None] = (None, None)
    sources: tuple[str, ...] = ()
    title: Mapping[str, str] = field(default_factory=dict)
    applies: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """What the reason of a finding says, before it is put into the words of a language.

    Attributes:
        says: its parts, in order.
        numbers: that they speak of, beyond the finding's own: the ``bound``, the two sides of a contrast ``rate`` and
            ``rate_ref``, how many ``rows`` of how many (``of``), ``needed`` ones, ``p``, ...
        probe: that they speak of.
        cause: what it ends with: a sentence from elsewhere, such as a probe's own reason.
    """

    says: tuple[Said, ...] = ()
    numbers: Mapping[str, float] = field(default_factory=dict)
    probe: str = ""
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """The judgement of one measurement against one bound.

    Attributes:
        metric: name of the measurement.
        where: its slice.
        state: what the evidence says.
        reason: why, with the numbers, in one English sentence.
        value: point estimate.
        low: lower one-sided bound that was used.
        high: upper one-sided bound that was used.
        n: rows it rests on.
        p_value: one-sided p value of the violation, adjusted for the family.
        needed_n: rows per side that would settle it, where it is inconclusive.
        why: what the reason says, for other languages and for programs.
        threshold: the bound that it was held against, or would have been; None where it is shown as evidence.
        notable: the bound that makes it notable, where it is.
    """

    metric: str
    where: Mapping[str, str]
    state: State
    reason: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    p_value: float | None = None
    needed_n: int | None = None
    why: Why | None = None
    threshold: Threshold | None = None
    notable: Notable | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """What a person puts on record about a clause that a machine cannot settle.

    Attributes:
        pack: id of the pack.
        clause: its reference in the pack.
        who: the person, by name.
        role: what makes it theirs to say.
        date: day of the statement, an ISO date.
        text: what they state, in their own words.
        until: last day that it holds, an ISO date; then the clause is open again.
        applies: false states that a clause that was not tested does not apply here, and why is in ``text``.
    """

    pack: str
    clause: str
    who: str
    role: str
    date: str
    text: str
    until: str
    applies: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the evidence says about one clause.

    Attributes:
        pack: id of the pack.
        edition: its edition.
        clause: reference of the clause.
        state: the worst of its findings, under the clause's ceiling.
        reason: why, in one English sentence.
        severity: of the clause.
        assessment: ceiling of the clause.
        findings: worst first, each with its own bound.
        text: what the clause asks for, by language code.
        statements: on record about it, whether they hold on the day of the run or not.
    """

    pack: str
    edition: str
    clause: str
    state: State
    reason: str
    severity: str = "major"
    assessment: Ceiling = "machine"
    findings: tuple[Finding, ...] = ()
    text: Mapping[str, str] = field(default_factory=dict)
    statements: tuple[Statement, ...] = ()
