import dataclasses
import sys
from pathlib import Path

import pytest

from auditor import assets, codec, plan
from auditor.errors import ConfigError
from auditor.plan import CleanPlan, DataSpec, ModelSpec, Plan, Policy
from auditor.plugins import Step, names
from auditor.types import Group, Roles

ACME = Path(__file__).resolve().parents[1] / "plugins" / "acme"


@pytest.fixture(autouse=True)
def catalogue(monkeypatch, tmp_path):
    """A plugin with probes and passes, and two rule packs."""
    monkeypatch.syspath_prepend(str(ACME))
    for name in ("base", "us-four-fifths"):
        (tmp_path / "shipped" / name).mkdir(parents=True)
        (tmp_path / "shipped" / name / "pack.yaml").touch()
    monkeypatch.setattr(assets, "folder", lambda kind: tmp_path / "shipped" if kind == "rules" else Path(kind))
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "acme_audit"]:
        del sys.modules[name]


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "audit.yaml"
    path.write_text(text)
    return path


def error_of(call, *args, **kwargs) -> str:
    with pytest.raises(ConfigError) as caught:
        call(*args, **kwargs)
    return str(caught.value)


SHORT = """
data: {path: d.csv, text: review, label: 3, positive: 1,
       groups: [gender, 2024, {column: age, bins: [25, 45], reference: "[25, 45)"}]}
model: model.bin
probes: [acme/plain, {use: acme/credit.lift, corrupt: acme/shout, words: [a]}]
packs: base
"""


def test_short_forms_are_written_out(tmp_path):
    assert plan.read(written(tmp_path, SHORT)) == Plan(
        data=DataSpec(
            str(tmp_path / "d.csv"),
            text="review",
            label="3",
            positive="1",
            groups=(Group("gender"), Group("2024"), Group("age", (25.0, 45.0), "[25, 45)")),
        ),
        model=ModelSpec(str(tmp_path / "model.bin")),
        probes=(Step("acme/plain"), Step("acme/credit.lift", {"corrupt": "acme/shout", "words": ["a"]})),
        packs=("base",),
        policy=Policy(alpha=0.05, level=0.95, strict=False, evidence="show"),
        seed=0,
    )


def test_one_thing_stands_for_a_list_of_one(tmp_path):
    read = plan.read(written(tmp_path, "data: {path: a.csv, inputs: x, groups: sex}\nprobes: acme/plain\npacks: []"))
    assert (read.data.inputs, read.data.groups, read.probes, read.packs) == (("x",), (Group("sex"),), (Step("acme/plain"),), ())


def test_empty_keys_take_the_defaults(tmp_path):
    read = plan.read(written(tmp_path, "data: a.csv\nmodel:\npolicy:\nprobes: acme/plain\nseed:"))
    assert read == Plan(DataSpec(str(tmp_path / "a.csv")), probes=(Step("acme/plain"),))


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("a.csv", "{base}/a.csv"),
        ("./imdb", "{base}/imdb"),
        ("sub/a.csv", "{base}/sub/a.csv"),
        ("/data/a.csv", "/data/a.csv"),
        ("imdb", "imdb"),
        ("org/name-1.0", "{base}/org/name-1.0"),
        ("org/name", "org/name"),
        ("there", "{base}/there"),
        ("../up/a/b", "{base}/../up/a/b"),
    ],
)
def test_paths_are_relative_to_the_plan_and_hub_names_are_kept(tmp_path, given, read):
    (tmp_path / "there").mkdir()
    (tmp_path / "org").mkdir()
    (tmp_path / "org" / "name-1.0").touch()
    found = plan.read(written(tmp_path, f"data: {given}\nprobes: acme/plain"))
    assert found.data.path == read.format(base=tmp_path)


def test_a_relative_plan_gives_relative_paths(tmp_path, monkeypatch):
    (tmp_path / "sub").mkdir()
    written(tmp_path / "sub", "data: a.csv\nprobes: acme/plain\npacks: [mine]")
    (tmp_path / "sub" / "mine").mkdir()
    (tmp_path / "sub" / "mine" / "pack.yaml").touch()
    monkeypatch.chdir(tmp_path)
    read = plan.read("sub/audit.yaml")
    assert (read.data.path, read.packs) == ("sub/a.csv", ("sub/mine",))


def test_a_home_folder_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert plan.read(written(tmp_path, "data: ~/a.csv\nprobes: acme/plain")).data.path == str(tmp_path / "home/a.csv")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("data: a.csv\nprobes: [acme/plain, {use: acme/credit, shre: 1}]", ", probes[1].shre: unknown; did you mean 'share'?"),
        (
            "data: a.csv\nprobes: [{shre: 1}]",
            ", probes[0]: expected a name, or a mapping with the key 'use', found {'shre': 1}",
        ),
        ("data: a.csv\nprobes: [acme/pln]", ", probes[0]: unknown probe 'acme/pln'; did you mean 'acme/plain'?"),
        ("data: a.csv\nprobes: []", ", probes: expected at least one probe. Leave the key out"),
        ("data: a.csv\nprobes: [acme/plain, acme/plain]", ", probes[1]: the same as probe 0, 'acme/plain'"),
        ("data: a.csv\nlabel: y", ", label: unknown here; it belongs under 'data'"),
        ("data: a.csv\nalpha: 0.1", ", alpha: unknown here; it belongs under 'policy'"),
        ("data: a.csv\ndtype: float32", ", dtype: unknown here; it belongs under 'model'"),
        ("data: a.csv\nprobs: []", ", probs: unknown; did you mean 'probes'?"),
        ("data: {path: a.csv, lable: y}", ", data.lable: unknown; did you mean 'label'?"),
        ("data: {path: a.csv, groups: [a, {column: b, bin: [1]}]}", ", data.groups[1].bin: unknown; did you mean 'bins'?"),
        ("data: {path: a.csv, groups: [a, [b]]}", ", data.groups[1]: expected a mapping, found ['b']"),
        ("data: {path: a.csv, groups: [a, a]}", ", data.groups[1]: the column 'a' is a group already"),
        (
            "data: {path: a.csv, groups: [{column: a, bins: [3, 2]}]}",
            ", data.groups[0].bins: expected rising edges, found [3.0, 2.0]",
        ),
        ("data: {path: a.csv, text: a, inputs: [b, c]}", ", data.inputs: expected either 'text' or 'inputs', found both"),
        ("data: {path: a.csv, max_bad_rows: 2}", ", data.max_bad_rows: expected a share from 0 to 1, found 2.0"),
        ("data: {text: a}", ", data.path: missing"),
        ("data: [a.csv]", ", data: expected a mapping, found ['a.csv']"),
        ("model: m", ", data: missing"),
        ("- a", ": expected a mapping, found ['a']"),
        ("data: a.csv\nmodel: {path: m, dtype: float64}", ", model.dtype: expected 'auto', 'float32', 'bfloat16' or 'float16'"),
        ("data: a.csv\nprobes: acme/plain\npacks: [bse]", ", packs[0]: no rule pack 'bse'; did you mean 'base'?"),
        (
            "data: a.csv\nprobes: acme/plain\npacks: [zzz]",
            ", packs[0]: no rule pack 'zzz'; the packs are base, us-four-fifths.",
        ),
        ("data: a.csv\nprobes: acme/plain\npacks: [base, base]", ", packs[1]: the pack 'base' is there already"),
        ("data: a.csv\nprobes: acme/plain\npacks: [1]", ", packs[0]: expected text, found 1"),
        (
            "data: a.csv\nprobes: acme/plain\npolicy: {alpha: 0.9}",
            ", policy.alpha: expected a number between 0 and 0.5, found 0.9",
        ),
        (
            "data: a.csv\nprobes: acme/plain\npolicy: {level: 95}",
            ", policy.level: expected a number from 0.5 to below 1, found 95.0",
        ),
        (
            "data: a.csv\nprobes: acme/plain\npolicy: {evidence: all}",
            ", policy.evidence: expected 'show', 'hash' or 'none', found 'all'",
        ),
        ("data: a.csv\nprobes: acme/plain\nseed: -1", ", seed: expected a whole number from 0, found -1"),
        ("data: a.csv\nprobes: acme/plain\nseed: x", ", seed: expected a whole number, found 'x'"),
        ("data: a.csv\ndata: b.csv", ", line 2, column 1: not readable as YAML: the key 'data' is there twice"),
    ],
)
def test_what_is_wrong_with_a_plan_is_said_before_anything_is_read(tmp_path, text, message):
    path = written(tmp_path, text)
    assert error_of(plan.read, path).startswith(f"{path}{message}")


def test_a_plan_written_out_is_a_plan_that_does_the_same(tmp_path):
    read = plan.read(written(tmp_path, SHORT))
    whole = plan.plain(read)
    assert whole["probes"] == [
        {"use": "acme/plain"},
        {
            "use": "acme/credit.lift",
            "corrupt": {"use": "acme/shout", "rate": 1.0, "marks": 1},
            "words": ["a"],
            "twice": None,
            "limit": None,
        },
    ]
    again = plan.from_value(whole, base=Path(), place="again")
    assert plan.plain(again) == whole
    assert plan.plan_digest(again) == plan.plan_digest(read)
    assert codec.yaml_value(codec.to_json(whole), place="f") == whole


def test_the_digest_tells_plans_apart_by_what_they_do(tmp_path):
    read = plan.read(written(tmp_path, SHORT))
    explicit = (read.probes[0], Step("acme/credit.lift", {"corrupt": {"use": "acme/shout", "rate": 1}, "words": ["a"]}))
    assert plan.plan_digest(dataclasses.replace(read, probes=explicit)) == plan.plan_digest(read)
    changed = [
        dataclasses.replace(read, seed=1),
        dataclasses.replace(read, model=None),
        dataclasses.replace(read, policy=Policy(alpha=0.01)),
        dataclasses.replace(read, probes=read.probes[:1]),
    ]
    assert len({plan.plan_digest(one) for one in (read, *changed)}) == 5


def test_a_cleaning_plan_is_checked_and_written_out_too():
    cleaning = plan.checked(CleanPlan(DataSpec("a.csv"), (Step("acme/shout", {"marks": 2}),)))
    assert plan.plain(cleaning)["evidence"] == "show"
    assert plan.plan_digest(dataclasses.replace(cleaning, evidence="none")) != plan.plan_digest(cleaning)
    assert plan.plain(cleaning)["passes"] == [{"use": "acme/shout", "rate": 1.0, "marks": 2}]
    assert error_of(plan.checked, dataclasses.replace(cleaning, passes=(Step("acme/shuot"),))).startswith(
        "plan, passes[0]: unknown pass"
    )
    assert "plan, workers: expected a positive whole number, found -1" in error_of(
        plan.checked, dataclasses.replace(cleaning, workers=-1)
    )


def test_by_default_every_built_in_probe_runs_once_and_costs_come_last():
    used = [step.use for step in plan.default_probes()]
    assert len(used) == len(set(used))
    assert set(used) >= {name for name in names("probe") if "/" not in name}
    assert not any("/" in name for name in used)


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("gender", Group("gender")),
        ("age:25,45", Group("age", (25.0, 45.0))),
        ("age:-1.5,.5,1e3", Group("age", (-1.5, 0.5, 1000.0))),
        ("race=Caucasian", Group("race", (), "Caucasian")),
        ("age:25,45=[25, 45)", Group("age", (25.0, 45.0), "[25, 45)")),
        ("dc:creator", Group("dc:creator")),
        ("race=a=b", Group("race", (), "a=b")),
    ],
)
def test_a_group_in_one_line(text, group):
    assert plan.group(text) == group


def test_an_empty_group_is_refused():
    assert error_of(plan.group, "") == "--group: expected COLUMN, COLUMN:25,45 or COLUMN=REFERENCE, found nothing"


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("lift", Step("lift")),
        ("acme/credit.lift:corrupt=acme/shout,limit=3", Step("acme/credit.lift", {"corrupt": "acme/shout", "limit": 3})),
        ("lift:words=[a, b],rate=0.05,on=true", Step("lift", {"words": ["a", "b"], "rate": 0.05, "on": True})),
        ("lift:name=", Step("lift", {"name": None})),
    ],
)
def test_a_step_in_one_line(text, step):
    assert plan.step(text, place="--probe") == step


@pytest.mark.parametrize("text", ["", ":a=1", "lift:a", "lift:=1", "lift:a=1,,b=2", "lift:a=[1"])
def test_a_step_that_is_not_written_like_that_is_refused(text):
    assert error_of(plan.step, text, place="--probe").startswith("--probe: expected NAME or NAME:option=value")


def test_roles_in_words():
    roles = Roles(("review",), "y", (Group("sex"), Group("age", (25.0, 45.5), "[25, 45.5)")), positive="1", prediction="p >= 5")
    assert plan.roles_in_words(roles) == (
        "inputs: review; label: y; groups: sex, age cut at 25, 45.5 (against [25, 45.5)); prediction: p >= 5; positive class: 1"
    )
    assert plan.roles_in_words(Roles()) == ""


def test_a_weight_is_said_not_to_be_used():
    assert plan.roles_in_words(Roles(("review",), weight="w")) == "inputs: review; weight: w (not used: each row counts once)"


def test_a_data_spec_gives_the_roles_it_was_told():
    spec = DataSpec("a.csv", text="t", label="y", groups=(Group("g"),), score="s")
    assert spec.roles == Roles(("t",), "y", (Group("g"),), score="s")
    assert DataSpec("a.csv", inputs=("a", "b")).roles.inputs == ("a", "b")
