"""Promises of reports that hold for any text and any number."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from auditor.report import format as form
from auditor.report.markdown import plain
from auditor.report.marks import marked
from auditor.report.scales import Scale, fitted, fitted_log, ticks
from auditor.report.visible import shortened, visible
from auditor.report.words import words

ANY = st.text(st.characters(codec=None), max_size=80)
NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


@given(ANY)
def test_visible_text_hides_nothing_and_stays_as_it_is(text):
    shown = visible(text)
    assert visible(shown) == shown
    assert not {unicodedata.category(letter) for letter in shown} & {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}


@given(ANY, ANY)
def test_texts_that_look_different_when_hidden_characters_are_named_stay_different(one, other):
    stand_ins = {*"‹⏎⇥␡", *map(chr, range(0x2400, 0x2420))}
    if one != other and not stand_ins & {*one, *other}:
        assert visible(one) != visible(other)


@given(ANY, st.integers(1, 40))
def test_shortened_text_is_short(text, length):
    assert len(shortened(text, length)) <= length


@given(ANY, ANY)
def test_marked_pieces_are_the_visible_texts(before, after):
    left, right = marked(before, after, length=10_000)
    if len(before) < 40 and len(after) < 40:
        assert _joined(left) == _joined(marked(before, before, length=10_000)[0])
        assert _joined(right) == _joined(marked(after, after, length=10_000)[0])
    same = [piece.text for piece in left if piece.kind == "same"]
    assert same == [piece.text for piece in right if piece.kind == "same"]


@given(ANY, ANY)
def test_a_budget_is_kept(before, after):
    for side in marked(before * 30, after * 30, length=50):
        assert sum(len(piece.text) for piece in side if piece.kind != "cut") <= 50


@given(ANY)
def test_markdown_text_is_one_line_and_holds_no_bare_mark(text):
    shown = plain(text)
    assert "\n" not in shown
    assert "<" not in shown
    assert "|" not in shown.replace(r"\|", "")


@given(NUMBERS, st.sampled_from(["fraction", "points", "ratio", "count", "nats", "s", "EUR", ""]))
def test_a_formatted_number_is_near_its_value(value, unit):
    text = form.bare(value, unit).replace(form.THIN, "").replace(form.MINUS, "-")
    if "×" not in text:
        scale = 100 if unit in ("fraction", "points") else 1
        assert abs(float(text) - value * scale) <= max(5e-4 * abs(value * scale), 0.005 if scale == 100 else 0)
    assert form.quantity(value, unit, words("en")) == form.quantity(value, unit, words("en"))


@given(st.lists(NUMBERS, min_size=1, max_size=9))
def test_scales_hold_their_values_and_their_ticks(values):
    for scale in (fitted(values, 40, 352), fitted_log(values, 40, 352)):
        assert 1 <= len(ticks(scale)) <= 14
        assert all(40 <= scale.at(value) <= 352 for value in (*values, *ticks(scale)))
    linear = fitted(values, 40, 352)
    assert all(linear.holds(value) for value in values)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=9))
def test_larger_values_stand_further_right(values):
    scale = Scale(0, 1, 40, 352)
    places = [scale.at(value) for value in sorted(values)]
    assert places == sorted(places)


def _joined(pieces):
    return "".join(piece.text for piece in pieces)
