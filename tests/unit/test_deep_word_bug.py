"""The attack against models whose weak words are known."""

import asyncio
from collections.abc import Callable, Sequence
from random import Random

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from auditor.probes._words import FUNCTION_WORDS, pieces
from auditor.probes.deep_word_bug import Attack, attack, edits
from auditor.types import Floats


def lexicon(weights: dict[str, float]) -> Callable[[Sequence[str]], Floats]:
    """A model that knows some words exactly: P(class 1) is a logistic function of their weights' sum."""

    def score(texts: Sequence[str]) -> Floats:
        total = np.array([sum(weights.get(word, 0.0) for word in pieces(text)[1::2]) for text in texts])
        share = 1 / (1 + np.exp(-total))
        return np.stack([1 - share, share], axis=1)

    return score


def run(text: str, model: Callable[[Sequence[str]], Floats], *, confirms: bool = True) -> tuple[Attack, list[str]]:
    asked: list[str] = []

    async def ask(texts: Sequence[str]) -> Floats:
        asked.extend(texts)
        return model(texts)

    async def check(text: str) -> Floats | None:
        return model([text])[0] if confirms else None

    return asyncio.run(attack(text, 1, ask, check, Random(0))), asked


def test_the_most_important_word_is_changed_first_and_one_is_enough() -> None:
    model = lexicon({"wonderful": 3.0, "nice": 0.5, "dreadful": -1.0})
    found, _ = run("a wonderful and nice film, not dreadful", model)
    assert found.success
    assert found.changed == 1
    assert "nice film" in found.text
    assert "wonderful" not in found.text


def test_queries_are_the_text_its_words_and_the_candidates() -> None:
    """One for the text, one for each of 3 words that are no function words, and the candidates of each word tried."""
    model = lexicon({"splendid": 1.0, "lovely": 2.0, "awful": -0.5})
    found, asked = run("it was a splendid lovely awful", model)
    assert found.queries == len(asked)
    assert asked[0] == "it was a splendid lovely awful"
    assert asked[1:4] == ["it was a [UNK] lovely awful", "it was a splendid [UNK] awful", "it was a splendid lovely [UNK]"]
    assert 1 + 3 + 3 <= found.queries <= 1 + 3 + 3 * 4
    assert found.words == 6


def test_a_flip_that_is_not_confirmed_is_not_a_success() -> None:
    found, _ = run("a wonderful film", lexicon({"wonderful": 3.0, "film": -1.0}), confirms=False)
    assert not found.success
    assert found.scores is None


def test_a_model_that_no_word_moves_withstands() -> None:
    found, _ = run("a wonderful film", lambda texts: np.tile([0.1, 0.9], (len(texts), 1)))
    assert (found.success, found.changed, found.text) == (False, 0, "a wonderful film")


def test_function_words_are_left_alone() -> None:
    text = "it is what it is"
    found, asked = run(text, lexicon({"it": 5.0}))
    assert asked == [text]
    assert found.queries == 1


def test_the_whole_text_stays_within_thirty_edits() -> None:
    """Forty words of equal weight, all needed: at one to two edits a word the limit stops the attack."""
    words = [f"word{letter}{other}" for letter in "abcdefgh" for other in "vwxyz"]
    text = " ".join(words)
    found, _ = run(text, lexicon(dict.fromkeys(words, 0.1)))
    assert not found.success
    assert 25 <= Levenshtein.distance(text, found.text) <= 30


@pytest.mark.parametrize("word", ["ab", "aaaa", "strange"])
def test_edits_are_one_step_away_and_distinct(word: str) -> None:
    for seed in range(50):
        found = edits(word, Random(seed))
        assert len(found) == len(set(found)) <= 4
        assert word not in found
        assert all(Levenshtein.distance(word, other) <= 2 for other in found)


def test_a_single_letter_has_no_edits() -> None:
    assert edits("x", Random(0)) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("don't stop -- it's state-of-the-art!", ["don't", "stop", "it's", "state-of-the-art"]),
        ("'quoted' and *starred*", ["quoted", "and", "starred"]),
        ("naïve café 42", ["naïve", "café", "42"]),
        ("", []),
        ("... !!", []),
    ],
)
def test_pieces_are_words_between_what_is_not(text: str, words: list[str]) -> None:
    assert pieces(text)[1::2] == words
    assert "".join(pieces(text)) == text


def test_function_words_are_lower_case_words() -> None:
    assert all(word == word.lower() and len(pieces(word)) == 3 for word in FUNCTION_WORDS)
    assert "not" in FUNCTION_WORDS
    assert "good" not in FUNCTION_WORDS
