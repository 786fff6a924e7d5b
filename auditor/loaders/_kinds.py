"""What kind of cells a column of text holds, and whether they can be kept as that kind or only be seen as it.

A column is kept as integers or truth values where each cell is written as such a value is written. Any other column is kept
as it was written, and numbers are a view of it. Integers with leading zeros, numbers of more than 15 digits and dates are text.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from auditor.types.views import NULL_SPELLINGS, POINT, TYPES, Marks, Misfit, Sees, View, Views, pattern, seen_as

__all__ = [
    "NULL_SPELLINGS",
    "Kind",
    "Misfit",
    "as_kind",
    "empty",
    "is_number",
    "join",
    "kind_of",
    "looks_numeric",
    "other_signs",
    "views_of",
]

_TRUTHS = (("True", "False"), ("true", "false"), ("TRUE", "FALSE"))
_ODD = r"\s*[+-]?(nan|inf|infinity)\s*"
_NUMBER = re.compile(rf"\s*{pattern(POINT)}\s*|{_ODD}", re.IGNORECASE)
_WHOLE = re.compile(r"\s*-?\d+\s*|" + "|".join(rf"\s*{re.escape(word)}\s*" for word in ("", *NULL_SPELLINGS)))
_HEAD = 64
GROUPED = re.compile(r"\s*[+-]?[1-9]\d{0,2}(\.\d{3})+\s*")
"""A number with a point that may group thousands."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a column's cells are.

    Attributes:
        sees: as what they are seen; None while all are missing.
        exact: whether they are kept as what they are seen as, since nothing is lost by that.
        form: what is kept where they are not: the ``plain`` text of each cell, or its ``json``.
        words: what false and true are called.
        strings: whether all cells of JSON are strings.
        gaps: what stands for missing cells in JSON: ``null``, or ``absent`` keys.
    """

    sees: Sees | None = None
    exact: bool = True
    form: Literal["plain", "json"] = "plain"
    words: tuple[str, str] = ("false", "true")
    gaps: frozenset[str] = frozenset()
    strings: bool = False

    @property
    def stored(self) -> pa.DataType:
        """The type that it is kept as."""
        return TYPES[self.sees] if self.sees and self.exact else pa.string()

    @property
    def view(self) -> View:
        """How cells are seen that are kept."""
        sees = None if self.exact else self.sees or "text"
        absent = self.form == "json" and ("null" not in self.gaps or not self.exact)
        return View(sees, self.form, words=self.words, absent=absent, strings=self.strings)


def join(one: Kind, other: Kind) -> Kind:
    """The narrowest kind that holds both."""
    kinds = [kind for kind in (one, other) if kind.sees]
    gaps = one.gaps | other.gaps
    whole = replace(kinds[0] if kinds else one, gaps=gaps)
    if len(kinds) == 2:
        sees, words = _sees(*kinds), kinds[0].words
        exact = one.exact and other.exact and one.sees == other.sees and sees != "float"
        whole = replace(
            whole,
            strings=one.strings and other.strings,
            sees=sees,
            words=words,
            exact=exact or (sees == "text" and whole.form == "plain"),
        )
    return replace(whole, exact=False) if len(gaps) > 1 else whole


def _sees(one: Kind, other: Kind) -> Sees:
    if one.sees == other.sees and one.words == other.words:
        return one.sees or "text"
    return "float" if {one.sees, other.sees} == {"int", "float"} else "text"


def empty(kinds: Mapping[str, Kind]) -> pa.Schema:
    """The schema of columns of these kinds, as they are kept."""
    return pa.schema([pa.field(name, kind.stored) for name, kind in kinds.items()])


def views_of(kinds: Mapping[str, Kind], marks: Marks) -> Views:
    """How columns of these kinds are seen, where they are not simply seen as they are kept."""
    found = {name: replace(kind.view, marks=marks if kind.form == "plain" else POINT) for name, kind in kinds.items()}
    return {name: view for name, view in found.items() if view.sees or (view.absent and kinds[name].gaps)}


def kind_of(cells: pa.ChunkedArray, marks: Marks = POINT) -> Kind:
    """The kind of a column of text, looking at every cell where the first ones do not settle it."""
    first = _first(cells)
    if not all(_may_be_number(cell, marks) for cell in first):
        return _truths(cells) or Kind("text")
    whole = all(map(_WHOLE.fullmatch, first)) and not marks.thousands
    for kind in [Kind("int"), Kind("int", exact=False)] * whole + [Kind("float", exact=False)]:
        try:
            numbers = as_kind(cells, kind, marks)[1]
        except Misfit:
            continue
        return kind if numbers.null_count < len(numbers) else Kind("text" if len(cells) > cells.null_count else None)
    return Kind("text")


def is_number(cell: str, marks: Marks = POINT) -> bool:
    """Whether a cell is written as a number."""
    if marks == POINT:
        return _NUMBER.fullmatch(cell) is not None
    return re.fullmatch(rf"\s*{pattern(marks)}\s*|{_ODD}", cell, re.IGNORECASE) is not None


def looks_numeric(cells: pa.ChunkedArray, marks: Marks = POINT) -> bool:
    """Whether the first cells are numbers, with null spellings among them."""
    first = _first(cells)
    return any(is_number(cell, marks) for cell in first) and all(_may_be_number(cell, marks) for cell in first)


def other_signs(cells: pa.ChunkedArray) -> dict[str, str] | None:
    """The sign in the first numbers that may be another than a decimal point, and one with it; None where none has one."""
    signed = [cell for cell in _first(cells) if "." in cell or "," in cell]
    if not signed:
        return None
    if all(map(GROUPED.fullmatch, signed)):
        return {".": signed[0]}
    comma = next((cell for cell in signed if "," in cell), None)
    marks = (Marks(",", "."), Marks(".", ","))
    return {",": comma} if comma and any(all(is_number(cell, one) for cell in signed) for one in marks) else {}


def _first(cells: pa.ChunkedArray) -> list[str]:
    return cells.slice(0, 4 * _HEAD).drop_null().slice(0, _HEAD).to_pylist()  # type: ignore[no-any-return]


def _may_be_number(cell: str, marks: Marks) -> bool:
    return is_number(cell, marks) or cell.strip() in ("", *NULL_SPELLINGS)


def _truths(cells: pa.ChunkedArray) -> Kind | None:
    values = set(pc.unique(cells.slice(0, 4 * _HEAD)).drop_null().to_pylist())
    pair = next((pair for pair in _TRUTHS if values <= set(pair)), None)
    if pair is None or not _all_in(cells, pair):
        return None
    return Kind("bool", exact=pair == ("true", "false"), words=(pair[1], pair[0]))


def _all_in(cells: pa.ChunkedArray, words: tuple[str, str]) -> bool:
    return bool(pc.all(pc.is_in(cells.drop_null(), pa.array(words)), min_count=0).as_py())


def as_kind(cells: pa.ChunkedArray, kind: Kind, marks: Marks = POINT) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """A column of text as a kind: as it is kept, and as it is seen.

    Raises:
        Misfit: a cell does not fit, or would lose something.
    """
    cells = cells if pa.types.is_string(cells.type) else cells.cast(pa.string())
    if kind.sees == "bool" and not _all_in(cells, kind.words):
        raise Misfit("bool")
    if kind.sees is None or kind.sees == "text":
        if kind.sees is None and cells.null_count < len(cells):
            raise Misfit("text")
        return cells, cells
    seen = _exactly(cells, kind.stored) if kind.exact else seen_as(cells, replace(kind.view, marks=marks))
    if kind.sees != "bool" and _loses(cells, kind):
        raise Misfit(kind.sees)
    return seen if kind.exact else cells, seen


def _exactly(cells: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray:
    try:
        return pc.cast(cells, wanted)
    except pa.ArrowInvalid:
        raise Misfit(str(wanted)) from None


def _loses(cells: pa.ChunkedArray, kind: Kind) -> bool:
    """Whether some cells are names rather than numbers: with leading zeros, or of more digits than a number has."""
    if kind.exact:
        padded = pc.and_(
            pc.or_(pc.starts_with(cells, "0"), pc.starts_with(cells, "-0")), pc.greater(pc.binary_length(cells), 1)
        )
        return bool(pc.any(padded).as_py())
    long = pc.any(pc.greater(pc.binary_length(cells), 15)).as_py()
    digits = r"^\s*([+-]?\d{16,}\.?\s*$|-?0\d|-?0[xX])" if kind.sees == "float" else r"^\s*-?0[\dxX]"
    found = pc.match_substring_regex(cells, digits if long else r"^\s*-?0[\dxX]")
    return bool(pc.any(found).as_py())


def spelled_missing(cells: pa.ChunkedArray) -> Counter[str]:
    """How often each null spelling occurs among the cells of a column of text."""
    trimmed = pc.utf8_trim_whitespace(cells)
    found = pc.value_counts(trimmed.filter(pc.fill_null(pc.is_in(trimmed, pa.array(["", *NULL_SPELLINGS])), False)))
    return Counter({entry["values"]: entry["counts"] for entry in found.to_pylist()})
