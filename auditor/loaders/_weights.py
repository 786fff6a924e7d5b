"""Weights of transformers checkpoints: a network in memory, all of whose numbers come from the files."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from auditor.errors import InputError
from auditor.loaders._readings import Reading, staged
from auditor.loaders._tokens import first_line

_UNREAD: Final = re.compile(
    r"position_ids|inv_freq|masked_bias|attn\.bias$|rotary_emb|relative_position_index|num_batches_tracked"
)
"""Tensors that old versions kept and that the network makes by itself."""

_RANDOM: Final = "Give a checkpoint that was fine-tuned for classification"


def network(path: Path, config: Any, reading: Reading, *, brought: Sequence[str] | None = None) -> Any:
    """The network in evaluation mode, in float32.

    Args:
        path: the folder.
        config: of the network.
        reading: its weights.
        brought: for the base of an adapter: endings of the names of weights that the adapter brings with it.

    Raises:
        InputError: weights are missing, left over or unreadable, or do not fit the configuration.
    """
    import safetensors
    import torch
    from transformers import AutoModelForSequenceClassification

    try:
        with staged(path, reading) as folder:
            model, loading = AutoModelForSequenceClassification.from_pretrained(
                folder,
                config=config,
                dtype=torch.float32,
                trust_remote_code=False,
                local_files_only=True,
                use_safetensors=not reading.pickled,
                weights_only=True,
                output_loading_info=True,
            )
    except (
        OSError,
        ValueError,
        RuntimeError,
        KeyError,
        TypeError,
        ImportError,
        AttributeError,
        safetensors.SafetensorError,
    ) as error:
        raise InputError(f"cannot load the weights: {first_line(error)}", place=str(path)) from None
    missing = [name for name in sorted(loading["missing_keys"]) if not _ends(name, brought or ())]
    if missing:
        problem = f"{len(missing)} weights are missing, such as {missing[0]}: the classifier would answer at random"
        raise InputError(problem, place=str(path), remedy=_RANDOM)
    left = [name for name in sorted(loading["unexpected_keys"]) if not _UNREAD.search(name)]
    if brought is not None:  # a base model's other heads are left over
        left = [name for name in left if re.search(r"\.\d+\.", name)]
    if left:
        problem = f"{len(left)} weights have no place in the network that config.json describes, such as {left[0]}"
        raise InputError(problem, place=str(path), remedy="Give config.json and weights that were saved together")
    return model.eval()


def _ends(name: str, endings: Sequence[str]) -> bool:
    return any(name == end or name.endswith(f".{end}") for end in endings)
