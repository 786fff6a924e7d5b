"""ONNX classifiers: the same answers as the model that was exported, and refusals."""

import json
from pathlib import Path

import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import TensorProto, helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC

from auditor.errors import InputError, MissingExtra, UnsafeCheckpoint
from auditor.loaders.onnx_file import onnx_file

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(60, 3)).astype(np.float32)
LABELS = np.where(ROWS[:, 0] > 0, "yes", np.where(ROWS[:, 1] > 0, "maybe", "no"))
NAMES = ("a", "b", "c")
ITEMS = [tuple(row) for row in ROWS.tolist()]


def answers(model, items):
    return model.forward([encoded.payload for encoded in model.encode(items)], "float32")


def written(proto, folder: Path) -> Path:
    (folder / "model.onnx").write_bytes(proto.SerializeToString())
    return folder / "model.onnx"


@pytest.mark.parametrize("zipmap", [True, False])
@pytest.mark.parametrize(
    "estimator", [LogisticRegression(), RandomForestClassifier(5, random_state=0), GaussianNB()], ids=lambda e: type(e).__name__
)
@pytest.mark.parametrize("labels", [LABELS, np.unique(LABELS, return_inverse=True)[1] + 10], ids=["texts", "numbers"])
def test_rows_are_answered_as_by_scikit_learn(estimator, zipmap, labels, tmp_path):
    estimator.fit(ROWS, labels)
    path = written(to_onnx(estimator, ROWS[:1], options={"zipmap": zipmap}), tmp_path)
    model = onnx_file(path, columns=NAMES)
    # A naive Bayes export without ZipMap keeps class numbers in a tensor that has no standard name.
    numbered = isinstance(estimator, GaussianNB) and not zipmap and labels.dtype.kind == "i"
    assert model.classes == (("0", "1", "2") if numbered else tuple(map(str, estimator.classes_)))
    assert (model.takes, model.columns, model.kind) == ("row", NAMES, "onnx")
    np.testing.assert_allclose(answers(model, ITEMS), estimator.predict_proba(ROWS), atol=2e-6)


def test_inputs_by_column_take_the_columns_that_they_are_named_after(tmp_path):
    frame = pd.DataFrame({"age": ROWS[:, 0], "job title": np.where(ROWS[:, 1] > 0, "a", "b")})
    steps = make_column_transformer((StandardScaler(), ["age"]), (OneHotEncoder(), ["job title"]))
    pipeline = make_pipeline(steps, LogisticRegression()).fit(frame, LABELS)
    kinds = [("age", FloatTensorType([None, 1])), ("job title", StringTensorType([None, 1]))]
    path = written(to_onnx(pipeline, initial_types=kinds), tmp_path)
    model = onnx_file(path, columns=("id", "job title", "age"))
    assert model.columns == ("age", "job title")
    rows = list(frame.itertuples(index=False, name=None))
    np.testing.assert_allclose(answers(model, rows), pipeline.predict_proba(frame), atol=2e-6)
    with pytest.raises(InputError, match="the model reads the column 'age'"):
        onnx_file(path, columns=("job title",))


def test_texts_are_answered_as_by_scikit_learn(tmp_path):
    texts = ["good film", "bad film", "good plot", "dull bad"] * 5
    pipeline = make_pipeline(TfidfVectorizer(lowercase=False, token_pattern="[a-z]+"), LogisticRegression())
    pipeline.fit(texts, ["pos", "neg"] * 10)
    model = onnx_file(
        written(to_onnx(pipeline, initial_types=[("text", StringTensorType([None, 1]))]), tmp_path), columns=("text",)
    )
    assert (model.takes, model.columns) == ("text", ())
    np.testing.assert_allclose(answers(model, [*texts[:4], ""]), pipeline.predict_proba([*texts[:4], ""]), atol=2e-6)


def test_one_raw_score_beside_a_label_is_a_decision(tmp_path):
    estimator = LinearSVC().fit(ROWS, LABELS == "yes")
    model = onnx_file(written(to_onnx(estimator, ROWS[:1]), tmp_path), columns=NAMES)
    assert model.scale == "rank"
    got, own = answers(model, ITEMS)[:, 1], estimator.decision_function(ROWS)
    assert (got > 0.5).tolist() == (own > 0).tolist()
    assert got.argsort().tolist() == own.argsort().tolist()


def linear(name="logits", width=3, *, before=(), kind=TensorProto.FLOAT, metadata=None, rank=2, constants=()):
    """A model of one matrix product: ``width`` outputs of three inputs."""
    weights = onnx.numpy_helper.from_array(np.arange(3 * width, dtype=np.float32).reshape(3, width) / 10, "w")
    nodes = [*before, helper.make_node("MatMul", ["x" if not before else "f", "w"], [name])]
    middle = [1] * (rank - 2)
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", kind, [None, *middle, 3])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, *middle, width])],
        [weights, *constants],
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(proto, metadata or {})
    return proto


def softmax(values):
    powers = np.exp(values)
    return powers / powers.sum(axis=1, keepdims=True)


def test_logits_become_their_softmax(tmp_path):
    model = onnx_file(written(linear(), tmp_path), columns=NAMES)
    assert model.classes == ("0", "1", "2")
    np.testing.assert_allclose(answers(model, [(1.0, 2.0, 3.0)]), softmax(np.array([[2.4, 3.0, 3.6]])), rtol=1e-6)


def test_a_single_number_stands_for_the_second_class(tmp_path):
    score = onnx_file(written(linear("score", 1), tmp_path), columns=NAMES)
    assert score.scale == "rank"
    np.testing.assert_allclose(answers(score, [(1.0, 2.0, 3.0)])[0, 1], 0.5 + 0.8 / 1.8 / 2, rtol=1e-6)
    logit = onnx_file(written(linear("logit", 1), tmp_path), columns=NAMES)
    np.testing.assert_allclose(answers(logit, [(1.0, 2.0, 3.0)])[0, 1], 1 / (1 + np.exp(-0.8)), rtol=1e-6)
    score = onnx_file(written(linear("score", 1), tmp_path), columns=NAMES)
    probability = onnx_file(written(linear("probability", 1), tmp_path), columns=NAMES)
    np.testing.assert_allclose(answers(probability, [(1.0, 2.0, 1.0)]), [[0.6, 0.4]], rtol=1e-6)


@pytest.mark.parametrize(
    "metadata",
    [{"id2label": json.dumps({"1": "b", "0": "a", "2": "c"})}, {"classes": '["a", "b", "c"]'}, {"labels": '["a", "b", "c"]'}],
)
def test_class_names_in_the_metadata(metadata, tmp_path):
    assert onnx_file(written(linear(metadata=metadata), tmp_path), columns=NAMES).classes == ("a", "b", "c")


def test_whole_numbers_are_taken_as_such(tmp_path):
    cast = helper.make_node("Cast", ["x"], ["f"], to=TensorProto.FLOAT)
    model = onnx_file(written(linear(before=[cast], kind=TensorProto.INT64), tmp_path), columns=NAMES)
    np.testing.assert_allclose(answers(model, [(1, 2.0, 3)]), softmax(np.array([[2.4, 3.0, 3.6]])), rtol=1e-6)
    for cell in (1.5, None, "many"):
        with pytest.raises(InputError, match=r"reads tensor\(int64\) in column 'b'"):
            answers(model, [(1, cell, 3)])


def test_tensors_beside_the_model_are_part_of_it(tmp_path):
    onnx.save_model(linear(), tmp_path / "model.onnx", save_as_external_data=True, location="side.data", size_threshold=0)
    model = onnx_file(tmp_path / "model.onnx", columns=NAMES)
    assert [file.path for file in model.files] == ["model.onnx", "side.data"]
    (tmp_path / "side.data").write_bytes(bytes(36))
    assert onnx_file(tmp_path / "model.onnx", columns=NAMES).fingerprint != model.fingerprint


class TestRefusals:
    def test_tensors_outside_of_the_folder(self, tmp_path):
        proto = linear()
        proto.graph.initializer[0].data_location = TensorProto.EXTERNAL
        proto.graph.initializer[0].external_data.add(key="location", value="../side.data")
        with pytest.raises(UnsafeCheckpoint, match=r"outside of its folder: '../side.data'"):
            onnx_file(written(proto, tmp_path), columns=NAMES)

    @pytest.mark.parametrize(
        ("data", "message"), [(b"", "holds no graph"), (b"text", "does not read"), (b"\x3a\x00", "onnxruntime cannot run")]
    )
    def test_what_does_not_read(self, data, message, tmp_path):
        (tmp_path / "m.onnx").write_bytes(data)
        with pytest.raises(InputError, match=message):
            onnx_file(tmp_path / "m.onnx")

    def test_what_is_no_classifier(self, tmp_path):
        regression = to_onnx(LinearRegression().fit(ROWS, ROWS[:, 0]), ROWS[:1])
        with pytest.raises(InputError, match=r"no scores of classes among its outputs: variable tensor\(float\)"):
            onnx_file(written(regression, tmp_path), columns=NAMES)

    def test_inputs_that_a_table_does_not_have(self, tmp_path):
        with pytest.raises(InputError, match=r"cannot fill the input 'x' of type tensor\(float\)"):
            onnx_file(written(linear(rank=3), tmp_path), columns=NAMES)

    def test_columns_that_do_not_fit(self, tmp_path):
        with pytest.raises(InputError, match="reads 3 columns, and 1 are given"):
            onnx_file(written(linear(), tmp_path), columns=("a",))

    def test_scores_that_are_no_probabilities(self, tmp_path):
        model = onnx_file(written(linear("probabilities"), tmp_path), columns=NAMES)
        with pytest.raises(InputError, match="output probabilities: its scores are no probabilities"):
            answers(model, [(1.0, 2.0, 3.0)])

    def test_more_scores_than_classes(self, tmp_path):
        model = onnx_file(written(linear(metadata={"classes": '["a", "b"]'}), tmp_path), columns=NAMES)
        with pytest.raises(InputError, match="3 scores for 2 classes"):
            answers(model, [(1.0, 2.0, 3.0)])

    def test_a_single_class(self, tmp_path):
        with pytest.raises(InputError, match="two or more classes, found 1"):
            onnx_file(written(linear(metadata={"classes": '["a"]'}), tmp_path), columns=NAMES)
        with pytest.raises(InputError, match="its class names are 7"):
            onnx_file(written(linear(metadata={"classes": "7"}), tmp_path), columns=NAMES)

    def test_classes_that_are_not_counted(self, tmp_path):
        proto = linear("m", constants=[helper.make_tensor("k", TensorProto.BOOL, [3], [True] * 3)])
        proto.graph.node.append(helper.make_node("Compress", ["m", "k"], ["logits"], axis=1))
        proto.graph.output[0].CopyFrom(helper.make_tensor_value_info("logits", TensorProto.FLOAT, [None, None]))
        with pytest.raises(InputError, match="does not say how many classes"):
            onnx_file(written(proto, tmp_path), columns=NAMES)

    def test_rows_that_the_model_stumbles_over(self, tmp_path):
        model = onnx_file(
            written(linear(before=[helper.make_node("Reshape", ["x", "s"], ["f"])], constants=[_shape()]), tmp_path),
            columns=NAMES,
        )
        with pytest.raises(InputError, match="cannot read a row"):
            answers(model, [(1.0, 2.0, 3.0)])

    def test_without_the_library(self, tmp_path, monkeypatch):
        monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
        with pytest.raises(MissingExtra, match=r"pip install 'auditor\[onnx\]'"):
            onnx_file(written(linear(), tmp_path), columns=NAMES)


def _shape():
    """A shape that no single row of three has."""
    return helper.make_tensor("s", TensorProto.INT64, [2], [2, 3])
