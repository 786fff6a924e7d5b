"""Which inputs go through the model together: sorted by length, in batches that cost about the same."""

import math
from collections.abc import Sequence

_PADDING = 8
"""A batch is closed before padding takes more than this part, one in so many, of the budget."""


def pack(lengths: Sequence[int], tokens: int, workers: int = 1) -> list[list[int]]:
    """Cut inputs into batches of similar length and cost, as many as keep all workers busy to the end.

    Args:
        lengths: cost of each input in tokens.
        tokens: most tokens in one batch after padding to its longest; an input longer than that goes alone.
        workers: batches that run at once; their number is a multiple of it, unless there are too few inputs.

    Returns:
        Batches of positions into ``lengths``: the longest inputs first, so that the largest batch is known to fit early.
    """
    room = tokens - tokens / _PADDING
    costs = [min(length, room) for length in lengths]
    share = sum(costs) / max(workers * math.ceil(sum(costs) / room / workers), 1)
    batches: list[list[int]] = []
    longest = padding = 0
    before = 0.0
    for i in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        padding += longest - lengths[i]
        due = before + costs[i] / 2 > len(batches) * share
        fits = batches and (len(batches[-1]) + 1) * max(longest, 1) <= tokens and padding * _PADDING <= tokens
        if fits and not due:
            batches[-1].append(i)
        else:
            batches.append([i])
            longest, padding = lengths[i], 0
        before += costs[i]
    return _filled(batches, lengths, workers)


def _filled(batches: list[list[int]], lengths: Sequence[int], workers: int) -> list[list[int]]:
    """Halve the most costly batches until no worker is left without one."""
    for _ in range(-len(batches) % workers):
        at = max(range(len(batches)), key=lambda b: (len(batches[b]) > 1) * sum(lengths[i] for i in batches[b]))
        half = (len(batches[at]) + 1) // 2
        batches[at : at + 1] = filter(None, (batches[at][:half], batches[at][half:]))
    return batches
