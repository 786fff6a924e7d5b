"""What columns are for: inferred alike by every command, switched off where a person says so, and known by Chinese names."""

import json

import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

import auditor
from auditor import plan
from auditor.cli import main
from auditor.errors import ConfigError, UsageError

ROWS = 60
PEOPLE = {
    "id": [f"r{i}" for i in range(ROWS)],
    "text": [f"a letter of some words, number {i}" for i in range(ROWS)],
    "label": ["good", "bad"] * (ROWS // 2),
    "y_pred": ["good", "bad", "good"] * (ROWS // 3),
    "sex": ["f", "m"] * (ROWS // 2),
    "sample_weight": [1.0, 2.0] * (ROWS // 2),
    "split": ["test"] * ROWS,
}
FOUND = {
    "inputs": ["text"],
    "label": "label",
    "groups": [{"column": "sex"}],
    "id": "id",
    "weight": "sample_weight",
    "split": "split",
    "prediction": "y_pred",
}


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pd.DataFrame(PEOPLE).to_csv("d.csv", index=False)
    return tmp_path


def roles(folder) -> dict:
    found = json.loads((folder / "run.json").read_text())["data"]["roles"]
    return {name: _plain(value) for name, value in found.items() if value and name in {*FOUND, "score"}}


def _plain(value):
    return [{"column": one["column"]} for one in value] if isinstance(value, list) and isinstance(value[0], dict) else value


def run(*options: str, out: str = "run") -> dict:
    assert main(["run", "--probe", "data_quality", *options, "-o", out]) in (0, 3)
    from pathlib import Path

    return roles(Path(out))


def test_init_and_run_and_a_plan_that_init_wrote_infer_the_same(data):
    assert run("--data", "d.csv") == FOUND
    assert main(["init", "--data", "d.csv"]) == 0
    assert run("audit.yaml", out="again") == FOUND


@pytest.mark.parametrize("role", ["text", "label", "groups", "id", "weight", "split", "prediction"])
@pytest.mark.parametrize("how", ["null", "empty", "without", "flag"])
def test_each_role_can_be_switched_off(data, role, how):
    lines = {
        "null": f"{role}: null",
        "empty": f"{role}:" if role != "groups" else "groups: []",
        "without": f"without: [{role}]",
    }
    (data / "audit.yaml").write_text("data:\n  path: d.csv\n" + (f"  {lines[how]}\n" if how in lines else ""))
    found = run("audit.yaml", *(["--without", role] if how == "flag" else []))
    name = "inputs" if role == "text" else role
    assert found == {key: value for key, value in FOUND.items() if key != name}


@pytest.mark.parametrize("how", ["plan", "flag", "python"])
def test_all_can_be_switched_off_and_one_be_named(data, how):
    (data / "audit.yaml").write_text("data: {path: d.csv, infer: false, label: label}\n")
    if how == "python":
        auditor.audit(data="d.csv", label="label", infer=False, probes="data_quality", out="run")
        found = roles(data / "run")
    else:
        found = run("audit.yaml") if how == "plan" else run("--data", "d.csv", "--no-infer", "--label", "label")
    assert found == {"label": "label"}


def test_python_switches_single_ones_off(data):
    auditor.audit(data="d.csv", without=["text", "groups"], probes="data_quality", out="run")
    assert roles(data / "run") == {key: value for key, value in FOUND.items() if key not in ("inputs", "groups")}
    with pytest.raises(UsageError, match=r"without\[0\]: no role 'group'; did you mean 'groups'"):
        auditor.audit(data="d.csv", without="group")


def test_what_the_command_line_says_of_a_role_goes_before_the_plan(data):
    (data / "audit.yaml").write_text("data: {path: d.csv, label: null, groups: sex}\n")
    found = run("audit.yaml", "--label", "label", "--without", "groups")
    assert found == {key: value for key, value in FOUND.items() if key != "groups"}


def test_a_role_that_has_a_column_and_is_to_have_none_is_a_contradiction():
    with pytest.raises(ConfigError, match=r"data\.without\[0\]: a column has the role 'label'"):
        plan.checked(plan.Plan(plan.DataSpec("d.csv", label="y", without=("label",))))


def test_a_plan_in_run_json_is_a_plan_that_does_the_same(data):
    assert run("--data", "d.csv", "--without", "text") == {key: value for key, value in FOUND.items() if key != "inputs"}
    kept = json.loads((data / "run/run.json").read_text())["plan"]
    (data / "kept.yaml").write_text(json.dumps(kept))
    again = plan.plain(plan.read(data / "kept.yaml"))
    assert again["data"]["without"] == ["text"]
    assert {**again, "data": {**again["data"], "path": "d.csv"}} == kept


def test_a_column_that_is_called_none_by_mistake_is_told_how_to_say_none(data, capsys):
    assert main(["run", "--data", "d.csv", "--text", "none"]) == 2
    assert "--without" in capsys.readouterr().err


CHINESE = {
    "编号": [f"a{i}" for i in range(ROWS)],
    "评论": [f"这部电影很好看第{i}次" for i in range(ROWS)],
    "标签": ["好评", "差评"] * (ROWS // 2),
    "预测": ["好评", "差评", "好评"] * (ROWS // 3),
    "得分": [0.9, 0.1, 0.8] * (ROWS // 3),
    "性别": ["男", "女"] * (ROWS // 2),
    "民族": ["汉", "回", "汉"] * (ROWS // 3),
    "权重": [1.0] * ROWS,
    "年龄": list(range(18, 18 + ROWS)),
}


def test_chinese_names_are_known(data, capsys):
    pd.DataFrame(CHINESE).to_csv("zh.csv", index=False)
    assert run("--data", "zh.csv") == {
        "inputs": ["评论"],
        "label": "标签",
        "groups": [{"column": "性别"}, {"column": "民族"}],
        "id": "编号",
        "weight": "权重",
        "prediction": "预测",
        "score": "得分",
    }
    assert main(["init", "--data", "zh.csv", "-o", "-"]) == 0
    assert '# - {column: "年龄", bins: [25, 45]}' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("文本", "inputs"),
        ("内容", "inputs"),
        ("类别", "label"),
        ("种族", "groups"),
        ("序号", "id"),
        ("预测标签", "prediction"),
        ("概率", "score"),
    ],
)
def test_other_chinese_names(data, name, role):
    cells = {"inputs": CHINESE["评论"], "label": CHINESE["标签"], "groups": CHINESE["性别"], "id": CHINESE["编号"]}
    cells |= {"prediction": CHINESE["预测"], "score": CHINESE["得分"]}
    columns = {name: cells[role]} | ({"标签": CHINESE["标签"]} if role in ("prediction", "score") else {})
    pd.DataFrame(columns).assign(甲=[1, 2, 3] * (ROWS // 3)).to_csv("zh.csv", index=False)
    found = run("--data", "zh.csv", *(["--positive", "好评"] if role == "score" else []))
    assert found[role] in (name, [name], [{"column": name}])


def test_amounts_are_no_labels(data):
    """Codes count from 0 or 1; amounts do not, however often each occurs in the first rows."""
    n = 1000
    pd.DataFrame({"target": [20_000 + 500 * (i % 80) for i in range(n)], "n": range(n)}).to_csv("amounts.csv", index=False)
    pd.DataFrame({"target": [i % 77 for i in range(n)], "n": range(n)}).to_csv("codes.csv", index=False)
    assert "label" not in run("--data", "amounts.csv")
    assert run("--data", "codes.csv", out="codes")["label"] == "target"


def test_init_uses_the_models_own_columns_and_classes(data, capsys):
    import skops.io

    frame = pd.DataFrame({"city": ["a", "b", "c"] * 20, "age": range(60), "sex": ["f", "m"] * 30, "bought": ["no", "yes"] * 30})
    encode = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["city"]), remainder="passthrough")
    fitted = make_pipeline(encode, LogisticRegression(max_iter=2000)).fit(frame[["city", "age"]], frame.bought)
    skops.io.dump(fitted, data / "m.skops")
    frame.to_csv("t.csv", index=False)
    assert main(["init", "--model", "m.skops", "--data", "t.csv", "--label", "bought", "-o", "m.yaml"]) == 0
    text = (data / "m.yaml").read_text()
    assert "inputs: [city, age]" in text
    assert "classes no, yes" in text
    assert "# favourable: yes" in text.replace('"', "")
    assert run("m.yaml")["inputs"] == ["city", "age"]
    capsys.readouterr()


PROPOSED = [
    (("hired", "rejected"), "hired"),
    (("Approved", "Denied"), "Approved"),
    ((">50K", "<=50K"), ">50K"),
    (("<=50K.", ">50K."), ">50K."),
    (("good", "bad"), "good"),
    (("pass", "fail"), "pass"),
    (("yes", "no"), "yes"),
    (("通过", "拒绝"), "通过"),
    (("录用", "淘汰"), "录用"),
    (("hired", "rejected", "waitlisted"), "hired"),
    (("0", "1"), None),
    (("low", "high"), None),
    (("positive", "negative"), None),
    (("cat", "dog"), None),
]


@pytest.mark.parametrize(("names", "expected"), PROPOSED)
def test_a_usual_pair_is_proposed_in_a_comment(data, capsys, names, expected):
    pd.DataFrame({"outcome": list(names) * 20, "n": range(20 * len(names))}).to_csv("p.csv", index=False)
    assert main(["init", "--data", "p.csv", "--label", "outcome", "-o", "-"]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "favourable:" in line]
    assert line.startswith("  # favourable:")
    assert ("proposed:" in line) == (expected is not None)
    if expected:
        assert line.split("favourable: ")[1].replace('"', "").startswith(expected)


def test_a_proposal_decides_nothing(data, capsys):
    rows = {"outcome": ["hired", "rejected"] * 20, "y_pred": ["hired", "rejected"] * 20, "sex": ["f", "m"] * 20}
    pd.DataFrame(rows).to_csv("p.csv", index=False)
    assert main(["init", "--data", "p.csv", "--label", "outcome", "-o", "p.yaml"]) == 0
    assert main(["check", "p.yaml"]) == 0
    out = capsys.readouterr().out
    assert "favourable: hired, if" in out
    assert "not tested: needs a favourable class" in out
    assert main(["run", "p.yaml", "--probe", "selection_rates", "-o", "p"]) == 0
    assert json.loads((data / "p/run.json").read_text())["data"]["favourable"] is None
