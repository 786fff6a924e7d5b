"""Space characters: one kind, one at a time, none at the ends."""

import functools

import pyarrow as pa
import pyarrow.compute as pc

from auditor.declare import row_pass
from auditor.passes._cells import text_columns, with_texts
from auditor.types import Batch

# RE2 spells out what Unicode calls spaces (category Zs) and line ends (UAX #14, class BK, CR, LF, NL).
_SPACE = r"\t\x0b\x0c \x{a0}\x{1680}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}"
_LINE = r"\r\n|[\r\x{85}\x{2028}\x{2029}]"


@row_pass(source="Unicode Standard Annex #14, line breaking, https://www.unicode.org/reports/tr14/")
def whitespace(batch: Batch, *, columns: tuple[str, ...] = (), newlines: bool = True) -> Batch:
    r"""Make each run of spaces one space, and take spaces away at the ends of texts and lines.

    Args:
        batch: rows; none is removed, and an empty text stays a text.
        columns: columns of text, also inside JSON, lists and records; all of them by default.
        newlines: whether to keep line ends, as ``\n`` and at most one empty line in a row; else they become spaces.

    Raises:
        UsageError: a column is not there, or holds no text.
    """
    for column in text_columns(batch, columns):
        batch = with_texts(batch, column, functools.partial(_tidied, newlines=newlines))
    return batch


def _tidied(cells: pa.ChunkedArray, newlines: bool) -> pa.ChunkedArray:
    rules = [(_LINE, "\n"), (f"[{_SPACE}]+", " "), (" ?\n ?", "\n"), ("\n{3,}", "\n\n")] if newlines else []
    for pattern, text in rules or [(f"[\n\r\\x{{85}}\\x{{2028}}\\x{{2029}}{_SPACE}]+", " ")]:
        cells = pc.replace_substring_regex(cells, pattern, text)
    return pc.utf8_trim(cells, " \n")
