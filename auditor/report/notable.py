"""Evidence that must not be overlooked, for the head of the report."""

from dataclasses import dataclass

from auditor.judge.notable import notable
from auditor.report import format as form
from auditor.report.reading import SIGNS, Reading
from auditor.report.visible import name as short
from auditor.types import Notable

MOST = 5
"""Numbers in the head; the others stand with their clauses."""


@dataclass(frozen=True, slots=True)
class Told:
    """A notable number: of what, the number with its interval, its rows, and which clause calls it notable from where on."""

    metric: str
    slice: str
    value: str
    interval: str
    n: str
    bound: str
    clause: str


def told(reading: Reading) -> tuple[Told, ...]:
    """The notable numbers, the farthest beyond their bounds first."""
    found = []
    for verdict, finding in notable(reading.run.verdicts)[:MOST]:
        unit = reading.unit(finding.metric)
        found.append(
            Told(
                metric=reading.metric(finding.metric),
                slice=reading.slice(finding.where),
                value=form.quantity(finding.value, unit, reading.words),
                interval=form.interval(finding.low, finding.high, unit),
                n=form.grouped(finding.n),
                bound=_bound(reading, finding.notable, unit) if finding.notable else "",
                clause=short(f"{verdict.pack} {verdict.clause}"),
            )
        )
    return tuple(found)


def left_out(reading: Reading) -> int:
    """Notable numbers that are not in the head."""
    return max(0, len(notable(reading.run.verdicts)) - MOST)


def _bound(reading: Reading, bound: Notable, unit: str) -> str:
    value = form.limit(bound.value, unit, reading.words)
    return reading.words("notable.beyond", value=value) if bound.op == "beyond" else f"{SIGNS[bound.op]} {value}"
