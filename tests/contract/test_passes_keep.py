"""What every built-in pass keeps: columns and their types, missing cells, the order of rows, and rows without text."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from auditor import declare, plugins
from auditor.execute import apply, fitted, identity
from auditor.plugins import Step
from auditor.testing.subjects import sample, table
from auditor.types import COPY, ROW, Batch, Group, Roles

ROLES = Roles(inputs=("text",), label="label", groups=(Group("sex"),))
BUILT_IN = [name for name in plugins.names("pass") if "/" not in name]
ROW_PASSES = [name for name in BUILT_IN if declare.info(plugins.find("pass", name)).kind == "row_pass"]


def applied(name: str, columns: pa.Table, out: Path, runner: Any = "inline") -> Batch:
    rows = table(columns, ROLES)
    after, _ = apply(rows, [fitted(plugins.bind(Step(name), "pass"), rows, 7)], out, runner=runner, max_bad_rows=0.0)
    return after.read()


@pytest.mark.parametrize("name", BUILT_IN)
def test_columns_and_order_are_kept(name: str, tmp_path: Path) -> None:
    before = sample().read()
    after = applied(name, before.drop_columns([ROW]), tmp_path)
    kept = [field for field in after.schema if field.name in before.column_names]
    assert kept == [field for field in before.schema if field.name in after.column_names]
    assert set(before.column_names) <= set(after.column_names)
    places = identity(after)
    assert (places[1:] > places[:-1]).all()
    rows = {row[ROW]: row for row in before.to_pylist()}
    for row in after.to_pylist():
        for column in ("label", "sex", "age", "score"):
            assert row[column] == rows[row[ROW]][column]
        assert (row["text"] is None) == (rows[row[ROW]]["text"] is None)


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_column_of_nothing_but_missing_cells_is_fine(name: str, tmp_path: Path) -> None:
    nothing = pa.table({"text": pa.nulls(3, pa.string()), "label": pa.nulls(3, pa.string()), "sex": pa.nulls(3, pa.string())})
    after = applied(name, nothing, tmp_path)
    assert set(after["text"].to_pylist()) <= {None}
    assert after.num_rows == (1 if name == "drop_exact_duplicates" else 3)


@pytest.mark.parametrize("name", BUILT_IN)
def test_processes_give_the_same(name: str, tmp_path: Path) -> None:
    columns = sample().read().drop_columns([ROW])
    inline, pool = (applied(name, columns, tmp_path / runner, runner) for runner in ("inline", "process"))
    assert inline.equals(pool)


@pytest.mark.parametrize("name", ROW_PASSES)
def test_a_row_pass_can_be_run_on_what_it_made(name: str) -> None:
    function = plugins.bind(Step(name), "pass")
    once = fitted(function, sample(), 7)(next(sample().batches()))
    twice = fitted(function, sample(), 7)(once)
    assert isinstance(twice, pa.Table)
    copies = twice[COPY].to_pylist() if COPY in twice.column_names else [0] * twice.num_rows
    places = list(zip(twice[ROW].to_pylist(), copies, strict=True))
    assert len(places) == len(set(places))
