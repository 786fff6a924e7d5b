"""Numbers that JSON has no word for: what is not a number, and what is infinite."""

import re

import pyarrow as pa
import pyarrow.compute as pc

from auditor.declare import row_pass
from auditor.passes._nested import in_arrow
from auditor.types import Batch, Table
from auditor.types.views import holds, is_json

_WORDS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|-?(?:NaN|Infinity)', re.DOTALL)


@row_pass(source="RFC 8259, section 6, https://www.rfc-editor.org/rfc/rfc8259#section-6", written=True)
def clear_non_finite(batch: Batch) -> Batch:
    """Make NaN and infinite numbers missing, also inside JSON, lists and records.

    Where the cleaned data is written as JSON lines, this is done after all other passes if there are such numbers.

    Args:
        batch: rows; none is removed.
    """
    for place, field in enumerate(batch.schema):
        cells = batch.column(place)
        if is_json(field):
            batch = batch.set_column(place, field, _without_words(cells))
        elif holds(field.type, pa.types.is_floating):
            chunks = [in_arrow(one, _finite, pa.types.is_floating) for one in cells.chunks]
            batch = batch.set_column(place, field, pa.chunked_array(chunks, field.type))
    return batch


def has_non_finite(table: Table) -> bool:
    """Whether there are numbers in a table that JSON has no word for; numbers in CSV are text, whatever they spell."""
    json = [name for name, view in table.views.items() if view.form == "json" and view.sees]
    floats = [one.name for one in table.schema if one.name not in table.views and holds(one.type, pa.types.is_floating)]
    for batch in table.batches([*json, *floats], written=True) if json or floats else ():
        if any(pc.any(_has_word(batch.column(name))).as_py() for name in json):
            return True
        some = batch.select(floats)
        if not all(one.equals(other) for one, other in zip(some.columns, clear_non_finite(some).columns, strict=True)):
            return True
    return False


def _has_word(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.fill_null(pc.match_substring_regex(cells, "NaN|Infinity"), False)


def _finite(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(pc.fill_null(pc.is_finite(cells), True), cells, pa.scalar(None, cells.type))


def _without_words(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    odd = _has_word(cells)
    if not pc.any(odd).as_py():
        return cells
    new = [_WORDS.sub(lambda one: one[0] if one[0][0] == '"' else "null", cell) for cell in cells.filter(odd).to_pylist()]
    return pa.chunked_array([pc.replace_with_mask(cells.combine_chunks(), odd.combine_chunks(), pa.array(new, cells.type))])
