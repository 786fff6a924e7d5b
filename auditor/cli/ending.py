"""A run from the command line: what is said while it works, and at its end."""

import contextlib
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

from auditor.api import Result
from auditor.cli.screen import Progress, paragraph, progress, say, shown
from auditor.types import Alarm, Outcome, Run, Verdict

SCHEMA = "auditor.summary/1"
_TOLD = ("error", "fail", "inconclusive")

Tell = Callable[[str], None]


@contextlib.contextmanager
def watched(*, quiet: bool) -> Iterator[tuple[Progress | None, Tell | None]]:
    """What to tell how far a run is, and what it found out on the way; nothing for a quiet one."""
    if quiet:
        logging.getLogger("auditor").setLevel(logging.ERROR)
        yield None, None
        return
    with progress() as tell:
        yield tell, lambda sentence: paragraph(shown(sentence), error=True)


def end(result: Result, *, quiet: bool, as_json: bool) -> int:
    """Say what came of a run.

    Args:
        result: of the run.
        quiet: say nothing.
        as_json: say it as one JSON object, whether quiet or not.

    Returns:
        The exit code.
    """
    from auditor.cli.summary import summarise

    if as_json:
        say(json.dumps(summary(result)))
    elif not quiet:
        summarise(result)
    return result.run.gate.exit_code


def summary(result: Result) -> dict[str, Any]:
    """The end of a run as JSON-like data: the gate, what did not pass, what was not tested, and where the files are."""
    run = result.run
    return {
        "schema": SCHEMA,
        "kind": run.kind,
        "version": run.version,
        "gate": {
            "state": run.gate.state,
            "exit_code": run.gate.exit_code,
            "headline": run.gate.headline,
            "notable": list(run.gate.notable),
            "clauses": dict(run.gate.states),
        },
        "subject": {"name": run.data.source.name, "rows": run.data.rows, "notes": list(run.data.source.notes)},
        "findings": [
            *(_crash(outcome) for outcome in run.outcomes if outcome.status == "failed"),
            *(_alarm(run, entry.step, alarm) for entry in run.ledger for alarm in entry.alarms),
            *(_finding(one) for state in _TOLD for one in run.verdicts if one.state == state),
        ],
        "not_tested": [_skip(outcome) for outcome in run.outcomes if outcome.status == "skipped"],
        "folder": str(result.folder),
        "report": str(result.report),
        "data": str(result.data) if result.data else None,
    }


def _finding(verdict: Verdict) -> dict[str, str]:
    return {"state": verdict.state, "pack": verdict.pack, "clause": verdict.clause, "reason": verdict.reason}


def _alarm(run: Run, step: str, alarm: Alarm) -> dict[str, str]:
    from auditor.cli.summary import alarm_in_words

    return {"state": "fail" if run.gate.state == "fail" else "alarm", "pass": step, "reason": alarm_in_words(run, step, alarm)}


def _crash(outcome: Outcome) -> dict[str, str]:
    return {"state": "error", "probe": outcome.probe, "reason": outcome.reason or ""}


def _skip(outcome: Outcome) -> dict[str, str]:
    return {"probe": outcome.probe, "reason": outcome.reason or ""}
