"""What passes promise: they change rows, and lose none."""

import pickle
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from auditor import declare
from auditor.execute import apply, fitted
from auditor.testing.promises import check_function, promise
from auditor.testing.subjects import sample
from auditor.types import COPY, ROW, Batch, Table


def check_pass(function: Callable[..., Any], *, on: Table | None = None) -> None:
    """Check the promises of a row pass or of a table pass.

    It is documented, typed and cited; the same rows give the same rows again, alone, together or in other shards; a batch
    without rows stays one, with the same columns; and rows keep what tells them apart.

    Args:
        function: the pass, or a partial of it where an option has to be given.
        on: a table that it can be run on; by default one of texts, labels, groups and scores, with missing cells.

    Raises:
        AssertionError: a promise is broken.
    """
    rows = sample() if on is None else on
    kind = declare.info(function).kind
    check_function(function, "pass", *(["Returns"] if kind == "table_pass" else []))
    bound = fitted(function, rows, seed=7)
    name = declare.describe(function)
    promise(pickle.dumps(bound), f"{name} cannot be pickled")
    if kind == "row_pass":
        _check_batches(bound, rows, name)
    _check_shards(bound, rows, name)


def _check_batches(bound: Callable[[Batch], Batch], rows: Table, name: str) -> None:
    batch = next(rows.batches())
    before, after = batch.to_pylist(), bound(batch)
    promise(batch.to_pylist() == before, f"{name} changed the batch that it was given")
    promise(bound(batch).equals(after), f"{name} gives other rows the second time")
    promise(ROW in after.column_names, f"{name} took away the hidden column {ROW!r}")
    promise(
        set(after.column(ROW).to_pylist()) <= set(batch.column(ROW).to_pylist()), f"{name} made up rows that come from none"
    )
    half = batch.num_rows // 2
    parts = [bound(batch.slice(0, half)), bound(batch.slice(half))]
    promise(_same(pa.concat_tables(parts), after), f"a row of {name} depends on another row of its batch")
    nothing = bound(batch.slice(0, 0))
    promise(nothing.num_rows == 0, f"{name} makes rows out of none")
    promise(nothing.schema.equals(after.schema), f"{name} gives other columns where there are no rows")


def _check_shards(bound: Callable[..., Any], rows: Table, name: str) -> None:
    whole = pa.concat_tables(list(rows.batches())).drop_columns([ROW])
    found = [_applied(bound, whole, rows, shards) for shards in (1, 3, 1)]
    promise(found[0] == found[2], f"{name} gives other rows the second time")
    promise(found[0] == found[1], f"{name} gives other rows where the table is in three shards")
    places = [(row[ROW], row.get(COPY, 0)) for row in found[0]]
    promise(len(places) == len(set(places)), f"{name} gives two rows the same place and copy number")


def _applied(bound: Callable[..., Any], whole: Batch, like: Table, shards: int) -> list[dict[str, object]]:
    from auditor.testing.subjects import table

    with tempfile.TemporaryDirectory() as folder:
        done, ledger = apply(table(whole, like.roles, shards=shards), [bound], Path(folder), runner="inline", max_bad_rows=0.0)
        rows = [row for batch in done.batches() for row in batch.to_pylist()]
    for entry in ledger:
        promise(
            entry.rows_in + entry.added
            == entry.rows_out + entry.removed + entry.quarantined
            == len(rows) + entry.removed + entry.quarantined,
            f"{entry.step}: rows in and rows out do not add up",
        )
    return rows


def _same(one: Batch, other: Batch) -> bool:
    return bool(one.schema.equals(other.schema) and one.to_pylist() == other.to_pylist())
