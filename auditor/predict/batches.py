"""Which inputs go through the model together: sorted by length, packed by a budget of tokens."""

from collections.abc import Sequence

TOKENS = 1024
"""Tokens in one batch, padding counted: on CPUs the fastest size measured, and small enough for any GPU."""


def pack(lengths: Sequence[int], tokens: int = TOKENS) -> list[list[int]]:
    """Cut inputs into batches of similar length.

    Args:
        lengths: cost of each input in tokens.
        tokens: most tokens in one batch after padding to its longest; an input longer than that goes alone.

    Returns:
        Batches of positions into ``lengths``: the longest inputs first, so that the largest batch is known to fit early.
    """
    order = sorted(range(len(lengths)), key=lambda i: (-lengths[i], i))
    batches: list[list[int]] = []
    for i in order:
        if batches and (len(batches[-1]) + 1) * max(lengths[batches[-1][0]], 1) <= tokens:
            batches[-1].append(i)
        else:
            batches.append([i])
    return batches
