"""A run: everything a report may say. Reports and machine formats are pure functions of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from auditor.types.model import FileFact
from auditor.types.results import Example, Outcome
from auditor.types.rules import Verdict
from auditor.types.table import Roles, Source

SCHEMA = "auditor.run/1"

Shown = Literal["show", "hash", "none"]
"""What may be shown of rows: their texts, digests of them, or nothing."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the data: its name and its Arrow type."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class DataFacts:
    """The data as it was audited: where from, how many rows, what its columns are for.

    Attributes:
        classes: that decisions are between; empty where there are no decisions.
        positive: the class that error rates speak of, whether declared or taken; None where they speak of each class.
        favourable: the class that selection rates count; None where none was declared.
    """

    source: Source
    rows: int
    roles: Roles
    fingerprint: str
    columns: tuple[Column, ...] = ()
    classes: tuple[str, ...] = ()
    positive: str | None = None
    favourable: str | None = None


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """The model as it was audited.

    Attributes:
        loaded: whether it answered questions; where not, ``reason`` says why.
        truncated: distinct inputs that were longer than the model sees.
        notes: what a reader must know of its scores, one sentence each.
    """

    name: str
    kind: str
    fingerprint: str = ""
    classes: tuple[str, ...] = ()
    dtype: str = ""
    device: str = ""
    parameters: int = 0
    max_length: int | None = None
    truncated: int = 0
    files: tuple[FileFact, ...] = ()
    loaded: bool = True
    reason: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Environment:
    """Where the run took place."""

    python: str
    platform: str
    processor: str
    cores: int
    packages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GroupEffect:
    """What a pass did to one group: rows before, and how many of them it removed, changed and added."""

    group: Mapping[str, str]
    rows: int
    removed: int
    changed: int
    added: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """A pass that takes more rows than a data set should lose without a person's word.

    Attributes:
        group: of which rows: of one group, or of all where it is empty.
        removed: rows that it takes.
        rows: of how many.
        limit: the share of them up to which there is no alarm.
        examples: some of the rows that it takes.
    """

    group: Mapping[str, str]
    removed: int
    rows: int
    limit: float
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What one pass did: ``rows_in + added = rows_out + removed + quarantined``.

    Attributes:
        step: name of the pass.
        options: the options it ran with.
        source: citation of the method.
        rows_in: rows it was given.
        rows_out: rows it returned.
        removed: rows it took out by its rule.
        changed: rows it changed a cell of.
        added: rows it made from others.
        quarantined: rows it could not handle, set aside with their errors.
        reasons: why rows were removed, with how many.
        columns: columns that it added; their cells are not counted as changes.
        by_group: the same per value of each group column.
        examples: some of the rows, before and after.
        file: the full ledger of this pass beside the report, relative.
        alarms: what it takes too much of; without a word from a person, nothing is written then.
    """

    step: str
    options: Mapping[str, object]
    rows_in: int
    rows_out: int
    removed: int = 0
    changed: int = 0
    added: int = 0
    quarantined: int = 0
    source: str = ""
    reasons: Mapping[str, int] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    by_group: tuple[GroupEffect, ...] = ()
    examples: tuple[Example, ...] = ()
    file: str | None = None
    alarms: tuple[Alarm, ...] = ()


@dataclass(frozen=True, slots=True)
class PackFacts:
    """A pack that judged the run."""

    id: str
    edition: str
    status: str
    as_of: str
    stale_after: str
    digest: str
    title: Mapping[str, str] = field(default_factory=dict)
    applies: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gate:
    """What the verdicts come to: ``ok`` (exit 0), ``fail`` (3), or ``undecided`` (4), and how much that says.

    Attributes:
        states: number of clauses in each state.
        proven: whether every critical and major clause that applies passed or is attested, and no notable number waits for a
            person. A gate that is ``ok`` and not proven is open because nothing failed, and not because all was shown.
        refused: whether a model was named and not loaded.
        crashed: probes that crashed and of which no clause speaks.
        headline: all that in one English sentence.
        notable: evidence that its pack calls notable, one English sentence each, the farthest beyond its bound first.
    """

    state: Literal["ok", "fail", "undecided"]
    exit_code: int
    strict: bool = False
    states: Mapping[str, int] = field(default_factory=dict)
    proven: bool = False
    refused: bool = False
    crashed: int = 0
    headline: str = ""
    notable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """One audit or one cleaning run.

    Attributes:
        schema: version of this format.
        kind: which job it was.
        version: of the package.
        started: UTC time, ISO 8601; with ``seconds`` (here and in outcomes) all that differs between equal runs.
        seconds: wall time.
        seed: of everything random.
        plan: the checked plan, with defaults filled in.
        plan_digest: SHA-256 of it: equal digests, comparable runs.
        data: what was audited.
        model: what was audited, where there was a model.
        environment: where.
        outcomes: of the probes, in plan order.
        packs: that judged.
        verdicts: in pack order.
        gate: what they come to.
        ledger: of the passes, in order.
    """

    kind: Literal["audit", "cleaning"]
    version: str
    started: str
    seconds: float
    seed: int
    plan: Mapping[str, object]
    plan_digest: str
    data: DataFacts
    environment: Environment
    gate: Gate
    model: ModelFacts | None = None
    outcomes: tuple[Outcome, ...] = ()
    packs: tuple[PackFacts, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    ledger: tuple[LedgerEntry, ...] = ()
    schema: str = SCHEMA
