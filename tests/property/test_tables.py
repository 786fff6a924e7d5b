"""Any table of text comes back from any format as it was."""

import csv
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.loaders._kinds import NULL_SPELLINGS, is_number
from auditor.loaders.tables import load
from auditor.types import ROW, Roles

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\U0010ffff"), max_size=12)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=8)
)
quick = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def is_plain_text(column: list[str | None]) -> bool:
    """Whether a column cannot be anything but text: one cell is no number, no null spelling and no truth value."""
    truths = {"true", "false"}
    cells = [cell for cell in column if cell]
    spelled = [cell for cell in cells if is_number(cell) or cell.strip() in NULL_SPELLINGS or cell.lower() in truths]
    return len(spelled) < len(cells) or not cells


def read(path: Path) -> dict[str, list[object]]:
    return load(str(path), Roles(), cache=path.parent).read().drop_columns([ROW]).to_pydict()


def as_columns(rows: list[list[str]]) -> dict[str, list[str]]:
    return {f"column {i}": list(cells) for i, cells in enumerate(zip(*rows, strict=True))}


@quick
@given(rows=TABLES)
def test_csv(tmp_path, rows):
    """With every cell quoted, as the standard library does it; text that spells numbers is another matter."""
    columns = as_columns(rows)
    with (tmp_path / "a.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([list(columns), *rows])
    found = read(tmp_path / "a.csv")
    assert list(found) == list(columns)
    for name, cells in columns.items():
        if is_plain_text(cells):
            assert found[name] == cells


@quick
@given(rows=TABLES)
def test_csv_with_few_quotes(tmp_path, rows):
    """As the standard library writes it by itself: an empty cell is then a missing one."""
    columns = as_columns(rows)
    with (tmp_path / "a.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([list(columns), *rows])
    found = read(tmp_path / "a.csv")
    for name, cells in columns.items():
        if is_plain_text(cells):
            assert [cell or "" for cell in found[name]] == cells


@quick
@given(rows=TABLES)
def test_json_lines(tmp_path, rows):
    columns = as_columns(rows)
    lines = [json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) for row in rows]
    (tmp_path / "a.jsonl").write_text("\n".join(lines), encoding="utf-8", newline="")
    assert read(tmp_path / "a.jsonl") == columns


@quick
@given(rows=TABLES)
def test_typed_formats(tmp_path, rows):
    table = pa.table(as_columns(rows))
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=3)
    pyarrow.feather.write_feather(table, tmp_path / "a.feather")
    assert read(tmp_path / "a.parquet") == read(tmp_path / "a.feather") == table.to_pydict()


@quick
@given(numbers=st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), min_size=1, max_size=20))
def test_whole_numbers(tmp_path, numbers):
    lines = ["" if number is None else str(number) for number in numbers]
    (tmp_path / "a.csv").write_text("n,t\n" + "".join(f"{line},x y\n" for line in lines))
    expected = numbers if any(number is not None for number in numbers) else [None] * len(numbers)
    assert read(tmp_path / "a.csv")["n"] == expected


@quick
@given(numbers=st.lists(st.floats(allow_nan=False), min_size=1, max_size=20))
def test_floats(tmp_path, numbers):
    (tmp_path / "a.csv").write_text("n,t\n" + "".join(f"{number!r},x y\n" for number in [0.5, *numbers]))
    assert read(tmp_path / "a.csv")["n"] == [0.5, *numbers]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
@quick
@given(rows=TABLES)
def test_encodings(tmp_path, rows, codec):
    columns = as_columns(rows)
    text = "\n".join(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) for row in rows)
    (tmp_path / "a.jsonl").write_bytes(text.encode(codec))
    assert read(tmp_path / "a.jsonl") == columns
