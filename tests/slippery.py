"""Passes that go wrong, for tests of what runs them; in a module of its own, so that worker processes can import it."""

import os
import time
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from auditor.declare import Reduction, replaced, row_pass, strings, table_pass
from auditor.errors import UsageError
from auditor.types import ROW, Batch


@row_pass(source="made for tests")
def shout(batch: Batch, *, column: str = "text") -> Batch:
    """Upper case."""
    return replaced(batch, column, [cell.upper() for cell in strings(batch, column)])


@row_pass(source="made for tests")
def trip(batch: Batch, *, column: str = "text", over: str = "poison") -> Batch:
    """Fail on a word."""
    if any(over in cell for cell in strings(batch, column)):
        raise ValueError(f"met {over}")
    return batch


@row_pass(source="made for tests")
def trip_upon_many(batch: Batch) -> Batch:
    """Fail on batches of more than 50 rows, and on no row alone."""
    if batch.num_rows > 50:
        raise MemoryError
    return batch


@row_pass(source="made for tests")
def keep_short(batch: Batch, *, column: str = "text", most: int = 5) -> Batch:
    """Remove long texts."""
    return batch.filter(pc.less_equal(pc.utf8_length(batch[column]), most))


@row_pass(source="made for tests")
def repeat(batch: Batch) -> Batch:
    """Return every row twice, without telling the copies apart."""
    return pa.concat_tables([batch, batch])


@row_pass(source="made for tests")
def invent(batch: Batch) -> Batch:
    """Return a row that comes from none."""
    rows = pa.array([row + 1_000_000 for row in batch[ROW].to_pylist()], pa.int64())
    return pa.concat_tables([batch, batch.set_column(batch.schema.get_field_index(ROW), ROW, rows)])


@row_pass(source="made for tests")
def strip_hidden(batch: Batch) -> Batch:
    """Drop the hidden column."""
    return batch.drop_columns([ROW])


@row_pass(source="made for tests")
def refuse(batch: Batch) -> Batch:
    """Be given the wrong options."""
    raise UsageError("the option is wrong")


@row_pass(source="made for tests")
def waver(batch: Batch) -> Batch:
    """Add a column whose type depends on the rows."""
    kind = pa.int64() if batch[ROW][0].as_py() == 0 else pa.string()
    return batch.append_column("new", pa.nulls(batch.num_rows, kind))


@row_pass(source="made for tests")
def dawdle(batch: Batch, *, seconds: float = 0.0) -> Batch:
    """Take a while, and write down the rows in the file that the environment names."""
    time.sleep(seconds)
    line = f"{batch[ROW][0].as_py()} {batch.num_rows}\n"
    with Path(os.environ["SLIPPERY_LOG"]).open("a", encoding="utf-8") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    return batch


@row_pass(source="made for tests")
def die(batch: Batch) -> Batch:
    """End the process."""
    os._exit(9)


@table_pass(source="made for tests")
def drop_rare(*, column: str = "text", least: int = 2) -> Reduction:
    """Remove rows whose text occurs seldom; fail on the word *poison*."""
    return Reduction(_count, _sum, _rare, _drop, _tell)


def _count(batch: Batch) -> Mapping[str, int]:
    trip(batch)
    cells = strings(batch, "text")
    return {cell: cells.count(cell) for cell in sorted(set(cells))}


def _sum(one: Mapping[str, int], other: Mapping[str, int]) -> Mapping[str, int]:
    return {cell: one.get(cell, 0) + other.get(cell, 0) for cell in sorted({*one, *other})}


def _rare(counts: Mapping[str, int]) -> list[str]:
    return [cell for cell, count in counts.items() if count < 2]


def _drop(batch: Batch, rare: list[str]) -> Batch:
    return batch.filter(pc.invert(pc.is_in(batch["text"], value_set=pa.array(rare, pa.string()))))


def _tell(removed: Batch, rare: list[str]) -> list[str]:
    return [f"{cell} occurs once" for cell in strings(removed, "text")]


@table_pass(source="made for tests")
def keep_sets(*, column: str = "text") -> Reduction:
    """Keep a state that is not plain data."""
    return Reduction(_set, set.union, sorted, _drop)


def _set(batch: Batch) -> set[str]:
    return set(strings(batch, "text"))


@row_pass(source="made for tests")
def divide(batch: Batch) -> Batch:
    """Divide by the number of rows."""
    return batch.slice(0, int(1 / batch.num_rows) and batch.num_rows)
