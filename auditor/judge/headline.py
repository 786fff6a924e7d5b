"""What a gate says in one sentence: not only whether it is open, but how much was shown."""

from collections.abc import Mapping
from typing import Protocol

from auditor.types import Gate

OPEN = ("inconclusive", "not-tested", "evidence")
"""States of clauses that nothing decided, in the order in which they are told."""

_TOLD = ("fail", "error", *OPEN, "pass", "attested")

ENGLISH: Mapping[str, str] = {
    "none": "not judged: no rule pack",
    "closed": "closed: {counts}",
    "undecided": "undecided: {counts}",
    "refused": "undecided: the model was not loaded; {counts}",
    "all": "open: {counts}",
    "proven": "open: nothing failed; {counts}",
    "open": "open: nothing failed, but {counts}",
    "nothing": "open: nothing failed, but nothing was shown either: {counts}",
    "inapplicable": "open: nothing failed, but no clause applies to what was audited",
    "crashed": "{says}; probes that crashed: {count}",
    "only": "the only clause {tells}",
    "every": "all {total} clauses {tells}",
    "first": "{count} of {total} clauses {tells}",
    "more": "{count} {tells}",
    "between": ", ",
    "tells.fail.one": "failed",
    "tells.fail.many": "failed",
    "tells.error.one": "crashed",
    "tells.error.many": "crashed",
    "tells.inconclusive.one": "is inconclusive",
    "tells.inconclusive.many": "are inconclusive",
    "tells.not-tested.one": "was not tested",
    "tells.not-tested.many": "were not tested",
    "tells.evidence.one": "waits for a person",
    "tells.evidence.many": "wait for a person",
    "tells.pass.one": "passed",
    "tells.pass.many": "passed",
    "tells.attested.one": "is attested",
    "tells.attested.many": "are attested",
}


class Say(Protocol):
    """A catalogue of messages."""

    def __call__(self, key: str, /, **values: object) -> str:
        """The message under a key, with ``{name}`` replaced by values."""
        ...


def english(key: str, /, **values: object) -> str:
    """The messages of ``run.json``."""
    return ENGLISH[key].format(**values)


def headline(gate: Gate, say: Say = english) -> str:
    """The sentence.

    Args:
        gate: what the verdicts come to; only its facts are read.
        say: the catalogue.
    """
    says = _says(gate, say)
    return say("crashed", says=says, count=gate.crashed) if gate.crashed else says


def _says(gate: Gate, say: Say) -> str:
    states = {state: gate.states[state] for state in _TOLD if gate.states.get(state)}
    undecided = {state: count for state, count in states.items() if state in OPEN}
    if not gate.states:
        return say("refused", counts=say("none")) if gate.refused else say("none")
    if gate.state == "fail":
        return say("closed", counts=_counts(states, states, say))
    if gate.state == "undecided":
        return say("refused" if gate.refused else "undecided", counts=_counts(undecided or states, states, say))
    return _open(gate, say, states, undecided)


def _open(gate: Gate, say: Say, states: Mapping[str, int], undecided: Mapping[str, int]) -> str:
    """Of an open gate: why it is, and what it leaves open."""
    decided = {state: count for state, count in states.items() if state not in undecided}
    if not states:
        return say("inapplicable")
    if gate.proven or not undecided:
        return say("proven" if undecided else "all", counts=_counts({**decided, **undecided}, states, say))
    return say("open" if decided else "nothing", counts=_counts(undecided, states, say))


def _counts(told: Mapping[str, int], states: Mapping[str, int], say: Say) -> str:
    """``13 of 15 clauses were not tested, 1 is inconclusive``."""
    total = sum(states.values())
    parts: list[str] = []
    for state, count in told.items():
        tells = say(f"tells.{state}.{'one' if count == 1 else 'many'}")
        form = "more" if parts else "only" if total == 1 else "every" if count == total else "first"
        parts.append(say(form, count=count, total=total, tells=tells))
    return say("between").join(parts)
