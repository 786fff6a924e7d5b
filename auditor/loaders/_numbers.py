"""Columns that have to be numbers: seen as such where that can be done in one way, and else asked for."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from auditor import codec, digest
from auditor.errors import InputError
from auditor.loaders._kinds import GROUPED
from auditor.types import ROW, Marks, Model, Roles, Table, View, as_seen
from auditor.types.views import POINT, Misfit, is_text, seen_as

_COMMA = (Marks(","), Marks(",", "."), Marks(".", ","))
_GROUPED = f"^{GROUPED.pattern}$"
_HEAD = 64


def as_numbers(table: Table, role: str, column: str, marks: Marks | None) -> Table:
    """The table with a column seen as numbers.

    Args:
        table: the data.
        role: what needs the numbers, for the error.
        column: its name; it is there.
        marks: the signs in numbers, where they were declared.

    Raises:
        InputError: its numbers can be read in two ways, or only with signs that were not declared.
    """
    view = table.views.get(column, View(None))
    if view.sees in ("int", "float") and view.form == "plain":
        return table if marks else _unambiguous(table, role, column)
    if not is_text(table.schema.field(column).type) or (view.form == "json" and view.sees == "text"):
        return table
    if _fits(table, column, marks or POINT):
        found = table if marks else _unambiguous(table, role, column)
        return _seen(found, column, replace(view, sees="float", form="plain", marks=marks or POINT, only_role=True))
    if marks is None:
        _ask_for_signs(table, role, column)
    return table


def for_model(table: Table, model: Model | None, marks: Marks | None) -> Table:
    """The table as a model reads it: a text as it was written, and rows with their numbers.

    Raises:
        InputError: numbers of a row can be read in two ways, or only with signs that were not declared.
    """
    if model is None:
        return table
    if model.takes == "row":
        for column in model.columns:
            _check_input(table, column, marks)
        return table
    for column in table.roles.inputs:
        view = table.views.get(column, View(None))
        if view.sees not in (None, "text"):
            table = _seen(table, column, replace(view, sees="text" if view.form == "json" else None))
    return table


def _check_input(table: Table, column: str, marks: Marks | None) -> None:
    view = table.views.get(column, View(None))
    if marks is None and view.sees in ("int", "float") and view.form == "plain":
        _unambiguous(table, "input", column)
    elif marks is None and column in table.schema.names and is_text(table.schema.field(column).type) and view.form == "plain":
        _ask_for_signs(table, "input", column)


def _seen(table: Table, column: str, view: View) -> Table:
    views = {**table.views, column: view}
    mark = digest.of_value([table.fingerprint, column, codec.plain(view)])
    kept = pa.field(column, pa.string())
    (seen,) = as_seen(pa.schema([kept]).empty_table(), {column: view}, Roles()).schema
    schema = table.schema.set(table.schema.get_field_index(column), seen)
    return replace(table, views=views, schema=schema, fingerprint=mark)


def _cells(table: Table, column: str) -> Iterator[tuple[pa.ChunkedArray, pa.ChunkedArray]]:
    """The cells of a column as they were written, and the numbers of their rows."""
    for batch in table.batches([column], written=True):
        yield batch.column(column).cast(pa.string()), batch.column(ROW)


def _fits(table: Table, column: str, marks: Marks) -> bool:
    """Whether all cells are numbers, and some are."""
    some = False
    for cells, _ in _cells(table, column):
        try:
            seen = seen_as(cells, View("float", marks=marks))
        except Misfit:
            return False
        some = some or seen.null_count < len(seen)
    return some


def _unambiguous(table: Table, role: str, column: str) -> Table:
    """The table, unless every number with a point could as well have groups of thousands.

    Raises:
        InputError: it could.
    """
    first: tuple[str, int] | None = None
    for cells, rows in _cells(table, column):
        pointed = pc.fill_null(pc.match_substring(cells, "."), False)
        some = cells.filter(pointed)
        for part in (some.slice(0, _HEAD), some):
            if not pc.all(pc.match_substring_regex(part, _GROUPED), min_count=0).as_py():
                return table
        if first is None and len(some):
            first = some[0].as_py(), rows.filter(pointed)[0].as_py()
    if first is None:
        return table
    cell, row = first
    raise InputError(
        f"{cell!r} is {float(cell):g} where the point is the decimal sign, and {cell.strip().replace('.', '')} where it groups "
        "thousands, and so is every number of the column that has one",
        place=f"{table.source.name}, {role} column {column!r}, row {row}",
        remedy="Say which it is: --decimal . or --thousands . (in a plan, decimal: or thousands: under data).",
    )


def _ask_for_signs(table: Table, role: str, column: str) -> None:
    """Ask, where the cells would all be numbers with other signs, and are not with a decimal point.

    Raises:
        InputError: they would.
    """
    if _fits(table, column, POINT):
        return
    for marks in _COMMA:
        if _fits(table, column, marks):
            cell, row = _first(table, column, lambda cells: pc.match_substring_regex(cells, r",|\..*\."))
            signs = [f"--decimal {marks.decimal}", f"--thousands {marks.thousands}"][: 2 if marks.thousands else 1]
            other = "" if marks.thousands else ", or --thousands , where it groups thousands" * _grouped(table, column)
            raise InputError(
                f"{cell!r} is a number only with other signs than a decimal point",
                place=f"{table.source.name}, {role} column {column!r}, row {row}",
                remedy=f"Say so with {' '.join(signs)}{other} (in a plan, decimal: and thousands: under data).",
            )


def _first(table: Table, column: str, where: Callable[[pa.ChunkedArray], pa.ChunkedArray]) -> tuple[str, int]:
    """The first cell of a kind, and the number of its row."""
    for cells, rows in _cells(table, column):
        mask = pc.fill_null(where(cells), False)
        if pc.any(mask).as_py():
            return cells.filter(mask)[0].as_py(), rows.filter(mask)[0].as_py()
    raise LookupError(column)


def _grouped(table: Table, column: str) -> bool:
    return _fits(table, column, Marks(".", ","))
