"""A slip of the pen in a pack is refused before anything is measured: it would leave a clause untested, and a gate open."""

import sys
from pathlib import Path

import pytest

from auditor.cli import main
from auditor.errors import ConfigError
from auditor.judge import check_columns, packs

ACME = Path(__file__).parents[1] / "plugins" / "acme"
HEAD = """
schema: auditor.rulepack/1
id: mine
edition: "1"
status: house
as_of: "2026-11-01"
stale_after: "2027-11-01"
clauses:
  - ref: "0"
    assessment: attestation
  - ref: "1"
    checks:
      - {metric: accuracy, probe: performance, threshold: {op: ">=", value: 0.5, source: house}}
      - """
TEXTS = "title: Mine\napplies: Here.\nclauses: {'0': A person states it., '1': It is so.}\n"
RIGHT = 'metric: label_flips_difference, probe: label_flips, slices: group, where: {reference: "*"}'


@pytest.fixture
def pack(tmp_path):
    def write(check: str) -> str:
        (tmp_path / "mine" / "i18n").mkdir(parents=True, exist_ok=True)
        (tmp_path / "mine" / "pack.yaml").write_text(
            f"{HEAD}{{{check}, threshold: {{op: within, value: 0.1, source: house}}}}\n"
        )
        (tmp_path / "mine" / "i18n" / "en.yaml").write_text(TEXTS)
        return str(tmp_path / "mine")

    return write


@pytest.fixture
def acme(monkeypatch):
    monkeypatch.syspath_prepend(str(ACME))
    yield
    for name in [name for name in sys.modules if name.startswith("acme_audit")]:
        del sys.modules[name]


WRONG = [
    ("label_flips_difference, probe", "label_flip_differences, probe", "metric", "did you mean 'label_flips_difference'?"),
    ("label_flips_difference, probe", "Label_Flips_Difference, probe", "metric", "did you mean 'label_flips_difference'?"),
    ("label_flips_difference, probe", "selection_rate, probe", "metric", "selection_rates does"),
    ("label_flips_difference, probe", "label_flips_ratio, probe", "metric", "did you mean"),
    ("label_flips_difference, probe: label_flips", "acuracy", "metric", "did you mean 'accuracy'?"),
    ("probe: label_flips", "probe: label_flip", "probe", "did you mean 'label_flips'?"),
    ("probe: label_flips", "probe: keyboard_typos", "probe", "is a pass"),
    ("probe: label_flips", "probe: nobody/label_flips", "probe", "no plugin 'nobody' is installed"),
    ("slices: group", "slices: intersection", "slices", "whole and group|group"),
    ("slices: group", "slices: grup", "slices", "did you mean 'group'?"),
    ("where: {reference", "were: {reference", "were", "did you mean 'where'?"),
    ("where: {reference", "where: {average", "where", "unknown key 'average'"),
    ("where: {reference", "without: [class], where: {reference", "without", "unknown key 'class'"),
]


@pytest.mark.parametrize(("right", "wrong", "place", "hint"), WRONG)
def test_each_slip_is_named_with_its_place_and_what_was_meant(pack, right, wrong, place, hint):
    assert right in RIGHT
    with pytest.raises(ConfigError, match=hint) as caught:
        packs([pack(RIGHT.replace(right, wrong))])
    assert caught.value.place.endswith(f"mine/pack.yaml, clauses[1].checks[1].{place}")


def test_what_is_right_is_read(pack):
    assert packs([pack(RIGHT)])
    assert packs([pack('metric: label_flips, probe: label_flips, slices: group, where: {sex: Female, "column:class": x}')])


@pytest.mark.parametrize(
    ("key", "hint"), [("referense", "did you mean 'reference'?"), ("sexe", "did you mean 'sex'?"), ("race", "sex")]
)
def test_a_key_that_is_no_group_column_either_is_refused_when_the_data_are_known(pack, key, hint):
    read = packs([pack(RIGHT.replace("reference", key))])
    with pytest.raises(ConfigError, match=hint) as caught:
        check_columns(read, ["sex"])
    assert caught.value.place.endswith("mine/pack.yaml, clauses[1].checks[1].where")
    check_columns(packs([pack(RIGHT.replace('{reference: "*"}', '{sex: "*"}'))]), ["sex"])


def test_every_command_refuses_it(pack, tmp_path, capsys):
    wrong = pack(RIGHT.replace("label_flips_difference", "label_flips_diference"))
    data = tmp_path / "rows.csv"
    data.write_text("a,b\n1,2\n")
    plan = tmp_path / "audit.yaml"
    plan.write_text(f"data: {data}\npacks: [{wrong}]\n")
    for words in (
        ["run", str(plan), "-o", str(tmp_path / "o")],
        ["check", str(plan)],
        ["show", wrong],
        ["run", "--data", str(data), "--pack", wrong, "-o", str(tmp_path / "o")],
    ):
        assert main(words) == 2
        assert "did you mean 'label_flips_difference'?" in capsys.readouterr().err
    assert not (tmp_path / "o").exists()


def test_a_run_names_a_key_that_the_data_do_not_have(pack, tmp_path, capsys):
    data = tmp_path / "rows.csv"
    data.write_text("sex,p,y\n" + "f,a,a\nm,b,a\n" * 20)
    wrong = pack(RIGHT.replace("reference", "sexx"))
    words = ["run", "--data", str(data), "--prediction", "p", "--label", "y", "--group", "sex", "--pack", wrong]
    assert main([*words, "-o", str(tmp_path / "o")]) == 2
    assert "unknown key 'sexx'; did you mean 'sex'?" in capsys.readouterr().err
    assert not (tmp_path / "o" / "run.json").exists()


def test_metrics_of_plugins_are_known_too(pack, acme):
    assert packs([pack("metric: rows, probe: acme/plain")])
    assert packs([pack('metric: lift, probe: acme/credit.lift, where: {pass: "*"}')])
    with pytest.raises(ConfigError, match="did you mean 'rows'"):
        packs([pack("metric: row, probe: acme/plain")])
    with pytest.raises(ConfigError, match="never of 'group'"):
        packs([pack("metric: lift, probe: acme/credit.lift, slices: group")])
    with pytest.raises(ConfigError, match="did you mean 'acme/plain'"):
        packs([pack("metric: rows, probe: acme/plian")])


def test_show_prints_what_each_clause_asks(pack, capsys):
    assert main(["show", pack(RIGHT)]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "1 (major; decided by measurement) Asks It is so. Check accuracy: >= 0.50 (house); measured by performance" in out
    assert "label_flips_difference of each group, reference any: within 0.10 (house); measured by label_flips" in out
    assert "0 (major; for a person to state) Asks A person states it." in out
