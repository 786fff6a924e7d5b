"""Columns of Arrow's rarer types as the types that all of Arrow computes with, of equal values; or as text."""

import json
from collections.abc import Sequence

import numpy as np
import pyarrow as pa


def plain_type(kind: pa.DataType) -> pa.DataType | None:
    """The type that a column is read as; None where its cells can only be held as text.

    Views and runs become what they are views and runs of, dictionaries of lists or of other rare types their values.
    """
    if pa.types.is_string_view(kind) or pa.types.is_binary_view(kind):
        return pa.string() if pa.types.is_string_view(kind) else pa.binary()
    if pa.types.is_run_end_encoded(kind):
        return plain_type(kind.value_type)
    if pa.types.is_dictionary(kind):
        value = plain_type(kind.value_type)
        return kind if value == kind.value_type and not _is_rare(value) else value
    if isinstance(kind, pa.BaseExtensionType):
        storage = plain_type(kind.storage_type)
        return kind if storage == kind.storage_type else storage
    if pa.types.is_nested(kind):
        return _nested(kind)
    return None if pa.types.is_interval(kind) else kind


def _is_rare(kind: pa.DataType) -> bool:
    """Whether a dictionary of such values is known to few functions."""
    return bool(pa.types.is_nested(kind) or pa.types.is_dictionary(kind) or isinstance(kind, pa.BaseExtensionType))


def _nested(kind: pa.DataType) -> pa.DataType | None:
    if pa.types.is_union(kind) or kind.num_fields == 0:
        return None
    fields = [kind.field(i) for i in range(kind.num_fields)] if pa.types.is_struct(kind) else []
    inner = [kind.key_type, kind.item_type] if pa.types.is_map(kind) else [one.type for one in fields] or [kind.value_type]
    plain = [plain_type(one) for one in inner]
    if None in plain:
        return None
    if plain == inner and not (pa.types.is_list_view(kind) or pa.types.is_large_list_view(kind)):
        return kind
    if fields:
        return pa.struct([field.with_type(one) for field, one in zip(fields, plain, strict=True)])
    return _of_lists(kind, plain)


def _of_lists(kind: pa.DataType, inner: Sequence[pa.DataType | None]) -> pa.DataType:
    if pa.types.is_map(kind):
        return pa.map_(*inner, keys_sorted=kind.keys_sorted)
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(kind.value_field.with_type(inner[0]), kind.list_size)
    wide = pa.types.is_large_list(kind) or pa.types.is_large_list_view(kind)
    return (pa.large_list if wide else pa.list_)(kind.value_field.with_type(inner[0]))


def plain_schema(schema: pa.Schema) -> pa.Schema:
    """The schema that a table is read with."""
    return pa.schema([field.with_type(plain_type(field.type) or pa.string()) for field in schema], schema.metadata)


def plain_table(table: pa.Table) -> pa.Table:
    """The same rows in plain types."""
    for place, field in enumerate(table.schema):
        wanted = plain_type(field.type) or pa.string()
        cells = table.column(place)
        if wanted != field.type or (pa.types.is_dictionary(wanted) and _has_nulls(cells)):
            chunks = [_converted(chunk, wanted) for chunk in cells.chunks]
            table = table.set_column(place, field.with_type(wanted), pa.chunked_array(chunks, wanted))
    return table


def as_text(schema: pa.Schema) -> tuple[str, ...]:
    """A note for each column that can only be held as text."""
    odd = [field for field in schema if plain_type(field.type) is None]
    return tuple(f"Column {field.name!r} holds {_named(field.type)}, and is read as text." for field in odd)


def _named(kind: pa.DataType) -> str:
    name = str(kind)
    return name if len(name) <= 60 else f"{name[:60]}..."


def _has_nulls(cells: pa.ChunkedArray) -> bool:
    """Whether a dictionary lists a missing value among its values, which no file format can."""
    return any(chunk.dictionary.null_count for chunk in cells.chunks)


def _converted(cells: pa.Array, wanted: pa.DataType) -> pa.Array:
    kind = cells.type
    if plain_type(kind) is None:
        return pa.array([None if cell is None else _said(cell) for cell in cells.to_pylist()], pa.string())
    if isinstance(kind, pa.BaseExtensionType):
        return _converted(cells.storage, wanted)
    if pa.types.is_run_end_encoded(kind):
        return _as(_repeated(cells), wanted)
    if pa.types.is_dictionary(wanted):
        values = cells.dictionary.take(cells.indices).dictionary_encode()
        return pa.DictionaryArray.from_arrays(values.indices.cast(wanted.index_type), values.dictionary, ordered=wanted.ordered)
    if pa.types.is_dictionary(kind):
        return _as(cells.dictionary, wanted).take(cells.indices)
    # Arrow's cast from views of lists leaves buffers that its own writers refuse.
    return pa.array(cells.to_pylist(), wanted) if pa.types.is_nested(kind) else cells.cast(wanted)


def _as(cells: pa.Array, wanted: pa.DataType) -> pa.Array:
    return cells if cells.type == wanted else _converted(cells, wanted)


def _repeated(cells: pa.Array) -> pa.Array:
    """The value of each row, from values and where their runs end; Arrow's own decoding takes few types of values."""
    places = np.searchsorted(cells.run_ends.to_numpy(), np.arange(cells.offset, cells.offset + len(cells)), side="right")
    return cells.values.take(pa.array(places))


def _said(cell: object) -> str:
    """A cell as text: of several parts as JSON."""
    return json.dumps(cell, ensure_ascii=False, default=str) if isinstance(cell, dict | list | tuple) else str(cell)


def listed(cells: pa.Array | pa.ChunkedArray) -> list[object]:
    """Cells as Python has them; those of types or times that Python has not as text."""
    try:
        return cells.to_pylist()  # type: ignore[no-any-return]
    except (ValueError, OverflowError, KeyError, pa.ArrowException):
        return [_listed(cells.slice(place, 1)) for place in range(len(cells))]


def _listed(cell: pa.Array | pa.ChunkedArray) -> object:
    try:
        return cell[0].as_py()
    except (ValueError, OverflowError, KeyError, pa.ArrowException):
        chunk = cell.combine_chunks() if isinstance(cell, pa.ChunkedArray) else cell
        return " ".join(chunk.to_string(skip_new_lines=True).strip("[] ").split())


def rows_of(batch: pa.Table) -> list[dict[str, object]]:
    """Rows as Python has them, by column."""
    columns = [listed(cells) for cells in batch.columns]
    return [dict(zip(batch.column_names, row, strict=True)) for row in zip(*columns, strict=True)]


def storage_of(kind: pa.DataType) -> pa.DataType:
    """What the cells of an extension are kept as; any other type as it is."""
    return storage_of(kind.storage_type) if isinstance(kind, pa.BaseExtensionType) else kind


def comparable(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Cells as a type whose values can be ordered, counted and looked up, with the same cells equal."""
    kind = cells.type
    if isinstance(kind, pa.BaseExtensionType):
        return comparable(pa.chunked_array([chunk.storage for chunk in cells.chunks], kind.storage_type))
    if pa.types.is_dictionary(kind):
        return comparable(cells.cast(kind.value_type))
    if pa.types.is_float16(kind):
        return cells.cast(pa.float32())
    if pa.types.is_decimal32(kind) or pa.types.is_decimal64(kind):
        return cells.cast(pa.decimal128(kind.precision, kind.scale))
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return cells.cast(pa.timestamp(kind.unit))
    return cells.cast(pa.int64()) if pa.types.is_duration(kind) else cells
