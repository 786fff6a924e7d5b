"""The performance probe against scikit-learn, and what it says where numbers are undefined."""

import numpy as np
import pyarrow as pa
import pytest
from sklearn import metrics as sk

from auditor.errors import Skip
from auditor.probes.performance import performance
from auditor.stats.counts import count
from auditor.types import Decisions, Group, Measurement, Roles, Table
from tests.held import measure, one, table


def sample(k: int, n: int = 400, *, seed: int = 0) -> tuple[list[str], list[str], list[str]]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, k, n)
    decided = np.where(rng.random(n) < 0.7, truth, rng.integers(0, k, n))
    groups = rng.choice(["a", "b", "c"], n, p=[0.6, 0.3, 0.1])
    return [f"c{i}" for i in truth], [f"c{i}" for i in decided], groups.tolist()


def audited(k: int, **roles: object) -> tuple[list[str], list[str], list[str], list[Measurement]]:
    truth, decided, groups = sample(k)
    data = table({"y": truth, "p": decided, "g": groups}, Roles(label="y", prediction="p", groups=(Group("g"),), **roles))
    return truth, decided, groups, measure(performance, data)


@pytest.mark.parametrize("k", [2, 4])
def test_overall_figures_are_those_of_scikit_learn(k: int) -> None:
    truth, decided, _, found = audited(k)
    assert one(found, "accuracy").value == pytest.approx(sk.accuracy_score(truth, decided))
    assert one(found, "balanced_accuracy").value == pytest.approx(sk.balanced_accuracy_score(truth, decided))
    functions = {"precision": sk.precision_score, "recall": sk.recall_score, "f1": sk.f1_score}
    for metric, function in functions.items():
        for kind in ("macro", "weighted", "micro"):
            assert one(found, metric, average=kind).value == pytest.approx(function(truth, decided, average=kind))
        each = function(truth, decided, average=None)
        for name, expected in zip(sorted(set(truth)), each, strict=True):
            assert one(found, metric, **{"class": name}).value == pytest.approx(expected)
    table_ = sk.confusion_matrix(truth, decided)
    for i in range(k):
        for j in range(k):
            cell = one(found, "confusion", label=f"c{i}", prediction=f"c{j}")
            assert (cell.value, cell.unit, cell.method, cell.low) == (table_[i, j], "count", "exact", None)


def test_groups_have_figures_of_the_positive_class() -> None:
    truth, decided, groups, found = audited(2, positive="c0")
    for group in "abc":
        inside = [(t, d) for t, d, g in zip(truth, decided, groups, strict=True) if g == group]
        t, d = zip(*inside, strict=True)
        assert one(found, "accuracy", g=group).value == pytest.approx(sk.accuracy_score(t, d))
        assert one(found, "f1", g=group, **{"class": "c0"}).value == pytest.approx(sk.f1_score(t, d, pos_label="c0"))
        assert one(found, "recall", g=group, **{"class": "c0"}).n == t.count("c0")


def test_groups_have_macro_averages_of_more_classes() -> None:
    truth, decided, groups, found = audited(3)
    inside = [(t, d) for t, d, g in zip(truth, decided, groups, strict=True) if g == "b"]
    t, d = zip(*inside, strict=True)
    assert one(found, "f1", g="b", average="macro").value == pytest.approx(sk.f1_score(t, d, average="macro"))


def test_accuracy_is_compared_with_the_largest_group() -> None:
    *_, found = audited(2)
    gap = one(found, "accuracy_difference", g="c", reference="a")
    own, ref = one(found, "accuracy", g="c"), one(found, "accuracy", g="a")
    assert gap.value == pytest.approx(own.value - ref.value)
    assert dict(gap.counts) == {"x": own.counts["x"], "n": own.n, "x_ref": ref.counts["x"], "n_ref": ref.n}
    assert not [m for m in found if m.where.get("g") == "a" and "reference" in m.where]


def test_every_number_has_its_rows_and_an_interval_around_it() -> None:
    *_, found = audited(3)
    for m in found:
        if m.value is not None and m.method != "exact":
            assert m.n > 0
            assert m.low <= m.value <= m.high
            assert -1 <= m.low < m.high <= 1


def test_accuracy_over_the_majority_is_paired() -> None:
    # 100 rows, 70 of the majority class: right are 60 of these and 25 of the other 30.
    truth, decided = ["x"] * 70 + ["z"] * 30, ["x"] * 60 + ["z"] * 10 + ["z"] * 25 + ["x"] * 5
    found = measure(performance, table({"y": truth, "p": decided}, Roles(label="y", prediction="p")))
    assert one(found, "majority_share", **{"class": "x"}).value == 0.7
    gain = one(found, "accuracy_over_majority")
    assert gain.value == pytest.approx(0.15)
    assert (gain.counts["better"], gain.counts["worse"]) == (25, 10)
    # Bonett & Price (2012), equation 4: one case added to each discordant cell.
    up, down = 26 / 102, 11 / 102
    half = 1.959964 * np.sqrt((up + down - (up - down) ** 2) / 102)
    assert (gain.low, gain.high) == pytest.approx((up - down - half, up - down + half), abs=1e-6)


def scored(k: int, n: int = 600) -> tuple[np.ndarray, np.ndarray, list[str]]:
    rng = np.random.default_rng(k)
    truth = rng.integers(0, k, n)
    values = rng.dirichlet(np.ones(k), n) + 0.5 * np.eye(k)[truth]
    return truth, values / values.sum(axis=1, keepdims=True), rng.choice(["a", "b"], n).tolist()


def with_scores(truth: np.ndarray, values: np.ndarray, groups: list[str]) -> list[Measurement]:
    """As a model gives them: k scores a row."""
    names = tuple(f"c{i}" for i in range(values.shape[1]))
    batch = pa.table({"y": [names[i] for i in truth], "p": [names[i] for i in values.argmax(axis=1)], "g": groups})
    declared = Roles(label="y", prediction="p", groups=(Group("g"),))
    counted = count(batch, truth, Decisions(values.argmax(axis=1), names, values), declared.groups)
    return measure(performance, table(batch, declared), counted)


def test_scores_of_two_classes_are_judged_as_by_scikit_learn() -> None:
    truth, values, groups = scored(2)
    found = with_scores(truth, values, groups)
    area = one(found, "auroc")
    assert abs(area.value - sk.roc_auc_score(truth, values[:, 1])) <= area.counts["tie_error"] < 1e-4
    assert one(found, "log_loss").value == pytest.approx(sk.log_loss(truth, values))
    inside = np.array(groups) == "b"
    assert one(found, "auroc", g="b").value == pytest.approx(sk.roc_auc_score(truth[inside], values[inside, 1]), abs=3e-4)
    assert one(found, "log_loss", g="b").value == pytest.approx(sk.log_loss(truth[inside], values[inside]))
    largest, other = ("a", "b") if groups.count("a") > groups.count("b") else ("b", "a")
    gap = one(found, "auroc_difference", g=other, reference=largest)
    assert gap.value == pytest.approx(one(found, "auroc", g=other).value - one(found, "auroc", g=largest).value)
    assert gap.low < gap.value < gap.high


def test_scores_of_more_classes_are_judged_one_against_the_rest() -> None:
    truth, values, groups = scored(4)
    found = with_scores(truth, values, groups)
    expected = sk.roc_auc_score(truth, values, multi_class="ovr")
    macro = one(found, "auroc", average="macro")
    assert macro.value == pytest.approx(expected, abs=3e-4)
    assert macro.low < expected < macro.high
    assert one(found, "auroc", **{"class": "c2"}).value == pytest.approx(sk.roc_auc_score(truth == 2, values[:, 2]), abs=3e-4)
    assert one(found, "auroc", g="a", average="macro").value is not None
    assert one(found, "log_loss").value == pytest.approx(sk.log_loss(truth, values))


def test_a_class_without_rows_is_left_out_of_the_mean_area_and_named() -> None:
    truth, values, groups = scored(3)
    found = with_scores(np.minimum(truth, 1), values, groups)
    macro = one(found, "auroc", average="macro")
    assert macro.reason == "without c2, of which there are no rows"
    assert one(found, "auroc", **{"class": "c2"}).reason == "there are no rows labelled c2"


def only(**columns: object) -> Table:
    return table(columns, Roles(label="y", prediction="p", groups=(Group("g"),) if "g" in columns else ()))


def test_decisions_alone_have_no_area_and_say_so() -> None:
    found = measure(performance, only(y=[0, 1], p=[0, 1], g=["a", "b"]))
    for metric in ("auroc", "log_loss"):
        (m,) = [m for m in found if m.metric == metric]
        assert (m.value, m.reason) == (None, "only decisions are known, no scores")


def test_a_rank_has_an_area_but_no_log_loss() -> None:
    data = table({"y": [0, 1, 0, 1], "p": [0, 1, 1, 1], "s": [1, 9, 5, 6]}, Roles(label="y", prediction="p", score="s"))
    found = measure(performance, data)
    assert one(found, "auroc").value == 1
    assert one(found, "log_loss").reason == "the score is no probability, it only ranks rows"


def test_one_labelled_class_leaves_what_it_must_undefined() -> None:
    found = measure(
        performance, table({"y": [1, 1, 1], "p": [1, 0, 1], "s": [0.9, 0.1, 0.7]}, Roles(label="y", prediction="p", score="s"))
    )
    assert one(found, "recall", **{"class": "0"}).reason == "there are no rows labelled 0"
    assert one(found, "precision", **{"class": "0"}).value == 0
    assert one(found, "auroc").reason == "there are no rows labelled otherwise than 1"
    assert one(found, "balanced_accuracy").value == pytest.approx(2 / 3)
    single = measure(performance, only(y=["spam"] * 2, p=["spam"] * 2))
    assert one(single, "accuracy").value == one(single, "f1", **{"class": "spam"}).value == 1


def test_a_class_that_is_never_decided_is_named() -> None:
    found = measure(performance, only(y=["a", "b", "a"], p=["a", "a", "a"]))
    assert one(found, "precision", average="macro").reason == "counts as 0, never decided: b"
    assert one(found, "precision", **{"class": "b"}).reason == "there are no labelled rows decided as b"
    assert one(found, "f1", **{"class": "b"}).value == 0


def test_rows_without_label_or_decision_are_counted_and_not_judged() -> None:
    found = measure(performance, only(y=[0, 1, None, 1, 0], p=[0, 0, 1, None, None], g=["a", "a", "a", "b", None]))
    assert one(found, "accuracy").n == 2
    assert one(found, "undecided_share").value == 0.4
    assert one(found, "undecided_share", g="b").value == 1
    assert one(found, "accuracy", g="b").reason == "there are no labelled rows with a decision"
    assert one(found, "accuracy_difference", g="b", reference="a").value is None
    assert not [m for m in found if m.where.get("g") == "(missing)" and "reference" in m.where]


def test_unlabelled_data_measure_nothing_and_say_why() -> None:
    found = measure(performance, only(y=pa.array([None, None], pa.string()), p=["a", "b"]))
    assert all(m.value is None and m.reason for m in found if m.unit == "fraction" and m.metric != "undecided_share")
    assert one(found, "majority_share").reason == "there are no labelled rows with a decision"
    assert one(found, "accuracy_over_majority").value is None


def test_large_confusion_tables_show_what_they_hold() -> None:
    truth = [f"c{i % 30:02}" for i in range(900)]
    decided = [*truth[:600], *(f"c{i % 7:02}" for i in range(300))]
    found = [m for m in measure(performance, only(y=truth, p=decided)) if m.metric == "confusion"]
    assert all(m.value for m in found)
    assert sum(m.value for m in found) == 900
    assert [m.value for m in found] == sorted((m.value for m in found), reverse=True)


def test_areas_of_too_many_classes_are_not_measured() -> None:
    truth, values, groups = scored(25, 100)
    found = with_scores(truth, values, groups)
    assert one(found, "auroc", average="macro").reason == "it is measured for 2 to 20 classes, and here are 25"


def test_a_table_without_labels_is_skipped() -> None:
    with pytest.raises(Skip, match=r"needs a label column"):
        measure(performance, table({"p": [0, 1]}, Roles(prediction="p")))
