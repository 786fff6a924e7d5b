"""Rows that repeat others, and rows that contradict others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from auditor.execute.keys import in_words, listed
from auditor.probes._parts import row_name, shown
from auditor.probes._repeats import Cluster, Mask, conflicts, hashes, read_rows, repeats
from auditor.stats.cells import Encoded, canonical, encode
from auditor.stats.intervals import share
from auditor.stats.slices import name_of
from auditor.types import ROW, Batch, Evidence, Example, Integers, Measurement, Roles, Table

_NO_INPUTS = "predictions are recorded without the inputs that they were made from"
_EXPECTED = "equal rows are expected where predictions are recorded without the inputs that they were made from"
_NO_LABEL = "no label column is declared"


@dataclass(slots=True)
class Codes:
    """The values of a column over all batches: a number a row, and what the numbers stand for."""

    names: dict[str, int] = field(default_factory=dict)
    rows: list[NDArray[np.int32]] = field(default_factory=list)

    def add(self, found: Encoded) -> None:
        """Take in a batch's values; missing ones (-1) stay so."""
        places = [self.names.setdefault(name, len(self.names)) for name in found.names]
        self.rows.append(np.array([*places, -1], np.int32)[found.codes])

    def whole(self) -> NDArray[np.int32]:
        """The number of each row, shape ``(n,)``."""
        return np.concatenate(self.rows)


@dataclass(slots=True)
class EqualRows:
    """Hashes of all rows, their labels and their groups: up to 16 bytes a row, and 4 per label or group column.

    Rows are compared, and shown, as they were written.

    Attributes:
        table: whose rows they are.
        roles: what columns are for.
        keys: columns in which repeated rows are equal.
        read: columns in which rows of equal inputs are; none where the inputs are not in the table.
        decided: whether anybody decides for classes, so that labels are missed where there are none.
    """

    table: Table
    roles: Roles
    keys: Sequence[str]
    read: Sequence[str]
    decided: bool
    whole: list[Integers] = field(default_factory=list)
    inputs: list[Integers] = field(default_factory=list)
    labels: Codes = field(default_factory=Codes)
    groups: list[Codes] = field(default_factory=list)

    @classmethod
    def of(cls, table: Table, keys: Sequence[str], *, decided: bool) -> "EqualRows":
        """Compare these columns, and the inputs."""
        return cls(table, table.roles, keys, _read(table), decided, groups=[Codes() for _ in table.roles.groups])

    def add(self, batch: Batch, groups: Sequence[Encoded]) -> None:
        """Hash the rows of a batch, as they were written."""
        self.whole.append(hashes(batch, self.keys))
        for codes, found in zip(self.groups, groups, strict=True):
            codes.add(found)
        if self.read and self.roles.label:
            self.inputs.append(hashes(batch, self.read))
            labels = self.table.seen(batch.select([self.roles.label]))
            self.labels.add(encode(labels.column(0), self.roles.label).renamed(canonical(self.roles.labels)))

    def measured(self, table: Table, level: float) -> Iterator[Measurement | Evidence]:
        """The shares of repeated rows, overall and per group, and of contradictory rows; and the largest clusters of each."""
        repeated, clusters = repeats(np.concatenate(self.whole))
        applies, said = not _only_decisions(self.roles), in_words(table, self.keys)
        whole = share("duplicate_share", int(repeated.sum()), len(repeated), level=level)
        yield replace(whole, reason=said if applies else _EXPECTED, applies=applies)
        for found in self._by_group("duplicate_share", repeated, level):
            yield replace(found, applies=applies)
        if clusters:
            yield self._evidence(table, "duplicate_share", "Rows that are equal", clusters, int(repeated.sum()))
        yield from self._conflicts(table, level)

    def _conflicts(self, table: Table, level: float) -> Iterator[Measurement | Evidence]:
        metric = "conflicting_label_share"
        if not self.inputs:
            reason = _NO_LABEL if self.read else _NO_INPUTS
            applies = bool(self.read) and self.decided
            yield Measurement(metric, None, "fraction", 0, level=level, reason=reason, applies=applies)
            return
        labels = self.labels.whole()
        known = np.flatnonzero(labels >= 0)
        if not len(known):
            yield share(metric, 0, 0, level=level, needs="rows with a label")
            return
        conflicting, clusters = conflicts(np.concatenate(self.inputs)[known], labels[known])
        whole = share(metric, int(conflicting.sum()), len(known), level=level)
        yield replace(whole, reason=f"inputs are equal if they agree in {listed(self.read)}")
        if clusters:
            clusters = tuple(Cluster(one.size, tuple(known[list(one.offsets)].tolist())) for one in clusters)
            yield self._evidence(table, metric, "Equal inputs with different labels", clusters, int(conflicting.sum()))

    def _by_group(self, metric: str, cases: Mask, level: float) -> Iterator[Measurement]:
        for group, codes in zip(self.roles.groups, self.groups, strict=True):
            values = codes.whole()
            for name, code in sorted(codes.names.items()):
                rows = values == code
                if rows.any():
                    where = {name_of(group): name}
                    yield share(metric, int(cases[rows].sum()), int(rows.sum()), level=level, where=where)

    def _evidence(self, table: Table, metric: str, title: str, clusters: Sequence[Cluster], total: int) -> Evidence:
        """The first row of each cluster, and which others there are; they are read again by their place."""
        roles = self.roles
        columns = list(dict.fromkeys([*self.keys, *self.read, *(name for name in (roles.id, roles.label) if name)]))
        batches = table.batches(None if table.steps else columns, written=True)
        rows = read_rows(batches, [offset for cluster in clusters for offset in cluster.offsets])
        compared = self.read if metric == "conflicting_label_share" else roles.inputs or self.keys
        examples = []
        for cluster in clusters:
            first, *others = (rows[offset] for offset in cluster.offsets)
            facts = {"rows": str(cluster.size), "same as": ", ".join(row_name(row, roles, ROW) for row in others)}
            if metric == "conflicting_label_share":
                facts["label"] = ", ".join(str(row[str(roles.label)]) for row in (first, *others))
            examples.append(Example(row_name(first, roles, ROW), shown(first, compared), facts=facts))
        return Evidence(metric, title, total, tuple(examples))


def _only_decisions(roles: Roles) -> bool:
    """Whether the table holds decisions and not what they were made from."""
    return bool((roles.prediction or roles.score) and not roles.inputs)


def _read(table: Table) -> tuple[str, ...]:
    """The inputs that were declared or that the model reads; else all columns that are none of their outcome or name."""
    roles = table.roles
    if _only_decisions(roles):
        return ()
    if roles.inputs and "inputs" not in roles.inferred:
        return roles.inputs
    others = {roles.label, roles.id, roles.weight, roles.split, roles.prediction, roles.score}
    return tuple(name for name in table.schema.names if name not in others)
