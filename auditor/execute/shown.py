"""How much of a text is shown: a window around what was changed, or a digest; the same for every ledger and report."""

import hashlib

LONGEST = 300
"""Characters of a text that are shown."""


def windows(before: str, after: str) -> tuple[str, str]:
    """Two texts, cut to the same 300 characters around the first difference; from the beginning where there is none."""
    longest = max(len(before), len(after))
    if longest <= LONGEST:
        return before, after
    focus = 0 if before == after else _first_difference(before, after)
    start = min(max(focus - LONGEST // 3, 0), longest - LONGEST)
    return _window(before, start), _window(after, start)


def window(text: str) -> str:
    """A text, cut to its first 300 characters."""
    return _window(text, 0)


def _window(text: str, start: int) -> str:
    head, tail = "…" if start else "", "…" if start + LONGEST < len(text) else ""
    return f"{head}{text[start : start + LONGEST]}{tail}"


def _first_difference(one: str, other: str) -> int:
    """By halving: comparing slices is a thousand times faster than comparing characters, and texts are long."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[low:middle] == other[low:middle] else (low, middle - 1)
    return low


def hashed(text: str) -> str:
    """The digest of a text: equal for equal texts."""
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
