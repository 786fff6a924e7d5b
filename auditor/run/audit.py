"""The audit: load, probe, judge."""

import asyncio
import functools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from auditor import codec, digest, judge
from auditor.errors import InputError, MissingExtra, NotApplicable, Skip, UnsafeCheckpoint
from auditor.execute.bind import fitted
from auditor.execute.keys import noted
from auditor.loaders import checkpoints, tables
from auditor.plan import Plan, checked, plain, plan_digest, roles_in_words
from auditor.plugins import bind, find
from auditor.predict import spellings
from auditor.predict.cut import CONDITION
from auditor.predict.groups import check_groups
from auditor.predict.labels import ClassMap, class_map
from auditor.predict.one_text import check_one_text
from auditor.predict.plane import Plane
from auditor.predict.subject import items, with_model, without_model
from auditor.run import facts
from auditor.run.evidence import discreet, redacted
from auditor.run.folder import check_free, claim
from auditor.run.loaded import loaded
from auditor.run.probing import Probe, Task, lacking, measure, untested
from auditor.stats.slices import name_of
from auditor.store import cache_folder
from auditor.types import Model, ModelFacts, Offered, Outcome, Pack, Roles, Run, Shown, Table
from auditor.version import VERSION

Progress = Callable[[str, int, int], None]
_TRIED = 20
"""Rows that a model is tried on, one by one until it takes one."""
Tell = Callable[[str], None]


def audit(plan: Plan, out: Path, *, progress: Progress | None = None, tell: Tell | None = None, force: bool = False) -> Run:
    """Audit a model, a data set, or both.

    What is finished is kept in ``out`` and in the cache folder: after a crash, the same call goes on where it was.

    Args:
        plan: what to audit and how.
        out: folder of the run.
        progress: told a stage, how far it is, and how far it goes.
        tell: told what was found out on the way, a sentence at a time, before the work starts.
        force: put a run of something else that ``out`` holds aside.

    Raises:
        AuditorError: the plan, the data or the model cannot be used, or ``out`` holds another audit.
    """
    clock, started = time.perf_counter(), datetime.now(UTC)
    plan = checked(plan)
    packs = judge.packs(plan.packs)
    judge.check_statements(packs, plan.statements)
    check_free(out, plan, force=force)
    subject = opened(plan)
    judge.check_columns(packs, [name_of(group) for group in subject.table.roles.groups])
    table, model, model_facts, classes = subject.table, subject.model, subject.facts, subject.classes
    data = facts.of_table(_noted(table, classes, plan.policy.evidence), subject.decided)
    for sentence in subject.said():
        (tell or _silent)(sentence)
    claim(out, plan, subject=(table.source.digest, model_facts.fingerprint if model_facts else ""), force=force)
    outcomes = asyncio.run(_measured(plan, table, classes, model, model_facts, out, progress or _silent))
    cannot = _inapplicable(packs, table, model, model_facts)
    verdicts = judge.judge(
        packs,
        outcomes,
        alpha=plan.policy.alpha,
        inapplicable=cannot,
        statements=plan.statements,
        on=started.date().isoformat(),
    )
    return Run(
        kind="audit",
        version=VERSION,
        started=started.isoformat(timespec="seconds"),
        seconds=time.perf_counter() - clock,
        seed=plan.seed,
        plan=plain(plan),
        plan_digest=plan_digest(plan),
        data=data,
        environment=facts.of_place(),
        gate=judge.gate(verdicts, outcomes, strict=plan.policy.strict, refused=bool(model_facts and model is None)),
        model=model_facts,
        outcomes=outcomes,
        packs=tuple(facts.of_pack(pack) for pack in packs),
        verdicts=verdicts,
    )


@dataclass(frozen=True, slots=True)
class Opened:
    """What a plan is about, as a run finds it before any work.

    Attributes:
        table: the data, with all roles.
        model: the model, where one was named and loaded.
        facts: about the model that was named, loaded or not.
        classes: what the cells of label and prediction columns mean, where there are such columns.
        decided: the same, where there are decisions, of a model or in the table.
        problem: why it is not known what the cells mean, where that was asked for and did not stop it.
    """

    table: Table
    model: Model | None
    facts: ModelFacts | None
    classes: ClassMap | None
    decided: ClassMap | None
    problem: InputError | None = None

    def said(self) -> Iterator[str]:
        """What was found out, a sentence each: roles, how the data and the scores are read, and which classes there are."""
        yield roles_in_words(self.table.roles)
        yield from self.table.source.notes
        yield from self.model.notes if self.model else ()
        yield from self.classes.notes if self.classes else ()
        yield from facts.of_classes(facts.of_table(self.table, self.decided))


def opened(plan: Plan, *, forgiving: bool = False) -> Opened:
    """The data and the model of a checked plan, read, given their roles, and checked against each other.

    Args:
        plan: what to open.
        forgiving: whether to go on where the cells of label and prediction columns are no classes, to say what they may be.

    Raises:
        AuditorError: the data or the model are not there, cannot be used, or do not fit each other.
    """
    table = _table(plan)
    model, known = _model(plan, table)
    table = tables.for_model(replace(table, roles=_roles(plan, table, model)), model, plan.data.marks)
    table = noted(_fitting(table), (bind(step, "probe") for step in plan.probes))
    _try_rows(model, table)
    try:
        classes = _classes(plan, table, model)
    except InputError as error:
        if not forgiving:
            raise
        return Opened(table, model, known, None, None, error)
    table = spellings.noted(table, classes.index if classes else None)
    table = replace(table, roles=_named(table.roles, classes))
    return Opened(table, model, known, classes, classes if _decides(table, model) else None)


def _named(roles: Roles, classes: ClassMap | None) -> Roles:
    """The roles with the positive and the favourable class by their own names, however they were written."""
    if classes is None:
        return roles
    positive = classes.classes[classes.positive] if roles.positive is not None else None
    return replace(
        roles, positive=positive, favourable=None if classes.favourable is None else classes.classes[classes.favourable]
    )


def foreseen(plan: Plan, found: Opened) -> tuple[Skip | None, ...]:
    """For each probe of the plan why it will not be tested on what was opened, as far as that is known before any work."""
    checkpoint = checkpoints.located(plan.model.path, cache=cache_folder()) if plan.model else None
    return untested(_tasks(plan, found.table, found.model, found.facts), found.table, found.model, checkpoint)


def _fitting(table: Table) -> Table:
    """The table without groups that were only inferred, from its first rows, and that all rows together are not fit to be."""
    if "groups" not in table.roles.inferred:
        return table
    kept, notes = [], []
    for group in table.roles.groups:
        try:
            check_groups(replace(table, roles=replace(table.roles, groups=(group,))))
            kept.append(group)
        except InputError as error:
            notes.append(f"Column {group.column!r} has the name of a group and is not used as one: it {error.problem}.")
    inferred = tuple(role for role in table.roles.inferred if role != "groups" or kept)
    roles = replace(table.roles, groups=tuple(kept), inferred=inferred)
    return replace(table, roles=roles, source=replace(table.source, notes=(*table.source.notes, *notes)))


def _table(plan: Plan) -> Table:
    table = loaded(plan.data, seed=plan.seed)
    if not table.rows:
        raise InputError("there are no rows to audit", place=plan.data.path)
    return table


def _model(plan: Plan, table: Table) -> tuple[Model | None, ModelFacts | None]:
    """The model; or, where loading it is not safe or needs a library, only what is known of it."""
    spec = plan.model
    if spec is None:
        return None, None
    options: dict[str, Any] = {"dtype": spec.dtype, "device": spec.device, "allow_pickle": spec.allow_pickle}
    options |= {"weights": spec.weights, "base": spec.base}
    try:
        model = checkpoints.load(spec.path, columns=_offered(plan, table), cache=cache_folder(), **options)
    except (UnsafeCheckpoint, MissingExtra) as error:
        return None, facts.of_refused(spec, error, checkpoints.manifest(checkpoints.located(spec.path, cache=cache_folder())))
    return model, facts.of_model(model)


def _offered(plan: Plan, table: Table) -> Offered:
    """The columns that a model of table rows may read: those named as inputs, or all but the label and the like."""
    roles = table.roles
    if plan.data.roles.inputs:
        return Offered.of(plan.data.roles.inputs)
    decision = CONDITION.fullmatch(roles.prediction or "")
    others = {roles.label, roles.prediction, decision and decision["column"], roles.score, roles.id, roles.weight, roles.split}
    names = tuple(table.schema.names)
    return Offered(names, tuple(name for name in names if name not in others), tuple(group.column for group in roles.groups))


def _try_rows(model: Model | None, table: Table) -> None:
    """See that a model of table rows takes the first of them, or one of the next, before any work.

    Raises:
        InputError: it takes none; the reason is that of the first.
    """
    if model is None or model.takes != "row":
        return
    rows = items(next(table.batches(model.columns)).slice(0, _TRIED), model, model.columns)
    first: InputError | None = None
    for code in model.encode(rows):
        try:
            model.forward([code.payload], model.dtypes[0])
        except InputError as error:
            first = first or error
        else:
            return
    if first:
        raise first


def _roles(plan: Plan, table: Table, model: Model | None) -> Roles:
    """The roles, now that it is known what the model takes."""
    if model is None:
        return table.roles
    roles = tables.inferred(table, plan.data.roles, "text") if model.takes == "text" else table.roles
    check_one_text(model, replace(table, roles=roles), plan.data.roles.inputs)
    inputs = roles.inputs if model.takes == "text" else model.columns
    known = tuple(role for role in roles.inferred if role != "inputs")
    return replace(roles, inputs=inputs, label=_label(plan, roles, table, model), inferred=known)


def _label(plan: Plan, roles: Roles, table: Table, model: Model) -> str | None:
    """The label; one that was only inferred gives way where the model reads that column.

    Raises:
        InputError: the model reads the column that was named as the label.
    """
    given, label = plan.data.roles, roles.label
    if label not in model.columns:
        return label
    if given.label:
        problem = f"the model reads the label {label!r} as an input, so it is told what it should find out"
        raise InputError(problem, place=model.name, remedy="Name another label, or a model that was trained without it")
    return tables.inferred(table, replace(given, inputs=model.columns), "row").label


def _classes(plan: Plan, table: Table, model: Model | None) -> ClassMap | None:
    """What classes there are, checked against every label before any work; group columns are checked in any case."""
    if table.roles.label is None and not _decides(table, model):
        check_groups(table)
        return None
    named = [name for name in (plan.data.label, plan.data.prediction) if name]
    try:
        return class_map(table, model.classes if model else None, most=plan.data.max_classes, named=named)
    except InputError as error:
        guessed = [role for role in ("label", "prediction", "score") if role in table.roles.inferred]
        if guessed:
            told = " and ".join(f"{role} {getattr(table.roles, role)!r}" for role in guessed)
            error.remedy += f" (Inferred, and not named: {told}. To have none, give --without {guessed[0]}.)"
            error.args = (error.problem, error.place, error.remedy)
        raise


def _decides(table: Table, model: Model | None) -> bool:
    """Whether there are decisions: of a model, or in the table."""
    return bool(model or table.roles.prediction or table.roles.score)


async def _measured(
    plan: Plan,
    table: Table,
    classes: ClassMap | None,
    model: Model | None,
    known: ModelFacts | None,
    out: Path,
    progress: Progress,
) -> tuple[Outcome, ...]:
    checkpoint = checkpoints.located(plan.model.path, cache=cache_folder()) if plan.model else None
    common: dict[str, Any] = {"checkpoint": checkpoint, "seed": plan.seed, "level": plan.policy.level}
    plane = Plane(model, cache_folder() / "predictions", functools.partial(progress, "predictions")) if model else None
    try:
        subject = with_model(table, classes, plane, **common) if plane else without_model(table, classes, **common)
        shown = plan.policy.evidence
        facts_known = [codec.plain(table.roles), table.fingerprint, codec.plain(known), common, shown]
        key, redact = digest.of_value([digest.of_package(), *facts_known]), functools.partial(redacted, policy=shown)
        tasks, told = _tasks(plan, table, model, known), functools.partial(progress, "probes")
        return await measure(tasks, subject, out / "outcomes", key, told, redact)
    finally:
        if plane:
            plane.close()


def _tasks(plan: Plan, table: Table, model: Model | None, known: ModelFacts | None) -> list[Task]:
    decisions = bool(table.roles.prediction or table.roles.score)
    refused = known.reason if known else None
    tasks = []
    for step in plan.probes:
        probe = cast(Probe, bind(step, "probe"))
        missing = lacking(probe, model=model is not None, decisions=decisions, refused=refused)
        try:
            tasks.append(Task(step, fitted(probe, table, plan.seed), missing))
        except Skip as skip:
            tasks.append(Task(step, probe, missing or _kind_of(skip, model)))
    return tasks


def _kind_of(skip: Skip, model: Model | None) -> Skip:
    """Why options could not be filled in: that a model of table rows reads no text is nothing that is missing."""
    if model and model.takes == "row" and not isinstance(skip, MissingExtra):
        return NotApplicable(skip.problem, place=skip.place, remedy=skip.remedy)
    return skip


def _inapplicable(packs: Sequence[Pack], table: Table, model: Model | None, known: ModelFacts | None) -> dict[str, str]:
    """Probes that packs ask for and that cannot apply here, whether they are planned or not, with the reason."""
    decisions, found = bool(table.roles.prediction or table.roles.score), {}
    for name in {check.probe for pack in packs for clause in pack.clauses for check in clause.checks if check.probe}:
        probe = cast(Probe, find("probe", name))
        missing = lacking(probe, model=model is not None, decisions=decisions, refused=known.reason if known else None)
        if isinstance(missing, NotApplicable):
            found[name] = str(missing)
    return found


def _noted(table: Table, classes: ClassMap | None, shown: Shown) -> Table:
    """The table with what a reader must know of how it was read, as far as it may be shown."""
    read = replace(table.source, notes=(*table.source.notes, *(classes.notes if classes else ())))
    source, weight = discreet(read, shown), table.roles.weight
    unused = (f"Column {weight!r} holds weights; measurements do not use them: each row counts once.",) if weight else ()
    return replace(table, source=replace(source, notes=(*source.notes, *unused)))


def _silent(*_: object) -> None:
    """Tell nobody."""
