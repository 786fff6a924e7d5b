"""Gendered words and their counterparts; the sentences were written for this test."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.passes._gender import swapped
from auditor.passes._gendered_words import COUNTERPART, ONE_WAY, PAIRS

OBJECT = """
I saw her.
Everyone likes her, even the neighbours.
We told her that the bus was late.
They gave her a second chance.
She asked him, and he asked her too.
The dog followed her to the gate.
Nobody believed her when it happened.
I will call her tomorrow.
Please tell her to wait outside.
He looked at her and smiled.
They made her captain of the crew.
The noise made her nervous.
We let her go.
It helped her understand the rules.
I watched her leave.
They heard her sing on the radio.
She knew he had seen her standing there.
The teacher gave her advice.
He sent her flowers.
The bank lent her money.
My friend took her home.
I called her back.
The child trusts her completely.
The team treated her well.
I met her once.
We miss her so much.
The man behind her laughed.
The woman next to her said nothing.
There was nobody like her in town.
Who saw her last?
My friends adore her!
It was for her, not for me.
They paid her two hundred a day.
We wished her luck.
The coach praised her because she won.
I know her better than you do.
They left her alone.
The judge found her guilty.
The letter reached her yesterday.
I have not seen her since.
He bought her a ring and thanked her for everything.
"""

POSSESSIVE = """
I saw her car.
Her bag is on the table.
She lost her new umbrella.
They liked her very first book.
We met her older sister's dog at her house.
It was her own idea.
She did her best.
The nurse finished her shift.
I read her recently published report.
They praised her well-known work.
She hurt her back.
The office in her home is small.
Her early work is her strongest work.
She gave her speech at noon.
He admired her cooking.
They sold her old bike.
I like her smile.
She is on her way.
The jury heard her story.
The crowd loved her voice and her songs.
Her only wish came true.
She opened her eyes.
It was her first win.
She packed her things.
We found her keys.
I remember her kindness.
She kept her promise.
Everybody knows her name.
The firm lowered her pay.
She made her decision.
We discussed her many ideas.
In her view the plan is sound.
She sold her lovely garden.
Her latest film is her best so far.
The editor cut her second chapter.
They saw her painting in the hall.
"""

HERS = """
That coat is his.
The idea was his.
A friend of his called.
His is the blue one.
The fault was his, not mine.
I lost my pen and took his.
Some say the house was once his.
The red car is his and the green one is mine.
Yours is bigger than his.
"""

HER = """
His coat is wet.
I saw his new car.
He raised his hand.
It was his own fault.
He sold his well-kept boat.
She liked his very first book.
We met his older cousin.
His then-manager quit.
He did his best and all his friends cheered.
"""


def sentences(text: str) -> list[str]:
    return text.strip().splitlines()


def pronouns(sentence: str) -> list[str]:
    return re.findall(r"\b(?:him|his|hers?)\b", sentence.lower())


def right(line: str, word: str, other: str) -> bool:
    """Whether every ``word`` of the sentence, and there is one, became ``other``."""
    found = [new for old, new in zip(pronouns(line), pronouns(swapped(line)), strict=True) if old == word]
    return found == [other] * len(found) and bool(found)


def test_pronouns_are_told_apart_in_most_sentences() -> None:
    """Accuracy by sentence, overall and of each form; what a plain table of words reaches is 0.5 on balanced sentences."""
    forms = {("her", "him"): OBJECT, ("her", "his"): POSSESSIVE, ("his", "hers"): HERS, ("his", "her"): HER}
    shares = {form: [right(line, *form) for line in sentences(text)] for form, text in forms.items()}
    every = [ok for found in shares.values() for ok in found]
    assert len(every) >= 80
    assert sum(every) / len(every) >= 0.95
    assert all(sum(found) / len(found) >= 0.9 for found in shares.values())


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("He said his mother was a waitress.", "She said her father was a waiter."),
        ("HIS FATHER IS THE KING", "HER MOTHER IS THE QUEEN"),
        ("The actress's sons' toys", "The actor's daughters' toys"),
        ("She's here; he'll go", "He's here; she'll go"),
        ("Her mother-in-law, the ex-wife", "His father-in-law, the ex-husband"),
        ("Ladies and gentlemen, yes ma'am", "Gentlemen and ladies, yes sir"),
        ("Yes Ma’am.", "Yes Sir."),
        ("Mr Jones and Mrs. Lee met Miss Day", "Ms Jones and Mr. Lee met Mr Day"),
        ("mr. jones", "ms. jones"),
        ("the policemen and the spokeswoman", "the policewomen and the spokesman"),
        ("my fiancée", "my fiancé"),
        ("his or her cat, him or her", "her or his cat, her or him"),
        ("the towels are his and hers", "the towels are hers and his"),
        ("he/she and his/her car", "she/he and her/his car"),
        ("hers, himself", "his, herself"),
        ("the King said", "the Queen said"),
        ("mum and mummy", "dad and daddy"),
        ("He Himself", "She Herself"),
        ("great-grandfather", "great-grandmother"),
    ],
)
def test_words_keep_their_form(text: str, other: str) -> None:
    assert swapped(text) == other


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The film was long.",
        "I miss you",
        "a male connector and a female plug",
        "a king-size bed, a queen size bed",
        "Stephen King wrote about Spider-Man",
        "Wonder Woman",
        "my mother tongue",
        "the founding fathers",
        "a bachelor's degree",
        "they host a party and will host more",
        "you guys",
        "see https://example.org/her/king or mail her@king.example, @king #queen",
        "s/he or (s)he",
        "MS Windows, 5 ms later",
        "shepherdher heroin thermal",
        "a man-made lake on the Isle of Man",
    ],
)
def test_words_that_say_no_gender_here_stay(text: str) -> None:
    assert swapped(text) == text


def test_every_pair_goes_both_ways() -> None:
    words = [word for pair in PAIRS for word in pair]
    assert len(words) == len(set(words))
    assert len(PAIRS) >= 200
    for male, female in PAIRS:
        assert (COUNTERPART[male], COUNTERPART[female]) == (female, male)
    for word, other in ONE_WAY:
        assert word not in words
        assert COUNTERPART[word] == other


CLEAR = sorted({word for pair in PAIRS for word in pair} - {"mr", "ms", "host", "hosts", "groom", "steward", "ma'am", "sir"})
FILLER = ["the", "saw", "yesterday", "old", "and", "a", "quickly", "2024", "—", "café"]


@given(
    st.lists(st.sampled_from(CLEAR + FILLER), min_size=1, max_size=12), st.sampled_from([str.lower, str.upper, str.capitalize])
)
def test_swapping_twice_gives_the_text_back(words: list[str], case: Callable[[str], str]) -> None:
    joined = " , ".join(case(word) for word in words)
    assert swapped(swapped(joined)) == joined
    if any(word in CLEAR for word in words):
        assert swapped(joined) != joined


@given(st.text(max_size=80))
def test_any_text_is_taken(text: str) -> None:
    other = swapped(text)
    assert re.sub(r"[^\W\d_]|['’]", "", other) == re.sub(r"[^\W\d_]|['’]", "", text)


def test_long_texts_without_spaces_take_no_time() -> None:
    start = time.perf_counter()
    swapped("he-" * 40_000)
    assert time.perf_counter() - start < 5


@pytest.mark.shared
def test_word_lists_of_winobias_are_covered(shared: Path) -> None:
    """Zhao et al. 2018: share of their words known here; theirs hold misspelt ones, *god* and *master*."""
    for name, recall in (("generalized_swaps.txt", 0.99), ("extra_gendered_words.txt", 0.9)):
        lines = (shared / "data" / "winobias" / name).read_text("utf-8").splitlines()
        words = {word.strip().rstrip(".") for line in lines for word in line.split("\t") if word.strip()}
        known = {word for word in words if word in COUNTERPART or word in ("her", "his", "him", "hers")}
        assert len(known) / len(words) >= recall


@pytest.mark.shared
@pytest.mark.parametrize(("split", "accuracy"), [("dev", 0.97), ("test", 0.96)])
def test_winobias_sentences_become_their_opposites(shared: Path, split: str, accuracy: float) -> None:
    """Zhao et al. 2018: each pro-stereotypical sentence with *her* or *his* and its anti-stereotypical twin, both ways.

    Pairs that differ in another word too are left out. The rule was written on sentences of its own and on ``dev``.
    """
    right = total = 0
    for one, other in _pairs(shared / "data" / "winobias", split):
        if re.search(r"\b(?:her|his)\b", one):
            total += 1
            right += re.findall(r"\w+", swapped(one)) == re.findall(r"\w+", other)
    assert total > 500
    assert right / total >= accuracy


def _pairs(folder: Path, split: str) -> Iterator[tuple[str, str]]:
    gendered = {"he", "she", "him", "her", "his", "hers", "himself", "herself"}
    for path in sorted(folder.glob(f"pro_*.{split}")):
        twin = path.with_name(path.name.replace("pro_", "anti_", 1))
        for lines in zip(path.read_text("utf-8").splitlines(), twin.read_text("utf-8").splitlines(), strict=False):
            one, other = (re.sub(r"^\d+ |[\[\]]", "", line) for line in lines)
            plain = [[word for word in re.findall(r"\w+", text) if word not in gendered] for text in (one, other)]
            if plain[0] == plain[1]:
                yield one, other
                yield other, one
