"""How many tokens a network has positions for: seen in the tables that it looks up, not guessed from its name."""

from collections.abc import Sequence
from typing import Any, Final

import torch
from torch.overrides import TorchFunctionMode

NO_END: Final = 1 << 60

Seen = dict[int, tuple[int, int]]
"""By table: how many rows it has, and the last one that was looked up."""


class Watch(TorchFunctionMode):
    """Notes every table that is looked up meanwhile, and its last row that was used.

    Attributes:
        seen: by table; the word embedding, which is one of them, is told apart by comparing texts.
    """

    def __init__(self) -> None:
        super().__init__()
        self.seen: Seen = {}

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Look at lookups, and let everything through."""
        if function is torch.nn.functional.embedding and args[0].numel():
            table, last = args[1], int(args[0].max())
            rows, before = self.seen.get(table.data_ptr(), (table.shape[0], -1))
            self.seen[table.data_ptr()] = (rows, max(before, last))
        return function(*args, **(kwargs or {}))


def room(seen: Sequence[Seen], lengths: Sequence[int]) -> int:
    """Tokens of the longest text that there are positions for.

    A table of positions is one whose last row used is always as far from the text's number of tokens.

    Args:
        seen: of each of several texts.
        lengths: their numbers of tokens.
    """
    limits = []
    for table, (rows, _) in (seen[0] if seen else {}).items():
        lasts = [tables[table][1] for tables in seen if table in tables]
        if len(lasts) == len(lengths):
            offsets = {last - length for last, length in zip(lasts, lengths, strict=True)}
            if len(offsets) == 1 and len({*lengths}) > 1:
                limits.append(rows - 1 - offsets.pop())
    return min(limits, default=NO_END)
