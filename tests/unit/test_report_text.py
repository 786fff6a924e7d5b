"""Text in reports: hostile characters, marked changes, catalogues."""

import re

import pytest
from report_fixture import HOSTILE

from auditor import assets
from auditor.errors import UsageError
from auditor.report.marks import marked, plain
from auditor.report.visible import links, name, shortened, visible, visible_lines
from auditor.report.words import TAGS, words

FORBIDDEN = ("compliant", "certified", "合规", "通过认证")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain – text, naïve, 公司", "plain – text, naïve, 公司"),
        ("nul\x00", "nul␀"),
        ("esc\x1b[31m", "esc␛[31m"),
        ("del\x7f", "del␡"),
        ("\u202eabc\u202c", "‹U+202E›abc‹U+202C›"),
        ("zero\u200bwidth", "zero‹U+200B›width"),
        ("soft\u00adhyphen", "soft‹U+00AD›hyphen"),
        ("a\nb\tc", "a⏎b⇥c"),
        ("\u2028\ufffe\ud800", "‹U+2028›‹U+FFFE›‹U+D800›"),
        ("tag\U000e0041", "tag‹U+E0041›"),
        ("\u3164\u2800", "‹U+3164›‹U+2800›"),
        ("c1\x85", "c1‹U+0085›"),
    ],
)
def test_hidden_characters_are_named(text, shown):
    assert visible(text) == shown


def test_marks_piled_on_a_letter_are_named_from_the_fourth_on():
    assert visible("e\u0301\u0302\u0303") == "e\u0301\u0302\u0303"
    assert visible("e\u0301\u0302\u0303\u0304\u0305!") == "e\u0301\u0302\u0303‹U+0304›‹U+0305›!"


def test_lines_stay_lines_and_lengths_are_kept():
    assert visible_lines("a\x00\nb") == "a␀\nb"
    assert shortened("x" * 10, 10) == "x" * 10
    assert shortened("x" * 11, 10) == "x" * 9 + "…"
    assert len(name("\u202e" * 500)) <= 80


def test_only_web_addresses_become_links():
    text = "Gao 2018, https://arxiv.org/abs/1801.04354, and javascript:alert(1)"
    assert links(text) == (
        ("Gao 2018, ", None),
        ("https://arxiv.org/abs/1801.04354", "https://arxiv.org/abs/1801.04354"),
        (", and javascript:alert(1)", None),
    )
    assert all(address is None for text in HOSTILE for _, address in links(text) if "script" in text)


def test_changed_words_are_marked_on_both_sides():
    before, after = marked("He said his wife left", "She said her wife left")
    assert [piece.text for piece in before if piece.kind == "changed"] == ["He", "his"]
    assert [piece.text for piece in after if piece.kind == "changed"] == ["She", "her"]
    assert "".join(piece.text for piece in after) == "She said her wife left"


def test_a_hidden_character_put_into_a_word_is_seen():
    _, after = marked("a good film", "a go\u200bod film")
    assert "‹U+200B›" in "".join(piece.text for piece in after if piece.kind == "changed")


def test_ideographs_are_compared_one_by_one():
    before, after = marked("他说电影很好", "她说电影很好")
    assert [(p.kind, p.text) for p in before] == [("changed", "他"), ("same", "说电影很好")]
    assert after[0].text == "她"


def test_a_late_change_in_a_long_text_is_shown_and_the_rest_is_cut():
    long = "word " * 5_000
    before, after = marked(f"{long}bad ending {long}", f"{long}good ending {long}")
    assert [piece.text for piece in before if piece.kind == "changed"] == ["bad"]
    assert [piece.text for piece in after if piece.kind == "changed"] == ["good"]
    assert sum(len(piece.text) for piece in before) < 310
    assert next(piece.kind for piece in before) == "cut"


def test_unlike_texts_stay_short_and_quick():
    before, after = marked(". " * 50_000, "! " * 50_000)
    assert sum(len(piece.text) for piece in (*before, *after)) <= 602
    assert [piece.text for piece in plain("y" * 1_000)] == ["y" * 300, "…"]


def test_catalogues_say_the_same_things():
    en, zh = words("en").messages, words("zh").messages
    assert en.keys() == zh.keys()
    for key in en:
        assert sorted(re.findall(r"{\w*}", en[key])) == sorted(re.findall(r"{\w*}", zh[key])), key
    alike = [key for key, text in zh.items() if text == en[key] and re.search(r"[a-z]{4,} [a-z]{3,}", text)]
    assert alike == []


def test_no_message_and_no_template_overclaims():
    for path in assets.folder("templates").rglob("*"):
        if path.is_file():
            text = path.read_text("utf-8").lower()
            assert [word for word in FORBIDDEN if word in text] == [], path


def test_an_unknown_language_is_refused_by_name():
    with pytest.raises(UsageError, match=r"no report language 'fr'.*en, zh"):
        words("fr")
    assert set(TAGS) == {"en", "zh"}


def test_values_in_messages_are_data_and_not_patterns():
    hostile = "{0.__class__} \u202e"
    assert words("en")("title.data", data=hostile) == "{0.__class__} ‹U+202E›"


def test_texts_fall_back_to_english_and_say_so():
    zh = words("zh")
    assert zh.chosen({"zh": "中文", "en": "English"}).lang is None
    assert (zh.chosen({"en": "English"}).text, zh.chosen({"en": "English"}).lang) == ("English", "en")
    assert (zh.chosen({"de": "Deutsch"}).text, zh.chosen({"de": "Deutsch"}).lang) == ("Deutsch", "de")
    assert zh.chosen({}, "B7").text == "B7"
    assert words("en").english("why").lang is None
    assert zh.english("why").lang == "en"
