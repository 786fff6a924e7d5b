"""``auditor run``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli import options
from auditor.errors import UsageError

if TYPE_CHECKING:
    from auditor.plan import Plan
    from auditor.plugins import Step


@click.command("run")
@click.argument("plan", required=False, type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Folder of the run; runs/<data>-<digest> by default.")
@click.option("--model", metavar="PATH", help="A checkpoint: folder, file, or hub name.")
@click.option("--data", metavar="PATH", help="A table: file, folder, or hub name.")
@options.rows
@options.columns
@options.classes
@click.option("--probe", "probes", metavar="NAME[:option=value,...]", multiple=True, help="Run only this probe; repeat it.")
@click.option("--pack", "packs", metavar="NAME", multiple=True, help="A rule pack that judges; repeat it.  [default: base]")
@click.option("--statements", metavar="FILE", type=click.Path(path_type=Path), help="What people state about clauses, in YAML.")
@click.option("--seed", type=int, help="Of everything random.  [default: 0]")
@click.option("--dtype", type=click.Choice(["auto", "float32", "bfloat16", "float16"]), help="The model computes in.")
@click.option("--device", metavar="DEVICE", help="The model computes on: auto, cpu, cuda, cuda:1, ...")
@options.weights
@click.option("--allow-pickle", is_flag=True, default=None, help="Load pickled weights, after a scan, with weights_only.")
@click.option("--alpha", type=float, help="Family-wise error rate of the verdicts.  [default: 0.05]")
@click.option("--level", type=float, help="Confidence level of the intervals.  [default: 0.95]")
@options.evidence
@click.option("--strict", is_flag=True, default=None, help="Undecided clauses fail the gate: exit code 4.")
@options.ending
@options.language
def command(plan: Path | None, out: Path | None, lang: str, **given: Any) -> int:
    """Audit a model, a data set, or both, and write the report.

    PLAN is an audit.yaml ('auditor init' writes one); options say the same, and go before what it says.
    The same command goes on where it was stopped, and repeats no finished work.

    \b
    Examples:
      auditor run audit.yaml -o runs/x
      auditor run --model DIR --data test.csv --text text --label label --group gender -o runs/x
      auditor run --data scored.csv --label y --prediction 'score >= 5' --group race=Caucasian --group age:25,45
      auditor run audit.yaml --probe performance --probe deep_word_bug:rows=20 --strict
    """  # noqa: D301
    from auditor.api import run_audit
    from auditor.cli.ending import end, watched

    shown, force = {"quiet": given["quiet"], "as_json": given["as_json"]}, given["force"]
    with watched(quiet=shown["quiet"]) as (far, tell):
        result = run_audit(planned(plan, given), out, lang=lang, force=force, progress=far, tell=tell)
    return end(result, **shown)


def planned(path: Path | None, given: dict[str, Any]) -> "Plan":
    """The plan of the command line: what the file says, and over it what the options say.

    Raises:
        AuditorError: neither says what the data are, or what they say does not fit.
    """
    from dataclasses import replace

    from auditor.plan import DataSpec, Plan, checked, read

    if path is None and not given["data"]:
        raise UsageError("nothing to audit", remedy="Name a plan, or give --data; see: auditor run --help")
    plan = read(path) if path else Plan(DataSpec(given["data"]))
    plan = replace(
        plan,
        data=options.data_of(plan.data, given),
        model=_model(plan, given),
        probes=_probes(plan, given["probes"]),
        packs=tuple(given["packs"]) or plan.packs,
        policy=replace(plan.policy, **_given(given, "alpha", "level", "strict", "evidence")),
        **_statements(given["statements"]),
        **_given(given, "seed"),
    )
    return checked(plan, place="command line")


def _statements(path: Path | None) -> dict[str, Any]:
    from auditor.plan import read_statements

    return {"statements": read_statements(path)} if path else {}


def _given(given: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: given[name] for name in names if given[name] is not None}


def _model(plan: "Plan", given: dict[str, Any]) -> Any:
    from dataclasses import replace

    from auditor.plan import ModelSpec

    changes = _given(given, "dtype", "device", "allow_pickle", "weights", "base")
    model = ModelSpec(given["model"]) if given["model"] else plan.model
    if model is None and changes:
        raise UsageError(
            f"--{next(iter(changes)).replace('_', '-')} is about a model, and there is none", remedy="Give --model."
        )
    return replace(model, **changes) if model else None


def _probes(plan: "Plan", names: tuple[str, ...]) -> "tuple[Step, ...]":
    """The plan's probes, or only those that were named, with the plan's options where no others are given."""
    from auditor.plan import step

    named = [step(text, place="--probe") for text in names]
    planned = [[one] if one.options else [known for known in plan.probes if known.use == one.use] or [one] for one in named]
    return tuple(step for steps in planned for step in steps) or plan.probes
