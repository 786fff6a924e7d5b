"""Seeing, when a checkpoint is loaded, that its answers here are those that the library gives to one text at a time.

A few texts are given to the network alone, exactly as its own tokenizer makes them: that is what it answers. Then they go
through as the audit will ask them, together and filled up with padding. Where an answer differs, texts go through by
length, without padding; where it still differs, one by one; and where even that differs, the network is refused.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from auditor.errors import InputError
from auditor.loaders._network import Network, accepted
from auditor.loaders._positions import Seen, Watch, room
from auditor.loaders._tokens import Reader, first_line
from auditor.types import Floats

TOLERANCE: Final = 1e-5
"""Largest difference of two probabilities that rounding in float32 explains."""

VARIES: Final = 1e-3
"""A difference of two answers to one text from which on a network is taken to answer at random."""

LENGTH_DECIDES: Final = frozenset(
    {
        "big_bird",
        "bigbird_pegasus",
        "canine",
        "fnet",
        "funnel",
        "longformer",
        "mra",
        "nystromformer",
        "perceiver",
        "reformer",
        "xlnet",
        "yoso",
    }
)
"""``model_type`` of networks whose layers look at how long a batch is; some show it only in texts longer than those tried."""

LENGTH_DECIDES_ROPE: Final = frozenset({"dynamic", "longrope", "su", "yarn_dynamic"})
"""Rotary embeddings whose angles depend on the longest text of a batch."""

_SENTENCES: Final = (
    "Good.",
    "A film that nobody will forget, and not only for the actors",
    "the dog sat down",
)
_WORDS: Final = (1, 7, 12, 90)
_LONGEST_TRIED: Final = 160


def agreed(network: Network, place: str) -> Network:
    """The network with the quickest way to ask it that gives its own answers.

    Args:
        network: as loaded, with nothing asked of it yet.
        place: the checkpoint.

    Raises:
        InputError: it cannot read a text, answers with no finite number, or answers otherwise than by itself.
    """
    import torch

    with torch.inference_mode():
        texts, alone, seen = _alone(network, place)
        _check_answers(alone, place)
        longest = max(range(len(texts)), key=lambda i: len(texts[i]))
        again = _plain(network, texts[longest])
    if not np.allclose(again, alone[longest], atol=VARIES, rtol=0, equal_nan=True):
        problem = f"it gives different answers to one text: {_shown(alone[longest])}, then {_shown(again)}"
        raise InputError(problem, place=place, remedy="Fix its random state in its configuration, such as hash_seed")
    lengths = [len(tokens) for tokens in network.reader.tokens(texts)["input_ids"]]
    limit = min(network.reader.max_length, room(seen, lengths))
    network = replace(network, reader=replace(network.reader, max_length=limit, more=_more(network, texts)))
    for way in _ways(network):
        if _same(way, texts, alone, TOLERANCE):
            return way
    if _same(way, texts, alone, VARIES):
        return way
    raise InputError("its answers here are not those that transformers gives", place=place, remedy=_REPORT)


_REPORT: Final = "Report the architecture, so that it can be supported"


def _ways(network: Network) -> Iterator[Network]:
    """Ways to ask, from the quickest to the surest."""
    config = network.whole.config
    if network.padded and not (network.reader.more or length_decides(config)):
        yield network
    by_length = replace(network, padded=False)
    yield by_length
    yield replace(by_length, single=True)


def length_decides(config: Any) -> bool:
    """Whether the length of a batch has a part in the answers to its texts."""
    ropes = [getattr(config, name, None) for name in ("rope_scaling", "rope_parameters")]
    kinds = {rope.get(key) for rope in ropes if isinstance(rope, dict) for key in ("rope_type", "type")}
    return config.model_type in LENGTH_DECIDES or bool(kinds & LENGTH_DECIDES_ROPE)


def _alone(network: Network, place: str) -> tuple[list[str], list[Floats], list[Seen]]:
    """Texts that the network takes, its answers to each alone, and the tables that it looked things up in.

    Raises:
        InputError: it takes none of them.
    """
    texts, answers, seen, problems = [], [], [], []
    for text in _tried(network.reader):
        try:
            with Watch() as watch:
                answers.append(_plain(network, text))
        except Exception as error:  # noqa: BLE001 - a network may not take texts that are too short; any error may say so
            problems.append(f"{type(error).__name__}: {first_line(error)}")
            continue
        texts.append(text)
        seen.append(watch.seen)
    if not texts:
        raise InputError(
            f"it does not take a text by itself: {problems[0] if problems else 'no text has a token'}",
            place=place,
            remedy="Give a classifier of single texts, with its own tokenizer",
        )
    return texts, answers, seen


def _plain(network: Network, text: str) -> Floats:
    """What transformers answers to one text, shape ``(k,)``: the tokenizer's output, whole, given to the network."""
    tokens = network.reader.tokenizer(text, truncation=True, max_length=network.reader.max_length, return_tensors="pt")
    takes = accepted(network.whole)
    given = {name: cells.to(network.device) for name, cells in tokens.items() if name in takes}
    return np.asarray(network.whole(**given).logits.double().softmax(-1)[0].cpu().numpy())


def _tried(reader: Reader) -> list[str]:
    """Texts of several lengths, two of them of one length, made of the tokenizer's own words."""
    words = _words(reader.tokenizer)
    texts = [
        *_SENTENCES,
        *(" ".join(words[i % len(words)] for i in range(n * n, n * n + n)) for n in _WORDS),
        "",
        " ".join(words[:7]),
    ]
    most = min(reader.max_length, _LONGEST_TRIED)
    ids = reader.tokenizer(texts, truncation=True, max_length=most)["input_ids"]
    return [text for text, tokens in zip(texts, ids, strict=True) if tokens]


def _words(tokenizer: Any) -> list[str]:
    """Some fifty words of the vocabulary, from all over it."""
    special, size = set(tokenizer.all_special_ids), len(tokenizer)
    ids = [i for i in range(0, size, max(1, size // 64)) if i not in special]
    found = (str(tokenizer.decode([i])).strip() for i in ids)
    return [word for word in found if word and word.isprintable()] or ["word", "other"]


def _more(network: Network, texts: Sequence[str]) -> tuple[str, ...]:
    """What the tokenizer says of texts besides token ids and mask, and the network reads, where it is not all zeros."""
    tokens, takes = network.reader.tokens(texts), accepted(network.whole)
    return tuple(
        name
        for name, rows in tokens.items()
        if name in takes and name not in ("input_ids", "attention_mask") and any(any(row) for row in rows)
    )


def _same(way: Network, texts: Sequence[str], alone: Sequence[Floats], tolerance: float) -> bool:
    """Whether texts asked together are answered as each alone."""
    codes = way.reader.encode(texts)
    try:
        together = way.forward([code.payload for code in codes], "float32")
    except Exception:  # noqa: BLE001 - a way that the network does not go; whatever it raises, another is tried
        return False
    return bool(np.allclose(together, alone, atol=tolerance, rtol=0, equal_nan=True))


def _check_answers(alone: Sequence[Floats], place: str) -> None:
    if not any(np.isfinite(scores).all() for scores in alone):
        problem = f"its answers are not finite numbers: {_shown(alone[0])}"
        raise InputError(problem, place=place, remedy="Its weights are damaged, or too large for float32: save it again")


def _shown(scores: Floats) -> str:
    return ", ".join(f"{score:.4g}" for score in scores[:5])
