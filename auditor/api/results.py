"""What a job gives back: the run, where its files are, and a look at it in a notebook."""

import html
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from auditor.types import Outcome, Run, State

if TYPE_CHECKING:
    import pandas as pd

_WORST: tuple[State, ...] = ("error", "fail", "inconclusive", "not-tested", "evidence", "attested", "pass", "not-applicable")
_COLUMNS = ("probe", "metric", "value", "low", "high", "level", "unit", "n", "method", "reason")


@dataclass(frozen=True, slots=True, repr=False)
class Result:
    """A finished run.

    Attributes:
        run: everything that was found.
        folder: where ``run.json``, ``report.html`` and the rest are.
        data: the cleaned data, after a cleaning run.
    """

    run: Run
    folder: Path
    data: Path | None = None

    @property
    def report(self) -> Path:
        """The report, one HTML file."""
        return self.folder / "report.html"

    def frame(self) -> "pd.DataFrame":
        """The measurements, one a row; each key of ``where`` is a column of its own, ``where.race``."""
        import pandas as pd

        rows = [row for outcome in self.run.outcomes for row in _rows(outcome)]
        named = [column for row in rows for column in row if column not in _COLUMNS]
        return pd.DataFrame(rows, columns=[*_COLUMNS, *dict.fromkeys(named)])

    def __repr__(self) -> str:
        counted = ", ".join(f"{number} {state}" for state, number in self.run.gate.states.items() if number)
        head = f"{self.run.kind} of {self.run.data.source.name!r}"
        return f"<{head}: {self.run.gate.state} ({counted or 'no rules'}), {self.report}>"

    def _repr_html_(self) -> str:
        """What the command prints at the end of a run: the gate, the verdicts, worst first, and a link to the report."""
        run, gate = self.run, self.run.gate
        verdicts = sorted(run.verdicts, key=lambda verdict: _WORST.index(verdict.state))
        crashed = [("error", one.probe, one.reason or "") for one in run.outcomes if one.status == "failed"]
        skipped = [("not-tested", one.probe, one.reason or "") for one in run.outcomes if one.status == "skipped"]
        judged = [(one.state, f"{one.pack} {one.clause}", one.reason) for one in verdicts]
        counted = ", ".join(f"{number} {state}" for state, number in gate.states.items() if number)
        head = f"{run.kind} of {run.data.source.name}: {gate.headline or gate.state}"
        lines = [*gate.notable, *([f"Clauses: {counted}"] if counted else [])]
        files = [("Data", self.data), ("Report", self.report)]
        links = "<br>".join(f"{name}: {_link(path)}" for name, path in files if path)
        notes = "".join(f"<br>{_text(line)}" for line in lines)
        return f"<p><b>{_text(head)}</b>{notes}</p>{_table([*crashed, *judged, *skipped])}<p>{links}</p>"


def _table(rows: "list[tuple[str, str, str]]") -> str:
    body = "".join(f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><tr><th>State</th><th>What</th><th>Why</th></tr>{body}</table>" if rows else ""


def _text(text: str) -> str:
    """Text from anywhere, to be shown and nothing else."""
    from auditor.report.visible import visible

    return html.escape(visible(text))


def _link(path: Path) -> str:
    """A link to a file: relative below the working directory, where notebooks open such links, else absolute."""
    whole = path.resolve()
    here = Path.cwd()
    target = quote(whole.relative_to(here).as_posix()) if whole.is_relative_to(here) else whole.as_uri()
    return f'<a href="{html.escape(target)}" target="_blank" rel="noopener">{_text(str(path))}</a>'


def _rows(outcome: Outcome) -> Iterator[dict[str, object]]:
    for found in outcome.measurements:
        measured = {name: getattr(found, name) for name in _COLUMNS if name != "probe"}
        yield {"probe": outcome.probe, **measured, **{f"where.{key}": value for key, value in found.where.items()}}
