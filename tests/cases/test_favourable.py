"""The favourable class: selection rates speak of the class that was declared to be good for the person, and of no other."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from auditor.cli import main
from auditor.errors import InputError
from auditor.predict.labels import class_map
from auditor.types import Roles
from tests.held import table

RATES = {"men": 0.6, "women": 0.3}
"""Share hired: women at half of the men's rate, so four fifths is failed by women, and a gap of .3 is over any margin."""


def hiring(folder: Path, good: str = "hired", bad: str = "rejected", rows: int = 2000) -> str:
    """Decisions that hire a share of men and a share of women; the labels agree with nine in ten of them."""
    half = rows // 2
    decided = {sex: [good if i < share * half else bad for i in range(half)] for sex, share in RATES.items()}
    labels = {sex: [one if i % 10 else (bad if one == good else good) for i, one in enumerate(decided[sex])] for sex in RATES}
    frame = {
        "sex": [sex for sex in RATES for _ in range(half)],
        "decision": [one for sex in RATES for one in decided[sex]],
        "outcome": [one for sex in RATES for one in labels[sex]],
    }
    pd.DataFrame(frame).to_csv(folder / "hiring.csv", index=False)
    return str(folder / "hiring.csv")


def audited(folder: Path, data: str, *options: str, name: str = "run") -> tuple[int, dict]:
    columns = ["--label", "outcome", "--prediction", "decision", "--group", "sex"]
    packs = ["--pack", "us-four-fifths", "--pack", "base"]
    probes = ["--probe", "group_fairness", "--probe", "selection_rates", "--probe", "performance"]
    out = folder / name
    code = main(["run", "--data", data, *columns, *packs, *probes, *options, "-o", str(out)])
    return code, json.loads((out / "run.json").read_text()) if out.exists() else {}


def verdict(run: dict, clause: str) -> dict:
    (found,) = [one for one in run["verdicts"] if one["clause"] == clause]
    return found


@pytest.mark.parametrize(
    ("good", "bad"), [("hired", "rejected"), ("录用", "淘汰"), ("a", "z"), (">50K", "<=50K"), ("no", "yes")]
)
def test_four_fifths_judges_the_declared_class_and_names_who_gets_it_less(tmp_path, good, bad):
    code, run = audited(tmp_path, hiring(tmp_path, good, bad), "--favourable", good)
    assert code == 3
    (finding,) = verdict(run, "1607.4(D)")["findings"]
    assert (finding["state"], finding["where"]) == ("fail", {"sex": "women", "favourable": good, "reference": "men"})
    assert finding["value"] == pytest.approx(0.5)  # 0.3 / 0.6
    assert good in verdict(run, "1607.4(D)")["reason"]
    gap = verdict(run, "B9")["findings"][0]
    assert (gap["state"], gap["where"]["favourable"]) == ("fail", good)


def test_the_other_class_is_another_question_with_another_answer(tmp_path):
    _, run = audited(tmp_path, hiring(tmp_path), "--favourable", "rejected")
    (finding,) = verdict(run, "1607.4(D)")["findings"]
    assert finding["where"] == {"sex": "men", "favourable": "rejected", "reference": "women"}
    assert finding["value"] == pytest.approx(0.4 / 0.7)


def test_without_one_nothing_is_said_about_selection_and_the_reason_is_given(tmp_path, capsys):
    _, run = audited(tmp_path, hiring(tmp_path))
    for clause in ("1607.4(D)", "1607.4(D), smaller differences", "1607.4(A)", "B9"):
        assert verdict(run, clause)["state"] == "not-tested"
        assert "favourable" in verdict(run, clause)["reason"]
    assert not [m for o in run["outcomes"] for m in o["measurements"] if m["metric"].startswith("selection_rate")]
    said = capsys.readouterr().err
    assert "favourable class: none is declared" in said
    assert "positive class: rejected, the last of hired, rejected" in said


def test_every_error_rate_names_the_positive_class_and_the_scope_says_whether_it_was_declared(tmp_path):
    for name, options in {"taken": [], "declared": ["--positive", "hired"]}.items():
        _, run = audited(tmp_path, hiring(tmp_path), *options, name=name)
        positive = "hired" if options else "rejected"
        rates = [m for o in run["outcomes"] for m in o["measurements"] if m["metric"].startswith("true_positive_rate")]
        assert {m["where"]["class"] for m in rates} == {positive}
        assert (run["data"]["positive"], run["data"]["favourable"]) == (positive, None)
        page = (tmp_path / name / "report.html").read_text()
        scope = page[page.index('id="scope"') :]
        assert ("not declared, taken as the last" in scope) == (not options)
        assert "selection rates were not tested" in scope
    men = next(m for m in rates if m["where"].get("sex") == "men" and m["metric"] == "true_positive_rate")
    assert men["value"] == pytest.approx(540 / 580)  # of 600 hired men 540 are labelled so, and 40 of the 400 others


def test_the_report_names_the_class_and_says_when_the_pack_applies(tmp_path):
    audited(tmp_path, hiring(tmp_path), "--favourable", "hired")
    for lang, applies, favourable in (("en", "Tools that select people", "Favourable class"), ("zh", "适用于", "有利类别")):
        assert main(["report", str(tmp_path / "run"), "--lang", lang]) == 0
        page = (tmp_path / "run" / "report.html").read_text()
        assert applies in page
        scope = page[page.index('id="scope"') :]
        assert re.search(rf"{favourable}</dt>\s*<dd>hired", scope)


@pytest.mark.parametrize(("written", "meant"), [("Hires", "hired"), ("hird", "hired"), ("reject", "rejected")])
def test_a_misspelt_class_stops_before_work_and_is_told_which_is_meant(tmp_path, capsys, written, meant):
    code, run = audited(tmp_path, hiring(tmp_path), "--favourable", written)
    assert (code, run) == (2, {})
    assert f"did you mean '{meant}'" in capsys.readouterr().err


def test_upper_and_lower_case_is_no_misspelling(tmp_path):
    _, run = audited(tmp_path, hiring(tmp_path), "--favourable", "HIRED")
    assert run["data"]["favourable"] == "hired"


def test_of_several_classes_one_is_favourable_and_the_others_are_not():
    columns = {"p": ["hired", "waitlisted", "rejected", "hired"], "g": ["a", "a", "b", "b"]}
    found = class_map(table(columns, Roles(prediction="p", favourable="hired")), None)
    assert found.classes[found.favourable] == "hired"


def test_a_plan_and_python_say_the_same(tmp_path):
    import auditor

    data = hiring(tmp_path)
    given = {"label": "outcome", "prediction": "decision", "groups": "sex", "favourable": "hired"}
    one = auditor.audit(data=data, **given, packs="us-four-fifths", out=tmp_path / "python")
    plan = tmp_path / "audit.yaml"
    spec = "path: hiring.csv, label: outcome, prediction: decision, groups: sex, favourable: hired"
    plan.write_text(f"data: {{{spec}}}\npacks: us-four-fifths\n")
    other = auditor.audit(plan, out=tmp_path / "plan")
    assert one.run.verdicts == other.run.verdicts
    assert one.run.verdicts[0].state == "fail"


@pytest.mark.parametrize("written", ["1", "0", "true", ""])
@pytest.mark.parametrize("role", ["favourable", "positive"])
def test_classes_with_names_are_not_taken_by_number(tmp_path, capsys, role, written):
    """Of hired and rejected, 1 would be rejected: nobody means that who writes 1 for the good outcome."""
    assert audited(tmp_path, hiring(tmp_path), f"--{role}", written)[0] == 2
    assert "is not a class" in capsys.readouterr().err


def test_where_labels_are_positions_of_a_models_classes_so_may_the_class_be():
    data = table({"y": [0, 1]}, Roles(label="y", favourable="1", positive="0"))
    found = class_map(data, ("denied", "approved"))
    assert (found.classes[found.favourable], found.classes[found.positive]) == ("approved", "denied")
    with pytest.raises(InputError, match="favourable: '1' is not a class"):
        class_map(table({"y": ["denied", "approved"]}, Roles(label="y", favourable="1")), ("denied", "approved"))
