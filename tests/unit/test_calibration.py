"""The calibration probe on tables whose answers are known by arithmetic."""

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import brier_score_loss

from auditor.errors import Skip
from auditor.probes.calibration import calibration
from auditor.stats.counts import count
from auditor.types import Decisions, Group, Measurement, Roles
from tests.held import measure, one, table

ROLES = Roles(label="y", score="s", groups=(Group("g"),))


@pytest.fixture(scope="module")
def found() -> list[Measurement]:
    """Group a: 10 rows called positive at .9, of which 9 are; group b: 10 rows called negative at .8, of which 5 are."""
    columns = {"y": [1] * 9 + [0] + [0] * 5 + [1] * 5, "s": [0.9] * 10 + [0.2] * 10, "g": ["a"] * 10 + ["b"] * 10}
    return measure(calibration, table(columns, ROLES))


def test_the_error_is_the_mean_gap(found: list[Measurement]) -> None:
    assert one(found, "expected_calibration_error", g="a").value == pytest.approx(0)
    assert one(found, "expected_calibration_error", g="b").value == pytest.approx(0.3)
    assert one(found, "expected_calibration_error").value == pytest.approx(0.15)


def test_its_interval_reaches_zero_only_where_it_may(found: list[Measurement]) -> None:
    own, other = (one(found, "expected_calibration_error", g=g) for g in "ab")
    assert own.low == 0
    assert other.low > 0
    for m in (own, other):
        assert m.low <= m.value <= m.high
        assert (m.method, m.n) == ("bootstrap", 10)
        assert m.counts["se"] > 0


def test_the_debiased_error_is_below(found: list[Measurement]) -> None:
    for where in ({}, {"g": "b"}):
        plain, less = (one(found, f"expected_calibration_error{end}", **where) for end in ("", "_debiased"))
        assert 0 <= less.value < plain.value
        assert (less.low, less.high) == (plain.low, plain.high)


def test_the_brier_score_is_that_of_scikit_learn(found: list[Measurement]) -> None:
    truth = [0] * 5 + [1] * 5
    assert one(found, "brier_score", g="b").value == pytest.approx(brier_score_loss(truth, [0.2] * 10))
    assert one(found, "brier_score", g="b").counts["se"] > 0


def test_bins_say_how_often_the_model_is_right(found: list[Measurement]) -> None:
    bins = [m for m in found if m.metric == "reliability" and m.where.keys() == {"bin"}]
    assert [m.where["bin"] for m in bins] == ["[0.8, 0.9)", "[0.9, 1]"]
    assert [m.value for m in bins] == [0.5, 0.9]
    assert [m.counts["confidence"] for m in bins] == pytest.approx([0.8, 0.9])
    assert all(m.n == 10 and m.low < m.value < m.high for m in bins)


def test_a_rank_has_no_calibration_and_says_why() -> None:
    columns = {"y": [0, 1], "p": [0, 1], "s": [300, 850], "g": ["a", "b"]}
    found = measure(calibration, table(columns, Roles(label="y", prediction="p", score="s", groups=(Group("g"),))))
    assert {m.metric for m in found} == {"expected_calibration_error", "expected_calibration_error_debiased", "brier_score"}
    assert {m.reason for m in found} == {"the score is no probability, it only ranks rows"}


def test_scores_without_labels_say_so() -> None:
    found = measure(calibration, table({"y": [None, None], "s": [0.1, 0.9]}, Roles(label="y", score="s")))
    assert {m.reason for m in found} == {"there are no labelled rows with a score"}


def test_decisions_alone_are_skipped() -> None:
    with pytest.raises(Skip, match=r"needs class scores; only decisions are known"):
        measure(calibration, table({"y": [0], "p": [1]}, Roles(label="y", prediction="p")))
    with pytest.raises(Skip, match=r"needs a label column"):
        measure(calibration, table({"s": [0.1]}, Roles(score="s")))


def test_a_group_of_one_row_has_a_score_without_a_spread() -> None:
    found = measure(calibration, table({"y": [1, 0, 1], "s": [0.9, 0.3, 0.6], "g": ["a", "a", "b"]}, ROLES))
    alone = one(found, "brier_score", g="b")
    assert alone.value == pytest.approx(0.16)
    assert alone.low is None
    assert alone.reason


def test_bins_of_a_class_say_how_often_it_is_true(found: list[Measurement]) -> None:
    bins = [m for m in found if m.metric == "reliability" and m.where.keys() == {"bin", "class"}]
    assert [(m.where["bin"], m.where["class"]) for m in bins] == [("[0.2, 0.3)", "1"), ("[0.9, 1]", "1")]
    assert [m.value for m in bins] == [0.5, 0.9]
    assert [m.counts["confidence"] for m in bins] == pytest.approx([0.2, 0.9], abs=2e-5)


def test_more_classes_have_an_error_each() -> None:
    rng = np.random.default_rng(1)
    truth, values = rng.integers(0, 3, 3000), np.array([0.2, 0.5, 0.3]) * np.ones((3000, 3))
    names = ("a", "b", "c")
    batch = pa.table({"y": [names[i] for i in truth], "p": ["b"] * 3000})
    roles = Roles(label="y", prediction="p")
    found = measure(calibration, table(batch, roles), count(batch, truth, Decisions(values.argmax(axis=1), names, values), ()))
    for index, name in enumerate(names):
        gap = abs((truth == index).mean() - values[0, index])
        assert one(found, "expected_calibration_error", **{"class": name}).value == pytest.approx(gap, abs=1e-3)
    assert not [m for m in found if {"bin", "class"} <= m.where.keys()]


def test_a_miscalibrated_group_is_found_and_a_calibrated_one_is_not() -> None:
    rng = np.random.default_rng(0)
    score = rng.uniform(0, 1, 4000)
    group = np.repeat(["fair", "high"], 2000)
    # All too high: of the top class, half the rows are called too surely and half not surely enough, and it averages out.
    truth = rng.random(4000) < np.where(group == "fair", score, score**2)
    found = measure(calibration, table({"y": truth, "s": score, "g": group}, ROLES))
    of_class = {"class": "true"}
    assert one(found, "expected_calibration_error", g="high").low < 0.02
    assert one(found, "expected_calibration_error", g="high", **of_class).low > 0.1
    assert one(found, "expected_calibration_error", g="high", **of_class).value == pytest.approx(1 / 6, abs=0.02)
    assert one(found, "expected_calibration_error", g="fair", **of_class).low < 0.01
    assert one(found, "expected_calibration_error", g="fair", **of_class).high < 0.06
