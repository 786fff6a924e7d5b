"""Numbers and charts of reports."""

import itertools
import re

import pytest

from auditor.report import charts
from auditor.report import format as form
from auditor.report.scales import Scale, fitted, fitted_log, ticks
from auditor.report.shapes import Estimate, Tick
from auditor.report.words import words

T = form.THIN


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.8412, "fraction", "84.12%"),
        (0.84, "fraction", "84.00%"),
        (0.0, "fraction", "0%"),
        (1.0, "fraction", "100%"),
        (0.00034, "fraction", "0.034%"),
        (0.99999, "fraction", "100.00%"),
        (-0.052, "points", "−5.20 pp"),
        (-0.000034, "points", "−0.0034 pp"),
        (1e-9, "points", "1.000×10⁻⁷ pp"),
        (1e-12, "fraction", "1.000×10⁻¹⁰%"),
        (0.0000121, "Wh", "1.210×10⁻⁵ Wh"),
        (0.0001214, "Wh", "0.0001214 Wh"),
        (0.3, "count", "0.3000"),
        (0.8123456, "ratio", "0.8123"),
        (12.345678, "ratio", "12.35"),
        (1234567.0, "count", f"1{T}234{T}567"),
        (31.3253, "queries", "31.33 queries"),
        (0.387123, "nats", "0.3871 nats"),
        (0.00001234, "EUR", f"1.234×10⁻⁵{T}EUR"),
        (1234567.0, "EUR", f"1{T}234{T}567{T}EUR"),
        (2.5e12, "EUR", f"2{T}500{T}000{T}000{T}000{T}EUR"),
        (2.5e20, "", "2.500×10²⁰"),
        (0.0, "s", "0 s"),
        (None, "fraction", "—"),
        (float("nan"), "ratio", "—"),
        (float("inf"), "ratio", "—"),
    ],
)
def test_a_number_has_four_significant_digits_and_its_unit(value, unit, shown):
    assert form.quantity(value, unit, words("en")) == shown


def test_intervals_are_in_the_scale_of_the_number_and_may_be_one_sided():
    assert form.interval(0.82, 0.8619, "fraction") == "[82.00, 86.19]"
    assert form.interval(-0.1, 0.0035, "points") == "[−10.00, 0.35]"
    assert form.interval(None, 0.5, "fraction") == f"≤{T}50.00"
    assert form.interval(0.5, None, "ratio") == f"≥{T}0.5000"
    assert form.interval(None, None, "ratio") == ""


@pytest.mark.parametrize("unit", ["fraction", "points", "ratio", "Wh", "s", "count", "EUR", ""])
@pytest.mark.parametrize("size", range(-15, 3))
@pytest.mark.parametrize("digits", [1.0, 4.9994, 5.0, 9.9996, -1.0, -4.9994])
def test_what_is_not_zero_is_not_shown_as_zero(digits, size, unit):
    value = digits * 10.0**size
    for text in (form.bare(value, unit), form.tick(value, unit), form.interval(value, None, unit)):
        assert re.search("[1-9]", text.split("×")[0]), text


def test_bounds_and_ticks_are_round():
    assert form.limit(0.8, "ratio", words("en")) == "0.8"
    assert form.limit(0.1, "points", words("zh")) == "10 个百分点"
    assert form.limit(0.005, "fraction", words("en")) == "0.5%"
    assert form.tick(-25_000, "EUR") == f"−25{T}000"
    assert form.unit_sign("points", words("en")) == "pp"
    assert form.unit_sign("ratio", words("en")) == ""
    assert form.unit_sign("\u202eEUR", words("en")) == "‹U+202E›EUR"


def test_sizes_and_times():
    assert form.data_size(812) == f"812{T}B"
    assert form.data_size(999_900) == f"1{T}MB"
    assert form.data_size(1_652_244) == f"1.65{T}MB"
    assert form.moment("2026-11-02T14:03:22+00:00") == "2026-11-02 14:03 UTC"
    assert form.moment("some day") == "some day"


def test_a_scale_places_values_and_stops_at_its_ends():
    scale = Scale(0, 10, 100, 200)
    assert [scale.at(v) for v in (0, 5, 10, 99, -1)] == [100, 150, 200, 200, 100]
    assert Scale(0.5, 2, 0, 100, log=True).at(1) == 50
    assert Scale(0, 1, 300, 8).at(1) == 8


def test_scales_hold_all_values_and_keep_to_the_bounds_of_the_unit():
    scale = fitted([0.1, 0.9], 0, 100, bounds=(0, 1))
    assert scale.low < 0.1
    assert scale.high > 0.9
    assert fitted([0.0], 0, 1, bounds=(0, 1)) == Scale(0, 0.5, 0, 1)
    assert fitted([1.0, 1.0], 0, 1, bounds=(0, 1)).high == 1
    assert fitted_log([0.0, 1e9], 0, 1) == Scale(0.9, 20.0, 0, 1, log=True)


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-0.13, 0.27), (0.0001, 0.00013), (12, 98_000), (-3e6, 1e6)])
def test_ticks_are_few_round_and_inside(low, high):
    scale = Scale(low, high, 0, 360)
    found = ticks(scale)
    assert 2 <= len(found) <= 8
    assert all(scale.holds(value) for value in found)
    assert all(re.fullmatch(r"−?[0-9\u202f.e-]{1,10}", form.tick(value, "")) for value in found)


def test_ticks_of_tiny_values_are_told_apart():
    assert ticks(Scale(0, 3e-14, 0, 360)) == (0, 1e-14, 2e-14, 3e-14)


def test_ratio_ticks_keep_apart_and_hold_one():
    scale = fitted_log([0.3, 6], 40, 352)
    found = ticks(scale)
    places = [scale.at(value) for value in found]
    assert 1.0 in found
    assert all(b - a >= 26 for a, b in itertools.pairwise(places))


def test_a_forest_places_reference_band_and_shapes():
    rows = [Estimate("a", 0.2, 0.1, 0.3, "fail"), Estimate("b", None), Estimate("c", 0.0, None, 0.1)]
    chart = charts.forest("title", "desc", rows, unit="points", reference=0.0, band=(-0.1, 0.1))
    assert chart is not None
    first, second, third = chart.marks
    assert (first.state, second.x) == ("fail", None)
    assert third.x == chart.reference
    assert chart.band is not None
    assert chart.band[0] < chart.reference < chart.band[0] + chart.band[1] < first.x
    assert chart.whiskers.count("H") == 2
    assert chart.height > chart.floor > third.y


def test_a_one_sided_band_reaches_to_what_the_unit_can_be():
    chart = charts.forest("t", "d", [Estimate("all", 0.8, 0.7, 0.9)], unit="fraction", band=(None, 0.5))
    assert chart is not None
    assert chart.ticks[0] == Tick(chart.plot[0], "0")
    assert chart.band is not None
    assert chart.band[0] == chart.plot[0]


def test_an_interval_beyond_the_axis_ends_in_an_arrow():
    chart = charts.forest("t", "d", [Estimate("a", 1.0, 0.001, 900.0)], unit="ratio", log=True)
    assert chart is not None
    assert chart.whiskers.count("l") == 4


def test_charts_without_values_are_not_drawn():
    assert charts.forest("t", "d", [Estimate("a", None)], unit="fraction") is None
    assert charts.bars("t", "d", [("a", 0.0, 0.0, "0")]) is None
    assert charts.line("t", "d", [(0.5, Estimate("a", None), 0.0)]) is None
    assert charts.histogram("t", "d", []) is None
    assert charts.stack([("pass", 0)], 100) == ()


def test_bars_are_in_proportion_and_their_second_part_follows():
    chart = charts.bars("t", "d", [("in", 100.0, 0.0, "100"), ("kept", 75.0, 25.0, "75 (−25)")])
    assert chart is not None
    whole, parts = chart.lines
    assert parts.width == pytest.approx(0.75 * whole.width, abs=0.1)
    assert parts.end + parts.more == pytest.approx(whole.end, abs=0.2)
    assert parts.tail < charts.WIDTH


def test_long_labels_are_cut_to_their_room():
    chart = charts.forest("t", "d", [Estimate("名" * 60, 0.5), Estimate("n" * 60, 0.4)], unit="fraction")
    assert chart is not None
    assert [len(mark.label) for mark in chart.marks] == [12, 23]
    assert all(mark.label.endswith("…") for mark in chart.marks)


def test_a_reliability_curve_lies_on_the_diagonal_where_it_should():
    chart = charts.line("t", "d", [(0.25, Estimate("", 0.25, 0.2, 0.3), 0.5), (0.75, Estimate("", 0.75, 0.7, 0.8), 0.5)])
    assert chart is not None
    (x, y, _), (x2, y2, _) = chart.points
    assert (x - 36) / 316 == pytest.approx((300 - y) / 292, abs=0.01)
    assert (x2 > x, y2 < y) == (True, True)


def test_a_histogram_writes_few_labels_and_a_stack_fills_its_width():
    chart = charts.histogram("t", "d", [(str(i), float(i)) for i in range(40)])
    assert chart is not None
    assert len(chart.bars) == 40
    assert len(chart.ticks) <= 8
    assert max(bar[3] for bar in chart.bars) == 110
    parts = charts.stack([("fail", 1), ("pass", 3)], 400)
    assert [(part.x, part.width) for part in parts] == [(0, 98), (100, 298)]
