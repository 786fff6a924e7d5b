"""What was changed between two texts, word by word, cut down to the parts worth reading."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from auditor.report.visible import visible

_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_]+|\s+|.", re.DOTALL)
"""One ideograph or kana, a run of letters and digits, a run of white space, or any other character."""

_COMPARED = 200
"""Tokens between the common start and the common end that are compared; a difference is quadratic at worst."""

_CONTEXT = 48


Kind = Literal["same", "changed"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: ``same`` in both, or ``changed``; ``cut`` stands for text left out."""

    kind: Literal["same", "changed", "cut"]
    text: str


def marked(before: str, after: str, *, length: int = 300) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Two texts as pieces, their differences marked.

    Args:
        before: the first text.
        after: the second.
        length: most characters of each that are shown; unchanged text far from a change is cut first.

    Returns:
        The pieces of ``before`` and of ``after``, their text already visible.
    """
    left, right = _TOKEN.findall(before), _TOKEN.findall(after)
    start = _common(left, right)
    end = _common(left[start:][::-1], right[start:][::-1])
    old, new = _compared(left[start : len(left) - end], right[start : len(right) - end])
    head, tail = "".join(left[:start]), "".join(left[len(left) - end :])
    return _fitted(_joined(head, old, tail), length), _fitted(_joined(head, new, tail), length)


def plain(text: str, *, length: int = 300) -> tuple[Piece, ...]:
    """One text as pieces, cut at its end."""
    return _fitted([Piece("same", text[: length + 1])], length)


def _common(left: list[str], right: list[str]) -> int:
    """How many tokens at the start are equal."""
    return next((at for at, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))


def _compared(left: list[str], right: list[str]) -> tuple[list[Piece], list[Piece]]:
    old: list[Piece] = []
    new: list[Piece] = []
    for kind, i, j, k, m in _stretches(left[:_COMPARED], right[:_COMPARED]):
        old.append(Piece(kind, "".join(left[i:j])))
        new.append(Piece(kind, "".join(right[k:m])))
    old.append(Piece("changed", "".join(left[_COMPARED:])))
    new.append(Piece("changed", "".join(right[_COMPARED:])))
    return old, new


def _stretches(left: list[str], right: list[str]) -> Iterator[tuple[Kind, int, int, int, int]]:
    """Where both are the same and where not: word for word where few words were replaced, else by the longest common parts."""
    same = [a == b for a, b in zip(left, right, strict=False)]
    if len(left) == len(right) and same.count(False) <= len(same) / 4:
        for equal, run in groupby(range(len(same)), key=same.__getitem__):
            at = list(run)
            yield "same" if equal else "changed", at[0], at[-1] + 1, at[0], at[-1] + 1
        return
    for tag, i, j, k, m in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        yield "same" if tag == "equal" else "changed", i, j, k, m


def _joined(head: str, middle: list[Piece], tail: str) -> list[Piece]:
    return [piece for piece in (Piece("same", head), *middle, Piece("same", tail)) if piece.text]


def _fitted(pieces: list[Piece], length: int) -> tuple[Piece, ...]:
    shown = [Piece(piece.kind, visible(piece.text)) for piece in pieces]
    if sum(len(piece.text) for piece in shown) > length and len(shown) > 1:
        shown = [part for at, piece in enumerate(shown) for part in _around(piece, at == 0, at == len(shown) - 1)]
    return tuple(_spent(shown, length))


def _around(piece: Piece, first: bool, last: bool) -> list[Piece]:
    """Keep of unchanged text only what is next to a change."""
    if piece.kind == "changed" or len(piece.text) <= 2 * _CONTEXT:
        return [piece]
    head = [] if first else [Piece("same", piece.text[:_CONTEXT])]
    tail = [] if last else [Piece("same", piece.text[-_CONTEXT:])]
    return [*head, Piece("cut", "…"), *tail]


def _spent(pieces: list[Piece], budget: int) -> list[Piece]:
    kept: list[Piece] = []
    for piece in pieces:
        if len(piece.text) > budget:
            return [*kept, Piece(piece.kind, piece.text[:budget]), Piece("cut", "…")]
        budget -= len(piece.text)
        kept.append(piece)
    return kept
