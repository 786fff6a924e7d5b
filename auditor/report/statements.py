"""What people put on record, for the report."""

from dataclasses import dataclass

from auditor.judge.statements import standing
from auditor.report.reading import Reading
from auditor.report.visible import name as short
from auditor.report.visible import shortened

_LONGEST = 600


@dataclass(frozen=True, slots=True)
class Said:
    """A statement: about which clause, by whom, in which role, from when to when, whether it holds, and what it says."""

    clause: str
    who: str
    role: str
    date: str
    until: str
    standing: str
    text: str


def statements(reading: Reading) -> tuple[Said, ...]:
    """All statements, in the order of the clauses."""
    on = reading.run.started[:10]
    return tuple(
        Said(
            clause=short(f"{verdict.pack} {verdict.clause}"),
            who=short(one.who),
            role=short(one.role),
            date=short(one.date),
            until=short(one.until),
            standing=reading.words(f"statements.standing.{standing(one, on)}"),
            text=shortened(one.text, _LONGEST),
        )
        for verdict in reading.run.verdicts
        for one in verdict.statements
    )
