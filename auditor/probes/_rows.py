"""Rows that probes look at one by one, and shares of such rows overall and by group."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa

from auditor import digest
from auditor.declare import strings
from auditor.errors import NotApplicable
from auditor.stats.counts import group_values, spelling
from auditor.stats.intervals import difference, share
from auditor.stats.slices import name_of, reference_of
from auditor.types import MISSING, ROW, Batch, Group, Integers, Measurement, Scores, Subject, Table


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table of texts.

    Attributes:
        row: position in the source.
        name: what evidence calls it: its id where there is an id column, else its position.
        text: the model's input.
        label: index of the true class, -1 where there is none.
        groups: value of each group column.
    """

    row: int
    name: str
    text: str
    label: int
    groups: Mapping[str, str]


def columns_of(table: Table) -> list[str]:
    """Columns that rows are made of."""
    roles = table.roles
    named = [*roles.inputs[:1], roles.label, roles.id, *(group.column for group in roles.groups)]
    return list(dict.fromkeys(name for name in named if name))


def text_read(subject: Subject[Scores]) -> str:
    """The column of text that the model reads.

    Raises:
        NotApplicable: it reads none.
    """
    if subject.model is None or subject.model.takes != "text" or not subject.table.roles.inputs:
        raise NotApplicable("needs a model that reads a text column")
    return subject.table.roles.inputs[0]


def rows_of(subject: Subject[Scores], batch: Batch, texts: Sequence[str] | None = None) -> list[Row]:
    """The rows of a batch.

    Args:
        subject: what is audited.
        batch: rows of its table.
        texts: what stands for the text of each row; the model's input by default.

    Raises:
        NotApplicable: the model does not read text, and nothing stands for it.
    """
    roles = subject.table.roles
    if texts is None:
        texts = strings(batch, text_read(subject))
    positions = [str(row) for row in batch.column(ROW).to_pylist()]
    names = strings(batch, roles.id) if roles.id else positions
    groups = [{}] * batch.num_rows if not roles.groups else _groups(batch, roles.groups)
    fields = zip(positions, names, texts, subject.truth(batch).tolist(), groups, strict=True)
    return [Row(int(row), name, text, label, values) for row, name, text, label, values in fields]


def _groups(batch: Batch, groups: Sequence[Group]) -> list[dict[str, str]]:
    encoded = [group_values(batch, group) for group in groups]
    columns = [[value.names[code] for code in value.codes] for value in encoded]
    names = [group.column for group in groups]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def chosen(subject: Subject[Scores], *, rows: int, sample: Literal["random", "first"]) -> list[Row]:
    """Labelled rows of the table, at most so many: the first ones, or a random sample that the seed decides."""
    best: Batch | None = None
    for batch in subject.table.batches(columns_of(subject.table)):
        batch = batch.filter(pa.array(subject.truth(batch) >= 0))
        best = batch if best is None else pa.concat_tables([best, batch])
        best = best.slice(0, rows) if sample == "first" else _smallest(best, rows, subject.seed)
        if sample == "first" and best.num_rows == rows:
            break
    return [] if best is None else rows_of(subject, best)


def _smallest(batch: Batch, rows: int, seed: int) -> Batch:
    """The rows whose hashes are smallest, in the order of the table: a random sample that needs no count beforehand."""
    hashes = _hashed(batch.column(ROW).to_numpy(), seed)
    return batch.take(np.sort(np.argsort(hashes, kind="stable")[:rows]))


def _hashed(rows: Integers, seed: int) -> "np.ndarray[tuple[int], np.dtype[np.uint64]]":
    """SplitMix64 (Steele, Lea & Flood 2014) of row positions, after a start that the seed decides."""
    start = int(digest.of_value([seed, "sample"])[:16], 16)
    z = rows.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(start)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def shares(
    metric: str,
    cases: Sequence[bool],
    groups: Sequence[Mapping[str, str]],
    subject: Subject[Scores],
    *,
    where: Mapping[str, str] | None = None,
    needs: str = "rows",
) -> Iterator[Measurement]:
    """The share of cases among rows: overall, for each value of each group column, and against the reference group.

    Args:
        metric: name of the share.
        cases: whether each row is a case.
        groups: group values of the same rows.
        subject: of which the group columns and the level are taken.
        where: what else goes into ``where``.
        needs: what the rows are, for the reason where there are none.
    """
    level, base = subject.level, dict(where or {})
    yield share(metric, sum(cases), len(cases), level=level, where=base, needs=needs)
    for group in subject.table.roles.groups:
        counts: dict[str, list[int]] = {}
        for case, values in zip(cases, groups, strict=True):
            cell = counts.setdefault(values[group.column], [0, 0])
            cell[0] += case
            cell[1] += 1
        yield from _by_value(metric, counts, group, level, base, needs)


def _by_value(
    metric: str, counts: Mapping[str, Sequence[int]], group: Group, level: float, base: Mapping[str, str], needs: str
) -> Iterator[Measurement]:
    for value, (x, n) in sorted(counts.items()):
        yield share(metric, x, n, level=level, where={name_of(group): value, **base}, needs=needs)
    reference = reference_of(group, {value: n for value, (_, n) in counts.items()})
    if reference is None and group.reference is not None:
        reference = str(spelling(group, group.reference))
    for value, cell in sorted(counts.items()):
        if reference is not None and value not in (reference, MISSING):
            where = {name_of(group): value, "reference": reference, **base}
            sides = (*cell, *counts.get(reference, (0, 0)))
            yield difference(f"{metric}_difference", *sides, level=level, where=where, needs=needs)
