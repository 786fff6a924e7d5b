"""Pipelines of scikit-learn on tables, through the whole audit: columns, classes and cells of every kind."""

import datetime as dt
import zipfile

import numpy as np
import onnx
import pandas as pd
import pytest
import sklearn
import skops.io
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC

import auditor
from auditor.errors import InputError
from auditor.plugins import Step

RNG = np.random.default_rng(0)
N = 400
DATA = pd.DataFrame(
    {
        "age": RNG.normal(40, 10, N).round(1),
        "hours": RNG.normal(38, 8, N).round(1),
        "job": RNG.choice(["clerk", "cook", "nurse"], N),
        "sex": RNG.choice(["Female", "Male"], N),
    }
)
ODDS = 0.08 * (DATA.age - 40) + 0.1 * (DATA.hours - 38) + (DATA.sex == "Male") * 1.5 - 0.7
DATA["y"] = np.where(RNG.random(N) < 1 / (1 + np.exp(-ODDS)), "yes", "no")
READ = ["age", "hours", "job", "sex"]


def pipeline(last=None, *, data=DATA, numbers=("age", "hours"), words=("job", "sex")):
    steps = make_column_transformer((StandardScaler(), list(numbers)), (OneHotEncoder(handle_unknown="ignore"), list(words)))
    return make_pipeline(steps, last or LogisticRegression()).fit(data[[*numbers, *words]], data.y)


def audited(estimator, data, folder, **how):
    """The run, and its measurements of the whole table by name."""
    skops.io.dump(estimator, folder / "model.skops")
    if isinstance(data, pd.DataFrame):
        data.to_csv(folder / "data.csv", index=False)
        data = folder / "data.csv"
    options = {"label": "y", "out": folder / "out", "packs": [], **how}
    run = auditor.audit(model=folder / "model.skops", data=data, **options).run
    failed = [f"{outcome.probe}: {outcome.reason}" for outcome in run.outcomes if outcome.status == "failed"]
    assert not failed
    found = [one for outcome in run.outcomes for one in outcome.measurements if set(one.where) <= {"pass"}]
    return run, {one.metric: one for one in found}


def test_no_probe_crashes_on_columns_of_words(tmp_path):
    """The two that change texts have none to change: a category is no text, and its slips of the pen are no test."""
    estimator = pipeline()
    run, found = audited(estimator, DATA, tmp_path, groups=["sex"])
    assert found["accuracy"].value == estimator.score(DATA[READ], DATA.y)
    status = {outcome.probe: outcome.status for outcome in run.outcomes}
    assert status["label_flips"] == status["counterfactual_flips"] != "measured"


def test_a_column_that_is_named_is_changed(tmp_path):
    """Sex swapped: the share of rows to which the estimator itself gives another class."""
    estimator = pipeline()
    _, found = audited(
        estimator,
        DATA,
        tmp_path,
        probes=Step("counterfactual_flips", {"swap": {"use": "swap_gendered_words", "column": "sex"}}),
    )
    swapped = DATA[READ].assign(sex=DATA.sex.map({"Female": "Male", "Male": "Female"}))
    flips = estimator.predict(DATA[READ]) != estimator.predict(swapped)
    assert 0 < flips.mean() < 1
    assert found["counterfactual_flip_rate"].value == pytest.approx(flips.mean(), abs=1e-12)
    assert found["counterfactual_flip_rate"].n == N
    gap = abs(estimator.predict_proba(DATA[READ]) - estimator.predict_proba(swapped))[:, 0].mean()
    assert found["counterfactual_score_gap"].value == pytest.approx(gap, abs=1e-9)


def test_running_text_among_the_columns_is_what_is_corrupted(tmp_path):
    words = "he she the film was very good bad dull bright actor plot and but so".split()
    data = DATA.assign(
        review=[f"{' '.join(RNG.choice(words, 6))} {'good' if y == 'yes' else 'bad'} {i}" for i, y in enumerate(DATA.y)]
    )
    steps = make_column_transformer((OneHotEncoder(), ["job"]), (TfidfVectorizer(), "review"), (StandardScaler(), ["age"]))
    estimator = make_pipeline(steps, LogisticRegression()).fit(data, data.y)
    run, found = audited(estimator, data, tmp_path, probes=["label_flips:corrupt=keyboard_typos"])
    assert found["label_flips"].n > N // 2
    shown = [example for outcome in run.outcomes for evidence in outcome.evidence for example in evidence.examples]
    assert shown
    assert all(" " in example.before and example.before != example.after for example in shown)


def test_a_column_that_the_model_does_not_read_is_not_changed(tmp_path):
    data = DATA.assign(note="he said so")
    step = Step("label_flips", {"corrupt": {"use": "keyboard_typos", "column": "note"}})
    run, _ = audited(pipeline(), data, tmp_path, probes=step)
    assert [outcome.status for outcome in run.outcomes] == ["skipped"]
    assert "note" in str(run.outcomes[0].reason)


def test_columns_that_a_pipeline_drops_are_not_asked_for(tmp_path):
    estimator = make_pipeline(make_column_transformer((StandardScaler(), ["age", "hours"])), LogisticRegression())
    estimator.fit(DATA, DATA.y)
    run, found = audited(estimator, DATA[["hours", "y", "age"]], tmp_path, probes=["performance"])
    assert run.data.roles.inputs == ("age", "hours")
    assert found["accuracy"].value == estimator.score(DATA, DATA.y)


def test_the_order_of_columns_and_columns_beside_them_do_not_matter(tmp_path):
    estimator = pipeline()
    shuffled = DATA.assign(extra=range(N))[["sex", "extra", "y", "hours", "job", "age"]]
    _, found = audited(estimator, shuffled, tmp_path, probes=["performance"])
    assert found["accuracy"].value == estimator.score(DATA[READ], DATA.y)


def test_every_column_that_is_missing_is_named(tmp_path):
    with pytest.raises(InputError, match="reads 2 columns that are not there: age, job, and the data have hours, sex, y, Age"):
        audited(pipeline(), DATA.drop(columns=["job", "age"]).assign(Age=1.0), tmp_path)


def test_a_label_that_the_model_reads_is_refused_and_an_inferred_one_gives_way(tmp_path):
    data = DATA.rename(columns={"job": "class"})
    estimator = pipeline(data=data, words=("class", "sex"))
    with pytest.raises(InputError, match="reads the label 'class'"):
        audited(estimator, data, tmp_path, label="class")
    run, _ = audited(estimator, data, tmp_path, probes=["performance"], label=None)
    assert run.data.roles.label == "y"


@pytest.mark.parametrize(
    ("classes", "written"),
    [
        ((0, 1), ("0", "1")),
        ((0.0, 1.0), ("0", "1")),
        ((-1, 1), ("-1", "1")),
        ((False, True), ("False", "True")),
        ((False, True), ("0", "1")),
        (("no", "yes"), ("no", "yes")),
        ((3, 7), ("3", "7")),
        ((0, 1), ("False", "True")),
    ],
)
def test_classes_of_every_type_meet_labels_as_they_are_written(classes, written, tmp_path):
    truth = (DATA.y == "yes").astype(int)
    estimator = LogisticRegression().fit(DATA[["age", "hours"]], np.array(classes)[truth])
    data = DATA[["age", "hours"]].assign(y=np.array(written)[truth])
    _, found = audited(estimator, data, tmp_path, probes=["performance"])
    assert found["accuracy"].value == estimator.score(DATA[["age", "hours"]], np.array(classes)[truth])


def test_cells_that_are_missing_cost_their_rows_where_nothing_fills_them_in(tmp_path):
    data = DATA.copy()
    data.loc[[0, 7, 50], "age"] = np.nan
    data.loc[[8], "job"] = np.nan
    estimator = pipeline()
    run, found = audited(estimator, data, tmp_path, probes=["performance"])
    assert found["accuracy"].n == N - 3
    whole = data.dropna(subset="age")
    assert found["accuracy"].value == pytest.approx(estimator.score(whole[READ], whole.y), abs=1e-12)
    assert found["undecided_share"].value == pytest.approx(3 / N)
    shown = [one for outcome in run.outcomes for one in outcome.evidence if one.metric == "undecided_share"]
    assert [example.row for example in shown[0].examples] == ["0", "7", "50"]
    assert all("NaN" in example.facts["reason"] for example in shown[0].examples)


def test_cells_that_are_missing_are_filled_in_where_the_model_does(tmp_path):
    data = DATA.copy()
    data.loc[::5, "age"] = np.nan
    data.loc[::7, "job"] = np.nan
    steps = make_column_transformer(
        (make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), ["age", "hours"]),
        (make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder()), ["job"]),
    )
    data.to_csv(tmp_path / "data.csv", index=False)
    data = pd.read_csv(tmp_path / "data.csv")
    estimator = make_pipeline(steps, LogisticRegression()).fit(data[["age", "hours", "job"]], data.y)
    _, found = audited(estimator, data, tmp_path, probes=["performance"])
    assert found["accuracy"].n == N
    assert found["accuracy"].value == pytest.approx(estimator.score(data[["age", "hours", "job"]], data.y), abs=1e-12)


def test_whole_numbers_truth_values_and_dates_are_read_as_pandas_reads_them(tmp_path):
    data = DATA[["y"]].assign(
        rooms=RNG.integers(1, 4, N),
        owner=RNG.random(N) > 0.5,
        since=pd.Series(RNG.choice(["2020-01-31", "2021-12-01"], N)),
        share=pd.Series(RNG.choice(["1.50", "2.25"], N)),
    )
    data.to_csv(tmp_path / "data.csv", index=False)
    data = pd.read_csv(tmp_path / "data.csv")
    read = ["rooms", "owner", "since", "share"]
    steps = make_column_transformer((OneHotEncoder(), ["rooms", "owner", "since"]), (StandardScaler(), ["share"]))
    estimator = make_pipeline(steps, LogisticRegression()).fit(data[read], data.y)
    _, found = audited(estimator, tmp_path / "data.csv", tmp_path, probes=["performance"])
    assert found["accuracy"].n == N
    assert found["accuracy"].value == pytest.approx(estimator.score(data[read], data.y), abs=1e-12)


def test_scores_that_only_rank_are_not_calibrated(tmp_path):
    """A linear machine: AUROC is that of its decision function, and nothing is said of probabilities."""
    estimator = pipeline(LinearSVC())
    run, found = audited(estimator, DATA, tmp_path, probes=["performance", "calibration"])
    assert found["accuracy"].value == pytest.approx(estimator.score(DATA[READ], DATA.y), abs=1e-12)
    area = roc_auc_score(DATA.y == "yes", estimator.decision_function(DATA[READ]))
    assert found["auroc"].value == pytest.approx(area, abs=1e-9)
    assert found["log_loss"].value is None
    assert found["expected_calibration_error"].value is None
    assert any("ranks rows" in note for note in run.model.notes)


def test_a_model_without_names_is_given_all_columns_but_the_label(tmp_path):
    estimator = LogisticRegression().fit(DATA[["age", "hours"]].to_numpy(), DATA.y)
    data = DATA[["age", "hours", "sex", "y"]]
    run, found = audited(estimator, data, tmp_path, probes=["performance"], groups=["sex"])
    assert run.data.roles.inputs == ("age", "hours")
    assert found["accuracy"].value == estimator.score(DATA[["age", "hours"]].to_numpy(), DATA.y)
    with pytest.raises(InputError, match="reads 2 columns, and 4 are given: age, hours, job, sex"):
        audited(estimator, DATA, tmp_path, out=tmp_path / "other")


@pytest.mark.parametrize("unknown", ["ignore", "error"])
@pytest.mark.parametrize(
    ("trained", "written"),
    [
        (("1", "2"), (1, 2)),
        ((1, 2), ("01", "02")),
        ((1.0, 2.0), (1, 2)),
        (("1.0", "2.0"), (1, 2)),
        (("True", "False"), (True, False)),
        ((True, False), ("true", "false")),
        (("Private", "State gov"), (" Private", " State gov ")),
    ],
)
def test_cells_that_read_like_a_category_are_that_category(trained, written, unknown, tmp_path):
    """The encoder takes the cells as they are written for unknown ones: an error, or zeros without a word."""
    first = (DATA.y == "yes").to_numpy() ^ (RNG.random(N) < 0.2)
    imputed = [] if isinstance(trained[0], bool) else [SimpleImputer(strategy="most_frequent")]
    frame = pd.DataFrame({"kind": np.where(first, trained[0], trained[1]), "age": DATA.age})
    steps = make_column_transformer(
        (make_pipeline(*imputed, OneHotEncoder(handle_unknown=unknown)), ["kind"]),
        ("passthrough", ["age"]),
    )
    estimator = make_pipeline(steps, LogisticRegression(max_iter=1000)).fit(frame, DATA.y)
    data = frame.assign(kind=np.where(first, written[0], written[1]), y=DATA.y)
    data.to_parquet(tmp_path / "data.parquet")
    _, found = audited(estimator, tmp_path / "data.parquet", tmp_path, probes=["performance"])
    assert found["accuracy"].n == N
    assert found["accuracy"].value == estimator.score(frame, DATA.y) > 0.7


def test_codes_of_digits_are_words_to_a_model_that_was_trained_on_words(tmp_path):
    """Zeros in front stay, in text formats as in Parquet, and nobody asks for a decimal sign."""
    data = DATA.assign(code=RNG.choice(["007", "12", "0100"], N))
    estimator = pipeline(data=data, words=("code", "sex"))
    _, found = audited(estimator, data, tmp_path, probes=["performance"])
    assert found["accuracy"].value == estimator.score(data, data.y)


def test_a_model_that_answers_no_number_is_not_measured(tmp_path):
    estimator = LogisticRegression().fit(DATA[["age", "hours"]], DATA.y)
    estimator.coef_[:] = np.nan
    skops.io.dump(estimator, tmp_path / "model.skops")
    how = {"label": "y", "probes": ["performance"], "out": tmp_path / "out"}
    run = auditor.audit(model=tmp_path / "model.skops", data=DATA, **how).run
    assert [outcome.status for outcome in run.outcomes] == ["failed"]
    assert "no answer to any" in str(run.outcomes[0].reason)
    assert run.gate.exit_code == 3


@pytest.mark.parametrize(("classes", "rest"), [(2, 0.0), (3, 0.5), (3, -1.0)])
def test_rows_whose_probabilities_are_none_are_counted_and_never_the_first_class(classes, rest, tmp_path):
    """An ONNX file that answers some rows with a NaN, with zeros alone, or with what sums to less than 1."""
    kinds = [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [None, classes])]
    output = onnx.helper.make_tensor_value_info("probabilities", onnx.TensorProto.FLOAT, [None, classes])
    graph = onnx.helper.make_graph([onnx.helper.make_node("Identity", ["x"], ["probabilities"])], "g", kinds, [output])
    proto = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    (tmp_path / "model.onnx").write_bytes(proto.SerializeToString())
    rows = np.eye(classes)[RNG.integers(0, classes, 60)] * 0.9 + 0.1 / classes
    truth = rows.argmax(axis=1)
    rows[5] = np.nan if classes == 2 else rest / classes
    rows[9] = 0.0
    data = pd.DataFrame(rows, columns=[f"x{i}" for i in range(classes)]).assign(y=truth)
    how = {"label": "y", "probes": ["performance"], "packs": [], "out": tmp_path / "out"}
    run = auditor.audit(model=tmp_path / "model.onnx", data=data, **how).run
    found = {one.metric: one for one in run.outcomes[0].measurements if not one.where}
    assert (found["accuracy"].value, found["accuracy"].n) == (1.0, 58)
    assert found["undecided_share"].value == pytest.approx(2 / 60)


def test_a_file_of_another_version_of_scikit_learn_is_noted(tmp_path):
    estimator = LogisticRegression().fit(DATA[["age", "hours"]], DATA.y)
    skops.io.dump(estimator, tmp_path / "whole.skops")
    with zipfile.ZipFile(tmp_path / "whole.skops") as whole, zipfile.ZipFile(tmp_path / "model.skops", "w") as changed:
        for name in whole.namelist():
            held = whole.read(name)
            changed.writestr(name, held.replace(sklearn.__version__.encode(), b"1.2.0") if name == "schema.json" else held)
    how = {"label": "y", "probes": ["performance"], "packs": [], "out": tmp_path / "out"}
    run = auditor.audit(model=tmp_path / "model.skops", data=DATA, **how).run
    assert any("1.2.0" in note and sklearn.__version__ in note for note in run.model.notes)


def test_dates_are_categories_as_they_are_and_as_text(tmp_path):
    days = [dt.date(2020, 1, 1), dt.date(2021, 6, 30)]
    late = (DATA.y == "yes").to_numpy() ^ (RNG.random(N) < 0.2)
    frame = pd.DataFrame({"day": [days[one] for one in late.astype(int)], "age": DATA.age})
    steps = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["day"]), ("passthrough", ["age"]))
    estimator = make_pipeline(steps, LogisticRegression(max_iter=1000)).fit(frame, DATA.y)
    data = frame.assign(y=DATA.y)
    data.to_parquet(tmp_path / "typed.parquet")
    for place in (data, tmp_path / "typed.parquet"):
        out = tmp_path / ("csv" if place is data else "parquet")
        _, found = audited(estimator, place, tmp_path, probes=["performance"], out=out)
        assert found["accuracy"].value == estimator.score(frame, DATA.y) > 0.7


def test_inputs_that_are_named_must_be_all_that_the_model_reads(tmp_path):
    with pytest.raises(
        InputError, match="reads 2 columns that are not there: job, sex, and the inputs are age, hours"
    ) as caught:
        audited(pipeline(), DATA, tmp_path, inputs=["age", "hours"])
    assert "leave the inputs out" in caught.value.remedy
