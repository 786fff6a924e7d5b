"""Real data through init and run, with no hand on the plan but the favourable class: roles, classes, and states by arithmetic.

Decisions are made up where a set has none: the label, turned round in every seventh row, and in every third of one group.
What is right is worked out here with pandas, and compared with the state of each clause.
"""

import json
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from auditor.cli import main

ADULT = (
    "age,workclass,fnlwgt,education,education-num,marital-status,occupation,relationship,race,sex,capital-gain,capital-loss,"
    "hours-per-week,native-country,income"
)
SPELLED = {"", "?", "-", ".", "na", "n/a", "nan", "null", "none", "missing"}
ROWS = 1000

pytestmark = pytest.mark.shared


@dataclass(frozen=True)
class Case:
    """A set as it lies there, and what its columns are."""

    roles: dict[str, object]
    classes: tuple[str, str]
    favourable: str
    options: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    proposed: str | None = None


CASES = {
    "adult": Case(
        {"label": "income", "prediction": "y_pred"},
        ("<=50K", ">50K"),
        ">50K",
        ("--columns", f"{ADULT},y_pred"),
        ("sex", "race"),
        ">50K",
    ),
    "compas": Case(
        {"label": "two_year_recid", "id": "id", "prediction": "y_pred"}, ("0", "1"), "0", (), ("sex", "race", "age_cat")
    ),
    "hatecheck": Case(
        {"inputs": ["test_case"], "label": "label_gold", "id": "case_id", "prediction": "y_pred"},
        ("hateful", "non-hateful"),
        "non-hateful",
    ),
    "cold_zh": Case({"inputs": ["TEXT"], "label": "label", "split": "split", "prediction": "y_pred"}, ("0", "1"), "0"),
    "wiki_toxicity": Case(
        {"inputs": ["comment"], "label": "toxic", "id": "rev_id", "prediction": "y_pred"}, ("false", "true"), "false"
    ),
}


def source(name: str, shared: Path) -> tuple[pd.DataFrame, dict[str, object]]:
    """Some rows of a set as text, and how to write them as the set is written."""
    data = shared / "data"
    if name == "adult":
        frame = pd.read_csv(
            data / "adult" / "adult.data", header=None, names=ADULT.split(","), skipinitialspace=True, dtype=str
        )
        return frame.sample(ROWS, random_state=0), {"header": False}
    path = {
        "compas": "compas/compas-scores-two-years.csv",
        "hatecheck": "hatecheck/test_suite_cases.csv",
        "cold_zh": "cold_zh/test.csv",
        "wiki_toxicity": "wiki_toxicity/toxicity_fuzzed_testset.csv",
    }[name]
    frame = pd.read_csv(
        data / path, dtype=str, keep_default_na=False, index_col=0 if name in ("hatecheck", "cold_zh") else None
    )
    return frame.sample(min(ROWS, len(frame)), random_state=0), {}


def decided(frame: pd.DataFrame, label: str, group: str | None) -> pd.Series:
    one, other = sorted(frame[label].unique())
    turned = pd.Series([i % 7 == 0 for i in range(len(frame))], frame.index)
    if group:
        least = frame[group].value_counts().index[1]
        turned |= (frame[group] == least) & pd.Series([i % 3 == 0 for i in range(len(frame))], frame.index)
    return frame[label].where(~turned, frame[label].map({one: other, other: one}))


@pytest.mark.parametrize("name", CASES)
def test_a_set_through_init_and_run(name: str, shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    case = CASES[name]
    frame, how = source(name, shared)
    frame["y_pred"] = decided(frame, str(case.roles["label"]), case.groups[0] if case.groups else None)
    frame.to_csv("d.csv", index=False, **how)
    assert main(["init", "--data", "d.csv", *case.options]) == 0
    assert main(["check", "audit.yaml"]) == 0
    capsys.readouterr()
    text = Path("audit.yaml").read_text()
    (line,) = [line for line in text.splitlines() if "favourable:" in line]
    assert ("proposed:" in line) == (case.proposed is not None)
    Path("audit.yaml").write_text(text.replace(line, f"  favourable: {json.dumps(case.favourable)}"))
    assert main(["run", "audit.yaml", "--pack", "base", "--pack", "us-four-fifths", "-o", "run"]) in (0, 3)
    run = json.loads(Path("run/run.json").read_text())
    roles = run["data"]["roles"]
    assert {
        key: roles[key] for key in ("inputs", "label", "id", "weight", "split", "prediction", "score") if roles.get(key)
    } == case.roles
    assert tuple(group["column"] for group in roles.get("groups", ())) == case.groups
    assert tuple(run["data"]["classes"]) == case.classes
    assert run["data"]["favourable"] == case.favourable
    assert not [outcome for outcome in run["outcomes"] if outcome["status"] == "failed"]
    check_states(run, frame, case)


def check_states(run: dict, frame: pd.DataFrame, case: Case) -> None:
    """Every state that arithmetic can tell, against what was said."""
    states = {verdict["clause"]: verdict["state"] for verdict in run["verdicts"]}
    label, rows = frame[str(case.roles["label"])], len(frame)
    measured = {
        m["where"]["column"]: m["value"]
        for o in run["outcomes"]
        for m in o["measurements"]
        if m["metric"] == "missing_share" and [*m.get("where", {})] == ["column"]
    }
    for column in frame.columns:
        if column in case.groups or column == case.roles["label"]:
            continue  # there, words for a missing value may be a group or a class
        missing = frame[column].isna() | frame[column].fillna("").str.strip().str.lower().isin(SPELLED)
        assert measured[column] == pytest.approx(missing.mean()), column
    assert states["B3"] == ("fail" if max(measured.values()) > 0.05 else "pass")
    repeated = frame.drop(columns=[str(case.roles["id"])] if "id" in case.roles else []).duplicated().mean()
    assert states["B2"] in (("pass", "not-applicable") if repeated <= 0.01 else ("fail", "not-applicable"))
    right, most = (label == frame.y_pred).mean(), label.value_counts().iloc[0] / rows
    assert states["B6"] == ("pass" if right - most > 0.06 else states["B6"])
    assert not (states["B6"] == "fail" and right > most)
    for clause, gaps in gaps_of(frame, case).items():
        if not case.groups:
            assert states[clause] in ("not-tested", "not-applicable"), clause
            continue
        assert not (states[clause] == "fail" and gaps.abs().max() <= 0.1), clause
        assert not (states[clause] == "pass" and gaps.abs().max() > 0.1), clause
    check_four_fifths(run, frame, case)


def gaps_of(frame: pd.DataFrame, case: Case) -> dict[str, pd.Series]:
    """The gaps of each fairness clause to the largest group, by group."""
    label, positive = frame[str(case.roles["label"])].str.lower(), case.classes[-1].lower()
    decision = frame.y_pred.str.lower()
    rates = {
        "B8": [(label == decision, None)],
        "B9": [(decision == case.favourable.lower(), None)],
        "B10": [(decision == positive, label == positive), (decision == positive, label != positive)],
    }
    found = {}
    for clause, parts in rates.items():
        gaps = [pd.Series(dtype=float)]
        for group in case.groups:
            largest = frame[group].value_counts().index[0]
            for hit, among in parts:
                means = (hit if among is None else hit[among]).groupby(frame[group]).mean()
                gaps.append(means - means[largest])
        found[clause] = pd.concat(gaps)
    return found


def check_four_fifths(run: dict, frame: pd.DataFrame, case: Case) -> None:
    """The ratios to the group that is selected most, and none failed that is at four fifths or more."""
    (verdict,) = [one for one in run["verdicts"] if one["clause"] == "1607.4(D)"]
    selected = frame.y_pred.str.lower() == case.favourable.lower()
    for finding in verdict["findings"] if case.groups else ():
        where = {key: value for key, value in finding["where"].items() if key not in ("favourable", "reference")}
        if finding["value"] is None or "reference" not in finding["where"]:
            continue
        ((column, value),) = where.items()
        rates = selected.groupby(frame[column]).mean()
        ratio = rates[value] / rates[finding["where"]["reference"]]
        assert finding["value"] == pytest.approx(ratio)
        assert finding["where"]["favourable"] == case.favourable
        assert finding["state"] != "fail" or ratio < 0.8
        assert finding["state"] != "pass" or ratio >= 0.8


SENTIMENT = {"sst2": 40, "advglue": 40, "movie_reviews": 16}


def sentiment(name: str, shared: Path) -> tuple[list[str], pd.Series]:
    """Some rows of a set of texts in its own format, and their labels as the model's classes."""
    if name == "sst2":  # no header
        lines = (shared / "data/sst2/dev.tsv").read_text().split("\n")[: SENTIMENT[name]]
        Path("d.tsv").write_text("\n".join(lines))
        labels = pd.Series([line.split("\t")[1] for line in lines])
        return ["--data", "d.tsv", "--columns", "sentence,label"], labels.map({"0": "negative", "1": "positive"})
    if name == "advglue":  # several sets in one file
        whole = json.loads((shared / "data/advglue/dev.json").read_text())
        whole["sst2"] = whole["sst2"][: SENTIMENT[name]]
        Path("d.json").write_text(json.dumps(whole))
        labels = pd.Series([row["label"] for row in whole["sst2"]])
        return ["--data", "d.json", "--records", "sst2"], labels.map({0: "negative", 1: "positive"})
    archive = zipfile.ZipFile(shared / "data/movie_reviews/movie_reviews.zip")
    found = [(entry, re.search(r"/(pos|neg)/", entry)) for entry in sorted(archive.namelist()) if entry.endswith(".txt")]
    rows = [(archive.read(entry).decode("utf-8", "replace")[:600], kind[1]) for entry, kind in found[:8] + found[-8:] if kind]
    frame = pd.DataFrame(rows, columns=["text", "label"])
    frame.to_csv("d.csv", index=False)
    return ["--data", "d.csv"], frame.label.map({"neg": "negative", "pos": "positive"})


@pytest.mark.slow
@pytest.mark.parametrize("name", SENTIMENT)
def test_texts_and_a_model_through_init_and_run(name: str, shared: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    """The accuracy is that of transformers' own pipeline on the same rows; labels by another name are mapped as proposed."""
    from transformers import pipeline

    monkeypatch.chdir(tmp_path)
    checkpoint = str(shared / "models/sentiment-minilm")
    options, labels = sentiment(name, shared)
    assert main(["init", "--model", checkpoint, *options]) == 0
    text = Path("audit.yaml").read_text()
    if name == "movie_reviews":  # pos and neg are no names of the model's classes: the plan proposes which they are
        assert "neg: negative" in text
        assert "pos: positive" in text
        Path("audit.yaml").write_text(text.replace("# labels:", "labels:"))
    probes = [word for probe in ("performance", "data_quality", "checkpoint_safety") for word in ("--probe", probe)]
    capsys.readouterr()
    assert main(["run", "audit.yaml", *probes, "-o", "run"]) in (0, 3)
    run = json.loads(Path("run/run.json").read_text())
    assert run["data"]["classes"] == ["negative", "positive"]
    assert len(run["data"]["roles"]["inputs"]) == 1
    assert run["data"]["roles"]["label"] == "label"
    ask = pipeline("text-classification", model=checkpoint, tokenizer=checkpoint, truncation=True)
    column = run["data"]["roles"]["inputs"][0]
    read = {
        "sst2": lambda: [line.split("\t")[0] for line in Path("d.tsv").read_text().split("\n")],
        "advglue": lambda: [row[column] for row in json.loads(Path("d.json").read_text())["sst2"]],
        "movie_reviews": lambda: list(pd.read_csv("d.csv").text),
    }
    expected = (pd.Series([answer["label"] for answer in ask(read[name]())]) == labels).mean()
    (accuracy,) = [m for m in run["outcomes"][0]["measurements"] if m["metric"] == "accuracy" and not m.get("where")]
    assert accuracy["value"] == pytest.approx(expected)
    states = {verdict["clause"]: verdict["state"] for verdict in run["verdicts"]}
    assert (states["B1"], states["B2"], states["B3"]) == ("pass", "pass", "pass")


@pytest.mark.parametrize(
    ("part", "pair"),
    [("mnli", ("premise", "hypothesis")), ("qqp", ("question1", "question2")), ("rte", ("sentence1", "sentence2"))],
)
def test_pairs_of_advglue_are_inputs_together(
    part: str, pair: tuple[str, str], shared: Path, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("d.json").write_text((shared / "data/advglue/dev.json").read_text())
    assert main(["init", "--data", "d.json", "--records", part]) == 0
    assert main(["run", "audit.yaml", "--probe", "data_quality", "-o", "run"]) in (0, 3)
    run = json.loads(Path("run/run.json").read_text())
    assert tuple(run["data"]["roles"]["inputs"]) == pair
    rows = pd.DataFrame(json.loads(Path("d.json").read_text())[part])
    conflicting = rows.groupby([*pair]).label.transform("nunique").gt(1).mean()
    (found,) = [m for m in run["outcomes"][0]["measurements"] if m["metric"] == "conflicting_label_share"]
    assert found["value"] == pytest.approx(conflicting)
