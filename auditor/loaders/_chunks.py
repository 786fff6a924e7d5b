"""What readers of text formats hand over: chunks of rows, and the rows that could not be read."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from auditor.loaders._kinds import Kind
from auditor.types.views import POINT, Marks

LEAST_FOR_ONE = 10
"""Rows from which on a single one may be set aside, however small the share that is allowed."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a source is to be read.

    Attributes:
        name: the source, as the user gave it.
        cache: folder for what is too large to hold in memory.
        max_bad_rows: share of rows that may be set aside; unless it is 0, one may wherever it is at most 10 % of the rows.
        named: columns that were asked for by name.
        encoding: of the text, where it was given.
        marks: the signs in numbers of delimited text.
        columns: names for the columns of text without a header.
        records: the field, or fields from the outside in with dots between, that holds the records of a JSON file.
    """

    name: str
    cache: Path
    max_bad_rows: float = 0.001
    named: frozenset[str] = frozenset()
    encoding: str | None = None
    marks: Marks = POINT
    columns: tuple[str, ...] = ()
    records: str | None = None

    def may_set_aside(self, rows: int) -> int:
        """How many of so many rows may be set aside."""
        one = 1 if self.max_bad_rows > 0 and rows >= LEAST_FOR_ONE else 0
        return max(one, int(self.max_bad_rows * rows))


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a source, in order.

    Attributes:
        cells: the rows that can be read.
        offsets: position of each of them among all rows of the chunk, good and bad; None where none is bad.
        bad: for each row that cannot be read its line, and what is wrong.
        notes: what else was met, one sentence each.
        kinds: of its columns, where they are known from the source; else they are found from the cells' text.
    """

    cells: pa.Table
    offsets: pa.Array | None = None
    bad: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    kinds: Mapping[str, Kind] | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A source of chunks.

    Attributes:
        format: what it is read as.
        digest: SHA-256 of its bytes.
        recipe: digest of all else that decides what is read.
        small: whether to hold it in memory.
        chunks: reads it, from its beginning each time.
        notes: what was repaired or assumed so far.
        twins: columns of the same name in the source, as pairs of the names that they have now.
    """

    format: str
    digest: str
    recipe: str
    small: bool
    chunks: Callable[[], Iterator[Chunk]]
    notes: tuple[str, ...] = ()
    twins: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Stored:
    """A source whose columns have their types.

    Attributes:
        format: what it is read as.
        digest: of what it holds.
        schema: its columns.
        rows: how many rows.
        small: whether to hold it in memory.
        tables: reads it, from its beginning each time.
        notes: what was assumed so far.
    """

    format: str
    digest: str
    schema: pa.Schema
    rows: int
    small: bool
    tables: Callable[[], Iterator[pa.Table]]
    notes: tuple[str, ...] = ()
