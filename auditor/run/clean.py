"""The cleaning run: load, pass, write, and say what it did to whom."""

import functools
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from auditor.errors import RowsLost, Skip
from auditor.execute import apply, fitted
from auditor.execute.keys import noted
from auditor.passes.clear_non_finite import clear_non_finite, has_non_finite
from auditor.plan import CleanPlan, checked, default_passes, plain, plan_digest, roles_in_words
from auditor.plugins import bind
from auditor.predict import spellings
from auditor.predict.groups import check_groups
from auditor.run import cleaned, facts
from auditor.run.effects import effects
from auditor.run.evidence import discreet
from auditor.run.folder import check_free, claim
from auditor.run.guard import alarms
from auditor.run.loaded import loaded
from auditor.types import Gate, LedgerEntry, Outcome, Run, Table
from auditor.types.views import hides_text
from auditor.version import VERSION

Progress = Callable[[str, int, int], None]
Tell = Callable[[str], None]


def clean(
    plan: CleanPlan, out: Path, *, progress: Progress | None = None, tell: Tell | None = None, force: bool = False
) -> Run:
    """Clean a data set: ``cleaned.parquet`` (or what the plan asks for) and ``ledger/`` in ``out``.

    Where a pass takes over 10 % of the rows, or too many of one group, no data are written, unless the plan says ``yes``: the
    run's gate fails, and the same call with ``yes`` goes on from there; see ``guard.alarms``.

    Finished shards are kept in ``out/shards``: after a crash, the same call goes on where it was. The folder can be removed
    when the run is done; where the plan's ``evidence`` is not ``show``, it is.

    Args:
        plan: what to clean and how.
        out: folder of the run.
        progress: told a stage, how far it is, and how far it goes.
        tell: told what was found out on the way, a sentence at a time, before the work starts.
        force: put a run of something else that ``out`` holds aside.

    Returns:
        The run: the ledger, and one outcome ``cleaning`` with what was done to which group.

    Raises:
        AuditorError: the plan or the data cannot be used, passes failed on too many rows, or ``out`` holds another run.
    """
    clock, started = time.perf_counter(), datetime.now(UTC)
    plan = checked(plan)
    check_free(out, plan, force=force)
    data = plan.data
    table = loaded(data, seed=plan.seed)
    check_groups(table)
    cleaned.check(table.schema, plan.format)
    table = _with_notes(table)
    passes = _passes(plan, table)
    table = spellings.noted(noted(table, passes))
    claim(out, plan, subject=(table.source.digest,), force=force)
    if tell:
        for sentence in (roles_in_words(table.roles), *table.source.notes):
            tell(sentence)
    after, ledger = apply(
        table,
        passes,
        out,
        runner=plan.runner,
        workers=plan.workers,
        max_bad_rows=data.max_bad_rows,
        evidence=plan.evidence,
        progress=functools.partial(progress, "passes") if progress else None,
    )
    _check(table, after, ledger)
    ledger = alarms(ledger, table.roles, out)
    stopped = not plan.yes and any(entry.alarms for entry in ledger)
    if stopped:
        cleaned.path_of(out, plan.format).unlink(missing_ok=True)
    else:
        cleaned.write(after, out, plan.format)
    outcome = _outcome(table, after, ledger, out, time.perf_counter() - clock)
    if plan.evidence != "show" and not stopped:
        shutil.rmtree(out / "shards")
    return Run(
        kind="cleaning",
        version=VERSION,
        started=started.isoformat(timespec="seconds"),
        seconds=time.perf_counter() - clock,
        seed=plan.seed,
        plan=plain(plan),
        plan_digest=plan_digest(plan),
        data=facts.of_table(replace(table, source=discreet(table.source, plan.evidence))),
        environment=facts.of_place(),
        gate=Gate("fail", 3) if stopped else Gate("ok", 0),
        outcomes=(outcome,),
        ledger=ledger,
    )


def _with_notes(table: Table) -> Table:
    """The table, which says of columns with text that no text pass reaches."""
    named = table.roles.inputs or table.schema.names
    hidden = [field for field in table.schema if field.name in named and hides_text(field.type)]
    notes = tuple(f"Column {one.name!r} holds {one.type}; what is text in it is out of reach of passes." for one in hidden)
    return replace(table, source=replace(table.source, notes=(*table.source.notes, *notes)))


def _passes(plan: CleanPlan, table: Table) -> list[Callable[..., Any]]:
    """The passes, bound to the data; of the default ones, those that have something to do here.

    Where JSON is written, and there are numbers that it has no word for, one more makes them missing.
    """
    bound: list[Callable[..., Any]] = []
    for step in plan.passes:
        try:
            bound.append(fitted(bind(step, "pass"), table, plan.seed))
        except Skip:
            if plan.passes != default_passes():
                raise
    if plan.format == "jsonl" and has_non_finite(table):
        bound.append(clear_non_finite)
    return bound


def _check(before: Table, after: Table, ledger: Sequence[LedgerEntry]) -> None:
    """Make sure that every row of the data is accounted for.

    Raises:
        RowsLost: it is not.
    """
    added, removed, failed = (sum(getattr(entry, name) for entry in ledger) for name in ("added", "removed", "quarantined"))
    if before.rows + added != after.rows + removed + failed:
        raise RowsLost(
            f"{before.rows} rows in + {added} added is not {after.rows} out + {removed} removed + {failed} set aside",
            remedy="Do not use the output; this is a bug.",
        )


def _outcome(before: Table, after: Table, ledger: Sequence[LedgerEntry], out: Path, seconds: float) -> Outcome:
    return Outcome(
        probe="cleaning",
        status="measured",
        summary="Whose rows the passes removed and changed, and what the data is made of before and after.",
        source="Dodge et al. 2021, Documenting large webtext corpora, https://aclanthology.org/2021.emnlp-main.98/",
        measurements=tuple(effects(before, after, ledger, out)),
        seconds=seconds,
        rows=before.rows,
    )
