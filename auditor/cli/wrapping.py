"""Text cut into lines that a terminal shows whole: nothing is left out, at whatever width."""

import re
import unicodedata
from collections.abc import Iterator

import click

_PIECES = re.compile(r"\x1b\[[0-9;]*m|.", re.DOTALL)
_PLAIN = {
    "…": "...",
    "–": "-",
    "—": "-",
    "−": "-",
    "‑": "-",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "×": "x",
    "±": "+/-",
    "·": "-",
    "•": "-",
    "→": "->",
    "‹": "<",
    "›": ">",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "§": "section ",
    "\N{NO-BREAK SPACE}": " ",
    "⏎": "<newline>",
    "⇥": "<tab>",
}
"""Signs of ours in ASCII."""


def wide(text: str) -> int:
    """Columns of a terminal that a text takes; styles take none, Chinese characters two."""
    return sum(map(_columns, click.unstyle(text)))


def _columns(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrapped(text: str, width: int) -> list[str]:
    """A text in lines of at most ``width`` columns, broken at spaces, and within a word only where it fits no line."""
    lines, width = [""], max(width, 2)
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if wide(joined) <= width:
            lines[-1] = joined
        else:
            lines += _broken(word, width)
    return [line for line in lines if line] or [""]


def _broken(word: str, width: int) -> Iterator[str]:
    line, taken = "", 0
    for piece in _PIECES.findall(word):
        more = wide(piece)
        if taken + more > width:
            yield line
            line, taken = "", 0
        line, taken = line + piece, taken + more
    yield line


def encodable(text: str, encoding: str | None) -> str:
    """A text as far as an encoding has its characters; signs of ours in ASCII, the data's by their number."""
    try:
        text.encode(encoding or "utf-8")
    except (UnicodeError, LookupError):
        return "".join(_encodable(character, encoding or "ascii") for character in text)
    return text


def _encodable(character: str, encoding: str) -> str:
    try:
        character.encode(encoding)
    except (UnicodeError, LookupError):
        return _PLAIN.get(character) or character.encode("ascii", "backslashreplace").decode()
    return character
