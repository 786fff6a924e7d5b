"""Models in memory are audited as the same models from disk: equal measurements, equal runs."""

import numpy as np
import pandas as pd
import pytest
import skops.io
import transformers
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import auditor
from auditor.errors import AuditorError, UsageError

RNG = np.random.default_rng(0)
ROWS = pd.DataFrame(RNG.normal(size=(80, 2)), columns=["a", "b"])
ROWS["y"] = np.where(ROWS.a + RNG.normal(size=80) > 0, "yes", "no")
WORDS = "the a he she good bad film was very not actor actress plot dull bright".split()
TEXTS = pd.DataFrame({"text": [" ".join(RNG.choice(WORDS, RNG.integers(1, 9))) for _ in range(40)]})
TEXTS["label"] = RNG.choice(["negative", "positive"], 40)
PROBES = ["performance", "calibration"]


@pytest.fixture
def network(checkpoint):
    model = transformers.AutoModelForSequenceClassification.from_pretrained(checkpoint)
    return model, transformers.AutoTokenizer.from_pretrained(checkpoint)


def measured(model, data, folder, label):
    run = auditor.audit(model=model, data=data, label=label, probes=PROBES, packs=[], out=folder).run
    assert all(outcome.status == "measured" for outcome in run.outcomes)
    return run, [one for outcome in run.outcomes for one in outcome.measurements]


def test_a_fitted_estimator_is_measured_as_from_its_file(tmp_path):
    estimator = RandomForestClassifier(5, random_state=0).fit(ROWS[["a", "b"]], ROWS.y)
    skops.io.dump(estimator, tmp_path / "model.skops")
    run, found = measured(estimator, ROWS, tmp_path / "one", "y")
    assert found == measured(tmp_path / "model.skops", ROWS, tmp_path / "two", "y")[1]
    assert found[0].value == estimator.score(ROWS[["a", "b"]], ROWS.y)
    assert run.model.kind == "skops"


def test_equal_estimators_are_one_model_and_others_are_not(tmp_path):
    def plan_of(estimator, folder):
        return measured(estimator.fit(ROWS[["a", "b"]], ROWS.y), ROWS, tmp_path / folder, "y")[0]

    first, again, other = (
        plan_of(LogisticRegression(C=c), folder) for c, folder in ((1.0, "one"), (1.0, "two"), (0.1, "three"))
    )
    assert first.plan_digest == again.plan_digest != other.plan_digest
    assert first.model.fingerprint == again.model.fingerprint != other.model.fingerprint


def test_a_network_with_its_tokenizer_and_a_pipeline_are_measured_as_their_folder(network, checkpoint, tmp_path):
    _, from_disk = measured(checkpoint, TEXTS, tmp_path / "disk", "label")
    pipeline = transformers.pipeline("text-classification", model=network[0], tokenizer=network[1], device=-1)
    for name, model in (("pair", network), ("turned", network[::-1]), ("listed", list(network)), ("pipeline", pipeline)):
        assert measured(model, TEXTS, tmp_path / name, "label")[1] == from_disk
    decided = [found["label"] for found in pipeline(TEXTS.text.tolist())]
    assert from_disk[0].value == pytest.approx(np.mean(np.array(decided) == TEXTS.label))


class TestRefusals:
    def refused(self, model, tmp_path, kind=UsageError):
        with pytest.raises(kind) as caught:
            auditor.audit(model=model, data=ROWS, label="y", out=tmp_path / "out")
        return str(caught.value)

    def test_what_is_no_model(self, network, tmp_path):
        assert "expected a path, a fitted scikit-learn estimator" in self.refused(object(), tmp_path)
        assert "expected a path" in self.refused((1, 2), tmp_path)
        assert "Give the pair" in self.refused(network[0], tmp_path)
        assert "expected a path" in self.refused((network[0], network[0]), tmp_path)

    def test_pipelines_for_something_else(self, network, checkpoint, tmp_path):
        classes = transformers.AutoModelForTokenClassification.from_pretrained(checkpoint)
        other = transformers.pipeline("token-classification", model=classes, tokenizer=network[1], device=-1)
        assert "token-classification" in self.refused(other, tmp_path)
        raw = transformers.pipeline(
            "text-classification", model=network[0], tokenizer=network[1], function_to_apply="sigmoid", device=-1
        )
        assert "sigmoid" in self.refused(raw, tmp_path)

    def test_estimators_that_skops_cannot_hold(self, tmp_path):
        estimator = LogisticRegression().fit(ROWS[["a", "b"]], ROWS.y)
        estimator.extra_ = (one for one in ())
        message = self.refused(estimator, tmp_path)
        assert "skops cannot save it" in message
        assert "LogisticRegression" in message

    def test_estimators_of_other_things_than_classes(self, tmp_path):
        message = self.refused(LogisticRegression(), tmp_path, AuditorError)
        assert message.startswith("model (LogisticRegression): ")
        assert "not fitted" in message

    def test_code_of_ones_own_is_named_and_not_run(self, tmp_path):
        estimator = make_pipeline(FunctionTransformer(own), LogisticRegression()).fit(ROWS[["a", "b"]], ROWS.y)
        run = auditor.audit(model=estimator, data=ROWS, label="y", probes=PROBES, out=tmp_path / "out").run
        assert not run.model.loaded
        assert "own" in run.model.reason


def own(rows):
    return rows
