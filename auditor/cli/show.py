"""``auditor show``."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from auditor.cli.screen import say, table
from auditor.errors import UsageError, near

if TYPE_CHECKING:
    from auditor.plugins import Entry, Option
    from auditor.types import Check


@click.command("show")
@click.argument("name")
def command(name: str) -> None:
    """Show what a probe, pass, loader or rule pack does, where it is from, what it needs, and its options.

    \b
    Examples:
      auditor show deep_word_bug
      auditor show us-four-fifths
      auditor show ./mine
    """  # noqa: D301
    from auditor import plugins
    from auditor.plan import shipped_packs

    found = [entry for noun in get_args(plugins.Noun) for entry in plugins.entries(noun)]
    chosen = [entry for entry in found if entry.name == name]
    for entry in chosen:
        _function(entry)
    if name in shipped_packs() or (Path(name) / "pack.yaml").is_file():
        _pack(name)
    elif not chosen:
        known = [*(entry.name for entry in found), *shipped_packs()]
        raise UsageError(
            f"nothing is called {name!r}{near(name, known)}", remedy="See: auditor list probes|passes|loaders|rules"
        )


def _function(entry: "Entry") -> None:
    import inspect

    from auditor import declare, plugins

    function = plugins.find(entry.noun, entry.name)
    about = declare.info(function)
    say(f"{entry.name}  ({about.kind.replace('_', ' ')})")
    say()
    say(inspect.getdoc(function) or "")
    say()
    rows = [("Source", about.source), ("Defined", f"{entry.path}:{entry.line}")]
    if entry.noun == "probe":
        rows.append(("Needs", _need(function)))
    if about.yields:
        rows.append(("Yields", ", ".join(one.name for one in about.yields)))
    if about.extra:
        rows.append(("Library", f"pip install 'auditor[{about.extra}]'"))
    table(rows)
    if options := plugins.options(function):
        say()
        say("Options")
        table([(option.name, option.kind, _default(option)) for option in options], indent=2)


def _need(function: Callable[..., object]) -> str:
    from auditor.cli.check import WORDS
    from auditor.plugins import requirement

    return WORDS[requirement(function)]


def _default(option: "Option") -> str:
    from auditor.plugins import REQUIRED, RUNNER_BINDS

    if option.name in RUNNER_BINDS:
        return "from the data or the run, where not given"
    return "has to be given" if option.default is REQUIRED else f"default {option.default!r}"


def _pack(name: str) -> None:
    from auditor import judge

    (pack,) = judge.packs([name])
    say(f"{pack.id} {pack.edition}  (rule pack, {pack.status.replace('_', ' ')})")
    say()
    say(pack.title.get("en", ""))
    say(pack.applies.get("en", ""))
    say()
    table([("As of", pack.as_of), ("Review after", pack.stale_after), *(("Source", address) for address in pack.sources)])
    say()
    for clause in pack.clauses:
        say()
        say(f"{clause.ref}  ({clause.severity}; {_CEILINGS[clause.assessment]})")
        table([("Asks", clause.text.get("en", "")), *(("Check", _check(check)) for check in clause.checks)], indent=2)


_CEILINGS = {
    "machine": "decided by measurement",
    "evidence": "measured for a person to judge",
    "attestation": "for a person to state",
}
_SLICES = {"any": "", "whole": " of all rows", "group": " of each group", "intersection": " of each crossed group"}


def _check(check: "Check") -> str:
    """What a check holds against what: ``accuracy_difference of each group, reference any: within 0.10 (house)``."""
    from auditor.judge import wording

    keys = "".join(f", {key} {'any' if value == '*' else value}" for key, value in check.where.items())
    without = "".join(f", without {key}" for key in check.without)
    asked = f"{check.metric}{_SLICES[check.slices]}{keys}{without}"
    by = f"; measured by {check.probe}" if check.probe else ""
    if check.threshold is None:
        return f"{asked}: shown{by}"
    decision = "" if check.threshold.decision == "equivalence" else f", by {check.threshold.decision}"
    least = f"; from {check.needs} rows on" if check.needs > 1 else ""
    return f"{asked}: {wording.limit(check.threshold)}{decision}{by}{least}"
