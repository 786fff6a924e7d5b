"""Sequence classifiers of transformers in memory: asked as the library asks them, and asked quickly."""

import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from threading import RLock
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from auditor.loaders._tokens import Reader
from auditor.types import Floats

if TYPE_CHECKING:
    import torch

    from auditor.loaders._encoders import Logits

Payload = NDArray[np.int64]
"""Token ids, shape ``(n,)``; or with more of the tokenizer's numbers below them, ``(1 + m, n)``."""

MASK: Final = "attention_mask"


@dataclass(frozen=True, slots=True)
class Network:
    """A checkpoint in memory.

    Attributes:
        whole: the network, in float32.
        reader: how texts become its input.
        device: where it is.
        pad: token that fills up batches.
        padded: whether texts of several lengths go through together, filled up on the right. Where that would change an
            answer, only texts of one length do.
        single: whether each text goes through by itself.
        ready: what answers in each dtype asked for so far.
        lock: held while that is made.
    """

    whole: Any
    reader: Reader
    device: str
    pad: int = 0
    padded: bool = True
    single: bool = False
    ready: "dict[str, Logits]" = field(default_factory=dict)
    lock: Any = field(default_factory=RLock)

    def forward(self, payloads: Sequence[Any], dtype: str) -> Floats:
        """Class probabilities, shape ``(n, k)``, of what the reader makes of texts."""
        import torch

        with torch.inference_mode():
            logits = self._padded(payloads, dtype) if self.padded else self._by_length(payloads, dtype)
            return np.asarray(logits.double().softmax(-1).cpu().numpy())

    def _padded(self, payloads: Sequence[Payload], dtype: str) -> Any:
        ids, mask = self.batch(payloads)
        return self._logits(dtype)(ids, mask)

    def _by_length(self, payloads: Sequence[Payload], dtype: str) -> Any:
        """The same, of texts of one length at a time, or of one text at a time."""
        import torch

        names, ask = ("input_ids", *self.reader.more), self._network(dtype)
        order = sorted(range(len(payloads)), key=lambda i: payloads[i].shape[-1])
        groups = (
            [[i] for i in order]
            if self.single
            else [[*alike] for _, alike in groupby(order, key=lambda i: payloads[i].shape[-1])]
        )
        found = []
        for group in groups:
            rows = np.stack([np.atleast_2d(payloads[i]) for i in group])
            inputs = {name: torch.from_numpy(rows[:, at].copy()).to(self.device) for at, name in enumerate(names)}
            found.append(logits_of(ask, inputs))
        back = torch.tensor([i for group in groups for i in group], device=self.device).argsort()
        return torch.cat(found)[back]

    def batch(self, payloads: Sequence[Payload]) -> "tuple[torch.Tensor, torch.Tensor]":
        """Token ids and mask, shape ``(n, longest)``, filled up on the right."""
        import torch

        width = max(len(ids) for ids in payloads)
        tokens = np.full((len(payloads), width), self.pad, dtype=np.int64)
        mask = np.zeros((len(payloads), width), dtype=np.int64)
        for row, ids in enumerate(payloads):
            tokens[row, : len(ids)], mask[row, : len(ids)] = ids, 1
        return torch.from_numpy(tokens).to(self.device), torch.from_numpy(mask).to(self.device)

    def _network(self, dtype: str) -> Any:
        import torch

        return (
            self.whole
            if dtype == "float32"
            else self._kept(f"{dtype} network", lambda: copy.deepcopy(self.whole).to(getattr(torch, dtype)))
        )

    def _logits(self, dtype: str) -> "Logits":
        from auditor.loaders._encoders import ready

        made: Logits = self._kept(dtype, lambda: ready(self._network(dtype)))
        return made

    def _kept(self, name: str, make: Callable[[], Any]) -> Any:
        """What is made once, at the first use."""
        with self.lock:
            if name not in self.ready:
                self.ready[name] = make()
            return self.ready[name]

    def gradient(self, payloads: Sequence[Any], labels: Sequence[int]) -> list[Floats]:
        """Gradients of a class's log-probability, by text of the shape ``(tokens, width)``."""
        import torch

        ids, mask = self.batch(payloads)
        embedded = self.whole.get_input_embeddings()(ids).detach().requires_grad_(True)
        chosen = torch.tensor(list(labels), device=self.device)
        log_probability = self.whole(inputs_embeds=embedded, attention_mask=mask).logits.log_softmax(-1)
        (slope,) = torch.autograd.grad(log_probability.gather(1, chosen[:, None]).sum(), embedded)
        lengths = mask.sum(1).tolist()
        return [rows[:length].double().cpu().numpy() for rows, length in zip(slope, lengths, strict=True)]

    def embed(self, payloads: Sequence[Any]) -> Floats:
        """Mean of the last hidden states over the tokens that are not padding."""
        import torch

        ids, mask = self.batch(payloads)
        with torch.inference_mode():
            hidden = self.whole(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states[-1].double()
            weight = mask.unsqueeze(-1).double()
            return np.asarray(((hidden * weight).sum(1) / weight.sum(1).clamp(min=1)).cpu().numpy())


def logits_of(network: Any, inputs: Mapping[str, Any]) -> Any:
    """Logits, shape ``(n, k)``, of inputs without padding, by the network's own way."""
    ids = inputs["input_ids"]
    mask = {MASK: ids.new_ones(ids.shape)} if MASK in accepted(network) else {}
    return network(**{**inputs, **mask}).logits


def accepted(network: Any) -> frozenset[str]:
    """Names of what a network's ``forward`` takes."""
    return frozenset(inspect.signature(network.forward).parameters)
