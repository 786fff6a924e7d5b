"""Adapters of the PEFT library: small changes to the weights of a base model."""

import json
import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from auditor.errors import InputError, MissingExtra
from auditor.loaders._readings import ADAPTER, Reading
from auditor.loaders._tokens import first_line

_PROMPTS: Final = frozenset({"PROMPT_TUNING", "P_TUNING", "PREFIX_TUNING", "MULTITASK_PROMPT_TUNING", "ADAPTION_PROMPT", "CPT"})


@dataclass(frozen=True, slots=True)
class Adapter:
    """An adapter: the folder and the file that it is in, what it says of itself, and the endings of its own whole weights."""

    folder: Path
    reading: Reading
    settings: Mapping[str, Any]
    brought: tuple[str, ...]


def adapter(path: Path, reading: Reading) -> Adapter:
    """An adapter, looked at and not yet applied.

    Raises:
        MissingExtra: the library that applies it is not installed.
        InputError: it is not for sequence classification, or of a kind that adds tokens to the text.
    """
    place = str(path / ADAPTER)
    try:
        settings = json.loads((path / ADAPTER).read_text(encoding="utf-8"))
        kind, task = settings["peft_type"], settings.get("task_type")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"does not read as the settings of an adapter: {error}", place=place) from None
    if task not in (None, "SEQ_CLS"):
        raise InputError(f"expected an adapter for sequence classification (SEQ_CLS), found {task}", place=place)
    if kind in _PROMPTS:
        remedy = "Give a network that was fine-tuned, or an adapter of its weights such as LoRA"
        raise InputError(
            f"adapters of the kind {kind}, which add tokens to the text, are not supported", place=place, remedy=remedy
        )
    version()
    names = _tensors(reading).keys()
    return Adapter(path, reading, settings, tuple(sorted({_bare(name) for name in names if "lora_" not in name})))


def version() -> str:
    """Version of the library that applies adapters.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        return metadata.version("peft")
    except metadata.PackageNotFoundError:
        raise MissingExtra.named("peft", "applying an adapter") from None


def base_of(found: Adapter) -> Path:
    """The folder of the base model that an adapter names, where it is on this machine.

    Raises:
        InputError: it is not.
    """
    said = found.settings.get("base_model_name_or_path")
    if not isinstance(said, str) or not said:
        raise InputError("does not say what its base model is", place=str(found.folder / ADAPTER), remedy=_NAME_IT)
    places = [Path(said)] if Path(said).is_absolute() else [found.folder.parent / said]
    here = next((place for place in places if (place / "config.json").is_file()), None) or _cached(said)
    if here is None:
        raise InputError(f"its base model {said!r} is not on this machine", place=str(found.folder), remedy=_NAME_IT)
    return here


_NAME_IT: Final = "Name the folder of the base model, as in --base DIR"


def _cached(name: str) -> Path | None:
    """The hub's snapshot of a name, where the user's cache has one; nothing is fetched."""
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (OSError, ValueError):  # ... nor where it is no name of the hub
        return None


def applied(base: Any, found: Adapter) -> Any:
    """The base model with the adapter in its weights.

    Raises:
        InputError: the adapter does not fit the base model.
    """
    import torch
    from peft import PeftConfig, get_peft_model, set_peft_model_state_dict
    from peft.utils import get_peft_model_state_dict

    place, tensors = str(found.folder), _tensors(found.reading)
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # the library's, of itself and of names; what matters is looked at here
            settings = PeftConfig.from_pretrained(str(found.folder))
            settings.inference_mode = True
            model = get_peft_model(base, settings)
            _check_fits(tensors.keys(), get_peft_model_state_dict(model).keys(), place)
            set_peft_model_state_dict(model, tensors)
            return model.merge_and_unload(safe_merge=True).eval()
    except (ValueError, RuntimeError, KeyError, TypeError, AttributeError, NotImplementedError, ImportError) as error:
        raise InputError(f"the adapter cannot be applied: {first_line(error)}", place=place, remedy=_FITS) from None


def _check_fits(given: Collection[str], wanted: Collection[str], place: str) -> None:
    """See that an adapter has a weight for each place, and a place for each weight."""
    if absent := sorted({*wanted} - {*given}):
        raise InputError(f"{len(absent)} weights of the adapter are missing, such as {absent[0]}", place=place, remedy=_FITS)
    if left := sorted({*given} - {*wanted}):
        raise InputError(f"{len(left)} weights of the adapter fit nowhere, such as {left[0]}", place=place, remedy=_FITS)


_FITS: Final = "Name the base model that it was trained on, as in --base DIR"


def _tensors(reading: Reading) -> dict[str, Any]:
    import safetensors
    import torch
    from safetensors.torch import load_file

    (file,) = reading.files
    try:
        return dict(torch.load(file, weights_only=True) if reading.pickled else load_file(file))
    except (OSError, RuntimeError, ValueError, safetensors.SafetensorError) as error:
        raise InputError(f"cannot load the weights: {first_line(error)}", place=str(file)) from None


def _bare(name: str) -> str:
    """The name of a weight in the base model."""
    return name.removeprefix("base_model.model.").replace("modules_to_save.default.", "").replace("original_module.", "")


def classes_brought(found: Adapter) -> int | None:
    """Number of classes of the head that the adapter brings; None where it brings none."""
    heads = [tensor for name, tensor in _tensors(found.reading).items() if _bare(name) in found.brought and tensor.dim() == 2]
    sizes = [tensor.shape[0] for tensor in heads]
    return min(sizes, default=None)
