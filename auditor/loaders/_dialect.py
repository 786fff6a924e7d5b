"""How a file of delimited text is written: what separates fields, whether quotes quote, what the columns are called."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count, pairwise

import pyarrow as pa
import pyarrow.csv as pacsv

from auditor.errors import InputError
from auditor.loaders._kinds import is_number
from auditor.loaders._quotes import Mended, Shape, shape_of
from auditor.types import COPY, ROW

_DELIMITERS = ",;\t|"
_WORDS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_LOOKED_AT = 200
_ENOUGH = 256 << 10
_NO_HEADER = (
    "The first line ({first}) looks like data, so the columns are called column_1 to {last}; "
    "if it is a header, name a role after one of its columns; else name the columns with columns."
)
_ALL_ROWS = "The columns are named in the plan, so the first line ({first}) is a row."


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written.

    Attributes:
        delimiter: between fields.
        quotes: whether ``"`` quotes; where not, it is a character like others.
        spaced: whether a space follows each delimiter and is no part of the field.
        header: whether the first record gives the names.
        names: of the columns, distinct.
        twins: columns of the same name, as pairs of their names here.
        notes: what of this was assumed, one sentence each.
        shape: what its first records look like.
    """

    delimiter: str
    quotes: bool
    spaced: bool
    header: bool
    names: tuple[str, ...]
    twins: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    shape: Shape | None = None


def sniff(
    sample: bytes, *, whole: bool, tabs: bool, quotes: bool, named: frozenset[str], columns: Sequence[str] = ()
) -> Dialect | None:
    """Find the dialect of a file from its first records, as UTF-8; None where there are none.

    Args:
        sample: the first lines.
        whole: whether there are no more.
        tabs: whether fields are known to be separated by tabs.
        quotes: whether quotes quote.
        named: columns that were asked for by name: a first record that has one of them is a header.
        columns: names for the columns, of a file without a header.

    Raises:
        InputError: there are not as many columns as names for them.
    """
    options = "\t" if tabs else _DELIMITERS
    enough = sample[: sample.rfind(b"\n", 0, _ENOUGH) + 1]
    if enough.count(b"\n") > _LOOKED_AT:
        sample, whole = enough, False
    trials = {one: _records(sample, one, quotes=quotes, whole=whole) for one in options}
    delimiter = max(options, key=lambda one: (trials[one].fit, -options.index(one)))
    cells = trials[delimiter].columns
    if not cells or not cells[0]:
        return None
    first, rest = (
        [column[0] or "" for column in cells],
        [[cell for cell in column[1:] if cell is not None] for column in cells],
    )
    spaced = all(cell.startswith(" ") for column in rest[1:] for cell in column) and any(rest[1:])
    header, names, twins, told = _headed(first, rest, named, columns)
    notes = [
        *([f"Fields are separated by {_WORDS[delimiter]}."] if delimiter != options[0] else []),
        *([] if quotes else ["Quotes do not come in pairs, and are read as characters like others."]),
        *(["A space follows each delimiter; it is not part of the field."] if spaced else []),
        *told,
    ]
    return Dialect(delimiter, quotes, spaced, header, names, twins, tuple(notes), shape_of(rest))


def _headed(
    first: Sequence[str], rest: Sequence[Sequence[str]], named: frozenset[str], columns: Sequence[str]
) -> tuple[bool, tuple[str, ...], tuple[tuple[str, str], ...], Sequence[str]]:
    """Whether the first record is a header; names for the columns; those of one name; what to say of it.

    Raises:
        InputError: there are not as many columns as names for them.
    """
    stripped = [cell.strip() for cell in first]
    if not columns:
        header = _is_header(stripped, rest, named)
        names, twins, notes = _named(first if header else [""] * len(first))
        return header, names, twins, notes if header else [_NO_HEADER.format(first=", ".join(first)[:80], last=names[-1])]
    if len(columns) != len(first):
        raise InputError(
            f"{len(columns)} columns are named ({', '.join(columns)}), and the first line has {len(first)} fields "
            f"({', '.join(first)[:80]})",
            place="data.columns",
            remedy="Name each column, in order.",
        )
    header = stripped == list(columns)
    return header, tuple(columns), (), [] if header else [_ALL_ROWS.format(first=", ".join(first)[:80])]


@dataclass(frozen=True, slots=True)
class _Trial:
    """A sample read with one delimiter: its columns, and how well that went."""

    columns: list[list[str | None]]
    fit: tuple[bool, float, int]


def _records(sample: bytes, delimiter: str, *, quotes: bool, whole: bool) -> _Trial:
    bad = 0
    # Where a sample ends within its first record, that is all there is to go by.
    sample = Mended(io.BytesIO(sample), delimiter, quotes, whole=whole).read() or sample

    def skip(_: object) -> str:
        nonlocal bad
        bad += 1
        return "skip"

    reading = pacsv.ReadOptions(use_threads=False, block_size=len(sample) + 1, autogenerate_column_names=True)
    options = pacsv.ParseOptions(
        delimiter=delimiter, quote_char='"' if quotes else False, newlines_in_values=quotes, invalid_row_handler=skip
    )
    try:
        width = len(pacsv.open_csv(io.BytesIO(sample), reading, options).schema)
        bad = 0
        cells = pacsv.read_csv(io.BytesIO(sample), reading, options, as_text([f"f{i}" for i in range(width)]))
    except pa.ArrowInvalid:
        return _Trial([], (False, 0.0, 0))
    share = round(cells.num_rows / (cells.num_rows + bad), 1) if cells.num_rows else 0.0
    return _Trial([column.slice(0, _LOOKED_AT).to_pylist() for column in cells.columns], (width > 1, share, width))


def as_text(names: Sequence[str]) -> pacsv.ConvertOptions:
    """Options of Arrow's reader that leave every cell as text, and empty ones, unless quoted, missing."""
    types = dict.fromkeys(names, pa.string())
    return pacsv.ConvertOptions(
        column_types=types, strings_can_be_null=True, null_values=[""], quoted_strings_can_be_null=False
    )


def _is_header(first: Sequence[str], rest: Sequence[Sequence[str]], named: frozenset[str]) -> bool:
    """Whether the first record names the columns.

    It does not where it looks like the records below it: where at least half of its cells are words that come up again in
    their own columns, or where it has numbers above numbers. Numbers that rise from left to right, as years and column
    numbers do, may be names, unless a word comes up again beside them.
    """
    if named & set(first) or not any(rest):
        return True
    pairs = [(cell, column) for cell, column in zip(first, rest, strict=True) if cell]
    again = sum(not is_number(cell) and cell in map(str.strip, column) for cell, column in pairs)
    numbers = [float(cell) for cell, column in pairs if is_number(cell) and column and all(map(is_number, column))]
    rising = len(numbers) > 1 and all(one < next_ for one, next_ in pairwise(numbers))
    return not (2 * again >= len(first) or (numbers and (again or not rising)))


def _named(first: Sequence[str]) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...], list[str]]:
    """Names for the columns, all different; pairs that were the same; what was changed."""
    names: dict[str, None] = {}
    twins, notes, written = [], [], {cell.strip() for cell in first}
    for number, found in enumerate(first, 1):
        name = found.strip() or f"column_{number}"
        if not found.strip():
            notes.append(f"Column {number} has no name and is called {name!r}.")
        elif name != found:
            notes.append(f"The column name {found!r} is read as {name!r}.")
        if name in names or name in (ROW, COPY):
            other = next(f"{name}.{i}" for i in count(1) if f"{name}.{i}" not in names and f"{name}.{i}" not in written)
            notes.append(f"The column name {name!r} is taken; column {number} is called {other!r}.")
            twins += [(name, other)] if name in names else []
            name = other
        names[name] = None
    return tuple(names), tuple(twins), notes
