"""What was met while reading, counted, and said in sentences."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from auditor.loaders._kinds import Kind, looks_numeric, other_signs, spelled_missing
from auditor.types.views import POINT, Marks

_SHOWN = 5
_ODD = "Column {!r} has {} cells that are NaN or infinite; they are kept."
_NUL = "Column {!r} has {} cells with a NUL character; they are kept."
_DIGITS = "Column {!r} begins like numbers, but some cells are none, or would lose digits as numbers; it is kept as text."
_SIGNS = {
    ".": "Column {!r} has numbers like {!r}, read with a decimal point; where it groups thousands, say --thousands .",
    ",": "Column {!r} has numbers like {!r}, read as text; say what the comma is with --decimal , or --thousands ,",
}
_NESTED = "Column {!r} holds nested values; they are seen as their JSON text."
_LONG = "Column {!r} holds integers of more than 64 bits; all are seen as text."
_MIXED = "Column {!r} mixes kinds of cells; all are seen as text."


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
        firsts: per column of JSON that is seen as text, what the JSON of its cells begins with.
        signs: per column, the sign in its first numbers that may be another than a decimal point, and such a number.
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
    firsts: dict[str, set[str]] = field(default_factory=dict)
    signs: dict[str, dict[str, str]] = field(default_factory=dict)
    unequal: set[str] = field(default_factory=set)
    other: list[str] = field(default_factory=list)

    def add_rows(self, good: int, bad: tuple[str, ...]) -> None:
        """Count rows."""
        self.rows += good + len(bad)
        self.bad += len(bad)
        self.shown += bad[: _SHOWN - len(self.shown)]

    def add_column(self, name: str, kept: pa.ChunkedArray, seen: pa.ChunkedArray, kind: Kind, marks: Marks) -> None:
        """Count what is worth saying of a column's cells, as they were written and as they are seen."""
        if kind.form == "plain" and kind.sees != "int" and marks == POINT:
            self._add_signs(name, kept)
        if pa.types.is_floating(seen.type):
            self.odd[name] += pc.sum(pc.invert(pc.is_finite(seen))).as_py() or 0
        if pa.types.is_string(seen.type):
            self.nul[name] += pc.sum(pc.match_substring(seen, "\0")).as_py() or 0
            self._add_text(name, kept, kind, marks)
        elif kind.form == "plain" and seen.null_count > kept.null_count:
            self.spelled.setdefault(name, Counter()).update(spelled_missing(kept))

    def _add_signs(self, name: str, kept: pa.ChunkedArray) -> None:
        """Note numbers that may have other signs than a decimal point, as far as the first of each chunk show."""
        found, known = other_signs(kept), self.signs.get(name)
        if found is not None:
            self.signs[name] = found if known is None else {sign: cell for sign, cell in known.items() if sign in found}

    def _add_text(self, name: str, kept: pa.ChunkedArray, kind: Kind, marks: Marks) -> None:
        if kind.form == "plain" and looks_numeric(kept, marks):
            self.digits.add(name)
        if kind.form == "json" and not kind.exact:
            firsts = set(pc.unique(pc.utf8_slice_codeunits(kept, 0, 1)).drop_null().to_pylist())
            self.firsts.setdefault(name, set()).update(firsts)

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
        yield from (_SIGNS[sign].format(name, cell) for name, signs in self.signs.items() for sign, cell in signs.items())
        yield from (_DIGITS.format(name) for name in sorted(self.digits))
        yield from dict.fromkeys([*_remarks(self.firsts), *self.other])


def _remarks(seen: Mapping[str, set[str]]) -> Iterator[str]:
    """What to say of columns of JSON that are seen as text, by the first signs of the JSON of their cells."""
    words = {'"': "string", "[": "nested", "{": "nested", "t": "truth", "f": "truth"}
    for name, firsts in sorted(seen.items()):
        kinds = {words.get(first, "number") for first in firsts - {"n"}}
        if kinds == {"nested"}:
            yield _NESTED.format(name)
        elif kinds - {"string"}:
            yield (_LONG if kinds == {"number"} else _MIXED).format(name)
