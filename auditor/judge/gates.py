"""What all verdicts come to: whether a release may go on."""

from collections import Counter
from collections.abc import Sequence

from auditor.judge.states import WORST_FIRST
from auditor.types import Gate, Verdict

FAILING = frozenset({"fail", "error"})
UNDECIDED = frozenset({"inconclusive", "not-tested", "evidence"})


def gate(verdicts: Sequence[Verdict], *, strict: bool = False, refused: bool = False) -> Gate:
    """Bring verdicts to one decision and exit code; there is no score.

    Args:
        verdicts: of all packs.
        strict: let nothing through that is not decided: inconclusive, not tested, or evidence that waits for a person.
        refused: a model was named, and was not loaded.

    Returns:
        ``fail`` (3) where any clause fails or a check of it crashed, since a crash is never a pass; else ``undecided`` (4)
        where the model was refused, or ``strict`` finds something open; else ``ok`` (0).
    """
    found = Counter(verdict.state for verdict in verdicts)
    states: dict[str, int] = {state: found[state] for state in WORST_FIRST if found[state]}
    if FAILING & states.keys():
        return Gate("fail", 3, strict, states)
    if refused or (strict and UNDECIDED & states.keys()):
        return Gate("undecided", 4, strict, states)
    return Gate("ok", 0, strict, states)
