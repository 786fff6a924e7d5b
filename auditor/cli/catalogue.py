"""``auditor list``."""

from typing import TYPE_CHECKING, Literal, cast

import click

from auditor.cli.screen import say, table

if TYPE_CHECKING:
    from auditor.plugins import Noun

NOUNS = {"probes": "probe", "passes": "pass", "loaders": "loader"}


@click.command("list")
@click.argument("kind", type=click.Choice([*NOUNS, "rules"]))
def command(kind: Literal["probes", "passes", "loaders", "rules"]) -> None:
    """List what there is, built in and from plugins, each with its first sentence.

    \b
    Examples:
      auditor list probes
      auditor list rules
    """  # noqa: D301
    table([*_rules()] if kind == "rules" else [*_functions(cast("Noun", NOUNS[kind]))])
    say("More of one: auditor show NAME", error=True)


def _functions(noun: "Noun") -> list[tuple[str, str]]:
    from auditor.plugins import entries

    return [(entry.name, entry.summary) for entry in entries(noun)]


def _rules() -> list[tuple[str, str, str]]:
    from auditor import judge
    from auditor.plan import shipped_packs

    return [(pack.id, pack.edition, pack.title.get("en", "")) for pack in judge.packs(shipped_packs())]
