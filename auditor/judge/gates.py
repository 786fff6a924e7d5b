"""What all verdicts come to: whether a release may go on, and how much was shown."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from auditor.judge import notable as telling
from auditor.judge.headline import headline
from auditor.judge.states import WORST_FIRST
from auditor.types import Gate, Outcome, Verdict

FAILING = frozenset({"fail", "error"})
UNDECIDED = frozenset({"inconclusive", "not-tested", "evidence"})
SHOWN = frozenset({"pass", "attested"})
HEAVY = frozenset({"critical", "major"})


def gate(verdicts: Sequence[Verdict], outcomes: Sequence[Outcome] = (), *, strict: bool = False, refused: bool = False) -> Gate:
    """Bring verdicts to one decision and exit code; there is no score.

    Args:
        verdicts: of all packs.
        outcomes: of all probes: a crash of which no clause speaks is told too.
        strict: let nothing through that is not decided: inconclusive, not tested, or evidence that waits for a person.
        refused: a model was named, and was not loaded.

    Returns:
        ``fail`` (3) where any clause fails or a check of it crashed, since a crash is never a pass; else ``undecided`` (4)
        where the model was refused, or ``strict`` finds something open; else ``ok`` (0).
    """
    counted = Counter(verdict.state for verdict in verdicts)
    states: dict[str, int] = {state: counted[state] for state in WORST_FIRST if counted[state]}
    found = Gate("ok", 0, strict, states, refused=refused, crashed=_crashed(verdicts, outcomes))
    if FAILING & states.keys():
        found = replace(found, state="fail", exit_code=3)
    elif refused or (strict and UNDECIDED & states.keys()):
        found = replace(found, state="undecided", exit_code=4)
    told = tuple(telling.sentence(verdict, finding) for verdict, finding in telling.notable(verdicts))
    found = replace(found, proven=found.state == "ok" and not found.crashed and _proven(verdicts), notable=told)
    return replace(found, headline=headline(found))


def _proven(verdicts: Sequence[Verdict]) -> bool:
    """Whether all that weighs was shown, and no person has yet to look at a notable number."""
    heavy = [verdict for verdict in verdicts if verdict.severity in HEAVY and verdict.state != "not-applicable"]
    waiting = any(finding.notable for verdict in verdicts if verdict.state != "attested" for finding in verdict.findings)
    return bool(heavy) and all(verdict.state in SHOWN for verdict in heavy) and not waiting


def _crashed(verdicts: Sequence[Verdict], outcomes: Sequence[Outcome]) -> int:
    spoken = {finding.why.probe for verdict in verdicts for finding in verdict.findings if finding.why}
    return sum(outcome.status == "failed" and outcome.probe not in spoken for outcome in outcomes)
