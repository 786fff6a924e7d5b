"""Slips of the finger on a QWERTY keyboard."""

import math
import re
from collections.abc import Sequence
from random import Random
from typing import Literal

import pyarrow as pa

from auditor.declare import Share, row_pass
from auditor.passes._cells import column_of, draws, with_column
from auditor.types import Batch

Unit = Literal["character", "word"]

_ROWS = (("qwertyuiop", 0.0), ("asdfghjkl", 0.25), ("zxcvbnm", 0.75))
"""Letters of each row of keys, and how far the row is shifted to the right, in widths of a key."""

_REACH = 1.3
"""Distance in widths of a key up to which two keys are neighbours."""

_SLIPS = ("substitute", "insert", "delete", "transpose")
_SHARES = (0.5, 0.2, 0.2, 0.1)

# The bound keeps the search for addresses linear in texts without spaces.
_TOKEN = re.compile(r"(?:https?://|www\.)\S+|\S{1,64}@\S+|[@#]\w+|(?P<run>\w+)", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z]{2,}")


def _neighbours() -> dict[str, str]:
    """Of each letter, the letters on the keys around its key."""
    keys = {letter: (shift + place, row) for row, (letters, shift) in enumerate(_ROWS) for place, letter in enumerate(letters)}
    return {one: "".join(o for o in keys if o != one and math.dist(keys[o], at) < _REACH) for one, at in keys.items()}


NEIGHBOURS = _neighbours()


@row_pass(
    source="Damerau 1964, https://doi.org/10.1145/363958.363994: the four slips; shares as in Giskard's typo perturbation"
)
def keyboard_typos(batch: Batch, *, column: str = "text", rate: Share = 0.05, per: Unit = "character", seed: int = 0) -> Batch:
    """Make typing errors: a neighbouring key instead (50 %) or too much (20 %), a letter left out (20 %) or two turned (10 %).

    A text with a word gets at least one error; which ones depends on the seed and the row's number alone. Digits, web and
    mail addresses, mentions and tags stay as they are.

    Args:
        batch: rows; none is removed, and a text without words stays as it is.
        column: the text column.
        rate: share of the letters, or of the words, that get an error, in (0, 1].
        per: what ``rate`` is a share of.
        seed: of the errors; the run's by default.

    Raises:
        UsageError: the column is not there, or holds no text.
    """
    texts = column_of(batch, column)
    rows = zip(texts.to_pylist(), draws(batch, seed, "keyboard_typos"), strict=True)
    new = [None if text is None else _slipped(text, rng, rate=rate, per=per) for text, rng in rows]
    return with_column(batch, column, pa.array(new, texts.type))


def _slipped(text: str, rng: Random, *, rate: float, per: Unit) -> str:
    """The text with errors: at least one where it has a word."""
    words = [token.span() for token in _TOKEN.finditer(text) if token["run"] and _WORD.fullmatch(token["run"])]
    if not words:
        return text
    places = _places(words, rng, rate, per) or [rng.randrange(*rng.choice(words))]
    new = text
    for place in reversed(places):  # from the end, so that the places before stay where they are
        new = _slip(new, place, rng)
    return new if new != text else _put(text, places[0], places[0] + 1, _near(text[places[0]], rng))


def _places(words: Sequence[tuple[int, int]], rng: Random, rate: float, per: Unit) -> list[int]:
    if per == "word":
        return [rng.randrange(*word) for word in words if rng.random() < rate]
    return [place for word in words for place in range(*word) if rng.random() < rate]


def _slip(text: str, place: int, rng: Random) -> str:
    """One error at a letter; a slip that would change nothing, or leave nothing of a word, becomes another key."""
    letter, after = text[place], text[place + 1 : place + 2]
    kind = rng.choices(_SLIPS, _SHARES)[0]
    if kind == "insert":
        return _put(text, place + 1, place + 1, _near(letter, rng))
    if kind == "delete" and after.isalpha() and letter != after:
        return _put(text, place, place + 1, "")
    if kind == "transpose" and after.isalpha() and letter != after:
        return _put(text, place, place + 2, after + letter)
    return _put(text, place, place + 1, _near(letter, rng))


def _put(text: str, start: int, end: int, new: str) -> str:
    return text[:start] + new + text[end:]


def _near(letter: str, rng: Random) -> str:
    """A key beside a letter's, in the letter's case."""
    other = rng.choice(NEIGHBOURS[letter.lower()])
    return other.upper() if letter.isupper() else other
