"""Sequence classifiers of the transformers library, from a folder or a hub name."""

import copy
import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

import numpy as np

from auditor import digest
from auditor.declare import loader
from auditor.errors import InputError
from auditor.types import Encoded, FileFact, Floats, Item, Model

if TYPE_CHECKING:
    import torch

    from auditor.loaders._encoders import Logits

_SETTING = Lock()
"""Held while a thread changes torch's number of threads, and what it is for threads to come."""

_UNLIMITED = 100_000
"""Tokenizers without a limit name a huge number; what is above this is none."""


@dataclass(frozen=True, slots=True)
class _Network:
    """The checkpoint in memory: its tokenizer, the whole model, and what answers in each dtype asked for so far."""

    tokenizer: Any
    whole: Any
    ready: "dict[str, Logits]"
    device: str
    pad: int
    max_length: int
    lock: Any = field(default_factory=Lock)


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
    classes = _classes(config, path)
    device = _device(device)
    dtype = "float32" if dtype == "auto" else dtype
    tokenizer = _tokenizer(path, config)
    whole = _weights(path, config, allow_pickle=allow_pickle).float().to(device)
    pad = _pad(tokenizer, whole.config)
    network = _Network(tokenizer, whole, {}, device, pad, _max_length(tokenizer, config))
    return Model(
        name=name or str(path),
        kind="transformers",
        fingerprint=digest.of_value(["transformers", [(file.path, file.digest) for file in files], network.max_length]),
        classes=classes,
        encode=functools.partial(_encode, network),
        forward=functools.partial(_forward, network),
        dtypes=tuple(dict.fromkeys((dtype, "float32", "bfloat16"))),
        **_lanes(device),
        device=device,
        parameters=sum(weight.numel() for weight in whole.parameters()),
        max_length=network.max_length,
        files=tuple(files),
        gradient=functools.partial(_gradient, network),
        embed=functools.partial(_embed, network),
    )


def _config(path: Path) -> Any:
    from transformers import AutoConfig

    try:
        return AutoConfig.from_pretrained(path, trust_remote_code=False, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"cannot read the model's configuration: {_first_line(error)}", place=str(path / "config.json")
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


def _tokenizer(path: Path, config: Any) -> Any:
    """The tokenizer that was saved beside the model.

    Raises:
        InputError: there is none, or it is not this model's.
    """
    from transformers import AutoTokenizer

    remedy = "Save the model's tokenizer beside it with tokenizer.save_pretrained."
    try:
        tokenizer = AutoTokenizer.from_pretrained(path, trust_remote_code=False, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"cannot load the tokenizer: {_first_line(error)}", place=str(path), remedy=remedy) from None
    if len(tokenizer) <= len(tokenizer.all_special_ids):  # what the library makes where it finds no vocabulary
        raise InputError("there is no tokenizer vocabulary", place=str(path), remedy=remedy)
    if len(tokenizer) > getattr(config, "vocab_size", len(tokenizer)):
        found = f"the tokenizer has {len(tokenizer)} tokens and the model only {config.vocab_size}"
        raise InputError(found, place=str(path), remedy=remedy)
    return tokenizer


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
        raise InputError(f"cannot load the weights: {_first_line(error)}", place=str(path)) from None
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
            f"cannot use the device {device!r}: {_first_line(error)}", remedy="Leave the device out, or say cpu"
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


def _pad(tokenizer: Any, config: Any) -> int:
    """Token to fill batches up with. Decoder-only models often have none; then the configuration is told of one."""
    candidates = (tokenizer.pad_token_id, config.pad_token_id, tokenizer.eos_token_id, 0)
    pad = int(next(token for token in candidates if token is not None))
    if config.pad_token_id is None:
        config.pad_token_id = pad
    return pad


def _max_length(tokenizer: Any, config: Any) -> int:
    limits = [tokenizer.model_max_length, getattr(config, "max_position_embeddings", None)]
    if config.model_type in {"roberta", "xlm-roberta", "camembert", "xlm-roberta-xl"} and limits[1]:
        limits[1] -= 2  # positions start after the padding token's
    return int(min((limit for limit in limits if limit and limit < _UNLIMITED), default=_UNLIMITED))


def _encode(network: _Network, items: Sequence[Item]) -> list[Encoded]:
    """Token ids of texts, cut to what the model sees."""
    texts = [str(item).encode("utf-8", "replace").decode() for item in items]
    # A text of many times the limit is cut before it is tokenised: no token is longer than 64 characters in practice.
    ids = network.tokenizer([text[: network.max_length * 64] for text in texts], truncation=True, max_length=network.max_length)
    full = [i for i, tokens in enumerate(ids["input_ids"]) if len(tokens) >= network.max_length]
    cut = {i for i in full if len(network.tokenizer(texts[i][: network.max_length * 128])["input_ids"]) > network.max_length}
    return [Encoded(len(tokens), np.array(tokens, dtype=np.int64), i in cut) for i, tokens in enumerate(ids["input_ids"])]


def _batch(network: _Network, payloads: Sequence[Any]) -> "tuple[torch.Tensor, torch.Tensor]":
    """Token ids and mask, shape ``(n, longest)``, filled up on the right; a text without a token is one of padding."""
    import torch

    width = max(1, *(len(ids) for ids in payloads))
    tokens = np.full((len(payloads), width), network.pad, dtype=np.int64)
    mask = np.zeros((len(payloads), width), dtype=np.int64)
    for row, ids in enumerate(payloads):
        tokens[row, : len(ids)], mask[row, : max(len(ids), 1)] = ids, 1
    return torch.from_numpy(tokens).to(network.device), torch.from_numpy(mask).to(network.device)


def _ready_in(network: _Network, dtype: str) -> "Logits":
    """The network in a dtype, made ready for answering; the first use makes a copy."""
    import torch

    from auditor.loaders._encoders import ready

    with network.lock:
        if dtype not in network.ready:
            whole = network.whole if dtype == "float32" else copy.deepcopy(network.whole).to(getattr(torch, dtype))
            network.ready[dtype] = ready(whole)
        return network.ready[dtype]


def _forward(network: _Network, payloads: Sequence[object], dtype: str) -> Floats:
    import torch

    logits = _ready_in(network, dtype)
    ids, mask = _batch(network, payloads)
    with torch.inference_mode():
        return np.asarray(logits(ids, mask).double().softmax(-1).cpu().numpy())


def _gradient(network: _Network, payloads: Sequence[object], labels: Sequence[int]) -> list[Floats]:
    import torch

    model = network.whole
    ids, mask = _batch(network, payloads)
    embedded = model.get_input_embeddings()(ids).detach().requires_grad_(True)
    chosen = torch.tensor(list(labels), device=network.device)
    log_probability = model(inputs_embeds=embedded, attention_mask=mask).logits.log_softmax(-1)
    (slope,) = torch.autograd.grad(log_probability.gather(1, chosen[:, None]).sum(), embedded)
    lengths = mask.sum(1).tolist()
    return [rows[:length].double().cpu().numpy() for rows, length in zip(slope, lengths, strict=True)]


def _embed(network: _Network, payloads: Sequence[object]) -> Floats:
    """Mean of the last hidden states over the tokens that are not padding."""
    import torch

    ids, mask = _batch(network, payloads)
    with torch.inference_mode():
        hidden = network.whole(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states[-1].double()
        weight = mask.unsqueeze(-1).double()
        return np.asarray(((hidden * weight).sum(1) / weight.sum(1).clamp(min=1)).cpu().numpy())


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300].rstrip(".")
