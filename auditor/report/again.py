"""The command line that measures again, from the plan of a run."""

import shlex
from collections.abc import Mapping, Sequence

from auditor.report.visible import shortened

_LONGEST = 2_000
_MODEL = (("dtype", "auto"), ("device", "auto"))
_CLEAN = (("format", "parquet"), ("evidence", "show"))
_POLICY = (("alpha", 0.05), ("level", 0.95), ("evidence", "show"))


def command(plan: Mapping[str, object], kind: str, probes: Sequence[str] = ()) -> str:
    """The command line of a run, as far as a command line can say it; hostile names are quoted, and visible.

    Args:
        plan: the checked plan of the run.
        kind: ``"audit"`` or ``"cleaning"``.
        probes: only these probes; none means all.
    """
    words = _clean(plan) if kind == "cleaning" else _audit(plan, probes)
    return shortened(shlex.join([*words, *_seed(plan), "-o", "runs/again"]), _LONGEST)


def _audit(plan: Mapping[str, object], probes: Sequence[str]) -> list[str]:
    data, model, policy = (_mapping(plan.get(part)) for part in ("data", "model", "policy"))
    words = ["auditor", "run", *_option("--model", model.get("path")), *_option("--data", data.get("path")), *_columns(data)]
    words += [
        word for name in ("prediction", "score", "positive", "favourable") for word in _option(f"--{name}", data.get(name))
    ]
    steps = [_step(step) for step in _list(plan.get("probes")) if _mapping(step).get("use") in probes]
    words += [word for step in steps if all(steps) for word in _option("--probe", step)]
    words += [word for pack in _list(plan.get("packs")) if pack != "base" for word in _option("--pack", pack)]
    words += [word for name, usual in _MODEL if model.get(name, usual) != usual for word in _option(f"--{name}", model[name])]
    words += [
        word for name, usual in _POLICY if policy.get(name, usual) != usual for word in _option(f"--{name}", policy[name])
    ]
    words += ["--allow-pickle"] if model.get("allow_pickle") else []
    return [*words, "--strict"] if policy.get("strict") else words


def _clean(plan: Mapping[str, object]) -> list[str]:
    data = _mapping(plan.get("data"))
    steps = [_step(step) for step in _list(plan.get("passes"))]
    passes = [word for step in steps if all(steps) for word in _option("--pass", step)]
    words = ["auditor", "clean", str(data.get("path", "")), *_columns(data), *passes]
    words += [word for name, usual in _CLEAN if plan.get(name, usual) != usual for word in _option(f"--{name}", plan[name])]
    return [*words, "--yes"] if plan.get("yes") else words


def _columns(data: Mapping[str, object]) -> list[str]:
    words = [word for name in ("decimal", "thousands", "text") for word in _option(f"--{name}", data.get(name))]
    words += [word for column in _list(data.get("inputs")) for word in _option("--input", column)]
    words += [*_option("--label", data.get("label")), *_option("--id", data.get("id"))]
    return words + [word for group in _list(data.get("groups")) for word in _option("--group", _group(_mapping(group)))]


def _group(group: Mapping[str, object]) -> str:
    """A group column in one line: ``age:25,45=[25, 45)``."""
    edges = ",".join(f"{edge:g}" for edge in _list(group.get("bins")) if isinstance(edge, int | float))
    text = f"{group.get('column')}:{edges}" if edges else str(group.get("column"))
    return f"{text}={group['reference']}" if group.get("reference") else text


def _step(step: object) -> str:
    """A probe or pass in one line; empty where an option is more than a command line can say."""
    use, values = _mapping(step).get("use"), {name: _value(value) for name, value in _mapping(step).items() if name != "use"}
    if None in values.values():
        return ""
    return f"{use}:{','.join(f'{name}={value}' for name, value in values.items())}" if values else str(use)


def _value(value: object) -> str | None:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float | str) and not set(str(value)) & set(",[]{}:#'\""):
        return str(value)
    return None


def _seed(plan: Mapping[str, object]) -> list[str]:
    return ["--seed", str(plan.get("seed", 0))]


def _option(name: str, value: object) -> list[str]:
    return [] if value in (None, "") else [name, str(value)]


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()
