"""The group fairness probe: rates by arithmetic and by fairlearn, references, intersections and undefined numbers."""

import asyncio

import numpy as np
import pandas as pd
import pytest
from fairlearn import metrics as fl

from auditor.errors import InputError, Skip
from auditor.probes._slicewise import LARGEST
from auditor.probes.group_fairness import group_fairness
from auditor.probes.selection_rates import selection_rates
from auditor.stats.intervals import adjusted_log, newcombe, wilson
from auditor.types import Group, Measurement, Roles
from tests.held import measure, one, subject, table

METRICS = {
    "selection_rate",
    "true_positive_rate",
    "false_positive_rate",
    "false_negative_rate",
    "positive_predictive_value",
    "false_omission_rate",
    "accuracy",
}


def people(n: int = 900, *, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    sex, race = rng.choice(["f", "m"], n, p=[0.4, 0.6]), rng.choice(["A", "B", "C"], n, p=[0.6, 0.3, 0.1])
    truth = rng.random(n) < 0.3 + 0.2 * (sex == "m")
    decided = np.where(rng.random(n) < 0.75, truth, rng.random(n) < 0.5)
    return pd.DataFrame({"y": truth.astype(int), "p": decided.astype(int), "sex": sex, "race": race})


def audited(
    frame: pd.DataFrame | dict[str, list[object]], *groups: Group, favourable: str | None = "1", **roles: object
) -> list[Measurement]:
    """Error rates, and selection rates where a favourable class is declared, as it is here unless the test says otherwise."""
    declared = Roles(label="y" if "y" in frame else None, prediction="p", groups=groups, favourable=favourable, **roles)
    data = table({name: list(frame[name]) for name in frame}, declared)
    return measure(group_fairness, data) + (measure(selection_rates, data) if favourable else [])


def test_rates_are_those_of_fairlearn() -> None:
    frame = people()
    functions = {
        "selection_rate": fl.selection_rate,
        "true_positive_rate": fl.true_positive_rate,
        "false_positive_rate": fl.false_positive_rate,
        "false_negative_rate": fl.false_negative_rate,
    }
    expected = fl.MetricFrame(metrics=functions, y_true=frame.y, y_pred=frame.p, sensitive_features=frame[["sex", "race"]])
    found = audited(frame, Group("sex"), Group("race"))
    for (sex, race), row in expected.by_group.iterrows():
        for metric in functions:
            assert one(found, metric, sex=sex, race=race).value == pytest.approx(row[metric])
    for metric in functions:
        assert one(found, metric).value == pytest.approx(expected.overall[metric])
    single = fl.MetricFrame(metrics=functions, y_true=frame.y, y_pred=frame.p, sensitive_features=frame.race)
    for metric in functions:
        for race in "BC":
            gap = one(found, f"{metric}_difference", race=race, reference="A")
            assert gap.value == pytest.approx(single.by_group[metric][race] - single.by_group[metric]["A"])
            quotient = one(found, f"{metric}_ratio", race=race, reference="A")
            assert quotient.value == pytest.approx(single.by_group[metric][race] / single.by_group[metric]["A"])
    assert (
        max(abs(one(found, "selection_rate_difference", race=race, reference="A").value) for race in "BC")
        <= fl.demographic_parity_difference(frame.y, frame.p, sensitive_features=frame.race) + 1e-12
    )


# One group of each kind of cell: tp, fp, fn, tn.
CELLS = {"a": (40, 10, 20, 30), "b": (6, 9, 14, 21)}


def cells(groups: dict[str, tuple[int, int, int, int]]) -> dict[str, list[object]]:
    kinds = [(1, 1), (0, 1), (1, 0), (0, 0)]
    rows = [(y, p, g) for g, counts in groups.items() for (y, p), n in zip(kinds, counts, strict=True) for _ in range(n)]
    return dict(zip(("y", "p", "g"), map(list, zip(*rows, strict=True)), strict=True))


def test_each_rate_has_its_own_denominator() -> None:
    found = audited(cells(CELLS), Group("g"))
    expected = {
        "selection_rate": (15, 50),
        "true_positive_rate": (6, 20),
        "false_positive_rate": (9, 30),
        "false_negative_rate": (14, 20),
        "positive_predictive_value": (6, 15),
        "false_omission_rate": (14, 35),
        "accuracy": (27, 50),
    }
    assert expected.keys() == METRICS
    for metric, (x, n) in expected.items():
        m = one(found, metric, g="b")
        assert (m.value, m.n, dict(m.counts)) == (x / n, n, {"x": x, "n": n})
        assert (m.low, m.high) == pytest.approx(wilson(x, n))
    assert one(found, "group_share", g="b").value == 50 / 150


def test_contrasts_are_signed_and_hold_what_any_other_bound_needs() -> None:
    found = audited(cells(CELLS), Group("g"))
    gap = one(found, "false_negative_rate_difference", g="b", reference="a")
    assert gap.value == pytest.approx(14 / 20 - 20 / 60)
    assert dict(gap.counts) == {"x": 14, "n": 20, "x_ref": 20, "n_ref": 60}
    assert (gap.low, gap.high) == pytest.approx(newcombe(14, 20, 20, 60))
    quotient = one(found, "false_negative_rate_ratio", g="b", reference="a")
    assert quotient.value == pytest.approx((14 / 20) / (20 / 60))
    assert (quotient.low, quotient.high) == pytest.approx(adjusted_log(14, 20, 20, 60))
    assert not [m for m in found if m.where.get("g") == "a" and "reference" in m.where]


def test_a_declared_reference_wins_over_the_largest() -> None:
    found = audited(cells(CELLS), Group("g", reference="b"))
    assert one(found, "accuracy_difference", g="a", reference="b").value == pytest.approx(0.7 - 0.54)


def test_the_favourable_class_moves_selection_and_nothing_else() -> None:
    plain, swapped = (audited(cells(CELLS), Group("g"), favourable=favourable) for favourable in ("1", "0"))
    assert one(swapped, "selection_rate", g="b").value == pytest.approx(1 - one(plain, "selection_rate", g="b").value)
    for metric in METRICS - {"selection_rate"}:
        assert one(swapped, metric, g="b") == one(plain, metric, g="b")
    with pytest.raises(InputError, match=r"favourable: 'yes' is not a class\. The classes are 0, 1"):
        audited(cells(CELLS), Group("g"), favourable="yes")


def test_the_positive_class_turns_the_rates_round() -> None:
    plain, turned = audited(cells(CELLS), Group("g")), audited(cells(CELLS), Group("g"), positive="0")
    assert one(turned, "false_positive_rate", g="b").value == one(plain, "false_negative_rate", g="b").value
    assert one(turned, "selection_rate", g="b") == one(plain, "selection_rate", g="b")


def test_a_perfect_predictor_of_a_group_without_positives_is_undefined_and_not_unfair() -> None:
    """Other tools report a true positive rate of 0 here, and so the worst possible gap."""
    found = audited(cells({"a": (50, 0, 0, 50), "b": (0, 0, 0, 40)}), Group("g"))
    rate = one(found, "true_positive_rate", g="b")
    assert (rate.value, rate.n, rate.reason) == (None, 0, "there are no rows with a positive label")
    for end in ("difference", "ratio"):
        gap = one(found, f"true_positive_rate_{end}", g="b", reference="a")
        assert (gap.value, gap.low, gap.high) == (None, None, None)
        assert gap.reason == "the group has no rows with a positive label"
    assert one(found, "false_positive_rate_ratio", g="b", reference="a").reason == "the reference rate is 0"
    assert one(found, "accuracy", g="b").value == 1


def test_no_number_is_nan_or_infinite() -> None:
    found = audited(cells({"a": (1, 0, 0, 0), "b": (0, 0, 0, 1), "c": (0, 2, 0, 0)}), Group("g"))
    numbers = [number for m in found for number in (m.value, m.low, m.high) if number is not None]
    assert np.isfinite(numbers).all()
    assert all(m.reason for m in found if m.value is None)


def test_missing_group_values_are_shown_and_never_compared() -> None:
    found = audited({"y": [0, 1] * 4, "p": [1] * 8, "g": [None, "", " ", None, None, "a", "b", "b"]}, Group("g"))
    assert one(found, "selection_rate", g="(missing)").n == 5
    assert {m.where["reference"] for m in found if "reference" in m.where} == {"b"}
    assert not [m for m in found if "reference" in m.where and "(missing)" in m.where.values()]


def test_unlabelled_rows_have_a_part_in_selection_only() -> None:
    found = audited({"y": [1, None, None, 0], "p": [1, 1, 0, 0], "g": ["a", "a", "a", "b"]}, Group("g"))
    assert one(found, "selection_rate", g="a").counts == {"x": 2, "n": 3}
    assert one(found, "true_positive_rate", g="a").n == 1


def test_a_table_without_labels_has_selection_rates() -> None:
    found = audited({"p": [1, 0, 1], "g": ["a", "a", "b"]}, Group("g"))
    assert one(found, "selection_rate_difference", g="b", reference="a").value == 0.5
    for metric in METRICS - {"selection_rate"}:
        m = one(found, metric, g="a")
        assert m.value is None
        assert m.reason.startswith("there are no ")


def test_bins_are_groups() -> None:
    found = audited({"y": [0, 1, 1, 0], "p": [0, 1, 1, 1], "age": [20, 30, 31, 60]}, Group("age", (25, 45)))
    assert [m.where["age"] for m in found if m.metric == "group_share"] == ["< 25", "[25, 45)", ">= 45"]
    assert one(found, "selection_rate_difference", age="< 25", reference="[25, 45)").value == -1


class TestIntersections:
    """All pairs of columns, and all columns together."""

    def test_pairs_and_the_whole_are_compared_with_the_references_together(self) -> None:
        frame = people()
        frame["old"] = np.arange(len(frame)) % 3 == 0
        found = audited(frame, Group("sex", reference="m"), Group("race"), Group("old"))
        sets = {tuple(sorted(set(m.where) - {"reference", "class", "favourable"})) for m in found}
        assert sets == {
            (),
            ("sex",),
            ("race",),
            ("old",),
            ("race", "sex"),
            ("old", "sex"),
            ("old", "race"),
            ("old", "race", "sex"),
        }
        gap = one(found, "selection_rate_difference", sex="f", race="B", reference="m & A")
        part, ref = (frame[(frame.sex == sex) & (frame.race == race)].p.mean() for sex, race in (("f", "B"), ("m", "A")))
        assert gap.value == pytest.approx(part - ref)
        assert one(found, "accuracy_ratio", sex="f", race="C", old="true", reference="m & A & false").value

    def test_without_rows_of_both_references_the_largest_known_cell_is_taken(self) -> None:
        frame = {"p": [1, 0, 1, 1, 0], "a": ["x", "x", "x", "y", None], "b": ["u", "u", "v", "v", "v"]}
        found = audited(frame, Group("a", reference="y"), Group("b", reference="u"))
        both = {m.where["reference"] for m in found if {"a", "b"} <= m.where.keys() and "reference" in m.where}
        assert both == {"x & u"}

    def test_only_the_largest_cells_are_shown_and_the_others_counted(self) -> None:
        rng = np.random.default_rng(0)
        a, b = rng.integers(0, 12, 4000), (rng.geometric(0.3, 4000) - 1) % 10
        frame = {"p": [1] * 4000, "a": a.tolist(), "b": b.tolist()}
        found = audited(frame, Group("a"), Group("b", reference="9"))
        shown = [m for m in found if m.metric == "group_share" and len(m.where) == 2]
        assert len(shown) == LARGEST
        left, same = [m for m in found if m.metric == "groups_left_out"]
        assert left == same
        assert left.where == {"column": "a & b"}
        assert left.value == left.n - LARGEST
        hidden = 4000 - sum(m.counts["x"] for m in shown)
        assert f"the others hold {int(hidden):,} rows" in left.reason
        chosen = {m.where["reference"] for m in found if {"a", "b"} <= m.where.keys() and "reference" in m.where}
        (pair,) = chosen
        assert tuple(pair.split(" & ")) in {(m.where["a"], m.where["b"]) for m in shown}


FRAME = {
    "y": ["a", "b", "c", "a", "b", "c", "a", "a"],
    "p": ["a", "b", "b", "b", "b", "c", "c", "a"],
    "g": ["x", "x", "x", "x", "z", "z", "z", "z"],
}


class TestMoreClasses:
    """Of three or more classes, one against the rest."""

    def test_a_declared_positive_class_is_set_against_the_rest(self) -> None:
        found = audited(FRAME, Group("g"), positive="b", favourable=None)
        assert one(found, "true_positive_rate", g="x").counts == {"x": 1, "n": 1}
        assert one(found, "false_positive_rate", g="x").counts == {"x": 2, "n": 3}
        assert one(found, "accuracy", g="x").value == 0.5
        assert {m.where["class"] for m in found if "class" in m.where} == {"b"}

    def test_the_favourable_class_is_selected_and_need_not_be_positive(self) -> None:
        found = audited(FRAME, Group("g"), favourable="b", positive="a")
        assert dict(one(found, "selection_rate", g="x").where) == {"g": "x", "favourable": "b"}
        assert one(found, "selection_rate", g="x").counts == {"x": 3, "n": 4}
        assert one(found, "true_positive_rate", g="x").where["class"] == "a"

    def test_without_a_positive_class_each_class_is(self) -> None:
        found = audited(FRAME, Group("g"), favourable=None)
        assert {m.where.get("class") for m in found if m.metric == "true_positive_rate"} == {"a", "b", "c"}
        gap = one(found, "true_positive_rate_difference", g="z", reference="x", **{"class": "a"})
        assert gap.value == pytest.approx(1 / 2 - 1 / 2)
        assert one(found, "accuracy", g="z").value == 0.75
        assert not [m for m in found if m.metric == "positive_predictive_value"]

    def test_of_many_classes_the_most_frequent_are_shown(self) -> None:
        names = [f"c{i:02}" for i in range(15) for _ in range(i + 1)]
        found = audited({"y": names, "p": names, "g": ["x"] * len(names)}, Group("g"), favourable=None)
        assert {m.where["class"] for m in found if m.metric == "true_positive_rate"} == {f"c{i:02}" for i in range(5, 15)}


def test_the_confidence_level_is_the_subjects() -> None:
    declared = Roles(label="y", prediction="p", groups=(Group("g"),))
    data = table(cells(CELLS), declared)

    async def gathered() -> list[Measurement]:
        return [m async for m in group_fairness(subject(data, level=0.8))]

    m = one(asyncio.run(gathered()), "accuracy", g="b")
    assert m.level == 0.8
    assert (m.low, m.high) == pytest.approx(wilson(27, 50, 0.8))


def test_a_table_without_groups_is_skipped() -> None:
    with pytest.raises(Skip, match=r"needs a group column"):
        audited({"y": [0, 1], "p": [0, 1]})


def test_without_a_favourable_class_no_selection_is_measured() -> None:
    data = table(cells(CELLS), Roles(label="y", prediction="p", groups=(Group("g"),)))
    with pytest.raises(Skip, match=r"needs a favourable class"):
        measure(selection_rates, data)
    assert not [m for m in measure(group_fairness, data) if "selection" in m.metric]


def test_a_misspelt_favourable_class_is_told_which_is_meant() -> None:
    data = {"y": ["hired", "rejected"], "p": ["hired", "rejected"], "g": ["a", "b"]}
    with pytest.raises(InputError, match=r"favourable: 'hire' is not a class; did you mean 'hired'\?"):
        audited(data, Group("g"), favourable="hire")
