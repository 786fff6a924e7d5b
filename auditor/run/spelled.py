"""Cells as the text of an output format: as they were written, else in the one way that gives them back."""

import base64
import json
import math
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from auditor.types import Table, View
from auditor.types.plain import listed
from auditor.types.views import seen_as


def numbers(table: Table) -> frozenset[str]:
    """Columns of numbers that can be written as numbers, since each cell is written as its number is.

    Of ``1.10`` and ``1.1``, ``3`` and ``3.0`` a number would not say which it was; such columns stay text.
    """
    open_ = {name: {"short", "long"} for name, view in table.views.items() if view.sees == "float" and not view.only_role}
    for batch in table.batches(list(open_), written=True) if open_ else ():
        for name in [name for name, styles in open_.items() if styles]:
            view, cells = table.views[name], batch.column(name)
            kept = pc.is_in(cells, pa.array(["null"])) if view.form == "json" else pc.is_null(cells)
            open_[name] &= _styles(cells.filter(pc.invert(kept)).drop_null(), view)
    return frozenset(name for name, styles in open_.items() if styles)


def _styles(cells: pa.ChunkedArray, view: View) -> set[str]:
    """How all of some numbers are written: whole ones ``short`` as 3, or ``long`` as 3.0."""
    found = seen_as(cells, view)
    if found.null_count or not pc.all(pc.is_finite(found), min_count=0).as_py():
        return set()
    short = bool(pc.all(pc.equal(found.cast(pa.string()), cells), min_count=0).as_py())
    long = all(repr(number) == cell for number, cell in zip(found.to_pylist(), cells.to_pylist(), strict=True))
    return {style for style, holds in (("short", short), ("long", long)) if holds}


def as_text(cells: pa.ChunkedArray, view: View | None) -> pa.ChunkedArray:
    """Cells as text; missing ones stay missing."""
    if view is not None and view.form == "json" and view.sees and pa.types.is_string(cells.type):
        return seen_as(cells, View("text", "json"))
    cells = _decoded(cells)
    kind = cells.type
    if pa.types.is_string(kind):
        return cells
    if pa.types.is_floating(kind):
        return _texts([None if cell is None else repr(cell) for cell in _doubles(cells).to_pylist()])
    try:
        return pc.cast(cells, pa.string()) if not _is_bytes(kind) else _texts(map(_plain_or_none, listed(cells)))
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return _texts(None if cell is None else str(_plain(cell)) for cell in listed(cells))


def as_json(cells: pa.ChunkedArray, view: View | None, *, number: bool) -> pa.ChunkedArray:
    """Cells as JSON; missing where there is no key.

    Args:
        cells: as they are kept.
        view: how they are seen.
        number: whether text is to be written as numbers.
    """
    cells = _decoded(cells)
    kind = cells.type
    if view is not None and view.form == "json" and view.sees and pa.types.is_string(kind):
        return cells
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        found = cells if number else quoted(cells)
    elif pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        found = pc.cast(cells, pa.string())
    elif pa.types.is_floating(kind):
        found = _texts(None if x is None or not math.isfinite(x) else repr(x) for x in _doubles(cells).to_pylist())
    elif pa.types.is_nested(kind):
        found = _texts(None if cell is None else json.dumps(_finite(cell), ensure_ascii=False) for cell in listed(cells))
    else:
        found = quoted(as_text(cells, None))
    return found if view is not None and view.absent else pc.fill_null(found, "null")


def quoted(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text as JSON strings."""
    cells = cells.cast(pa.string())
    plain = pc.binary_join_element_wise('"', cells, '"', "")
    odd = pc.fill_null(pc.match_substring_regex(cells, r'["\\\x00-\x1f]'), False)
    if not pc.any(odd).as_py():
        return plain
    texts = pa.array([json.dumps(cell, ensure_ascii=False) for cell in cells.filter(odd).to_pylist()], pa.string())
    return pa.chunked_array([pc.replace_with_mask(plain.combine_chunks(), odd.combine_chunks(), texts)])


def _texts(cells: Iterable[object]) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(list(cells), pa.string())])


def _doubles(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Floats whose ``repr`` is the shortest that gives them back: of single precision, by way of their text."""
    if cells.type == pa.float64():
        return cells
    return cells.cast(pa.float32()).cast(pa.string()).cast(pa.float64())


def _decoded(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    return cells.cast(cells.type.value_type) if pa.types.is_dictionary(cells.type) else cells


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_binary_view(kind)
    )


def _plain_or_none(cell: object) -> object:
    return None if cell is None else _plain(cell)


def _plain(cell: object) -> object:
    """Bytes as base 64, everything else that JSON has no word for as Python writes it."""
    if isinstance(cell, bytes):
        return base64.b64encode(cell).decode()
    return cell if isinstance(cell, str | int | float | bool) else str(cell)


def _finite(cell: object) -> object:
    """A cell as JSON can say it."""
    if isinstance(cell, dict):
        return {str(key): _finite(value) for key, value in cell.items()}
    if isinstance(cell, list | tuple):
        return [_finite(value) for value in cell]
    if isinstance(cell, float) and not math.isfinite(cell):
        return None
    return None if cell is None else _plain(cell)
