"""How rows fall into classes and languages, overall and by group."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow.compute as pc

from auditor.probes._language import UNDETERMINED, language
from auditor.stats.cells import Encoded, encode
from auditor.stats.intervals import share
from auditor.stats.slices import name_of
from auditor.types import ROW, Batch, Evidence, Example, Measurement, Table

MOST_VALUES = 50
_SHOWN = 2
_CUT = 300
Slice = tuple[int, str] | None


@dataclass(slots=True)
class Balance:
    """Rows by value of something: overall under None, and per group column (its place among the groups) and group."""

    counts: dict[Slice, Counter[str]] = field(default_factory=lambda: {None: Counter()})

    def add(self, values: Encoded, groups: Sequence[Encoded]) -> None:
        """Count rows; those without a value are left out."""
        size = len(values.names)
        for place, group in enumerate(groups):
            found = np.bincount(group.codes * (size + 1) + values.codes + 1, minlength=len(group.names) * (size + 1))
            for name, counts in zip(group.names, found.reshape(-1, size + 1)[:, 1:], strict=True):
                if counts.any():
                    self._count((place, name), values.names, counts.tolist())
        self._count(None, values.names, np.bincount(values.codes + 1, minlength=size + 1)[1:].tolist())

    def _count(self, key: Slice, names: Sequence[str], counts: Sequence[int]) -> None:
        self.counts.setdefault(key, Counter()).update({name: n for name, n in zip(names, counts, strict=True) if n})

    def measured(self, metric: str, key: str, table: Table, level: float) -> Iterator[Measurement]:
        """The share of each of the most frequent values, in each slice."""
        values = sorted(name for name, _ in self.counts[None].most_common(MOST_VALUES))
        for slice_, counts in sorted(self.counts.items(), key=lambda item: item[0] or ()):
            where = {name_of(table.roles.groups[slice_[0]]): slice_[1]} if slice_ else {}
            for value in values:
                yield share(metric, counts[value], counts.total(), level=level, where={**where, key: value})


@dataclass(slots=True)
class Labels:
    """The balance of the labels.

    Attributes:
        column: the label column; None where there is none.
        missed: whether one is missed then: somebody decides for classes, and only labels tell who is right.
        names: what cells stand for, where that is not themselves.
    """

    column: str | None
    missed: bool
    names: Mapping[str, str] = field(default_factory=dict)
    balance: Balance = field(default_factory=Balance)

    def add(self, batch: Batch, groups: Sequence[Encoded]) -> None:
        """Count the labels of a batch."""
        if self.column:
            self.balance.add(encode(batch.column(self.column), self.column).renamed(self.names), groups)

    def measured(self, table: Table, level: float) -> Iterator[Measurement | Evidence]:
        """``label_share`` of each class, overall and per group."""
        if self.column:
            yield from self.balance.measured("label_share", "class", table, level)
            return
        reason = "no label column is declared"
        yield Measurement("label_share", None, "fraction", 0, level=level, reason=reason, applies=self.missed)


@dataclass(slots=True)
class Sizes:
    """How many rows each group has, by the place of its column."""

    counts: dict[int, Counter[str]] = field(default_factory=dict)

    def add(self, batch: Batch, groups: Sequence[Encoded]) -> None:
        """Count the rows of a batch."""
        del batch
        for place, group in enumerate(groups):
            rows = np.bincount(group.codes, minlength=len(group.names)).tolist()
            found = {name: n for name, n in zip(group.names, rows, strict=True) if n}
            self.counts.setdefault(place, Counter()).update(found)

    def measured(self, table: Table, level: float) -> Iterator[Measurement | Evidence]:
        """``group_share`` of each group."""
        for place, counts in sorted(self.counts.items()):
            for name, rows in sorted(counts.items()):
                yield share("group_share", rows, counts.total(), level=level, where={name_of(table.roles.groups[place]): name})


@dataclass(slots=True)
class Languages:
    """The languages of a random sample of the texts of a column.

    Attributes:
        column: its name.
        chance: of each row to be looked at.
        rng: what decides.
        rows: rows looked at.
        examples: the first texts of each language.
    """

    column: str
    chance: float
    rng: np.random.Generator
    balance: Balance = field(default_factory=Balance)
    rows: int = 0
    examples: dict[str, list[Example]] = field(default_factory=dict)

    def add(self, batch: Batch, groups: Sequence[Encoded]) -> None:
        """Look at some of the texts of a batch; missing ones are left out."""
        there = np.asarray(pc.is_valid(batch.column(self.column))) & (self.rng.random(batch.num_rows) < self.chance)
        chosen = np.flatnonzero(there)
        texts = batch.column(self.column).take(chosen).to_pylist()
        found = [language(text) for text in texts]
        names = sorted(set(found))
        codes = np.array([names.index(one) for one in found], np.int64)
        self.balance.add(Encoded(codes, tuple(names)), [Encoded(group.codes[chosen], group.names) for group in groups])
        self.rows += len(chosen)
        rows = batch.column(ROW).take(chosen).to_pylist()
        for one, text, row in zip(found, texts, rows, strict=True):
            examples = self.examples.setdefault(one, [])
            if len(examples) < _SHOWN:
                examples.append(Example(str(row), text[:_CUT], facts={"language": one}))

    def measured(self, table: Table, level: float) -> Iterator[Measurement | Evidence]:
        """``language_share`` of each language, overall and per group, and texts in other languages than most."""
        reason = f"estimated from {self.rows} rows chosen at random" if self.chance < 1 else None
        for found in self.balance.measured("language_share", "language", table, level):
            yield replace(found, reason=found.reason or reason)
        common = self.balance.counts[None].most_common()
        others = [name for name, _ in reversed(common[1:]) if name != UNDETERMINED]
        if others:
            examples = tuple(example for name in others for example in self.examples[name])[:10]
            total = sum(count for name, count in common if name in others)
            yield Evidence("language_share", f"Texts that seem to be in another language than {common[0][0]}", total, examples)
