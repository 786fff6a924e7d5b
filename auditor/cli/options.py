"""Options that several commands take, and what they say about the data."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_COLUMNS = ("text", "label", "id", "prediction", "score", "positive", "favourable")


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
    if given.get("data"):
        changes["path"] = given["data"]
    if given.get("inputs"):
        changes["inputs"] = tuple(given["inputs"])
    if given.get("groups"):
        changes["groups"] = tuple(plan.group(text) for text in given["groups"])
    return replace(spec, **changes)
