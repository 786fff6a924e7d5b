"""Hostile text made visible: what a reader sees is what is there.

Data, model output and file names may hold characters that hide text, turn its direction or drive a terminal. Each of them
is shown as a name. Escaping for a format (HTML, XML, Markdown) is the format's own matter and comes after.
"""

import re
import unicodedata

_INVISIBLE = frozenset("\u115f\u1160\u2800\u3164\uffa0\u034f")
"""Letters and symbols that draw nothing, which no category tells apart: Hangul fillers, Braille blank, grapheme joiner."""

_COMBINING = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
_PILE = re.compile(f"(?<={_COMBINING}{{3}}){_COMBINING}+")
"""Marks piled on one letter, from the fourth on: they would be drawn over the lines above and below."""

_ADDRESS = re.compile(r"(https?://[A-Za-z0-9./_~%#?&=+:-]*[A-Za-z0-9/_~#=-])")
_SUSPECT = re.compile(r"[^\x20-\x7e\xa1-\xac\xae-\u02ff\u4e00-\u9fff]")
_PICTURES = {"\x7f": "␡", "\n": "⏎", "\t": "⇥"}
_HIDING = frozenset(("Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"))


def visible(text: str) -> str:
    r"""One line of text in which control, invisible, direction-changing and unassigned characters are named.

    ``visible("a\\u202eb\\x00")`` is ``"a‹U+202E›b␀"``. Line ends become ``⏎``, tabs ``⇥``; spaces stay.
    """
    return _PILE.sub(_named, _SUSPECT.sub(_shown, text))


def visible_lines(text: str) -> str:
    """As ``visible``, but line ends stay: for tracebacks and other text set in lines."""
    return "\n".join(visible(line) for line in text.splitlines())


def shortened(text: str, length: int) -> str:
    """One visible line of at most ``length`` characters, the last an ellipsis where something was left out."""
    text = visible(text[: length + 1])
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def name(text: str) -> str:
    """A name from the data, such as a group or a column: visible, and short enough to stand in a table."""
    return shortened(text, 80)


def _shown(match: re.Match[str]) -> str:
    character = match[0]
    if character in _PICTURES:
        return _PICTURES[character]
    if character < " ":
        return chr(0x2400 + ord(character))
    if unicodedata.category(character) in _HIDING or character in _INVISIBLE:
        return f"‹U+{ord(character):04X}›"
    return character


def _named(match: re.Match[str]) -> str:
    return "".join(f"‹U+{ord(mark):04X}›" for mark in match[0])


def links(text: str) -> tuple[tuple[str, str | None], ...]:
    """A visible text cut at the web addresses in it: pieces, and for an address where it leads."""
    return tuple((piece, piece if _ADDRESS.fullmatch(piece) else None) for piece in _ADDRESS.split(text) if piece)
