"""The end of a run in a few lines: what was decided, what was worst, where the report is."""

from collections import Counter
from collections.abc import Mapping, Sequence

from auditor.api import Result
from auditor.cli.screen import coloured, say, shown, table
from auditor.types import Alarm, Gate, Run

_WORST = ("error", "fail", "inconclusive")
_MOST = 5
_EXAMPLES = 2
STATUS = {"measured": "measured", "skipped": "not tested", "inapplicable": "not applicable", "failed": "failed"}


def summarise(result: Result) -> None:
    """Write the gate, how many clauses are in each state, the worst findings, and the path of the report."""
    run = result.run
    rows = [("Gate", f"{_gate(run)}, exit code {run.gate.exit_code}"), *(("Notable", shown(one)) for one in _notable(run.gate))]
    if run.kind == "audit":
        rows.append(("Clauses", _counted(run.gate.states) or "no rule pack"))
        rows.append(("Probes", _counted(Counter(STATUS[outcome.status] for outcome in run.outcomes))))
    else:
        rows.append(("Rows", _rows(run)))
        rows += [("Changed", _changed(run))] if _changers(run) > 1 else []
    table(rows)
    _worst(run)
    _alarmed(run)
    say()
    if result.data:
        say(f"Data    {result.data}")
    say(f"Report  {result.report}")


def _gate(run: Run) -> str:
    """The gate's sentence: green only where all that weighs was shown."""
    gate = run.gate
    proven = gate.proven or gate.state != "ok" or run.kind == "cleaning"
    return coloured(gate.state if proven else "undecided", gate.headline or gate.state)


def _notable(gate: Gate) -> list[str]:
    told = list(gate.notable[:_MOST])
    more = len(gate.notable) - len(told)
    return [*told, f"and {more} more"] if more else told


def _counted(states: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {coloured(state)}" for state, number in states.items() if number)


def _worst(run: Run) -> None:
    bad = sorted((one for one in run.verdicts if one.state in _WORST), key=lambda one: _WORST.index(one.state))
    crashed = [("error", outcome.probe, outcome.reason or "") for outcome in run.outcomes if outcome.status == "failed"]
    _listed([*crashed, *((one.state, f"{one.pack} {one.clause}", one.reason) for one in bad)])
    _listed([("not tested", outcome.probe, outcome.reason or "") for outcome in run.outcomes if outcome.status == "skipped"])


def _listed(rows: Sequence[tuple[str, str, str]]) -> None:
    if rows:
        say()
        table([(coloured(state), shown(name), shown(reason)) for state, name, reason in rows[:_MOST]])
    if len(rows) > _MOST:
        say(f"and {len(rows) - _MOST} more in the report")


def _rows(run: Run) -> str:
    """What the passes did, altogether; changes only where one pass made them, since several may change the same row."""
    first, last = (run.ledger[0], run.ledger[-1]) if run.ledger else (None, None)
    if first is None or last is None:
        return f"{run.data.rows:,}"
    kinds = ("removed", *(["changed"] if _changers(run) == 1 else []), "added", "quarantined")
    sums = {name: sum(getattr(entry, name) for entry in run.ledger) for name in kinds}
    changes = ", ".join(f"{number:,} {name}" for name, number in sums.items() if number)
    out = "would be out" if run.gate.state == "fail" else "out"
    return f"{first.rows_in:,} in, {last.rows_out:,} {out}" + (
        f": {changes}" if changes else "" if _changers(run) else ": nothing changed"
    )


def alarm_in_words(run: Run, step: str, alarm: Alarm) -> str:
    """What a pass takes too much of: ``whitespace would take 50 of 100 rows (50.0%), over 10%``."""
    which = "".join(f" of {column} = {value}" for column, value in alarm.group.items())
    took = f"{alarm.removed:,} of {alarm.rows:,} rows{which} ({alarm.removed / alarm.rows:.1%})"
    why = f"over {alarm.limit:.0%}" if not alarm.group else f"over twice its share of all rows ({alarm.limit / 2:.1%})"
    return f"{step} {'would take' if run.gate.state == 'fail' else 'took'} {took}, {why}"


def _alarmed(run: Run) -> None:
    """What passes took too much of, and how to go on where that kept the data from being written."""
    found = [(entry.step, alarm) for entry in run.ledger for alarm in entry.alarms]
    if not found:
        return
    say()
    for step, alarm in found[:_MOST]:
        say(shown(alarm_in_words(run, step, alarm)))
        for example in alarm.examples[:_EXAMPLES]:
            say(shown(f"  row {example.row}: {example.before} ({example.facts.get('reason', 'removed')})"))
    if len(found) > _MOST:
        say(f"and {len(found) - _MOST} more in the report")
    if run.gate.state == "fail":
        say("No data were written. Look at the rows; to go on from here, run the same command with --yes.")


def _changers(run: Run) -> int:
    """How many passes changed a row."""
    return sum(entry.changed > 0 for entry in run.ledger)


def _changed(run: Run) -> str:
    """The rows that each pass changed: not to be added up."""
    return ", ".join(f"{entry.changed:,} by {shown(entry.step)}" for entry in run.ledger if entry.changed)
