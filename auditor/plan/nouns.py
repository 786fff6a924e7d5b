"""The nouns of a plan; ``audit.yaml`` is a ``Plan``, with short forms for what is common."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from auditor.plan.defaults import default_passes, default_probes
from auditor.plugins import Step
from auditor.types import Group, Marks, RoleName, Roles, Shown, Statement

ROLES: tuple[RoleName, ...] = get_args(RoleName)
"""Every role that can be inferred."""

MOST_CLASSES = 1000
"""Distinct values from which on a column is not taken for one of classes by itself."""


@dataclass(frozen=True, slots=True)
class DataSpec:
    """The data, and what its columns are for; what is left out is inferred and printed back.

    Attributes:
        path: a file, a folder, or a hub name.
        format: such as ``"csv"``; None goes by the content.
        columns: names for the columns of text without a header, or for the cells of JSON records that are arrays.
        records: the field that holds the records of a JSON file, or a field in a field, as in ``response.items``.
        text: the text column that the model reads; short for ``inputs`` of one column.
        inputs: the columns that the model reads.
        label: the true class.
        groups: who the rows are about.
        id: a stable name of each row.
        weight: a non-negative weight of each row: no input of the model, and not used by what is measured.
        split: which part of the data each row belongs to.
        prediction: a class decided elsewhere, a column or ``"column >= number"``.
        score: the probability, or any rank score, of the positive class, from elsewhere.
        positive: the class that rates such as the true and false positive rate and precision speak of; without one, of two
            classes the last in alphabetical or numerical order, and the report says so.
        favourable: the class that is the good outcome for the person, such as ``hired`` or ``approved``; selection rates are
            the rates of this class, and without one they are not tested. It need not be the positive class.
        labels: class names by what stands for them in the label and prediction columns, such as
            ``{pos: positive, 1: positive}``; what is not named stands for itself.
        max_classes: how many distinct values the label and prediction columns may hold before they are taken for numbers or
            names and refused; text in a column that was named here may hold any number.
        infer: whether roles that are not said are inferred from the names and the first rows of columns.
        without: roles that no column has, which are not inferred; ``text: null`` and ``groups: []`` say the same.
        decimal: the sign before decimals in numbers of text; a point, unless said otherwise.
        thousands: the sign between groups of thousands; none, unless said otherwise.
        max_bad_rows: the share of rows that may be set aside as unreadable before the run fails; unless it is 0, one may
            wherever it is at most 10 % of the rows.
        rows: how many rows to draw at random, by the seed, where the data have more; None takes all.
    """

    path: str
    format: str | None = None
    columns: tuple[str, ...] = ()
    records: str | None = None
    text: str | None = None
    inputs: tuple[str, ...] = ()
    label: str | None = None
    groups: tuple[Group, ...] = ()
    id: str | None = None
    weight: str | None = None
    split: str | None = None
    prediction: str | None = None
    score: str | None = None
    positive: str | None = None
    favourable: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    max_classes: int = MOST_CLASSES
    infer: bool = True
    without: tuple[RoleName, ...] = ()
    decimal: str | None = None
    thousands: str | None = None
    max_bad_rows: float = 0.001
    rows: int | None = None

    @property
    def marks(self) -> Marks | None:
        """The signs in numbers, where one was declared; the other one follows where it must be another."""
        if self.decimal is None and self.thousands is None:
            return None
        decimal = self.decimal or ("," if self.thousands == "." else ".")
        return Marks(decimal, self.thousands or "")

    @property
    def roles(self) -> Roles:
        """What was said of the columns; the rest is for the loader to infer."""
        return Roles(
            inputs=(self.text,) if self.text else self.inputs,
            label=self.label,
            groups=self.groups,
            id=self.id,
            weight=self.weight,
            split=self.split,
            prediction=self.prediction,
            score=self.score,
            positive=self.positive,
            favourable=self.favourable,
            labels=self.labels,
            without=self.without if self.infer else ROLES,
        )


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """The model.

    Attributes:
        path: a folder, a file, or a hub name.
        dtype: ``"auto"`` takes the best for the device, and re-checks what it claims in float32.
        device: ``"auto"``, ``"cpu"``, ``"cuda"``, ``"cuda:1"``, ...
        allow_pickle: load weights stored as pickles, after a scan, with torch's ``weights_only``.
        weights: the file that is audited, of a folder that holds several sets of weights or an adapter beside its base.
        base: of an adapter: the folder or hub name of its base model, where that is not what the adapter itself names.
    """

    path: str
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    device: str = "auto"
    allow_pickle: bool = False
    weights: str | None = None
    base: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """What decides, declared before anything is measured.

    Attributes:
        alpha: family-wise error rate of the verdicts.
        level: confidence level of the intervals.
        strict: whether undecided clauses fail the gate (exit code 4).
        evidence: ``"show"`` prints rows of the data in the report, ``"hash"`` their digests, ``"none"`` only counts.
    """

    alpha: float = 0.05
    level: float = 0.95
    strict: bool = False
    evidence: Shown = "show"


@dataclass(frozen=True, slots=True)
class Plan:
    """An audit.

    Attributes:
        data: what is audited.
        model: what is audited; None audits the data alone, or predictions in it.
        probes: what is measured, in order.
        packs: rule packs that judge it: names of shipped ones, or paths.
        policy: what decides.
        seed: of everything random.
        statements: what people put on record about clauses that no machine can settle.
    """

    data: DataSpec
    model: ModelSpec | None = None
    probes: tuple[Step, ...] = field(default_factory=default_probes)
    packs: tuple[str, ...] = ("base",)
    policy: Policy = Policy()
    seed: int = 0
    statements: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class CleanPlan:
    """A cleaning run.

    Attributes:
        data: what is cleaned.
        passes: what is done to it, in order.
        seed: of everything random.
        runner: ``"inline"`` in this process, ``"process"`` in a pool of them, ``"auto"`` by size.
        workers: how many processes; None takes one per core.
        format: of the cleaned data.
        evidence: of the report and the ledger, as in the policy of an audit.
        yes: go on where a pass takes over 10 % of the rows, or of one group over twice the share that it takes of all.
    """

    data: DataSpec
    passes: tuple[Step, ...] = field(default_factory=default_passes)
    seed: int = 0
    runner: Literal["auto", "inline", "process"] = "auto"
    workers: int | None = None
    format: Literal["parquet", "csv", "jsonl"] = "parquet"
    evidence: Shown = "show"
    yes: bool = False
