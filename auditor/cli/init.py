"""``auditor init``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli import options
from auditor.cli.screen import say, shown
from auditor.errors import UsageError

if TYPE_CHECKING:
    from auditor.types import Model, Table


@click.command("init")
@click.option("--data", metavar="PATH", required=True, help="A table: file, folder, or hub name.")
@click.option("--model", metavar="PATH", help="A checkpoint: folder, file, or hub name.")
@options.columns
@click.option("--prediction", metavar="COLUMN", help="A class decided elsewhere.")
@click.option("--score", metavar="COLUMN", help="The positive class's probability, from elsewhere.")
@click.option("-o", "--out", default="audit.yaml", help="File to write; '-' prints it.", show_default=True)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def command(data: str, model: str | None, out: str, force: bool, **given: Any) -> None:
    """Look at a model and a data file, and write a commented audit.yaml.

    What each column is for is inferred where no option says it; read it, correct it, then run it.

    \b
    Examples:
      auditor init --model checkpoint/ --data test.csv
      auditor init --data scored.csv --label y --prediction y_pred -o audits/credit.yaml
    """  # noqa: D301
    from auditor.cli.starter import audit_yaml
    from auditor.plan import roles_in_words
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
    table, loaded = _looked_at(data, model, given)
    text = audit_yaml(table, loaded, model=model, base=Path() if out == "-" else path.parent)
    if out == "-":
        say(text.rstrip())
        return
    write_atomic(path, text)
    say(f"Roles   {shown(roles_in_words(table.roles)) or 'none found'}")
    say(f"Wrote   {out}")
    say(f"Next    auditor check {out}, then auditor run {out}")


def _looked_at(data: str, model: str | None, given: dict[str, Any]) -> "tuple[Table, Model | None]":
    """The table with its roles inferred, and the model, where it can be loaded safely."""
    from auditor.loaders import tables
    from auditor.plan import DataSpec
    from auditor.store import cache_folder

    loaded = _loaded(model) if model else None
    spec = options.data_of(DataSpec(data), given)
    takes = loaded.takes if loaded else None
    return tables.load(data, spec.roles, cache=cache_folder(), format=spec.format, takes=takes), loaded


def _loaded(model: str) -> "Model | None":
    from auditor.errors import UnsafeCheckpoint
    from auditor.loaders import checkpoints
    from auditor.store import cache_folder

    try:
        return checkpoints.load(model, cache=cache_folder())
    except UnsafeCheckpoint as error:
        say(f"auditor: the model is not loaded: {shown(str(error))}", error=True)
        return None
