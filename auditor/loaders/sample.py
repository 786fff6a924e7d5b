"""A random sample of a table's rows, for a first look at a large one."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from auditor import digest
from auditor.loaders._store import held, is_whole, row_groups, write
from auditor.types import Shard, Table

SAID = "A random sample of"
"""How the note on a sample begins; it quotes no cell."""

_HELD = 200_000
"""Rows that a sample in memory has at most."""


def sample(table: Table, rows: int, *, seed: int, cache: Path) -> Table:
    """A random sample of the rows, without replacement, in the order of the source; all rows where there are no more.

    Rows keep their position in the source, so that evidence names the same rows as an audit of all of them.

    Args:
        table: as it was read, before any step.
        rows: how many to draw.
        seed: the same seed draws the same rows of the same table.
        cache: folder for a sample that is too large to hold in memory.
    """
    if rows >= table.rows:
        return table
    drawn = np.sort(np.random.default_rng(seed).choice(table.rows, rows, replace=False, shuffle=False))
    note = f"{SAID} {rows:,} of {table.rows:,} rows was taken, with seed {seed}."
    source, key = replace(table.source, notes=(note, *table.source.notes)), digest.of_value([table.fingerprint, rows, seed])
    shards = _held(table, drawn, key) if rows <= _HELD else _kept(table, drawn, key, cache)
    return replace(table, source=source, shards=shards, fingerprint=key)


def _held(table: Table, drawn: "np.ndarray[tuple[int], np.dtype[np.int64]]", key: str) -> tuple[Shard, ...]:
    return held(pa.concat_tables(_taken(table, drawn)), table.source, key).shards


def _kept(table: Table, drawn: "np.ndarray[tuple[int], np.dtype[np.int64]]", key: str, cache: Path) -> tuple[Shard, ...]:
    path = cache / "tables" / f"{key}.parquet"
    if not is_whole(path):
        write(path, next(_taken(table, drawn[:1])).schema, _taken(table, drawn))
    return tuple(row_groups(path, key))


def _taken(table: Table, drawn: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> Iterator[pa.Table]:
    """The drawn rows as they were written, with their positions; row groups without any are not read."""
    start = 0
    for shard in table.shards:
        low, high = np.searchsorted(drawn, [start, start + shard.rows])
        wanted, before = drawn[low:high] - start, 0
        for batch in shard.batches() if len(wanted) else ():
            here = wanted[(wanted >= before) & (wanted < before + batch.num_rows)] - before
            before += batch.num_rows
            if len(here):
                yield batch.take(pa.array(here))
        start += shard.rows
