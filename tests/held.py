"""Tables held in memory, and probes run on them, for tests."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

import pyarrow as pa

from auditor import digest
from auditor.predict.decisions import count_table, truth
from auditor.predict.labels import class_map
from auditor.types import CountTable, Measurement, Roles, Shard, Source, Subject, Table

NO_ROLES = Roles()


def table(columns: Mapping[str, object], roles: Roles = NO_ROLES, *, shard_rows: int = 1000) -> Table:
    """Columns as a table in memory, in shards of so many rows."""
    cells = columns if isinstance(columns, pa.Table) else pa.table(dict(columns))
    starts = range(0, max(cells.num_rows, 1), shard_rows)
    held = [(start, cells.slice(start, shard_rows)) for start in starts]
    shards = tuple(Shard(part.num_rows, start, f"shard-{start}", held=part) for start, part in held)
    source = Source("people.csv", "csv", digest.of_value(cells.schema.to_string()), cells.num_rows)
    return Table(source, shards, cells.schema, roles, "fingerprint")


def subject(data: Table, counted: CountTable | None = None, *, level: float = 0.95) -> Subject[None]:
    """A subject whose decisions are in its table."""
    classes = class_map(data, None)

    async def count() -> CountTable:
        return counted or count_table(data, classes)

    def unasked(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a table has no model to ask")

    return Subject(data, unasked, unasked, count, unasked, lambda batch: truth(batch, data.roles, classes), level=level)


def measure(
    probe: Callable[..., object], data: Table, counted: CountTable | None = None, **options: object
) -> list[Measurement]:
    """All that a probe measures on a table."""

    async def gathered() -> list[Measurement]:
        return [found async for found in probe(subject(data, counted), **options)]

    return asyncio.run(gathered())


def one(found: Sequence[Measurement], metric: str, **where: str) -> Measurement:
    """The one measurement of a metric and exactly this slice; its class need not be said where there is one only."""
    exact = [m for m in found if m.metric == metric and dict(m.where) == where]
    (only,) = exact or [m for m in found if m.metric == metric and _slice(m) == where]
    return only


def _slice(m: Measurement) -> dict[str, str]:
    return {key: value for key, value in m.where.items() if key not in ("class", "favourable")}
