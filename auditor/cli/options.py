"""Options that several commands take, and what they say about the data."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_NONE: dict[str, dict[str, Any]] = {"text": {"text": None, "inputs": ()}, "groups": {"groups": ()}}
_ROLES = ("text", "label", "groups", "id", "weight", "split", "prediction", "score")
_COLUMNS = ("records", "text", "label", "id", "prediction", "score", "positive", "favourable", "decimal", "thousands")


def _together(*options: Callable[[F], F]) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def columns(function: F) -> F:
    """What the columns of the data are for."""
    return _together(
        click.option("--data-format", metavar="FORMAT", help="Of the data, such as csv:latin-1; else told by their content."),
        click.option("--columns", "names", metavar="NAME,...", help="Names for the columns of text without a header."),
        click.option("--records", metavar="FIELD", help="The field that holds the records of a JSON file, such as a.b."),
        click.option(
            "--decimal", metavar="SIGN", help="Before decimals in numbers: '.' or ','; asked for where it is not clear."
        ),
        click.option("--thousands", metavar="SIGN", help="Between groups of thousands: '.', ',', ' ', \"'\" or '_'."),
        click.option("--text", metavar="COLUMN", help="The text column that the model reads."),
        click.option("--input", "inputs", metavar="COLUMN", multiple=True, help="A column that the model reads; repeat it."),
        click.option("--label", metavar="COLUMN", help="The true class."),
        click.option("--id", metavar="COLUMN", help="A stable name of each row: rows that differ only in it are equal."),
        click.option(
            "--group",
            "groups",
            metavar="COLUMN[:25,45][=REFERENCE]",
            multiple=True,
            help="Who a row is about, with inner edges for numbers and the group to compare with; repeat it.",
        ),
        click.option(
            "--same",
            metavar="COLUMN:NAME=SPELLING",
            multiple=True,
            help="Spellings of one group of a column, such as sex:Female=female=FEMALE; repeat it.",
        ),
        click.option(
            "--without",
            metavar="ROLE",
            type=click.Choice(_ROLES),
            multiple=True,
            help="Infer no column for a role, such as text or groups; repeat it.",
        ),
        click.option(
            "--no-infer", "infer", flag_value=False, default=None, help="Infer no role: only columns that are named have one."
        ),
    )(function)


def classes(function: F) -> F:
    """Decisions in the data, which classes are meant, and what stands for them."""
    return _together(
        click.option("--prediction", metavar="COLUMN", help="A class decided elsewhere: COLUMN, or 'COLUMN >= NUMBER'."),
        click.option("--score", metavar="COLUMN", help="The positive class's probability, from elsewhere."),
        click.option("--positive", metavar="CLASS", help="The class that error rates speak of; the last one by default."),
        click.option("--favourable", metavar="CLASS", help="The good outcome, such as hired: what selection rates count."),
        click.option(
            "--labels",
            metavar="LABEL=CLASS",
            multiple=True,
            help="What a label or prediction stands for, such as pos=positive; repeat it.",
        ),
        click.option("--max-classes", type=int, help="Distinct labels that are taken for classes.  [default: 1000]"),
    )(function)


def rows(function: F) -> F:
    """How many rows to look at."""
    return click.option("--rows", type=int, help="Draw so many rows at random, by the seed; all by default.")(function)


def ending(function: F) -> F:
    """What happens to a run that is there, and what is said at the end."""
    return _together(
        click.option("--force", is_flag=True, help="Keep another run that the folder holds beside it, and begin anew."),
        click.option("--quiet", is_flag=True, help="Say nothing but errors; the exit code tells."),
        click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON object, and nothing else."),
    )(function)


def weights(function: F) -> F:
    """Which weights of a checkpoint are read."""
    return _together(
        click.option("--weights", metavar="FILE", help="Of a checkpoint with several sets of weights: the one to audit."),
        click.option("--base", metavar="PATH", help="The base model of an adapter, where it is not what the adapter names."),
    )(function)


def language(function: F) -> F:
    """In which language the report is."""
    return click.option("--lang", type=click.Choice(["en", "zh"]), default="en", help="Language of the report.")(function)


def evidence(function: F) -> F:
    """What may be shown of rows."""
    choices = click.Choice(["show", "hash", "none"])
    return click.option("--evidence", type=choices, help="What report and ledger show of rows.  [default: show]")(function)


def data_of(spec: Any, given: dict[str, Any]) -> Any:
    """A data specification with what was given on the command line."""
    from auditor import plan

    changes = {name: given[name] for name in _COLUMNS if given.get(name) is not None}
    if given.get("data_format"):
        changes["format"] = given["data_format"]
    if given.get("names"):
        changes["columns"] = tuple(next(csv.reader([given["names"]], skipinitialspace=True)))
    if given.get("data"):
        changes["path"] = given["data"]
    changes |= {name: given[name] for name in ("infer", "max_classes", "rows") if given.get(name) is not None}
    if given.get("labels"):
        changes["labels"] = {**spec.labels, **dict(plan.label(text) for text in given["labels"])}
    if given.get("inputs"):
        changes["inputs"] = tuple(given["inputs"])
    if given.get("groups"):
        changes["groups"] = tuple(plan.group(text) for text in given["groups"])
    for text in given.get("same") or ():
        changes["groups"] = plan.same(changes.get("groups", spec.groups), text)
    return replace(spec, **changes, **_without(spec, changes, given.get("without") or ()))


def _without(spec: Any, changes: dict[str, Any], off: Sequence[str]) -> dict[str, Any]:
    """Roles that have no column: what the command line says of a role goes before what the plan says."""
    said = {"text" if name == "inputs" else name for name in changes}
    kept = [role for role in spec.without if role not in said]
    cleared = {name: value for role in off if role not in said for name, value in _NONE.get(role, {role: None}).items()}
    return {**cleared, "without": tuple(dict.fromkeys([*kept, *off]))}
