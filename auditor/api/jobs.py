"""Auditing and cleaning, from plans and from keywords."""

import asyncio
import concurrent.futures
import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from auditor import codec
from auditor import plan as plans
from auditor.api.frames import Data, as_path
from auditor.api.models import AnyModel, as_spec, in_memory
from auditor.api.results import Result
from auditor.codec import shown
from auditor.errors import AuditorError, UsageError, near
from auditor.plan import CleanPlan, DataSpec, Plan, Policy
from auditor.plugins import Step
from auditor.types import Group, Run, Shown, Statement

T = TypeVar("T")
Progress = Callable[[str, int, int], None]
Tell = Callable[[str], None]


def audit(
    plan: Plan | str | os.PathLike[str] | None = None,
    *,
    data: Data | None = None,
    model: AnyModel | None = None,
    columns: str | Sequence[str] = (),
    records: str | None = None,
    text: str | None = None,
    inputs: str | Sequence[str] = (),
    label: str | None = None,
    groups: str | Group | Sequence[str | Group] = (),
    id: str | None = None,  # noqa: A002 - the role's name
    prediction: str | None = None,
    score: str | None = None,
    positive: str | None = None,
    favourable: str | None = None,
    labels: Mapping[str, str] | None = None,
    max_classes: int = plans.MOST_CLASSES,
    infer: bool = True,
    without: str | Sequence[str] = (),
    decimal: str | None = None,
    thousands: str | None = None,
    probes: str | Step | Sequence[str | Step] | None = None,
    packs: str | Sequence[str] = ("base",),
    policy: Policy | None = None,
    rows: int | None = None,
    statements: str | os.PathLike[str] | Sequence[Statement | Mapping[str, object]] = (),
    seed: int = 0,
    out: str | os.PathLike[str] | None = None,
    force: bool = False,
    lang: str = "en",
) -> Result:
    """Audit a model, a data set, or both, and write the report.

    Either name a plan, or say what it would say::

        auditor.audit("audit.yaml")
        auditor.audit(model="checkpoint/", data=frame, text="review", label="stars", groups=["gender", "age:25,45"])
        auditor.audit(data="scored.csv", label="y", prediction="y_pred", groups=["race=Caucasian"])

    Where several columns, probes or packs can be named, one alone need not be in a list.

    Args:
        plan: path of an ``audit.yaml``, or a ``Plan``.
        data: path or hub name, or a table in memory: a pandas or polars ``DataFrame``, an Arrow table, a
            ``datasets.Dataset``.
        model: path or hub name; or a model in memory: a fitted scikit-learn estimator, a transformers ``Pipeline`` for
            text-classification, or a pair of a network and its tokenizer. It is saved to the cache folder without pickles,
            and loaded from there as any other.
        columns: names for the columns of text without a header, or for the cells of JSON records that are arrays.
        records: the field that holds the records of a JSON file, such as ``"data"`` or ``"response.items"``.
        text: the text column that the model reads.
        inputs: the columns that the model reads, where they are several.
        label: column of the true class.
        groups: columns, as ``"gender"``, ``"age:25,45"`` (inner edges) or ``"race=Caucasian"`` (the reference).
        id: column of a stable name of each row: rows that differ only in it are equal.
        prediction: column of classes decided elsewhere, or ``"column >= number"``.
        score: column of the positive class's probability.
        positive: the class that error rates speak of; the last one by default.
        favourable: the class that is the good outcome for the person, for selection rates; without one they are not tested.
        labels: classes by what stands for them in label and prediction columns, such as ``{"pos": "positive"}``.
        max_classes: how many distinct labels are taken for classes; text in a column named here may hold any number.
        infer: whether roles that are not said here are inferred.
        without: roles that no column has, such as ``"text"`` or ``"groups"``, and that are not inferred.
        decimal: the sign before decimals in numbers of text, ``"."`` or ``","``; asked for where it is not clear.
        thousands: the sign between groups of thousands; none by default.
        probes: what to measure, as ``"label_flips:corrupt=keyboard_typos"``; every built-in probe by default.
        packs: rule packs that judge.
        policy: error rates and what the report may show.
        rows: how many rows to draw at random, by the seed; all by default.
        statements: what people put on record about clauses: a file, or a list of ``Statement`` or of mappings.
        seed: of everything random.
        out: folder of the run; ``runs/<name of the data>-<digest of the plan>`` by default.
        force: put another run that ``out`` holds aside, in a folder beside it.
        lang: language of the report, ``"en"`` or ``"zh"``.

    Raises:
        AuditorError: the plan, the data or the model cannot be used.
    """
    if plan is not None and (data is not None or model is not None):
        raise UsageError("expected either a plan, or data and model, found both", place="audit")
    if isinstance(plan, str | os.PathLike):
        plan = plans.read(Path(plan))
    if plan is None:
        named: dict[str, Any] = {
            "records": records,
            "text": text,
            "label": label,
            "id": id,
            "prediction": prediction,
            "score": score,
        }
        named |= {"positive": positive, "favourable": favourable, "max_classes": max_classes, "rows": rows}
        named |= {"decimal": decimal, "thousands": thousands}
        named |= {"labels": {str(one): str(name) for one, name in (labels or {}).items()}, **_inference(infer, without)}
        plan = Plan(
            data=_data(data, groups, inputs, columns, **named),
            model=as_spec(model),
            probes=plans.default_probes() if probes is None else _steps(probes, "probes"),
            packs=_names(packs, "packs"),
            statements=_stated(statements),
            policy=policy or Policy(),
            seed=seed,
        )
    with _said_of(data, plan.data.path), _said_of_model(model, plan):
        return run_audit(plan, Path(out) if out is not None else None, lang=lang, force=force)


def clean(
    data: Data,
    *,
    passes: str | Step | Sequence[str | Step] | None = None,
    columns: str | Sequence[str] = (),
    records: str | None = None,
    text: str | None = None,
    inputs: str | Sequence[str] = (),
    label: str | None = None,
    groups: str | Group | Sequence[str | Group] = (),
    id: str | None = None,  # noqa: A002 - the role's name
    decimal: str | None = None,
    thousands: str | None = None,
    rows: int | None = None,
    seed: int = 0,
    runner: Literal["auto", "inline", "process"] = "auto",
    workers: int | None = None,
    evidence: Shown = "show",
    yes: bool = False,
    out: str | os.PathLike[str] | None = None,
    force: bool = False,
    lang: str = "en",
) -> Result:
    """Clean a data set: what each pass removed or changed, and why, is in the run's ledger.

    Args:
        data: path or hub name, or a table in memory: a pandas or polars ``DataFrame``, an Arrow table, a
            ``datasets.Dataset``.
        passes: what to do, in order, as ``"keyboard_typos:rate=0.1"``; safe repairs by default.
        columns: names for the columns of text without a header, as for ``audit``.
        records: the field that holds the records of a JSON file, as for ``audit``.
        text: the text column.
        inputs: the columns that a model reads, where they are several.
        label: column of the true class.
        groups: columns whose groups the ledger tells apart, as for ``audit``.
        id: column of a stable name of each row: rows that differ only in it are equal.
        decimal: the sign before decimals in numbers of text, ``"."`` or ``","``; asked for where it is not clear.
        thousands: the sign between groups of thousands; none by default.
        rows: how many rows to draw at random, by the seed; all by default.
        seed: of everything random.
        runner: where the passes run.
        workers: how many processes.
        evidence: what report and ledger may show of rows: texts, digests, or nothing.
        yes: go on where a pass takes over 10 % of the rows, or of one group over twice the share that it takes of all. Else
            the gate of the run fails then, and ``data`` of the result is None; the same call with ``yes`` goes on from there.
        out: folder of the run; ``clean/<name of the data>-<digest of the plan>`` by default.
        force: put another run that ``out`` holds aside, in a folder beside it.
        lang: language of the report.

    Raises:
        AuditorError: the data or a pass cannot be used.
    """
    plan = CleanPlan(
        data=_data(
            data,
            groups,
            inputs,
            columns,
            records=records,
            text=text,
            label=label,
            id=id,
            decimal=decimal,
            thousands=thousands,
            rows=rows,
        ),
        passes=plans.default_passes() if passes is None else _steps(passes, "passes"),
        seed=seed,
        runner=runner,
        workers=workers,
        evidence=evidence,
        yes=yes,
    )
    with _said_of(data, plan.data.path):
        return run_clean(plan, Path(out) if out is not None else None, lang=lang, force=force)


def run_audit(
    plan: Plan,
    out: Path | None,
    *,
    lang: str = "en",
    force: bool = False,
    progress: Progress | None = None,
    tell: Tell | None = None,
) -> Result:
    """Run a plan and write the report; see ``audit``."""
    plan = plans.checked(plan)
    from auditor.run.audit import audit as run

    folder = out or _folder("runs", plan)
    with _working_in(folder):
        found = _outside_loop(lambda: run(plan, folder, progress=progress, tell=tell, force=force))
        return Result(_reported(found, folder, lang), folder)


def run_clean(
    plan: CleanPlan,
    out: Path | None,
    *,
    lang: str = "en",
    force: bool = False,
    progress: Progress | None = None,
    tell: Tell | None = None,
) -> Result:
    """Run a cleaning plan and write the report; see ``clean``."""
    plan = plans.checked(plan)
    from auditor.run.clean import clean as run

    folder = out or _folder("clean", plan)
    with _working_in(folder):
        found = _outside_loop(lambda: run(plan, folder, progress=progress, tell=tell, force=force))
        data = folder / f"cleaned.{plan.format}" if found.gate.state == "ok" else None
        return Result(_reported(found, folder, lang), folder, data)


@contextlib.contextmanager
def _working_in(folder: Path) -> Iterator[None]:
    """Work in a folder alone, and say in one line what the disk says."""
    from auditor.run.folder import alone
    from auditor.store.failures import told

    with told(folder), alone(folder):
        yield


def _reported(run: Run, folder: Path, lang: str) -> Run:
    from auditor import report
    from auditor.store.files import write_atomic

    name = report.PLANS[run.kind]
    write_atomic(folder / name, plans.repeated(run.plan, folder).encode(errors="backslashreplace"))
    report.write(run, folder, lang=lang, home=folder)
    return run


def _data(data: Data | None, groups: object, inputs: object, columns: object, **named: Any) -> DataSpec:
    if data is None:
        raise UsageError("expected data, found none", place="audit", remedy="Name a plan, or give data= a path or a table.")
    cut = tuple(plans.group(one) if isinstance(one, str) else _said(one) for one in _listed(groups, "groups", Group))
    return DataSpec(as_path(data), groups=cut, inputs=_names(inputs, "inputs"), columns=_names(columns, "columns"), **named)


def _said(group: Group) -> Group:
    """A group whose reference and spellings may be given as the values that they are: ``Group("member", reference=True)``."""
    same = tuple(tuple(map(str, names)) for names in group.same)
    return replace(group, reference=None if group.reference is None else str(group.reference), same=same)


def _inference(infer: bool, without: str | Sequence[str]) -> dict[str, Any]:
    """What is not to be inferred.

    Raises:
        UsageError: there is no such role.
    """
    roles = _names(without, "without")
    for i, role in enumerate(roles):
        if role not in plans.ROLES:
            remedy = f"The roles are {', '.join(plans.ROLES)}."
            raise UsageError(f"no role {role!r}{near(role, plans.ROLES)}", place=f"without[{i}]", remedy=remedy)
    return {"infer": infer, "without": roles}


def _steps(given: object, place: str) -> tuple[Step, ...]:
    return tuple(plans.step(one, place=place) if isinstance(one, str) else one for one in _listed(given, place, Step))


def _stated(given: object) -> tuple[Statement, ...]:
    """Statements: a file, or a list of them, each as such or as the mapping that a plan would hold."""
    if isinstance(given, str | os.PathLike):
        return plans.read_statements(Path(given))
    listed = given if isinstance(given, list | tuple) else [given]
    plain = [codec.plain(one) if isinstance(one, Statement) else one for one in listed]
    return plans.statements(plain, place="statements")


def _names(given: object, place: str) -> tuple[str, ...]:
    return tuple(str(one) for one in _listed(given, place, str))


def _listed(given: object, place: str, kind: type[T]) -> tuple[str | T, ...]:
    """Texts, or things of a kind; one alone stands for a list of one.

    Raises:
        UsageError: it is something else, or something else is in it.
    """
    if isinstance(given, str | kind):
        return (given,)
    wanted = "text" if kind is str else f"text or a {kind.__name__}"
    if not isinstance(given, Iterable) or isinstance(given, bytes | Mapping):
        raise UsageError(f"expected a list, found {shown(given)}", place=place, remedy=f"Give {wanted}, or a list of such.")
    listed = tuple(given)
    for i, one in enumerate(listed):
        if not isinstance(one, str | kind):
            remedy = _REMEDIES.get(kind, "Give the names as text.")
            raise UsageError(f"expected {wanted}, found {shown(one)}", place=f"{place}[{i}]", remedy=remedy)
    return listed


_REMEDIES: dict[type[object], str] = {
    Group: "Write it as 'gender', 'age:25,45' or 'race=Caucasian'.",
    Step: "Write it as 'name' or 'name:option=value'.",
}


@contextlib.contextmanager
def _said_of(data: Data | None, path: str) -> Iterator[None]:
    """Let an error about data in memory name them, and not the file that they were written to."""
    try:
        yield
    except AuditorError as error:
        if data is not None and not isinstance(data, str | os.PathLike):
            error.place = error.place.replace(path, f"data ({type(data).__name__})")
            error.args = (error.problem, error.place, error.remedy)
        raise


@contextlib.contextmanager
def _said_of_model(model: AnyModel | None, plan: Plan) -> Iterator[None]:
    """Let an error about a model in memory name it, and not the file that it was written to."""
    try:
        yield
    except AuditorError as error:
        if plan.model and (named := in_memory(model)):
            error.place = error.place.replace(plan.model.path, named)
            error.args = (error.problem, error.place, error.remedy)
        raise


def _folder(kind: str, plan: Plan | CleanPlan) -> Path:
    """``runs/reviews-1a2b3c4d``: the same plan goes on in the same folder."""
    return Path(kind) / f"{Path(plan.data.path).stem}-{plans.plan_digest(plan)[:8]}"


def _outside_loop(call: Callable[[], T]) -> T:
    """Call where no event loop runs: a notebook's own loop is busy while a cell is."""
    if not _in_loop():
        return call()
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        return thread.submit(call).result()


def _in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
