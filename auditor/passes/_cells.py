"""Cells of text columns, changed only where they need it."""

from collections.abc import Callable, Iterator, Sequence
from random import Random

import pyarrow as pa
import pyarrow.compute as pc

from auditor import declare
from auditor.errors import UsageError, near
from auditor.types import COPY, ROW, Batch


def column_of(batch: Batch, column: str) -> pa.ChunkedArray:
    """A column of text.

    Raises:
        UsageError: there is no such column, or it holds something else.
    """
    if column not in batch.column_names:
        raise UsageError(f"no column {column!r}{near(column, batch.column_names)}", remedy="Name a text column with column=.")
    cells = batch.column(column)
    if not (pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type)):
        raise UsageError(f"column {column!r} holds {cells.type}, expected text", remedy="Name a text column with column=.")
    return cells


def text_columns(batch: Batch, columns: Sequence[str]) -> Sequence[str]:
    """The columns that were named, or all that hold text."""
    texts = [field.name for field in batch.schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]
    return columns or texts


def with_column(batch: Batch, column: str, cells: pa.ChunkedArray | pa.Array) -> Batch:
    """The batch with a column in the place of the one of that name, of the same type."""
    place = batch.schema.get_field_index(column)
    return batch.set_column(place, batch.schema.field(place), cells.cast(batch.schema.field(place).type))


def edited(batch: Batch, column: str, where: str, edit: Callable[[str], str]) -> Batch:
    """The batch with those cells edited that match a regular expression (RE2); the others are not looked at.

    Args:
        batch: rows.
        column: a text column.
        where: what a cell has to contain to be edited; the pattern must miss none that ``edit`` would change.
        edit: a cell to the new cell.
    """
    cells = column_of(batch, column)
    mask = pc.fill_null(pc.match_substring_regex(cells, where), False)
    if not pc.any(mask).as_py():
        return batch
    new = pa.array([edit(cell) for cell in cells.filter(mask).to_pylist()], cells.type)
    return with_column(batch, column, pc.replace_with_mask(cells.combine_chunks(), mask.combine_chunks(), new))


def draws(batch: Batch, seed: int, step: str) -> Iterator[Random]:
    """The random numbers of each row; those of a copy differ from those of its source."""
    rows = batch.column(ROW).to_pylist()
    copies = batch.column(COPY).to_pylist() if COPY in batch.column_names else [0] * len(rows)
    for row, copy in zip(rows, copies, strict=True):
        yield declare.rng(seed, f"{row}.{copy}" if copy else row, step)
