"""The cleaning ledger: where every row went, pass by pass and group by group."""

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.report import charts
from auditor.report import format as form
from auditor.report.evidence import Specimen, specimens
from auditor.report.reading import Reading
from auditor.report.shapes import Bars
from auditor.report.visible import name as short
from auditor.report.visible import shortened
from auditor.types import Alarm, GroupEffect, LedgerEntry

_GROUPS, _REASONS = 60, 20
_COUNTS = ("rows_in", "removed", "changed", "added", "quarantined", "rows_out")


@dataclass(frozen=True, slots=True)
class Effect:
    """What a pass did to one group: its rows before, and removed, changed and added ones with their shares."""

    group: str
    rows: str
    removed: str
    removed_share: str
    changed: str
    changed_share: str
    added: str


@dataclass(frozen=True, slots=True)
class Step:
    """One pass.

    Attributes:
        name: of the pass.
        options: that it ran with.
        source: citation of the method.
        counts: rows in, removed, changed, added, quarantined, out.
        reasons: why rows were removed, with how many.
        effects: by group.
        effects_left_out: groups that are only in run.json.
        chart: share of each group that was removed or changed.
        alarms: what it takes too much of, each with some of the rows.
        specimens: some of the rows.
        file: the whole ledger of the pass beside the report.
    """

    name: str
    options: str
    source: str
    counts: tuple[str, ...]
    reasons: tuple[tuple[str, str], ...]
    effects: tuple[Effect, ...]
    effects_left_out: int
    chart: Bars | None
    alarms: tuple[tuple[str, tuple[Specimen, ...]], ...]
    specimens: tuple[Specimen, ...]
    file: str


@dataclass(frozen=True, slots=True)
class Cleaning:
    """The ledger: the flow of rows through the passes, and each pass."""

    rows_in: str
    rows_out: str
    flow: Bars | None
    steps: tuple[Step, ...]


def cleaning(reading: Reading) -> Cleaning | None:
    """The cleaning section, or nothing where no pass ran."""
    ledger = reading.run.ledger
    if not ledger:
        return None
    return Cleaning(
        rows_in=form.grouped(ledger[0].rows_in),
        rows_out=form.grouped(ledger[-1].rows_out),
        flow=_flow(reading, ledger),
        steps=tuple(_step(reading, entry) for entry in ledger),
    )


def _flow(reading: Reading, ledger: tuple[LedgerEntry, ...]) -> Bars | None:
    """A bar per pass: rows that came out, then rows that did not."""
    words, first = reading.words, ledger[0]
    lines = [(words("cleaning.start"), float(first.rows_in), 0.0, form.grouped(first.rows_in))]
    for entry in ledger:
        lost = entry.removed + entry.quarantined
        text = form.grouped(entry.rows_out) + (f" ({form.MINUS}{form.grouped(lost)})" if lost else "")
        lines.append((short(entry.step), float(entry.rows_out), float(lost), text))
    said = words("cleaning.flow_said", rows_in=form.grouped(first.rows_in), rows_out=form.grouped(ledger[-1].rows_out))
    return charts.bars(words("cleaning.flow"), said, lines)


def _step(reading: Reading, entry: LedgerEntry) -> Step:
    reasons = sorted(entry.reasons.items(), key=lambda item: -item[1])[:_REASONS]
    return Step(
        name=short(entry.step),
        options=", ".join(f"{short(name)}={shortened(str(value), 120)}" for name, value in entry.options.items()),
        source=shortened(entry.source, 300),
        counts=tuple(form.grouped(getattr(entry, name)) for name in _COUNTS),
        reasons=tuple((shortened(reason, 200), form.grouped(count)) for reason, count in reasons),
        effects=tuple(_effect(reading, effect) for effect in entry.by_group[:_GROUPS]),
        effects_left_out=max(0, len(entry.by_group) - _GROUPS),
        chart=_by_group(reading, entry),
        alarms=tuple((_alarm(reading, entry, one), specimens(reading, one.examples)) for one in entry.alarms),
        specimens=specimens(reading, entry.examples),
        file=shortened(entry.file or "", 160),
    )


def alarms_in_words(reading: Reading, ledger: Sequence[LedgerEntry]) -> list[str]:
    """A sentence for each thing that a pass takes too much of."""
    return [_alarm(reading, entry, alarm) for entry in ledger for alarm in entry.alarms]


def _alarm(reading: Reading, entry: LedgerEntry, alarm: Alarm) -> str:
    words = reading.words
    said = {"pass": short(entry.step), "removed": form.grouped(alarm.removed), "rows": form.grouped(alarm.rows)}
    said |= {"share": form.quantity(alarm.removed / alarm.rows, "fraction", words)}
    said |= {"limit": form.limit(alarm.limit, "fraction", words), "group": reading.slice(alarm.group)}
    return words("cleaning.alarm_group" if alarm.group else "cleaning.alarm", **said)


def _effect(reading: Reading, effect: GroupEffect) -> Effect:
    return Effect(
        group=reading.slice(effect.group),
        rows=form.grouped(effect.rows),
        removed=form.grouped(effect.removed),
        removed_share=_share(reading, effect.removed, effect.rows),
        changed=form.grouped(effect.changed),
        changed_share=_share(reading, effect.changed, effect.rows),
        added=form.grouped(effect.added),
    )


def _share(reading: Reading, count: int, rows: int) -> str:
    """The share in words; nothing where there is none to speak of."""
    return form.quantity(count / rows, "fraction", reading.words) if count and rows else ""


def _by_group(reading: Reading, entry: LedgerEntry) -> Bars | None:
    """The share of each group that a pass took out, where it took out any; else the share that it changed."""
    field = "removed" if entry.removed else "changed"
    lines = []
    for effect in entry.by_group[:24]:
        count = getattr(effect, field)
        share = count / effect.rows if effect.rows else 0.0
        lines.append((reading.slice(effect.group), share, 0.0, _share(reading, count, effect.rows)))
    words = reading.words
    return charts.bars(words(f"cleaning.{field}_share"), words(f"cleaning.{field}_said"), lines)
