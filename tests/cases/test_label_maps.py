"""Labels that are spelled otherwise than the classes: mapped where a person says so, proposed where they do not fit."""

import json
import re
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from sklearn.metrics import accuracy_score

import auditor
from auditor import codec, plan
from auditor.cli import main
from auditor.errors import ConfigError, InputError
from auditor.predict.labels import class_map
from auditor.types import Roles
from tests.held import table

SENTIMENT = ("negative", "positive")
LABELS = ["pos", "neg", "1", "neg", "pos"] * 20
DECIDED = ["positive", "negative", "negative", "positive", "positive"] * 20
MAP = {"pos": "positive", "neg": "negative", "1": "positive"}


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame = {"text": [f"words and words {i}" for i in range(100)], "y": LABELS, "p": DECIDED, "g": ["a", "b"] * 50}
    pd.DataFrame(frame).to_csv("d.csv", index=False)
    return tmp_path


def accuracy(folder) -> tuple[float, list[str]]:
    run = json.loads((folder / "run.json").read_text())
    (found,) = [m for m in run["outcomes"][0]["measurements"] if m["metric"] == "accuracy" and not m.get("where")]
    return found["value"], run["data"]["classes"]


@pytest.mark.parametrize("how", ["plan", "flag", "python"])
def test_labels_are_mapped_by_plan_flag_and_python(data, how):
    columns = ["--data", "d.csv", "--label", "y", "--prediction", "p", "--probe", "performance"]
    if how == "plan":
        (data / "a.yaml").write_text(
            "data: {path: d.csv, label: y, prediction: p, labels: {pos: positive, neg: negative, 1: positive}}"
        )
        assert main(["run", "a.yaml", "--probe", "performance", "-o", "run"]) in (0, 3)
    elif how == "flag":
        flags = [word for label, name in MAP.items() for word in ("--labels", f"{label}={name}")]
        assert main(["run", *columns, *flags, "-o", "run"]) in (0, 3)
    else:
        auditor.audit(data="d.csv", label="y", prediction="p", labels=MAP, probes="performance", out="run")
    assert accuracy(data / "run") == (accuracy_score([MAP[label] for label in LABELS], DECIDED), list(SENTIMENT))


def test_the_share_of_each_class_counts_all_that_stands_for_it(data):
    result = auditor.audit(data="d.csv", label="y", prediction="p", labels=MAP, probes="data_quality", out="run")
    shares = {
        m.where["class"]: m.value
        for m in result.run.outcomes[0].measurements
        if m.metric == "label_share" and "g" not in m.where
    }
    assert shares == {"negative": 0.4, "positive": 0.6}


@pytest.mark.parametrize(
    ("written", "pair"),
    [
        ("pos=positive", ("pos", "positive")),
        ("<=50K=low", ("<=50K", "low")),
        ("0=<=50K", ("0", "<=50K")),
        ("1=>50K", ("1", ">50K")),
        ("a b=c d", ("a b", "c d")),
        ("正面=positive", ("正面", "positive")),
    ],
)
def test_a_pair_in_one_line(written, pair):
    assert plan.label(written) == pair


@pytest.mark.parametrize("written", ["pos", "=positive", "pos=", ""])
def test_half_a_pair_is_refused(written):
    with pytest.raises(ConfigError, match="expected LABEL=CLASS"):
        plan.label(written)


PROPOSED = [
    (["pos", "neg"], SENTIMENT, {"pos": "positive", "neg": "negative"}),
    (["positiv", "negativ"], SENTIMENT, {"positiv": "positive", "negativ": "negative"}),
    (["good", "bad"], ("NEGATIVE", "POSITIVE"), {"good": "POSITIVE", "bad": "NEGATIVE"}),
    (["好评", "差评"], SENTIMENT, {"好评": "positive", "差评": "negative"}),
    (["1", "2", "3"], ("1 star", "2 stars", "3 stars"), {"1": "1 star", "2": "2 stars", "3": "3 stars"}),
    (["hateful", "non-hateful"], ("hate", "nothate"), {"hateful": "hate", "non-hateful": "nothate"}),
    (["spam", "xyz"], ("ham", "spam"), {"xyz": "ham"}),
    (["a", "b", "c"], SENTIMENT, {"a": "CLASS", "b": "CLASS", "c": "CLASS"}),
    (["0", "1", "2"], SENTIMENT, {"0": "negative", "1": "positive", "2": "CLASS"}),
]


@pytest.mark.parametrize(("labels", "classes", "expected"), PROPOSED)
def test_the_error_proposes_a_map_to_paste(labels, classes, expected):
    with pytest.raises(InputError) as caught:
        class_map(table({"y": labels * 3}, Roles(label="y")), classes)
    pasted = re.search(r"labels: \{.*?\}", str(caught.value))
    assert pasted is not None
    whole = {"data": {"path": "d", **codec.yaml_value(pasted[0], place="f")}}
    assert plan.parse(whole, base=Path(), place="f").data.labels == expected


def test_what_is_proposed_is_right_once_it_is_pasted():
    data = table({"y": ["pos", "neg", "neg"]}, Roles(label="y", labels={"pos": "positive", "neg": "negative"}))
    found = class_map(data, SENTIMENT)
    assert found.codes(pa.chunked_array([["pos", "neg", None]])).tolist() == [1, 0, -1]
    assert any("labels were read as declared: pos as positive, neg as negative" in note for note in found.notes)


def test_nine_hundred_labels_are_ten_and_a_count():
    labels, classes = [f"l{i}" for i in range(900)], tuple(f"c{i}" for i in range(900))
    with pytest.raises(InputError) as caught:
        class_map(table({"y": labels}, Roles(label="y")), classes)
    said = str(caught.value)
    assert len(said) < 1200
    assert "l9, ... (900 in all)" in said
    assert "and so on for all 900 labels" in said
    assert "l10" not in said


def test_a_map_to_no_class_and_a_misspelt_label_are_told(data):
    with pytest.raises(InputError, match=r"labels, 'pos': 'positve' is not a class; did you mean 'positive'"):
        class_map(table({"y": ["pos"]}, Roles(label="y", labels={"pos": "positve"})), SENTIMENT)
    with pytest.raises(InputError, match=r"labels: 'poz' occurs in no row; did you mean 'pos'"):
        class_map(table({"y": ["pos"], "p": ["pos"]}, Roles(label="y", prediction="p", labels={"poz": "positive"})), None)


def test_labels_of_several_spellings_are_one_class_of_recorded_predictions():
    roles = Roles(
        label="y", prediction="p", labels={"Y": "yes", "y": "yes", "N": "no", "1": "yes", "0": "no"}, favourable="yes"
    )
    found = class_map(table({"y": ["Y", "y", "N", "no"], "p": [1, 0, 0, 1]}, roles), None)
    assert found.classes == ("no", "yes")
    assert found.codes(pa.chunked_array([["Y", "y", "N", "no", "yes"]])).tolist() == [1, 1, 0, 0, 1]
    assert found.codes(pa.chunked_array([[1, 0]])).tolist() == [1, 0]
    assert found.favourable == 1


def test_swapped_names_are_swapped():
    roles = Roles(label="y", prediction="p", labels={"a": "b", "b": "a"})
    found = class_map(table({"y": ["a", "b"], "p": ["a", "b"]}, roles), None)
    assert [found.classes[code] for code in found.codes(pa.chunked_array([["a", "b"]])).tolist()] == ["b", "a"]


LISTS = [
    pa.array([["a", "b"], ["a"]]),
    pa.array([["a", "b"], ["a"]], pa.large_list(pa.string())),
    pa.array(['["a", "b"]', '["a"]']),
    pa.array(["['a', 'b']", "[]"]),
    pa.array(["[0, 1]", "[1, 0]"]),
    pa.array(["[0 1]", "[1 0]"]),
    pa.array(["a", '["a", "b"]']),
]


@pytest.mark.parametrize("cells", LISTS, ids=str)
@pytest.mark.parametrize("role", ["label", "prediction"])
def test_lists_of_labels_are_refused_as_what_they_are(cells, role):
    columns = pa.table({"y": ["a", "b"], "p": ["a", "b"], "x": cells})
    roles = Roles(**{"label": "y", "prediction": "p", role: "x"})
    with pytest.raises(InputError, match="multi-label is not supported yet"):
        class_map(table(columns, roles), None)


@pytest.mark.parametrize("cells", [["[PAD]", "word"], ["a [b]", "c"], ["(a)", "b"], ["[", "]"]])
def test_brackets_in_a_name_are_no_list(cells):
    found = class_map(table({"y": cells, "p": cells}, Roles(label="y", prediction="p")), None)
    assert set(found.classes) == set(cells)


def test_json_lines_with_lists_of_labels_stop_with_exit_code_2(data, capsys):
    rows = [{"text": "some words here", "label": ["a", "b"]}, {"text": "other words here", "label": ["a"]}] * 10
    (data / "m.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert main(["run", "--data", "m.jsonl", "--label", "label", "-o", "run"]) == 2
    assert "multi-label is not supported yet" in capsys.readouterr().err


def many(k: int, rows: int = 6000) -> dict[str, list[str]]:
    truth = [f"class_{(i * 7919) % k:05d}" for i in range(rows)]
    decided = [name if i % 10 < 7 else truth[(i + 1) % rows] for i, name in enumerate(truth)]
    return {"label": truth, "pred": decided, "g": ["a", "b"] * (rows // 2)}


def test_many_classes_of_text_are_classes_where_the_columns_were_named(data):
    """1,500 classes; right are 7 rows in 10, and those whose neighbour is of the same class."""
    frame = many(1500)
    pd.DataFrame(frame).to_csv("many.csv", index=False)
    arguments = ["--data", "many.csv", "--label", "label", "--prediction", "pred", "--group", "g"]
    probes = ["--probe", "performance", "--probe", "group_fairness"]
    assert main(["run", *arguments, *probes, "-o", "run"]) in (0, 3)
    found, classes = accuracy(data / "run")
    assert found == accuracy_score(frame["label"], frame["pred"])
    assert len(classes) == 1500
    assert (data / "run/report.html").stat().st_size < 1_000_000


def test_many_numbers_are_classes_only_where_the_plan_says_so(data, capsys):
    numbers = list(range(1200)) * 2
    pd.DataFrame({"label": numbers, "pred": numbers}).to_csv("numbers.csv", index=False)
    arguments = ["run", "--data", "numbers.csv", "--label", "label", "--prediction", "pred", "--probe", "performance"]
    assert main([*arguments, "-o", "no"]) == 2
    assert "max_classes" in capsys.readouterr().err
    assert main([*arguments, "--max-classes", "1200", "-o", "run"]) == 0
    assert accuracy(data / "run")[0] == 1


def test_free_text_named_as_a_label_is_still_no_class(data):
    with pytest.raises(InputError, match="distinct values"):
        class_map(table({"y": [f"t{i}" for i in range(6000)]}, Roles(label="y")), None, named=["y"])
