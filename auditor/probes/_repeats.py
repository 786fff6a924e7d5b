"""Rows that are equal, found by hashes: 8 bytes a row for what is compared, and as much again while they are sorted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from auditor.types import Batch, Integers
from auditor.types.plain import comparable, listed, rows_of

SHOWN = 5
_MEMBERS = 4
Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Rows that are equal: how many, and the offsets of the first few in the order of reading."""

    size: int
    offsets: tuple[int, ...]


def hashes(batch: Batch, columns: Sequence[str]) -> Integers:
    """A 64-bit hash of each row's cells in some columns; equal cells of equal type, missing ones too, give equal hashes.

    Python's own hash of text is keyed at random in each process, so no data can be made to collide.
    """
    texts = [_texts(batch.column(name)) for name in columns]
    rows = map(hash, texts[0]) if len(texts) == 1 else map(hash, zip(*texts, strict=True))
    return np.fromiter(rows, np.int64, batch.num_rows)


def _texts(cells: pa.ChunkedArray) -> list[str | None]:
    """Cells as text; numbers too, since Python's hash of a number is the number."""
    cells = comparable(cells)
    if pa.types.is_primitive(cells.type) or pa.types.is_string(cells.type):
        return pc.cast(cells, pa.string()).to_pylist()  # type: ignore[no-any-return]
    return [None if cell is None else repr(cell) for cell in listed(cells)]


def repeats(found: Integers) -> tuple[Mask, tuple[Cluster, ...]]:
    """Which rows repeat an earlier one, shape ``(n,)``; and the largest clusters of equal rows.

    Args:
        found: hash of each row, shape ``(n,)``.
    """
    order, starts, sizes = _runs(found)
    repeated = np.ones(len(found), bool)
    repeated[order[starts]] = False
    return repeated, _largest(order, starts, sizes, sizes > 1)


def conflicts(found: Integers, labels: NDArray[np.int32]) -> tuple[Mask, tuple[Cluster, ...]]:
    """Which rows are equal to one of another label, shape ``(n,)``; and the largest clusters of such.

    Args:
        found: hash of each row's input, shape ``(n,)``.
        labels: label of each row, shape ``(n,)``.
    """
    order, starts, sizes = _runs(found)
    sorted_labels = labels[order]
    mixed = np.minimum.reduceat(sorted_labels, starts) != np.maximum.reduceat(sorted_labels, starts)
    conflicting = np.zeros(len(found), bool)
    conflicting[order] = np.repeat(mixed, sizes)
    return conflicting, _largest(order, starts, sizes, mixed)


def _runs(found: Integers) -> tuple[Integers, Integers, Integers]:
    """Rows sorted by hash, the earlier first; where each run of equal ones starts, and its length."""
    order = np.argsort(found, kind="stable")
    ordered = found[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return order, starts, np.diff(np.append(starts, len(found)))


def _largest(order: Integers, starts: Integers, sizes: Integers, wanted: Mask) -> tuple[Cluster, ...]:
    runs = np.flatnonzero(wanted)
    best = runs[np.lexsort((order[starts[runs]], -sizes[runs]))][:SHOWN]
    return tuple(
        Cluster(int(sizes[run]), tuple(order[starts[run] : starts[run] + min(sizes[run], _MEMBERS)].tolist())) for run in best
    )


def read_rows(batches: Iterable[Batch], offsets: Iterable[int]) -> dict[int, dict[str, object]]:
    """The rows at some offsets in the order of reading."""
    found: dict[int, dict[str, object]] = {}
    wanted, start = sorted(set(offsets)), 0
    for batch in batches:
        here = [offset for offset in wanted if start <= offset < start + batch.num_rows]
        rows = rows_of(batch.take([offset - start for offset in here])) if here else []
        found |= dict(zip(here, rows, strict=True))
        start += batch.num_rows
        if len(found) == len(wanted):
            break
    return found
