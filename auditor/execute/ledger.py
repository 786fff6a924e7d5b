"""The ledger in full: a line for each row that a pass touched, and why."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from auditor.execute.compare import HIDDEN, Difference
from auditor.execute.jobs import Entry
from auditor.types import COPY, ROW, Batch, Roles

CELL = 300
"""Characters of a cell that the ledger keeps."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that a pass failed on, as a batch of one, and its error."""

    row: Batch
    error: str

    @property
    def place(self) -> str:
        """The row, for an error message."""
        return f"row {self.row.column(ROW)[0].as_py()}"


def entries(found: Difference, reasons: Sequence[str], bad: Sequence[Bad], roles: Roles) -> list[Entry]:
    """The ledger lines of one pass over one batch, in the order of the rows.

    Args:
        found: what differs; rows that failed are not among the removed.
        reasons: why each removed row was removed.
        bad: rows that failed.
        roles: ``id`` is written beside the row's number.
    """
    return sorted(
        [
            *_lines("removed", found.removed, roles, _facts(reason=reasons, before=_cells(found.removed))),
            *_lines("changed", found.before, roles, _facts(cells=_changes(found))),
            *_lines("added", found.added, roles, _facts(before=_cells(found.origin), after=_cells(found.added))),
            *(
                line
                for one in bad
                for line in _lines("quarantined", one.row, roles, _facts(error=[one.error], before=_cells(one.row)))
            ),
        ],
        key=lambda line: (line["row"], line.get("copy", 0)),
    )


def _facts(**columns: Sequence[object]) -> Iterable[dict[str, object]]:
    """Columns of facts as one dictionary a row."""
    return (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))


def _lines(what: str, rows: Batch, roles: Roles, facts: Iterable[Mapping[str, object]]) -> Iterable[Entry]:
    """One line for each row: its number, its id where it has one, what was done, and the facts."""
    names = rows.select([name for name in rows.column_names if name in (*HIDDEN, roles.id)]).to_pylist()
    for row, more in zip(names, facts, strict=True):
        copy = {"copy": row[COPY]} if row.get(COPY) else {}
        name = {"id": _short(row[roles.id])} if roles.id in row else {}
        yield {"row": row[ROW], **copy, **name, "what": what, **more}


def _cells(rows: Batch) -> list[dict[str, object]]:
    """The cells of each row, by column."""
    seen = rows.select([name for name in rows.column_names if name not in HIDDEN])
    return [{column: _short(cell) for column, cell in row.items()} for row in seen.to_pylist()]


def _changes(found: Difference) -> list[dict[str, list[object]]]:
    """Of each changed row, its changed cells before and after."""
    lines: list[dict[str, list[object]]] = [{} for _ in range(found.before.num_rows)]
    for column, mask in found.cells.items():
        places = np.flatnonzero(mask)
        old, new = (side.column(column).take(places).to_pylist() for side in (found.before, found.after))
        for place, before, after in zip(places, old, new, strict=True):
            lines[place][column] = [_short(before), _short(after)]
    return lines


def _short(cell: object) -> object:
    if cell is None or isinstance(cell, bool | int):
        return cell
    text = cell if isinstance(cell, str) else str(cell)
    return text if len(text) <= CELL else text[: CELL - 1] + "…"


def text(lines: Iterable[Entry]) -> str:
    """Ledger lines as JSON lines."""
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
