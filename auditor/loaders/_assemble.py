"""From chunks of cells to a table: one kind per column, bad rows counted, held in memory or kept in Parquet."""

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from auditor import codec, digest
from auditor.errors import ConfigError, InputError, TooManyBadRows
from auditor.loaders._chunks import Chunk, Reading, Text
from auditor.loaders._json_cells import as_json_kind
from auditor.loaders._kinds import Kind, Misfit, as_kind, empty, join, kind_of, views_of
from auditor.loaders._store import finished, held, is_whole, row_groups, write
from auditor.loaders._tally import Tally
from auditor.store.files import write_atomic
from auditor.types import ROW, Marks, Source, Table, Views

T = TypeVar("T")
_ROW = pa.field(ROW, pa.int64())
_ABSENT = Kind(form="json", gaps=frozenset({"absent"}))


@dataclass(frozen=True, slots=True)
class _Met:
    """What reading a source came to; kept beside its rows in the cache."""

    columns: int
    rows: int
    quarantined: int
    notes: tuple[str, ...]
    unequal: tuple[str, ...]
    views: Views


def assemble(text: Text, reading: Reading) -> Table:
    """Read a source into a table, without roles yet.

    Raises:
        TooManyBadRows: more rows cannot be read than allowed.
        InputError: there is nothing in it, or a column that was asked for is there twice, with different contents.
    """
    key = digest.of_value([text.digest, text.recipe, reading.marks])
    return _held(text, reading, key) if text.small else _kept(text, reading, key)


def _held(text: Text, reading: Reading, key: str) -> Table:
    chunks = list(text.chunks())

    def typed(kinds: Mapping[str, Kind]) -> tuple[list[pa.Table], _Met]:
        tally = Tally()
        parts = [_typed(chunk, kinds, text, tally, reading.marks) for chunk in chunks]
        return [empty(kinds).append(_ROW).empty_table(), *parts], _met(tally, kinds, reading)

    parts, met = _fitted(lambda: chunks, typed, reading.marks)
    source, cells = _source(met, text, reading), pa.concat_tables(parts)
    return held(cells if met.quarantined else cells.drop_columns([ROW]), source, key, met.views)


def _kept(text: Text, reading: Reading, key: str) -> Table:
    """Stream a source into a Parquet file in the cache, unless it is there already."""
    path, facts = (reading.cache / "tables" / f"{key}.{end}" for end in ("parquet", "json"))

    def written(kinds: Mapping[str, Kind]) -> _Met:
        tally = Tally()
        write(path, empty(kinds).append(_ROW), (_typed(chunk, kinds, text, tally, reading.marks) for chunk in text.chunks()))
        return _met(tally, kinds, reading)

    met = _known(facts) if is_whole(path) else None
    if met is None:
        met = _fitted(text.chunks, written, reading.marks)
        write_atomic(facts, codec.to_json(met))
    return finished(row_groups(path, key), pq.read_schema(path), _source(met, text, reading), key, met.views)


def _known(facts: Path) -> _Met | None:
    """What was kept of a source; None where it is not there, or damaged."""
    try:
        return codec.read_json(facts, _Met)
    except (OSError, ConfigError):
        return None


def _fitted(chunks: Callable[[], Iterable[Chunk]], attempt: Callable[[Mapping[str, Kind]], T], marks: Marks) -> T:
    """Do something with the kinds that the first chunk suggests, or where they do not fit, with those of all chunks."""
    kinds = _survey(itertools.islice(chunks(), 1), marks)
    if all(kind.sees for kind in kinds.values()):
        try:
            return attempt(kinds)
        except Misfit:
            pass
    return attempt(_survey(chunks(), marks))


def _columns(chunk: Chunk) -> dict[str, pa.ChunkedArray]:
    """Columns by name; Arrow's own look-up goes through all names each time."""
    return dict(zip(chunk.cells.column_names, chunk.cells.columns, strict=True))


def _survey(chunks: Iterable[Chunk], marks: Marks) -> dict[str, Kind]:
    """The kind of each column that holds all its cells, in order of appearance."""
    kinds: dict[str, Kind] = {}
    for first, chunk in zip(itertools.chain([True], itertools.repeat(False)), chunks, strict=False):
        for name, cells in _columns(chunk).items():
            known = kinds.get(name, Kind(gaps=frozenset() if first or chunk.kinds is None else _ABSENT.gaps))
            if chunk.kinds is not None:
                kinds[name] = join(replace(known, form="json"), chunk.kinds[name])
            else:
                kinds[name] = known if known.sees == "text" else join(known, kind_of(cells, marks))
        if chunk.kinds is not None:
            kinds |= {name: join(kind, _ABSENT) for name, kind in kinds.items() if name not in chunk.kinds}
    return kinds


def _typed(chunk: Chunk, kinds: Mapping[str, Kind], text: Text, tally: Tally, marks: Marks) -> pa.Table:
    """A chunk's rows as their kinds, with ``_row``.

    Raises:
        Misfit: a cell does not fit its column's kind, or a column is new.
    """
    found, size, columns = _columns(chunk), chunk.cells.num_rows, {}
    if not set(found) <= set(kinds):
        raise Misfit
    for name, kind in kinds.items():
        before = found[name] if name in found else pa.chunked_array([pa.nulls(size, pa.string())])
        if chunk.kinds is None:
            columns[name], seen = as_kind(before, kind, marks)
        else:
            columns[name], seen = as_json_kind(before, chunk.kinds.get(name, _ABSENT), kind)
        tally.add_column(name, before if chunk.kinds is None else columns[name], seen, kind, marks)
    tally.unequal |= {one for one, other in text.twins if found[one] != found[other]}
    offsets = pa.array(np.arange(size)) if chunk.offsets is None else chunk.offsets
    columns[ROW] = pc.add(offsets, tally.rows)
    tally.add_rows(size, chunk.bad)
    tally.other += chunk.notes
    return pa.table(columns)


def _met(tally: Tally, kinds: Mapping[str, Kind], reading: Reading) -> _Met:
    notes, unequal = tuple(tally.notes()), tuple(sorted(tally.unequal))
    return _Met(len(kinds), tally.rows, tally.bad, notes, unequal, views_of(kinds, reading.marks))


def _source(met: _Met, text: Text, reading: Reading) -> Source:
    """Say where the rows came from, unless what was met rules them out."""
    if met.quarantined > reading.may_set_aside(met.rows):
        raise TooManyBadRows(
            f"{met.notes[0].removesuffix('.')}; at most {reading.max_bad_rows:.2%} may be",
            place=reading.name,
            remedy="Mend the source, or allow more with max_bad_rows under data: in a plan.",
        )
    if not met.columns:
        raise InputError(
            "there are no rows, and nothing that names columns", place=reading.name, remedy="Give a table with rows."
        )
    if taken := sorted(reading.named & set(met.unequal)):
        raise InputError(
            f"there are several columns {taken[0]!r}, and they differ",
            place=reading.name,
            remedy="Rename them in the source, so that it is clear which one is meant.",
        )
    alike = [
        f"Columns {one!r} and {other!r} are {'different' if one in met.unequal else 'equal'}." for one, other in text.twins
    ]
    return Source(reading.name, text.format, text.digest, met.rows, met.quarantined, (*text.notes, *alike, *met.notes))
