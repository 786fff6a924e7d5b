"""Networks made ready for answering only: the same function of the same weights, with less work.

*Trimmed*: where a classifier reads the first token alone, as BERT's kind does, the last layer needs no other token's
output. Keys and values are still those of all tokens; query, attention, the projection after it and the feed-forward
part, five sixths of the layer's work, are done for one token of each text.

*Packed*: on processors, linear layers go through oneDNN with their weights laid out once for its kernels, and with the
activation that follows them. Left to itself, torch takes a slower library for float32 and lays out bfloat16 in every call.

Each is compared with the network that it stands for, and is dropped where the answers are not the same.
"""

import copy
from types import MethodType
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers.activations import GELUActivation

KINDS = frozenset({"bert", "camembert", "electra", "roberta", "xlm-roberta"})
"""``model_type`` of the architectures whose layout this knows and whose heads read the first token."""

TOLERANCE = {torch.float32: 1e-4, torch.bfloat16: 3e-2}
"""Largest difference of two logits, relative to the largest logit, that rounding in a dtype explains."""

Tensor = torch.Tensor


def trimmed(network: Any) -> Any:
    """The network with a last layer for the first token only, sharing its weights.

    Args:
        network: a transformers sequence classifier in evaluation mode.
    """
    if network.config.model_type not in KINDS or network.config.is_decoder:
        return network
    trim = _sharing(network)
    attention = trim.base_model.encoder.layer[-1].attention
    attention.self.forward = MethodType(_attend, attention.self)
    attention.output.register_forward_pre_hook(_first_of_residual)
    return trim if _same(network, trim) else network


def packed(network: Any) -> Any:
    """The network with its linear layers packed for the processor; its other weights are shared.

    Args:
        network: a transformers sequence classifier in evaluation mode.
    """
    if network.device.type != "cpu":
        return network
    pack = _sharing(network)
    try:
        for parent in [*pack.modules()]:
            for name, child in [*parent.named_children()]:
                if type(child) is torch.nn.Linear:
                    setattr(parent, name, _Packed(child, _activation_after(parent)))
        return pack if _same(network, pack) else network
    except (AttributeError, RuntimeError):  # this torch has no such kernels, or not for this dtype
        return network


class _Packed(torch.nn.Module):
    """A linear layer, and the activation after it, as one oneDNN call."""

    def __init__(self, linear: torch.nn.Linear, activation: str) -> None:
        super().__init__()
        self._weight = torch.ops.mkldnn._reorder_linear_weight(linear.weight.detach())  # noqa: SLF001 (ADR 8)
        self._bias, self._activation = linear.bias, activation

    def forward(self, given: Tensor) -> Any:
        return torch.ops.mkldnn._linear_pointwise(given, self._weight, self._bias, self._activation, [], "none")  # noqa: SLF001 (ADR 8)


def _activation_after(parent: Any) -> str:
    """Take GELU out of a feed-forward block, for the layer before it to do; ``"none"`` where there is none."""
    if not isinstance(getattr(parent, "intermediate_act_fn", None), GELUActivation | torch.nn.GELU):
        return "none"
    parent.intermediate_act_fn = torch.nn.Identity()
    return "gelu"


def _attend(self: Any, hidden: Tensor, attention_mask: Tensor | None = None, **_: Any) -> tuple[Tensor, None]:
    """Self-attention of the first token to all tokens; ``hidden`` has the shape ``(n, tokens, width)``."""

    def heads(states: Tensor) -> Tensor:
        return states.view(*states.shape[:-1], -1, self.attention_head_size).transpose(1, 2)

    query, key, value = heads(self.query(hidden[:, :1])), heads(self.key(hidden)), heads(self.value(hidden))
    mask = None if attention_mask is None else attention_mask[..., :1, :]
    attended = scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=self.scaling)
    return attended.transpose(1, 2).flatten(2), None


def _first_of_residual(_: Any, given: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    attended, residual = given
    return attended, residual[:, :1]


def _sharing(network: Any) -> Any:
    """A copy whose parameters are those of the network."""
    return copy.deepcopy(network, {id(tensor): tensor for tensor in (*network.parameters(), *network.buffers())})


def _same(network: Any, other: Any) -> bool:
    """Whether two networks answer alike to two made-up texts, the second one shorter and filled up."""
    width = 8
    tokens = torch.arange(2 * width, device=network.device).reshape(2, width) % network.config.vocab_size
    mask = torch.ones_like(tokens)
    mask[1, width // 2 :] = 0
    try:
        with torch.inference_mode():
            one, two = (each(input_ids=tokens, attention_mask=mask).logits for each in (network, other))
    except (IndexError, RuntimeError, ValueError):  # one of them does not take such texts
        return False
    return bool((one - two).abs().max() <= TOLERANCE.get(one.dtype, 0.0) * one.abs().max())
