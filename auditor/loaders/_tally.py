"""What was met while reading, counted, and said in sentences."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from auditor.loaders._kinds import looks_numeric, spelled_missing

_SHOWN = 5
_ODD = "Column {!r} has {} cells that are NaN or infinite; they are kept."
_NUL = "Column {!r} has {} cells with a NUL character; they are kept."
_DIGITS = "Column {!r} begins like numbers, but some cells are none, or would lose digits as numbers; it is kept as text."
MIXED = "Column {!r} mixes kinds of cells; all are read as text."


@dataclass(slots=True)
class Tally:
    """Counts over a whole source.

    Attributes:
        rows: rows so far, good and bad.
        bad: rows set aside.
        shown: what is wrong with the first of them.
        spelled: per column of numbers, how often each null spelling was read as missing.
        odd: per column of numbers, cells that are NaN or infinite.
        nul: per column of text, cells with a NUL character.
        digits: columns of numbers kept as text.
        mixed: columns of several kinds of cell, read as text.
        unequal: columns that share a name and differ.
        other: anything else, one sentence each.
    """

    rows: int = 0
    bad: int = 0
    shown: list[str] = field(default_factory=list)
    spelled: dict[str, Counter[str]] = field(default_factory=dict)
    odd: Counter[str] = field(default_factory=Counter)
    nul: Counter[str] = field(default_factory=Counter)
    digits: set[str] = field(default_factory=set)
    mixed: set[str] = field(default_factory=set)
    unequal: set[str] = field(default_factory=set)
    other: list[str] = field(default_factory=list)

    def add_rows(self, good: int, bad: tuple[str, ...]) -> None:
        """Count rows."""
        self.rows += good + len(bad)
        self.bad += len(bad)
        self.shown += bad[: _SHOWN - len(self.shown)]

    def add_column(self, name: str, before: pa.ChunkedArray, after: pa.ChunkedArray, *, raw: bool) -> None:
        """Count what is worth saying of a column's cells, as they were in the source and as they are now."""
        if pa.types.is_floating(after.type):
            self.odd[name] += pc.sum(pc.invert(pc.is_finite(after))).as_py() or 0
        if pa.types.is_string(after.type):
            self._add_text(name, before, after, raw)
        elif after.null_count > before.null_count:
            self.spelled.setdefault(name, Counter()).update(spelled_missing(before))

    def _add_text(self, name: str, before: pa.ChunkedArray, after: pa.ChunkedArray, raw: bool) -> None:
        self.nul[name] += pc.sum(pc.match_substring(after, "\0")).as_py() or 0
        if raw and looks_numeric(before):
            self.digits.add(name)
        if not (pa.types.is_string(before.type) or pa.types.is_null(before.type)):
            self.mixed.add(name)

    def notes(self) -> Iterator[str]:
        """What was met, one sentence each."""
        if self.bad:
            more = f"; and {self.bad - len(self.shown)} more" if self.bad > len(self.shown) else ""
            yield f"{self.bad} of {self.rows} rows could not be read and are set aside: {'; '.join(self.shown)}{more}."
        for name, counts in self.spelled.items():
            words = ", ".join(f"{spelling!r} ({count})" for spelling, count in sorted(counts.items()))
            yield f"Column {name!r} holds numbers; cells that say {words} are read as missing."
        yield from (_ODD.format(name, count) for name, count in self.odd.items() if count)
        yield from (_NUL.format(name, count) for name, count in self.nul.items() if count)
        yield from (_DIGITS.format(name) for name in sorted(self.digits))
        yield from dict.fromkeys([*(MIXED.format(name) for name in sorted(self.mixed)), *self.other])
