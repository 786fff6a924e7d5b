"""An ``audit.yaml`` to start from: what was found in the data, what can be said, and why."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from auditor import plan
from auditor.plugins import entries
from auditor.types import ROW, Batch, Group, Model, Roles, Table

_WIDTH = 40
_LEVELS = 12
"""A column with more different values than this is not taken for one of groups."""

_SAMPLE = 10_000
_TURNING = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What turns the direction of text, and would show a name as another one."""

_PLAIN = re.compile(r"[./]*[A-Za-z_][\w./-]*", re.ASCII)


def audit_yaml(table: Table, loaded: Model | None, *, model: str | None, base: Path) -> str:
    """A plan as commented YAML.

    Args:
        table: the data, with roles.
        loaded: the model, where it was loaded.
        model: its path, as the user gave it.
        base: folder that the file will be in; paths in it are relative to that.
    """
    lines = [
        "# What is audited, and how. See what it does with `auditor check`, do it with `auditor run`.",
        "",
        *_data(table, base),
        "",
        *_model(loaded, model, base),
        "",
        *_probes(),
        "",
        _line("packs: [base]", "rule packs that judge; `auditor list rules` has more"),
        "policy:",
        _line("  alpha: 0.05", "family-wise error rate of the verdicts"),
        _line("  level: 0.95", "confidence level of the intervals"),
        _line("  strict: false", "true: undecided clauses fail the gate, with exit code 4"),
        _line("  evidence: show", "show, hash or none: what the report prints of rows"),
        _line("seed: 0", "of everything random"),
    ]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """A scalar of YAML, on one line, whatever is in it."""
    if _PLAIN.fullmatch(text) and text.lower() not in ("true", "false", "null"):
        return text
    dumped = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=2**31).rstrip("\n")
    return _TURNING.sub(lambda match: f"\\u{ord(match[0]):04X}", dumped)


def _line(key: str, comment: str) -> str:
    """A key and a comment, which YAML takes for one only after a space."""
    return f"{key:<{_WIDTH - 1}} # {comment}"


def _path(path: str, base: Path) -> str:
    """A path as seen from a folder; a hub name as it is."""
    return quoted(os.path.relpath(path, base) if Path(path).exists() and not Path(path).is_absolute() else path)


def _data(table: Table, base: Path) -> Iterator[str]:
    roles, sample = table.roles, next(table.batches()).slice(0, _SAMPLE)
    yield "data:"
    yield _line(f"  path: {_path(table.source.name, base)}", f"{table.rows:,} rows, read as {table.source.format}")
    yield from _inputs(roles)
    yield _role("label", roles.label, "the true class" + _values(sample, roles.label))
    yield _role("positive", roles.positive, "the class that rates speak of; the last one where it is not said")
    yield from _groups(roles, sample)
    for name, about in (
        ("prediction", "a class decided elsewhere, such as y_pred, or 'score >= 0.5'"),
        ("score", "the positive class's probability, from elsewhere"),
        ("id", "a stable name of each row"),
        ("weight", "a weight of each row; named so that it is no input, and not used by measurements"),
        ("split", "which part of the data a row belongs to"),
    ):
        yield _role(name, getattr(roles, name), about)


def _inputs(roles: Roles) -> Iterator[str]:
    if len(roles.inputs) > 1:
        yield _line(f"  inputs: [{', '.join(quoted(name) for name in roles.inputs)}]", "the columns that the model reads")
    else:
        yield _role("text", roles.inputs[0] if roles.inputs else None, "the column that the model reads")


def _role(name: str, column: str | None, about: str) -> str:
    return _line(f"  {name}: {quoted(column)}", about) if column else _line(f"  # {name}:", about)


def _groups(roles: Roles, sample: Batch) -> Iterator[str]:
    used = {*roles.inputs, *(getattr(roles, name) for name in ("label", "id", "weight", "split", "prediction", "score")), ROW}
    candidates = [name for name in sample.column_names if name not in used and name not in {one.column for one in roles.groups}]
    yield _line("  groups:" if roles.groups else "  # groups:", "who a row is about; the report compares them")
    for group in roles.groups:
        yield _line(f"    - {_group(group)}", _values(sample, group.column).removeprefix(": "))
    for name in candidates:
        if values := _values(sample, name):
            yield _line(f"    # - {quoted(name)}", values.removeprefix(": "))
        elif re.search(r"(^|_)age($|_)", name.lower()):
            yield _line(f"    # - {{column: {quoted(name)}, bins: [25, 45]}}", "numbers are cut at inner edges")


def _group(group: Group) -> str:
    if not group.bins and group.reference is None:
        return quoted(group.column)
    parts = [f"column: {quoted(group.column)}"]
    parts += [f"bins: [{', '.join(f'{edge:g}' for edge in group.bins)}]"] if group.bins else []
    parts += [f"reference: {quoted(group.reference)}"] if group.reference is not None else []
    return f"{{{', '.join(parts)}}}"


def _values(sample: Batch, column: str | None) -> str:
    """``: Female, Male`` where a column of the sample has few different values, else nothing."""
    if column not in sample.column_names:
        return ""
    values = sample.column(column).unique().drop_null().to_pylist()
    return ": " + ", ".join(sorted(quoted(str(value)[:40]) for value in values)) if 2 <= len(values) <= _LEVELS else ""


def _model(loaded: Model | None, model: str | None, base: Path) -> Iterator[str]:
    if model is None:
        yield _line("# model: checkpoint/", "a folder, a file or a hub name; without one the data alone are audited")
        return
    yield "model:"
    about = f"{loaded.kind}, classes {', '.join(quoted(name[:40]) for name in loaded.classes)}" if loaded else "not loaded yet"
    yield _line(f"  path: {_path(model, base)}", about)
    yield _line("  dtype: auto", "auto, float32, bfloat16 or float16")
    yield _line("  device: auto", "auto, cpu, cuda, cuda:1, ...")
    yield _line("  allow_pickle: false", "true: load pickled weights, after a scan, with weights_only")


def _probes() -> Iterator[str]:
    about = {entry.name: entry.summary for entry in entries("probe")}
    yield _line("probes:", "what is measured; `auditor show NAME` tells what each takes")
    for step in plan.default_probes():
        first = f"use: {step.use}" if step.options else step.use
        yield _line(f"  - {first}", about.get(step.use, "")).rstrip(" #")
        for name, value in step.options.items():
            yield f"    {name}: {quoted(str(value))}"
