"""Text inside nested cells: strings in JSON, and in lists and records of Arrow; keys and everything else stay as they are."""

import json
import re
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.types.views import holds, is_text

Change = Callable[[pa.ChunkedArray], pa.ChunkedArray]
"""Some texts to as many, each on its own."""

_STRING = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?', re.DOTALL)


def in_json(cells: pa.ChunkedArray, change: Change) -> pa.ChunkedArray:
    """Change the strings in cells of JSON, but no key; cells without a changed one keep every sign."""
    texts = cells.to_pylist()
    found = [[json.loads(one[1]) for one in _values(text)] for text in texts]
    leaves = pa.chunked_array([pa.array([leaf for some in found for leaf in some], pa.string())])
    new = iter(change(leaves).to_pylist())
    after = [
        text if text is None else _put(text, old, [next(new) for _ in old]) for text, old in zip(texts, found, strict=True)
    ]
    return pa.chunked_array([pa.array(after, cells.type)])


def _values(text: str | None) -> list[re.Match[str]]:
    return [] if text is None else [one for one in _STRING.finditer(text) if not one[2]]


def _put(text: str, old: list[str], new: list[str]) -> str:
    if old == new:
        return text
    for place, before, after in reversed(list(zip(_values(text), old, new, strict=True))):
        if before != after:
            text = text[: place.start(1)] + json.dumps(after, ensure_ascii=False) + text[place.end(1) :]
    return text


def in_arrow(cells: pa.Array, change: Change, wanted: Callable[[pa.DataType], bool] = is_text) -> pa.Array:
    """Change the cells of a wanted type, also in lists and records; what is missing stays so."""
    kind = cells.type
    if wanted(kind):
        return change(pa.chunked_array([cells])).cast(kind).combine_chunks()
    if not holds(kind, wanted) or not len(cells):
        return cells
    if pa.types.is_struct(kind):
        fields = [in_arrow(cells.field(place), change, wanted) for place in range(kind.num_fields)]
        return pa.StructArray.from_arrays(fields, fields=list(kind), mask=cells.is_null())
    if pa.types.is_fixed_size_list(kind):
        inner = cells.values.slice(cells.offset * kind.list_size, len(cells) * kind.list_size)
        return pa.FixedSizeListArray.from_arrays(in_arrow(inner, change, wanted), type=kind, mask=cells.is_null())
    sizes = pc.fill_null(pc.list_value_length(cells), 0).to_numpy(zero_copy_only=False)
    wide = pa.types.is_large_list(kind)
    starts = pa.array(np.concatenate([[0], np.cumsum(sizes)]), pa.int64() if wide else pa.int32())
    build = pa.LargeListArray if wide else pa.ListArray
    return build.from_arrays(starts, in_arrow(cells.flatten(), change, wanted), type=kind, mask=cells.is_null())
