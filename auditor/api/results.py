"""What a job gives back: the run, where its files are, and a look at it in a notebook."""

import html
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

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
        """The verdicts, worst first, and where the report is."""
        verdicts = sorted(self.run.verdicts, key=lambda verdict: _WORST.index(verdict.state))
        cells = [(verdict.state, f"{verdict.pack} {verdict.clause}", verdict.reason) for verdict in verdicts]
        body = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in cells)
        head = html.escape(f"{self.run.kind} of {self.run.data.source.name}: {self.run.gate.state}")
        table = f"<table><tr><th>State</th><th>Clause</th><th>Why</th></tr>{body}</table>" if cells else ""
        return f"<p><b>{head}</b></p>{table}<p>{html.escape(str(self.report))}</p>"


def _rows(outcome: Outcome) -> Iterator[dict[str, object]]:
    for found in outcome.measurements:
        measured = {name: getattr(found, name) for name in _COLUMNS if name != "probe"}
        yield {"probe": outcome.probe, **measured, **{f"where.{key}": value for key, value in found.where.items()}}
