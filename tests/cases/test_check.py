"""``auditor check``: the same eyes as a run, before any work, and exit code 2 where a run could not begin."""

from pathlib import Path

import pandas as pd
import pytest

from auditor.cli import main

ROWS = {
    "text": [f"some words and more, {i}" for i in range(40)],
    "label": ["yes", "no"] * 20,
    "y_pred": ["yes", "yes", "no", "no"] * 10,
    "sex": ["f", "m"] * 20,
}


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pd.DataFrame(ROWS).to_csv("d.csv", index=False)


def checked(plan: str, capsys) -> tuple[int, str, str]:
    Path("a.yaml").write_text(plan)
    code = main(["check", "a.yaml"])
    return code, *capsys.readouterr()


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        ("data: gone.csv", "gone.csv: there is no such file"),
        ("data: d.csv\nmodel: gone/", "gone: there is no such file or folder"),
        ("data: {path: d.csv, label: lable}", "column 'lable' is not in the data; did you mean 'label'"),
        ("data: {path: d.csv, favourable: yess}", "favourable: 'yess' is not a class; did you mean 'yes'"),
        ("data: {path: d.csv, groups: [{column: sex, reference: x}]}", "reference 'x' is not one of its values"),
        ("data: {path: d.csv, labels: {yes: good}, positive: yes}", "positive: 'yes' is not a class"),
    ],
)
def test_what_a_run_would_refuse_is_refused(plan, told, capsys):
    code, _, err = checked(plan, capsys)
    assert code == 2
    assert told in " ".join(err.split())
    assert main(["run", "a.yaml", "-o", "run"]) == 2
    assert told in " ".join(capsys.readouterr().err.split())


def test_what_a_run_will_do_is_said(capsys):
    code, out, _ = checked("data: d.csv\npacks: [base, us-four-fifths]", capsys)
    assert code == 0
    said = " ".join(out.split())
    for part in (
        "40 rows, read as csv",
        "inputs: text; label: label; groups: sex; prediction: y_pred",
        "Inferred inputs, label, groups, prediction",
        "Classes no, yes",
        "Proposed favourable: yes, if it is the outcome that is good for the person",
        "positive class: yes, the last of no, yes, as none is declared",
        "favourable class: none is declared, so selection rates are not tested",
        "not tested: needs a favourable class",
        "not applicable: needs a model that can be asked",
    ):
        assert part in said, part


@pytest.mark.parametrize(
    "data", ["d.csv", "{path: d.csv, favourable: yes}", "{path: d.csv, groups: []}", "{path: d.csv, label: null}"]
)
def test_what_is_foreseen_comes_true(data, capsys):
    """Each probe is skipped for the reason that was foreseen, or not at all."""
    import json

    _, out, _ = checked(f"data: {data}", capsys)
    rows = out[out.index("Probe ") :].split("\n")
    names = ("data_quality", "performance", "calibration", "group_fairness", "selection_rates", "label_flips", "energy")
    said = {name: next(" ".join(row.split()) for row in rows if row.startswith(name)) for name in names}
    assert main(["run", "a.yaml", "-o", "run"]) in (0, 3)
    outcomes = {outcome["probe"]: outcome for outcome in json.loads(Path("run/run.json").read_text())["outcomes"]}
    for name, row in said.items():
        foreseen = {"not tested: ": "skipped", "not applicable: ": "inapplicable"}
        if told := [status for words, status in foreseen.items() if words in row]:
            assert outcomes[name]["status"] == told[0], name
        elif name != "calibration":  # that there are no scores shows only when rows are counted
            assert outcomes[name]["status"] == "measured", name


def test_nothing_is_written_and_nothing_measured(capsys):
    before = set(Path().iterdir())
    checked("data: d.csv", capsys)
    assert set(Path().iterdir()) - before == {Path("a.yaml")}


def test_a_column_with_the_name_of_a_group_and_too_many_values_is_no_dead_end(capsys):
    """The first rows look like groups, the others do not."""
    nations = ["a", "b"] * 500 + [f"n{i}" for i in range(1000)]
    pd.DataFrame({"nationality": nations, "sex": ["f", "m"] * 1000, "label": ["x", "y"] * 1000}).to_csv("many.csv", index=False)
    code, out, _ = checked("data: many.csv", capsys)
    assert code == 0
    said = " ".join(out.split())
    assert "groups: sex" in said
    assert "'nationality' has the name of a group and is not used as one" in said
    code, _, err = checked("data: {path: many.csv, groups: nationality}", capsys)
    assert code == 2
    assert "nationality" in err


def test_an_inferred_label_that_fits_no_model_can_be_switched_off(tmp_path, checkpoint, capsys):
    pd.DataFrame({"text": ["good film", "bad film"] * 10, "label": ["x", "y"] * 10}).to_csv("t.csv", index=False)
    code, _, err = checked(f"data: t.csv\nmodel: {checkpoint}", capsys)
    assert code == 2
    assert "--without label" in err
    assert "labels: {x: CLASS, y: CLASS}" in " ".join(err.split())
    assert checked(f"data: {{path: t.csv, label: null}}\nmodel: {checkpoint}", capsys)[0] == 0
