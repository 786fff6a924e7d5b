"""A sample of the rows: which ones, how it is said, and that an audit of it is one of those rows."""

import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import auditor
from auditor.cli import main
from auditor.errors import ConfigError
from auditor.loaders import tables
from auditor.loaders.sample import sample
from auditor.types import ROW, Roles


@pytest.fixture
def written(tmp_path):
    """The same 5,000 rows as CSV, and as Parquet in uneven row groups."""
    rows = pd.DataFrame({"y": np.arange(5000) % 2, "p": np.arange(5000) % 3 % 2, "n": np.arange(5000)})
    rows.to_csv(tmp_path / "d.csv", index=False)
    rows.to_parquet(tmp_path / "d.parquet", row_group_size=700, index=False)
    return tmp_path


@pytest.mark.parametrize("name", ["d.csv", "d.parquet"])
def test_a_sample_is_drawn_by_its_seed_in_the_order_of_the_source(written, name):
    table = tables.load(str(written / name), Roles(), cache=written / "cache")
    drawn = sample(table, 300, seed=5, cache=written)
    positions = drawn.read()[ROW].to_pylist()
    expected = np.sort(np.random.default_rng(5).choice(5000, 300, replace=False, shuffle=False))  # numpy's own draw
    assert positions == expected.tolist() == drawn.read()["n"].to_pylist()
    assert drawn.rows == 300
    assert drawn.schema == table.schema
    assert sample(table, 300, seed=5, cache=written).fingerprint == drawn.fingerprint
    assert sample(table, 300, seed=6, cache=written).read()[ROW].to_pylist() != positions
    assert sample(table, 5000, seed=5, cache=written) is table


def test_each_row_is_as_likely(written):
    table = tables.load(str(written / "d.csv"), Roles(), cache=written / "cache")
    counts = np.zeros(5000)
    for seed in range(60):
        counts[sample(table, 500, seed=seed, cache=written).read()[ROW].to_numpy()] += 1
    halves = counts.reshape(10, 500).sum(axis=1)  # each tenth of the file: 3,000 expected, standard deviation about 50
    assert abs(halves - 3000).max() < 250


def test_a_large_sample_is_kept_on_disk(written, monkeypatch):
    monkeypatch.setattr("auditor.loaders.sample._HELD", 100)
    table = tables.load(str(written / "d.parquet"), Roles(), cache=written / "cache")
    drawn = sample(table, 2000, seed=1, cache=written)
    assert all(shard.path for shard in drawn.shards)
    assert len(drawn.read()[ROW]) == 2000
    assert drawn.read()[ROW].to_pylist() == drawn.read()["n"].to_pylist()


@pytest.mark.parametrize("evidence", ["show", "none"])
def test_it_is_said_everywhere(written, capsys, evidence):
    out = written / "o"
    command = ["run", "--data", str(written / "d.csv"), "--label", "y", "--prediction", "p", "--rows", "400", "--seed", "3"]
    main([*command, "--probe", "performance", "--evidence", evidence, "-o", str(out)])
    said = "A random sample of 400 of 5,000 rows was taken, with seed 3."
    assert said in capsys.readouterr().err
    run = json.loads((out / "run.json").read_text())
    assert said in run["data"]["source"]["notes"]
    assert (run["data"]["rows"], run["data"]["source"]["rows"], run["plan"]["data"]["rows"]) == (400, 5000, 400)
    assert said in (out / "report.html").read_text()
    assert {one["n"] for one in run["outcomes"][0]["measurements"] if one["metric"] == "accuracy"} == {400}


def test_python_takes_a_sample_too_and_cleans_it(written):
    run = auditor.clean(written / "d.parquet", rows=100, passes=["drop_exact_duplicates"], out=written / "c").run
    assert run.data.rows == 100
    assert pq.read_metadata(written / "c" / "cleaned.parquet").num_rows == 100


def test_a_sample_of_no_rows_is_refused(written):
    with pytest.raises(ConfigError, match=r"data\.rows"):
        auditor.audit(data=written / "d.csv", label="y", prediction="p", rows=0)
