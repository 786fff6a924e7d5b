"""Parquet, Arrow, saved data sets, the hub, folders, and what a name stands for."""

import json
from pathlib import Path

import datasets
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import HTTPError, RepositoryNotFoundError

from auditor import declare
from auditor.errors import InputError
from auditor.loaders import arrow, delimited, hub, json_lines, parquet, saved_dataset
from auditor.loaders.tables import FORMATS, load
from auditor.types import ROW, Group, Roles, Table

ROWS = pa.table({"text": ["a", "b", "c", None], "label": [0, 1, 1, 0], "p": [0.1, 0.9, 0.8, 0.2]})


def read(path: Path, roles: Roles | None = None, **options) -> Table:
    return load(str(path), roles or Roles(), cache=path.parent / "cache", **options)


def cells(table: Table) -> pa.Table:
    return table.read().drop_columns([ROW])


def test_every_loader_is_marked():
    for found in (
        delimited.delimited,
        json_lines.json_lines,
        parquet.parquet,
        arrow.arrow,
        saved_dataset.saved_dataset,
        hub.hub,
    ):
        assert declare.info(found).kind == "loader"
        assert declare.info(found).source


def test_parquet_is_read_in_place_a_shard_a_row_group(tmp_path):
    pq.write_table(ROWS, tmp_path / "a.parquet", row_group_size=3)
    table = read(tmp_path / "a.parquet")
    assert [(shard.path, shard.group, shard.rows, shard.first) for shard in table.shards] == [
        (str(tmp_path / "a.parquet"), 0, 3, 0),
        (str(tmp_path / "a.parquet"), 1, 1, 3),
    ]
    assert cells(table) == ROWS
    assert table.read()[ROW].to_pylist() == [0, 1, 2, 3]
    assert not (tmp_path / "cache").exists()


def test_parquet_without_rows(tmp_path):
    pq.write_table(ROWS.slice(0, 0), tmp_path / "a.parquet")
    table = read(tmp_path / "a.parquet")
    assert (table.rows, table.read().num_rows, table.schema.names) == (0, 0, ["text", "label", "p"])


def test_parquet_that_carries_positions_keeps_them(tmp_path):
    pq.write_table(ROWS.append_column(ROW, pa.array([5, 6, 9, 11])), tmp_path / "a.parquet")
    table = read(tmp_path / "a.parquet")
    assert table.schema.names == ["text", "label", "p"]
    assert table.read()[ROW].to_pylist() == [5, 6, 9, 11]


def test_damaged_parquet(tmp_path):
    pq.write_table(ROWS, tmp_path / "a.parquet")
    whole = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "a.parquet").write_bytes(whole[:-20])
    with pytest.raises(InputError, match=r"does not read as Parquet .*Fetch or write it again"):
        read(tmp_path / "a.parquet")


def test_typed_columns_of_one_name(tmp_path):
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    pq.write_table(twice, tmp_path / "a.parquet")
    with pytest.raises(InputError, match="several columns 'a'"):
        read(tmp_path / "a.parquet")


def test_typed_columns_with_hidden_names(tmp_path):
    pq.write_table(pa.table({ROW: ["x"]}), tmp_path / "a.parquet")
    with pytest.raises(InputError, match="column name '_row' is taken"):
        read(tmp_path / "a.parquet")


def test_nan_in_a_score_of_parquet_is_noted(tmp_path):
    pq.write_table(pa.table({"y": [0, 1], "p": [0.5, float("nan")]}), tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet", Roles(score="p")).source.notes == (
        "Column 'p' has 1 cells that are NaN or infinite; they are kept.",
    )


@pytest.mark.parametrize("form", ["file", "stream", "feather"])
def test_arrow_files(tmp_path, form):
    path = tmp_path / "a.arrow"
    if form == "feather":
        pyarrow.feather.write_feather(ROWS, path)
    else:
        new = pa.ipc.new_file if form == "file" else pa.ipc.new_stream
        with pa.OSFile(str(path), "wb") as sink, new(sink, ROWS.schema) as writer:
            writer.write_table(ROWS, max_chunksize=3)
    assert cells(read(path)) == ROWS


def test_truncated_arrow(tmp_path):
    with pa.OSFile(str(tmp_path / "a.arrow"), "wb") as sink, pa.ipc.new_stream(sink, ROWS.schema) as writer:
        writer.write_table(ROWS)
    whole = (tmp_path / "a.arrow").read_bytes()
    (tmp_path / "a.arrow").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="does not read as Arrow"):
        read(tmp_path / "a.arrow")


def test_large_arrow_goes_through_the_cache(tmp_path, monkeypatch):
    monkeypatch.setattr("auditor.loaders._files.SMALL", 100)
    pyarrow.feather.write_feather(ROWS, tmp_path / "a.feather")
    table = read(tmp_path / "a.feather")
    assert cells(table) == ROWS
    assert Path(table.shards[0].path).parent == tmp_path / "cache" / "tables"
    assert read(tmp_path / "a.feather").shards == table.shards


def test_first_bytes_win_over_the_ending(tmp_path):
    pq.write_table(ROWS, tmp_path / "a.csv")
    assert read(tmp_path / "a.csv").source.format == "parquet"


@pytest.fixture
def saved(tmp_path) -> datasets.Dataset:
    features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["neg", "pos"])})
    return datasets.Dataset.from_dict({"text": ["a", "b", "c"], "label": [0, 1, None]}, features=features)


def test_saved_dataset(tmp_path, saved):
    saved.select([2, 0]).save_to_disk(tmp_path / "ds")
    table = read(tmp_path / "ds")
    assert cells(table).to_pydict() == {"text": ["c", "a"], "label": [None, 0]}
    assert table.source.notes == ("Column 'label' holds class numbers: 0 is neg, 1 is pos.",)
    assert table.source.format == "datasets"


def test_saved_splits(tmp_path, saved):
    datasets.DatasetDict({"only": saved}).save_to_disk(tmp_path / "one")
    assert read(tmp_path / "one").rows == 3
    datasets.DatasetDict({"train": saved, "test": saved}).save_to_disk(tmp_path / "two")
    with pytest.raises(InputError, match=r"holds the splits train, test\. Name one, as in .*two/train"):
        read(tmp_path / "two")
    assert read(tmp_path / "two" / "test").rows == 3


def test_damaged_saved_dataset(tmp_path, saved):
    saved.save_to_disk(tmp_path / "ds")
    next((tmp_path / "ds").glob("*.arrow")).unlink()
    with pytest.raises(InputError, match="does not read as a saved data set"):
        read(tmp_path / "ds")


def test_damaged_list_of_splits(tmp_path):
    (tmp_path / "ds").mkdir()
    for text in ("{", "[]", '{"splits": 3}'):
        (tmp_path / "ds" / "dataset_dict.json").write_text(text)
        with pytest.raises(InputError, match="does not read as a saved data set"):
            read(tmp_path / "ds")


def test_errors_of_the_disk_are_told_in_one_sentence(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    monkeypatch.setattr("auditor.loaders._files.SMALL", 1)
    monkeypatch.setattr("auditor.loaders._store.replacing", fail)
    with pytest.raises(InputError, match=r"a\.csv: it cannot be read \(.*No space left on device"):
        read(tmp_path / "a.csv")


def test_large_saved_dataset_goes_through_the_cache(tmp_path, saved, monkeypatch):
    monkeypatch.setattr("auditor.loaders.saved_dataset.SMALL", 1)
    saved.save_to_disk(tmp_path / "ds")
    table = read(tmp_path / "ds")
    assert table.shards[0].path is not None
    assert cells(table).to_pydict() == {"text": ["a", "b", "c"], "label": [0, 1, None]}


@pytest.fixture
def online(saved, tmp_path, monkeypatch) -> datasets.Dataset:
    saved.save_to_disk(tmp_path / "fetched")
    found = datasets.load_from_disk(tmp_path / "fetched")

    class Newest:
        sha = "0123abc"

    def fetch(name: str, *, revision: str) -> datasets.DatasetDict:
        assert (name, revision) == ("owner/name", "0123abc")
        return datasets.DatasetDict({"train": found, "test": found.select([0])})

    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr(HfApi, "dataset_info", lambda self, name, timeout: Newest())
    monkeypatch.setattr(datasets, "load_dataset", fetch)
    return found


def test_hub_by_split(online, tmp_path):
    assert load("owner/name:test", Roles(), cache=tmp_path).rows == 1
    table = load("hub:owner/name:train", Roles(), cache=tmp_path)
    assert (table.rows, table.source.format, table.source.name) == (3, "hub", "hub:owner/name:train")


def test_hub_with_several_splits(online, tmp_path):
    with pytest.raises(InputError, match=r"has the splits train, test\. Name one, as in owner/name:train"):
        load("owner/name", Roles(), cache=tmp_path)
    with pytest.raises(InputError, match="no split 'dev', but train, test"):
        load("owner/name:dev", Roles(), cache=tmp_path)


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (HTTPError("Name or service not known"), r"hub cannot be asked \(Name or service not known\).*save_to_disk"),
        (TimeoutError("timed out"), "hub cannot be asked"),
        (RepositoryNotFoundError.__new__(RepositoryNotFoundError), "no such data set on the hub"),
    ],
)
def test_hub_out_of_reach_is_told_at_once(tmp_path, monkeypatch, error, problem):
    def fail(self, name, timeout):
        raise error

    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr(HfApi, "dataset_info", fail)
    monkeypatch.setattr(datasets, "load_dataset", lambda *_, **__: pytest.fail("asked although there is no network"))
    with pytest.raises(InputError, match=problem):
        load("owner/name", Roles(), cache=tmp_path)


def test_hub_offline_uses_what_is_cached_or_says_so(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise datasets.exceptions.DatasetNotFoundError("not in the cache")

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(datasets, "load_dataset", fail)
    with pytest.raises(InputError, match=r"cannot be loaded from the hub \(not in the cache\)"):
        load("owner/name", Roles(), cache=tmp_path)


def test_a_path_in_a_folder_that_is_here_is_never_asked_of_the_hub(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(HfApi, "dataset_info", lambda *_, **__: pytest.fail("asked the hub"))
    for name in ("data/train", "data/train.csv", "other/train.csv", "train"):
        with pytest.raises(InputError, match="there is no such file"):
            load(name, Roles(), cache=tmp_path)


def test_missing_path_with_a_near_one(tmp_path):
    (tmp_path / "reviews.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match=r"there is no such file\. Did you mean reviews\.csv\?"):
        read(tmp_path / "review.csv")


def test_unknown_formats(tmp_path):
    (tmp_path / "a.bin").write_text("a,b\n1,2\n")
    with pytest.raises(
        InputError, match=r"ending '\.bin' does not tell.*--data-format csv or in a plan as data.format: csv; one of csv, tsv"
    ):
        read(tmp_path / "a.bin")
    (tmp_path / ".csv").write_text("a,b\n1,2\n")
    with pytest.raises(
        InputError, match=r"\.csv: the name has no ending that tells what it is\. Give its format, as --data-format"
    ):
        read(tmp_path / ".csv")
    with pytest.raises(InputError, match="there is no format 'excel'"):
        read(tmp_path / "a.bin", format="excel")
    assert read(tmp_path / "a.bin", format="csv").rows == 1


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_folders_of_files_are_one_table(tmp_path, form):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "README.md").write_text("no table")
    (folder / "_SUCCESS").write_text("")
    for number in (2, 1):
        rows = pa.table({"a": [number * 10, number * 10 + 1], "t": ["x", None]})
        path = folder / f"part-{number}.{form}"
        if form == "parquet":
            pq.write_table(rows, path)
        elif form == "arrow":
            pyarrow.feather.write_feather(rows, path)
        elif form == "jsonl":
            path.write_text("\n".join(map(json.dumps, rows.to_pylist())))
        elif form == "json":
            path.write_text(json.dumps(rows.to_pylist()))
        else:
            path.write_text(f"a,t\n{number}0,x\n{number}1,\n".replace(",", "\t" if form == "tsv" else ","))
    table = read(folder)
    assert cells(table).to_pydict() == {"a": [10, 11, 20, 21], "t": ["x", None, "x", None]}
    assert table.read()[ROW].to_pylist() == [0, 1, 2, 3]


def test_folder_positions_count_bad_rows_and_name_their_file(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "1.csv").write_text("a,b\n1\n2,x\n")
    (folder / "2.csv").write_text("a,b\n3,y\n4\n")
    table = read(folder, max_bad_rows=0.5)
    assert table.read()[ROW].to_pylist() == [1, 2]
    assert "1.csv, line 2 has 1 fields" in table.source.notes[0]
    assert "2.csv, line 3 has 1 fields" in table.source.notes[0]


def test_kinds_are_agreed_on_across_files(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "1.csv").write_text("a,b\n1,2\n")
    (folder / "2.csv").write_text("a,b\n1.5,x\n")
    assert cells(read(folder)).to_pydict() == {"a": [1.0, 1.5], "b": ["2", "x"]}


@pytest.mark.parametrize(
    ("second", "how"), [("a,c\n1,2\n", "lacks b and adds c"), ("b,a\nx,2\n", "another order"), ("a,b,c\nx,y,2\n", "it adds c")]
)
def test_folder_whose_files_disagree(tmp_path, second, how):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "1.csv").write_text("a,b\nx,2\n")
    (folder / "2.csv").write_text(second)
    with pytest.raises(InputError, match=rf"2\.csv: its columns are not those of 1\.csv: .*{how}"):
        read(folder)


def test_folder_of_parquet_whose_types_disagree(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    pq.write_table(pa.table({"a": [1]}), folder / "1.parquet")
    pq.write_table(pa.table({"a": ["x"]}), folder / "2.parquet")
    with pytest.raises(InputError, match=r"2\.parquet: .*lacks a \(int64\) and adds a \(string\)"):
        read(folder)


def test_folders_without_tables_or_with_several_formats(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "notes.md").write_text("x")
    with pytest.raises(InputError, match="no tables in this folder"):
        read(folder)
    (folder / "a.csv").write_text("a,b\n1,2\n")
    (folder / "b.jsonl").write_text('{"a": 1}\n')
    with pytest.raises(InputError, match=r"several formats in it, such as a\.csv and b\.jsonl"):
        read(folder)
    assert read(folder, format="csv").rows == 1


def test_groups_with_bins_and_roles_survive(tmp_path):
    pq.write_table(pa.table({"y": [0, 1], "age": [20, 50]}), tmp_path / "a.parquet")
    roles = Roles(label="y", groups=(Group("age", bins=(45,)),))
    assert read(tmp_path / "a.parquet", roles).roles == roles
