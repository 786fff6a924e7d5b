"""What a pass did, found by comparing its rows before and after; only rows that differ become Python objects."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from auditor.errors import RowsLost, UsageError
from auditor.types import COPY, ROW, Batch, Integers
from auditor.types.plain import listed

_COPIES = 1 << 20
HIDDEN = (ROW, COPY)


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between a batch and what a pass made of it.

    Attributes:
        removed: rows of the batch that are gone.
        added: rows that were not in the batch.
        origin: for each added row, in the same order, the first row of the batch with its number: what it was made from.
        before: rows that a cell was changed of, as they were.
        after: the same rows, in the same order, as they are.
        cells: by column, which of those rows it was changed in.
        columns: columns that were not in the batch.
    """

    removed: Batch
    added: Batch
    origin: Batch
    before: Batch
    after: Batch
    cells: Mapping[str, NDArray[np.bool_]]
    columns: tuple[str, ...]


def identity(batch: Batch) -> Integers:
    """One number for each row, shape ``(n,)``: unique, kept by every pass, and in the order of source and copy."""
    rows = np.asarray(batch.column(ROW).to_numpy(), dtype=np.int64) * _COPIES
    return rows + np.asarray(batch.column(COPY).to_numpy(), dtype=np.int64) if COPY in batch.column_names else rows


def difference(before: Batch, after: Batch, name: str) -> Difference:
    """Compare a batch with what the pass ``name`` made of it.

    Raises:
        UsageError: the pass dropped the hidden column of row numbers.
        RowsLost: the pass gave two rows the same number, or made a row from none.
    """
    if ROW not in after.column_names:
        raise UsageError(f"the pass {name!r} dropped the hidden column {ROW!r}", remedy="Keep all columns that start with '_'.")
    old, new = identity(before), identity(after)
    if np.array_equal(old, new):
        return _kept(before.slice(0, 0), after.slice(0, 0), before.slice(0, 0), before, after)
    _check(old, new, name)
    place = pc.index_in(pa.array(new), value_set=pa.array(old))
    known = place.is_valid()
    removed = before.filter(pc.invert(pc.is_in(pa.array(old), value_set=pa.array(new))))
    added = after.filter(pc.invert(known))
    origin = before.take(pc.index_in(added.column(ROW), value_set=before.column(ROW).combine_chunks()))
    return _kept(removed, added, origin, before.take(place.drop_null()), after.filter(known))


def _check(old: Integers, new: Integers, name: str) -> None:
    if len(np.unique(new)) < len(new):
        raise RowsLost(
            f"two rows have the same {ROW} and {COPY}", place=name, remedy="Give each added row a number of its own."
        )
    if not np.isin(new // _COPIES, old // _COPIES).all():
        raise RowsLost(f"a row has a {ROW} that no row of the batch had", place=name)


def _kept(removed: Batch, added: Batch, origin: Batch, before: Batch, after: Batch) -> Difference:
    """Find the changed among rows that are in both, in the same order."""
    shared = [column for column in before.column_names if column in after.column_names and column not in HIDDEN]
    masks = {column: mask for column in shared if (mask := differs(before.column(column), after.column(column))).any()}
    touched = np.logical_or.reduce(list(masks.values())) if masks else np.zeros(before.num_rows, dtype=bool)
    rows = pa.array(np.flatnonzero(touched))
    cells = {column: mask[touched] for column, mask in masks.items()}
    new = tuple(column for column in after.column_names if column not in before.column_names and column not in HIDDEN)
    return Difference(removed, added, origin, before.take(rows), after.take(rows), cells, new)


def differs(old: pa.ChunkedArray, new: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Which cells of two columns differ, shape ``(n,)``; missing equals missing, NaN equals NaN, ``1`` differs from ``1.0``."""
    if old.type != new.type:
        return np.fromiter(map(_unlike, listed(old), listed(new)), dtype=bool, count=len(old))
    try:
        unequal = pc.fill_null(pc.not_equal(old, new), False)
    except pa.ArrowNotImplementedError:  # lists and records
        return np.fromiter(map(_unlike, listed(old), listed(new)), dtype=bool, count=len(old))
    mask = pc.or_(unequal, pc.xor(old.is_valid(), new.is_valid()))
    if pa.types.is_floating(old.type):
        mask = pc.and_not(mask, pc.fill_null(pc.and_(pc.is_nan(old), pc.is_nan(new)), False))
    return np.asarray(mask.to_numpy(), dtype=bool)


def _unlike(old: object, new: object) -> bool:
    return repr(old) != repr(new)
