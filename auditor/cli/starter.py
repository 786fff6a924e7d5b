"""An ``audit.yaml`` to start from: what was found in the data, what can be said, and why."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import yaml

from auditor import plan
from auditor.plugins import entries
from auditor.predict.labels import listed
from auditor.predict.names import ordered, read
from auditor.predict.proposals import favourable, label_map, positive, written
from auditor.stats.cells import encode, is_numeric, text
from auditor.types import ROW, Batch, Group, Model, Roles, Table
from auditor.types.plain import comparable
from auditor.types.plain import listed as cells_of

_WIDTH = 40
_LEVELS = 12
"""A column with more different values than this is not taken for one of groups."""

_SAMPLE = 10_000
_MOST = 1_000
_SHOWN = 4
_TURNING = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What turns the direction of text, and would show a name as another one."""

_PLAIN = re.compile(r"[./]*[A-Za-z_][\w./-]*", re.ASCII)


def audit_yaml(
    table: Table, loaded: Model | None, *, model: "str | plan.ModelSpec | None", base: Path, spec: plan.DataSpec | None = None
) -> str:
    """A plan as commented YAML.

    Args:
        table: the data, with roles.
        loaded: the model, where it was loaded.
        model: its path, as the user gave it, or with it what else was said of it.
        base: folder that the file will be in; paths in it are relative to that.
        spec: what was said of the data.
    """
    lines = [
        "# What is audited, and how. See what it does with `auditor check`, do it with `auditor run`.",
        "",
        *_data(table, base, spec or plan.DataSpec(table.source.name), loaded.classes if loaded else ()),
        "",
        *_model(loaded, plan.ModelSpec(model) if isinstance(model, str) else model, base),
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


def _data(table: Table, base: Path, spec: plan.DataSpec, classes: Sequence[str]) -> Iterator[str]:
    roles, sample = table.roles, next(table.batches()).slice(0, _SAMPLE)
    yield "data:"
    yield _line(f"  path: {_path(table.source.name, base)}", f"{table.rows:,} rows, read as {table.source.format}")
    yield from _reading(spec)
    yield from _inputs(roles)
    yield _role("label", roles.label, f"the true class{_values(sample, roles.label) or _candidates(roles, sample)}")
    yield from _classes(roles, sample, classes)
    yield from _groups(roles, sample)
    for name, about in (
        ("prediction", "a class decided elsewhere, such as y_pred, or 'score >= 0.5'"),
        ("score", "the positive class's probability, from elsewhere"),
        ("id", "a stable name of each row"),
        ("weight", "a weight of each row; named so that it is no input, and not used by measurements"),
        ("split", "which part of the data a row belongs to"),
    ):
        yield _role(name, getattr(roles, name), about)


def _reading(spec: plan.DataSpec) -> Iterator[str]:
    """What was said on the command line of how the data are read, and of what is not inferred."""
    if spec.format:
        yield _line(f"  format: {quoted(spec.format)}", "what the data are read as")
    if spec.columns:
        yield _line(f"  columns: [{', '.join(map(quoted, spec.columns))}]", "names for the columns, which have no header")
    if spec.records is not None:
        yield _line(f"  records: {quoted(spec.records)}", "the field that holds the records")
    for name, what in (
        ("decimal", "the sign before decimals in numbers"),
        ("thousands", "the sign between groups of thousands"),
    ):
        yield from (_line(f"  {name}: {quoted(sign)}", what) for sign in (getattr(spec, name),) if sign)
    if not spec.infer:
        yield _line("  infer: false", "only columns that are named here have a role")
    if spec.without:
        yield _line(f"  without: [{', '.join(spec.without)}]", "roles that no column has, and that are not inferred")
    if spec.max_classes != plan.MOST_CLASSES:
        yield _line(f"  max_classes: {spec.max_classes}", "distinct labels that are taken for classes")


def _classes(roles: Roles, sample: Batch, classes: Sequence[str]) -> Iterator[str]:
    """Which class each rate speaks of, and what stands for them: said, or proposed in a comment."""
    labels = _distinct(sample, roles.label)
    own = {str(text(name)) for name in classes}
    if roles.labels:
        yield _line(f"  {written(roles.labels)}", "which class each label means")
    elif classes and labels and not read(labels, classes, indices=True):
        proposed = label_map([one for one in labels if one not in own][:_LEVELS], classes)
        yield _line(f"  # {written(proposed)}", "proposed: which class of the model each label means")
    names = [*classes] or [roles.labels.get(one, one) for one in ordered(labels)]
    yield _positive(roles, names)
    proposed_class = None if roles.favourable else favourable(names)
    if proposed_class:
        about = f"proposed: of {listed([quoted(one) for one in names])} the one that is usually good for the person"
        yield _line(f"  # favourable: {quoted(proposed_class)}", f"{about}; take the first # away if it is")
    else:
        about = "the class that is good for the person, such as hired; selection rates are not tested without it"
        yield _role("favourable", roles.favourable, about)


def _positive(roles: Roles, names: Sequence[str]) -> str:
    about = "the class that error rates speak of; the last one where it is not said"
    proposed = None if roles.positive else positive(names)
    if proposed and proposed != names[-1]:
        return _line(f"  # positive: {quoted(proposed)}", f"proposed: {about}, here {quoted(names[-1])}")
    return _role("positive", roles.positive, about)


def _distinct(sample: Batch, column: str | None) -> list[str]:
    """The values of a column of the sample in canonical form, where they are few."""
    if column not in sample.column_names or pa.types.is_nested(sample.schema.field(column).type):
        return []
    found = encode(sample.column(column)).names
    return list(found) if len(found) <= _MOST else []


def _candidates(roles: Roles, sample: Batch) -> str:
    """Columns that may be the label, where none is known: those of two values, the last first."""
    named = _used(roles)
    found = [name for name in reversed(sample.column_names) if name not in named and len(_distinct(sample, name)) == 2]
    return f"; perhaps {' or '.join(quoted(name) for name in found[:_SHOWN])}" if found and not roles.label else ""


def _used(roles: Roles) -> set[str]:
    single = (getattr(roles, name) for name in ("label", "id", "weight", "split", "prediction", "score"))
    return {*roles.inputs, *(name for name in single if name), *(group.column for group in roles.groups), ROW}


def _inputs(roles: Roles) -> Iterator[str]:
    if len(roles.inputs) > 1:
        yield _line(f"  inputs: [{', '.join(quoted(name) for name in roles.inputs)}]", "the columns that the model reads")
    else:
        yield _role("text", roles.inputs[0] if roles.inputs else None, "the column that the model reads")


def _role(name: str, column: str | None, about: str) -> str:
    return _line(f"  {name}: {quoted(column)}", about) if column else _line(f"  # {name}:", about)


def _groups(roles: Roles, sample: Batch) -> Iterator[str]:
    candidates = [name for name in sample.column_names if name not in _used(roles)]
    yield _line("  groups:" if roles.groups else "  # groups:", "who a row is about; the report compares them")
    for group in roles.groups:
        yield _line(f"    - {_group(group)}", _values(sample, group.column).removeprefix(": "))
    for name in candidates:
        kind = sample.schema.field(name).type
        numeric = is_numeric(kind) and not pa.types.is_boolean(kind)
        if not numeric and (values := _values(sample, name)):
            yield _line(f"    # - {quoted(name)}", values.removeprefix(": "))
        elif numeric and re.search(r"(^|_)age($|_)|年龄|年纪", name.lower()):
            yield _line(f"    # - {{column: {quoted(name)}, bins: [25, 45]}}", "numbers are cut at inner edges")


def _group(group: Group) -> str:
    if not group.bins and group.reference is None and not group.same:
        return quoted(group.column)
    parts = [f"column: {quoted(group.column)}"]
    parts += [f"bins: [{', '.join(f'{edge:g}' for edge in group.bins)}]"] if group.bins else []
    parts += [f"reference: {quoted(group.reference)}"] if group.reference is not None else []
    sets = [f"[{', '.join(map(quoted, names))}]" for names in group.same]
    parts += [f"same: [{', '.join(sets)}]"] if sets else []
    return f"{{{', '.join(parts)}}}"


def _values(sample: Batch, column: str | None) -> str:
    """``: Female, Male`` where a column of the sample has few different values, else nothing."""
    if column not in sample.column_names:
        return ""
    values = cells_of(comparable(sample.column(column)).unique().drop_null())
    return ": " + ", ".join(sorted(quoted(str(value)[:40]) for value in values)) if 2 <= len(values) <= _LEVELS else ""


def _model(loaded: Model | None, spec: plan.ModelSpec | None, base: Path) -> Iterator[str]:
    model, weights, under = (spec.path, spec.weights, spec.base) if spec else (None, None, None)
    if model is None:
        yield _line("# model: checkpoint/", "a folder, a file or a hub name; without one the data alone are audited")
        return
    yield "model:"
    about = f"{loaded.kind}, classes {', '.join(quoted(name[:40]) for name in loaded.classes)}" if loaded else "not loaded yet"
    yield _line(f"  path: {_path(model, base)}", about)
    if weights:
        yield _line(f"  weights: {quoted(weights)}", "the file that is audited, of several sets of weights")
    if under:
        yield _line(f"  base: {_path(under, base)}", "the base model of the adapter")
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
