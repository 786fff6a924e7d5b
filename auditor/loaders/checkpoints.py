"""Models: a name to whatever loads it, after a look at its files that runs none of them."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from auditor.errors import InputError, UnsafeCheckpoint
from auditor.scan import SEVERITIES, ScanFinding, manifest, scan
from auditor.types import Model, Offered

__all__ = ["load", "located", "manifest", "scan"]

_HUB_NAME: Final = re.compile(r"hub:[\w.-]+(?:/[\w.-]+)?|[A-Za-z0-9][\w.-]*/[\w.-]+")
_HUB_FILES: Final = ("*.json", "*.safetensors", "*.txt", "*.model", "*.jinja")
_PICKLED: Final = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.pickle", "*.joblib")
_WEIGHTS: Final = frozenset({".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".h5", ".msgpack", ".gguf"})

_TRUSTED: Final = "Take the weights from a source you trust, as safetensors and without code"
_DAMAGED: Final = "The file is damaged or incomplete: fetch it again, or save it again where it was made"
_CONVERT: Final = "Load it where it was made, and save it with skops.io.dump(model, 'model.skops')"


def load(
    name: str,
    *,
    dtype: str = "auto",
    device: str = "auto",
    allow_pickle: bool = False,
    columns: Sequence[str] | Offered = (),
    weights: str | None = None,
    base: str | None = None,
    cache: Path,
) -> Model:
    """Load a classifier: a transformers folder or hub name, a ``.skops`` file, an ``.onnx`` file, or a folder with one.

    The files are scanned first. What holds code, takes anything from outside of torch's own list of safe names, or does
    not read, is refused whatever is allowed; remote code is never run, and scikit-learn pickles are never loaded.

    Args:
        name: a path, or a name on the Hugging Face hub: ``owner/name``, or ``hub:name``.
        dtype: of a transformers model; ``"auto"`` chooses one for the device.
        device: of a transformers model; ``"auto"`` takes a GPU where there is one.
        allow_pickle: read the weights of a transformers model from a pickle, by torch's restricted unpickler, where there
            are no safetensors.
        columns: columns that a model of table rows reads, or that there are.
        weights: of a transformers folder that holds several sets of weights: the file to read.
        base: of an adapter: the folder or hub name of its base model; by default the one that it names, where it is here.
        cache: folder for what is fetched from the hub.

    Raises:
        UnsafeCheckpoint: it is refused for what its files hold.
        InputError: there is no such model, or it is none that can be audited.
        MissingExtra: the library that runs it is not installed.
    """
    path = located(name, cache=cache, allow_pickle=allow_pickle)
    _refuse(name, scan(path))
    if path.is_dir() and any((path / file).is_file() for file in ("config.json", "adapter_config.json")):
        under = _base(path, weights, base, cache=cache, allow_pickle=allow_pickle)
        options = {"dtype": dtype, "device": device, "allow_pickle": allow_pickle, "weights": weights}
        return _transformers(name, path, under, options)
    if weights or base:
        problem = "only transformers folders have several sets of weights, or adapters"
        raise InputError(problem, place=name, remedy="Leave --weights and --base out, or name a folder with config.json")
    file = _only_file(name, path) if path.is_dir() else path
    if file.suffix.lower() == ".skops":
        from auditor.loaders.skops_file import skops_file

        return skops_file(file, columns=columns, name=name)
    if file.suffix.lower() == ".onnx":
        from auditor.loaders.onnx_file import onnx_file

        return onnx_file(file, columns=columns, name=name)
    raise _unknown(name, file)


def located(name: str, *, cache: Path, allow_pickle: bool = False) -> Path:
    """The file or folder that a name stands for; a hub name is looked for in the caches, and then fetched.

    Args:
        name: a path, or a name on the Hugging Face hub: ``owner/name``, or ``hub:name``.
        cache: folder for what is fetched.
        allow_pickle: fetch pickled weights too.

    Raises:
        InputError: there is none, or the hub cannot be reached.
    """
    path = Path(name)
    if path.exists():
        return path
    if not _HUB_NAME.fullmatch(name) or (len(path.parts) > 1 and path.parent.is_dir()):
        remedy = "Check the path; a model on the Hugging Face hub is written owner/name, or hub:name"
        raise InputError("there is no such file or folder", place=name, remedy=remedy)
    return _from_hub(name.removeprefix("hub:"), cache, [*_HUB_FILES, *(["*.bin"] if allow_pickle else [])])


def _from_hub(name: str, cache: Path, patterns: list[str]) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, allow_patterns=patterns, local_files_only=True))
    except (LocalEntryNotFoundError, ValueError):
        pass  # the user's own cache of the hub does not have it
    try:
        return Path(snapshot_download(name, allow_patterns=patterns, cache_dir=cache / "hub"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"there is no such file or folder here, and no such model was fetched from the hub ({type(error).__name__})",
            place=name,
            remedy="Check the name and the network, or give the folder of a checkpoint",
        ) from None


def _refuse(name: str, findings: Sequence[ScanFinding]) -> None:
    """Stop at a checkpoint that must not be loaded.

    Raises:
        UnsafeCheckpoint: it holds code, or what may be code.
    """
    found = [finding for finding in findings if finding.severity in ("malicious", "unsafe", "broken")]
    found.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    if found:
        first = found[0]
        place = f"{first.path}, {first.inside}" if first.inside else first.path
        more = f"; findings in all: {len(found)}" if len(found) > 1 else ""
        raise UnsafeCheckpoint(
            f"not loaded: {place}: {first.detail} ({first.severity}, {first.kind}){more}",
            place=name,
            remedy=_DAMAGED if first.severity == "broken" else _TRUSTED,
        )


def _base(path: Path, weights: str | None, base: str | None, *, cache: Path, allow_pickle: bool) -> Path | None:
    """The folder of an adapter's base model, scanned; None where what is read is no adapter.

    Raises:
        UnsafeCheckpoint: it is refused for what its files hold.
        InputError: it is not here, or one is named and there is no adapter.
    """
    from auditor.loaders import _adapters as adapters
    from auditor.loaders._readings import chosen

    reading = chosen(path, weights, allow_pickle=allow_pickle)
    if not reading.adapter:
        if base:
            raise InputError(
                f"a base model is named, and {reading.name} is no adapter", place=str(path), remedy="Leave --base out"
            )
        return None
    found = adapters.adapter(path, reading)
    folder = located(base, cache=cache, allow_pickle=allow_pickle) if base else adapters.base_of(found)
    _refuse(str(folder), scan(folder))
    return folder


def _transformers(name: str, path: Path, base: Path | None, options: dict[str, Any]) -> Model:
    from auditor.loaders.transformers_folder import transformers_folder

    under = [replace(file, path=f"base/{file.path}") for file in manifest(base)] if base else []
    return transformers_folder(path, files=(*manifest(path), *under), name=name, base=base, **options)


def _only_file(name: str, path: Path) -> Path:
    """The one model file in a folder.

    Raises:
        InputError: there is none, or there are several.
    """
    files = sorted([*path.glob("*.skops"), *path.glob("*.onnx")])
    if len(files) > 1:
        raise InputError(
            f"found several models: {', '.join(file.name for file in files)}", place=name, remedy="Name one of them"
        )
    if files:
        return files[0]
    if below := sorted(file.parent.name for file in (*path.glob("*/config.json"), *path.glob("*/adapter_config.json"))):
        problem = f"holds no model itself; checkpoints are in {', '.join(dict.fromkeys(below))}"
        raise InputError(problem, place=name, remedy=f"Name one of them, as in --model {path / below[0]}")
    pickled = sorted(file for pattern in _PICKLED for file in path.glob(pattern))
    if pickled:
        raise _unknown(name, pickled[0])
    raise InputError(
        "found no model: expected config.json with safetensors, a .skops file or an .onnx file",
        place=name,
        remedy="Check the path",
    )


def _unknown(name: str, file: Path) -> InputError:
    """Why a file is not loaded, and what would be."""
    suffix = file.suffix.lower()
    if suffix in (".pkl", ".pickle", ".joblib"):
        return UnsafeCheckpoint(
            "a pickle runs code when it is loaded, and is never loaded here", place=str(file), remedy=_CONVERT
        )
    if suffix in _WEIGHTS:
        remedy = "Give a folder with config.json and the tokenizer beside the weights"
        return InputError("weights alone do not say what model they are of", place=str(file), remedy=remedy)
    return InputError(
        f"{suffix or 'a file without a suffix'} is no checkpoint that can be loaded",
        place=name,
        remedy="Give a transformers folder, a .skops file or an .onnx file",
    )
