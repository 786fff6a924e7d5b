"""Passes over one text at a time: cases whose answer is known, and hostile texts."""

import functools
import math
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from auditor.errors import ConfigError, UsageError
from auditor.passes.augment_gendered_words import augment_gendered_words
from auditor.passes.keyboard_typos import NEIGHBOURS, keyboard_typos
from auditor.passes.swap_gendered_words import swap_gendered_words
from auditor.passes.unicode_repair import unicode_repair
from auditor.passes.whitespace import whitespace
from auditor.plugins import Step, bind
from auditor.types import COPY, ROW, Batch


def batch(*texts: str | None, first: int = 0) -> Batch:
    rows = pa.array(range(first, first + len(texts)), pa.int64())
    return pa.table({"text": pa.array(texts, pa.string()), ROW: rows})


def texts(found: Batch) -> list[str | None]:
    return found["text"].to_pylist()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  a  b\t\tc ", "a b c"),
        ("a\u00a0\u2003\u3000b", "a b"),
        ("a \r\n  b\rc\u2028d", "a\nb\nc\nd"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        (" \n\t ", ""),
        ("", ""),
        ("already fine\nhere", "already fine\nhere"),
        ("a\u200bb", "a\u200bb"),
        (None, None),
    ],
)
def test_whitespace(before: str | None, after: str | None) -> None:
    assert texts(whitespace(batch(before))) == [after]


def test_whitespace_without_line_ends() -> None:
    assert texts(whitespace(batch(" a \n\n b\u2029c\r\n"), newlines=False)) == ["a b c"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("schÃ¶n", "schön"),
        ("âœ” No problems", "✔ No problems"),
        ("l'humanitÃ©", "l'humanité"),
        ("e\u0301", "é"),
        ("so\u00adft zero\u200bwidth \ufeffmark", "soft zerowidth mark"),
        ("ab\u202ecba\u202c \u2066x\u2069", "abcba x"),
        ("bell\x07 nul\x00 \x1b[31mred\x1b[0m", "bell nul red"),
        ("a\u200db", "ab"),
        ("\u200dab\u200c", "ab"),
        ("hidden\U000e0041\U000e0042", "hidden"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        (
            "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
            "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        ),
        ("naïve café — “quoted” &amp; ﬁne ｆｕｌｌ", "naïve café — “quoted” &amp; ﬁne ｆｕｌｌ"),
        ("plain ASCII stays", "plain ASCII stays"),
        (None, None),
        ("", ""),
    ],
)
def test_unicode_repair(before: str | None, after: str | None) -> None:
    """Mojibake as in the documentation of ftfy 6.3; joiners and tags as Unicode 15, chapters 23.2 and 23.9, needs them."""
    assert texts(unicode_repair(batch(before))) == [after]


def test_unicode_repair_does_what_it_is_asked() -> None:
    text = "schÃ¶n e\u0301 x\u200by ﬁ"
    assert texts(unicode_repair(batch(text), encoding=False)) == ["schÃ¶n é xy ﬁ"]
    assert texts(unicode_repair(batch(text), invisible=False)) == ["schön é x\u200by ﬁ"]
    assert texts(unicode_repair(batch(text), normal_form="none")) == ["schön e\u0301 xy ﬁ"]
    assert texts(unicode_repair(batch(text), normal_form="NFKC")) == ["schön é xy fi"]


@pytest.mark.parametrize("pass_", [whitespace, unicode_repair])
def test_repairs_touch_the_columns_that_are_named(pass_: Callable[..., Batch]) -> None:
    rows = batch("schÃ¶n  ").append_column("other", pa.array(["schÃ¶n  "])).append_column("n", pa.array([1]))
    everywhere, here = pass_(rows), pass_(rows, columns=("other",))
    assert everywhere["text"] == everywhere["other"] != rows["text"]
    assert (here["text"], here["n"]) == (rows["text"], rows["n"])
    assert here["other"] == everywhere["other"]


@pytest.mark.parametrize("pass_", [keyboard_typos, swap_gendered_words, augment_gendered_words])
def test_text_columns_that_are_none_are_refused(pass_: Callable[..., Batch]) -> None:
    rows = batch("he").append_column("n", pa.array([1]))
    with pytest.raises(UsageError, match=r"no column 'texts'; did you mean 'text'\?"):
        pass_(rows, column="texts")
    with pytest.raises(UsageError, match="column 'n' holds int64, expected text"):
        pass_(rows, column="n")


def test_large_text_columns_keep_their_type() -> None:
    rows = pa.table({"text": pa.array(["he  schÃ¶n"], pa.large_string()), ROW: pa.array([0], pa.int64())})
    for pass_ in (whitespace, unicode_repair, swap_gendered_words, augment_gendered_words, keyboard_typos):
        found = pass_(rows)
        assert found.schema.field("text").type == pa.large_string()
        assert found["text"].to_pylist() != rows["text"].to_pylist()


def test_swaps_in_place() -> None:
    rows = batch("he ran", "it ran", None, "her dog")
    assert texts(swap_gendered_words(rows)) == ["she ran", "it ran", None, "his dog"]


def test_augmentation_adds_what_a_swap_changes() -> None:
    found = augment_gendered_words(batch("he ran", "it ran", None, "her dog", first=7))
    assert list(zip(found[ROW].to_pylist(), found[COPY].to_pylist(), texts(found), strict=True)) == [
        (7, 0, "he ran"),
        (7, 1, "she ran"),
        (8, 0, "it ran"),
        (9, 0, None),
        (10, 0, "her dog"),
        (10, 1, "his dog"),
    ]
    again = augment_gendered_words(found)
    assert again[COPY].to_pylist() == [0, 2, 1, 3, 0, 0, 0, 2, 1, 3]


class TestTypos:
    """Slips on a keyboard."""

    def test_neighbours_are_those_of_the_keyboard(self) -> None:
        assert set(NEIGHBOURS["g"]) == set("tyfhvb")
        assert set(NEIGHBOURS["a"]) == set("qwsz")
        assert set(NEIGHBOURS["p"]) == set("ol")
        assert all(letter in NEIGHBOURS[other] for letter, others in NEIGHBOURS.items() for other in others)

    @pytest.mark.shared
    def test_neighbours_are_known_elsewhere_too(self, shared: Any) -> None:
        """All but one pair (u-y) are in the keyboard map of nlpaug 1.1.11."""
        import json

        known = json.loads((shared / "resources/misspellings/char/keyboard/en.json").read_text())
        assert [(a, b) for a, others in NEIGHBOURS.items() for b in others if a in known and b not in known[a]] == [("u", "y")]

    @pytest.mark.parametrize("per", ["character", "word"])
    def test_every_text_with_a_word_gets_an_error(self, per: Any) -> None:
        rows = batch(*(f"ok {i} aa" for i in range(500)))
        found = texts(keyboard_typos(rows, rate=1e-9, per=per))
        assert all(new != old for new, old in zip(found, texts(rows), strict=True))

    @pytest.mark.parametrize(
        "text", ["", "12 345", "a b c", "https://a.example/words x@mail.example @name #tag", "h3llo w0rld", "日本語 это", None]
    )
    def test_texts_without_words_stay(self, text: str | None) -> None:
        assert texts(keyboard_typos(batch(text), rate=1.0)) == [text]

    def test_only_words_change(self) -> None:
        text = "word 2024-01-02 https://a.example/path me@mail.example WORD!"
        found = [text for text in texts(keyboard_typos(batch(*[text] * 300), rate=0.5)) if text]
        assert all(" 2024-01-02 https://a.example/path me@mail.example " in new and new.endswith("!") for new in found)
        assert all(new.split(" ")[-1].isupper() for new in found)

    @pytest.mark.parametrize("rate", [5, 1.0001, 0, -0.1])
    def test_a_rate_that_is_no_share_is_refused_when_it_is_bound(self, rate: float) -> None:
        with pytest.raises(ConfigError, match=rf"keyboard_typos\.rate: expected a share above 0 and up to 1, found {rate}"):
            bind(Step("keyboard_typos", {"rate": rate}), "pass")
        with pytest.raises(ConfigError, match="expected a share"):
            bind(Step("label_flips", {"corrupt": {"use": "keyboard_typos", "rate": rate}}), "probe")

    @pytest.mark.parametrize("option", ["deep_word_bug:rows", "data_quality:languages", "data_quality:most_columns"])
    @pytest.mark.parametrize("value", [0, -3])
    def test_a_number_of_things_is_at_least_one(self, option: str, value: int) -> None:
        use, name = option.split(":")
        with pytest.raises(ConfigError, match=rf"{use}\.{name}: expected a whole number from 1 on, found {value}"):
            bind(Step(use, {name: value}), "probe")

    def test_a_rate_that_is_a_share_is_bound(self) -> None:
        assert [bind(Step("keyboard_typos", {"rate": rate}), "pass").keywords["rate"] for rate in (1, 1e-9)] == [1, 1e-9]

    def test_the_rate_is_kept(self) -> None:
        """Of 10,000 words, 30 %, and of 50,000 letters, 5 %, within four standard errors."""
        found = texts(keyboard_typos(batch(*["abcdefghij " * 20] * 500), rate=0.3, per="word"))
        share = sum(word != "abcdefghij" for text in found if text for word in text.split()) / 10_000
        assert share == pytest.approx(0.3, abs=4 * math.sqrt(0.3 * 0.7 / 10_000))
        found = texts(keyboard_typos(batch(*["ab " * 100] * 250), rate=0.05))
        untouched = sum(word == "ab" for text in found if text for word in text.split()) / 25_000
        assert untouched == pytest.approx(0.95**2, abs=4 * math.sqrt(0.95**2 * (1 - 0.95**2) / 25_000))

    def test_the_slips_have_their_shares(self) -> None:
        """One slip in each of 4,000 words without double letters: another key .5, too much .2, left out .2, turned .1."""
        word = "qazwsxedcrfv"
        found = [text for text in texts(keyboard_typos(batch(*[word] * 4000), rate=1e-9)) if text]
        kinds = Counter(
            "turn" if sorted(t) == sorted(word) else {11: "delete", 12: "substitute", 13: "insert"}[len(t)] for t in found
        )
        for kind, share in {"substitute": 0.5, "insert": 0.2, "delete": 0.2, "turn": 0.1}.items():
            # At the last of twelve letters nothing can be left out or turned with the next; that becomes another key.
            expected = share * 11 / 12 if kind in ("delete", "turn") else share + (0.3 / 12 if kind == "substitute" else 0)
            assert kinds[kind] / 4000 == pytest.approx(expected, abs=4 * math.sqrt(share * (1 - share) / 4000))

    def test_seed_and_row_decide(self) -> None:
        rows = batch(*["some words to type here"] * 20)
        same, other = keyboard_typos(rows, seed=1), keyboard_typos(rows, seed=2)
        assert same.equals(keyboard_typos(rows, seed=1))
        assert not same.equals(other)
        assert texts(keyboard_typos(rows.slice(5, 3), seed=1)) == texts(same)[5:8]
        assert len(set(texts(same))) > 10


@pytest.mark.parametrize("unit", ["a_", "he-", "a.", "é\u200d", "\u200d", "\U000e0041", "x@", "1a", "\u00c3", " \n"])
@pytest.mark.parametrize(
    "pass_",
    [whitespace, unicode_repair, swap_gendered_words, functools.partial(keyboard_typos, rate=0.001)],
    ids=lambda p: str(p)[:25],
)
def test_long_texts_take_no_time(pass_: Callable[..., Batch], unit: str) -> None:
    start = time.perf_counter()
    pass_(batch(unit * (100_000 // len(unit))))
    assert time.perf_counter() - start < 10
