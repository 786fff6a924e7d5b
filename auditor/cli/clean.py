"""``auditor clean``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from auditor.cli import options

if TYPE_CHECKING:
    from auditor.plan import CleanPlan

_OWN = ("seed", "runner", "workers", "format", "evidence", "yes")
"""Options that are keys of the plan by the same name."""


@click.command("clean")
@click.argument("data")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Folder of the run; clean/<data>-<digest> by default.")
@click.option("--pass", "passes", metavar="NAME[:option=value,...]", multiple=True, help="What to do, in order; repeat it.")
@options.rows
@options.columns
@click.option("--seed", type=int, default=0, help="Of everything random.")
@click.option("--runner", type=click.Choice(["auto", "inline", "process"]), default="auto", help="Where passes run.")
@click.option("--workers", type=int, help="How many processes; one per core by default.")
@click.option("--format", type=click.Choice(["parquet", "csv", "jsonl"]), default="parquet", help="Of the cleaned data.")
@options.evidence
@click.option("--yes", is_flag=True, help="Write the data where a pass takes over 10 % of the rows, or too many of one group.")
@options.ending
@options.language
def command(data: str, out: Path | None, passes: tuple[str, ...], lang: str, **given: Any) -> int:
    """Clean a data set, with a ledger of every row that was removed or changed, and why.

    DATA is a file, a folder, or a hub name; or the clean.yaml that a run leaves in its folder, over which options go. Without
    --pass, text is repaired and exact duplicates are removed; 'auditor list passes' lists what else there is. The same command
    goes on where it was stopped. A pass that would take over 10 % of the rows, or of one group over twice the share that it
    takes of all, stops the run (exit code 3) before data are written; look at the report, and give --yes to go on.

    \b
    Examples:
      auditor clean train.parquet -o clean/
      auditor clean train.csv --text text --label label --group gender --pass whitespace --pass drop_exact_duplicates -o clean/
    """  # noqa: D301
    from auditor.api import run_clean
    from auditor.cli.ending import end, watched

    plan = planned(data, passes, given)
    shown = {"quiet": given["quiet"], "as_json": given["as_json"]}
    with watched(quiet=shown["quiet"]) as (far, tell):
        result = run_clean(plan, out, lang=lang, force=given["force"], progress=far, tell=tell)
    return end(result, **shown)


def planned(data: str, passes: tuple[str, ...], given: dict[str, Any]) -> "CleanPlan":
    """The plan of the command line: of the data, or the plan of a run with what the options say in its place."""
    from dataclasses import replace

    from auditor.plan import CleanPlan, DataSpec, read_clean, step

    plan = read_clean(Path(data)) if Path(data).suffix.lower() in (".yaml", ".yml") else CleanPlan(DataSpec(data))
    source = click.get_current_context().get_parameter_source
    said = {name: given[name] for name in _OWN if source(name) not in (ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP)}
    steps = tuple(step(text, place="--pass") for text in passes)
    return replace(plan, data=options.data_of(plan.data, given), passes=steps or plan.passes, **said)
