"""``auditor check``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditor.cli.screen import say, table

if TYPE_CHECKING:
    from auditor.plan import Plan
    from auditor.plugins import Step


@click.command("check")
@click.argument("plan", type=click.Path(path_type=Path))
def command(plan: Path) -> None:
    """Check an audit.yaml and say what it will do. No data and no model is read.

    Names, options, numbers and rule packs are checked, and each probe is listed with what it needs.

    \b
    Example:
      auditor check audit.yaml
    """  # noqa: D301
    from auditor import judge
    from auditor.plan import plan_digest, read, roles_in_words

    read_plan = read(plan)
    packs = judge.packs(read_plan.packs)
    data, model = read_plan.data, read_plan.model
    table(
        [
            ("Data", f"{data.path}{_absent(data.path)}"),
            ("Roles", roles_in_words(data.roles) or "inferred"),
            ("Model", f"{model.path}{_absent(model.path)}" if model else "none"),
            ("Packs", ", ".join(f"{pack.id} {pack.edition} ({len(pack.clauses)} clauses)" for pack in packs) or "none"),
            ("Plan", plan_digest(read_plan)[:16]),
        ]
    )
    say()
    table([("Probe", "Needs", ""), *(_row(step, read_plan) for step in read_plan.probes)])


def _absent(path: str) -> str:
    return (
        ""
        if Path(path).exists()
        else "  (no such file here: taken for a hub name)"
        if not Path(path).suffix
        else "  (not there)"
    )


def _row(step: "Step", plan: "Plan") -> tuple[str, str, str]:
    from auditor.declare import describe
    from auditor.plugins import bind, requirement

    probe = bind(step, "probe")
    needs = requirement(probe)
    decided = plan.model or (needs == "decisions" and (plan.data.prediction or plan.data.score))
    runs = needs == "none" or decided
    return (describe(probe), WORDS[needs], "" if runs else "not tested: the plan has none")


WORDS = {"none": "the data", "decisions": "decisions: a model, or a prediction column", "scores": "a model"}
