"""What was audited, with what, and where: scope, model, data, plan and environment."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from auditor.report import format as form
from auditor.report.reading import Reading
from auditor.report.visible import name as short
from auditor.report.visible import shortened, visible_lines
from auditor.report.words import Text
from auditor.types import Group

Facts = tuple[tuple[str, str], ...]
"""Labels and what they say."""

_PLAN = 20_000


@dataclass(frozen=True, slots=True)
class Files:
    """Files of a checkpoint: path, size and SHA-256 of each."""

    rows: tuple[tuple[str, str, str], ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Identity:
    """What a run was made of.

    Attributes:
        run: facts about the run itself.
        data: facts about the data; ``notes`` says what reading it took.
        roles: what each column is for.
        model: facts about the model; empty where there was none.
        model_reason: why the model could not be asked, where it could not.
        model_notes: what a reader must know of its scores.
        files: of the checkpoint.
        environment: facts about the machine.
        packages: versions of the libraries.
        plan: the checked plan as JSON.
    """

    run: Facts
    data: Facts
    notes: tuple[Text, ...]
    roles: Facts
    model: Facts
    model_reason: Text | None
    model_notes: tuple[Text, ...]
    files: Files
    environment: Facts
    packages: Facts
    plan: str


def identity(reading: Reading) -> Identity:
    """Scope and identity of a run."""
    run, words = reading.run, reading.words
    reason = run.model.reason if run.model else None
    return Identity(
        run=_labelled(reading, "run", _run(reading)),
        data=_labelled(reading, "data", _data(reading)),
        notes=tuple(words.english(note) for note in run.data.source.notes),
        roles=_labelled(reading, "roles", _roles(reading)),
        model=_labelled(reading, "model", _model(reading)),
        model_reason=words.english(reason) if reason else None,
        model_notes=tuple(words.english(note) for note in run.model.notes) if run.model else (),
        files=_files(reading),
        environment=_labelled(reading, "environment", _environment(reading)),
        packages=tuple((short(name), short(version)) for name, version in run.environment.packages.items()),
        plan=visible_lines(json.dumps(run.plan, indent=2, ensure_ascii=False, default=str)[:_PLAN]),
    )


def _labelled(reading: Reading, section: str, facts: Mapping[str, str]) -> Facts:
    """Facts that say something, under their labels in the reader's language."""
    return tuple((reading.words(f"identity.{section}.{key}"), value) for key, value in facts.items() if value)


def _run(reading: Reading) -> dict[str, str]:
    run = reading.run
    return {
        "started": short(form.moment(run.started)),
        "seconds": form.quantity(run.seconds, "s", reading.words),
        "version": short(run.version),
        "seed": str(run.seed),
        "plan_digest": short(run.plan_digest),
        "schema": short(run.schema),
    }


def _data(reading: Reading) -> dict[str, str]:
    data = reading.run.data
    return {
        "name": shortened(data.source.name, 300),
        "format": short(data.source.format),
        "rows": form.grouped(data.rows),
        "source_rows": form.grouped(data.source.rows),
        "quarantined": form.grouped(data.source.quarantined),
        "columns": form.grouped(len(data.columns)),
        "digest": short(data.source.digest),
        "fingerprint": short(data.fingerprint),
    }


def _roles(reading: Reading) -> dict[str, str]:
    roles = reading.run.data.roles
    return {
        "inputs": ", ".join(short(column) for column in roles.inputs),
        "label": short(roles.label or ""),
        "prediction": short(roles.prediction or ""),
        "score": short(roles.score or ""),
        **_classes(reading),
        "groups": "; ".join(_group(reading, group) for group in roles.groups),
        "id": short(roles.id or ""),
        "weight": short(roles.weight or ""),
        "split": short(roles.split or ""),
    }


def _classes(reading: Reading) -> dict[str, str]:
    """Which classes there are, and of which one each kind of rate speaks; loudly where nobody said."""
    data, words = reading.run.data, reading.words
    if not data.classes:
        return {"positive": short(data.roles.positive or ""), "favourable": short(data.roles.favourable or "")}
    positive = short(data.positive or "") or words("identity.each_class")
    if data.positive is not None and data.roles.positive is None:
        positive = words("identity.assumed", positive=data.positive)
    return {
        "classes": shortened(", ".join(data.classes), 300),
        "positive": positive,
        "favourable": words("identity.undeclared") if data.favourable is None else short(data.favourable),
    }


def _group(reading: Reading, group: Group) -> str:
    parts = [short(group.column)]
    if group.bins:
        parts.append(reading.words("identity.bins", edges=", ".join(form.significant(edge) for edge in group.bins)))
    parts += [" = ".join(map(short, names)) for names in group.same]
    if group.reference:
        parts.append(reading.words("identity.reference", group=short(group.reference)))
    return f"{parts[0]} ({', '.join(parts[1:])})" if len(parts) > 1 else parts[0]


def _model(reading: Reading) -> dict[str, str]:
    model, words = reading.run.model, reading.words
    if model is None:
        return {}
    return {
        "name": shortened(model.name, 300),
        "kind": short(model.kind),
        "loaded": words("identity.yes" if model.loaded else "identity.no"),
        "classes": shortened(", ".join(model.classes), 300),
        "parameters": form.grouped(model.parameters) if model.parameters else "",
        "dtype": short(model.dtype),
        "device": short(model.device),
        "max_length": words("identity.tokens", count=form.grouped(model.max_length)) if model.max_length else "",
        "truncated": form.grouped(model.truncated) if model.max_length else "",
        "fingerprint": short(model.fingerprint),
    }


def _files(reading: Reading) -> Files:
    files = reading.run.model.files if reading.run.model else ()
    rows = tuple((shortened(file.path, 160), form.data_size(file.size), short(file.digest)) for file in files[:100])
    return Files(rows, len(files) - len(rows))


def _environment(reading: Reading) -> dict[str, str]:
    machine = reading.run.environment
    return {
        "python": short(machine.python),
        "platform": short(machine.platform),
        "processor": short(machine.processor),
        "cores": str(machine.cores),
    }
