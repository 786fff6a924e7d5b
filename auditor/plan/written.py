"""Plans as ``run.json`` keeps them, and roles as people read them."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from auditor import codec, digest
from auditor.plan.nouns import CleanPlan, Plan
from auditor.plugins import Noun, Step, filled
from auditor.types import Group, Roles


def plain(plan: Plan | CleanPlan) -> dict[str, object]:
    """A checked plan as JSON-like data with all defaults filled in; written to a file, it is a plan that does the same."""
    if isinstance(plan, Plan):
        return _with(replace(plan, probes=()), "probes", _steps(plan.probes, "probe"))
    return _with(replace(plan, passes=()), "passes", _steps(plan.passes, "pass"))


def _with(plan: Plan | CleanPlan, name: str, steps: Sequence[Mapping[str, object]]) -> dict[str, object]:
    whole = cast(dict[str, object], codec.plain(plan))
    # What is not said of the data is left out: in a file, `text: null` says that no column is one of text.
    data = {key: value for key, value in cast(Mapping[str, object], whole["data"]).items() if value not in (None, [], {})}
    return {**whole, "data": data, name: steps}


def _steps(steps: Sequence[Step], noun: Noun) -> list[dict[str, object]]:
    return [{"use": step.use, **step.options} for step in (filled(step, noun) for step in steps)]


def repeated(plan: Mapping[str, object], folder: Path) -> str:
    """The plan of a run as a file of its folder: read from there, it does the same.

    Args:
        plan: as ``plain`` gives it; its paths are those of the working directory.
        folder: where the file will be. Paths in it are relative to that, unless it, or they, are absolute.
    """
    whole = {name: value for name, value in plan.items() if value is not None}
    for section in whole.keys() & {"data", "model"}:
        part = cast(Mapping[str, object], whole[section])
        paths = {name: _from(str(part[name]), folder) for name in ("path", "base") if part.get(name) is not None}
        whole[section] = {**part, **paths}
    if "packs" in whole:
        whole["packs"] = [
            _from(str(pack), folder) if Path(str(pack)).is_dir() else pack for pack in cast(list[str], whole["packs"])
        ]
    job = "clean" if "passes" in whole else "run"
    return f"# What this run did. To do it again: auditor {job} THIS_FILE -o ANOTHER_FOLDER\n{codec.to_yaml(whole)}"


def _from(path: str, folder: Path) -> str:
    """A path of the working directory as seen from a folder; the name of something on a hub as it is."""
    own = Path(path).expanduser()
    if own.is_absolute() or not own.exists():
        return path
    return str(own.absolute()) if folder.is_absolute() else os.path.relpath(own, folder)


def plan_digest(plan: Plan | CleanPlan) -> str:
    """SHA-256 of a checked plan with its defaults filled in, but for what only lets it go on."""
    return digest.of_value(lasting(plan))


def lasting(plan: Plan | CleanPlan) -> dict[str, object]:
    """A checked plan as its folder keeps it: a run that stopped to ask goes on there once it is told ``yes``."""
    return plain(replace(plan, yes=False) if isinstance(plan, CleanPlan) else plan)


def roles_in_words(roles: Roles) -> str:
    """What each column is for, on one line: ``text: review; label: sentiment; groups: sex, age in [25, 45)``."""
    named = {
        "inputs": ", ".join(roles.inputs),
        "label": roles.label,
        "groups": ", ".join(_group(group) for group in roles.groups),
        "id": roles.id,
        "weight": f"{roles.weight} (not used: each row counts once)" if roles.weight else None,
        "split": roles.split,
        "prediction": roles.prediction,
        "score": roles.score,
        "positive class": roles.positive,
        "favourable class": roles.favourable,
    }
    named["not inferred"] = ", ".join(roles.without)
    return "; ".join(f"{name}: {columns}" for name, columns in named.items() if columns)


def _group(group: Group) -> str:
    cut = f" cut at {', '.join(f'{edge:g}' for edge in group.bins)}" if group.bins else ""
    cut += "".join(f" with {' = '.join(names)}" for names in group.same)
    return f"{group.column}{cut}" + (f" (against {group.reference})" if group.reference else "")
