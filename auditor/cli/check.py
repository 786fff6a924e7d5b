"""``auditor check``."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditor.cli.screen import say, shown, table

if TYPE_CHECKING:
    from auditor.errors import Skip
    from auditor.plugins import Step
    from auditor.run.audit import Opened


@click.command("check")
@click.argument("plan", type=click.Path(path_type=Path))
def command(plan: Path) -> None:
    """Check an audit.yaml against its data and its model, and say what 'auditor run' will do.

    The data are read and the model is loaded, as a run does before its work, and nothing is measured. Said are the role of
    each column, the classes, and each probe with what it needs, or why it will not be tested. Exit code 2 where the plan, the
    data or the model cannot be used.

    \b
    Example:
      auditor check audit.yaml
    """  # noqa: D301
    from auditor import judge
    from auditor.plan import plan_digest, read
    from auditor.run.audit import foreseen, opened
    from auditor.stats.slices import name_of
    from auditor.store import check_cache

    read_plan = read(plan)
    packs = judge.packs(read_plan.packs)
    judge.check_statements(packs, read_plan.statements)
    check_cache()
    found = opened(read_plan)
    judge.check_columns(packs, [name_of(group) for group in found.table.roles.groups])
    table(
        [
            ("Data", f"{shown(read_plan.data.path)}: {found.table.rows:,} rows, read as {found.table.source.format}"),
            *_facts(found),
            ("Packs", ", ".join(f"{pack.id} {pack.edition} ({len(pack.clauses)} clauses)" for pack in packs) or "none"),
            ("Plan", plan_digest(read_plan)[:16]),
        ]
    )
    for sentence in [*found.said()][1:]:
        say(f"Note    {shown(sentence)}")
    say()
    reasons = foreseen(read_plan, found)
    table(
        [
            ("Probe", "Needs", ""),
            *(_row(step, reason) for step, reason in zip(read_plan.probes, reasons, strict=True)),
        ]
    )


def _facts(found: "Opened") -> Iterator[tuple[str, str]]:
    """Roles, model and classes, with what may be proposed of them."""
    from auditor.plan import roles_in_words
    from auditor.predict.labels import listed
    from auditor.predict.proposals import favourable

    yield "Roles", shown(roles_in_words(found.table.roles)) or "none"
    if found.table.roles.inferred:
        yield "Inferred", ", ".join(found.table.roles.inferred)
    if found.facts:
        known = f"{found.facts.kind}, on {found.facts.device}" if found.model else f"not loaded: {found.facts.reason}"
        yield "Model", shown(f"{found.facts.name}: {known}")
    else:
        yield "Model", "none"
    if found.classes:
        yield "Classes", shown(listed(found.classes.classes))
        proposed = favourable(found.classes.classes)
        if found.classes.favourable is None and proposed and found.table.roles.groups:
            yield "Proposed", shown(f"favourable: {proposed}, if it is the outcome that is good for the person")


def _row(step: "Step", skip: "Skip | None") -> tuple[str, str, str]:
    from auditor.cli.summary import STATUS
    from auditor.declare import describe
    from auditor.plugins import bind, requirement
    from auditor.run.probing import unmeasured

    probe = bind(step, "probe")
    return (describe(probe), WORDS[requirement(probe)], f"{STATUS[unmeasured(skip)]}: {shown(str(skip))}" if skip else "")


WORDS = {"none": "the data", "decisions": "decisions: a model, or a prediction column", "scores": "a model"}
