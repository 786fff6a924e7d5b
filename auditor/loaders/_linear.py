"""Linear layers for answering only, with their weights laid out for the processor.

They go through oneDNN, which gets its weights once in the order that its kernels read them, and does the activation that
follows in the same go. Left to itself, torch takes a slower library for float32 and lays out bfloat16 in every call. The
operators are those that torch's own compiler emits; they are not public (ADR 8).
"""

import copy
from typing import Any

import torch
from transformers.activations import GELUActivation

Tensor = torch.Tensor


class Packed(torch.nn.Module):
    """Linear layers of one input as one, whose output is theirs side by side, and the activation after them.

    Args:
        layers: the layers.
        activation: ``"none"``, ``"gelu"``, ``"relu"``, ...

    Raises:
        AttributeError, RuntimeError: this torch has no such kernels, or not for this dtype.
    """

    def __init__(self, *layers: torch.nn.Linear, activation: str = "none") -> None:
        super().__init__()
        weight = torch.cat([layer.weight.detach() for layer in layers])
        self._weight = torch.ops.mkldnn._reorder_linear_weight(weight)  # noqa: SLF001 (ADR 8)
        self._bias = None if layers[0].bias is None else torch.cat([layer.bias.detach() for layer in layers])
        self._activation = activation

    def forward(self, given: Tensor) -> Any:
        return torch.ops.mkldnn._linear_pointwise(given, self._weight, self._bias, self._activation, [], "none")  # noqa: SLF001 (ADR 8)


def packed(network: Any) -> Any:
    """A network of any layout with its linear layers packed; its other weights are shared.

    Raises:
        AttributeError, RuntimeError: this torch has no such kernels, or not for this dtype.
    """
    pack = copy.deepcopy(network, {id(tensor): tensor for tensor in (*network.parameters(), *network.buffers())})
    for parent in [*pack.modules()]:
        for name, child in [*parent.named_children()]:
            if type(child) is torch.nn.Linear:
                setattr(parent, name, Packed(child, activation=_activation_after(parent)))
    return pack


def _activation_after(parent: Any) -> str:
    """Take GELU out of a feed-forward block, for the layer before it to do; ``"none"`` where there is none."""
    if not isinstance(getattr(parent, "intermediate_act_fn", None), GELUActivation | torch.nn.GELU):
        return "none"
    parent.intermediate_act_fn = torch.nn.Identity()
    return "gelu"
