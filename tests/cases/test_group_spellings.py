"""A group that is spelled in several ways: one where that is canonical, else named, and merged where it is declared."""

import csv
import random
import unicodedata
from pathlib import Path

import pytest

import auditor
from auditor import codec
from auditor.cli import main
from auditor.errors import ConfigError
from auditor.plan import from_value, read
from auditor.stats.cells import text
from auditor.stats.spellings import folded, variants
from auditor.types import Evidence, Group, Measurement, Run

SPELLINGS = ["Female", "female", "FEMALE", " Female", "Female "]
CITIES = [unicodedata.normalize(form, "Zürich") for form in ("NFC", "NFD")]
PROBES = ["group_fairness", "data_quality"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """1,200 rows: 600 men, 600 women in five spellings, of which two differ in space alone; a city in two forms."""
    choose, path = random.Random(7), tmp_path / "d.csv"
    rows = [
        (
            int(choose.random() < 0.5),
            int(choose.random() < (0.6 if i % 2 else 0.3)),
            "Male" if i % 2 else SPELLINGS[(i // 2) % 5],
            CITIES[i % 2 if i % 3 else 0],
            ["White", "Black", "Asian;White", "White;Asian", "Other"][i % 5],
        )
        for i in range(1200)
    ]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("y", "p", "sex", "city", "race"), *rows])
    return path


def rows_of(run: Run, column: str) -> dict[str, int]:
    found = [m for o in run.outcomes for m in o.measurements if m.metric == "group_share" and set(m.where) == {column}]
    return {m.where[column]: int(m.counts["x"]) for m in found}


def measured(run: Run, metric: str, **where: str) -> Measurement:
    (only,) = [m for o in run.outcomes for m in o.measurements if m.metric == metric and dict(m.where) == where]
    return only


def audit(data: Path, groups, out: Path) -> Run:
    return auditor.audit(data=data, label="y", prediction="p", groups=groups, probes=PROBES, out=out).run


def test_canonically_equal_names_are_one_group_and_other_spellings_are_named(data, tmp_path):
    run = audit(data, ["sex=Male", "city", "race"], tmp_path / "out")
    assert rows_of(run, "city") == {"Zürich": 1200}
    assert rows_of(run, "sex") == {"FEMALE": 120, "Female": 360, "Male": 600, "female": 120}
    assert measured(run, "spelling_variant_share", column="sex").counts == {"x": 240, "n": 1200}
    assert measured(run, "spelling_variant_share", column="race").counts == {"x": 240, "n": 1200}
    assert measured(run, "spelling_variant_share", column="city").value == 0
    shown = [e for o in run.outcomes for e in o.evidence if isinstance(e, Evidence) and e.metric == "spelling_variant_share"]
    assert [e.examples[0].before for e in shown] == [
        "Female (360), female (120), FEMALE (120)",
        "Asian;White (240), White;Asian (240)",
    ]
    notes = " ".join(run.data.source.notes)
    assert "--same sex:Female=female=FEMALE" in notes
    assert "--same 'race:Asian;White=White;Asian'" in notes
    assert "city" not in notes.partition("Group column")[2]
    assert "female (120)" in (tmp_path / "out" / "report.html").read_text("utf-8")


def test_declared_spellings_are_one_group_by_the_name_of_the_first(data, tmp_path):
    same = Group("sex", reference="female", same=(("Female", "female", "FEMALE"),))
    run = audit(data, [same, "race"], tmp_path / "python")
    assert rows_of(run, "sex") == {"Female": 600, "Male": 600}
    assert {
        m.where.get("reference") for o in run.outcomes for m in o.measurements if "sex" in m.where and "race" not in m.where
    } >= {"Female"}
    assert measured(run, "spelling_variant_share", column="sex").value == 0
    assert "'sex'" not in " ".join(run.data.source.notes)
    words = ["run", "--data", str(data), "--label", "y", "--prediction", "p", "--group", "sex=female", "--group", "race"]
    words += ["--same", "sex:Female=female=FEMALE", "--probe", "group_fairness", "--probe", "data_quality"]
    main([*words, "-o", str(tmp_path / "cli")])
    cli = codec.read_json(tmp_path / "cli" / "run.json", Run)
    assert cli.data.roles == run.data.roles
    assert rows_of(cli, "sex") == rows_of(run, "sex")
    plan = {
        "data": {
            "path": str(data),
            "label": "y",
            "prediction": "p",
            "groups": [{"column": "sex", "reference": "female", "same": [["Female", "female", "FEMALE"]]}, "race"],
        },
        "probes": PROBES,
    }
    assert rows_of(auditor.audit(from_value(plan, base=tmp_path, place="p"), out=tmp_path / "plan").run, "sex") == rows_of(
        run, "sex"
    )
    assert read(tmp_path / "plan" / "audit.yaml").data.groups[0].same == (("Female", "female", "FEMALE"),)


def test_cleaning_counts_declared_spellings_as_one_group(data, tmp_path):
    same = Group("sex", same=(("Female", "female", "FEMALE"),))
    run = auditor.clean(data, groups=[same], passes="whitespace:columns=[sex]", out=tmp_path / "out").run
    assert {effect.group["sex"]: effect.rows for effect in run.ledger[0].by_group} == {"Female": 600, "Male": 600}
    assert "'sex'" not in " ".join(run.data.source.notes)
    told = auditor.clean(data, groups=["sex"], passes="whitespace:columns=[sex]", out=tmp_path / "told").run
    assert "Female (360), female (120), FEMALE (120)" in " ".join(told.data.source.notes)


@pytest.mark.parametrize(
    ("same", "problem"),
    [
        ([["a"]], "two spellings or more"),
        ([["a", "b"], ["b", "c"]], "'b' is a spelling of another group already"),
        ([["a", ""]], "two spellings or more"),
    ],
)
def test_what_cannot_be_the_same_is_refused(tmp_path, same, problem):
    plan = {"data": {"path": "d.csv", "groups": [{"column": "g", "same": same}]}}
    with pytest.raises(ConfigError, match=problem):
        from_value(plan, base=tmp_path, place="p")


def test_numbers_and_truth_values_can_be_spellings(tmp_path):
    plan = {"data": {"path": "d.csv", "groups": [{"column": "g", "same": [[True, 1, "yes"]]}]}}
    assert from_value(plan, base=tmp_path, place="p").data.groups[0].same == (("true", "1", "yes"),)


@pytest.mark.parametrize("text", ["sex", "sex:Female", "sex:=a", "sex:a="])
def test_the_option_says_what_it_expects(data, text, capsys):
    assert main(["run", "--data", str(data), "--group", "sex", "--same", text]) == 2
    assert "--same" in capsys.readouterr().err
    assert main(["run", "--data", str(data), "--group", "sex", "--same", "sxe:a=b"]) == 2
    assert "did you mean 'sex'" in capsys.readouterr().err.replace("\n", " ")


def test_labels_in_two_canonical_forms_are_one_class(tmp_path):
    """Half of the labels and predictions are composed, half decomposed: all are right."""
    path = tmp_path / "d.csv"
    names = [unicodedata.normalize(form, "naïf") for form in ("NFC", "NFD")]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("y", "p"), *[(names[i % 2], names[i // 2 % 2]) for i in range(40)], *[("b", "b")] * 20])
    run = auditor.audit(data=path, label="y", prediction="p", positive=names[1], probes="performance", out=tmp_path / "o").run
    assert measured(run, "accuracy").value == 1
    assert run.data.classes == ("b", "naïf")


@pytest.mark.parametrize(
    "spellings",
    [
        ("Female", "female", "FEMALE", "Ｆｅｍａｌｅ", "Fe\u200bmale", "Female."),
        ("African American", "African-American", "african  american", "African_American", "African\u00a0American"),
        ("Asian;White", "White;Asian", "white; asian", "White/Asian", "Asian, White"),
        ("Straße", "STRASSE"),
    ],
)
def test_what_spellings_have_in_common(spellings):
    assert len({folded(one) for one in spellings}) == 1
    assert variants(spellings) == [list(spellings)]


def test_other_values_are_not_spellings_of_each_other():
    others = [
        "A",
        "A+",
        "A-",
        "AB",
        "<=50K",
        ">50K",
        "1/2",
        "2/1",
        "1.5",
        "15",
        "-1",
        "1",
        "Asian",
        "White",
        "Asian;White",
        "?",
        ".",
    ]
    assert variants(others) == []


def test_text_is_canonical():
    assert text(CITIES[0]) == text(CITIES[1]) == "Zürich"
    assert text("ﬁn") == "ﬁn"  # compatible, and not canonically equal: another value, which is named
