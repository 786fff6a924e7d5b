"""Numbers with a decimal comma give the same results as with a point, or a question; never other numbers."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

import auditor
from auditor.cli import main
from auditor.errors import InputError
from auditor.plan import read

ROLES = ({"score": "score"}, {"prediction": "p", "groups": "income:30000,60000"}, {"prediction": "income>=40000"})


def write(folder: Path, rows: int = 400) -> tuple[Path, Path]:
    """The two files of case n_decimal_comma, which say the same."""
    rng = random.Random(3)
    dot, comma = ["id;age;income;score;y;p;g"], ["id;age;income;score;y;p;g"]
    for i in range(rows):
        age, score = f"{rng.uniform(18, 80):.1f}", rng.random()
        income, y, p = rng.randrange(9, 90) * 1000 + rng.choice([0, 500]), int(rng.random() < score), int(score >= 0.5)
        dot.append(f"{i};{age};{income};{score:.3f};{y};{p};{'mf'[i % 2]}")
        grouped, (age, proba) = f"{income:,d}".replace(",", "."), (text.replace(".", ",") for text in (age, f"{score:.3f}"))
        comma.append(f"{i};{age};{grouped};{proba};{y};{p};{'mf'[i % 2]}")
    for name, lines in (("dot.csv", dot), ("comma.csv", comma)):
        (folder / name).write_text("\n".join(lines) + "\n")
    return folder / "dot.csv", folder / "comma.csv"


@pytest.mark.parametrize("how", ROLES)
def test_declared_signs_give_the_same_numbers(tmp_path: Path, how: dict[str, str]) -> None:
    dot, comma = write(tmp_path)
    common = {"label": "y", "probes": ("performance", "group_fairness", "data_quality"), **how}
    one = auditor.audit(data=dot, out=tmp_path / "1", **common)
    other = auditor.audit(data=comma, decimal=",", thousands=".", out=tmp_path / "2", **common)
    found = [
        [(p.probe, p.status, p.measurements) for p in run.outcomes if p.probe != "data_quality"] for run in (one.run, other.run)
    ]
    assert found[0] == found[1]
    assert any(measurements for _, _, measurements in found[0])


@pytest.mark.parametrize("how", ROLES)
def test_signs_that_are_not_clear_are_asked_for(tmp_path: Path, how: dict[str, str]) -> None:
    _, comma = write(tmp_path)
    with pytest.raises(InputError) as caught:
        auditor.audit(data=comma, label="y", probes="performance", out=tmp_path / "1", **how)
    assert "--decimal" in caught.value.remedy
    assert "comma.csv" in caught.value.place
    assert "row 0" in caught.value.place


def scored(folder: Path, cells: Sequence[str]) -> Path:
    path = folder / "d.csv"
    path.write_text("y;x\n" + "".join(f'{i % 2};"{cell}"\n' for i, cell in enumerate(cells)))
    return path


AMBIGUOUS = [
    ["86.500", "23.000"],
    ["0,544", "0,1"],
    ["1.234,56", "7"],
    ["1,234.56", "7"],
    ["1,234", "12"],
    ["1.234.567", "8"],
    ["-86.500", "NA"],
    ["12.345", "7"],
]


@pytest.mark.parametrize("cells", AMBIGUOUS, ids=" ".join)
def test_each_kind_of_unclear_number_is_asked_for(tmp_path: Path, cells: list[str]) -> None:
    path = scored(tmp_path, cells * 20)
    with pytest.raises(InputError) as caught:
        auditor.audit(data=path, label="y", prediction="x >= 5", probes="performance", out=tmp_path / "1")
    assert "--" in caught.value.remedy
    assert repr(cells[0]) in caught.value.problem


CLEAR = [
    (["0.544", "1.000"], {}, 0.9, "0.544 is below"),
    (["86.5", "23.000"], {}, 50.0, "23.000 is below"),
    (["86.500", "23.000"], {"decimal": "."}, 50.0, "23.000 is below"),
    (["86.500", "23.000"], {"decimal": ","}, None, "no number"),
    (["86.500", "23.000"], {"thousands": "."}, 50_000.0, "23000 is below"),
    (["1.234,56", "7"], {"decimal": ",", "thousands": "."}, 1234.5, "7 is below"),
    (["1,234.56", "7"], {"thousands": ","}, 1234.5, "7 is below"),
    (["1 234,5", "1\u202f000"], {"decimal": ",", "thousands": " "}, 1234.0, "1000 is below"),
    (["1'234.5", "1\u2019000"], {"thousands": "'"}, 1234.0, "1000 is below"),
    (["0.544", "2"], {"thousands": "."}, None, "no number"),
    (["1,2,3", "2"], {"decimal": ","}, None, "no number"),
]


@pytest.mark.parametrize(("cells", "signs", "edge", "why"), CLEAR)
def test_numbers_are_those_of_the_signs(tmp_path: Path, cells: list[str], signs: dict[str, str], edge: float, why: str) -> None:
    """Cells take turns with labels 0 and 1: the first cell is above the edge, or the second where that is larger."""
    path = scored(tmp_path, cells * 20)

    def run() -> float | None:
        made = auditor.audit(
            data=path,
            label="y",
            prediction=f"x >= {edge or 1}",
            probes="performance",
            out=tmp_path / "1",
            positive="1",
            **signs,
        )
        return next(m.value for m in made.run.outcomes[0].measurements if m.metric == "accuracy" and not m.where)

    if edge is None:
        with pytest.raises(InputError):
            run()
    else:
        first_is_larger = cells[0] != "0.544"
        assert run() == (0.0 if first_is_larger else 1.0), why


def test_the_command_line_and_plans_say_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, comma = write(tmp_path, 60)
    plan = tmp_path / "audit.yaml"
    signs = ["--decimal", ",", "--thousands", "."]
    assert main(["init", "--data", str(comma), "--label", "y", "--score", "score", *signs, "-o", str(plan)]) == 0
    assert (read(plan).data.decimal, read(plan).data.thousands) == (",", ".")
    assert main(["run", "--data", str(comma), "--label", "y", "--score", "score", "-o", str(tmp_path / "no")]) == 2
    assert main(["run", str(plan), "--probe", "performance", "-o", str(tmp_path / "yes")]) in (0, 3)
    assert main(["run", str(plan), "--decimal", ";", "-o", str(tmp_path / "odd")]) == 2
    assert main(["run", str(plan), "--decimal", ".", "--thousands", ".", "-o", str(tmp_path / "odd")]) == 2
    assert "decimal" in capsys.readouterr().err


def test_cleaning_writes_numbers_with_their_signs(tmp_path: Path) -> None:
    _, comma = write(tmp_path, 60)
    auditor.clean(comma, decimal=",", thousands=".", groups="income:30000,60000", out=tmp_path / "out", passes="whitespace")
    import pyarrow.parquet as pq

    rows = pq.read_table(tmp_path / "out/cleaned.parquet")
    lines = [line.split(";") for line in comma.read_text().splitlines()[1:]]
    assert rows["income"].to_pylist() == [line[2] for line in lines]
    assert rows["score"].to_pylist() == [line[3] for line in lines]
