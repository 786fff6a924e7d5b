"""The shard plane: rows add up, bad rows stand alone, finished work stays, and every runner writes the same."""

import functools
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from auditor.errors import InputError, RowsLost, TooManyBadRows, UsageError
from auditor.execute import apply, fitted, plane
from auditor.execute.compare import differs
from auditor.execute.desk import check
from auditor.execute.jobs import Tally
from auditor.passes.augment_gendered_words import augment_gendered_words
from auditor.passes.drop_exact_duplicates import drop_exact_duplicates
from auditor.passes.keyboard_typos import keyboard_typos
from auditor.passes.whitespace import whitespace
from auditor.testing.subjects import table
from auditor.types import COPY, ROW, Group, LedgerEntry, Roles, Shard, Source, Table

TESTS = Path(__file__).resolve().parents[1]
GONE = 99_999_999
"""A process that cannot be: larger than any system numbers them."""


@pytest.fixture
def slippery(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(TESTS))
    import slippery

    return slippery


def on_disk(path: Path, cells: pa.Table, rows_each: int, roles: Roles | None = None) -> Table:
    """A table in Parquet, in row groups."""
    pq.write_table(cells, path, row_group_size=rows_each)
    starts = range(0, cells.num_rows, rows_each)
    shards = [Shard(min(rows_each, cells.num_rows - at), at, f"shard {at}", str(path), g) for g, at in enumerate(starts)]
    return Table(
        Source("d", "parquet", "d", cells.num_rows), tuple(shards), cells.schema, roles or Roles(inputs=("text",)), "d"
    )


def run(
    rows: Table, passes: Sequence[Callable[..., Any]], out: Path, **options: Any
) -> tuple[list[dict[str, Any]], tuple[LedgerEntry, ...]]:
    after, ledger = apply(rows, passes, out, **{"runner": "inline", **options})
    for entry in ledger:
        assert entry.rows_in + entry.added == entry.rows_out + entry.removed + entry.quarantined
    assert after.rows == (ledger[-1].rows_out if ledger else rows.rows)
    return after.read().to_pylist(), ledger


def lines(out: Path, entry: LedgerEntry) -> list[dict[str, Any]]:
    assert entry.file
    return [json.loads(line) for line in (out / entry.file).read_text("utf-8").splitlines()]


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_changes_are_in_the_ledger(tmp_path: Path, slippery: Any) -> None:
    rows = table({"text": ["a", None, "B", "c"], "label": [1, 1, 0, 0]})
    found, (entry,) = run(rows, [slippery.shout], tmp_path)
    assert [row["text"] for row in found] == ["A", None, "B", "C"]
    assert (entry.rows_in, entry.rows_out, entry.changed, entry.removed) == (4, 4, 2, 0)
    assert lines(tmp_path, entry) == [
        {"row": 0, "what": "changed", "cells": {"text": ["a", "A"]}},
        {"row": 3, "what": "changed", "cells": {"text": ["c", "C"]}},
    ]
    assert [(example.row, example.before, example.after) for example in entry.examples] == [("0", "a", "A"), ("3", "c", "C")]
    assert (entry.step, entry.options, entry.source) == ("shout", {"column": "text"}, "made for tests")


def test_removed_rows_are_in_the_ledger_with_cells_and_reason(tmp_path: Path, slippery: Any) -> None:
    rows = table({"id": ["x", "y"], "text": ["short", "x" * 400]}, Roles(inputs=("text",), id="id"))
    found, (entry,) = run(rows, [functools.partial(slippery.keep_short, most=10)], tmp_path)
    assert [row[ROW] for row in found] == [0]
    (line,) = lines(tmp_path, entry)
    assert line == {
        "row": 1,
        "id": "y",
        "what": "removed",
        "reason": "removed by keep_short",
        "before": {"id": "y", "text": "x" * 300 + "…"},
    }
    assert entry.reasons == {"removed by keep_short": 1}
    assert entry.examples[0].row == "y"
    assert entry.examples[0].facts["reason"] == "removed by keep_short"


def test_long_cells_are_shown_around_their_change(tmp_path: Path, slippery: Any) -> None:
    rows = table({"text": ["A" * 5000 + "b" + "A" * 1000, "A" * 400, "b" + "A" * 299]})
    _, (entry,) = run(rows, [slippery.shout], tmp_path)
    assert [line["cells"]["text"] for line in lines(tmp_path, entry)] == [
        ["…" + "A" * 100 + "b" + "A" * 199 + "…", "…" + "A" * 100 + "B" + "A" * 199 + "…"],
        ["b" + "A" * 299, "B" + "A" * 299],
    ]
    assert [(one.before[101], one.after and one.after[101]) for one in entry.examples] == [("b", "B"), ("A", "A")]


def test_added_rows_show_the_same_stretch_of_both(tmp_path: Path) -> None:
    rows = table({"text": ["so " * 400 + "he ran"]})
    _, (entry,) = run(rows, [augment_gendered_words], tmp_path)
    (line,) = lines(tmp_path, entry)
    assert line["before"]["text"].endswith("so he ran")
    assert line["after"]["text"].endswith("so she ran")
    assert len(line["after"]["text"]) == len(line["before"]["text"]) + 1 == 301


class TestEvidence:
    """What a ledger shows of rows, and what it does not."""

    @pytest.fixture
    def rows(self) -> Table:
        cells = {"id": ["k1", "k2", "k3", None], "text": ["fine", "poison pill", "FINE", None], "pay": [41, 42, 43, None]}
        return table(cells, Roles(inputs=("text",), id="id"))

    def ledger(self, rows: Table, out: Path, slippery: Any, evidence: str) -> tuple[LedgerEntry, ...]:
        most = functools.partial(slippery.keep_short, most=3)
        return run(rows, [slippery.trip, slippery.shout, most], out, evidence=evidence, max_bad_rows=0.5)[1]

    def test_digests_say_what_is_equal(self, rows: Table, tmp_path: Path, slippery: Any) -> None:
        found = self.ledger(rows, tmp_path, slippery, "hash")
        failed, changed, *removed = (line for entry in found for line in lines(tmp_path, entry))
        assert (failed["row"], failed["id"], failed["error"]) == (1, "k2", "ValueError")
        assert {cell[:7] for cell in failed["before"].values()} == {"sha256:"}
        old, new = changed["cells"]["text"]
        assert new == removed[0]["before"]["text"] == removed[1]["before"]["text"] != old
        assert removed[0]["before"]["pay"] != removed[1]["before"]["pay"]
        assert removed[2]["before"] == {"id": None, "text": None, "pay": None}
        (example,) = found[1].examples
        assert (example.row, example.before, example.after) == ("k1", old, new)
        assert not re.search("fine|pill|FINE|4[123]", json.dumps([failed["before"], failed["error"]]))

    def test_without_cells_there_are_rows_and_reasons(self, rows: Table, tmp_path: Path, slippery: Any) -> None:
        found = self.ledger(rows, tmp_path, slippery, "none")
        assert [line for entry in found for line in lines(tmp_path, entry)] == [
            {"row": 1, "what": "quarantined", "error": "ValueError"},
            {"row": 0, "what": "changed", "columns": ["text"]},
            *({"row": row, "what": "removed", "reason": "removed by keep_short"} for row in (0, 2, 3)),
        ]
        assert [(entry.changed, entry.removed, entry.quarantined, entry.examples) for entry in found] == [
            (0, 0, 1, ()),
            (1, 0, 0, ()),
            (0, 3, 0, ()),
        ]

    def test_a_run_that_ends_on_bad_rows_does_not_quote_them(self, tmp_path: Path, slippery: Any) -> None:
        rows = table({"text": ["poison", "poison"]})
        with pytest.raises(TooManyBadRows, match="row 0: ValueError") as caught:
            run(rows, [slippery.trip], tmp_path, evidence="none", max_bad_rows=0.5)
        assert "poison" not in str(caught.value)

    def test_another_policy_is_other_work(self, rows: Table, tmp_path: Path, slippery: Any) -> None:
        for evidence in ("show", "none"):
            self.ledger(rows, tmp_path, slippery, evidence)
        kept = [path for path in tmp_path.rglob("*.json*") if "pill" in path.read_text("utf-8")]
        assert kept == []


def test_added_rows_are_in_the_ledger_beside_what_they_were_made_from(tmp_path: Path) -> None:
    rows = table({"text": ["he ran", "it ran"]})
    found, (entry,) = run(rows, [augment_gendered_words], tmp_path)
    assert [(row[ROW], row[COPY], row["text"]) for row in found] == [(0, 0, "he ran"), (0, 1, "she ran"), (1, 0, "it ran")]
    assert lines(tmp_path, entry) == [
        {"row": 0, "copy": 1, "what": "added", "before": {"text": "he ran"}, "after": {"text": "she ran"}}
    ]
    assert (entry.rows_in, entry.rows_out, entry.added, entry.changed) == (2, 3, 1, 0)
    assert (entry.examples[0].before, entry.examples[0].after, entry.examples[0].facts["copy"]) == ("he ran", "she ran", "1")


def test_passes_after_an_augmentation_see_copies_beside_their_rows(tmp_path: Path) -> None:
    cells = pa.table({"text": [f"he saw number {i}" for i in range(300)]})
    rows = on_disk(tmp_path / "d.parquet", cells, 100)
    passes = [augment_gendered_words, fitted(drop_exact_duplicates, rows), augment_gendered_words]
    found, ledger = run(rows, passes, tmp_path / "o")
    places = [(row[ROW], row[COPY]) for row in found]
    assert len(found) == 1200
    assert len(set(places)) == 1200
    assert ledger[2].added == 600


def test_effects_are_counted_by_group(tmp_path: Path, slippery: Any) -> None:
    cells = {"text": ["a", "toolong", "b", "toolong"], "sex": ["F", "F", "M", None], "age": [20.0, 30.0, 50.0, None]}
    rows = table(cells, Roles(inputs=("text",), groups=(Group("sex"), Group("age", (25.0,)))))
    _, (entry, _) = run(rows, [slippery.keep_short, slippery.shout], tmp_path)
    found = {(*effect.group.items(),): (effect.rows, effect.removed, effect.changed, effect.added) for effect in entry.by_group}
    assert found == {
        (("sex", "F"),): (2, 1, 0, 0),
        (("sex", "M"),): (1, 0, 0, 0),
        (("sex", "(missing)"),): (1, 1, 0, 0),
        (("age", "< 25"),): (1, 0, 0, 0),
        (("age", ">= 25"),): (2, 1, 0, 0),
        (("age", "(missing)"),): (1, 1, 0, 0),
    }


def test_a_bad_row_stands_alone(tmp_path: Path, slippery: Any) -> None:
    texts = [f"text {i}" for i in range(2000)]
    texts[1234] = "poison here"
    found, (first, second) = run(table({"text": texts}), [slippery.trip, slippery.shout], tmp_path)
    assert [row[ROW] for row in found] == [i for i in range(2000) if i != 1234]
    assert (first.quarantined, first.rows_out, second.rows_in) == (1, 1999, 1999)
    assert lines(tmp_path, first) == [
        {"row": 1234, "what": "quarantined", "error": "ValueError: met poison", "before": {"text": "poison here"}}
    ]
    assert first.examples[0].facts == {"what": "quarantined", "error": "ValueError: met poison"}


def test_a_bad_row_of_a_reduction_stands_alone(tmp_path: Path, slippery: Any) -> None:
    texts = ["a", "b", "a", "poison", "b", "c"]
    found, (entry,) = run(table({"text": texts}), [slippery.drop_rare], tmp_path)
    assert [row["text"] for row in found] == ["a", "b", "a", "b"]
    assert (entry.rows_in, entry.quarantined, entry.removed, entry.rows_out) == (6, 1, 1, 4)
    assert [(line["row"], line["what"]) for line in lines(tmp_path, entry)] == [(3, "quarantined"), (5, "removed")]


def test_every_row_may_be_bad_for_a_pass_that_is_allowed_to(tmp_path: Path, slippery: Any) -> None:
    found, (entry, _) = run(table({"text": ["poison"] * 3}), [slippery.trip, slippery.shout], tmp_path, max_bad_rows=1.0)
    assert found == []
    assert entry.quarantined == 3


def test_no_row_is_to_blame_for_the_size_of_a_batch(tmp_path: Path, slippery: Any) -> None:
    found, (entry,) = run(table({"text": ["a"] * 500}), [slippery.trip_upon_many], tmp_path)
    assert len(found) == 500
    assert entry.quarantined == 0


@pytest.mark.parametrize(
    ("bad", "share", "fails"), [(1, 0.001, False), (2, 0.001, True), (2, 0.01, False), (1, 0.0, True), (3, 0.01, True)]
)
def test_too_many_bad_rows_end_the_run(tmp_path: Path, slippery: Any, bad: int, share: float, fails: bool) -> None:
    """Of 200 rows, 0.1 % is no whole row, so one may fail; 1 % is two; 0 is none."""
    rows = table({"text": ["poison"] * bad + ["good"] * (200 - bad)}, shards=1)
    if not fails:
        assert run(rows, [slippery.trip], tmp_path, max_bad_rows=share)[1][0].quarantined == bad
        return
    with pytest.raises(TooManyBadRows, match=r"row 0.*: ValueError: met poison"):
        run(rows, [slippery.trip], tmp_path, max_bad_rows=share)


def test_bad_rows_of_all_shards_count_together(tmp_path: Path, slippery: Any) -> None:
    cells = pa.table({"text": ["poison", *["good"] * 99_999] * 2})
    rows = on_disk(tmp_path / "d.parquet", cells, 100_000)
    with pytest.raises(TooManyBadRows, match="at least 2 rows failed, and 1 may"):
        run(rows, [slippery.trip], tmp_path / "out", max_bad_rows=0.000001)
    assert run(rows, [slippery.trip], tmp_path / "out", max_bad_rows=0.00001)[1][0].quarantined == 2


@pytest.mark.parametrize("name", ["repeat", "invent"])
def test_rows_that_do_not_add_up_are_a_bug(tmp_path: Path, slippery: Any, name: str) -> None:
    with pytest.raises(RowsLost, match=name) as caught:
        run(table({"text": ["a", "b"]}), [getattr(slippery, name)], tmp_path)
    assert caught.value.exit_code == 1


def test_a_pass_has_to_keep_the_hidden_column(tmp_path: Path, slippery: Any) -> None:
    with pytest.raises(UsageError, match="dropped the hidden column '_row'"):
        run(table({"text": ["a"]}), [slippery.strip_hidden], tmp_path)


def test_wrong_options_are_no_rows_fault(tmp_path: Path, slippery: Any) -> None:
    with pytest.raises(UsageError, match="the option is wrong"):
        run(table({"text": ["a"]}), [slippery.refuse], tmp_path, max_bad_rows=1.0)


@pytest.mark.parametrize("size", [70_000, 140_000])
def test_columns_of_a_pass_have_one_type(tmp_path: Path, slippery: Any, size: int) -> None:
    rows = on_disk(tmp_path / "d.parquet", pa.table({"text": ["a"] * 140_000}), size)
    with pytest.raises(UsageError, match="made column 'new' of one type in some rows"):
        run(rows, [slippery.waver], tmp_path / "out")


def test_states_are_plain_data(tmp_path: Path, slippery: Any) -> None:
    with pytest.raises(UsageError, match="not plain data"):
        run(table({"text": ["a"]}), [slippery.keep_sets], tmp_path)


def test_a_file_that_cannot_be_read_is_an_input_error(tmp_path: Path, slippery: Any) -> None:
    rows = on_disk(tmp_path / "d.parquet", pa.table({"text": ["a" * 50] * 1000}), 500)
    path = tmp_path / "d.parquet"
    path.write_bytes(path.read_bytes()[:100] + b"\0" * 400 + path.read_bytes()[500:])
    with pytest.raises(InputError, match="cannot be read"):
        run(rows, [slippery.shout], tmp_path / "out")


def test_unknown_runners_are_named(tmp_path: Path, slippery: Any) -> None:
    with pytest.raises(UsageError, match="no runner 'spark'"):
        run(table({"text": ["a"]}), [slippery.shout], tmp_path, runner="spark")


def test_functions_that_are_no_passes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a loader, pass or probe"):
        run(table({"text": ["a"]}), [lambda batch: batch], tmp_path)


@pytest.mark.parametrize("shards", [1, 3])
def test_no_rows_and_no_passes_are_fine(tmp_path: Path, slippery: Any, shards: int) -> None:
    empty = table(pa.table({"text": pa.array([], pa.string())}))
    empty = Table(empty.source, (), empty.schema, empty.roles, empty.fingerprint)
    assert run(empty, [slippery.shout, slippery.drop_rare], tmp_path / "a")[0] == []
    rows = table({"text": ["a", "b", "c"]}, shards=shards)
    found, ledger = run(rows, [], tmp_path / "b")
    assert [row["text"] for row in found] == ["a", "b", "c"]
    assert ledger == ()


def test_lazy_passes_of_the_table_run_first(tmp_path: Path, slippery: Any) -> None:
    found, ledger = run(table({"text": ["a"]}).map(slippery.shout), [whitespace], tmp_path)
    assert [entry.step for entry in ledger] == ["shout", "whitespace"]
    assert found[0]["text"] == "A"


def test_progress_comes_to_its_end(tmp_path: Path, slippery: Any) -> None:
    rows = on_disk(tmp_path / "d.parquet", pa.table({"text": ["a"] * 105_000}), 35_000)
    told: list[tuple[int, int]] = []
    for _ in range(2):
        run(rows, [slippery.shout, slippery.drop_rare], tmp_path / "out", progress=lambda *step: told.append(step))
    assert told == [(i, 6) for i in range(1, 7)] * 2


def test_small_shards_share_a_job(tmp_path: Path, slippery: Any) -> None:
    rows = table({"text": ["a"] * 100}, shards=50)
    run(rows, [slippery.shout], tmp_path)
    assert len(list((tmp_path / "shards" / "0").glob("*.done.json"))) == 1


def test_the_fingerprint_is_that_of_a_mapped_table_and_its_code(tmp_path: Path, slippery: Any) -> None:
    rows = table({"text": ["a"]})
    one, _ = apply(rows, [slippery.shout], tmp_path / "a", runner="inline")
    same, _ = apply(rows, [slippery.shout], tmp_path / "b", runner="inline")
    other, _ = apply(rows, [functools.partial(slippery.keep_short, most=9)], tmp_path / "c", runner="inline")
    assert one.fingerprint == same.fingerprint != other.fingerprint


def test_a_pass_that_fails_on_no_rows_is_a_crash(tmp_path: Path, slippery: Any) -> None:
    with pytest.raises(ZeroDivisionError):
        run(table(pa.table({"text": pa.array([], pa.string())})), [slippery.divide], tmp_path)


def test_held_copies_are_read_beside_their_rows(tmp_path: Path) -> None:
    """The copies of the row that a batch of 65,536 would end with."""
    rows = pa.array([i // 2 for i in range(65_538)], pa.int64())
    cells = pa.table({"text": ["he"] * 65_538, ROW: rows, COPY: pa.array([i % 2 for i in range(65_538)], pa.int64())})
    found, _ = run(table(cells.slice(65_533)), [augment_gendered_words], tmp_path / "a")
    assert [(row[ROW], row[COPY]) for row in found][:5] == [(32766, 1), (32766, 2), (32767, 0), (32767, 2), (32767, 1)]
    assert len(run(table(cells), [augment_gendered_words], tmp_path / "b")[0]) == 4 * 32_769


def test_many_reasons_are_cut_short(tmp_path: Path, slippery: Any) -> None:
    _, (entry,) = run(table({"text": [f"text {i}" for i in range(150)]}), [slippery.drop_rare], tmp_path)
    assert entry.removed == 150
    assert len(entry.reasons) == 101
    assert entry.reasons["other reasons"] == 50


def test_sums_that_are_wrong_are_never_passed_on() -> None:
    with pytest.raises(RowsLost, match="3 rows in \\+ 1 added is not 2 out \\+ 1 removed \\+ 0 set aside"):
        check(Tally(rows_in=3, rows_out=2, removed=1, added=1), "p")


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        (
            pa.array([1.0, float("nan"), float("nan"), None]),
            pa.array([1.0, float("nan"), 2.0, None]),
            [False, False, True, False],
        ),
        (pa.array(["a", None, "b"]), pa.array([None, None, "b"], pa.string()), [True, False, False]),
        (pa.array([1, 2]), pa.array(["1", "2"]), [True, True]),
        (pa.array([1, 2], pa.int32()), pa.array([1, 3], pa.int64()), [False, True]),
        (pa.array([[1], [2, None], None]), pa.array([[1], [2, 3], None]), [False, True, False]),
        (pa.array([{"a": 1}, {"a": 2}]), pa.array([{"a": 1}, {"a": 3}]), [False, True]),
        (pa.array(["a", "b"]).dictionary_encode(), pa.array(["a", "c"]).dictionary_encode(), [False, True]),
        (pa.array([True, False]), pa.array([True, True]), [False, True]),
    ],
)
def test_cells_that_differ(old: pa.Array, new: pa.Array, changed: list[bool]) -> None:
    assert differs(pa.chunked_array([old]), pa.chunked_array([new])).tolist() == changed


class TestResume:
    """What is done is not done again."""

    @pytest.fixture
    def rows(self, tmp_path: Path) -> Table:
        return on_disk(tmp_path / "d.parquet", pa.table({"text": [f"text {i}" for i in range(140_000)]}), 35_000)

    @pytest.fixture(autouse=True)
    def _log(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SLIPPERY_LOG", str(tmp_path / "log"))

    def worked(self, tmp_path: Path) -> int:
        return len((tmp_path / "log").read_text().splitlines())

    def test_finished_shards_are_kept(self, rows: Table, tmp_path: Path, slippery: Any) -> None:
        run(rows, [slippery.dawdle], tmp_path / "out")
        before, worked = files(tmp_path / "out"), self.worked(tmp_path)
        run(rows, [slippery.dawdle], tmp_path / "out")
        assert (files(tmp_path / "out"), self.worked(tmp_path)) == (before, worked)

    @pytest.mark.parametrize("lost", ["000001.done.json", "000001.parquet", "000001.1.jsonl"])
    def test_a_shard_without_its_files_is_done_again(self, rows: Table, tmp_path: Path, slippery: Any, lost: str) -> None:
        run(rows, [slippery.dawdle], tmp_path / "out")
        before, worked = files(tmp_path / "out"), self.worked(tmp_path)
        (tmp_path / "out" / "shards" / "0" / lost).unlink()
        run(rows, [slippery.dawdle], tmp_path / "out")
        assert files(tmp_path / "out") == before
        assert self.worked(tmp_path) - worked == worked // 4

    @pytest.mark.parametrize("text", ["", "{", '{"key": 1}', "[]"])
    def test_a_record_that_is_none_is_not_believed(self, rows: Table, tmp_path: Path, slippery: Any, text: str) -> None:
        run(rows, [slippery.dawdle], tmp_path / "out")
        before = files(tmp_path / "out")
        (tmp_path / "out" / "shards" / "0" / "000002.done.json").write_text(text)
        run(rows, [slippery.dawdle], tmp_path / "out")
        assert files(tmp_path / "out") == before

    def test_other_options_or_rows_are_other_work(self, rows: Table, tmp_path: Path, slippery: Any) -> None:
        run(rows, [functools.partial(slippery.keep_short, most=7)], tmp_path / "out")
        found, _ = run(rows, [functools.partial(slippery.keep_short, most=6)], tmp_path / "out")
        assert len(found) == 10
        fewer = Table(rows.source, rows.shards[:1], rows.schema, rows.roles, rows.fingerprint)
        assert len(run(fewer, [functools.partial(slippery.keep_short, most=6)], tmp_path / "out")[0]) == 10
        assert len(list((tmp_path / "out" / "shards" / "0").glob("*.done.json"))) == 1

    def test_half_written_files_are_removed_unless_a_process_still_writes_them(
        self, rows: Table, tmp_path: Path, slippery: Any
    ) -> None:
        folder = tmp_path / "out" / "shards" / "0"
        folder.mkdir(parents=True)
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
            parts = [
                folder / f"{name}.parquet.{process}.auditor-part"
                for name in ("000000", "123456")
                for process in (other.pid, GONE)
            ]
            for part in parts:
                part.write_bytes(b"half")
            run(rows, [slippery.shout], tmp_path / "out")
            assert [part.exists() for part in parts] == [True, False, True, False]
            other.kill()

    def test_an_interrupt_loses_nothing_that_is_finished(self, rows: Table, tmp_path: Path, slippery: Any) -> None:
        def interrupt(done: int, _: int) -> None:
            if done == 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            run(rows, [slippery.dawdle], tmp_path / "out", progress=interrupt)
        worked = self.worked(tmp_path)
        run(rows, [slippery.dawdle], tmp_path / "out")
        assert (worked, self.worked(tmp_path)) == (2, 4)


class TestProcesses:
    """A pool of processes writes what one process writes."""

    @pytest.fixture
    def rows(self, tmp_path: Path) -> Table:
        texts = [f"he  saw {i % 72_000} things" + (" poison" if i == 99_999 else "") for i in range(102_000)]
        cells = pa.table(
            {
                "text": texts,
                "label": [i % 2 for i in range(len(texts))],
                "sex": [("F", "M", None)[i % 3] for i in range(len(texts))],
            }
        )
        return on_disk(tmp_path / "d.parquet", cells, 34_000, Roles(inputs=("text",), label="label", groups=(Group("sex"),)))

    def test_the_runners_write_the_same_bytes(self, rows: Table, tmp_path: Path, slippery: Any) -> None:
        passes = [
            fitted(pass_, rows, 3)
            for pass_ in (
                slippery.trip,
                whitespace,
                drop_exact_duplicates,
                functools.partial(keyboard_typos, per="word", rate=0.01),
            )
        ]
        found = [run(rows, passes, tmp_path / runner, runner=runner, workers=2) for runner in ("inline", "process")]
        assert found[0] == found[1]
        assert found[0][1][0].quarantined == 1
        assert found[0][1][2].removed == 30_000 - 1
        assert files(tmp_path / "inline") == files(tmp_path / "process")

    def test_a_pass_that_cannot_be_sent_is_named(self, rows: Table, tmp_path: Path, slippery: Any) -> None:
        @slippery.row_pass(source="made here")
        def local(batch: pa.Table) -> pa.Table:
            return batch

        with pytest.raises(UsageError, match="pass 'local': cannot be sent"):
            run(rows, [local], tmp_path / "out", runner="process")

    def test_a_worker_that_dies_ends_the_run_with_a_message(self, rows: Table, tmp_path: Path, slippery: Any) -> None:
        with pytest.raises(UsageError, match="a worker process ended without an answer"):
            run(rows, [slippery.die], tmp_path / "out", runner="process", workers=2)

    def test_errors_of_workers_arrive_as_they_are(self, rows: Table, tmp_path: Path, slippery: Any) -> None:
        with pytest.raises(TooManyBadRows, match="met things"):
            run(rows, [functools.partial(slippery.trip, over="things")], tmp_path / "out", runner="process", workers=2)

    def test_auto_takes_processes_for_large_tables_only(self) -> None:
        assert plane._runner("auto", 2, plane.LARGE, 4) == (plane.RUNNERS["process"], 2)
        assert plane._runner("auto", 2, plane.LARGE - 1, 4) == (plane.RUNNERS["inline"], 2)
        assert plane._runner("auto", 1, plane.LARGE, 4)[0] is plane.RUNNERS["inline"]
        assert plane._runner("auto", 8, plane.LARGE, 1)[0] is plane.RUNNERS["inline"]


DRIVER = """
import functools, os, sys
from pathlib import Path
import pyarrow as pa
sys.path[:0] = {paths!r}
import slippery
from auditor import digest
from auditor.execute import apply, fitted
from auditor.passes.drop_exact_duplicates import drop_exact_duplicates
from test_execute import on_disk

def main():
    folder, runner = Path(sys.argv[1]), sys.argv[2]
    os.environ["SLIPPERY_LOG"] = str(folder / "log")
    digest.of_package = lambda: "the same code, whoever edits it meanwhile"
    cells = pa.table({{"text": [f"text  {{i % 300_000}}" for i in range(420_000)]}})
    rows = on_disk(folder / "d.parquet", cells, 70_000)
    slow = functools.partial(slippery.dawdle, seconds=0.15)
    apply(rows, [slow, fitted(drop_exact_duplicates, rows), slippery.shout], folder / "out", runner=runner, workers=2)

if __name__ == "__main__":
    main()
"""


def records(folder: Path) -> dict[Path, int]:
    """When each finished shard was finished."""
    return {path: path.stat().st_mtime_ns for path in folder.glob("out/shards/*/*.done.json")}


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (OSError, IndexError):
        return False
    return state != "Z"


def descendants(pid: int) -> list[int]:
    try:
        children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return children + [pid for child in children for pid in descendants(child)]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs /proc to see processes")
@pytest.mark.parametrize("runner", ["inline", "process"])
def test_killed_at_any_moment_it_resumes(tmp_path: Path, runner: str) -> None:
    """Real kills of the driver at random moments: the same files in the end, finished shards kept, no worker left."""
    script = tmp_path / "driver.py"
    script.write_text(DRIVER.format(paths=[str(TESTS), str(TESTS / "unit")]))
    calm, rough = tmp_path / "calm", tmp_path / "rough"
    calm.mkdir()
    rough.mkdir()
    command = [sys.executable, str(script)]
    subprocess.run([*command, str(calm), "inline"], check=True)
    rng, kills = Random(5), 0
    for _ in range(6):
        driver, goal = subprocess.Popen([*command, str(rough), runner]), len(records(rough)) + rng.randint(0, 2)
        while len(records(rough)) < goal and driver.poll() is None:
            time.sleep(0.01)
        time.sleep(rng.uniform(0.0, 0.3))
        workers, done = descendants(driver.pid) if driver.poll() is None else [], records(rough)
        os.kill(driver.pid, signal.SIGKILL)
        kills += driver.wait() == -signal.SIGKILL
        deadline = time.monotonic() + 20
        while any(map(alive, workers)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not any(map(alive, workers))
        assert done.items() <= records(rough).items()
    subprocess.run([*command, str(rough), runner], check=True)
    assert kills >= 3
    assert files(calm / "out") == files(rough / "out")
    starts = (rough / "log").read_text().splitlines()
    assert len(starts) <= 6 + 2 * kills  # six shards, and what was under way in each worker
