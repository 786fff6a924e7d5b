"""Every classifier of scikit-learn through skops: the estimator's own probabilities, and its own decisions."""

import functools
import inspect
import warnings

import numpy as np
import pandas as pd
import pytest
import skops.io
from scipy.stats import loguniform
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.decomposition import PCA
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    BaggingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import RFECV, SelectFromModel, SelectKBest, SequentialFeatureSelector, f_classif
from sklearn.frozen import FrozenEstimator
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier, SGDClassifier
from sklearn.metrics import fbeta_score, get_scorer_names, make_scorer
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    RandomizedSearchCV,
    RepeatedStratifiedKFold,
    StratifiedKFold,
    TimeSeriesSplit,
    TunedThresholdClassifierCV,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PowerTransformer,
    SplineTransformer,
    StandardScaler,
    TargetEncoder,
)
from sklearn.svm import LinearSVC
from sklearn.utils import all_estimators
from sklearn.utils.validation import check_array

from auditor.errors import InputError, UnsafeCheckpoint
from auditor.loaders.skops_file import skops_file

RNG = np.random.default_rng(0)
N = 90
ROWS = RNG.normal(size=(N, 3)).clip(-2, 2)
THREE = np.where(ROWS[:, 0] > 0.3, "yes", np.where(ROWS[:, 1] > 0, "maybe", "no")).astype(object)
TWO = np.where(ROWS[:, 0] + RNG.normal(size=N) > 0, "yes", "no").astype(object)
FRAME = pd.DataFrame(
    {
        "a": ROWS[:, 0],
        "b": RNG.integers(0, 5, N),
        "c": pd.Categorical(RNG.choice(["x", "y", "z"], N)),
        "s": RNG.choice(["u", "v"], N),
        "f": RNG.random(N) > 0.5,
    }
)
NUMBERS = FRAME[["a", "b"]]
MULTI_OUTPUT = {"ClassifierChain", "MultiOutputClassifier"}
QUICK = {
    "GradientBoostingClassifier": {"n_estimators": 5},
    "HistGradientBoostingClassifier": {"max_iter": 5},
    "LogisticRegressionCV": {"Cs": 2, "cv": 2},
    "RadiusNeighborsClassifier": {"radius": 9.0},
    "RandomForestClassifier": {"n_estimators": 7},
    "ExtraTreesClassifier": {"n_estimators": 7},
    "TunedThresholdClassifierCV": {"cv": 2},
}
TWO_ONLY = {("FixedThresholdClassifier", 3), ("TunedThresholdClassifierCV", 3)}
"""What scikit-learn itself fits on two classes only."""


def loaded(estimator, data, tmp_path):
    """The model, and its answers to the rows of the data."""
    skops.io.dump(estimator, tmp_path / "model.skops")
    named = isinstance(data, pd.DataFrame)
    columns = [str(name) for name in data.columns] if named else [f"x{place}" for place in range(data.shape[1])]
    model = skops_file(tmp_path / "model.skops", columns=columns)
    items = list(data.itertuples(index=False, name=None)) if named else [tuple(row) for row in data.tolist()]
    return model, model.forward([code.payload for code in model.encode(items)], "float32")


def check(estimator, data, tmp_path):
    """Probabilities are the estimator's own to 1e-9, decisions those of ``predict``, and ranks keep its order."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model, got = loaded(estimator, data, tmp_path)
        assert [model.classes[place] for place in got.argmax(axis=1)] == [str(name) for name in estimator.predict(data)]
        if model.scale == "probability":
            np.testing.assert_allclose(got, estimator.predict_proba(data), rtol=0, atol=1e-9)
        else:
            assert model.notes
        if model.scale == "rank" and len(model.classes) == 2:
            inner = getattr(estimator, "estimator_", estimator)
            order = np.argsort(inner.decision_function(data), kind="stable")
            assert (np.diff(got[order, 1]) >= -1e-9).all()
    return model


def built(kind):
    """An instance, with what it cannot do without, and nothing random."""
    takes = inspect.signature(kind).parameters
    parts = {"estimators": [("one", LogisticRegression()), ("two", GaussianNB())], "random_state": 0}
    if kind.__name__ not in ("AdaBoostClassifier", "BaggingClassifier", "CalibratedClassifierCV"):
        parts["estimator"] = LogisticRegression()
    return kind(**{name: part for name, part in parts.items() if name in takes})


CLASSIFIERS = {name: kind for name, kind in all_estimators(type_filter="classifier") if name not in MULTI_OUTPUT}


@pytest.mark.parametrize("labels", [TWO, THREE], ids=["two", "three"])
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_classifier_answers_as_scikit_learn_does(name, labels, tmp_path):
    rows = abs(ROWS).round() if name in ("CategoricalNB", "ComplementNB", "MultinomialNB") else ROWS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator = built(CLASSIFIERS[name]).set_params(**QUICK.get(name, {}))
        try:
            estimator.fit(rows, labels)
        except ValueError:
            assert (name, len(set(labels))) in TWO_ONLY
            return
    check(estimator, rows, tmp_path)


def numbers(*steps):
    return make_pipeline(*steps, LogisticRegression())


def search(**options):
    return GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, **{"cv": 2, **options})


MIXED = ColumnTransformer(
    [
        ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), make_column_selector(dtype_include=np.number)),
        ("words", OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=5), make_column_selector(pattern="^s")),
    ]
)
COMPOSED = {
    "searched": (search(), NUMBERS),
    "searched with a shuffled split": (search(cv=StratifiedKFold(2, shuffle=True, random_state=0)), NUMBERS),
    "searched with repeats": (search(cv=RepeatedStratifiedKFold(n_splits=2, n_repeats=1)), NUMBERS),
    "searched by time": (search(cv=TimeSeriesSplit(2)), NUMBERS),
    "searched with a scorer": (search(scoring=make_scorer(fbeta_score, beta=2, pos_label="yes")), NUMBERS),
    "searched at random": (RandomizedSearchCV(LogisticRegression(), {"C": [1, 2]}, n_iter=2, cv=2, random_state=0), NUMBERS),
    "categories by type": (HistGradientBoostingClassifier(max_iter=3), FRAME[["a", "c"]]),
    "categories by name": (HistGradientBoostingClassifier(max_iter=3, categorical_features=["c", "s"]), FRAME[["a", "c", "s"]]),
    "categories of numbers": (HistGradientBoostingClassifier(max_iter=3, categorical_features=["b"]), NUMBERS),
    "selected": (numbers(SelectKBest(f_classif, k=1)), NUMBERS),
    "selected by a model": (numbers(SelectFromModel(RandomForestClassifier(3, random_state=0))), NUMBERS),
    "eliminated": (numbers(RFECV(LogisticRegression(), cv=2)), NUMBERS),
    "added one by one": (numbers(SequentialFeatureSelector(LogisticRegression(), n_features_to_select=1, cv=2)), NUMBERS),
    "columns of all kinds": (numbers(MIXED), FRAME[["a", "b", "s"]]),
    "the rest passed on": (
        numbers(ColumnTransformer([("s", OrdinalEncoder(), ["s"])], remainder="passthrough")),
        FRAME[["a", "s", "f"]],
    ),
    "the rest scaled": (numbers(ColumnTransformer([("a", StandardScaler(), ["a"])], remainder=MinMaxScaler())), NUMBERS),
    "a text among columns": (
        numbers(ColumnTransformer([("s", TfidfVectorizer(token_pattern=r"\w"), "s"), ("a", StandardScaler(), ["a"])])),
        FRAME[["a", "s"]],
    ),
    "encoded by the target": (numbers(TargetEncoder(cv=2)), FRAME[["s"]]),
    "truth values": (numbers(OneHotEncoder(drop="if_binary")), FRAME[["f", "s"]]),
    "frames inside": (numbers(StandardScaler().set_output(transform="pandas")), NUMBERS),
    "a function of numpy": (numbers(FunctionTransformer(np.log1p)), NUMBERS.abs()),
    "rounded": (numbers(FunctionTransformer(np.round)), NUMBERS),
    "binned": (numbers(KBinsDiscretizer(3, quantile_method="averaged_inverted_cdf")), NUMBERS),
    "splines": (numbers(SplineTransformer()), NUMBERS),
    "powers": (numbers(PowerTransformer()), NUMBERS),
    "imputed by neighbours": (numbers(KNNImputer()), NUMBERS),
    "a union": (numbers(make_union(PCA(1), StandardScaler())), NUMBERS),
    "calibrated by rank": (CalibratedClassifierCV(LinearSVC(), method="isotonic", cv=2), NUMBERS),
    "calibrated by temperature": (CalibratedClassifierCV(LogisticRegression(), method="temperature", cv=2), NUMBERS),
    "a soft vote": (VotingClassifier([("a", LogisticRegression()), ("b", GaussianNB())], voting="soft"), NUMBERS),
    "a hard vote": (VotingClassifier([("a", LogisticRegression()), ("b", GaussianNB())]), NUMBERS),
    "a stack": (StackingClassifier([("a", LogisticRegression()), ("b", GaussianNB())], cv=2), NUMBERS),
    "a stack that ends in a machine": (
        StackingClassifier([("a", LogisticRegression()), ("b", GaussianNB())], LinearSVC(), cv=2),
        NUMBERS,
    ),
    "a bag": (BaggingClassifier(LogisticRegression(), n_estimators=3, max_features=1, random_state=0), NUMBERS),
    "work spread over threads": (
        numbers(ColumnTransformer([("a", StandardScaler(), ["a"]), ("b", MinMaxScaler(), ["b"])])),
        NUMBERS,
    ),
    "one against the rest": (OneVsRestClassifier(SGDClassifier(loss="log_loss", random_state=0)), NUMBERS),
    "clipped probabilities": (SGDClassifier(loss="modified_huber", random_state=0), NUMBERS),
    "one against one, Gaussian": (GaussianProcessClassifier(multi_class="one_vs_one", random_state=0), NUMBERS),
    "a threshold": (FixedThresholdClassifier(LogisticRegression(), threshold=0.3, pos_label="yes"), NUMBERS),
    "a threshold of the first class": (FixedThresholdClassifier(LogisticRegression(), threshold=0.8, pos_label="no"), NUMBERS),
    "a threshold of a function": (FixedThresholdClassifier(LinearSVC(), threshold=0.4, pos_label="yes"), NUMBERS),
    "no threshold": (FixedThresholdClassifier(LogisticRegression(), pos_label="yes"), NUMBERS),
    "a tuned threshold": (
        TunedThresholdClassifierCV(LogisticRegression(), scoring=make_scorer(fbeta_score, beta=2, pos_label="yes"), cv=2),
        NUMBERS,
    ),
    "a threshold behind a scaler": (
        make_pipeline(StandardScaler(), FixedThresholdClassifier(LogisticRegression(), threshold=0.3, pos_label="yes")),
        NUMBERS,
    ),
    "neighbours far away": (KNeighborsClassifier(metric="mahalanobis", metric_params={"VI": np.eye(2)}), NUMBERS),
    "neighbours by other letters": (KNeighborsClassifier(metric="hamming", algorithm="ball_tree"), NUMBERS),
    "frozen": (CalibratedClassifierCV(FrozenEstimator(LogisticRegression().fit(NUMBERS, TWO)), cv=2), NUMBERS),
}
OF_THREE = ["a hard vote", "a stack that ends in a machine", "clipped probabilities", "one against the rest", "searched"]
CASES = [*((name, "two") for name in COMPOSED), *((name, "three") for name in [*OF_THREE, "one against one, Gaussian"])]


@pytest.mark.parametrize(("name", "classes"), CASES, ids=lambda part: part)
def test_what_is_composed_answers_as_scikit_learn_does(name, classes, tmp_path):
    estimator, data = COMPOSED[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator.fit(data, TWO if classes == "two" else THREE)
        if name == "work spread over threads":
            estimator.set_params(columntransformer__n_jobs=2)
    check(estimator, data, tmp_path)


@pytest.mark.parametrize("scoring", get_scorer_names())
def test_every_scorer_is_trusted(scoring, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator = GridSearchCV(LogisticRegression(), {"C": [1]}, scoring=scoring, cv=2).fit(NUMBERS, TWO == "yes")
        model, _ = loaded(estimator, NUMBERS, tmp_path)
    assert model.classes == ("False", "True")


class TestRefusals:
    """What is no classifier of one class says so, and what could reach further than numbers is not loaded."""

    def refused(self, estimator, tmp_path):
        skops.io.dump(estimator, tmp_path / "model.skops")
        with pytest.raises(InputError) as caught:
            skops_file(tmp_path / "model.skops", columns=("a", "b"))
        return caught.value

    @pytest.mark.parametrize(
        ("estimator", "labels", "words"),
        [
            (LinearRegression(), ROWS[:, 0], "LinearRegression is a regressor"),
            (KMeans(2, n_init=1), TWO, "KMeans is a clusterer"),
            (IsolationForest(n_estimators=3), TWO, "IsolationForest is an outlier detector"),
            (StandardScaler(), TWO, "StandardScaler is no classifier"),
            (MultiOutputClassifier(LogisticRegression()), np.stack([TWO, TWO[::-1]], axis=1), "several labels"),
            (RandomForestClassifier(3), np.stack([TWO, TWO[::-1]], axis=1), "several labels"),
            (MLPClassifier((2,), max_iter=2), RNG.integers(0, 2, (N, 2)), "several labels"),
            (OneVsRestClassifier(LogisticRegression()), RNG.integers(0, 2, (N, 2)), "several labels"),
            (make_pipeline(StandardScaler(), RidgeClassifier()), RNG.integers(0, 2, (N, 2)), "several labels"),
            (DummyClassifier(), ["yes"] * N, "one class only: yes"),
            (DummyClassifier(strategy="uniform"), TWO, "decides at random"),
        ],
    )
    def test_other_estimators(self, estimator, labels, words, tmp_path):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            estimator.fit(NUMBERS, labels)
        assert words in str(self.refused(estimator, tmp_path))

    def test_an_estimator_that_is_not_fitted(self, tmp_path):
        assert "not fitted" in str(self.refused(LogisticRegression(), tmp_path))

    def test_distributions_of_a_search_whose_code_is_compiled_from_the_file(self, tmp_path):
        search = RandomizedSearchCV(LogisticRegression(), {"C": loguniform(0.1, 1)}, n_iter=1, cv=2).fit(NUMBERS, TWO)
        error = self.refused(search, tmp_path)
        assert isinstance(error, UnsafeCheckpoint)
        assert "best_estimator_" in error.remedy

    @pytest.mark.parametrize("function", [functools.partial(np.round, decimals=1), functools.partial(check_array, [[1]])])
    def test_functions_that_scikit_learn_does_not_bind(self, function, tmp_path):
        pipeline = make_pipeline(FunctionTransformer(function), LogisticRegression())
        pipeline.steps[1][1].fit(NUMBERS, TWO)
        error = self.refused(pipeline, tmp_path)
        assert isinstance(error, UnsafeCheckpoint)
        assert "partial" in str(error)

    @pytest.mark.parametrize("method", ["tofile", "dump", "tolist"])
    def test_methods_of_arrays(self, method, tmp_path):
        bound = functools.partial(getattr(np.ones(2), method), str(tmp_path / "written"))
        error = self.refused(make_pipeline(TfidfVectorizer(preprocessor=bound), LogisticRegression()), tmp_path)
        assert isinstance(error, UnsafeCheckpoint)
        assert not (tmp_path / "written").exists()

    def test_vectorisers_that_open_files(self, tmp_path):
        pipeline = make_pipeline(TfidfVectorizer(token_pattern=r"\w"), LogisticRegression()).fit(FRAME["s"], TWO)
        pipeline.steps[0][1].input = "filename"
        error = self.refused(pipeline, tmp_path)
        assert isinstance(error, UnsafeCheckpoint)
        assert "reads files" in str(error)

    def test_distances_with_weights_for_other_columns(self, tmp_path):
        model = KNeighborsClassifier(metric="minkowski", metric_params={"w": np.ones(2)}, algorithm="ball_tree")
        model.fit(NUMBERS, TWO)
        skops.io.dump(model, tmp_path / "model.skops")
        skops_file(tmp_path / "model.skops", columns=("a", "b"))
        state = model._tree.__getstate__()
        distance = next(part for part in state if hasattr(part, "pairwise"))
        distance.__setstate__((2.0, np.ones(1), np.zeros((1, 1))))
        model._tree.__setstate__(state)
        assert "damaged" in str(self.refused(model, tmp_path))
