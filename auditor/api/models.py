"""Models in memory as files: saved without pickles, under a name that follows from what they hold, and loaded as any other."""

import hashlib
import json
import os
import pickle
import shutil
import sys
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, Union

from auditor import digest
from auditor.errors import MissingExtra, UsageError
from auditor.plan import ModelSpec
from auditor.store import cache_folder, check_cache
from auditor.store.files import part_of

if TYPE_CHECKING:
    import sklearn.base
    import transformers

AnyModel: TypeAlias = Union[
    str,
    "os.PathLike[str]",
    ModelSpec,
    "sklearn.base.BaseEstimator",
    "transformers.Pipeline",
    "tuple[transformers.PreTrainedModel, transformers.PreTrainedTokenizerBase]",
]
"""A path or hub name, a spec of one, or a model in memory."""

_EXPECTED = "a path, a fitted scikit-learn estimator, a transformers Pipeline, or a pair of a network and its tokenizer"
_PLACE = "model"
_UNSAVED = (TypeError, ValueError, AttributeError, RuntimeError, OSError, pickle.PicklingError)
"""What libraries raise where a part of a model has no state that could be written down."""


def as_spec(model: AnyModel | None) -> ModelSpec | None:
    """Where a model is loaded from: a path as it is; a model in memory once it is written to the cache folder.

    An estimator is saved with skops, a network and its tokenizer with ``save_pretrained``: no pickle is written or read.

    Raises:
        UsageError: it is something else, or a model that cannot be saved so.
        MissingExtra: skops is not installed.
    """
    if model is None or isinstance(model, ModelSpec):
        return model
    if isinstance(model, str | os.PathLike):
        return ModelSpec(os.fspath(model))
    if _is(model, "sklearn.base", "BaseEstimator"):
        return ModelSpec(str(_estimator(model)))
    return ModelSpec(str(_network(*_pair(model))))


def in_memory(model: object) -> str:
    """What errors call a model in memory; empty for one that has a path."""
    return "" if model is None or isinstance(model, str | os.PathLike | ModelSpec) else f"{_PLACE} ({type(model).__name__})"


def _is(thing: object, module: str, kind: str) -> bool:
    """Whether something is of a type of a library, which is not imported for that: what is not loaded made nothing."""
    found = getattr(sys.modules.get(module), kind, None)
    return isinstance(found, type) and isinstance(thing, found)


def _pair(model: object) -> tuple[Any, Any]:
    """The network and the tokenizer.

    Raises:
        UsageError: it is neither a pipeline that classifies texts nor such a pair.
    """
    if _is(model, "transformers", "Pipeline"):
        return _of_pipeline(model)
    parts = list(model) if isinstance(model, tuple | list) else [model]
    networks = [part for part in map(_uncompiled, parts) if _is(part, "transformers", "PreTrainedModel")]
    tokenizers = [part for part in parts if _is(part, "transformers", "PreTrainedTokenizerBase")]
    if len(networks) == len(tokenizers) == 1 and len(parts) == 2:
        return networks[0], tokenizers[0]
    if any(type(part).__module__.startswith("peft.") for part in parts):
        remedy = "Merge it first: merge_and_unload()."
        raise UsageError("an adapter around a network cannot be saved whole", place=_PLACE, remedy=remedy)
    if len(parts) == len(networks) == 1:
        raise UsageError("a network alone reads no text", place=_PLACE, remedy="Give the pair (network, tokenizer).")
    found = ", ".join(type(part).__name__ for part in parts)
    raise UsageError(f"expected {_EXPECTED}, found {found or 'nothing'}", place=_PLACE)


def _of_pipeline(pipeline: Any) -> tuple[Any, Any]:
    """The parts of a pipeline.

    Raises:
        UsageError: its task is another one, or it makes scores of another kind.
    """
    if pipeline.task not in ("text-classification", "sentiment-analysis"):
        raise UsageError(f"expected a Pipeline for text-classification, found one for {pipeline.task}", place=_PLACE)
    if pipeline.tokenizer is None:
        raise UsageError("the Pipeline has no tokenizer", place=_PLACE, remedy="Make it with tokenizer=.")
    applied = getattr(pipeline, "_postprocess_params", {}).get("function_to_apply")
    if str(getattr(applied, "value", applied or "softmax")) not in ("softmax", "default"):
        problem = f"the Pipeline applies {getattr(applied, 'value', applied)!s} to the network's numbers, expected softmax"
        raise UsageError(problem, place=_PLACE, remedy="Make it without function_to_apply=.")
    return _uncompiled(pipeline.model), pipeline.tokenizer


def _uncompiled(network: Any) -> Any:
    """The network that ``torch.compile`` was called on."""
    return getattr(network, "_orig_mod", network)


def _estimator(model: Any) -> Path:
    """The file that an estimator was saved to; equal estimators have one file.

    Raises:
        UsageError: skops cannot hold it.
        MissingExtra: there is no skops.
    """
    try:
        import skops.io
    except ImportError:
        raise MissingExtra.named("sklearn", "an estimator in memory") from None
    folder = _folder()
    part = part_of(folder / uuid.uuid4().hex)
    try:
        try:
            skops.io.dump(model, part)
        except _UNSAVED as error:
            said = " ".join(str(error).split())[:300].rstrip(".") or type(error).__name__
            remedy = "Audit a model that is made of scikit-learn's own parts, or the predictions of this one."
            raise UsageError(f"skops cannot save it: {said}", place=in_memory(model), remedy=remedy) from None
        path = folder / f"{type(model).__name__}-{_content(part)[:16]}.skops"
        if not path.exists():
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def _content(file: Path) -> str:
    """A digest of what a skops file holds, without the addresses in memory that it calls objects and members by."""
    with zipfile.ZipFile(file) as archive:
        members = {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}
        schema = json.loads(archive.read("schema.json"))
    return digest.of_value(list(_walked(schema, members, {})))


def _walked(node: object, members: Mapping[str, str], seen: dict[object, int]) -> Iterator[str]:
    """All that a schema says, in order: objects by when they come first, members by what is in them."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield str(key)
            if key == "__id__":
                yield str(seen.setdefault(value, len(seen)))
            elif key == "file" and value in members:
                yield members[value]
            else:
                yield from _walked(value, members, seen)
    elif isinstance(node, list):
        yield str(len(node))
        for value in node:
            yield from _walked(value, members, seen)
    else:
        yield repr(node)


def _network(network: Any, tokenizer: Any) -> Path:
    """The folder that a network and its tokenizer were saved to; equal ones have one folder.

    Raises:
        UsageError: they cannot be saved.
    """
    from auditor.scan import manifest

    folder = _folder()
    part = part_of(folder / uuid.uuid4().hex)
    try:
        try:
            network.save_pretrained(part)
            tokenizer.save_pretrained(part)
        except _UNSAVED as error:
            said = " ".join(str(error).split())[:300].rstrip(".")
            raise UsageError(f"cannot be saved: {said}", place=f"{_PLACE} ({type(network).__name__})") from None
        held = [(file.path, file.digest) for file in manifest(part)]
        path = folder / f"{type(network).__name__}-{digest.of_value(held)[:16]}"
        if not path.exists():
            part.rename(path)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return path


def _folder() -> Path:
    check_cache()
    folder = cache_folder() / "models"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
