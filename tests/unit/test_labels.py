"""Which class each cell means, and what is refused before work starts."""

import re
from collections.abc import Sequence

import pyarrow as pa
import pytest

from auditor.errors import InputError
from auditor.predict import decisions
from auditor.predict.labels import ClassMap, class_index, class_map
from auditor.types import Batch, Group, Roles
from tests.held import table

SENTIMENT = ("NEGATIVE", "POSITIVE")


def model_map(labels: Sequence[object], classes: tuple[str, ...], **roles: object) -> ClassMap:
    return class_map(table({"y": labels}, Roles(label="y", **roles)), classes)


def table_map(labels: Sequence[object], predictions: Sequence[object], **roles: object) -> ClassMap:
    return class_map(table({"y": labels, "p": predictions}, Roles(label="y", prediction="p", **roles)), None)


def codes(found: ClassMap, cells: Sequence[object]) -> list[int]:
    return found.codes(pa.chunked_array([cells])).tolist()


@pytest.mark.parametrize(
    ("labels", "classes", "expected"),
    [
        (["b", "a", None, " b "], ("a", "b"), [1, 0, -1, 1]),
        (["positive", "negative"], SENTIMENT, [1, 0]),
        ([1, 0], SENTIMENT, [1, 0]),
        (["1", "0"], SENTIMENT, [1, 0]),
        ([1.0, 0.0, float("nan")], SENTIMENT, [1, 0, -1]),
        ([True, False], ("0", "1"), [1, 0]),
        ([1, 0], ("False", "True"), [1, 0]),
        ([1, 0], ("1", "0"), [0, 1]),  # names win over indices
        ([5, 1], ("1", "2", "3", "4", "5"), [4, 0]),
        ([2, 0], ("LABEL_0", "LABEL_1", "LABEL_2"), [2, 0]),
    ],
)
def test_labels_mean_a_models_classes(labels: list[object], classes: tuple[str, ...], expected: list[int]) -> None:
    assert codes(model_map(labels, classes), labels) == expected


def test_reading_labels_by_position_is_said() -> None:
    assert model_map([0, 1], SENTIMENT).notes == ("labels were read by position: 0 as NEGATIVE, 1 as POSITIVE",)
    assert model_map(["negative"], SENTIMENT).notes == ()


@pytest.mark.parametrize(
    ("labels", "classes", "wrong", "row"),
    [
        (["a", "b", "c", "c"], ("a", "b"), "c", 2),
        ([0, 1, 0, 2], SENTIMENT, "2", 3),  # the others are read by position
        ([0, "negative", "positive"], SENTIMENT, "0", 0),
        ([True, False, "maybe"], SENTIMENT, "maybe", 2),
        ([1, 0, 4], ("1", "2", "3", "4", "5"), "0", 1),  # stars 1 to 5 counted from 0: neither names nor indices
        ([-1], SENTIMENT, "-1", 0),
    ],
)
def test_a_label_outside_the_models_classes_is_refused_with_its_row(
    labels: list[object], classes: tuple[str, ...], wrong: str, row: int
) -> None:
    with pytest.raises(InputError) as error:
        model_map(labels if len({*map(type, labels)}) == 1 else [*map(str, labels)], classes)
    message = str(error.value)
    assert f"row {row} (counted from 0)" in message
    assert f"'{wrong}' is not a class of the model" in message
    assert ", ".join(classes) in message
    assert "column 'y'" in message


@pytest.mark.parametrize(
    ("labels", "shown"),
    [
        ([-1, 1, -1], "-1, 1"),  # 1 might be a position, but is not where -1 stands beside it
        (["ham", "spam"], "ham, spam"),
        ([*range(100, 120)], "100, 101, 102, 103, 104, 105, 106, 107, 108, 109, ... (20 in all)"),
    ],
)
def test_labels_of_which_most_mean_nothing_are_listed(labels: list[object], shown: str) -> None:
    expected = f"column 'y': labels {shown} are neither the model's classes NEGATIVE, POSITIVE nor the positions 0 to 1."
    with pytest.raises(InputError, match=re.escape(expected)) as error:
        model_map(labels, SENTIMENT)
    assert "row" not in str(error.value)


def test_positions_are_offered_only_where_they_are_read() -> None:
    stars = ("1", "2", "3", "4", "5")
    with pytest.raises(InputError, match=r"'0' is not a class of the model; known are 1, 2, 3, 4, 5\."):
        model_map([1, 0, 4], stars)
    with pytest.raises(InputError, match=r"labels a, b are not the model's classes 1, 2, 3, 4, 5\."):
        model_map(["a", "b"], stars)


def test_truth_values_are_positions_of_two_classes() -> None:
    found = model_map([True, None, False], SENTIMENT)
    assert codes(found, [True, None, False]) == [1, -1, 0]
    assert found.notes == ("labels were read by position: true as POSITIVE, false as NEGATIVE",)
    with pytest.raises(InputError, match="labels true, false are neither"):
        model_map([True, False], ("a", "b", "c"))


def test_the_row_is_the_position_in_the_source() -> None:
    labels = pa.table({"y": ["a"] * 2500 + ["z"]})
    data = table(labels, Roles(label="y"), shard_rows=1000)
    with pytest.raises(InputError, match=r"row 2500 "):
        class_map(data, ("a", "b"))


@pytest.mark.parametrize(
    ("labels", "predictions", "classes"),
    [
        ([0, 1], [1, 0], ("0", "1")),
        (["0", "1"], [True, False], ("0", "1")),
        ([True, False], [1, 0], ("false", "true")),
        ([True], [True], ("false", "true")),
        ([1.0, 0.0], ["1", "0"], ("0", "1")),
        ([0, 0], [0, 0], ("0", "1")),  # the class that never occurs is one, too
        (["b", "a"], ["a", "c"], ("a", "b", "c")),
        ([2, 10], [10, 2], ("2", "10")),
        (["yes", "no"], ["Yes", "NO"], ("no", "yes")),
        (["spam", "spam"], ["spam", None], ("spam",)),
        ([None, None], ["a", "b"], ("a", "b")),
    ],
)
def test_label_and_prediction_columns_name_the_classes(
    labels: list[object], predictions: list[object], classes: tuple[str, ...]
) -> None:
    found = table_map(labels, predictions)
    assert found.classes == classes
    assert found.positive == len(classes) - 1
    assert -1 not in codes(
        found, [cell for cell in (*labels, *predictions) if cell is not None and type(cell) is type(labels[0])]
    )


def test_a_class_that_is_only_predicted_is_said() -> None:
    assert table_map(["a", "b"], ["a", "c"]).notes == ("predicted but never a label, so a class of its own: c",)


def test_names_without_a_common_value_are_a_mistake() -> None:
    with pytest.raises(InputError, match=r"row 1 \(counted from 0\), column 'p': 'yes' is not among the labels of 'y'.*good"):
        table_map(["good", "bad"], [None, "yes"])


def test_the_declared_positive_class_is_what_1_means() -> None:
    found = table_map(["good", "bad"], [1, 0], positive="bad")
    assert found.classes == ("bad", "good")
    assert codes(found, ["bad", "good"]) == codes(found, ["1", "0"]) == [0, 1]
    with pytest.raises(InputError, match=r"declare which"):
        table_map(["good", "bad"], [1, 0])


@pytest.mark.parametrize("positive", ["1", "1.0", "true", "TRUE"])
def test_the_positive_class_may_be_written_as_the_data_are(positive: str) -> None:
    assert table_map([0, 1], [0, 1], positive=positive).positive == 1


def test_an_unknown_positive_class_is_refused() -> None:
    with pytest.raises(InputError, match=r"positive: 'approved' is not a class\. The classes are 0, 1"):
        table_map([0, 1], [0, 1], positive="approved")


def test_a_single_labelled_class_has_the_positive_one_beside_it() -> None:
    assert table_map(["no", "no"], ["no", "no"], positive="yes").classes == ("no", "yes")


def test_more_than_a_thousand_labels_are_no_classes() -> None:
    with pytest.raises(InputError, match=r"column 'y': has more than 1,000 distinct values.*regress or an identifier"):
        model_map([f"id {i}" for i in range(1001)], ("a", "b"))
    assert len(table_map(range(1000), range(1000)).classes) == 1000


def test_a_missing_column_is_refused_with_a_near_name() -> None:
    with pytest.raises(InputError, match=r"column 'lable': not in the data; did you mean 'label'"):
        class_map(table({"label": [0]}, Roles(label="lable")), ("a", "b"))


def test_without_labels_predictions_name_the_classes() -> None:
    assert class_map(table({"p": ["b", "a"]}, Roles(prediction="p")), None).classes == ("a", "b")
    assert class_map(table({"p": ["b", "a"]}, Roles()), ("x", "y")).classes == ("x", "y")


def test_labels_alone_name_the_classes_of_a_table_without_decisions() -> None:
    assert class_map(table({"y": ["b", "a"]}, Roles(label="y")), None).classes == ("a", "b")


@pytest.mark.parametrize(
    ("labels", "roles", "classes", "met"),
    [
        ([0, 1], {}, ("0", "1"), 1),
        ([True, False], {}, ("false", "true"), 1),
        (["no", "yes"], {"positive": "yes"}, ("no", "yes"), 1),
        (["no", "yes"], {"positive": "no"}, ("no", "yes"), 0),
        ([1, 2], {"positive": "2"}, ("1", "2"), 1),  # 1 is a name here, and not what the condition comes to
        (["spam"], {"positive": "spam"}, ("(other)", "spam"), 1),
        (["ham"], {"positive": "spam"}, ("ham", "spam"), 1),
        ([None], {}, ("0", "1"), 1),
    ],
)
@pytest.mark.parametrize("by", [{"prediction": "s >= 0.7"}, {"score": "s"}])
def test_conditions_and_scores_decide_between_two_classes(
    labels: list[object], roles: dict[str, str], classes: tuple[str, ...], met: int, by: dict[str, str]
) -> None:
    data = table({"y": labels, "s": [0.5] * len(labels)}, Roles(label="y", **roles, **by))
    found = class_map(data, None)
    assert (found.classes, found.met) == (classes, met)
    labelled = [cell for cell in labels if cell is not None]
    assert [classes[code].casefold() for code in codes(found, labelled)] == [str(cell).casefold() for cell in labelled]


def test_a_score_alone_says_how_it_decides() -> None:
    (note,) = class_map(table({"y": [0, 1], "s": [0.1, 0.9]}, Roles(label="y", score="s")), None).notes
    assert note == "no prediction column was named: a row is decided as 1 where s >= 0.5"


@pytest.mark.parametrize("by", [{"prediction": "s >= 0.7"}, {"score": "s"}])
@pytest.mark.parametrize(
    ("labels", "problem"),
    [(["a", "b", "c"], "decides between two classes, but 'y' has 3: a, b, c"), (["no", "yes"] * 2, "which of no and yes")],
)
def test_conditions_that_decide_nothing_are_refused(labels: list[str], problem: str, by: dict[str, str]) -> None:
    with pytest.raises(InputError, match=problem):
        class_map(table({"y": labels, "s": [0.5] * len(labels)}, Roles(label="y", **by)), None)


def test_a_score_that_is_no_probability_ranks_rows() -> None:
    data = {"y": [0, 1], "p": [0, 1], "s": [1, 10]}
    found = class_map(table(data, Roles(label="y", prediction="p", score="s")), None)
    assert found.scale == (1.0, 10.0)
    said = "score s goes from 1 to 10 (1 outside of 0 to 1, the first in row 1): it ranks rows and is no probability"
    assert found.notes == (said,)
    with pytest.raises(InputError, match=r'goes from 1 to 10.*the first in row 1.*--prediction "s >= 5.5"'):
        class_map(table(data, Roles(label="y", score="s")), None)


def test_an_infinite_score_is_refused_with_its_row() -> None:
    data = table({"p": [0, 1, 1], "s": [0.5, None, float("-inf")]}, Roles(prediction="p", score="s"))
    with pytest.raises(InputError, match=r"row 2 \(counted from 0\), column 's': score is -inf, expected a finite number"):
        class_map(data, None)


@pytest.mark.parametrize("scores", [[0.2, 1 + 1e-7], [-1e-9, 0.8]])
def test_probabilities_of_single_precision_stay_probabilities(scores: list[float]) -> None:
    data = table({"y": [0, 1], "s": scores}, Roles(label="y", score="s"))
    found = class_map(data, None)
    assert found.scale is None
    ((_, decided),) = decisions.decided(data, found)
    assert decided.scores is not None
    assert decided.scores.min() >= 0
    assert decided.scores.max() <= 1


@pytest.mark.parametrize("role", ["label", "prediction"])
def test_a_class_that_is_infinite_is_refused_with_its_row(role: str) -> None:
    data = table({"p": [0.0, 1.0, float("inf")]}, Roles(**{role: "p"}))
    with pytest.raises(InputError, match=r"row 2 \(counted from 0\), column 'p': inf is no class"):
        class_map(data, None)


def test_missing_scores_are_left_out_of_the_range() -> None:
    data = table({"p": [0, 1, 1], "s": [0.5, None, float("nan")]}, Roles(prediction="p", score="s"))
    assert class_map(data, None).scale is None
    assert class_map(table({"p": [0, 1], "s": [None, None]}, Roles(prediction="p", score="s")), None).scale is None


def test_a_score_of_words_is_refused() -> None:
    with pytest.raises(InputError, match=r"column 's': holds string, expected numbers"):
        class_map(table({"p": [0], "s": ["high"]}, Roles(prediction="p", score="s")), None)


def test_class_names_are_found_as_people_write_them() -> None:
    assert class_index(SENTIMENT, "positive") == class_index(SENTIMENT, "1", indices=True) == 1
    with pytest.raises(InputError, match=r"The classes are NEGATIVE, POSITIVE"):
        class_index(SENTIMENT, "neutral")


def test_a_class_that_a_changed_table_brings_is_refused() -> None:
    with pytest.raises(InputError, match=r"'c' is not a known class. Known are a, b"):
        codes(model_map(["a"], ("a", "b")), ["c"])


def test_passes_see_the_columns_that_they_need() -> None:
    def by_length(batch: Batch) -> Batch:
        return batch.set_column(0, "y", pa.array(["long" if len(t) > 2 else "short" for t in batch.column("t").to_pylist()]))

    data = table({"y": ["?", "?"], "t": ["ab", "abc"]}, Roles(label="y")).map(by_length)
    assert class_map(data, None).classes == ("long", "short")


class TestGroups:
    """Group columns are checked in the same scan."""

    @pytest.mark.parametrize("count", [50, 51])
    def test_numbers_need_bins_above_fifty(self, count: int) -> None:
        data = table({"p": [0] * count, "age": range(count)}, Roles(prediction="p", groups=(Group("age"),)), shard_rows=10)
        if count <= 50:
            assert class_map(data, None).classes == ("0", "1")
            return
        with pytest.raises(InputError, match=r"group column 'age': holds more than 50 distinct numbers.*--group \"age:25,45\""):
            class_map(data, None)

    def test_bins_make_groups_of_any_number_of_values(self) -> None:
        groups = (Group("age", (25, 45)),)
        assert class_map(table({"p": [0] * 90, "age": range(90)}, Roles(prediction="p", groups=groups)), None).classes

    def test_identifiers_are_no_groups(self) -> None:
        data = {"p": [0] * 201, "name": [f"n{i}" for i in range(201)]}
        with pytest.raises(InputError, match=r"group column 'name': holds more than 200 distinct values and looks like"):
            class_map(table(data, Roles(prediction="p", groups=(Group("name"),)), shard_rows=7), None)

    @pytest.mark.parametrize(
        ("group", "problem"),
        [
            (Group("sxe"), "group column 'sxe': not in the data; did you mean 'sex'"),
            (Group("sex", (1, 2)), "group column 'sex': holds string and cannot be cut into bins"),
            (Group("age", (45, 25)), "bins .45, 25. do not ascend"),
            (Group("sex", reference="m"), "reference 'm' is not one of its values: f, w"),
            (Group("age", (25,), reference=">= 25"), "reference '>= 25' is not one of its values: < 25"),
        ],
    )
    def test_what_cannot_be_a_group_is_refused(self, group: Group, problem: str) -> None:
        data = {"p": [0, 1, 1], "sex": ["f", "w", None], "age": [3, 4, 5]}
        with pytest.raises(InputError, match=problem):
            class_map(table(data, Roles(prediction="p", groups=(group,))), None)

    def test_a_missing_group_value_is_no_reference(self) -> None:
        data = table({"p": [0], "sex": [None]}, Roles(prediction="p", groups=(Group("sex", reference="(missing)"),)))
        with pytest.raises(InputError, match=r"reference"):
            class_map(data, None)
