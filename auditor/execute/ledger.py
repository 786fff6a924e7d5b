"""The ledger in full: a line for each row that a pass touched, and why, with as much of its cells as may be shown."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from auditor.execute.compare import HIDDEN, Difference
from auditor.execute.jobs import Entry
from auditor.execute.shown import hashed, window, windows
from auditor.types import COPY, ROW, Batch, Roles, Shown
from auditor.types.plain import listed, rows_of


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that a pass failed on, as a batch of one, and its error."""

    row: Batch
    error: str

    @property
    def place(self) -> str:
        """The row, for an error message."""
        return f"row {self.row.column(ROW)[0].as_py()}"

    def told(self, shown: Shown) -> str:
        """The error; its kind alone where rows are not to be shown, since its message may quote one."""
        return self.error if shown == "show" else self.error.partition(":")[0]


def entries(found: Difference, reasons: Sequence[str], bad: Sequence[Bad], roles: Roles, shown: Shown = "show") -> list[Entry]:
    """The ledger lines of one pass over one batch, in the order of the rows.

    Args:
        found: what differs; rows that failed are not among the removed.
        reasons: why each removed row was removed.
        bad: rows that failed.
        roles: ``id`` is written beside the row's number.
        shown: ``show`` cuts cells to 300 characters, of changed ones around the change; ``hash`` keeps digests of them,
            ``none`` the names of changed columns, and no ``id``.
    """
    lines = sorted(
        [
            *_lines("removed", found.removed, roles, _facts(reason=reasons, before=_cells(found.removed))),
            *_lines("changed", found.before, roles, _facts(cells=_changes(found))),
            *_lines("added", found.added, roles, _facts(before=_cells(found.origin), after=_cells(found.added))),
            *(
                line
                for one in bad
                for line in _lines("quarantined", one.row, roles, _facts(error=[one.told(shown)], before=_cells(one.row)))
            ),
        ],
        key=lambda line: (line["row"], line.get("copy", 0)),
    )
    return [_bare(line) if shown == "none" else _with_cells(line, shown) for line in lines]


def _facts(**columns: Sequence[object]) -> Iterable[dict[str, object]]:
    """Columns of facts as one dictionary a row."""
    return (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))


def _lines(what: str, rows: Batch, roles: Roles, facts: Iterable[Mapping[str, object]]) -> Iterable[Entry]:
    """One line for each row: its number, its id where it has one, what was done, and the facts."""
    names = rows_of(rows.select([name for name in rows.column_names if name in (*HIDDEN, roles.id)]))
    for row, more in zip(names, facts, strict=True):
        copy = {"copy": row[COPY]} if row.get(COPY) else {}
        name = {"id": _cut(row[roles.id], row[roles.id])[0]} if roles.id in row else {}
        yield {"row": row[ROW], **copy, **name, "what": what, **more}


def _cells(rows: Batch) -> list[dict[str, object]]:
    """The cells of each row, by column."""
    return rows_of(rows.select([name for name in rows.column_names if name not in HIDDEN]))


def _changes(found: Difference) -> list[dict[str, list[object]]]:
    """Of each changed row, its changed cells before and after."""
    lines: list[dict[str, list[object]]] = [{} for _ in range(found.before.num_rows)]
    for column, mask in found.cells.items():
        places = np.flatnonzero(mask)
        old, new = (listed(side.column(column).take(places)) for side in (found.before, found.after))
        for place, before, after in zip(places, old, new, strict=True):
            lines[place][column] = [before, after]
    return lines


def _bare(line: Entry) -> Entry:
    """A line without cells."""
    changed = {"columns": list(line["cells"])} if "cells" in line else {}
    return {name: value for name, value in line.items() if name not in ("id", "cells", "before", "after")} | changed


def _with_cells(line: Entry, shown: Shown) -> Entry:
    """A line with its cells cut or hashed, those before and after as pairs."""
    pair = _cut if shown == "show" else _digests
    if "cells" in line:
        return {**line, "cells": {column: [*pair(*cells)] for column, cells in line["cells"].items()}}
    before, after = line["before"], line.get("after", {})
    old = {column: pair(cell, after.get(column, cell))[0] for column, cell in before.items()}
    new = {column: pair(before.get(column, cell), cell)[1] for column, cell in after.items()}
    return {**line, "before": old} | ({"after": new} if after else {})


def _cut(before: object, after: object) -> tuple[object, object]:
    old, new = _plain(before), _plain(after)
    if isinstance(old, str) and isinstance(new, str):
        return windows(old, new)
    return window(old) if isinstance(old, str) else old, window(new) if isinstance(new, str) else new


def _plain(cell: object) -> object:
    return cell if cell is None or isinstance(cell, bool | int | str) else str(cell)


def _digests(before: object, after: object) -> tuple[object, object]:
    old, new = (None if cell is None else hashed(str(cell)) for cell in (before, after))
    return old, new


def text(lines: Iterable[Entry]) -> str:
    """Ledger lines as JSON lines."""
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
