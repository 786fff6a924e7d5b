"""Rows made from rows: each stands right after what it was made from, with a number of its own."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from auditor.types import COPY, ROW, Batch, Integers


def with_copies(batch: Batch, extra: Integers) -> tuple[Batch, NDArray[np.bool_]]:
    """The batch with copies of some rows added.

    Args:
        batch: rows; all copies of a source row that there are already have to be among them.
        extra: how many copies of each row to add, shape ``(n,)``.

    Returns:
        The ``m`` rows, always with the hidden column of copy numbers, and which of them are new, shape ``(m,)``.
    """
    place = np.repeat(np.arange(batch.num_rows), extra + 1)
    new = np.ones(len(place), dtype=bool)
    new[np.concatenate([[0], np.cumsum(extra + 1)[:-1]]) if len(extra) else []] = False
    old = _numbers(batch)
    rows = np.asarray(batch.column(ROW).to_numpy())
    sources, family = np.unique(rows, return_inverse=True)
    highest = np.zeros(len(sources), dtype=np.int64)
    np.maximum.at(highest, family, old)
    numbers = old[place]
    numbers[new] = highest[family[place[new]]] + _counted(family[place[new]])
    copies = pa.array(numbers, pa.int64())
    taken = batch.take(pa.array(place))
    if COPY in batch.column_names:
        return taken.set_column(taken.schema.get_field_index(COPY), COPY, copies), new
    return taken.append_column(COPY, copies), new


def _numbers(batch: Batch) -> Integers:
    if COPY not in batch.column_names:
        return np.zeros(batch.num_rows, dtype=np.int64)
    return np.asarray(batch.column(COPY).to_numpy(), dtype=np.int64)


def _counted(keys: Integers) -> Integers:
    """1, 2, 3, ... within each key, in order of appearance."""
    order = np.argsort(keys, kind="stable")
    grouped = keys[order]
    starts = np.flatnonzero(np.concatenate([[True], grouped[1:] != grouped[:-1]])) if len(keys) else np.zeros(0, dtype=np.int64)
    within = np.arange(len(keys)) - np.repeat(starts, np.diff([*starts, len(keys)]))
    counted = np.empty(len(keys), dtype=np.int64)
    counted[order] = within + 1
    return counted
