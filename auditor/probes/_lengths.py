"""How long texts are: mergeable sums and a histogram of fixed size."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.stats.cells import Encoded
from auditor.stats.intervals import mean, share
from auditor.stats.slices import name_of
from auditor.types import ROW, Batch, Evidence, Example, Floats, Integers, Measurement, Table

EDGES = (0, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
"""Lower edges in characters of the bins of ``length_share``."""

_PER_OCTAVE = 16
_BINS = 32 * _PER_OCTAVE
_FENCE = 3.0
_SHOWN = 3


@dataclass(slots=True)
class Lengths:
    """Lengths of the texts of one column.

    Attributes:
        column: its name.
        sums: number of texts, characters and their squares, words and their squares; overall under None, and per group
            column (its place among the groups) and value.
        histogram: texts by length on a logarithmic scale, 16 bins an octave.
        bins: texts by ``EDGES``.
        extremes: the shortest and the longest texts: length, row, text.
    """

    column: str
    sums: dict[tuple[int, str] | None, Floats] = field(default_factory=dict)
    histogram: Integers = field(default_factory=lambda: np.zeros(_BINS, np.int64))
    bins: Integers = field(default_factory=lambda: np.zeros(len(EDGES), np.int64))
    extremes: list[tuple[int, int, str]] = field(default_factory=list)

    def add(self, batch: Batch, groups: Sequence[Encoded]) -> None:
        """Count the texts of a batch; missing ones are left out."""
        cells = batch.column(self.column)
        there = np.asarray(pc.is_valid(cells))
        texts, rows = cells.drop_null(), batch.column(ROW).filter(pa.array(there)).to_pylist()
        characters, words = (np.asarray(count, np.int64) for count in (pc.utf8_length(texts), _words(texts)))
        self._add_sums(None, characters, words)
        for place, group in enumerate(groups):
            codes = group.codes[there]
            for code in np.unique(codes):
                self._add_sums((place, group.names[code]), characters[codes == code], words[codes == code])
        self.histogram += np.bincount(_bin(characters), minlength=_BINS)
        self.bins += np.bincount(np.searchsorted(EDGES, characters, side="right") - 1, minlength=len(EDGES))
        self._add_extremes(characters, rows, texts)

    def _add_sums(self, key: tuple[int, str] | None, characters: Integers, words: Integers) -> None:
        sizes = (characters.astype(np.float64), words.astype(np.float64))
        parts = [float(len(characters)), *(float(total) for size in sizes for total in (size.sum(), (size**2).sum()))]
        self.sums[key] = self.sums.get(key, np.zeros(5)) + np.array(parts)

    def _add_extremes(self, characters: Integers, rows: Sequence[int], texts: pa.ChunkedArray) -> None:
        order = np.argsort(characters, kind="stable")
        chosen = dict.fromkeys([*order[:_SHOWN].tolist(), *order[::-1][:_SHOWN].tolist()])
        found = sorted([*self.extremes, *((int(characters[i]), rows[i], texts[i].as_py()[:400]) for i in chosen)])
        self.extremes = found if len(found) <= 2 * _SHOWN else [*found[:_SHOWN], *found[-_SHOWN:]]

    def measured(self, table: Table, level: float) -> Iterator[Measurement | Evidence]:
        """Mean lengths overall and per group, the histogram, and the share of outliers with the extremes as evidence."""
        for key, sums in sorted(self.sums.items(), key=lambda item: item[0] or ()):
            n, characters, squared, words, words_squared = sums.tolist()
            where = {name_of(table.roles.groups[key[0]]): key[1]} if key else {}
            yield mean("text_length", characters, squared, int(n), unit="characters", level=level, where=where, needs="texts")
            yield mean("text_words", words, words_squared, int(n), unit="words", level=level, where=where, needs="texts")
        total = int(self.bins.sum())
        for place in range(int(np.flatnonzero(self.bins).max(initial=0)) + 1):
            end = f"{EDGES[place + 1]})" if place + 1 < len(EDGES) else "...)"
            where = {"bin": f"[{EDGES[place]}, {end}"}
            yield share("length_share", int(self.bins[place]), total, level=level, where=where, needs="texts")
        yield share("length_outlier_share", self.outliers(), total, level=level, needs="texts")
        seen = {row: Example(str(row), text, facts={"characters": str(size)}) for size, row, text in self.extremes}
        yield Evidence("length_outlier_share", "The shortest and the longest texts", len(seen), tuple(seen.values()))

    def outliers(self) -> int:
        """Texts far shorter or longer than most: beyond three times the middle half's width, on a logarithmic scale."""
        below = np.cumsum(self.histogram)
        quartiles = [int(np.searchsorted(below, part * below[-1])) for part in (0.25, 0.75)]
        reach = _FENCE * max(quartiles[1] - quartiles[0], _PER_OCTAVE // 2)
        places = np.arange(_BINS)
        return int(self.histogram[(places < quartiles[0] - reach) | (places > quartiles[1] + reach)].sum())


def _words(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Runs of characters other than space."""
    trimmed = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.equal(trimmed, ""), 0, pc.list_value_length(pc.utf8_split_whitespace(trimmed)))


def _bin(characters: Integers) -> Integers:
    return np.asarray(np.minimum(np.log2(characters + 1) * _PER_OCTAVE, _BINS - 1), dtype=np.int64)
