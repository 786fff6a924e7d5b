"""Passes over whole tables: duplicates, weights, balance."""

import functools
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from auditor.errors import UsageError
from auditor.execute import apply, fitted
from auditor.passes._copies import with_copies
from auditor.passes.balance_by_resampling import balance_by_resampling
from auditor.passes.drop_exact_duplicates import drop_exact_duplicates
from auditor.passes.reweigh import reweigh
from auditor.testing.subjects import table
from auditor.types import COPY, ROW, Group, LedgerEntry, Roles, Table


def run(rows: Table, pass_: Callable[..., Any], out: Path) -> tuple[list[dict[str, Any]], LedgerEntry]:
    after, (entry,) = apply(rows, [pass_], out, runner="inline")
    return after.read().to_pylist(), entry


def cells(counts: dict[tuple[str, str], int]) -> pa.Table:
    """A table with so many rows of each (group, class)."""
    rows = [cell for cell, count in counts.items() for _ in range(count)]
    Random(0).shuffle(rows)
    return pa.table({"x": list(range(len(rows))), "age": [group for group, _ in rows], "label": [label for _, label in rows]})


ROLES = Roles(inputs=("x",), label="label", groups=(Group("age"),))
GERMAN = cells({("old", "good"): 590, ("old", "bad"): 220, ("young", "good"): 110, ("young", "bad"): 80})
"""German credit, by age over 25 (Kamiran & Calders 2012): 590 of 810 and 110 of 190 are good."""


class TestDuplicates:
    """The first of equal rows stays."""

    @pytest.mark.parametrize("shards", [1, 2, 5])
    def test_planted_duplicates_are_found_and_nothing_else(self, tmp_path: Path, shards: int) -> None:
        """1,000 rows of which 100 repeat another: recall and precision 1."""
        rng = Random(4)
        texts = [f"text {i}" for i in range(900)]
        places = sorted(rng.sample(range(1000), 100))
        whole: list[str] = []
        for i in range(1000):
            whole.append(rng.choice(whole) if i in places and whole else texts.pop())
        planted = {i for i in range(1000) if whole[i] in whole[:i]}
        rows = table({"text": whole, "label": [0] * 1000}, shards=shards)
        found, entry = run(rows, fitted(drop_exact_duplicates, rows), tmp_path)
        assert {row[ROW] for row in found} == set(range(1000)) - planted
        assert entry.removed == len(planted) >= 99
        assert entry.reasons == {"same as row …": len(planted)}

    def test_the_reason_names_the_first_row(self, tmp_path: Path) -> None:
        rows = table({"text": ["a", "b", "a", "a"]}, shards=2)
        _, entry = run(rows, drop_exact_duplicates, tmp_path)
        assert [(example.row, example.facts["reason"]) for example in entry.examples] == [
            ("2", "same as row 0"),
            ("3", "same as row 0"),
        ]

    def test_missing_is_equal_to_missing_only(self, tmp_path: Path) -> None:
        rows = table({"text": [None, "null", "", None, "None"], "n": [1, 1, 1, 1, 1]})
        found, _ = run(rows, drop_exact_duplicates, tmp_path)
        assert [row[ROW] for row in found] == [0, 1, 2, 4]

    def test_cells_are_kept_apart(self, tmp_path: Path) -> None:
        rows = table({"a": ["x", 'x", "y', "xy"], "b": ["yz", "z", "z"]})
        assert len(run(rows, drop_exact_duplicates, tmp_path)[0]) == 3

    def test_all_types_are_compared(self, tmp_path: Path) -> None:
        import datetime as dt

        day = dt.date(2024, 1, 2)
        rows = table(pa.table({"d": [day, day], "l": [[1, None], [1, None]], "f": [float("nan")] * 2, "b": [True, True]}))
        assert len(run(rows, drop_exact_duplicates, tmp_path)[0]) == 1

    def test_keys_are_all_columns_but_a_declared_id(self, tmp_path: Path) -> None:
        columns = {
            "id": [1, 2, 3, 4, 5],
            "text": ["a"] * 5,
            "label": [0, 0, 1, 0, 0],
            "sex": ["F", "F", "F", "M", "F"],
            "note": [1, 1, 1, 1, 2],
        }
        roles = Roles(inputs=("text",), label="label", groups=(Group("sex"),), id="id")
        rows = table(columns, roles)
        assert [row["id"] for row in run(rows, fitted(drop_exact_duplicates, rows), tmp_path / "a")[0]] == [1, 3, 4, 5]
        rows = table(columns, replace(roles, inferred=("inputs", "label", "groups", "id")))
        assert len(run(rows, fitted(drop_exact_duplicates, rows), tmp_path / "b")[0]) == 5
        one = functools.partial(drop_exact_duplicates, keys=("text",))
        assert len(run(rows, fitted(one, rows), tmp_path / "c")[0]) == 1

    def test_unknown_keys_are_named(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=r"no column 'txt'; did you mean 'text'\?"):
            run(table({"text": ["a"]}), functools.partial(drop_exact_duplicates, keys=("txt",)), tmp_path)


class TestReweigh:
    """Weights of class × group."""

    @pytest.mark.parametrize("shards", [1, 3])
    def test_weights_of_the_paper(self, tmp_path: Path, shards: int) -> None:
        """Golden: Kamiran & Calders 2012 on German credit, as AIF360 and the formula give them."""
        rows = table(GERMAN, ROLES, shards=shards)
        found, entry = run(rows, fitted(reweigh, rows), tmp_path)
        weights = {(row["age"], row["label"]): row["weight"] for row in found}
        assert weights[("young", "good")] == pytest.approx(1.209091, abs=5e-7)
        assert weights[("young", "bad")] == pytest.approx(0.7125, abs=5e-7)
        assert weights[("old", "good")] == pytest.approx(0.961017, abs=5e-7)
        assert weights[("old", "bad")] == pytest.approx(1.104545, abs=5e-7)
        assert sum(row["weight"] for row in found) == pytest.approx(1000)
        assert (entry.columns, entry.changed, entry.removed) == (("weight",), 0, 0)

    def test_weighted_groups_have_the_same_share_of_a_class(self, tmp_path: Path) -> None:
        rows = table(GERMAN, ROLES)
        found, _ = run(rows, fitted(reweigh, rows), tmp_path)
        shares = []
        for age in ("old", "young"):
            total = sum(row["weight"] for row in found if row["age"] == age)
            shares.append(sum(row["weight"] for row in found if row["age"] == age and row["label"] == "good") / total)
        assert shares == pytest.approx([0.7, 0.7])

    def test_rows_without_a_class_weigh_one_and_missing_groups_are_a_group(self, tmp_path: Path) -> None:
        rows = table({"x": [1, 2, 3, 4], "label": ["a", "b", None, "a"], "age": ["o", None, "o", None]}, ROLES)
        weights = [row["weight"] for row in run(rows, fitted(reweigh, rows), tmp_path)[0]]
        assert weights == pytest.approx([2 / 3, 2 / 3, 1.0, 4 / 3])

    def test_groups_with_bins_and_several_groups(self, tmp_path: Path) -> None:
        columns = {
            "label": ["a", "b"] * 4,
            "age": [20.0, 20.0, 30.0, 31.0, 20.0, 21.0, 40.0, 41.0],
            "sex": ["F"] * 4 + ["M"] * 4,
        }
        rows = table(columns)
        pass_ = functools.partial(reweigh, label="label", groups=(Group("age", (25.0,)), "sex"), into="w")
        assert [row["w"] for row in run(rows, pass_, tmp_path)[0]] == [1.0] * 8

    def test_what_is_missing_is_named(self, tmp_path: Path) -> None:
        rows = table({"text": ["a"], "label": [1], "weight": [1.0], "sex": ["F"]})
        for options, message in (
            ({}, "needs a label column and at least one group"),
            ({"label": "label", "groups": ("sexx",)}, "did you mean 'sex'"),
            ({"label": "label", "groups": ("sex",)}, "there is a column 'weight' already"),
        ):
            with pytest.raises(UsageError, match=message):
                run(rows, functools.partial(reweigh, **options), tmp_path)


class TestBalance:
    """Cells of one size."""

    def sizes(self, found: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
        return Counter((row["age"], row["label"]) for row in found)

    @pytest.mark.parametrize("shards", [1, 4])
    def test_down_to_the_smallest(self, tmp_path: Path, shards: int) -> None:
        rows = table(GERMAN, ROLES, shards=shards)
        found, entry = run(rows, fitted(balance_by_resampling, rows), tmp_path)
        assert set(self.sizes(found).values()) == {80}
        assert len({row[ROW] for row in found}) == 320
        assert (entry.removed, entry.added) == (680, 0)
        assert entry.reasons["class good, group old has 590 rows, 80 are kept"] == 510

    @pytest.mark.parametrize("shards", [1, 4])
    def test_up_to_the_largest(self, tmp_path: Path, shards: int) -> None:
        rows = table(GERMAN, ROLES, shards=shards)
        found, entry = run(rows, fitted(functools.partial(balance_by_resampling, to="largest"), rows), tmp_path)
        assert set(self.sizes(found).values()) == {590}
        assert {row[ROW] for row in found} == set(range(1000))
        assert len({(row[ROW], row[COPY]) for row in found}) == len(found) == 4 * 590
        assert entry.added == 4 * 590 - 1000
        taken = Counter(row[ROW] for row in found if (row["age"], row["label"]) == ("young", "bad"))
        assert set(taken.values()) == {7, 8}  # 590 of 80 rows

    def test_the_choice_depends_on_seed_and_row_alone(self, tmp_path: Path) -> None:
        kept = []
        for name, shards, seed in (("a", 1, 1), ("b", 7, 1), ("c", 1, 2)):
            rows = table(GERMAN, ROLES, shards=shards)
            kept.append({row[ROW] for row in run(rows, fitted(balance_by_resampling, rows, seed), tmp_path / name)[0]})
        assert kept[0] == kept[1] != kept[2]

    def test_rows_without_a_class_stay(self, tmp_path: Path) -> None:
        rows = table({"x": [1, 2, 3], "label": ["a", None, "a"], "age": ["o", "o", "y"]}, ROLES)
        assert len(run(rows, fitted(balance_by_resampling, rows), tmp_path)[0]) == 3

    def test_no_rows_are_fine(self, tmp_path: Path) -> None:
        rows = table(GERMAN.slice(0, 0), ROLES)
        assert run(rows, fitted(balance_by_resampling, rows), tmp_path)[0] == []


def test_copies_are_numbered_within_their_row() -> None:
    rows = pa.table({"x": ["a", "b", "c"], ROW: pa.array([4, 4, 9], pa.int64()), COPY: pa.array([0, 3, 0], pa.int64())})
    found, new = with_copies(rows, np.array([2, 1, 0]))
    assert found.to_pylist() == [
        {"x": "a", ROW: 4, COPY: 0},
        {"x": "a", ROW: 4, COPY: 4},
        {"x": "a", ROW: 4, COPY: 5},
        {"x": "b", ROW: 4, COPY: 3},
        {"x": "b", ROW: 4, COPY: 6},
        {"x": "c", ROW: 9, COPY: 0},
    ]
    assert new.tolist() == [False, True, True, False, True, False]
