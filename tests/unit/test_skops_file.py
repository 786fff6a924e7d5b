"""scikit-learn classifiers from .skops files: the same answers as scikit-learn's own, and refusals."""

import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.multiclass import OneVsOneClassifier, OutputCodeClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from auditor.errors import InputError, MissingExtra, UnsafeCheckpoint
from auditor.loaders._node_checks import check_nodes
from auditor.loaders.skops_file import skops_file

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(80, 3))
LABELS = np.where(ROWS[:, 0] > 0, "yes", np.where(ROWS[:, 1] > 0, "maybe", "no"))
TEXTS = ["a good film", "a bad film", "good plot", "dull and bad"] * 10
NAMES = ("a", "b", "c")


def saved(estimator, folder: Path) -> Path:
    skops.io.dump(estimator, folder / "model.skops")
    return folder / "model.skops"


def answers(model, items):
    return model.forward([encoded.payload for encoded in model.encode(items)], "float32")


@pytest.mark.parametrize(
    "estimator",
    [
        LogisticRegression(),
        RandomForestClassifier(10, random_state=0),
        GradientBoostingClassifier(n_estimators=5),
        HistGradientBoostingClassifier(max_iter=5),
        KNeighborsClassifier(algorithm="kd_tree"),
        KNeighborsClassifier(algorithm="ball_tree"),
        make_pipeline(StandardScaler(), CalibratedClassifierCV(LogisticRegression(), cv=2)),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_rows_are_answered_as_by_scikit_learn(estimator, tmp_path):
    path = saved(estimator.fit(ROWS, LABELS), tmp_path)
    model = skops_file(path, columns=NAMES)
    assert (model.takes, model.columns, model.classes, model.kind) == ("row", NAMES, ("maybe", "no", "yes"), "skops")
    got = answers(model, [tuple(row) for row in ROWS.tolist()])
    assert got.dtype == np.float64
    np.testing.assert_array_equal(got, estimator.predict_proba(ROWS))
    assert model.notes == ()
    assert [(file.path, file.size) for file in model.files] == [("model.skops", path.stat().st_size)]


def test_columns_of_a_data_frame_are_taken_by_name(tmp_path):
    frame = pd.DataFrame({"age": [20, 30, 40, 50] * 5, "job": ["a", "b", "b", "a"] * 5})
    steps = make_column_transformer((StandardScaler(), ["age"]), (OneHotEncoder(handle_unknown="ignore"), ["job"]))
    pipeline = make_pipeline(steps, LogisticRegression()).fit(frame, [0, 1, 1, 0] * 5)
    model = skops_file(saved(pipeline, tmp_path), columns=("name", "job", "age"))
    assert model.columns == ("age", "job")
    assert model.classes == ("0", "1")
    rows = [(25, "a"), (60, "b"), (33, "c"), (1, "a")]
    np.testing.assert_array_equal(answers(model, rows), pipeline.predict_proba(pd.DataFrame(rows, columns=["age", "job"])))
    with pytest.raises(InputError, match=r"reads the column 'job', and the inputs are age, jobs; did you mean 'jobs'"):
        skops_file(tmp_path / "model.skops", columns=("age", "jobs"))


def test_missing_cells_reach_an_estimator_that_takes_them_as_nan(tmp_path):
    rows = ROWS.copy()
    rows[::3, 1] = np.nan
    for data in (rows, pd.DataFrame(rows, columns=NAMES)):
        estimator = HistGradientBoostingClassifier(max_iter=5).fit(data, LABELS)
        model = skops_file(saved(estimator, tmp_path), columns=NAMES)
        cells = [tuple(None if np.isnan(cell) else cell for cell in row) for row in rows.tolist()]
        np.testing.assert_array_equal(answers(model, cells), estimator.predict_proba(data))
        np.testing.assert_array_equal(answers(model, [(1.0, None, 2.0)] * 2)[:1], answers(model, [(1.0, None, 2.0)]))


def test_objects_without_column_names_stay_objects(tmp_path):
    rows = np.array([["1", "x"], ["2", "y"]] * 5, dtype=object)
    pipeline = make_pipeline(OneHotEncoder(), LogisticRegression()).fit(rows, ["p", "q"] * 5)
    model = skops_file(saved(pipeline, tmp_path), columns=("a", "b"))
    np.testing.assert_array_equal(answers(model, [("1", "x"), ("2", "y")]), pipeline.predict_proba(rows[:2]))


@pytest.mark.parametrize(
    "first",
    [TfidfVectorizer(), HashingVectorizer(n_features=64), make_union(CountVectorizer(), TfidfVectorizer(analyzer="char"))],
)
def test_texts_are_answered_as_by_scikit_learn(first, tmp_path):
    pipeline = make_pipeline(first, LogisticRegression()).fit(TEXTS, ["pos", "neg"] * 20)
    model = skops_file(saved(pipeline, tmp_path), columns=("text", "label"))
    assert (model.takes, model.columns) == ("text", ())
    np.testing.assert_array_equal(answers(model, TEXTS[:5]), pipeline.predict_proba(TEXTS[:5]))
    assert [encoded.length for encoded in model.encode(["a good film", ""])] == [3, 1]


def test_a_text_pipeline_inside_another_estimator_takes_texts(tmp_path):
    inner = make_pipeline(TfidfVectorizer(), LogisticRegression())
    estimator = CalibratedClassifierCV(inner, cv=2).fit(TEXTS, ["pos", "neg"] * 20)
    assert skops_file(saved(estimator, tmp_path)).takes == "text"


def test_a_decision_function_ranks_rows_however_large_it_is(tmp_path):
    estimator = RidgeClassifier().fit(ROWS, LABELS == "yes")
    model = skops_file(saved(estimator, tmp_path), columns=NAMES)
    values = estimator.decision_function(ROWS)
    got = answers(model, [tuple(r) for r in ROWS.tolist()])[:, 1]
    assert got.argsort().tolist() == values.argsort().tolist()
    assert (got > 0.5).tolist() == (values > 0).tolist()
    far = answers(model, [(1e6, 0.0, 0.0), (1e7, 0.0, 0.0), (-1e7, 0.0, 0.0)])[:, 1]
    assert far[2] < 0.5 < far[0] < far[1] < 1
    assert model.classes == ("False", "True")
    assert model.scale == "rank"
    assert "decision function" in model.notes[0]


def test_each_class_of_a_decision_function_is_ranked_by_its_own(tmp_path):
    estimator = OneVsOneClassifier(LogisticRegression()).fit(ROWS, LABELS)
    got = answers(skops_file(saved(estimator, tmp_path), columns=NAMES), [tuple(r) for r in ROWS.tolist()])
    own = estimator.decision_function(ROWS)
    assert got.argsort(axis=0).tolist() == own.argsort(axis=0).tolist()
    assert got.argmax(axis=1).tolist() == own.argmax(axis=1).tolist()


def test_predictions_alone_are_one_for_the_predicted_class(tmp_path):
    estimator = OutputCodeClassifier(LogisticRegression(), random_state=0).fit(ROWS, LABELS)
    model = skops_file(saved(estimator, tmp_path), columns=NAMES)
    got = answers(model, [tuple(r) for r in ROWS.tolist()])
    assert got.max(axis=1).tolist() == [1.0] * len(ROWS)
    assert [model.classes[i] for i in got.argmax(axis=1)] == estimator.predict(ROWS).tolist()
    assert model.scale == "decision"
    assert "only decisions" in model.notes[0]


class TestRefusals:
    def test_functions_of_other_libraries(self, tmp_path):
        pipeline = make_pipeline(FunctionTransformer(os.system), LogisticRegression())
        with pytest.raises(UnsafeCheckpoint, match=r"not trusted: posix\.system"):
            skops_file(saved(pipeline, tmp_path), columns=NAMES)

    def test_what_is_no_classifier(self, tmp_path):
        for estimator in (LinearRegression().fit(ROWS, ROWS[:, 0]), StandardScaler().fit(ROWS), LogisticRegression()):
            with pytest.raises(InputError, match=f"expected a fitted classifier.*{type(estimator).__name__}"):
                skops_file(saved(estimator, tmp_path), columns=NAMES)

    def test_classifiers_of_several_labels(self, tmp_path):
        estimator = RandomForestClassifier(3).fit(ROWS, np.column_stack([LABELS, LABELS]))
        with pytest.raises(InputError, match="one class out of two or more"):
            skops_file(saved(estimator, tmp_path), columns=NAMES)

    def test_columns_that_do_not_fit(self, tmp_path):
        path = saved(LogisticRegression().fit(ROWS, LABELS), tmp_path)
        with pytest.raises(InputError, match="reads 3 columns, and 2 are given: a, b"):
            skops_file(path, columns=("a", "b"))
        with pytest.raises(InputError, match="does not say which columns it reads"):
            skops_file(path)

    @pytest.mark.parametrize("data", [b"", b"text", b"PK\x05\x06" + bytes(18)])
    def test_what_does_not_read(self, data, tmp_path):
        (tmp_path / "m.skops").write_bytes(data)
        with pytest.raises(InputError, match=r"does not read as a \.skops file"):
            skops_file(tmp_path / "m.skops")

    def test_cells_that_do_not_fit(self, tmp_path):
        model = skops_file(saved(LogisticRegression().fit(ROWS, LABELS), tmp_path), columns=NAMES)
        with pytest.raises(InputError, match="cannot read a row"):
            answers(model, [(1.0, "many", 2.0)])

    def test_answers_that_are_no_numbers(self, tmp_path):
        estimator = LogisticRegression().fit(ROWS, LABELS)
        estimator.coef_[:] = np.nan
        model = skops_file(saved(estimator, tmp_path), columns=NAMES)
        assert np.isnan(answers(model, [(1.0, 2.0, 3.0)] * 2)).all()  # which the plane refuses, row by row

    def test_without_the_library(self, tmp_path, monkeypatch):
        monkeypatch.setitem(__import__("sys").modules, "skops.io", None)
        with pytest.raises(MissingExtra, match=r"pip install 'auditor\[sklearn\]'"):
            skops_file(tmp_path / "m.skops")

    def test_what_scikit_learn_warns_of_becomes_a_note(self, tmp_path):
        path = saved(LogisticRegression().fit(ROWS, LABELS), tmp_path)
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        schema = json.loads(members["schema.json"])
        schema["content"]["content"]["_sklearn_version"]["content"] = '"0.99"'
        members["schema.json"] = json.dumps(schema).encode()
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in members.items():
                archive.writestr(name, data)
        assert "0.99" in skops_file(path, columns=NAMES).notes[0]


class TestNodes:
    """Trees that would lead scikit-learn out of its arrays."""

    def forest(self):
        return RandomForestClassifier(3, random_state=0).fit(ROWS, LABELS)

    def test_whole_models_pass(self):
        boosted = HistGradientBoostingClassifier(max_iter=2, categorical_features=[0]).fit(abs(ROWS).round(), LABELS)
        for model in (self.forest(), boosted, KNeighborsClassifier(algorithm="kd_tree").fit(ROWS, LABELS)):
            check_nodes(model, "x")

    @pytest.mark.parametrize(("field", "value"), [("left_child", 10**6), ("right_child", 0), ("feature", 3), ("feature", -5)])
    def test_nodes_of_a_forest(self, field, value):
        forest = self.forest()
        tree = forest.estimators_[1].tree_
        state = tree.__getstate__()
        state["nodes"][field][0] = value
        tree.__setstate__(state)
        with pytest.raises(InputError, match=r"sklearn.tree._tree.Tree in it is damaged"):
            check_nodes(forest, "x")

    def test_more_nodes_than_there_are(self):
        forest = self.forest()
        tree = forest.estimators_[0].tree_
        tree.__setstate__({**tree.__getstate__(), "node_count": 10**9})
        with pytest.raises(InputError, match="damaged"):
            check_nodes(make_pipeline(StandardScaler(), forest), "x")

    def test_columns_that_the_forest_does_not_ask_for(self):
        forest = self.forest()
        forest.n_features_in_ = 1
        with pytest.raises(InputError, match="damaged"):
            check_nodes(forest, "x")

    @pytest.mark.parametrize(("field", "value"), [("left", 9999), ("right", 0), ("feature_idx", 3), ("bitset_idx", 99)])
    def test_nodes_of_histogram_boosting(self, field, value):
        model = HistGradientBoostingClassifier(max_iter=2, categorical_features=[0]).fit(abs(ROWS).round(), LABELS)
        predictor = next(p for row in model._predictors for p in row if p.nodes["is_categorical"].any())
        predictor.nodes[field][predictor.nodes["is_categorical"] == 1] = value
        with pytest.raises(InputError, match="damaged"):
            check_nodes(model, "x")

    def test_stages_of_boosting(self):
        model = GradientBoostingClassifier(n_estimators=2).fit(ROWS, LABELS)
        model.n_trees_per_iteration_ = 1
        with pytest.raises(InputError, match="damaged"):
            check_nodes(model, "x")

    def test_nodes_of_neighbours(self):
        model = KNeighborsClassifier(algorithm="kd_tree").fit(ROWS, LABELS)
        data, order, *rest = model._tree.__getstate__()
        model._tree.__setstate__((data, np.asarray(order) + 1, *rest))
        with pytest.raises(InputError, match=r"KDTree in it is damaged"):
            check_nodes(model, "x")
