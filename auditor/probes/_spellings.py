"""Groups and classes that are spelled in several ways, each of which is a group or class of its own."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from auditor.stats.cells import Encoded, encode
from auditor.stats.intervals import share
from auditor.stats.spellings import counted
from auditor.types import MISSING, Batch, Evidence, Example, Measurement, Table

_SHOWN = 10


@dataclass(slots=True)
class Spellings:
    """Rows by value of each group column without bins, and of the label.

    Attributes:
        groups: the group columns, those with bins as None.
        label: the label column.
        rows: rows by value, by column.
    """

    groups: Sequence[str | None]
    label: str | None
    rows: dict[str, Counter[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, table: Table) -> "Spellings":
        """Look at the columns of these roles."""
        return cls([None if group.bins else group.column for group in table.roles.groups], table.roles.label)

    def add(self, batch: Batch, groups: Sequence[Encoded]) -> None:
        """Count the values of a batch."""
        for column, found in zip(self.groups, groups, strict=True):
            if column is not None:
                self._count(column, found)
        if self.label and self.label not in self.groups:
            self._count(self.label, encode(batch.column(self.label), self.label))

    def _count(self, column: str, found: Encoded) -> None:
        sizes = np.bincount(found.codes[found.codes >= 0], minlength=len(found.names)).tolist()
        rows = {name: size for name, size in zip(found.names, sizes, strict=True) if size and name != MISSING}
        self.rows.setdefault(column, Counter()).update(rows)

    def measured(self, table: Table, level: float) -> Iterator[Measurement | Evidence]:
        """The share of rows whose value is more often spelled in another way, and which values those are."""
        for column in (name for name in table.schema.names if name in self.rows):
            rows, where = self.rows[column], {"column": column}
            families = counted(rows)
            others = sum(family.total() - max(family.values()) for family in families)
            yield share("spelling_variant_share", others, rows.total(), level=level, where=where, needs="rows with a value")
            if families:
                title = f"Values of {column!r} that are spelled in several ways"
                yield Evidence("spelling_variant_share", title, len(families), tuple(map(_example, families[:_SHOWN])), where)


def _example(family: Counter[str]) -> Example:
    (name, _), *_ = family.most_common()
    said = ", ".join(f"{value} ({rows:,})" for value, rows in family.most_common(_SHOWN))
    return Example(name, said, facts={"rows": str(family.total())})
