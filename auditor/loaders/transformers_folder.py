"""Sequence classifiers of the transformers library, from a folder or a hub name."""

import contextlib
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from auditor import digest
from auditor.declare import loader
from auditor.errors import InputError
from auditor.loaders import _adapters as adapters
from auditor.loaders._agreement import agreed
from auditor.loaders._network import Network
from auditor.loaders._readings import Reading, check_not_quantised, chosen
from auditor.loaders._tokens import UNLIMITED, UNNAMED, Reader, check_reads_text, first_line, tokenizer_of
from auditor.loaders._weights import network as weights_of
from auditor.predict.one_text import relation
from auditor.types import FileFact, Model

_SETTING = Lock()
"""Held while a thread changes torch's number of threads, and what it is for threads to come."""


@loader(source="Wolf et al. 2020, Transformers, https://aclanthology.org/2020.emnlp-demos.6")
def transformers_folder(
    path: Path,
    *,
    files: Sequence[FileFact],
    name: str = "",
    device: str = "auto",
    dtype: str = "auto",
    allow_pickle: bool = False,
    weights: str | None = None,
    base: Path | None = None,
) -> Model:
    """Load a sequence classifier from a folder.

    Nothing in the folder is run: remote code is refused, and weights are read from safetensors or, with
    ``allow_pickle``, by torch's restricted unpickler.

    Args:
        path: folder with ``config.json``, weights and tokenizer files; or with an adapter.
        files: its files and those of the base model, of which the fingerprint is made.
        name: what the report calls it; the path by default.
        device: ``"cpu"``, ``"cuda"``, ... or ``"auto"``.
        dtype: dtype of the reference answers; ``"auto"`` is float32, since stored half precision is slow or wrong on CPUs.
        allow_pickle: read ``pytorch_model.bin`` where there is no safetensors file.
        weights: the file to read, where the folder holds several sets of weights.
        base: of an adapter: the folder of its base model.

    Raises:
        InputError: it is not a single-label sequence classifier, parts of it are missing, or it can be read in several ways.
        UnsafeCheckpoint: its weights are pickles, which were not allowed.
        MissingExtra: it is an adapter, and the library that applies it is not installed.
    """
    device = _device(device)
    if (path / "config.json").is_file():
        check_reads_text(_config(path), device, str(path))
    reading = chosen(path, weights, allow_pickle=allow_pickle)
    dtype = "float32" if dtype == "auto" else dtype
    whole, home = _adapted(path, reading, base, device, allow_pickle) if reading.adapter else (_whole(path, reading), path)
    config = whole.config
    classes = _classes(config, path)
    tokenizer = tokenizer_of(home, getattr(config.get_text_config(), "vocab_size", None))
    network = _network(tokenizer, whole.float().to(device), device, str(path))
    decides = [[(file.path, file.digest) for file in files], reading.name, _versions(reading), network.reader.max_length]
    return Model(
        name=name or str(path),
        kind="transformers",
        fingerprint=digest.of_value(["transformers", *decides]),
        classes=classes,
        encode=network.reader.encode,
        forward=network.forward,
        dtypes=tuple(dict.fromkeys((dtype, "float32", "bfloat16"))),
        **_lanes(device),
        device=device,
        parameters=sum(weight.numel() for weight in whole.parameters()),
        max_length=network.reader.max_length,
        files=tuple(files),
        notes=tuple(filter(None, [relation(classes), *_notes(path, reading, base)])),
        gradient=network.gradient if network.padded else None,
        embed=network.embed if network.padded else None,
    )


def _whole(path: Path, reading: Reading) -> Any:
    """A network whose weights are all in one folder.

    Raises:
        InputError: it is no sequence classifier, or is quantised, or weights are missing.
    """
    config = _config(path)
    check_not_quantised(path, config.to_dict(), reading)
    _check_architecture(config, str(path / "config.json"))
    _classes(config, path)
    return weights_of(path, config, reading)


def _adapted(path: Path, reading: Reading, base: Path | None, device: str, allow_pickle: bool) -> tuple[Any, Path]:
    """A base model with an adapter in it, and the folder of the tokenizer: the adapter's, if it has one.

    Raises:
        InputError: they do not fit each other, or the base model is no network that can be audited.
    """
    found = adapters.adapter(path, reading)
    folder = base or adapters.base_of(found)
    under = chosen(folder, None, allow_pickle=allow_pickle, whole=True)
    config = _config(folder)
    check_reads_text(config, device, str(folder))
    check_not_quantised(folder, config.to_dict(), under)
    count = adapters.classes_brought(found)
    if (path / "config.json").is_file():
        config = _config(path)
    elif count is not None and count != config.num_labels:
        config.num_labels = count
    _classes(config, path)
    network = weights_of(folder, config, under, brought=found.brought)
    return adapters.applied(network, found), path if _has_tokenizer(path) else folder


def _has_tokenizer(path: Path) -> bool:
    return any((path / name).is_file() for name in ("tokenizer.json", "tokenizer_config.json"))


def _versions(reading: Reading) -> dict[str, str]:
    """Versions of the libraries that have a part in an answer."""
    needed = ("torch", "transformers", "tokenizers", *(("peft",) if reading.adapter else ()))
    found = {name: metadata.version(name) for name in needed}
    for name in _TAKEN_WHERE_INSTALLED:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


_TAKEN_WHERE_INSTALLED = (
    "causal-conv1d",
    "flash-attn",
    "flash-linear-attention",
    "kernels",
    "mamba-ssm",
    "sentencepiece",
    "tiktoken",
)
"""Libraries that transformers works with where they are installed, and without where not."""


def _notes(path: Path, reading: Reading, base: Path | None) -> Iterator[str]:
    """What else the folder holds, and is not audited."""
    if reading.adapter:
        yield f"An adapter is applied to its base model: {reading.name} to {base}."
    below = sorted(file.parent.name for pattern in ("*/config.json", "*/adapter_config.json") for file in path.glob(pattern))
    if below:
        yield f"Checkpoints in folders below it are not audited: {', '.join(dict.fromkeys(below))}."


def _config(path: Path) -> Any:
    from transformers import AutoConfig

    try:
        return AutoConfig.from_pretrained(path, trust_remote_code=False, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"cannot read the model's configuration: {first_line(error)}", place=str(path / "config.json")
        ) from None


def _check_architecture(config: Any, place: str) -> None:
    """See that a configuration is that of a sequence classifier, and of the class that the library has for it.

    Raises:
        InputError: it is not.
    """
    from transformers.models.auto.modeling_auto import MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES as NAMES

    kinds, known = config.architectures or [], NAMES.get(config.model_type)
    if not any(kind.endswith("ForSequenceClassification") for kind in kinds):
        raise InputError(f"expected a sequence classifier, found {', '.join(kinds) or 'no architecture'}", place=place)
    if known not in kinds:
        problem = f"its class is {kinds[0]}, and for {config.model_type!r} transformers has {known or 'no sequence classifier'}"
        raise InputError(problem, place=place, remedy="Give a checkpoint that was saved by the library's own class")


def _classes(config: Any, path: Path) -> tuple[str, ...]:
    """Class names in the order of the scores' columns."""
    place = str(path / "config.json")
    if config.problem_type in {"multi_label_classification", "regression"} or config.num_labels < 2:
        kind = config.problem_type or "a single output"
        raise InputError(f"expected one class out of two or more, found {kind}", place=place)
    names = tuple(str(config.id2label.get(i, "")) for i in range(config.num_labels))
    if len(set(names)) < len(names) or "" in names:
        raise InputError(f"id2label names {len(set(names))} classes for {config.num_labels} outputs: {names}", place=place)
    return names


def _device(device: str) -> str:
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, ValueError) as error:
        raise InputError(
            f"cannot use the device {device!r}: {first_line(error)}", remedy="Leave the device out, or say cpu"
        ) from None
    return device


def _lanes(device: str) -> dict[str, Any]:
    """How batches go through side by side: on a processor one per core, on an accelerator one by one."""
    import torch

    if device != "cpu":
        return {"batch_tokens": 16_384}
    return {"workers": torch.get_num_threads(), "batch_tokens": 384, "prepare": _on_one_core}


def _on_one_core() -> None:
    """Keep this thread's tensor work in this thread; the setting of other threads stays what it was."""
    import torch

    with _SETTING:
        before = torch.get_num_threads()
        torch.set_num_threads(1)  # holds for this thread, and for all threads that are started from now on
        other = Thread(target=torch.set_num_threads, args=[before])  # which this takes back
        other.start()
        other.join()


def _network(tokenizer: Any, whole: Any, device: str, place: str) -> Network:
    """The network with the way to ask it that gives its own answers.

    Raises:
        InputError: there is none.
    """
    config = whole.config.get_text_config()
    reader, pad = Reader(tokenizer, _max_length(tokenizer, config)), getattr(whole.config, "pad_token_id", None)
    if pad is None or not 0 <= pad < getattr(config, "vocab_size", pad + 1):
        return agreed(Network(whole, reader, device, padded=False), place)
    return agreed(Network(whole, reader, device, pad), place)


def _max_length(tokenizer: Any, config: Any) -> int:
    """Tokens that a text may have, as far as tokenizer and configuration say so; -1 and the like say nothing."""
    limits = [
        tokenizer.model_max_length,
        getattr(config, "max_position_embeddings", None),
        getattr(config, "n_positions", None),
    ]
    return int(min((limit for limit in limits if limit and 0 < limit < UNLIMITED), default=UNNAMED))
