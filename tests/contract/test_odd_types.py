"""A column of any Arrow type costs itself at most: all works beside it, and roles that it cannot have are refused."""

import asyncio
import contextlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import auditor
from auditor.api import run_clean
from auditor.errors import ConfigError, InputError, Skip, UsageError
from auditor.loaders.tables import load
from auditor.plan import CleanPlan, DataSpec, default_probes, step
from auditor.plugins import bind, entries, requirement
from auditor.predict.labels import class_map
from auditor.predict.subject import without_model
from auditor.types import Group, Roles
from tests.odd_types import ROWS, columns, table, write

COLUMNS = columns()
USUAL = {"inputs": ("text",), "label": "y", "prediction": "p", "groups": (Group("g"),)}
ROLES: dict[str, dict[str, object]] = {
    "text": {"inputs": ("odd",)},
    "label": {"label": "odd"},
    "prediction": {"prediction": "odd"},
    "condition": {"prediction": "odd >= 2"},
    "score": {"score": "odd", "prediction": None},
    "group": {"groups": (Group("odd"),)},
    "bins": {"groups": (Group("odd", (1.0, 2.0)),)},
    "id": {"id": "odd"},
    "weight": {"weight": "odd"},
    "split": {"split": "odd"},
}
PROBES = [bind(one, "probe", place="test") for one in default_probes()]
ASKED = [probe for probe in PROBES if requirement(probe) != "scores"]
PASSES = sorted(entry.name for entry in entries("pass"))


@pytest.fixture(scope="module", params=["parquet", "arrow"])
def wide(request, tmp_path_factory) -> Path:
    """All columns that a format can hold, in one table."""
    folder = tmp_path_factory.mktemp("wide")
    odd = {name: cells for name, cells in COLUMNS.items() if write(pa.table({"a": cells}), folder / f"one.{request.param}")}
    path = folder / f"wide.{request.param}"
    assert write(table(odd), path)
    assert len(odd) > (80 if request.param == "parquet" else 90)
    return path


@pytest.mark.parametrize("form", ["parquet", "arrow"])
@pytest.mark.parametrize("name", COLUMNS)
def test_in_any_role(tmp_path, name, form):
    """Each role either works, in every probe, or is refused before work begins."""
    path = tmp_path / f"odd.{form}"
    if not write(table({"odd": COLUMNS[name]}), path):
        return
    for more in ROLES.values():
        try:
            found = load(str(path), Roles(**{**USUAL, **more}), cache=tmp_path)
            classes = class_map(found, None)
        except (ConfigError, InputError):
            continue
        subject = without_model(found, classes, checkpoint=None, seed=0, level=0.95)
        for probe in ASKED:
            asyncio.run(_run(probe, subject))


async def _run(probe, subject) -> None:
    with contextlib.suppress(Skip):
        assert [finding async for finding in probe(subject)]


@pytest.mark.parametrize("name", ["label", "id", "sex", "y_pred", "score", "text", "sample_weight", "split"])
def test_under_a_usual_name(tmp_path, name):
    """Inference takes a column for what it can be."""
    for odd in COLUMNS.values():
        if write(pa.table({name: odd, "x": pa.array(range(ROWS))}), tmp_path / "odd.arrow"):
            with contextlib.suppress(InputError):
                load(str(tmp_path / "odd.arrow"), Roles(), cache=tmp_path)


def test_beside_every_probe(wide, tmp_path):
    run = auditor.audit(data=wide, text="text", label="y", prediction="p", groups="g", out=tmp_path / "run").run
    assert [(outcome.probe, outcome.reason) for outcome in run.outcomes if outcome.status == "failed"] == []
    measured = {
        found.where["column"]
        for outcome in run.outcomes
        for found in outcome.measurements
        if found.metric == "missing_share" and "column" in found.where
    }
    assert len(measured) == min(100, len(run.data.columns))
    assert run.data.rows == ROWS


@pytest.mark.parametrize("form", ["parquet", "jsonl"])
@pytest.mark.parametrize("name", PASSES)
def test_beside_every_pass(wide, tmp_path, name, form):
    data = DataSpec(str(wide), text="text", label="y", groups=(Group("g"),))
    plan = CleanPlan(data, (step(name, place="test"),), runner="inline", format=form, yes=True)
    run = run_clean(plan, tmp_path / "clean").run
    assert run.ledger[0].rows_in == ROWS
    assert run.ledger[-1].quarantined == 0
    if form == "parquet":
        assert pq.read_table(tmp_path / "clean" / "cleaned.parquet").num_rows == run.ledger[-1].rows_out


@pytest.mark.parametrize("name", COLUMNS)
def test_csv_holds_a_column_or_is_refused_before_it_begins(tmp_path, name):
    assert write(table({"odd": COLUMNS[name]}), tmp_path / "odd.arrow")
    data = DataSpec(str(tmp_path / "odd.arrow"))
    plan = CleanPlan(data, (step("drop_exact_duplicates", place="test"),), runner="inline", format="csv")
    with contextlib.suppress(UsageError):
        run_clean(plan, tmp_path / "clean")
        assert len((tmp_path / "clean" / "cleaned.csv").read_bytes().splitlines()) > 1
        return
    assert not (tmp_path / "clean" / "cleaned.csv").exists()


def test_what_can_only_be_text_is_said(tmp_path):
    assert write(table({"odd": COLUMNS["dense union"]}), tmp_path / "odd.arrow")
    found = load(str(tmp_path / "odd.arrow"), Roles(), cache=tmp_path)
    assert found.read(["odd"]).column("odd").to_pylist()[:4] == ["0", "x", "1", "x"]
    assert any("'odd'" in note and "read as text" in note for note in found.source.notes)


@pytest.mark.parametrize(
    "name", ["string_view", "runs of text", "list_view of text", "dictionary with a null", "runs of a dictionary"]
)
def test_rare_types_keep_their_values(tmp_path, name):
    assert write(table({"odd": COLUMNS[name]}), tmp_path / "odd.arrow")
    found = load(str(tmp_path / "odd.arrow"), Roles(), cache=tmp_path).read(["odd"]).column("odd")
    assert found.to_pylist() == COLUMNS[name].to_pylist()
