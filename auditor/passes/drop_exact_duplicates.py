"""Rows that are the same as an earlier row."""

import functools
from hashlib import blake2b

import pyarrow as pa
import pyarrow.compute as pc

from auditor.declare import Reduction, table_pass
from auditor.errors import UsageError, near
from auditor.execute import identity
from auditor.types import COPY, ROW, Batch
from auditor.types.plain import listed

_WIDTH = 16
_SEEN = pa.schema([("hash", pa.binary(_WIDTH)), ("id", pa.int64()), (ROW, pa.int64())])


@table_pass(source="Lee et al. 2022, Deduplicating training data, https://aclanthology.org/2022.acl-long.577/", written=True)
def drop_exact_duplicates(*, keys: tuple[str, ...] = ()) -> Reduction:
    """Keep the first of rows that are equal in all of some columns.

    Rows are compared by a hash of 128 bits; memory grows by 32 bytes a row.

    Args:
        keys: the columns that have to be equal; by default all, but for an id that was declared as one.

    Returns:
        The reduction; a removed row's reason names the row that it is the same as.

    Raises:
        UsageError: a column is not there.
    """
    return Reduction(functools.partial(_hashed, keys=keys), _joined, _repeated, _first_only, _reasons)


def _hashed(batch: Batch, keys: tuple[str, ...]) -> pa.Table:
    """The hash, identity and row number of each row; cells as Python spells them, so that missing is no text."""
    columns = [listed(_column(batch, key)) for key in keys or _visible(batch)]
    hashes = [blake2b(repr(row).encode(), digest_size=_WIDTH).digest() for row in zip(*columns, strict=True)]
    return pa.table([pa.array(hashes, _SEEN.field("hash").type), identity(batch), batch.column(ROW)], schema=_SEEN)


def _visible(batch: Batch) -> list[str]:
    return [name for name in batch.column_names if name not in (ROW, COPY)]


def _column(batch: Batch, key: str) -> pa.ChunkedArray:
    if key not in batch.column_names:
        raise UsageError(f"no column {key!r}{near(key, batch.column_names)}", remedy="Name the columns to compare with keys=.")
    return batch.column(key)


def _joined(one: pa.Table, other: pa.Table) -> pa.Table:
    return pa.concat_tables([one, other])


def _repeated(seen: pa.Table) -> pa.Table:
    """Identities of rows that are not the first of their hash, each with the row number of the first."""
    groups = pa.TableGroupBy(seen, "hash", use_threads=False).aggregate([("id", "min"), (ROW, "min"), ([], "count_all")])
    groups = groups.filter(pc.greater(groups["count_all"], 1))
    place = pc.index_in(seen["hash"], value_set=groups["hash"].combine_chunks())
    repeated = seen.filter(place.is_valid())
    first = groups.take(place.drop_null())
    later = pc.greater(repeated["id"], first["id_min"])
    return pa.table({"id": repeated["id"].filter(later), "first": first[f"{ROW}_min"].filter(later)})


def _first_only(batch: Batch, repeated: pa.Table) -> Batch:
    return batch.filter(_place(batch, repeated).is_null())


def _reasons(removed: Batch, repeated: pa.Table) -> list[str]:
    first = repeated["first"].take(_place(removed, repeated))
    return [f"same as row {row}" for row in first.to_pylist()]


def _place(batch: Batch, repeated: pa.Table) -> pa.Array:
    """Where each row of the batch is among the repeated, or null."""
    return pc.index_in(pa.array(identity(batch)), value_set=repeated["id"].combine_chunks())
