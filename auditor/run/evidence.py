"""What of the data a report may show: decided here, once, for every output."""

import hashlib
import itertools
from dataclasses import replace
from typing import Literal

from auditor.types import Evidence, Example, Outcome

Policy = Literal["show", "hash", "none"]
LONGEST = 300


def redacted(outcome: Outcome, policy: Policy) -> Outcome:
    """The outcome with its examples as the policy allows.

    Args:
        outcome: as the probe left it.
        policy: ``show`` trims texts to 300 characters around what was changed, ``hash`` shows only that texts are equal or
            not, ``none`` keeps the number of examples alone.
    """
    return replace(outcome, evidence=tuple(_redacted(evidence, policy) for evidence in outcome.evidence))


def _redacted(evidence: Evidence, policy: Policy) -> Evidence:
    if policy == "none":
        return replace(evidence, examples=())
    change = _trimmed if policy == "show" else _hashed
    return replace(evidence, examples=tuple(change(example) for example in evidence.examples))


def _hashed(example: Example) -> Example:
    return replace(example, before=_hash(example.before), after=None if example.after is None else _hash(example.after))


def _hash(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def _trimmed(example: Example) -> Example:
    if example.after is None:
        return replace(example, before=_window(example.before, 0))
    same = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(example.before, example.after, strict=False))
    start = sum(1 for _ in same)
    return replace(example, before=_window(example.before, start), after=_window(example.after, start))


def _window(text: str, focus: int) -> str:
    """At most 300 characters of a text, of which the focus is one."""
    if len(text) <= LONGEST:
        return text
    start = min(max(focus - LONGEST // 3, 0), len(text) - LONGEST)
    head, tail = "…" if start else "", "…" if start + LONGEST < len(text) else ""
    return f"{head}{text[start : start + LONGEST]}{tail}"
