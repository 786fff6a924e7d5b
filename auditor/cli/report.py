"""``auditor report``."""

from pathlib import Path

import click

from auditor.cli import options
from auditor.cli.screen import say


@click.command("report")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Folder to write to; the run's own by default.")
@options.language
def command(run: Path, out: Path | None, lang: str) -> None:
    """Write the report of a run again; nothing is computed.

    RUN is the folder of a run, or its run.json. Beside report.html there are run.json with its JSON Schema, junit.xml and
    report.md: all of them say the same.

    \b
    Examples:
      auditor report runs/x
      auditor report runs/x --lang zh -o berichte/
    """  # noqa: D301
    from auditor import report
    from auditor.store.files import check_writable

    found, folder = report.read(run), out or (run if run.is_dir() else run.parent)
    check_writable(folder, remedy="Name another folder with -o.")
    say(str(report.write(found, folder, lang=lang, home=run if run.is_dir() else run.parent)))
