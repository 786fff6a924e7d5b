"""What the parts of a probe that reads a table once have in common."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from auditor.stats.cells import Encoded
from auditor.types import Batch, Evidence, Measurement, Roles, Table

_CUT = 300


class Part(Protocol):
    """Something that is counted batch by batch and measured at the end."""

    def add(self, batch: Batch, groups: Sequence[Encoded]) -> None:
        """Count a batch, whose rows have these values of the group columns."""
        ...

    def measured(self, table: Table, level: float) -> Iterator[Measurement | Evidence]:
        """What was counted over all batches, as measurements with intervals of this level."""
        ...


def text_column(table: Table) -> str | None:
    """The one input column, if it is one of text."""
    inputs = table.roles.inputs
    if len(inputs) != 1 or str(table.schema.field(inputs[0]).type) not in ("string", "large_string"):
        return None
    return inputs[0]


def shown(row: dict[str, object], columns: Sequence[str]) -> str:
    """A row's cells for a reader, cut to a few hundred characters."""
    only = len(columns) == 1
    text = str(row[columns[0]]) if only else ", ".join(f"{name}={row[name]}" for name in columns)
    return text if len(text) <= _CUT else f"{text[:_CUT]}…"


def row_name(row: dict[str, object], roles: Roles, position: str) -> str:
    """A row's id, where there is an id column, else its position in the source."""
    return str(row[roles.id]) if roles.id else str(row[position])
