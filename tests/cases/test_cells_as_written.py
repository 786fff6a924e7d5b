"""Cells that no pass touched leave as they came: the text of a cell is what it is, and a number only a view of it."""

import csv
import json
import math
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import auditor
from auditor.api import run_clean
from auditor.declare import row_pass
from auditor.execute import apply
from auditor.loaders.tables import load
from auditor.plan import CleanPlan, DataSpec
from auditor.types import Batch, Roles, Run

VERSIONS = """package,version,when,gene,label
alpha,1.1,12-01-06,SEPT1,ok
alpha,1.10,12-01-06,SEPT1,ok
alpha,1.100,12-01-06,SEPT1,ok
beta,2.0,20-12-06,MARCH1,bad
beta,2.00,20-12-06,MARCH1,bad
gamma,3,31/02/2024,1E5,ok
gamma,3.0,31/02/2024,1E5,ok
"""
FORMATS = ("csv", "jsonl", "parquet")


def cleaned(path: Path, out: Path, form: str, **data: object) -> tuple[Run, list[dict[str, object]]]:
    """A cleaning run, and the rows that it wrote, read without our own code."""
    result = run_clean(CleanPlan(DataSpec(str(path), **data), format=form), out)
    file = out / f"cleaned.{form}"
    if form == "csv":
        with file.open(newline="", encoding="utf-8") as lines:
            return result.run, list(csv.DictReader(lines))
    if form == "jsonl":
        return result.run, [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return result.run, pq.read_table(file).to_pylist()


@pytest.mark.parametrize("form", FORMATS)
def test_versions_are_no_numbers(tmp_path: Path, form: str) -> None:
    """Case clean_versions."""
    (tmp_path / "d.csv").write_text(VERSIONS)
    run, rows = cleaned(tmp_path / "d.csv", tmp_path / "out", form)
    assert [entry.removed + entry.changed for entry in run.ledger] == [0] * len(run.ledger)
    assert rows == list(csv.DictReader(VERSIONS.splitlines()))


def test_equal_rows_of_an_audit_are_equal_as_written(tmp_path: Path) -> None:
    """Of 7 rows none repeats another, though four differ from an earlier one in the spelling of a number alone."""
    (tmp_path / "d.csv").write_text(VERSIONS + "gamma,3.0,31/02/2024,1E5,ok\n")
    result = auditor.audit(data=tmp_path / "d.csv", label="label", probes="data_quality", out=tmp_path / "out")
    (outcome,) = result.run.outcomes
    (found,) = [one for one in outcome.measurements if one.metric == "duplicate_share" and not one.where]
    assert (found.value, found.n) == (1 / 8, 8)
    (evidence,) = [one for one in outcome.evidence if one.metric == "duplicate_share"]
    assert "version=3.0" in evidence.examples[0].before


def test_groups_are_named_as_written(tmp_path: Path) -> None:
    """1.1 and 1.10 are two groups; 3 and 3.0 are one value in canonical form."""
    (tmp_path / "d.csv").write_text(VERSIONS)
    result = auditor.audit(
        data=tmp_path / "d.csv", label="label", groups="version", probes="data_quality", out=tmp_path / "out"
    )
    shares = [one for one in result.run.outcomes[0].measurements if one.metric == "label_share" and "version" in one.where]
    assert {one.where["version"] for one in shares} == {"1.1", "1.10", "1.100", "2", "3"}


def test_the_output_of_typical_tables_has_numbers(tmp_path: Path) -> None:
    """Columns whose numbers are all written as numbers are, stay numbers in formats that have them."""
    (tmp_path / "d.csv").write_text("a,b,c,d\n1,0.5,1.0,true\n,,2.5,false\n3,1e-07,-0.25,true\n")
    _, rows = cleaned(tmp_path / "d.csv", tmp_path / "out", "parquet")
    assert rows == [
        {"a": 1, "b": 0.5, "c": 1.0, "d": True},
        {"a": None, "b": None, "c": 2.5, "d": False},
        {"a": 3, "b": 1e-07, "c": -0.25, "d": True},
    ]


NOT_FINITE = '{"id": 0, "x": 1.50, "l": [NaN, "NaN"]}\n{"id": 1, "x": NaN, "l": []}\n{"id": 2, "x": -Infinity, "l": [Infinity]}'


def test_json_lines_have_no_word_for_what_is_no_number(tmp_path: Path) -> None:
    """Case clean_nonfinite: what is written is JSON, and each number that was lost is in the ledger."""
    (tmp_path / "d.jsonl").write_text(NOT_FINITE)
    run, _ = cleaned(tmp_path / "d.jsonl", tmp_path / "out", "jsonl")
    assert (tmp_path / "out/cleaned.jsonl").read_text().splitlines() == [
        '{"id": 0, "x": 1.50, "l": [null, "NaN"]}',
        '{"id": 1, "x": null, "l": []}',
        '{"id": 2, "x": null, "l": [null]}',
    ]
    assert [(entry.step, entry.changed) for entry in run.ledger][-1] == ("clear_non_finite", 3)
    _, rows = cleaned(tmp_path / "d.jsonl", tmp_path / "parquet", "parquet")
    assert [row["x"] for row in rows] == ["1.50", "NaN", "-Infinity"]


def test_only_json_needs_finite_numbers(tmp_path: Path) -> None:
    cells = [1.5, math.nan, math.inf, None]
    pq.write_table(pa.table({"x": cells, "y": [[one] for one in cells], "t": ["a", "b", "c", "d"]}), tmp_path / "d.parquet")
    run, rows = cleaned(tmp_path / "d.parquet", tmp_path / "j", "jsonl")
    assert [(row["x"], row["y"]) for row in rows] == [(1.5, [1.5]), (None, [None]), (None, [None]), (None, [None])]
    assert [entry.changed for entry in run.ledger if entry.step == "clear_non_finite"] == [2]
    run, rows = cleaned(tmp_path / "d.parquet", tmp_path / "p", "parquet")
    assert [repr(row["x"]) for row in rows] == ["1.5", "nan", "inf", "None"]
    assert all(entry.step != "clear_non_finite" for entry in run.ledger)


@row_pass(source="made for tests")
def capped(batch: Batch) -> Batch:
    """Numbers of at most 2."""
    assert pa.types.is_floating(batch.schema.field("x").type)
    cells = batch.column("x")
    return batch.set_column(batch.column_names.index("x"), "x", pc.if_else(pc.greater(cells, 2.0), 2.0, cells))


def test_passes_see_numbers_and_what_they_leave_alone_stays(tmp_path: Path) -> None:
    """Of 1.50, 3.10, NA and 2.00 only 3.10 is above 2; the others keep every sign."""
    (tmp_path / "d.csv").write_text("name,x\na b,1.50\nc d,3.10\ne f,NA\ng h,2.00\n")
    rows = load(str(tmp_path / "d.csv"), Roles(), cache=tmp_path)
    after, (entry,) = apply(rows, [capped], tmp_path / "out", runner="inline")
    assert after.read(written=True)["x"].to_pylist() == ["1.50", "2.0", "NA", "2.00"]
    assert after.read()["x"].to_pylist() == [1.5, 2.0, None, 2.0]
    assert (entry.changed, entry.examples[0].before, entry.examples[0].after) == (1, "3.10", "2.0")


def test_a_row_without_cells_is_a_row(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text('a\n1.50\n""\n2.5\n')
    cleaned(tmp_path / "d.csv", tmp_path / "out", "csv")
    assert (tmp_path / "out/cleaned.csv").read_text() == 'a\n1.50\n""\n2.5\n'


@pytest.mark.parametrize("name", ["d.csv", "d.jsonl"])
def test_what_is_no_number_is_no_group(tmp_path: Path, name: str) -> None:
    cells = ["1.0", "NaN", "1.50", "1.5"] * 5
    text = "".join(f'{{"g": {cell}, "y": {i % 2}}}\n' for i, cell in enumerate(cells))
    (tmp_path / "d.jsonl").write_text(text)
    (tmp_path / "d.csv").write_text("g,y\n" + "".join(f"{cell},{i % 2}\n" for i, cell in enumerate(cells)))
    result = auditor.audit(data=tmp_path / name, label="y", groups="g", probes="data_quality", out=tmp_path / "out")
    shares = [one for one in result.run.outcomes[0].measurements if one.metric == "label_share" and "g" in one.where]
    assert {one.where["g"] for one in shares} == {"1", "1.50", "1.5", "(missing)"}
