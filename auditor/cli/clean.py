"""``auditor clean``."""

from pathlib import Path
from typing import Any

import click

from auditor.cli import options


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

    DATA is a file, a folder, or a hub name. Without --pass, text is repaired and exact duplicates are removed;
    'auditor list passes' lists what else there is. The same command goes on where it was stopped. A pass that would take
    over 10 % of the rows, or of one group over twice the share that it takes of all, stops the run (exit code 3) before data
    are written; look at the report, and give --yes to go on.

    \b
    Examples:
      auditor clean train.parquet -o clean/
      auditor clean train.csv --text text --label label --group gender --pass whitespace --pass drop_exact_duplicates -o clean/
    """  # noqa: D301
    from auditor.api import run_clean
    from auditor.cli.ending import end, watched
    from auditor.plan import CleanPlan, DataSpec, default_passes, step

    plan = CleanPlan(
        data=options.data_of(DataSpec(data), given),
        passes=tuple(step(text, place="--pass") for text in passes) or default_passes(),
        seed=given["seed"],
        runner=given["runner"],
        workers=given["workers"],
        format=given["format"],
        evidence=given["evidence"] or "show",
        yes=given["yes"],
    )
    shown = {"quiet": given["quiet"], "as_json": given["as_json"]}
    with watched(quiet=shown["quiet"]) as (far, tell):
        result = run_clean(plan, out, lang=lang, force=given["force"], progress=far, tell=tell)
    return end(result, **shown)
