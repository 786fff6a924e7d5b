"""The verdict box: what the gate says, and who judged."""

from dataclasses import dataclass

from auditor.judge.headline import headline
from auditor.judge.states import WORST_FIRST
from auditor.report import charts
from auditor.report import format as form
from auditor.report.cleaning import alarms_in_words
from auditor.report.notable import Told, left_out, told
from auditor.report.reading import Reading
from auditor.report.shapes import Segment
from auditor.report.visible import name as short
from auditor.report.words import Text
from auditor.types import PackFacts, State


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack in the verdict box.

    Attributes:
        title: its name for readers.
        id: its name for machines.
        edition: of its source.
        status: where the source stands.
        as_of: last review of its text.
        applies: when it applies, in words.
        stale_after: the day its review was due, where the run started after it.
        sources: addresses of the source.
        digest: SHA-256 of its files.
    """

    title: Text
    id: str
    edition: str
    status: str
    as_of: str
    applies: Text
    stale_after: str | None
    sources: tuple[str, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Box:
    """The verdict box.

    Attributes:
        shape: state whose shape and colour stand beside the headline.
        headline: what the gate says, and how much was shown.
        sentence: how many clauses are in which state, in words.
        counts: clauses by state, worst first.
        segments: the same as a stacked bar.
        exit_code: what the command returned.
        notable: evidence that must not be overlooked.
        notable_left_out: how much of it stands only with its clauses.
    """

    shape: State
    headline: str
    sentence: str
    counts: tuple[tuple[State, int], ...]
    segments: tuple[Segment, ...]
    exit_code: int
    notable: tuple[Told, ...] = ()
    notable_left_out: int = 0


def box(reading: Reading) -> Box:
    """The gate and the number of clauses in each state."""
    gate, words = reading.run.gate, reading.words
    counts = tuple((state, gate.states[state]) for state in WORST_FIRST if gate.states.get(state))
    applicable = sum(number for state, number in counts if state != "not-applicable")
    if any(entry.alarms for entry in reading.run.ledger):
        return _alarmed(reading)
    shape: dict[str, State] = {"ok": "pass" if gate.proven else "inconclusive", "fail": "fail", "undecided": "inconclusive"}
    passed, failed, untested = (gate.states.get(state, 0) for state in ("pass", "fail", "not-tested"))
    sentence = words("gate.sentence", applicable=applicable, passed=passed, failed=failed, untested=untested)
    if left := gate.states.get("not-applicable"):
        sentence += words("gate.inapplicable", count=left)
    return Box(
        shape=shape[gate.state] if counts or gate.refused else "not-applicable",
        headline=_headline(reading),
        sentence=sentence if counts else words("gate.unjudged"),
        counts=counts,
        segments=charts.stack(counts, 720),
        exit_code=gate.exit_code,
        notable=told(reading),
        notable_left_out=left_out(reading),
    )


def _headline(reading: Reading) -> str:
    """What the gate says; of a run that no pack judged, what was done."""
    gate, words = reading.run.gate, reading.words
    if not gate.states and not gate.refused:
        return _unjudged(reading)
    return words("gate.headline", says=headline(gate, lambda key, /, **values: words(f"gate.says.{key}", **values)))


def _alarmed(reading: Reading) -> Box:
    """A cleaning run in which a pass takes too much: whether that stopped it, and what it takes."""
    gate, words = reading.run.gate, reading.words
    stopped = gate.state == "fail"
    headline = words("gate.stopped") if stopped else _unjudged(reading)
    said = [words("gate.stopped_said") if stopped else words("gate.went_on"), *alarms_in_words(reading, reading.run.ledger)]
    return Box("fail" if stopped else "inconclusive", headline, " ".join(said), (), (), gate.exit_code)


def packs(reading: Reading) -> tuple[Pack, ...]:
    """The packs that judged, and whether the review of their text is overdue on the day of the run."""
    return tuple(_pack(reading, pack) for pack in reading.run.packs)


def _pack(reading: Reading, pack: PackFacts) -> Pack:
    return Pack(
        title=reading.words.chosen(pack.title, pack.id),
        id=short(pack.id),
        edition=short(pack.edition),
        status=reading.words.title("status", pack.status),
        as_of=short(pack.as_of),
        applies=reading.words.chosen(pack.applies),
        stale_after=short(pack.stale_after) if pack.stale_after and reading.run.started[:10] > pack.stale_after else None,
        sources=tuple(short(source) for source in pack.sources),
        digest=short(pack.digest),
    )


def _unjudged(reading: Reading) -> str:
    """The headline of a run that no pack judged: what was done, where that was a cleaning."""
    ledger = reading.run.ledger
    if reading.run.kind != "cleaning" or not ledger:
        return reading.words("gate.none")
    rows_in, rows_out = form.grouped(ledger[0].rows_in), form.grouped(ledger[-1].rows_out)
    return reading.words("gate.cleaned", rows_in=rows_in, rows_out=rows_out)
