"""What columns are for: inferred, and checked."""

from dataclasses import replace

import pyarrow as pa
import pytest

from auditor.errors import InputError
from auditor.loaders.tables import infer_roles, load
from auditor.types import Group, Roles


def inferred(columns: dict[str, list[object]], given: Roles | None = None, takes=None) -> Roles:
    sample = pa.table(columns)
    return infer_roles(sample.schema, sample, given or Roles(), takes)


REVIEWS = ["a fine film that was made well", "a dull film that went on and on", "they made it again, and it is better"]


def test_usual_names():
    roles = inferred(
        {
            "review": REVIEWS,
            "Label": [0, 1, 0],
            "y_pred": [0, 1, 1],
            "y_prob": [0.1, 0.9, 0.6],
            "row id": ["r1", "r2", "r3"],
            "sample_weight": [1.0, 2.0, 1.0],
            "split": ["train", "test", "test"],
            "sex": ["f", "m", "f"],
            "race": ["x", "x", "y"],
        }
    )
    assert roles.inferred == ("inputs", "label", "groups", "id", "weight", "split", "prediction", "score")
    assert inferred({"review": REVIEWS, "y": [0, 1, 0]}, Roles(label="y")).inferred == ("inputs",)
    assert replace(roles, inferred=()) == Roles(
        inputs=("review",),
        label="Label",
        groups=(Group("sex"), Group("race")),
        id="row id",
        weight="sample_weight",
        split="split",
        prediction="y_pred",
        score="y_prob",
    )


def test_what_was_given_wins():
    given = Roles(inputs=("sex",), label="race", prediction="p >= 0.5", positive="x", groups=(Group("label"),))
    roles = inferred(
        {"text": REVIEWS, "label": [0, 1, 0], "sex": ["f", "m", "f"], "race": ["x", "x", "y"], "p": [0.1, 0.2, 0.7]}, given
    )
    assert roles == given


@pytest.mark.parametrize(
    ("name", "cells", "role"),
    [
        ("label", [0.25, 0.5, 0.7], "label"),
        ("label", [None, None, None], "label"),
        ("label", [[1], [2], [3]], "label"),
        ("score", [1.0, 5.0, 3.0], "score"),
        ("score", [1, 0, 1], "score"),
        ("score", ["a", "b", "c"], "score"),
        ("score", [None, None, None], "score"),
        ("id", [1, 1, 2], "id"),
        ("id", [1, None, 2], "id"),
        ("weight", [1.0, 2.0, 3.0], "weight"),
        ("sample_weight", ["a", "b", "c"], "weight"),
        ("split", [0.1, 0.2, 0.3], "split"),
    ],
)
def test_a_usual_name_is_not_enough(name, cells, role):
    assert getattr(inferred({name: cells}), role) is None


def test_groups_of_many_values_are_none():
    assert inferred({"race": [str(i) for i in range(100)]}).groups == ()


def test_text_by_its_words():
    other = {"kind": ["some words that repeat"] * 3, "n": [1, 2, 3]}
    assert inferred({"stuff": REVIEWS} | other).inputs == ("stuff",)
    assert inferred({"stuff": ["one", "two", "three"]} | other).inputs == ()


def test_which_of_two_texts_is_only_guessed_for_a_model():
    both = {"first": REVIEWS, "second": [text + "!" for text in REVIEWS]}
    assert inferred(both).inputs == ()
    assert inferred(both, takes="text").inputs == ("first",)


def test_a_model_of_rows_reads_all_that_has_no_other_role():
    roles = inferred({"age": [1, 2, 3], "job": ["a", "b", "a"], "label": [0, 1, 0]}, takes="row")
    assert roles.inputs == ("age", "job")


def test_a_model_of_text_needs_one():
    with pytest.raises(InputError, match=r"no column of text.*Name one of n, job"):
        inferred({"n": [1, 2, 3], "job": ["a", "b", "a"]}, takes="text")


@pytest.fixture
def path(tmp_path) -> str:
    (tmp_path / "a.csv").write_text("text,label,score,age,w\nx,1,0.5,20,1\ny,0,high,x,-2\n")
    return str(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("roles", "problem"),
    [
        (Roles(label="lable"), r"label: column 'lable' is not in the data; did you mean 'label'\? The columns are text, label"),
        (Roles(inputs=("txt",)), r"input: column 'txt'"),
        (Roles(groups=(Group("gender"),)), r"group: column 'gender'"),
        (Roles(prediction="scor >= 0.5"), r"prediction: column 'scor' is not in the data; did you mean 'score'"),
        (Roles(score="score"), r"score column 'score', row 1: 'high' is no number"),
        (Roles(prediction="score >= 0.5"), r"prediction column 'score', row 1: 'high' is no number"),
        (Roles(groups=(Group("age", bins=(25,)),)), r"group column 'age', row 1: 'x' is no number"),
        (Roles(weight="w"), r"weight column 'w', row 1: -2 is no weight, which is 0 or more"),
    ],
)
def test_roles_that_do_not_fit(path, tmp_path, roles, problem):
    with pytest.raises(InputError, match=problem):
        load(path, roles, cache=tmp_path)


def test_rows_are_named_by_their_position_in_the_source(tmp_path):
    (tmp_path / "a.csv").write_text("y,score\n1\n0,0.5\n1,high\n")
    with pytest.raises(InputError, match="row 2: 'high'"):
        load(str(tmp_path / "a.csv"), Roles(score="score"), cache=tmp_path, max_bad_rows=0.5)


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        (Roles(label="label", prediction="label"), "prediction"),
        (Roles(label="label", prediction="label >= 1"), "prediction"),
        (Roles(label="label", score="label"), "score"),
    ],
)
def test_the_label_cannot_decide_itself(path, tmp_path, roles, role):
    with pytest.raises(
        InputError, match=f"{role}: column 'label' is the label, so every decision would be right. Name the col"
    ):
        load(path, roles, cache=tmp_path)


def test_a_group_that_is_the_label_is_said(path, tmp_path):
    notes = load(path, Roles(label="label", groups=(Group("label"), Group("age"))), cache=tmp_path).source.notes
    assert [note for note in notes if "is the label too" in note] == [
        "Group column 'label' is the label too: each of its groups is of one class, so rates by class are all or nothing."
    ]


def test_roles_that_fit(path, tmp_path):
    roles = Roles(inputs=("text",), label="label", score="w", prediction="w >= 1", groups=(Group("age"),))
    assert load(path, roles, cache=tmp_path).roles == roles
    assert load(path, Roles(), cache=tmp_path, takes="row").roles.inputs == ("text", "score", "age", "w")
