"""Passes work on cells as they are seen; what they leave alone stays as it was written."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.execute.compare import differs, identity
from auditor.types import ROW, Batch, Roles, View, Views, as_seen
from auditor.types.views import TOKENS, is_text, written_as


def for_pass(batch: Batch, views: Views, roles: Roles) -> Batch:
    """Rows as a pass takes them."""
    return as_seen(batch, views, roles, tokens=True)


def with_tokens(batch: Batch, views: Views) -> Batch:
    """Rows as they were written, with a mark on the columns whose cells are JSON."""
    for place, field in enumerate(batch.schema):
        if field.name in views and views[field.name].form == "json" and views[field.name].sees and is_text(field.type):
            batch = batch.set_column(place, field.with_metadata(TOKENS), batch.column(place))
    return batch


def rewritten(batch: Batch, seen: Batch, after: Batch, views: Views) -> Batch:
    """What a pass made of rows, with the cells that it did not change as they were written.

    Args:
        batch: the rows, as they were written.
        seen: the same rows, as the pass was given them.
        after: what it returned.
        views: of the columns that are kept as they were written. A column that the pass gave another type stays so.
    """
    if not views or ROW not in after.column_names:
        return after
    origin = _origin(batch, after)
    for name, view in views.items():
        if name not in after.column_names or name not in batch.column_names:
            continue
        place = after.column_names.index(name)
        field = batch.schema.field(name)
        if after.schema.field(place).type == seen.schema.field(name).type:
            cells = _as_written(batch.column(name), seen.column(name), after.column(place), origin, view, field)
            after = after.set_column(place, field, cells)
    return after


def _origin(batch: Batch, after: Batch) -> pa.Array | None:
    """For each row that a pass returned, the row that it is or was made from; None where they are the same rows."""
    old, new = identity(batch), identity(after)
    if np.array_equal(old, new):
        return None
    itself = pc.index_in(pa.array(new), value_set=pa.array(old))
    source = pc.index_in(after.column(ROW).combine_chunks(), value_set=batch.column(ROW).combine_chunks())
    return pc.coalesce(itself, source)


def _as_written(
    kept: pa.ChunkedArray,
    seen: pa.ChunkedArray,
    after: pa.ChunkedArray,
    origin: pa.Array | None,
    view: View,
    field: pa.Field,
) -> pa.ChunkedArray:
    """The cells of a column: those of their rows as they were written, and those that a pass changed."""
    if origin is not None:
        kept, seen = kept.take(origin), seen.take(origin)
    if kept.type == after.type and (view.form == "plain" or view.sees == "text") and seen.equals(kept):
        return after  # it was seen as it is kept
    changed = differs(seen, after)
    if not changed.any():
        return kept
    mask = pa.array(changed)
    new = written_as(after.filter(mask), view)
    return pa.chunked_array([pc.replace_with_mask(kept.combine_chunks(), mask, new.cast(field.type))])
