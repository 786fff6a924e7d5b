"""What people put on record about clauses: what it settles, and what it never can.

A statement brings evidence that was gathered, and a duty of people, to *attested*; or it says that a clause that was not
tested does not apply. What a machine decides it leaves as it is: a failure, a crash and a doubt are no matter of opinion.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from auditor.errors import ConfigError, near
from auditor.types import Clause, Finding, Pack, State, Statement, Verdict

Standing = Literal["in_force", "early", "expired"]
Told = Literal["attested", "inapplicable", "early", "expired"]

SENTENCES: Mapping[Told, str] = {
    "attested": "stated by {who}, {role}, on {date}, until {until}: {text}",
    "inapplicable": "stated by {who}, {role}, on {date}, until {until}, not to apply: {text}",
    "early": "the statement of {who}, {role}, is dated {date}, which is after this run; ",
    "expired": "the statement of {who}, {role}, expired on {until}; ",
}


def check_statements(packs: Sequence[Pack], statements: Sequence[Statement]) -> None:
    """See that each statement is about a clause of a pack that judges.

    Raises:
        ConfigError: there is no such pack or clause; names the place and what may have been meant.
    """
    for i, one in enumerate(statements):
        pack = next((pack for pack in packs if pack.id == one.pack), None)
        if pack is None:
            hint = near(one.pack, [pack.id for pack in packs])
            said = f"the plan has no pack {one.pack!r}{hint or '; its packs are ' + (', '.join(p.id for p in packs) or 'none')}"
            raise ConfigError(said, place=f"statements[{i}].pack")
        refs = [clause.ref for clause in pack.clauses]
        if one.clause not in refs:
            hint = near(one.clause, refs) or f"; its clauses are {', '.join(refs)}"
            raise ConfigError(f"{one.pack!r} has no clause {one.clause!r}{hint}", place=f"statements[{i}].clause")


def about(pack: Pack, clause: Clause, statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """The statements on record about a clause."""
    return tuple(one for one in statements if (one.pack, one.clause) == (pack.id, clause.ref))


def standing(statement: Statement, on: str) -> Standing:
    """Whether a statement holds on a day, an ISO date; the day that it holds until is its last."""
    if statement.date > on:
        return "early"
    return "expired" if statement.until < on else "in_force"


def settled(clause: Clause, state: State, findings: Sequence[Finding], statements: Sequence[Statement], on: str) -> State:
    """The state that statements bring a clause to.

    Args:
        clause: the clause.
        state: what the evidence says, under its ceiling.
        findings: behind it.
        statements: about it.
        on: day of the run.
    """
    said = [one for one in statements if standing(one, on) == "in_force"]
    crashed = any(finding.state in ("fail", "error", "inconclusive") for finding in findings)
    if state == "not-tested" and not crashed and any(not one.applies for one in said):
        return "not-applicable"
    waits = state == "evidence" if clause.assessment == "evidence" else clause.assessment == "attestation" and not crashed
    return "attested" if waits and any(one.applies for one in said) else state


def told(verdict: Verdict, on: str) -> tuple[Told, Statement] | None:
    """What the reason of a verdict says of its statements, if anything."""
    by: dict[Standing, list[Statement]] = {"in_force": [], "early": [], "expired": []}
    for one in verdict.statements:
        by[standing(one, on)].append(one)
    for one in by["in_force"]:
        if verdict.state == ("attested" if one.applies else "not-applicable"):
            return "attested" if one.applies else "inapplicable", one
    if verdict.state in ("evidence", "not-tested"):
        if by["expired"]:
            return "expired", max(by["expired"], key=lambda one: one.until)
        if by["early"]:
            return "early", by["early"][0]
    return None


def in_words(verdict: Verdict, on: str) -> str:
    """The reason of a verdict in English, with what was stated."""
    found = told(verdict, on)
    if found is None:
        return verdict.reason
    kind, one = found
    said = sentence(kind, one)
    return said if kind in ("attested", "inapplicable") else said + verdict.reason


def sentence(kind: Told, one: Statement) -> str:
    """What is said of a statement in English; of one that does not hold, what comes before the reason."""
    return SENTENCES[kind].format(who=one.who, role=one.role, date=one.date, until=one.until, text=one.text)
