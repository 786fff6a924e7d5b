"""The command from end to end, on predictions in a table: what it prints, what it writes, and how it ends."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file
from skl2onnx import to_onnx
from sklearn.linear_model import LogisticRegression

from auditor.cli import main

PROBES = ["--probe", "performance", "--probe", "group_fairness", "--probe", "selection_rates", "--favourable", "1"]
TIMES = ("started", "seconds")


def table(path, *, female: float, male: float, rows: int = 4000) -> str:
    """Predictions that select a share of women and a share of men; the label agrees with nine in ten of them."""
    half = rows // 2
    selected = [i < female * half for i in range(half)] + [i < male * half for i in range(half)]
    label = [one != (i % 10 == 0) for i, one in enumerate(selected)]
    frame = {
        "sex": ["Female"] * half + ["Male"] * half,
        "y_pred": [int(one) for one in selected],
        "y": [int(one) for one in label],
    }
    pd.DataFrame(frame).to_csv(path, index=False)
    return str(path)


@pytest.mark.parametrize(
    ("female", "male", "rows", "strict", "code"),
    [
        (0.5, 0.5, 4000, False, 0),
        (0.3, 0.6, 4000, False, 3),
        (0.3, 0.6, 4000, True, 3),
        (0.45, 0.5, 80, False, 0),
        (0.45, 0.5, 80, True, 4),
    ],
)
def test_the_exit_code_is_the_gate_of_the_report(tmp_path, capsys, female, male, rows, strict, code):
    data = table(tmp_path / "d.csv", female=female, male=male, rows=rows)
    arguments = [
        "run",
        "--data",
        data,
        "--label",
        "y",
        "--prediction",
        "y_pred",
        "--group",
        "sex=Male",
        "--pack",
        "us-four-fifths",
    ]
    out = tmp_path / "run"
    assert main([*arguments, *PROBES, "-o", str(out), *(["--strict"] if strict else [])]) == code
    run = json.loads((out / "run.json").read_text())
    assert run["gate"]["exit_code"] == code
    printed, said = capsys.readouterr()
    assert f"exit code {code}" in printed
    assert str(out / "report.html") in printed
    assert "label: y; groups: sex (against Male); prediction: y_pred" in said
    assert (out / "report.html").stat().st_size > 10_000
    rates = {
        one["where"]["sex"]: one["value"]
        for outcome in run["outcomes"]
        for one in outcome["measurements"]
        if one["metric"] == "selection_rate" and set(one["where"]) == {"sex", "favourable"}
    }
    assert rates == pytest.approx({"Female": female, "Male": male})


def test_the_same_command_again_gives_the_same_run_but_for_times(tmp_path):
    data = table(tmp_path / "d.csv", female=0.5, male=0.6, rows=400)
    arguments = [
        "run",
        "--data",
        data,
        "--label",
        "y",
        "--prediction",
        "y_pred",
        "--group",
        "sex",
        *PROBES,
        "-o",
        str(tmp_path / "r"),
    ]
    runs = []
    for _ in range(2):
        main(arguments)
        runs.append(
            {name: value for name, value in json.loads((tmp_path / "r/run.json").read_text()).items() if name not in TIMES}
        )
    assert runs[0] == runs[1]


def test_another_plan_does_not_write_over_a_run(tmp_path, capsys):
    data = table(tmp_path / "d.csv", female=0.5, male=0.6, rows=400)
    arguments = ["run", "--data", data, "--label", "y", "--prediction", "y_pred", *PROBES, "-o", str(tmp_path / "r")]
    main(arguments)
    before = (tmp_path / "r/run.json").read_bytes()
    assert main([*arguments, "--seed", "1"]) == 2
    assert f"auditor: {tmp_path / 'r'}: holds another run. Name a new folder with -o" in capsys.readouterr().err
    assert (tmp_path / "r/run.json").read_bytes() == before


def test_a_run_is_reported_again_in_another_language(tmp_path, capsys):
    data = table(tmp_path / "d.csv", female=0.5, male=0.6, rows=400)
    main(["run", "--data", data, "--label", "y", "--prediction", "y_pred", *PROBES, "-o", str(tmp_path / "r")])
    before = (tmp_path / "r/report.html").read_text()
    assert 'lang="en"' in before
    assert main(["report", str(tmp_path / "r"), "--lang", "zh"]) == 0
    assert 'lang="zh' in (tmp_path / "r/report.html").read_text()
    main(["report", str(tmp_path / "r")])
    assert (tmp_path / "r/report.html").read_text() == before
    assert capsys.readouterr().out.count("report.html") == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--label", "yy", "--prediction", "y_pred"], "yy"),
        (["--label", "y", "--prediction", "y_pred", "--group", "sexx"], "sexx"),
        (["--label", "y", "--prediction", "y_pred", "--positive", "2"], "2"),
    ],
)
def test_a_column_or_class_that_is_not_there_is_named_before_the_work(tmp_path, capsys, arguments, message):
    data = table(tmp_path / "d.csv", female=0.5, male=0.6, rows=400)
    assert main(["run", "--data", data, *arguments, *PROBES, "-o", str(tmp_path / "r")]) == 2
    said = capsys.readouterr().err
    assert message in said.splitlines()[-1]
    assert said.splitlines()[-1].startswith("auditor: ")
    assert not (tmp_path / "r/run.json").exists()


def test_ctrl_c_ends_with_130_and_one_line(tmp_path):
    data = table(tmp_path / "d.csv", female=0.5, male=0.6, rows=400_000)
    command = [
        sys.executable,
        "-m",
        "auditor",
        "clean",
        data,
        "--pass",
        "unicode_repair",
        "--runner",
        "inline",
        "-o",
        str(tmp_path / "c"),
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    until = time.monotonic() + 60
    while not (tmp_path / "c").exists() and time.monotonic() < until and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert said.splitlines()[-1] == "auditor: stopped. The same command goes on where this one was."
    assert "Traceback" not in said


@pytest.mark.parametrize("policy", ["hash", "none"])
def test_texts_that_are_not_to_be_shown_are_nowhere_in_the_run(tmp_path, checkpoint, policy):
    """Every file of the run is searched for a word that is in every text, in odd characters and repeated rows too."""
    texts = [f"zebrafish {word} film {i % 37}" for i in range(120) for word in ("good", "bad\x00", "gооd")]
    data = tmp_path / "d.csv"
    labels = ["positive", "negative", "positive"] * 120
    pd.DataFrame({"text": texts, "label": labels, "sample_weight": 1.5}).to_csv(data, index=False)
    out = tmp_path / "run"
    columns = ["--text", "text", "--label", "label", "--evidence", policy]
    assert main(["run", "--model", str(checkpoint), "--data", str(data), *columns, "-o", str(out)]) in {0, 3}
    files = [path for path in out.rglob("*") if path.is_file()]
    assert {"run.json", "report.html", "plan.json"} <= {path.name for path in files}
    assert any(path.parent.name == "outcomes" for path in files)
    assert not [path.name for path in files if b"zebrafish" in path.read_bytes()]
    notes = json.loads((out / "run.json").read_text())["data"]["source"]["notes"]
    assert any("'sample_weight' holds weights; measurements do not use them" in note for note in notes)


@pytest.mark.parametrize("more", [["--prediction", "p"], []])
def test_a_table_without_rows_is_no_audit(tmp_path, capsys, checkpoint, more):
    data = tmp_path / "d.csv"
    data.write_text("text,label,p,g\n")
    model = [] if more else ["--model", str(checkpoint)]
    assert main(["run", *model, "--data", str(data), "--label", "label", *more, "--group", "g", "-o", str(tmp_path / "r")]) == 2
    assert "there are no rows to audit" in capsys.readouterr().err
    assert not (tmp_path / "r").exists()


def test_a_model_that_was_not_loaded_is_no_clean_exit(tmp_path, capsys, checkpoint):
    """Pickled weights without a flag: everything that needs the model is not tested, which CI must not take for a pass."""
    folder = tmp_path / "pickled"
    shutil.copytree(checkpoint, folder)
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    data = tmp_path / "d.csv"
    pd.DataFrame({"text": ["good film", "bad film"] * 20, "label": ["positive", "negative"] * 20}).to_csv(data, index=False)
    columns = ["--text", "text", "--label", "label", "--probe", "performance"]
    assert main(["run", "--model", str(folder), "--data", str(data), *columns, "-o", str(tmp_path / "r")]) == 4
    run = json.loads((tmp_path / "r" / "run.json").read_text())
    assert (run["gate"]["state"], run["outcomes"][0]["status"]) == ("undecided", "skipped")
    assert "--allow-pickle" in run["outcomes"][0]["reason"]


def test_a_column_that_the_model_cannot_read_stops_the_audit_before_it_begins(tmp_path, capsys):
    cells = np.array([[20.0, 1], [30, 0], [40, 1], [50, 0]], dtype=np.float32)
    network = to_onnx(LogisticRegression().fit(cells, [0, 1, 0, 1]), cells, options={"zipmap": False})
    (tmp_path / "m.onnx").write_bytes(network.SerializeToString())
    data = tmp_path / "d.csv"
    pd.DataFrame({"age": [20, 30], "sex": ["Male", "Female"], "y": [0, 1]}).to_csv(data, index=False)
    columns = ["--input", "age", "--input", "sex", "--label", "y"]
    assert main(["run", "--model", str(tmp_path / "m.onnx"), "--data", str(data), *columns, "-o", str(tmp_path / "r")]) == 2
    assert "column 'sex'" in capsys.readouterr().err
    assert not (tmp_path / "r").exists()
