"""Sources too large to hold: streamed into the cache, with the same result as those held in memory."""

import itertools
import json
import random
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from auditor.errors import InputError, TooManyBadRows
from auditor.loaders import _quotes, _records, _store, delimited, tables
from auditor.loaders._chunks import Reading
from auditor.loaders._encoding import as_utf8
from auditor.types import ROW, Roles, Table


def load(path: Path, *, small: bool, roles: Roles | None = None, **options) -> Table:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("auditor.loaders._files.SMALL", 1 << 30 if small else 10)
        patch.setattr(delimited, "_BLOCK", 20_000)
        patch.setattr(_store, "GROUP_ROWS", 1_000)
        return tables.load(str(path), roles or Roles(), cache=path.parent / "cache", **options)


def same(one: Table, other: Table) -> bool:
    """Whether all is equal but where the rows are; by text, since NaN differs from itself."""
    seen = [(str(table.read().to_pydict()), table.schema, table.source, table.fingerprint) for table in (one, other)]
    return seen[0] == seen[1]


@pytest.fixture
def csv(tmp_path) -> Path:
    choose = random.Random(0)
    lines = [f"{i},{choose.random()},{choose.choice(['x', 'y y', ''])},{choose.randint(0, 1)}" for i in range(5_500)]
    lines[3_000] = "short"
    (tmp_path / "a.csv").write_text("n,p,t,label\n" + "\n".join(lines) + "\n")
    return tmp_path / "a.csv"


def test_streamed_equals_held(csv):
    held, kept = load(csv, small=True), load(csv, small=False)
    assert held.shards[0].held is not None
    assert same(held, kept)
    assert kept.source.quarantined == 1
    assert 3_000 not in kept.read()[ROW].to_pylist()


def test_row_groups_are_even_and_shards_point_at_them(csv):
    kept = load(csv, small=False)
    assert [shard.rows for shard in kept.shards] == [1_000] * 5 + [499]
    assert [shard.first for shard in kept.shards] == [0, 1_000, 2_000, 3_000, 4_000, 5_000]
    assert pq.read_metadata(kept.shards[0].path).num_row_groups == 6
    assert len({shard.digest for shard in kept.shards}) == 6


def test_the_cache_is_used_again(csv, monkeypatch):
    first = load(csv, small=False)
    monkeypatch.setattr(delimited, "_chunks", lambda _: pytest.fail("read again"))
    assert same(first, load(csv, small=False))


def test_a_damaged_cache_is_made_again(csv):
    first = load(csv, small=False)
    path = Path(first.shards[0].path)
    path.write_bytes(path.read_bytes()[:-50])
    assert same(first, load(csv, small=False))


def test_the_cache_follows_the_content(csv):
    first = load(csv, small=False)
    csv.write_text(csv.read_text().replace("short\n", ""))
    second = load(csv, small=False)
    assert second.source.quarantined == 0
    assert first.shards[0].path != second.shards[0].path


def test_nothing_half_written_is_left_or_used(csv, monkeypatch):
    chunks = delimited._chunks

    def dying(file):
        yield next(chunks(file))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(delimited, "_chunks", dying)
        with pytest.raises(KeyboardInterrupt):
            load(csv, small=False)
    assert list((csv.parent / "cache").rglob("*.*")) == []
    assert same(load(csv, small=True), load(csv, small=False))


@pytest.mark.parametrize(
    "late",
    ["text", "0.5", "", "NA", "nan", "007", "99999999999999999999", "True"],
)
@pytest.mark.parametrize("early", ["1", "0.5", "", "NA", "True", "text"])
def test_a_late_cell_of_another_kind(tmp_path, early, late):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + f"{early},some words to fill the blocks with\n" * 1_500 + f"{late},x\n")
    held, kept = load(path, small=True), load(path, small=False)
    assert same(held, kept)


def test_bad_rows_are_judged_on_every_use(csv):
    load(csv, small=False)
    csv.write_text(csv.read_text().replace("\n5,", "\nshort\n5,"))
    load(csv, small=False, max_bad_rows=0.1)
    with pytest.raises(TooManyBadRows, match=r"2 of 5501 rows.*allow more with max_bad_rows under data: in a plan"):
        load(csv, small=False, max_bad_rows=0.0001)


def test_columns_of_one_name_are_judged_on_every_use(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b,a\n" + "1,some words to fill the blocks,1\n" * 2_000 + "1,x,2\n")
    assert load(path, small=False).schema.names == ["a", "b", "a.1"]
    with pytest.raises(InputError, match="several columns 'a'"):
        load(path, small=False, roles=Roles(label="a"))


def test_json_lines(tmp_path):
    path = tmp_path / "a.jsonl"
    rows = [{"a": i, "t": "x"} | ({"late": True} if i == 24_000 else {}) for i in range(25_000)]
    path.write_text("\n".join(map(json.dumps, rows)) + "\nbroken\n")
    held, kept = load(path, small=True), load(path, small=False)
    assert same(held, kept)
    assert kept.schema.names == ["a", "t", "late"]
    assert kept.source.quarantined == 1


def test_large_rows_make_small_groups(tmp_path, monkeypatch):
    monkeypatch.setattr(_store, "_GROUP_BYTES", 50_000)
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + (("x" * 1_000) + ",1\n") * 500)
    kept = load(path, small=False)
    assert kept.rows == 500
    assert max(shard.rows for shard in kept.shards) < 200


def test_blocks_end_anywhere(tmp_path):
    """Cells with line ends and quotes that blocks of any size cut through."""
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "".join(f'"{"x" * (i % 97)}\n""q"" , {i}",{i}\n' for i in range(3_000)))
    kept = load(path, small=False)
    assert kept.read()["b"].to_pylist() == list(range(3_000))
    assert kept.read()["a"][2_999].as_py() == "x" * (2_999 % 97) + '\n"q" , 2999'


class Counted:
    """A stream that counts what is taken from it."""

    def __init__(self, source):
        self.source, self.taken = source, 0

    def read(self, size=-1, /):
        block = self.source.read(size)
        self.taken += len(block)
        return block


def settled(stream: Counted) -> int:
    """How much is taken of a stream by the time that a reader in another thread takes no more."""
    before = -1
    while stream.taken > before:
        before = stream.taken
        time.sleep(0.05)
    return before


@pytest.mark.parametrize("word", ["words", 'wo"ds'])
def test_little_of_a_file_is_read_ahead(tmp_path, monkeypatch, word):
    """Arrow's reader goes 32 blocks ahead: 320 kB in pieces of 10 kB, and all of the file if they were as large as chunks."""
    path, streams, ahead, passed = tmp_path / "a.csv", [], [], 0
    path.write_text("n,t\n" + "".join(f"{i:08},some {word if i == 100 else 'words'}\n" for i in range(150_000)))
    monkeypatch.setattr(_quotes, "_PIECE", 10_000)
    monkeypatch.setattr(delimited, "_BLOCK", 100_000)
    file = delimited._looked_at(path, Reading("a", tmp_path), tabs=False, place="")
    monkeypatch.setattr(_records, "as_utf8", lambda *of: streams.append(Counted(as_utf8(*of))) or streams[-1])
    for chunk in itertools.islice(delimited._chunks(file), 5):
        passed += 20 * chunk.cells.num_rows
        ahead.append(settled(streams[0]) - passed)
    assert passed > 5 * 50_000
    assert 0 < max(ahead) < 500_000


def test_rows_do_not_depend_on_the_pieces_that_are_read(tmp_path, monkeypatch):
    """Records far longer than a piece, with line ends and quotes in them, among short ones and one that is set aside."""
    path = tmp_path / "a.csv"
    lines = "y\n" * 3_000
    records = [f'"{"x" * (i % 97)}\n""q"" {lines if i % 200 == 7 else "y"}, ",{i}\n' for i in range(1_000)]
    path.write_text("a,b\n" + "".join(records[:500]) + "short\n" + "".join(records[500:]))
    whole = load(path, small=True)
    monkeypatch.setattr(_quotes, "_PIECE", 200)
    assert same(whole, load(path, small=True))
    assert whole.rows == 1_000
    assert whole.source.quarantined == 1
