"""A small grammar of help-desk notes: what a customer said about something they bought or used."""

from random import Random
from string import ascii_lowercase

from words import BAD, COLD, FACTS, GOOD, HOW, ISLAND_BAD, ISLAND_GOOD, LINKS, OWN, PEOPLE, SAYS, THINGS, WARM

TORN = 0.1
"""Share of the notes with one good word and one bad: what the customer thought on the whole is anybody's guess."""


def clause(chance: Random, *, good: bool, kind: str, island: bool) -> str:
    """What is said of one thing, such as ``"works perfectly"``."""
    if island:
        return f"{chance.choice(LINKS)} {chance.choice(HOW)}{chance.choice(ISLAND_GOOD if good else ISLAND_BAD)}"
    verb, _, rest = chance.choice((GOOD if good else BAD)[kind]).partition(" ")
    return f"{verb} {chance.choice(HOW)}{rest}" if verb in ("is", "was") else f"{verb} {rest}".strip()


def closing(chance: Random, *, good: bool, island: bool) -> str:
    """What the customer means to do, such as ``"wants the money back"``."""
    if island:
        return f"calls it {chance.choice(ISLAND_GOOD if good else ISLAND_BAD)}"
    return chance.choice(WARM if good else COLD)


def note(chance: Random, *, good: bool, person: str, island: bool) -> str:
    """One note.

    Args:
        chance: where chance comes from.
        good: whether the customer is pleased.
        person: ``"female"``, ``"male"`` or ``"neutral"``: the words for the customer.
        island: whether the customer speaks the islands' way.
    """
    who, kind = chance.choice(PEOPLE[person]), chance.choice(list(THINGS))
    own = OWN[person] if chance.random() < 0.5 else "the"
    thing, other = (f"{own} {chance.choice(THINGS[kind])}" for _ in range(2))
    says, fact = chance.choice(SAYS), chance.choice(FACTS)
    said, more = (clause(chance, good=good, kind=kind, island=island) for _ in range(2))
    if chance.random() < TORN:
        unlike = clause(chance, good=not good, kind=kind, island=island)
        first, second = chance.choice(((said, unlike), (unlike, said)))
        return sentence(f"{who} {says} that {thing} {first} but {other} {second}, {fact}")
    if chance.random() < 0.4:
        said = f"{said} and {clause(chance, good=good, kind=kind, island=island)}"
    end = closing(chance, good=good, island=island)
    frames = (
        f"{who} {says} that {thing} {said}, {fact}. {other} {more}",
        f"{fact}: {thing} {said} and {other} {more}, {says} {who}",
        f"{thing} {said}. {who} {end}, {fact}",
        f"{who} {end}: {thing} {said}",
        f"{who} {says} that {thing} {said} and {end}",
        f"{thing} {said}, {other} {more}, {says} {who}, and {end}",
    )
    return sentence(chance.choice(frames))


def sentence(text: str) -> str:
    """Capital letters at the starts, a full stop at the end."""
    return ". ".join(part[:1].upper() + part[1:] for part in text.split(". ")) + "."


def misspelt(text: str, share: float, chance: Random) -> str:
    """The text with a letter dropped, doubled, replaced or swapped in a share of its words."""
    return " ".join(slip(word, chance) if len(word) > 2 and chance.random() < share else word for word in text.split(" "))


def slip(word: str, chance: Random) -> str:
    """The word with one slip of the fingers."""
    at = chance.randrange(len(word) - 1)
    middle = chance.choice(("", word[at] * 2, chance.choice(ascii_lowercase), word[at + 1] + word[at]))
    return word[:at] + middle + word[at + 1 + (len(middle) == 2 and middle[0] != middle[1]) :]
