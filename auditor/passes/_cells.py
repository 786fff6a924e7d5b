"""Cells of text columns, changed only where they need it."""

import functools
from collections.abc import Callable, Iterator, Sequence
from random import Random

import pyarrow as pa
import pyarrow.compute as pc

from auditor import declare
from auditor.errors import UsageError, near
from auditor.passes._nested import Change, in_arrow, in_json
from auditor.types import COPY, ROW, Batch
from auditor.types.views import holds_text, is_json, is_text


def column_of(batch: Batch, column: str) -> pa.ChunkedArray:
    """A column of text.

    Raises:
        UsageError: there is no such column, or it holds something else.
    """
    if column not in batch.column_names:
        raise UsageError(f"no column {column!r}{near(column, batch.column_names)}", remedy="Name a text column with column=.")
    cells, field = batch.column(column), batch.schema.field(column)
    if not is_text(cells.type) or is_json(field):
        found = "nested values" if is_json(field) else cells.type
        raise UsageError(f"column {column!r} holds {found}, expected text", remedy="Name a text column with column=.")
    return cells


def text_columns(batch: Batch, columns: Sequence[str]) -> Sequence[str]:
    """The columns that were named, or all that hold text."""
    return columns or [field.name for field in batch.schema if holds_text(field.type)]


def with_column(batch: Batch, column: str, cells: pa.ChunkedArray | pa.Array) -> Batch:
    """The batch with a column in the place of the one of that name, of the same type."""
    place = batch.schema.get_field_index(column)
    return batch.set_column(place, batch.schema.field(place), cells.cast(batch.schema.field(place).type))


def with_texts(batch: Batch, column: str, change: Change) -> Batch:
    """The batch with the texts of a column changed, those inside JSON, lists and records too.

    Args:
        batch: rows.
        column: a column that holds text.
        change: some texts to as many, each on its own; missing ones stay missing.

    Raises:
        UsageError: there is no such column, or there is no text in it.
    """
    if column in batch.column_names:
        field, cells = batch.schema.field(column), batch.column(column)
        if is_json(field):
            return with_column(batch, column, in_json(cells, change))
        if pa.types.is_nested(field.type) and holds_text(field.type):
            return with_column(batch, column, pa.chunked_array([in_arrow(one, change) for one in cells.chunks], field.type))
    return with_column(batch, column, change(column_of(batch, column)))


def edited(batch: Batch, column: str, where: str, edit: Callable[[str], str]) -> Batch:
    """The batch with those texts edited that match a regular expression (RE2); the others are not looked at.

    Args:
        batch: rows.
        column: a column that holds text.
        where: what a text has to contain to be edited; the pattern must miss none that ``edit`` would change.
        edit: a text to the new text.
    """
    return with_texts(batch, column, functools.partial(_edited, where=where, edit=edit))


def _edited(cells: pa.ChunkedArray, where: str, edit: Callable[[str], str]) -> pa.ChunkedArray:
    mask = pc.fill_null(pc.match_substring_regex(cells, where), False)
    if not pc.any(mask).as_py():
        return cells
    new = pa.array([edit(cell) for cell in cells.filter(mask).to_pylist()], cells.type)
    return pa.chunked_array([pc.replace_with_mask(cells.combine_chunks(), mask.combine_chunks(), new)])


def draws(batch: Batch, seed: int, step: str) -> Iterator[Random]:
    """The random numbers of each row; those of a copy differ from those of its source."""
    rows = batch.column(ROW).to_pylist()
    copies = batch.column(COPY).to_pylist() if COPY in batch.column_names else [0] * len(rows)
    for row, copy in zip(rows, copies, strict=True):
        yield declare.rng(seed, f"{row}.{copy}" if copy else row, step)
