"""Published group fairness cases, through the probes: from rows to rates."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from sklearn.metrics import roc_auc_score

from auditor.probes.group_fairness import group_fairness
from auditor.probes.performance import performance
from auditor.probes.selection_rates import selection_rates
from auditor.types import Group, Measurement, Roles
from tests.held import measure, one, table


@pytest.fixture(scope="module")
def defendants(shared: Path) -> pd.DataFrame:
    """ProPublica's two-year file, all 7,214 rows, no filter."""
    return pd.read_csv(shared / "data" / "compas" / "compas-scores-two-years.csv")


@pytest.fixture(scope="module")
def compas(defendants: pd.DataFrame) -> list[Measurement]:
    """High risk is a decile score of 5 or more."""
    names = ["race", "sex", "age", "decile_score", "two_year_recid"]
    rows = pa.Table.from_pandas(defendants[names], preserve_index=False)
    groups = (Group("race", reference="Caucasian"), Group("sex"), Group("age", (25, 45)))
    roles = Roles(label="two_year_recid", prediction="decile_score >= 5", score="decile_score", groups=groups, favourable="1")
    data = table(rows, roles)
    return [*measure(group_fairness, data), *measure(selection_rates, data), *measure(performance, data)]


# ProPublica, "How We Analyzed the COMPAS Recidivism Algorithm" (2016): tn, fp, fn, tp; FPR and FNR as printed, in percent.
PUBLISHED = {
    "African-American": ((990, 805, 532, 1369), 44.85, 27.99),
    "Caucasian": ((1139, 349, 461, 505), 23.45, 47.72),
}


@pytest.mark.shared
@pytest.mark.parametrize("race", PUBLISHED)
def test_compas_error_rates_are_the_published_ones(compas: list[Measurement], race: str) -> None:
    (tn, fp, fn, tp), fpr, fnr = PUBLISHED[race]
    false_positives, false_negatives = (one(compas, f"false_{kind}_rate", race=race) for kind in ("positive", "negative"))
    assert dict(false_positives.counts) == {"x": fp, "n": fp + tn}
    assert dict(false_negatives.counts) == {"x": fn, "n": fn + tp}
    assert round(100 * false_positives.value, 2) == fpr
    assert round(100 * false_negatives.value, 2) == fnr
    assert one(compas, "group_share", race=race).counts == {"x": tn + fp + fn + tp, "n": 7214}
    assert one(compas, "positive_predictive_value", race=race).counts == {"x": tp, "n": tp + fp}


@pytest.mark.shared
def test_compas_overall_rates_are_the_published_ones(compas: list[Measurement]) -> None:
    assert round(100 * one(compas, "false_positive_rate").value, 2) == 32.35
    assert round(100 * one(compas, "false_negative_rate").value, 2) == 37.40


@pytest.mark.shared
def test_compas_contrasts_are_the_known_ones(compas: list[Measurement]) -> None:
    where = {"race": "African-American", "reference": "Caucasian"}
    gap = one(compas, "false_positive_rate_difference", **where)
    assert (gap.value, gap.low, gap.high) == pytest.approx((0.2139, 0.1821, 0.2450), abs=5e-5)
    # The published ratios 1.9126 and 1.7049 are those of the rounded percentages; the counts give 1.9121 and 1.7053.
    assert one(compas, "false_positive_rate_ratio", **where).value == pytest.approx(1.9121, abs=5e-5)
    assert 1 / one(compas, "false_negative_rate_ratio", **where).value == pytest.approx(1.7053, abs=5e-5)
    assert round(44.85 / 23.45, 4) == 1.9126
    assert round(47.72 / 27.99, 4) == 1.7049
    gap = one(compas, "positive_predictive_value_difference", **where)
    assert (gap.value, gap.low, gap.high) == pytest.approx((0.0384, -0.0000, 0.0773), abs=1e-4)


@pytest.mark.shared
def test_compas_confusion_is_the_sum_of_the_published_tables(compas: list[Measurement], defendants: pd.DataFrame) -> None:
    confusion = {(m.where["label"], m.where["prediction"]): m.value for m in compas if m.metric == "confusion"}
    assert confusion == {("0", "0"): 2681, ("0", "1"): 1282, ("1", "0"): 1216, ("1", "1"): 2035}
    high = defendants.score_text != "Low"  # ProPublica's definition of the same thing
    assert (high == (defendants.decile_score >= 5)).all()


@pytest.mark.shared
def test_compas_deciles_rank_but_are_no_probabilities(compas: list[Measurement], defendants: pd.DataFrame) -> None:
    for race, rows in [(None, defendants), *defendants.groupby("race")]:
        expected = roc_auc_score(rows.two_year_recid, rows.decile_score)
        assert one(compas, "auroc", **({"race": race} if race else {})).value == pytest.approx(expected, abs=1e-12)
    assert one(compas, "log_loss").reason == "the score is no probability, it only ranks rows"


@pytest.mark.shared
def test_compas_intersections_are_those_of_pandas(compas: list[Measurement], defendants: pd.DataFrame) -> None:
    bins = pd.cut(defendants.age, [0, 25, 45, 200], right=False, labels=["< 25", "[25, 45)", ">= 45"])
    high = (defendants.decile_score >= 5).groupby([defendants.race, defendants.sex, bins], observed=True)
    cells = {
        tuple(m.where.values())[:3]: m
        for m in compas
        if m.metric == "selection_rate" and m.where.keys() == {"race", "sex", "age", "favourable"}
    }
    expected = {key: {"x": rows.sum(), "n": len(rows)} for key, rows in high}
    assert {key: dict(m.counts) for key, m in cells.items()} == expected


@pytest.mark.parametrize(
    ("groups", "gap", "quotient"),
    [
        ({"younger": (88, 149), "25 and over": (612, 851)}, -0.128550, 0.821248),
        ({"25 and younger": (110, 190), "over 25": (590, 810)}, -0.149448, 0.794826),  # Kamiran & Calders (2012)
        ({"female": (201, 310), "male": (499, 690)}, -0.074801, 0.896567),
    ],
)
def test_german_credit_parity(groups: dict[str, tuple[int, int]], gap: float, quotient: float) -> None:
    """Statlog German credit, good credit of all 1,000 applicants, by two definitions of young and by sex."""
    small, large = groups
    found = _selected(groups, Group("who"))
    where = {"who": small, "reference": large}
    assert one(found, "selection_rate_difference", **where).value == pytest.approx(gap, abs=5e-7)
    assert one(found, "selection_rate_ratio", **where).value == pytest.approx(quotient, abs=5e-7)


# Bickel, Hammel & O'Connell, Science 187 (1975): admitted and applied, in the six largest departments.
BERKELEY = {
    "A": {"men": (512, 825), "women": (89, 108)},
    "B": {"men": (353, 560), "women": (17, 25)},
    "C": {"men": (120, 325), "women": (202, 593)},
    "D": {"men": (138, 417), "women": (131, 375)},
    "E": {"men": (53, 191), "women": (94, 393)},
    "F": {"men": (22, 373), "women": (24, 341)},
}


def test_berkeley_admissions_turn_round_by_department() -> None:
    rows = [(1 if i < x else 0, sex, dept) for dept, both in BERKELEY.items() for sex, (x, n) in both.items() for i in range(n)]
    admitted, sex, department = map(list, zip(*rows, strict=True))
    data = table(
        pa.table({"p": admitted, "sex": sex, "dept": department}),
        Roles(prediction="p", groups=(Group("sex", reference="men"), Group("dept")), favourable="1"),
    )
    found = measure(selection_rates, data)
    assert one(found, "selection_rate", sex="men").counts == {"x": 1198, "n": 2691}
    assert one(found, "selection_rate", sex="women").counts == {"x": 557, "n": 1835}
    where = {"sex": "women", "reference": "men"}
    assert one(found, "selection_rate_difference", **where).value == pytest.approx(-0.141645, abs=5e-7)
    assert one(found, "selection_rate_ratio", **where).value == pytest.approx(0.681830, abs=5e-7)
    gap = one(found, "selection_rate_difference", sex="women", dept="A", reference="men & A")
    assert gap.value == pytest.approx(0.2035, abs=5e-5)


def _selected(groups: dict[str, tuple[int, int]], group: Group) -> list[Measurement]:
    rows = [(1 if i < x else 0, name) for name, (x, n) in groups.items() for i in range(n)]
    decided, who = map(list, zip(*rows, strict=True))
    return measure(selection_rates, table({"p": decided, "who": who}, Roles(prediction="p", groups=(group,), favourable="1")))
