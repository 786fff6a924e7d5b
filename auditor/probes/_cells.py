"""What the cells of a column are like, counted batch by batch."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.stats.cells import Encoded
from auditor.types import Integers
from auditor.types.plain import comparable, listed

NULL_MARKS = frozenset({"n/a", "#n/a", "nan", "<na>", "null", "\\n", "(missing)", "缺失", "-", "--", "?", "."})
"""What stands where a value is missing and is no value itself, in lower case."""

NULL_WORDS = frozenset({"na", "none", "missing"})
"""What stands where a value is missing, and may be the name of a class or group."""

ANSWERS = frozenset({"nil", "unknown", "undefined", "无", "未知", "不详"})
"""What may say that a value is missing, and may as well be the answer: named, and not counted as missing."""

_SPELLINGS = sorted(NULL_MARKS | NULL_WORDS | ANSWERS)

_NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{80}-\x{84}\x{86}-\x{9f}\x{200b}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{feff}]"
_LOOKED_AT = 50_000
_LISTED = 1_000
Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(slots=True)
class CellCounts:
    """Counts over the cells of one column.

    Attributes:
        nulls: spellings that count as missing, in lower case.
        rows: cells.
        missing: cells that are null, NaN, blank, or spell that they are missing.
        said: how many of the missing ones spell it.
        by_group: cells and missing ones per group column (its place among the groups) and value.
        texts: cells of text that are not null or blank; the next four are of these.
        spelled: how often each null spelling occurs.
        numbers: written as numbers.
        untrimmed: with space before or after.
        control: with characters that are not seen: control characters, zero-width spaces, marks of direction.
        only: the only value so far; None before the first, and then ``several`` says whether there is a second.
        first: hashes of the first cells, to see whether they tell rows apart, and how many cells that were.
    """

    nulls: frozenset[str] = NULL_MARKS | NULL_WORDS
    rows: int = 0
    missing: int = 0
    said: int = 0
    by_group: dict[tuple[int, str], list[int]] = field(default_factory=dict)
    texts: int = 0
    spelled: Counter[str] = field(default_factory=Counter)
    numbers: int = 0
    untrimmed: int = 0
    control: int = 0
    only: object = None
    several: bool = False
    first: set[int] = field(default_factory=set)
    looked_at: int = 0

    def add(self, cells: pa.ChunkedArray, groups: Sequence[Encoded]) -> None:
        """Count the cells of a batch, whose rows have these group values."""
        cells = comparable(cells)
        gone = missing(cells)
        present = cells.filter(pa.array(~gone)) if gone.any() else cells
        if is_text(cells.type):
            spelled = self._add_texts(present)
            if nulls := [cell for cell in spelled if cell.strip().lower() in self.nulls]:
                gone = gone | _mask(pc.is_in(cells, pa.array(nulls, cells.type)))
                self.said += sum(spelled[cell] for cell in nulls)
        self.rows += len(cells)
        self.missing += int(gone.sum())
        for place, group in enumerate(groups):
            self._add_group(place, group, gone)
        self._add_kind(present)

    def _add_kind(self, present: pa.ChunkedArray) -> None:
        """Count what depends on the type of the cells."""
        if pa.types.is_nested(present.type):
            self._add_nested(present)
        elif not is_text(present.type):
            self._add_values(*_ends(present))
        if pa.types.is_integer(present.type) or is_text(present.type):
            self._add_first(present)

    def _add_group(self, place: int, group: Encoded, gone: Mask) -> None:
        rows = np.bincount(group.codes, minlength=len(group.names))
        lacking = np.bincount(group.codes[gone], minlength=len(group.names))
        for name, all_, some in zip(group.names, rows.tolist(), lacking.tolist(), strict=True):
            if all_:
                cell = self.by_group.setdefault((place, name), [0, 0])
                cell[0] += some
                cell[1] += all_

    def _add_values(self, least: object, most: object) -> None:
        if most is not None:
            self.only = least if self.only is None else self.only
            self.several |= least != most or least != self.only

    def _add_nested(self, present: pa.ChunkedArray) -> None:
        """Compare lists and records one by one, as long as all have been equal."""
        for start in range(0, len(present), _LISTED):
            found = [] if self.several else list(map(repr, listed(present.slice(start, _LISTED))))
            self._add_values(*([min(found), max(found)] if found else [None, None]))

    def _add_first(self, present: pa.ChunkedArray) -> None:
        if self.looked_at < _LOOKED_AT and 2 * len(self.first) >= self.looked_at:
            some = present.slice(0, _LOOKED_AT - self.looked_at)
            self.first.update(map(hash, map(str, some.to_pylist())))
            self.looked_at += len(some)

    def _add_texts(self, present: pa.ChunkedArray) -> Counter[str]:
        """Count what texts are like; returns the null spellings among them."""
        values, counts = _distinct(present.combine_chunks())
        trimmed = pc.utf8_trim_whitespace(values)
        plain = pc.utf8_lower(trimmed)
        spelled = _mask(pc.is_in(plain, pa.array(_SPELLINGS, plain.type)))
        self._add_values(*_ends(values))
        self.texts += len(present)
        found = Counter[str]()
        for cell, count in zip(values.filter(pa.array(spelled)).to_pylist(), counts[spelled].tolist(), strict=True):
            found[cell] += count
        self.spelled += found
        self.numbers += int(counts[_mask(pc.match_substring_regex(values, _NUMBER))].sum())
        self.untrimmed += int(counts[_mask(pc.not_equal(values, trimmed))].sum())
        self.control += int(counts[_mask(pc.match_substring_regex(values, _CONTROL))].sum())
        return found

    @property
    def is_constant(self) -> bool:
        """Whether all cells that are not missing are the same, or there are none."""
        return not self.several

    @property
    def tells_rows_apart(self) -> bool:
        """Whether nearly all of the first cells are different: the column may be an identifier."""
        return self.looked_at >= 100 and len(self.first) >= 0.98 * self.looked_at


def _ends(cells: pa.Array | pa.ChunkedArray) -> list[object]:
    """The least and the greatest cell; missing where there is none."""
    found = pc.min_max(cells)
    return listed(pa.array([found["min"], found["max"]], cells.type))


def _distinct(cells: pa.Array) -> tuple[pa.Array, Integers]:
    """Values and how often each occurs; where most are different, as the first ones are, the cells as they are."""
    head = cells.slice(0, 1_000)
    if 2 * pc.count_distinct(head).as_py() > len(head):
        return cells, np.ones(len(cells), np.int64)
    counted = pc.value_counts(cells)
    return counted.field("values"), counted.field("counts").to_numpy()


def missing(cells: pa.ChunkedArray) -> Mask:
    """Which cells are null, NaN, or text without any character but space; shape ``(n,)``."""
    gone = pc.is_null(cells, nan_is_null=True)
    if is_text(cells.type):
        blank = pc.or_(pc.equal(pc.binary_length(cells), 0), pc.utf8_is_space(cells))
        gone = pc.or_(gone, pc.fill_null(blank, False))
    return _mask(gone)


def is_text(kind: pa.DataType) -> bool:
    """Whether a column holds text."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _mask(found: pa.Array | pa.ChunkedArray) -> Mask:
    return np.asarray(found, dtype=bool)
