"""A declared reference is found among the groups however it is written, in every probe alike; one that is none stops the run.

The right values are arithmetic: which group stands under ``reference``, and that the group that was declared is the one.
"""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import auditor
from auditor.cli import main
from auditor.errors import InputError
from auditor.plan import group
from auditor.probes.group_fairness import group_fairness
from auditor.probes.performance import performance
from auditor.testing import findings, table
from auditor.types import Group, Roles


def written(tmp_path: Path, groups: pa.Array) -> Path:
    path = tmp_path / "scored.parquet"
    n = len(groups)
    labels, said = (pa.array(["yes" if i % k else "no" for i in range(n)]) for k in (3, 4))
    pq.write_table(pa.table({"y": labels, "p": said, "g": groups}), path)
    return path


FLOATS = pa.array([1.0] * 50 + [2.0] * 70)
HALVES = pa.array([1.5] * 50 + [2.5] * 70)
WHOLE = pa.array([1] * 50 + [2] * 70)
TEXTS = pa.array(["1"] * 50 + ["2"] * 70)
TRUTHS = pa.array([True] * 50 + [False] * 70)
SAID = pa.array(["TRUE"] * 50 + ["FALSE"] * 70)
NAMES = pa.array([" Female "] * 50 + ["Male"] * 70)
AGES = pa.array([30.0] * 50 + [60.0] * 70)


@pytest.mark.parametrize(
    ("groups", "column", "found"),
    [
        *[(values, f"g={way}", "1") for values in (FLOATS, WHOLE, TEXTS) for way in ("1", "1.0", " 1", "1.00", "1e0", "+1")],
        *[(HALVES, f"g={way}", "1.5") for way in ("1.5", "1.50", "15e-1")],
        *[(values, f"g={way}", "true") for values in (TRUTHS, SAID) for way in ("true", "True", "TRUE")],
        *[(NAMES, f"g={way}", "Female") for way in ("Female", " Female ")],
        *[(AGES, f"g:25,45={way}", "[25, 45)") for way in ("[25, 45)", "[25,45)", "[25.0, 45.0)")],
    ],
)
def test_a_reference_is_found_however_it_is_written(groups, column, found):
    rows = table(
        {"y": ["a", "b"] * 60, "p": ["a", "b", "b"] * 40, "g": groups},
        Roles(label="y", prediction="p", groups=(group(column),)),
    )
    for probe in (group_fairness, performance):
        against = {m.where["reference"] for m in findings(probe, rows) if set(m.where) == {"g", "reference"}}
        assert against == {found}, probe


@pytest.mark.parametrize("reference", [1, 1.0])
def test_python_may_say_it_as_a_number(tmp_path, reference):
    one = Group("g", reference=reference)
    result = auditor.audit(
        data=written(tmp_path, FLOATS),
        label="y",
        prediction="p",
        groups=one,
        probes="performance",
        out=tmp_path / "run",
        packs=(),
    )
    assert {m.where["reference"] for m in result.run.outcomes[0].measurements if "reference" in m.where} == {"1"}


@pytest.mark.parametrize(
    ("reference", "hint"),
    [("female", "did you mean 'Female'?"), ("FEMALE", "did you mean 'Female'?"), ("Femal", "did you mean 'Female'?")],
)
def test_case_is_not_folded_and_a_value_that_is_not_there_is_refused_before_the_work(tmp_path, capsys, reference, hint):
    path = written(tmp_path, NAMES)
    for data in (["--prediction", "p"], []):  # with decisions, and of the data alone
        out = tmp_path / "run"
        assert main(["run", "--data", str(path), "--label", "y", *data, "--group", f"g={reference}", "-o", str(out)]) == 2
        assert hint in capsys.readouterr().err
        assert not (out / "run.json").exists()
    assert main(["clean", str(path), "--group", f"g={reference}", "-o", str(tmp_path / "clean")]) == 2
    assert hint in capsys.readouterr().err


@pytest.mark.parametrize("reference", ["(missing)", "3", "01", ""])
def test_what_is_no_group_is_no_reference(tmp_path, reference):
    with pytest.raises(InputError, match="reference"):
        auditor.audit(
            data=written(tmp_path, TEXTS), prediction="p", groups=Group("g", reference=reference), out=tmp_path / "run"
        )


def test_every_probe_compares_with_the_declared_group(tmp_path, checkpoint):
    # The case of a review: 1.0 was found by group_fairness, and label_flips took the largest group instead.
    rows = [{"text": "the good film was not bad and he was bright", "label": "positive", "g": 1.0} for _ in range(10)]
    rows += [{"text": "a dull plot the actress was very bad", "label": "negative", "g": 2.0} for _ in range(30)]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    plan = tmp_path / "audit.yaml"
    plan.write_text(
        f"data: {{path: {path}, text: text, label: label, groups: [{{column: g, reference: 1.0}}]}}\n"
        f"model: {checkpoint}\n"
        "probes: [performance, group_fairness, {use: label_flips, corrupt: keyboard_typos}, "
        "{use: counterfactual_flips, swap: swap_gendered_words}]\n"
    )
    result = auditor.audit(plan, out=tmp_path / "run")
    for outcome in result.run.outcomes:
        found = [
            m
            for m in outcome.measurements
            if m.metric.endswith("_difference") and set(m.where) - {"pass"} == {"g", "reference"}
        ]
        assert found or outcome.probe == "counterfactual_flips", outcome.reason
        assert {(m.where["g"], m.where["reference"]) for m in found} <= {("2", "1")}, outcome.probe


def test_cleaning_compares_with_it_too(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("g,t\n" + "1.0,a\n1.0,b\n" + "".join(f"2.0,c{i}\n2.0,c{i}\n" for i in range(9)))
    found = auditor.clean(path, groups="g=1.0", passes="drop_exact_duplicates", out=tmp_path / "clean").run
    assert {m.where["reference"] for m in found.outcomes[0].measurements if "reference" in m.where} == {"1"}


def test_a_reference_without_rows_that_were_changed_is_not_replaced_by_another(tmp_path, checkpoint):
    rows = [{"text": "a b c", "label": "positive", "g": "x"} for _ in range(5)]  # words too short for a typo
    rows += [{"text": "the actress was very bad", "label": "negative", "g": g} for g in "yz" for _ in range(5)]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    run = auditor.audit(
        data=path, model=checkpoint, text="text", groups="g=x", probes="label_flips:corrupt=keyboard_typos", out=tmp_path / "r"
    ).run
    found = [m for m in run.outcomes[0].measurements if m.metric == "label_flips_difference"]
    assert {(m.where["reference"], m.value, bool(m.reason)) for m in found} == {("x", None, True)}
    assert {m.where["g"] for m in found} == {"y", "z"}
