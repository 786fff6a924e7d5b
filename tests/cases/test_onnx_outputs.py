"""ONNX exports of one classifier in each form that converters write: scikit-learn's figures for each."""

import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import TensorProto, helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType, Int64TensorType, StringTensorType
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import auditor
from auditor.errors import InputError

RNG = np.random.default_rng(0)
N = 605
DATA = pd.DataFrame({"age": RNG.normal(40, 10, N).round(1), "hours": RNG.normal(38, 8, N).round(1)})
DATA["job"] = RNG.choice(["clerk", "cook", "nurse"], N)
ODDS = 0.08 * (DATA.age - 40) + 0.1 * (DATA.hours - 38) + (DATA.job == "nurse") * 1.5 - 0.4
DATA["y"] = np.where(RNG.random(N) < 1 / (1 + np.exp(-ODDS)), "yes", "no")
X = DATA[["age", "hours"]].to_numpy(np.float32)
CLASSIFIER = LogisticRegression().fit(X, DATA.y)
PROBABILITIES = CLASSIFIER.predict_proba(X)
ACCURACY, LOSS = accuracy_score(DATA.y, CLASSIFIER.predict(X)), log_loss(DATA.y, PROBABILITIES)


def exported(**options):
    return to_onnx(CLASSIFIER, X[:1], options={id(CLASSIFIER): options})


def fixed(proto, size):
    for value in [*proto.graph.input, *proto.graph.output]:
        value.type.tensor_type.shape.dim[0].dim_value = size
    return proto


def kept(proto, *names):
    """The export with only these outputs."""
    outputs = [value for value in proto.graph.output if value.name in names]
    del proto.graph.output[:]
    proto.graph.output.extend(outputs)
    return proto


def column_inputs():
    kinds = [("age", FloatTensorType([None, 1])), ("hours", FloatTensorType([None, 1]))]
    scaled = make_pipeline(make_column_transformer(("passthrough", ["age", "hours"])), CLASSIFIER)
    scaled.steps[0][1].fit(DATA[["age", "hours"]])
    return to_onnx(scaled, initial_types=kinds, options={id(CLASSIFIER): {"zipmap": False}})


EXPORTS = {
    "a map for each row": lambda: exported(zipmap=True),
    "a table": lambda: exported(zipmap=False),
    "a column for each class": lambda: exported(zipmap="columns"),
    "a table and the names of its classes": lambda: exported(zipmap=False, output_class_labels=True),
    "one row at a time": lambda: fixed(exported(zipmap=False), 1),
    "four rows at a time": lambda: fixed(exported(zipmap=False), 4),
    "more rows at a time than there are": lambda: fixed(exported(zipmap=False), 5000),
    "the table alone": lambda: kept(exported(zipmap=False), "probabilities"),
    "an input for each column": column_inputs,
    "double": lambda: to_onnx(
        CLASSIFIER, initial_types=[("X", DoubleTensorType([None, 2]))], options={id(CLASSIFIER): {"zipmap": False}}
    ),
}


def figures(proto, folder, *, inputs=("age", "hours"), data=DATA):
    (folder / "model.onnx").write_bytes(proto.SerializeToString())
    result = auditor.audit(
        model=folder / "model.onnx",
        data=data,
        inputs=inputs,
        label="y",
        probes=["performance", "calibration"],
        out=folder / "out",
    )
    return result, {
        found.metric: found for outcome in result.run.outcomes for found in outcome.measurements if "class" not in found.where
    }


@pytest.mark.parametrize("name", EXPORTS)
def test_each_form_gives_the_figures_of_scikit_learn(name, tmp_path):
    _, found = figures(EXPORTS[name](), tmp_path)
    assert found["accuracy"].value == pytest.approx(ACCURACY, abs=1e-12)
    assert found["accuracy"].n == N
    assert found["log_loss"].value == pytest.approx(LOSS, abs=1e-5)


def test_the_label_alone_gives_decisions_and_no_scores(tmp_path):
    result, found = figures(kept(exported(zipmap=False), "label"), tmp_path)
    assert found["accuracy"].value == pytest.approx(ACCURACY, abs=1e-12)
    assert found["log_loss"].value is None
    assert found["auroc"].value is None
    assert {outcome.probe: outcome.status for outcome in result.run.outcomes}["calibration"] == "inapplicable"


def test_whole_numbers_and_words_have_inputs_of_their_own(tmp_path):
    data = DATA.assign(age=DATA.age.round().astype(int))
    steps = make_column_transformer((StandardScaler(), ["age", "hours"]), (OneHotEncoder(), ["job"]))
    pipeline = make_pipeline(steps, LogisticRegression()).fit(data[["age", "hours", "job"]], data.y)
    kinds = [
        ("age", Int64TensorType([None, 1])),
        ("hours", FloatTensorType([None, 1])),
        ("job", StringTensorType([None, 1])),
    ]
    proto = to_onnx(pipeline, initial_types=kinds, options={id(pipeline.steps[-1][1]): {"zipmap": False}})
    _, found = figures(proto, tmp_path, inputs=(), data=data)
    assert found["accuracy"].value == pytest.approx(pipeline.score(data, data.y), abs=1e-12)


def test_inputs_of_several_columns_take_them_in_order(tmp_path):
    """Two matrices, of which the second has one column: 0.1 a + 0.2 b - 0.3 c."""
    weights = [onnx.numpy_helper.from_array(np.array(w, np.float32)[:, None], n) for w, n in (([0.1, 0.2], "u"), ([-0.3], "v"))]
    inputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [None, k]) for n, k in (("first", 2), ("second", 1))]
    nodes = [
        helper.make_node("MatMul", ["first", "u"], ["p"]),
        helper.make_node("MatMul", ["second", "v"], ["q"]),
        helper.make_node("Add", ["p", "q"], ["logit"]),
    ]
    output = helper.make_tensor_value_info("logit", TensorProto.FLOAT, [None, 1])
    proto = helper.make_model(
        helper.make_graph(nodes, "g", inputs, [output], weights), opset_imports=[helper.make_opsetid("", 17)], ir_version=8
    )
    cells = RNG.normal(size=(50, 3)).astype(np.float32)
    logits = cells @ np.array([0.1, 0.2, -0.3])
    data = pd.DataFrame(cells, columns=["a", "b", "c"]).assign(y=(logits > 0).astype(int))
    _, found = figures(proto, tmp_path, inputs=("a", "b", "c"), data=data)
    assert found["accuracy"].value == 1
    assert found["log_loss"].value == pytest.approx(np.log1p(np.exp(-abs(logits))).mean(), abs=1e-6)


def test_the_label_is_not_counted_among_the_inputs(tmp_path):
    with pytest.raises(InputError, match="reads 2 columns, and 3 are given: age, hours, job") as caught:
        figures(exported(zipmap=False), tmp_path, inputs=())
    assert "inputs" in caught.value.remedy
    _, found = figures(exported(zipmap=False), tmp_path, inputs=(), data=DATA.drop(columns="job"))
    assert found["accuracy"].value == pytest.approx(ACCURACY, abs=1e-12)


def test_an_error_of_the_runtime_says_which_side_is_at_fault(tmp_path):
    """A file that fixes the number of rows inside and not at its inputs takes one row, and no more."""
    shape = helper.make_tensor("s", TensorProto.INT64, [2], [3, 5])
    proto = exported(zipmap=False)
    proto.graph.initializer.append(shape)
    for node in proto.graph.node:
        node.input[:] = ["r" if name == "X" else name for name in node.input]
    proto.graph.node.insert(0, helper.make_node("Reshape", ["X", "s"], ["r"]))
    with pytest.raises(InputError, match=r"shape.*\{1,2\}.*\{3,5\}"):
        figures(proto, tmp_path)
