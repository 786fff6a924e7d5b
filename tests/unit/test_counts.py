"""Counting, merging and reading the count table."""

from dataclasses import replace
from functools import reduce

import numpy as np
import pyarrow as pa
import pytest

from auditor.errors import RowsLost, Skip
from auditor.stats.cells import Encoded
from auditor.stats.counts import bin_names, count, empty, group_values, merge
from auditor.stats.slices import Slice, overall, rates, reference, references, slices, where
from auditor.types import CountTable, Decisions, Group

SEX, RACE = Group("sex"), Group("race")


def counted(
    truth: list[int], decided: list[int], groups: tuple[Group, ...] = (), k: int = 2, **columns: list[object]
) -> CountTable:
    batch = pa.table({"any": truth, **columns})
    decisions = Decisions(np.array(decided, dtype=np.int64), tuple(map(str, range(k))))
    return count(batch, np.array(truth, dtype=np.int64), decisions, groups)


def equal(a: CountTable, b: CountTable) -> bool:
    arrays = all(np.array_equal(getattr(a, name), getattr(b, name)) for name in ("cells", "unlabelled", "undecided"))
    return arrays and (a.classes, a.columns, a.levels) == (b.classes, b.columns, b.levels)


def test_rows_are_counted_by_truth_and_decision() -> None:
    found = counted([0, 0, 1, 1, 1, -1, -1, 0], [0, 1, 1, 1, 0, 1, -1, -1])
    assert found.levels == ((),)
    assert found.cells.tolist() == [[[1, 1], [1, 2]]]
    assert found.unlabelled.tolist() == [[0, 1]]
    assert found.undecided.tolist() == [2]


def test_rows_are_counted_by_the_combinations_that_occur() -> None:
    columns = {"sex": ["m", "f", "m", None], "race": ["B", "A", "A", "A"]}
    found = counted([1, 1, 0, 0], [1, 0, 0, 1], (SEX, RACE), **columns)
    assert found.levels == (("(missing)", "A"), ("f", "A"), ("m", "A"), ("m", "B"))
    assert found.cells.sum(axis=(1, 2)).tolist() == [1, 1, 1, 1]
    assert found.cells[3].tolist() == [[0, 0], [0, 1]]


def test_nulls_and_the_words_for_them_are_one_group() -> None:
    """300 rows, of which 70 are null and 80 say ``(missing)``; alone, with another column, and in several batches."""
    column = ["a"] * 100 + ["b"] * 50 + ["(missing)"] * 60 + [" (missing) "] * 20 + [None] * 50 + [""] * 20
    columns = {"sex": column, "race": ["(missing)", None, "A"] * 100}
    whole = counted([0, 1] * 150, [1, 1] * 150, (SEX, RACE), **columns)
    assert overall(whole).rows == 300
    assert {key: part.rows for key, part in slices(whole, [SEX]).items()} == {("a",): 100, ("b",): 50, ("(missing)",): 150}
    assert {key: part.rows for key, part in slices(whole, [RACE]).items()} == {("A",): 100, ("(missing)",): 200}
    parts = [
        counted([0, 1] * 15, [1, 1] * 15, (SEX, RACE), **{name: cells[at : at + 30] for name, cells in columns.items()})
        for at in range(0, 300, 30)
    ]
    assert equal(reduce(merge, parts, empty(("0", "1"), (SEX, RACE))), whole)


@pytest.mark.parametrize(
    ("batches", "bins", "expected"),
    [
        ([[" 1", "1", "1.0", None]], (), {"1": 3, "(missing)": 1}),
        ([[1, 1, None], [1.0, 2.5], ["1 ", "(missing)"]], (), {"1": 4, "2.5": 1, "(missing)": 2}),
        ([[True, False], ["True", "TRUE ", "false"], [None]], (), {"true": 3, "false": 2, "(missing)": 1}),
        ([["", " ", None, "(missing)", "x"]], (), {"(missing)": 4, "x": 1}),
        ([[1, 5, None], [1.0, float("nan"), 7.5]], (5,), {"< 5": 2, ">= 5": 2, "(missing)": 2}),
    ],
)
def test_no_spelling_loses_rows(batches: list[list[object]], bins: tuple[float, ...], expected: dict[str, int]) -> None:
    group = Group("g", bins)
    parts = [counted([0] * len(cells), [1] * len(cells), (group,), g=cells) for cells in batches]
    found = slices(reduce(merge, parts), [group])
    assert {value: part.rows for (value,), part in found.items()} == expected


def test_a_table_that_holds_fewer_rows_than_were_counted_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    one = counted([0, 1], [0, 1], (SEX,), sex=["m", "f"])
    twice = replace(one, levels=(("m",), ("m",)))
    with pytest.raises(RowsLost, match="count table of sex: 4 rows were counted, but it holds 3"):
        merge(twice, one)
    monkeypatch.setattr("auditor.stats.counts.group_values", lambda *_: Encoded(np.array([0, 1]), ("m", "m")))
    with pytest.raises(RowsLost, match="holds a combination of values twice"):
        counted([0, 1], [0, 1], (SEX,), sex=["m", "f"])


def test_many_values_are_compressed_without_a_dense_table() -> None:
    names = [[f"{column}{i % size}" for i in range(400)] for column, size in (("a", 199), ("b", 200), ("c", 193))]
    groups = (Group("a"), Group("b"), Group("c"))
    found = counted([0] * 400, [1] * 400, groups, a=names[0], b=names[1], c=names[2])
    assert set(found.levels) == set(zip(*names, strict=True))
    assert found.cells.sum() == 400


def test_merging_adds_and_lines_up_new_groups() -> None:
    a = counted([0, 1], [0, 1], (SEX,), sex=["m", "f"])
    b = counted([1, 1], [1, 0], (SEX,), sex=["x", "f"])
    both = counted([0, 1, 1, 1], [0, 1, 1, 0], (SEX,), sex=["m", "f", "x", "f"])
    assert equal(merge(a, b), both)
    assert equal(merge(b, a), both)
    assert equal(merge(empty(("0", "1"), (SEX,)), both), both)


def test_merging_is_associative() -> None:
    parts = [counted([0], [1], (SEX,), sex=[name]) for name in "abca"]
    left = reduce(merge, parts)
    assert equal(left, merge(parts[0], merge(parts[1], merge(parts[2], parts[3]))))


def test_no_rows_are_an_empty_table() -> None:
    assert equal(counted([], [], (SEX,), sex=pa.array([], pa.string())), empty(("0", "1"), (SEX,)))
    assert overall(empty(("0", "1"), ())).rows == 0


@pytest.mark.parametrize(
    ("edges", "names"),
    [
        ((25,), ("< 25", ">= 25")),
        ((25, 45), ("< 25", "[25, 45)", ">= 45")),
        ((0.5, 1234567), ("< 0.5", "[0.5, 1234567)", ">= 1234567")),
    ],
)
def test_bins_are_named_by_their_edges(edges: tuple[float, ...], names: tuple[str, ...]) -> None:
    assert bin_names(edges) == names


def test_bins_hold_their_lower_edge() -> None:
    found = group_values(pa.table({"age": [24.9, 25, 44, 45, None, float("nan")]}), Group("age", (25, 45)))
    assert [found.names[code] for code in found.codes] == ["< 25", "[25, 45)", "[25, 45)", ">= 45", "(missing)", "(missing)"]


def test_more_combinations_than_can_be_held_are_refused() -> None:
    rows = 2000
    groups = (Group("a"), Group("b"))
    columns = {"a": [str(i % 200) for i in range(rows)], "b": [str(i // 200) for i in range(rows)]}
    with pytest.raises(Skip, match=r"group columns a, b: 2,000 combinations of groups and 300 classes are more than"):
        counted([0] * rows, [1] * rows, groups, k=300, **columns)


class TestSlices:
    """Reading one slice out of the table."""

    table = counted(
        [0, 1, 1, 0, 1, -1, 0],
        [0, 1, 0, 1, 1, 1, -1],
        (SEX, RACE, Group("age", (9, 30))),
        sex=["m", "m", "f", "f", "m", "m", None],
        race=["B", "A", "A", "B", "A", "A", "A"],
        age=[40, 10, 5, 5, 40, 40, None],
    )

    def test_overall_sums_everything(self) -> None:
        whole = overall(self.table)
        assert whole.cells.tolist() == [[1, 1], [1, 2]]
        assert (whole.labelled, whole.decided, whole.rows) == (5, 6, 7)

    def test_a_column_sums_over_the_others(self) -> None:
        parts = slices(self.table, [SEX])
        assert list(parts) == [("f",), ("m",), ("(missing)",)]
        assert parts["m",].cells.tolist() == [[1, 0], [0, 2]]
        assert parts["m",].unlabelled.tolist() == [0, 1]
        assert parts["(missing)",].undecided == 1

    def test_an_intersection_has_columns_in_the_asked_order(self) -> None:
        parts = slices(self.table, [RACE, SEX])
        assert {key: part.rows for key, part in parts.items()} == {
            ("A", "f"): 1,
            ("A", "m"): 3,
            ("A", "(missing)"): 1,
            ("B", "f"): 1,
            ("B", "m"): 1,
        }

    def test_bins_come_in_ascending_order(self) -> None:
        age = Group("age", (9, 30))
        assert list(slices(self.table, [age])) == [("< 9",), ("[9, 30)",), (">= 30",), ("(missing)",)]

    def test_numbers_come_in_ascending_order_and_before_words(self) -> None:
        table = counted([0] * 5, [0] * 5, (Group("n"),), n=["10", "9", "nan", "x", "-1.5"])
        assert [value for (value,) in slices(table, [Group("n")])] == ["-1.5", "9", "10", "nan", "x"]

    def test_rates_see_one_class_against_the_rest(self) -> None:
        part = Slice(np.array([[5, 1, 2], [3, 7, 0], [1, 1, 9]]), np.array([4, 0, 1]), 6)
        found = rates(part, 0)
        assert (found.tp, found.fn, found.fp, found.tn) == (5, 3, 4, 17)
        assert (found.chosen, found.decided) == (13, 34)

    def test_the_largest_known_group_is_the_reference(self) -> None:
        assert references(self.table, [SEX, RACE]) == {"sex": "m", "race": "A"}
        assert references(self.table, [Group("sex", reference=" f ")]) == {"sex": "f"}
        assert references(self.table, [Group("sex", reference="x")]) == {}
        missing = counted([0, 0], [0, 0], (SEX,), sex=[None, None])
        assert references(missing, [SEX]) == {}

    def test_an_intersection_is_compared_with_the_references_together(self) -> None:
        parts = slices(self.table, [SEX, RACE])
        assert reference(parts, [SEX, RACE], {"sex": "f", "race": "B"}) == ("f", "B")
        assert reference(parts, [SEX, RACE], {"sex": "x", "race": "B"}) == ("m", "A")
        assert reference({}, [SEX, RACE], {"sex": "f"}) is None
        assert reference(slices(self.table, [SEX]), [SEX], {}) is None

    def test_columns_named_like_a_key_are_marked(self) -> None:
        assert where([Group("class"), SEX], ["1st", "f"]) == {"column:class": "1st", "sex": "f"}
