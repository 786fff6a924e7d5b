"""``auditor init``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli import options
from auditor.cli.screen import say, shown
from auditor.errors import UsageError

if TYPE_CHECKING:
    from auditor.plan import ModelSpec
    from auditor.run.audit import Opened


@click.command("init")
@click.option("--data", metavar="PATH", required=True, help="A table: file, folder, or hub name.")
@click.option("--model", metavar="PATH", help="A checkpoint: folder, file, or hub name.")
@options.weights
@options.columns
@options.classes
@click.option("-o", "--out", default="audit.yaml", help="File to write; '-' prints it.", show_default=True)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def command(data: str, model: str | None, out: str, force: bool, **given: Any) -> None:
    """Look at a model and a data file, and write a commented audit.yaml.

    What each column is for is inferred where no option says it, as 'auditor run' infers it; read it, correct it, then run it.
    Which class is favourable is proposed in a comment, and never decided.

    \b
    Examples:
      auditor init --model checkpoint/ --data test.csv
      auditor init --data scored.csv --label y --prediction y_pred -o audits/credit.yaml
    """  # noqa: D301
    from auditor.cli.starter import audit_yaml
    from auditor.plan import DataSpec, Plan, checked, roles_in_words
    from auditor.run.audit import opened
    from auditor.store import check_cache
    from auditor.store.files import check_writable, write_atomic

    path = Path(out)
    if out != "-" and path.exists() and not force:
        raise UsageError("is there already", place=out, remedy="Name another file with -o, or give --force to write over it.")
    if out != "-":
        if path.is_dir():
            raise UsageError("is a folder", place=out, remedy="Name a file with -o.")
        check_writable(path.parent, remedy="Name a file in another folder with -o.")
    check_cache()
    plan = checked(Plan(options.data_of(DataSpec(data), given), _model_spec(model, given)), place="command line")
    found = opened(plan, forgiving=True)
    if found.facts and not found.model:
        say(f"auditor: the model is not loaded: {shown(str(found.facts.reason))}", error=True)
    text = audit_yaml(found.table, found.model, model=plan.model, base=Path() if out == "-" else path.parent, spec=plan.data)
    if out == "-":
        say(text.rstrip())
        return
    write_atomic(path, text)
    say(f"Roles   {shown(roles_in_words(found.table.roles)) or 'none found'}")
    _say_classes(found)
    say(f"Wrote   {out}")
    say(f"Next    auditor check {out}, then auditor run {out}")


def _model_spec(model: str | None, given: dict[str, Any]) -> "ModelSpec | None":
    from auditor.plan import ModelSpec

    parts = {name: given.pop(name) for name in ("weights", "base")}
    for name, value in parts.items():
        if value and not model:
            raise UsageError(f"--{name} is about a model, and there is none", remedy="Give --model.")
    return ModelSpec(model, **parts) if model else None


def _say_classes(found: "Opened") -> None:
    """Say which classes there are, and what a person has still to say of them."""
    from auditor.run.facts import of_classes, of_table

    for sentence in of_classes(of_table(found.table, found.decided)):
        say(f"Open    {shown(sentence)}")
    if found.problem:
        say(f"Mend    {shown(str(found.problem))}")
