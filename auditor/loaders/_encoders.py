"""Networks made ready for answering on processors: the same function of the same weights, with less work.

For encoders of BERT's kind the way through the layers is written out here. Texts lie one after another in one table of
tokens, so that no layer works on padding; a text attends to itself, in one call with the texts of its length beside it.
Queries, keys and values are one product. And as such a classifier reads the first token alone, the last layer gives
the state of that token only, which is nearly all of its work saved. Other networks have their linear layers packed.

What is made is compared with the network that it stands for, and is dropped where the answers are not the same.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention

from auditor.loaders._linear import Packed, packed

KINDS = frozenset({"bert", "camembert", "electra", "roberta", "xlm-roberta"})
"""``model_type`` of the architectures whose layout this knows and whose heads read the first token."""

TOLERANCE = {torch.float32: 1e-4, torch.bfloat16: 3e-2}
"""Largest difference of two logits, relative to the largest logit, that rounding in a dtype explains."""

Tensor = torch.Tensor
Logits = Callable[[Tensor, Tensor], Tensor]
"""Logits, shape ``(n, k)``, of token ids and their mask, both of the shape ``(n, longest)`` and filled up on the right."""

Runs = Sequence[tuple[int, int]]
"""Texts beside each other of one length: how many they are, and the length in tokens."""


def ready(network: Any) -> Logits:
    """The quickest way to a network's logits that gives the same answers.

    Args:
        network: a transformers sequence classifier in evaluation mode.
    """
    for make in (encoder, packed_network) if network.device.type == "cpu" else ():
        try:
            made = make(network)
            if made is not None and _same(plain(network), made, network):
                return made
        except (AttributeError, IndexError, RuntimeError, ValueError):  # no kernels in this torch or for this dtype, ...
            continue  # ... or the network does not take the texts that it is tried with
    return plain(network)


def plain(network: Any) -> Logits:
    """The network as it is."""

    def logits(ids: Tensor, mask: Tensor) -> Any:
        return network(input_ids=ids, attention_mask=mask).logits

    return logits


def packed_network(network: Any) -> Logits:
    """The network with its linear layers packed."""
    return plain(packed(network))


def encoder(network: Any) -> Logits | None:
    """An encoder of BERT's kind, its layers gone through without padding; nothing for other layouts."""
    config, base = network.config, network.base_model
    if config.model_type not in KINDS or config.is_decoder or config.hidden_act != "gelu":
        return None
    layers, last = [_layer(each) for each in base.encoder.layer[:-1]], _last_layer(base.encoder.layer[-1])
    embeddings, classifier = base.embeddings, network.classifier
    project, pool = (getattr(base, name, None) or torch.nn.Identity() for name in ("embeddings_project", "pooler"))

    def logits(ids: Tensor, mask: Tensor) -> Any:
        lengths = mask.sum(1)
        runs = [(len([*alike]), length) for length, alike in groupby(lengths.tolist())]
        hidden = project(embeddings(input_ids=ids)[mask.bool()])
        for layer in layers:
            hidden = layer(hidden, runs)
        return classifier(pool(last(hidden, lengths.cumsum(0) - lengths, runs)[:, None]))

    return logits


def _layer(whole: Any) -> Callable[[Tensor, Runs], Tensor]:
    """A layer as a function of the tokens' states, shape ``(tokens, width)``, to such states."""
    own, rest = whole.attention.self, _after_attention(whole)
    projected, scaling, head = Packed(own.query, own.key, own.value), own.scaling, own.attention_head_size

    def layer(hidden: Tensor, runs: Runs) -> Tensor:
        means = []
        for texts in _texts(projected(hidden), runs):
            query, key, value = texts.view(*texts.shape[:2], 3, -1, head).permute(2, 0, 3, 1, 4)
            means.append(_attended(query, key, value, scaling).transpose(1, 2).flatten(2).flatten(0, 1))
        return rest(torch.cat(means).to(hidden.dtype), hidden)

    return layer


def _last_layer(whole: Any) -> Callable[[Tensor, Tensor, Runs], Tensor]:
    """The same for the tokens at some places, one in each text: of the shape ``(texts, width)``.

    Keys and values of the other tokens are not made. A query's product with keys is that of the query, sent back through
    the keys' weights, with the states (what the keys' bias adds is the same for all tokens); and a mean of values is the
    value of the mean state.
    """
    own, rest = whole.attention.self, _after_attention(whole)
    query, scaling, bias = Packed(own.query), own.scaling, own.value.bias.detach().float()
    key, value = (
        part.weight.detach().float().view(-1, own.attention_head_size, part.in_features) for part in (own.key, own.value)
    )

    def layer(hidden: Tensor, at: Tensor, runs: Runs) -> Tensor:
        chosen = hidden[at]
        queries = torch.einsum("thd,hdw->thw", query(chosen).float().view(-1, *key.shape[:2]), key)
        texts = zip(torch.split(queries, [n for n, _ in runs]), _texts(hidden, runs), strict=True)
        means = torch.cat([_attended(heads, states, states, scaling) for heads, states in texts])
        attended = torch.einsum("thw,hdw->thd", means, value).flatten(1) + bias
        return rest(attended.to(hidden.dtype), chosen)

    return layer


def _after_attention(whole: Any) -> Callable[[Tensor, Tensor], Tensor]:
    """What follows attention in a layer, token by token."""
    first_norm, last_norm = whole.attention.output.LayerNorm, whole.output.LayerNorm
    joined, widened = Packed(whole.attention.output.dense), Packed(whole.intermediate.dense, activation="gelu")
    narrowed = Packed(whole.output.dense)

    def rest(attended: Tensor, hidden: Tensor) -> Any:
        hidden = first_norm(joined(attended).add_(hidden))
        return last_norm(narrowed(widened(hidden)).add_(hidden))

    return rest


def _texts(states: Tensor, runs: Runs) -> Iterator[Tensor]:
    """States of the tokens of each run, shape ``(texts, tokens, width)``."""
    for run, (n, length) in zip(torch.split(states, [n * length for n, length in runs]), runs, strict=True):
        yield run.view(n, length, -1)


def _attended(query: Tensor, key: Tensor, value: Tensor, scaling: float) -> Tensor:
    """Means of values by attention, in float32, which is the quickest: of the shape ``(..., queries, width)``."""
    return scaled_dot_product_attention(query.float(), key.float(), value.float(), scale=scaling)


def _same(one: Logits, other: Logits, network: Any) -> bool:
    """Whether two ways answer alike to three made-up texts, the last one shorter and filled up."""
    width = 8
    ids = torch.arange(3 * width, device=network.device).reshape(3, width) % network.config.vocab_size
    mask = torch.ones_like(ids)
    mask[-1, width // 2 :] = 0
    with torch.inference_mode():
        expected, found = one(ids, mask), other(ids, mask)
    return bool((expected - found).abs().max() <= TOLERANCE.get(expected.dtype, 0.0) * expected.abs().max())
