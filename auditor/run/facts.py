"""Facts about the data, the model and the place of a run."""

import os
import platform
from dataclasses import replace
from importlib import metadata

from auditor.errors import AuditorError
from auditor.plan import ModelSpec
from auditor.predict.labels import ClassMap, listed
from auditor.types import Column, DataFacts, Environment, FileFact, Model, ModelFacts, Pack, PackFacts, Table

_PACKAGES = (
    "auditor",
    "datasets",
    "fairlearn",
    "numpy",
    "onnxruntime",
    "peft",
    "pyarrow",
    "scipy",
    "skops",
    "tokenizers",
    "torch",
    "transformers",
)


def of_table(table: Table, classes: ClassMap | None = None) -> DataFacts:
    """Facts about the data, and about the classes that decisions are between."""
    columns = tuple(Column(field.name, str(field.type)) for field in table.schema)
    data = DataFacts(table.source, table.rows, table.roles, table.fingerprint, columns)
    if classes is None:
        return data
    names, favourable = classes.classes, classes.favourable
    positive = names[classes.positive] if table.roles.positive is not None or len(names) <= 2 else None
    return replace(data, classes=names, positive=positive, favourable=None if favourable is None else names[favourable])


def of_classes(data: DataFacts) -> tuple[str, ...]:
    """Which class each kind of rate speaks of, where it was not declared: one sentence each."""
    said = []
    if data.classes and data.roles.positive is None:
        said.append(
            f"positive class: {data.positive}, the last of {listed(data.classes)}, as none is declared: error rates speak of it"
            if data.positive is not None
            else "positive class: none is declared, so error rates are those of each class against the rest"
        )
    if data.classes and data.roles.groups and data.favourable is None:
        said.append("favourable class: none is declared, so selection rates are not tested")
    return tuple(said)


def of_model(model: Model) -> ModelFacts:
    """Facts about a model that was loaded."""
    return ModelFacts(
        name=model.name,
        kind=model.kind,
        fingerprint=model.fingerprint,
        classes=model.classes,
        dtype=model.dtypes[0],
        device=model.device,
        parameters=model.parameters,
        max_length=model.max_length,
        files=model.files,
        notes=model.notes,
    )


def of_refused(spec: ModelSpec, error: AuditorError, files: tuple[FileFact, ...]) -> ModelFacts:
    """Facts about a model that was not loaded, because that was not safe, or its library is missing."""
    return ModelFacts(name=spec.path, kind="refused", files=files, loaded=False, reason=str(error))


def of_pack(pack: Pack) -> PackFacts:
    """Facts about a pack that judged."""
    return PackFacts(
        pack.id, pack.edition, pack.status, pack.as_of, pack.stale_after, pack.digest, pack.title, pack.applies, pack.sources
    )


def of_place() -> Environment:
    """Facts about where the run takes place."""
    packages = {}
    for name in _PACKAGES:
        try:
            packages[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return Environment(platform.python_version(), platform.platform(), platform.machine(), os.cpu_count() or 1, packages)
