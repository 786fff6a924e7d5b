"""What probes find: measurements with their uncertainty, evidence to look at, and how the probe ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Status = Literal["measured", "skipped", "inapplicable", "failed"]

MISSING = "(missing)"
"""The group of rows whose group value is missing: shown, never a reference, never judged."""

RESERVED = frozenset(
    {
        "reference",
        "class",
        "average",
        "column",
        "pass",
        "basis",
        "device",
        "label",
        "prediction",
        "bin",
        "language",
        "favourable",
    }
)
"""Keys of ``Measurement.where`` that are no group columns; a group column of such a name is written ``column:NAME``."""


def group_columns(where: Mapping[str, str]) -> tuple[str, ...]:
    """The group columns of a slice: none for the whole table, several for an intersection."""
    return tuple(key for key in where if key not in RESERVED)


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number and how sure it is.

    Attributes:
        metric: the field's name of it, such as ``"false_positive_rate"``.
        value: the point estimate; None where it is undefined, and then ``reason`` says why.
        unit: ``"fraction"``, ``"ratio"``, ``"nats"``, ``"count"``, ``"characters"``, ``"s"``, ``"Wh"``, ...
        n: how many rows the estimate rests on (its denominator).
        low: lower end of the interval, or None where there is none.
        high: upper end.
        level: confidence level of the interval.
        method: how the interval was made: ``"wilson"``, ``"newcombe"``, ``"adjusted_log"``, ``"bootstrap"``, ``"mean"``
            (normal interval of a mean), ``"exact"`` (a count of everything: no interval).
        reason: why ``value`` is None, or what limits it.
        where: what it is of: the slice (``{"sex": "Female"}``), ``reference``, ``class``, ``average``, options of the probe.
        counts: the counts behind it, from which any other bound can be made: ``x`` of ``n``, and ``x_ref`` of ``n_ref``;
            for a bootstrap its standard error ``se``.
        applies: False where what it measures is no fault here, and ``reason`` says why: shown, and judged by no rule.
    """

    metric: str
    value: float | None
    unit: str
    n: int
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    method: str = ""
    reason: str | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, float] = field(default_factory=dict)
    applies: bool = True


@dataclass(frozen=True, slots=True)
class Example:
    """One row that a reader can look at.

    Attributes:
        row: position in the source, or the row's own id.
        before: the input as it is in the data.
        after: what it was changed into, where something was changed.
        facts: what goes with it, such as ``{"label": "positive", "predicted": "negative", "margin": "0.12"}``.
    """

    row: str
    before: str
    after: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Examples behind a measurement.

    Attributes:
        metric: the measurement that it goes with.
        title: what the examples show, in one sentence.
        total: how many there are in all; ``examples`` may hold fewer.
        examples: worst first.
        where: as in the measurement.
    """

    metric: str
    title: str
    total: int
    examples: tuple[Example, ...]
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one probe ended.

    Attributes:
        probe: its name.
        status: ``measured``; ``skipped`` (not tested, with the reason); ``inapplicable`` (it cannot apply to what
            is audited, with the reason); ``failed`` (it crashed, with the traceback).
        reason: why it was skipped, does not apply or failed; None where it was measured.
        summary: the first sentence of its documentation.
        source: citation of the method.
        options: the options it ran with.
        measurements: what it found.
        evidence: examples to look at.
        traceback: of the crash.
        seconds: how long it took; with fused probes the time until its last answer.
        rows: how many rows it looked at.
    """

    probe: str
    status: Status
    reason: str | None = None
    summary: str = ""
    source: str = ""
    options: Mapping[str, object] = field(default_factory=dict)
    measurements: tuple[Measurement, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    traceback: str | None = None
    seconds: float = 0.0
    rows: int = 0
