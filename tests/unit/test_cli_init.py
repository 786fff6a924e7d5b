import csv

import pytest

from auditor import codec, plan
from auditor.cli import main
from auditor.cli.starter import audit_yaml, quoted
from auditor.testing import table, word_model
from auditor.types import Group, Roles

HOSTILE = 'b: "x" # y\n- {z}\x1b\u202e'


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with (tmp_path / "d.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["review", "stars", "gender", "my_age", "city: #1", "amount"])
        rows.writerows([f"film {i}", i % 2, "FM"[i % 2], 20 + i % 50, ["a", HOSTILE][i % 2], i * 1.5] for i in range(40))


def test_a_plan_is_written_that_reads_back_as_what_was_found(tmp_path, capsys):
    assert (
        main(["init", "--data", "d.csv", "--text", "review", "--label", "stars", "--group", "gender=F", "-o", "sub/audit.yaml"])
        == 0
    )
    out = capsys.readouterr().out
    assert "Roles   inputs: review; label: stars; groups: gender (against F)" in out
    assert "Next    auditor check sub/audit.yaml, then auditor run sub/audit.yaml" in out
    text = (tmp_path / "sub/audit.yaml").read_text()
    read = plan.parse(codec.yaml_value(text, place="f"), base=tmp_path / "sub", place="f")
    assert (tmp_path / "sub" / "../d.csv").samefile(read.data.path)
    assert (read.data.text, read.data.label, read.data.groups) == ("review", "stars", (Group("gender", (), "F"),))
    assert read.probes == plan.default_probes()
    assert (read.model, read.packs, read.policy, read.seed) == (None, ("base",), plan.Policy(), 0)


def test_what_could_be_a_group_is_offered_in_a_comment(capsys):
    main(["init", "--data", "d.csv", "--text", "review", "--label", "stars", "--group", "gender", "-o", "-"])
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith('    # - "city: #1"') for line in lines)
    assert any(line.startswith("    # - {column: my_age, bins: [25, 45]}") for line in lines)
    assert not any("amount" in line for line in lines)
    assert any(line.startswith("  label: stars ") and line.endswith('# the true class: "0", "1"') for line in lines)


def test_nothing_is_written_over_without_force(tmp_path, capsys):
    (tmp_path / "audit.yaml").write_text("mine")
    assert main(["init", "--data", "d.csv"]) == 2
    assert (tmp_path / "audit.yaml").read_text() == "mine"
    assert "audit.yaml: is there already" in capsys.readouterr().err
    assert main(["init", "--data", "d.csv", "--force"]) == 0
    assert (tmp_path / "audit.yaml").read_text().startswith("# What is audited")


def test_a_model_and_several_inputs_are_written_too(tmp_path):
    (tmp_path / "m").mkdir()
    roles = Roles(("age", HOSTILE), "y", (Group("age", (25.0, 45.5)), Group("g", (), "true")), weight="w")
    rows = table({"age": [1], HOSTILE: ["a"], "y": [0], "w": [1.0], "g": ["x"]}, roles)
    text = audit_yaml(rows, word_model(classes=("no", HOSTILE)), model="m", base=tmp_path)
    read = plan.parse(codec.yaml_value(text, place="f"), base=tmp_path, place="f")
    assert (read.data.inputs, read.data.groups, read.data.weight) == (roles.inputs, roles.groups, "w")
    assert read.model == plan.ModelSpec(str(tmp_path / "m"))


def test_a_long_path_stays_apart_from_its_comment(tmp_path):
    folder = tmp_path / ("deep" * 20)
    text = audit_yaml(table({"y": [0]}, Roles(label="y")), word_model(), model=str(folder), base=tmp_path)
    assert plan.parse(codec.yaml_value(text, place="f"), base=tmp_path, place="f").model == plan.ModelSpec(str(folder))


def test_a_model_that_is_not_safe_is_not_loaded_but_named(monkeypatch, capsys, tmp_path):
    from auditor.errors import UnsafeCheckpoint
    from auditor.loaders import checkpoints

    def refuse(name, **_):
        raise UnsafeCheckpoint("holds a pickle", place=name)

    monkeypatch.setattr(checkpoints, "load", refuse)
    (tmp_path / "evil").mkdir()
    assert main(["init", "--data", "d.csv", "--model", "evil", "-o", "-"]) == 0
    out, err = capsys.readouterr()
    assert "the model is not loaded: evil: holds a pickle" in err
    assert "  path: evil                            # not loaded yet" in out


TURNED = "exe.\u202egpj\u2066\u200f\u061c\x9b2J"


def test_nothing_in_a_plan_turns_the_direction_of_text(tmp_path, capsys):
    with (tmp_path / "t.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["review", f"a{TURNED}", f"b{TURNED}"])
        rows.writerows([f"film {i}", f"{i % 2}{TURNED}", f"{i % 3}{TURNED}"] for i in range(40))
    assert main(["init", "--data", "t.csv", "--text", "review", "--label", f"a{TURNED}", "-o", "-"]) == 0
    text = capsys.readouterr().out
    assert not set(text) & set("\u202e\u2066\u200f\u061c\x9b")
    assert f'# - "b{ESCAPED}"' in text
    assert f"0{ESCAPED}" in text
    assert plan.parse(codec.yaml_value(text, place="f"), base=tmp_path, place="f").data.label == f"a{TURNED}"


ESCAPED = r"exe.\u202Egpj\u2066\u200F\u061C\x9B2J"


def test_a_file_that_cannot_be_written_is_told_before_the_data_are_read(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("auditor.loaders.tables.load", None)
    (tmp_path / "sub").mkdir()
    assert main(["init", "--data", "d.csv", "-o", "d.csv/audit.yaml"]) == 2
    assert "auditor: d.csv: the folder cannot be written to: 'd.csv' is no folder. Name" in capsys.readouterr().err
    assert main(["init", "--data", "d.csv", "-o", "sub", "--force"]) == 2
    assert "auditor: sub: is a folder. Name a file with -o." in capsys.readouterr().err
    monkeypatch.setenv("AUDITOR_CACHE", "d.csv")
    assert main(["init", "--data", "d.csv"]) == 2
    assert "AUDITOR_CACHE" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "a b",
        "true",
        "Null",
        "1",
        "1e3",
        "",
        "- a",
        HOSTILE,
        "é\U0001f600",
        "...",
        "a" * 300,
        "no",
        "'",
        TURNED,
        "\\\u202e",
        "\\u202e",
    ],
)
def test_whatever_is_quoted_reads_back_as_it_was(text):
    line = f"a: {quoted(text)}  # comment"
    assert "\n" not in line
    assert codec.yaml_value(line, place="f") == {"a": text}
