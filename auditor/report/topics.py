"""Outcomes by topic: what each probe found, or why it found nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditor.report import format as form
from auditor.report.blocks import Block, blocks
from auditor.report.evidence import Exhibit
from auditor.report.figures import Confusion, Curve, confusions, curves, drawn
from auditor.report.reading import Reading
from auditor.report.visible import name as short
from auditor.report.visible import shortened, visible_lines
from auditor.report.words import Text
from auditor.types import Outcome, Status

TOPICS: Mapping[str, tuple[str, ...]] = {
    "effects": ("cleaning",),
    "performance": ("performance",),
    "calibration": ("calibration",),
    "fairness": ("missing_decisions", "group_fairness", "selection_rates", "counterfactual_flips"),
    "robustness": ("label_flips", "deep_word_bug"),
    "quality": ("data_quality",),
    "files": ("checkpoint_safety",),
    "energy": ("energy",),
    "other": (),
}
"""Sections of the report in their order, and the probes that stand in each; ``other`` takes all that are not named."""

_TRACE = 3_000


@dataclass(frozen=True, slots=True)
class Account:
    """What became of one probe.

    Attributes:
        anchor: id on the page.
        probe: its name in the plan.
        title: its name for readers.
        status: how it ended.
        summary: what it does.
        reason: why it was skipped or failed.
        traceback: the end of the traceback of a crash.
        source: citation of the method.
        options: that it ran with.
        rows: that it looked at.
        seconds: that it took.
        blocks: its measurements.
        confusions: tables of true against predicted classes.
        curves: reliability diagrams.
        exhibits: examples that no finding has shown.
    """

    anchor: str
    probe: str
    title: str
    status: Status
    summary: Text
    reason: Text | None
    traceback: str
    source: str
    options: str
    rows: str
    seconds: str
    blocks: tuple[Block, ...]
    confusions: tuple[Confusion, ...]
    curves: tuple[Curve, ...]
    exhibits: tuple[Exhibit, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """A section of the report about outcomes."""

    id: str
    accounts: tuple[Account, ...]


def topics(reading: Reading, exhibits: Mapping[int, Sequence[Exhibit]], charted: frozenset[str]) -> tuple[Topic, ...]:
    """Sections that have an outcome, in the report's order.

    Args:
        reading: the run.
        exhibits: by index of the outcome, the examples to show with it.
        charted: metrics whose chart stands among the findings already.
    """
    outcomes = enumerate(reading.run.outcomes)
    accounts = [(topic_of(o.probe), account(reading, index, o, exhibits[index], charted)) for index, o in outcomes]
    found = [Topic(topic, tuple(a for home, a in accounts if home == topic)) for topic in TOPICS]
    return tuple(topic for topic in found if topic.accounts)


def topic_of(probe: str) -> str:
    """Section that a probe stands in."""
    return next((topic for topic, probes in TOPICS.items() if probe in probes), "other")


def account(reading: Reading, index: int, outcome: Outcome, exhibits: Sequence[Exhibit], charted: frozenset[str]) -> Account:
    """One outcome, written out."""
    words = reading.words
    summary = words.known(f"probes.{outcome.probe}.summary")
    return Account(
        anchor=f"probe-{index + 1}",
        probe=short(outcome.probe),
        title=words.title("probes", outcome.probe),
        status=outcome.status,
        summary=Text(summary) if summary else words.english(outcome.summary),
        reason=words.english(outcome.reason) if outcome.reason else None,
        traceback=visible_lines((outcome.traceback or "")[-_TRACE:]),
        source=shortened(outcome.source, 300),
        options=", ".join(f"{short(name)}={shortened(str(value), 120)}" for name, value in outcome.options.items()),
        rows=form.grouped(outcome.rows),
        seconds=form.quantity(outcome.seconds, "s", words),
        blocks=blocks(reading, [m for m in outcome.measurements if not drawn(m)], charted),
        confusions=confusions(reading, outcome.measurements),
        curves=curves(reading, outcome.measurements),
        exhibits=tuple(exhibits),
    )
