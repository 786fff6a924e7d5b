"""What holds of passes whatever the rows are."""

import functools
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.execute import apply, fitted
from auditor.passes.augment_gendered_words import augment_gendered_words
from auditor.passes.balance_by_resampling import balance_by_resampling
from auditor.passes.drop_exact_duplicates import drop_exact_duplicates
from auditor.passes.keyboard_typos import keyboard_typos
from auditor.passes.reweigh import reweigh
from auditor.passes.swap_gendered_words import swap_gendered_words
from auditor.passes.unicode_repair import unicode_repair
from auditor.passes.whitespace import whitespace
from auditor.testing.subjects import table
from auditor.types import COPY, ROW, Group, LedgerEntry, Roles, Table

WORDS = st.sampled_from(["he", "her dog", "She said", "schÃ¶n", "two  spaces", "", "plain text", "\u200bx", "12"])
TEXT = st.one_of(st.none(), WORDS, st.text(max_size=20).filter(lambda text: not any(0xD800 <= ord(c) < 0xE000 for c in text)))
ROW_PASSES = (whitespace, unicode_repair, swap_gendered_words, augment_gendered_words, keyboard_typos)
PASSES = (
    *ROW_PASSES,
    drop_exact_duplicates,
    functools.partial(balance_by_resampling, to="smallest"),
    functools.partial(balance_by_resampling, to="largest"),
)
ROLES = Roles(inputs=("text",), label="label", groups=(Group("sex"),))


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    rows = draw(st.lists(st.tuples(TEXT, st.sampled_from(["a", "b", None]), st.sampled_from(["F", "M", None])), max_size=25))
    kinds = pa.schema([("text", pa.string()), ("label", pa.string()), ("sex", pa.string())])
    return pa.Table.from_pylist([dict(zip(kinds.names, row, strict=True)) for row in rows], schema=kinds)


def applied(rows: Table, passes: Sequence[Callable[..., Any]]) -> tuple[list[dict[str, Any]], tuple[LedgerEntry, ...]]:
    with tempfile.TemporaryDirectory() as folder:
        after, ledger = apply(rows, [fitted(pass_, rows, 3) for pass_ in passes], Path(folder), runner="inline")
        return after.read().to_pylist(), ledger


@given(tables(), st.lists(st.sampled_from(PASSES), min_size=1, max_size=4), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_no_row_is_lost_and_shards_do_not_matter(cells: pa.Table, passes: list[Callable[..., Any]], shards: int) -> None:
    found, ledger = applied(table(cells, ROLES), passes)
    again, same = applied(table(cells, ROLES, shards=shards), passes)
    assert found == again
    assert [entry.examples for entry in ledger] == [entry.examples for entry in same]
    rows = cells.num_rows
    for entry in ledger:
        assert entry.rows_in == rows
        assert entry.rows_in + entry.added == entry.rows_out + entry.removed + entry.quarantined
        for name in ("rows", "removed", "changed", "added"):
            total = getattr(entry, {"rows": "rows_in"}.get(name, name))
            assert sum(getattr(effect, name) for effect in entry.by_group) == total
        rows = entry.rows_out
    assert len(found) == rows
    assert len({(row[ROW], row.get(COPY, 0)) for row in found}) == rows


@given(tables(), st.sampled_from(ROW_PASSES), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_rows_does_not_matter_to_a_row_pass(cells: pa.Table, pass_: Callable[..., Any], rng: Any) -> None:
    batch = cells.append_column(ROW, pa.array(range(cells.num_rows), pa.int64()))
    order = list(range(cells.num_rows))
    rng.shuffle(order)

    def key(row: dict[str, Any]) -> tuple[int, int]:
        return row[ROW], row.get(COPY, 0)

    assert sorted(pass_(batch.take(pa.array(order, pa.int64()))).to_pylist(), key=key) == pass_(batch).to_pylist()


@given(tables())
@settings(max_examples=40, deadline=None)
def test_repairs_are_at_rest_after_one_run(cells: pa.Table) -> None:
    batch = cells.append_column(ROW, pa.array(range(cells.num_rows), pa.int64()))
    once = whitespace(batch)
    assert whitespace(once).equals(once)
    rows = table(cells, ROLES)
    kept, _ = applied(rows, [drop_exact_duplicates])
    assert len({(row["text"], row["label"], row["sex"]) for row in kept}) == len(kept)


@given(tables())
@settings(max_examples=40, deadline=None)
def test_weights_keep_classes_and_groups_as_large_as_they_are(cells: pa.Table) -> None:
    """The weighted marginals of Kamiran & Calders' weights are the unweighted ones, where every cell of both occurs."""
    found, _ = applied(table(cells, ROLES), [reweigh])
    known = [row for row in found if row["label"] is not None]
    occurring = {(row["label"], row["sex"]) for row in known}
    classes, groups = {label for label, _ in occurring}, {sex for _, sex in occurring}
    if len(occurring) == len(classes) * len(groups):
        for column in ("label", "sex"):
            for value in {row[column] for row in known}:
                rows = [row["weight"] for row in known if row[column] == value]
                assert abs(sum(rows) - len(rows)) < 1e-9
