"""Sequence classifiers of the transformers library, from a folder or a hub name."""

from collections.abc import Sequence
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from auditor import digest
from auditor.declare import loader
from auditor.errors import InputError
from auditor.loaders._agreement import agreed
from auditor.loaders._network import Network
from auditor.loaders._tokens import UNLIMITED, UNNAMED, Reader, check_reads_text, first_line, tokenizer_of
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
) -> Model:
    """Load a sequence classifier from a folder.

    Nothing in the folder is run: remote code is refused, and weights are read from safetensors or, with
    ``allow_pickle``, by torch's restricted unpickler.

    Args:
        path: folder with ``config.json``, weights and tokenizer files.
        files: its files, of which the fingerprint is made.
        name: what the report calls it; the path by default.
        device: ``"cpu"``, ``"cuda"``, ... or ``"auto"``.
        dtype: dtype of the reference answers; ``"auto"`` is float32, since stored half precision is slow or wrong on CPUs.
        allow_pickle: read ``pytorch_model.bin`` where there is no safetensors file.

    Raises:
        InputError: it is not a single-label sequence classifier, or parts of it are missing.
    """
    config = _config(path)
    check_reads_text(config, str(path))
    classes = _classes(config, path)
    device = _device(device)
    dtype = "float32" if dtype == "auto" else dtype
    tokenizer = tokenizer_of(path, getattr(config.get_text_config(), "vocab_size", None))
    whole = _weights(path, config, allow_pickle=allow_pickle).float().to(device)
    network = _network(tokenizer, whole, device, str(path))
    return Model(
        name=name or str(path),
        kind="transformers",
        fingerprint=digest.of_value(["transformers", [(file.path, file.digest) for file in files], network.reader.max_length]),
        classes=classes,
        encode=network.reader.encode,
        forward=network.forward,
        dtypes=tuple(dict.fromkeys((dtype, "float32", "bfloat16"))),
        **_lanes(device),
        device=device,
        parameters=sum(weight.numel() for weight in whole.parameters()),
        max_length=network.reader.max_length,
        files=tuple(files),
        notes=tuple(filter(None, [relation(classes)])),
        gradient=network.gradient if network.padded else None,
        embed=network.embed if network.padded else None,
    )


def _config(path: Path) -> Any:
    from transformers import AutoConfig

    try:
        return AutoConfig.from_pretrained(path, trust_remote_code=False, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"cannot read the model's configuration: {first_line(error)}", place=str(path / "config.json")
        ) from None


def _classes(config: Any, path: Path) -> tuple[str, ...]:
    """Class names in the order of the scores' columns."""
    place = str(path / "config.json")
    kinds = config.architectures or []
    if not any(kind.endswith("ForSequenceClassification") for kind in kinds):
        raise InputError(f"expected a sequence classifier, found {', '.join(kinds) or 'no architecture'}", place=place)
    if config.problem_type in {"multi_label_classification", "regression"} or config.num_labels < 2:
        kind = config.problem_type or "a single output"
        raise InputError(f"expected one class out of two or more, found {kind}", place=place)
    names = tuple(str(config.id2label.get(i, "")) for i in range(config.num_labels))
    if len(set(names)) < len(names) or "" in names:
        raise InputError(f"id2label names {len(set(names))} classes for {config.num_labels} outputs: {names}", place=place)
    return names


def _weights(path: Path, config: Any, *, allow_pickle: bool) -> Any:
    """The network in evaluation mode.

    Raises:
        InputError: weights are missing, unreadable, or do not fit the configuration.
    """
    import safetensors
    import torch
    from transformers import AutoModelForSequenceClassification

    pickled = allow_pickle and not any(path.glob("*.safetensors"))
    try:
        model, loading = AutoModelForSequenceClassification.from_pretrained(
            path,
            config=config,
            dtype=torch.float32,
            trust_remote_code=False,
            local_files_only=True,
            use_safetensors=not pickled,
            weights_only=True,
            output_loading_info=True,
        )
    except (OSError, ValueError, RuntimeError, KeyError, safetensors.SafetensorError) as error:
        raise InputError(f"cannot load the weights: {first_line(error)}", place=str(path)) from None
    if missing := sorted(loading["missing_keys"]):
        raise InputError(
            f"{len(missing)} weights are missing, such as {missing[0]}: the classifier would answer at random",
            place=str(path),
            remedy="Give a checkpoint that was fine-tuned for classification",
        )
    return model.eval()


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
