"""Text in which every gendered English word is replaced by its counterpart."""

import functools
import re
from collections.abc import Sequence

from auditor.passes._gendered_words import COUNTERPART
from auditor.passes._pronouns import Around, her_is_him, his_is_hers

_TOKEN = re.compile(
    # Addresses, mentions and tags are names; "s/he" and "(s)he" already say both. The bound keeps the search linear.
    r"(?P<skip>https?://\S+|www\.\S+|\S{1,64}@\S+|[@#]\w+|\bs/he\b|\(s\)he\b)|(?P<word>ma['’]am\b|[^\W\d_]+|\d[\d,.]*)",
    re.IGNORECASE,
)
_DOT = re.compile(r" ?\.")
_PRONOUNS = frozenset(("her", "his", "him", "hers"))
_TITLES = frozenset(("mr", "mrs", "ms", "miss"))
_NEXT = {
    # Words that are no gender beside these: fixed names of things, and what plugs and degrees are called.
    "king": "size sized crab prawn prawns salmon cobra james",
    "queen": "size sized bee ant",
    "male": "connector connectors plug plugs socket adapter thread threads end jack",
    "female": "connector connectors plug plugs socket adapter thread threads end jack",
    "mother": "tongue nature earth ship lode board",
    "father": "christmas time",
    "sister": "company companies city cities site sites ship ships publication channel",
    "maiden": "name",
    "bachelor": "degree degrees s of",
    "bachelors": "degree degrees of in",
    "man": "made hours power cave united city utd",
    "mummy": "case tomb returns",
    "chick": "pea peas",
    "lady": "bird bug luck",
    "lord": "of",
    "host": "of country countries city cities nation computer name",
}
_BEFORE = {
    "man": "of",
    "guys": "you",
    "fathers": "founding pilgrim",
    "host": "web a",
    "lord": "the my oh good praise",
    "wives": "old",
}
_VERBS = frozenset(("host", "hosts", "groom", "steward"))
_VERB_BEFORE = frozenset(
    "to will would can could may might must should shall did does do they we i you who that not which".split()
)
_NAMED = frozenset("king queen prince lord duke earl baron man woman men women boy girl boys girls lady".split())
_NO_NAME = frozenset(
    "the a an this that his her my our your their its every each no one some any and but or so if when while as then of for to "
    "by with from in on at dear young old good poor little new king queen mr mrs ms today once is was".split()
)


@functools.lru_cache(maxsize=65_536)
def swapped(text: str) -> str:
    """The text with its gendered words replaced; the same text where it has none, or none whose gender is clear.

    Case is kept (lower, Title, UPPER), and so are possessives and hyphens. Names are not replaced.

    Args:
        text: English text.
    """
    tokens = list(_TOKEN.finditer(text))
    words = [token["word"].lower().replace("’", "'") if token["word"] else "" for token in tokens]
    if not any(word in COUNTERPART or word in _PRONOUNS for word in words):
        return text
    pieces, end = [], 0
    for place, token in enumerate(tokens):
        other = _counterpart(text, tokens, words, place)
        pieces += [text[end : token.start()], _in_case_of(token[0], other) if other else token[0]]
        end = token.end()
    return "".join([*pieces, text[end:]])


def _counterpart(text: str, tokens: Sequence[re.Match[str]], words: Sequence[str], place: int) -> str | None:
    """The other word, or None where the word is to stay."""
    word = words[place]
    if word in _PRONOUNS:
        return _pronoun(word, _around(text, tokens, words, place))
    if word not in COUNTERPART or _is_else(text, tokens, words, place):
        return None
    return COUNTERPART[word]


def _pronoun(word: str, around: Around) -> str:
    if word == "her":
        return "him" if her_is_him(around) else "his"
    if word == "his":
        return "hers" if his_is_hers(around) else "her"
    return "her" if word == "him" else "his"


def _around(text: str, tokens: Sequence[re.Match[str]], words: Sequence[str], place: int) -> Around:
    gaps = [text[tokens[at].end() : tokens[at + 1].start()] if at + 1 < len(tokens) else "" for at in (place, place + 1)]
    after, then = (words[at] if at < len(words) else "" for at in (place + 1, place + 2))
    return Around(words[place - 1] if place else "", after, then, *gaps)


def _is_else(text: str, tokens: Sequence[re.Match[str]], words: Sequence[str], place: int) -> bool:
    """Whether the word says no gender here: a title without a name, a fixed expression, a verb, a part of a name."""
    word, found = words[place], tokens[place][0]
    before, after = words[place - 1] if place else "", words[place + 1] if place + 1 < len(words) else ""
    if word in _TITLES:
        named = found.istitle() and after and tokens[place + 1][0][0].isupper()
        return not named and not _DOT.match(text, tokens[place].end())
    if after in _NEXT.get(word, "").split() or before in _BEFORE.get(word, "").split():
        return True
    if word in _VERBS and (before in _VERB_BEFORE or after in ("a", "an", "the")):
        return True
    named = word in _NAMED and found.istitle() and place > 0 and tokens[place - 1][0].istitle() and before not in _NO_NAME
    return named and text[tokens[place - 1].end() : tokens[place].start()] in (" ", "-")


def _in_case_of(word: str, other: str) -> str:
    if len(word) > 1 and word.isupper():
        return other.upper()
    return other[0].upper() + other[1:] if word[0].isupper() else other
