"""Data: a table is shards on disk or in memory, and what each of its columns is for."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from auditor import digest
from auditor.types.plain import plain_table
from auditor.types.views import TOKENS, View, Views, is_text, seen_as

Batch: TypeAlias = pa.Table

RoleName: TypeAlias = Literal["text", "label", "groups", "id", "weight", "split", "prediction", "score"]
"""What a column can be for; ``text`` is any input of a model."""

ROW = "_row"
"""Hidden column: the row's position in the source, from 0, counting rows set aside. Evidence and seeds refer to it."""

COPY = "_copy"
"""Hidden column: 0 for a source row, 1, 2, ... for rows that a pass added from it."""

BATCH_ROWS = 65_536


class RowPass(Protocol):
    """A pass with its options bound: from a batch to a batch; a row never depends on another."""

    def __call__(self, batch: Batch, /) -> Batch:
        """Return the batch changed; rows keep their hidden columns."""
        ...


@dataclass(frozen=True, slots=True)
class Group:
    """A column that says which group a row belongs to.

    Attributes:
        column: the column's name.
        bins: upper-exclusive inner edges that cut a numeric column, such as ``(25, 45)``; empty for categories.
        reference: the group that others are compared with; None takes the largest.
        same: values that are one group, spelled in several ways: of each such group, its spellings; the first is its name.
    """

    column: str
    bins: tuple[float, ...] = ()
    reference: str | None = None
    same: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Roles:
    """What each column is for. A column that is not named here is carried along and not used.

    Attributes:
        inputs: columns that the model reads.
        label: the true class.
        groups: who the row is about.
        id: a stable name of the row.
        weight: a non-negative weight of the row.
        split: which part of the data the row belongs to.
        prediction: a class decided elsewhere, as a column name or ``"column >= number"``.
        score: the probability, or any rank score, of the positive class, from elsewhere.
        positive: the class that rates such as the true positive rate speak of; None takes the last class.
        favourable: the class that is the good outcome for the person, such as ``"hired"``: what selection rates count. It is
            declared, never guessed; None leaves selection rates unmeasured.
        inferred: names of the roles above that nobody declared: they were told by names and first rows.
        labels: class names by what stands for them in the label and prediction columns, such as ``{"pos": "positive"}``.
        without: roles that were declared to have no column, and so are not inferred.
    """

    inputs: tuple[str, ...] = ()
    label: str | None = None
    groups: tuple[Group, ...] = ()
    id: str | None = None
    weight: str | None = None
    split: str | None = None
    prediction: str | None = None
    score: str | None = None
    positive: str | None = None
    favourable: str | None = None
    inferred: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    without: tuple[RoleName, ...] = ()

    def names(self) -> frozenset[str]:
        """Columns whose cells are names, whatever they look like: ``1.10`` is not ``1.1`` where both are groups."""
        condition = re.split("[<>=!]", self.prediction or "")[0].strip()
        numbers = {self.score, self.weight, condition, *self.inputs, *(one.column for one in self.groups if one.bins)}
        named = {self.label, self.id, self.split, *(one.column for one in self.groups)}
        if condition == (self.prediction or "").strip():
            numbers, named = numbers - {condition}, named | {self.prediction}
        return frozenset(name for name in named - numbers if name)


@dataclass(frozen=True, slots=True)
class Shard:
    """The unit of work: one row group of a Parquet file, or a table held in memory.

    Attributes:
        rows: number of rows.
        first: position in the source of the first row, where the file does not carry ``_row`` itself.
        digest: what the rows are, for caches and resume.
        path: the Parquet file, or None where ``held`` is set.
        group: which row group of the file.
        held: the rows themselves, for small data.
    """

    rows: int
    first: int
    digest: str
    path: str | None = None
    group: int = 0
    held: Batch | None = field(default=None, repr=False)

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[Batch]:
        """Read the rows, at most 65,536 at a time and at least one batch, always with the hidden column ``_row``."""
        seen = self.first
        for batch in self._read(columns):
            if ROW not in batch.column_names:
                batch = batch.append_column(ROW, pa.array(np.arange(seen, seen + batch.num_rows, dtype=np.int64)))
            seen += batch.num_rows
            yield batch

    def _read(self, columns: Sequence[str] | None) -> Iterator[Batch]:
        if self.held is not None:
            chosen = self.held if columns is None else self.held.select(_known(columns, self.held.column_names))
            yield from (chosen.slice(start, BATCH_ROWS) for start in range(0, max(chosen.num_rows, 1), BATCH_ROWS))
            return
        try:
            yield from self._stored(columns)
        except OSError as error:  # of a damaged file, which Arrow does not name
            error.filename = error.filename or self.path
            raise

    def _stored(self, columns: Sequence[str] | None) -> Iterator[Batch]:
        with pq.ParquetFile(self.path) as file:
            wanted = None if columns is None else _known(columns, file.schema_arrow.names)
            if self.rows == 0:
                yield plain_table(file.schema_arrow.empty_table().select(wanted or file.schema_arrow.names))
            for batch in file.iter_batches(BATCH_ROWS, row_groups=[self.group], columns=wanted):
                yield plain_table(pa.Table.from_batches([batch]))


def _known(columns: Sequence[str], present: Sequence[str]) -> list[str]:
    """The asked columns, and the hidden ones where the shard carries them."""
    return [*columns, *(name for name in (ROW, COPY) if name in present and name not in columns)]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a table came from, and what reading it took.

    Attributes:
        name: path or hub name as the user gave it.
        format: what it was read as, such as ``"csv"``.
        digest: SHA-256 over the bytes of the file, or over the digests of all files.
        rows: rows found in the source; rows kept + quarantined.
        quarantined: rows that could not be read, and were set aside.
        notes: what was repaired or assumed on the way, one sentence each.
    """

    name: str
    format: str
    digest: str
    rows: int
    quarantined: int = 0
    notes: tuple[str, ...] = ()


def as_seen(batch: Batch, views: Views, roles: Roles, *, tokens: bool = False) -> Batch:
    """Rows as they were written, as they are seen: numbers as numbers, names as text.

    Args:
        batch: the rows.
        views: of columns that are kept as they were written.
        roles: what columns are for.
        tokens: whether JSON that is seen as text stays JSON, with ``TOKENS`` as its field's metadata, as passes take it.
    """
    if not views:
        return batch
    names = roles.names()
    for place, field_ in enumerate(batch.schema):
        view = views.get(field_.name)
        if view is None or view.sees is None or not is_text(field_.type):
            continue
        if tokens and view.form == "json" and view.sees == "text" and not view.strings:
            batch = batch.set_column(place, field_.with_metadata(TOKENS), batch.column(place))
        else:
            batch = batch.set_column(place, field_.name, seen_as(batch.column(place), view, text=field_.name in names))
    return batch


@dataclass(frozen=True, slots=True)
class Table:
    """A data set.

    Attributes:
        source: where it came from.
        shards: where its rows are.
        schema: its columns as they are seen, without the hidden ones.
        roles: what its columns are for.
        fingerprint: what the rows are, as they leave ``batches``.
        steps: passes that each batch goes through on the way out.
        views: of columns that are kept as they were written, how they are seen.
    """

    source: Source
    shards: tuple[Shard, ...]
    schema: pa.Schema
    roles: Roles
    fingerprint: str
    steps: tuple[RowPass, ...] = ()
    views: Mapping[str, View] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Number of rows in the shards, before ``steps``."""
        return sum(shard.rows for shard in self.shards)

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns in which equal rows are equal: all but an id, and that only where it was declared and is not alone."""
        declared = self.roles.id if "id" not in self.roles.inferred else None
        names = tuple(self.schema.names)
        return tuple(name for name in names if name != declared) or names

    def batches(self, columns: Sequence[str] | None = None, *, written: bool = False) -> Iterator[Batch]:
        """Read all rows in order.

        Args:
            columns: only those (passes in ``steps`` see only those too).
            written: give the cells as they were written, and not as they are seen: to compare, show or write them. Where
                there are ``steps``, cells are as those leave them.
        """
        for shard in self.shards:
            for batch in shard.batches(columns):
                yield batch if written and not self.steps else self._stepped(self.seen(batch))

    def seen(self, batch: Batch) -> Batch:
        """Rows as they were written, as they are seen."""
        return as_seen(batch, self.views, self.roles)

    def _stepped(self, batch: Batch) -> Batch:
        for step in self.steps:
            batch = step(batch)
        return batch

    def read(self, columns: Sequence[str] | None = None, *, written: bool = False) -> Batch:
        """Read all rows at once: for data that fits in memory."""
        return pa.concat_tables(list(self.batches(columns, written=written)))

    def map(self, step: RowPass) -> "Table":
        """The same table seen through a row pass; nothing is computed until it is read."""
        lineage = digest.of_value([self.fingerprint, digest.of_code(step)])
        return replace(self, steps=(*self.steps, step), fingerprint=lineage)
