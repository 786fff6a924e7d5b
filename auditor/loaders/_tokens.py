"""Tokenizers of transformers checkpoints: texts to the numbers that a network reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditor.errors import InputError
from auditor.types import Encoded, Item

Ids = NDArray[np.int64]

UNLIMITED = 100_000
"""Tokenizers without a limit name a huge number; what is above this is none."""

UNNAMED = 4096
"""Tokens that a text is cut to where neither the tokenizer nor the network names a limit."""

_WIDEST = 64
"""Characters of a token in practice. A text of many times the limit is first tokenised in part, by this measure."""

_REMEDY = "Save the model's tokenizer beside it with tokenizer.save_pretrained."


@dataclass(frozen=True, slots=True)
class Reader:
    """How texts become the network's input.

    Attributes:
        tokenizer: the checkpoint's.
        max_length: tokens that the network sees at most.
        more: what the network reads of a text besides token ids, such as token types; empty where those say nothing.
    """

    tokenizer: Any
    max_length: int
    more: tuple[str, ...] = ()

    def encode(self, items: Sequence[Item]) -> list[Encoded]:
        """Token ids of texts, cut to what the network sees; shape ``(n,)``, or ``(1 + m, n)`` with ``m`` things more."""
        texts = [clean(item) for item in items]
        limit, left = self.max_length, self.tokenizer.truncation_side == "left"
        cut = self.tokens([_part(text, limit * _WIDEST, left) for text in texts])
        short = [i for i, text in enumerate(texts) if len(cut["input_ids"][i]) < limit and len(text) > limit * _WIDEST]
        if short:  # it was cut where there was room
            for name, rows in self.tokens([texts[i] for i in short]).items():
                for i, row in zip(short, rows, strict=True):
                    cut[name][i] = row
        return [self._encoded(cut, i, text) for i, text in enumerate(texts)]

    def tokens(self, texts: Sequence[str]) -> dict[str, list[Any]]:
        """What the tokenizer makes of texts, without padding, cut to the limit."""
        return dict(self.tokenizer(list(texts), truncation=True, max_length=self.max_length))

    def _encoded(self, cut: Mapping[str, list[Any]], i: int, text: str) -> Encoded:
        ids = cut["input_ids"][i]
        if not ids:
            return Encoded(0, None, refused=NO_TOKENS)
        payload = np.array([ids, *(cut[name][i] for name in self.more)] if self.more else ids, dtype=np.int64)
        return Encoded(len(ids), payload, len(ids) >= self.max_length and self._is_longer(text))

    def _is_longer(self, text: str) -> bool:
        left = self.tokenizer.truncation_side == "left"
        sizes = (2 * self.max_length * _WIDEST, len(text))
        wholes = (self.tokenizer(_part(text, size, left), verbose=False)["input_ids"] for size in sizes)
        return any(len(whole) > self.max_length for whole in wholes)


NO_TOKENS = "the text has no token that the model reads"
"""The reason of texts that a tokenizer makes nothing of."""


OTHER_INPUTS = {
    **dict.fromkeys(("layoutlm", "layoutlmv2", "layoutlmv3", "lilt", "bros"), "texts with layout boxes"),
    "markuplm": "texts with paths of markup",
    "tapas": "questions about tables",
}
"""What networks read that one text does not give, by ``model_type``."""


def check_reads_text(config: Any, device: str, place: str) -> None:
    """See that a network reads a text and nothing else, and that the library has all of it for the device.

    Raises:
        InputError: it reads something else with it, or the library leaves a part of it out.
    """
    if config.model_type == "mra" and device == "cpu":
        problem = "transformers has the attention of 'mra' for CUDA alone; elsewhere no answer depends on the text"
        raise InputError(problem, place=place, remedy="Audit it on a GPU, with --device cuda")
    if other := OTHER_INPUTS.get(config.model_type):
        problem = f"a network of the type {config.model_type!r} reads {other}, and the audit gives it texts alone"
        raise InputError(problem, place=place, remedy="Give a classifier of texts")


def clean(item: Item) -> str:
    """A text as tokenizers take it: what is no character of Unicode, such as half a surrogate pair, becomes ``?``."""
    return str(item).encode("utf-8", "replace").decode()


def _part(text: str, size: int, left: bool) -> str:
    return text if len(text) <= size else text[-size:] if left else text[:size]


def tokenizer_of(path: Path, vocabulary: int | None) -> Any:
    """The tokenizer that was saved beside a network.

    Args:
        path: the folder.
        vocabulary: number of tokens that the network knows, where it says so.

    Raises:
        InputError: there is none, or it is not this model's, or it reads other things than a text.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(path, trust_remote_code=False, local_files_only=True)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError) as error:
        raise InputError(f"cannot load the tokenizer: {first_line(error)}", place=str(path), remedy=_REMEDY) from None
    except Exception as error:  # the tokenizers library raises bare exceptions
        if type(error) is not Exception:
            raise
        raise InputError(f"cannot load the tokenizer: {first_line(error)}", place=str(path), remedy=_REMEDY) from None
    if len(tokenizer) <= len(tokenizer.all_special_ids):  # what the library makes where it finds no vocabulary
        raise InputError("there is no tokenizer vocabulary", place=str(path), remedy=_REMEDY)
    if vocabulary is not None and len(tokenizer) > vocabulary:
        found = f"the tokenizer has {len(tokenizer)} tokens and the model only {vocabulary}"
        raise InputError(found, place=str(path), remedy=_REMEDY)
    return tokenizer


def first_line(error: Exception) -> str:
    """The part of a long message that a person reads."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300].rstrip(".")
