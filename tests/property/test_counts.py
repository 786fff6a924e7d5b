"""What must not change a count table: the order of rows, the names of groups, how rows are split into shards."""

from functools import reduce

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from auditor.predict.decisions import count_table
from auditor.predict.labels import ClassMap
from auditor.probes.group_fairness import group_fairness
from auditor.probes.performance import performance
from auditor.probes.selection_rates import selection_rates
from auditor.stats.counts import count, empty, merge
from auditor.stats.slices import overall, slices
from auditor.types import CountTable, Decisions, Group, Measurement, Roles
from tests.held import measure, table

CLASSES = ("a", "b", "c")
ROW = st.tuples(
    st.sampled_from([*CLASSES, None]),
    st.sampled_from([*CLASSES, None]),
    st.sampled_from(["x", "y", None]),
    st.sampled_from([1, 2, 3]),
)
ROWS = st.lists(ROW, min_size=1, max_size=60)
GROUPS = (Group("g"), Group("n", (2,)))
Rows = list[tuple[str | None, str | None, str | None, int]]


def counted(rows: Rows, shard_rows: int = 1000) -> CountTable:
    columns = dict(zip(("y", "p", "g", "n"), map(list, zip(*rows, strict=True)), strict=True))
    data = table(columns, Roles(label="y", prediction="p", groups=GROUPS), shard_rows=shard_rows)
    return count_table(data, ClassMap(CLASSES, 2, {name: index for index, name in enumerate(CLASSES)}))


def same(a: CountTable, b: CountTable) -> bool:
    arrays = all(np.array_equal(getattr(a, name), getattr(b, name)) for name in ("cells", "unlabelled", "undecided"))
    return arrays and (a.classes, a.columns, a.levels) == (b.classes, b.columns, b.levels)


@given(ROWS, st.randoms(use_true_random=False), st.integers(1, 20))
def test_order_and_shards_change_nothing(rows: Rows, random: object, shard_rows: int) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert same(counted(rows), counted(shuffled, shard_rows))


@given(ROWS, ROWS, ROWS)
def test_merging_is_associative_commutative_and_counts_all(a: Rows, b: Rows, c: Rows) -> None:
    one, two, three = counted(a), counted(b), counted(c)
    together = counted([*a, *b, *c])
    assert same(merge(merge(one, two), three), together)
    assert same(merge(one, merge(two, three)), together)
    assert same(merge(two, one), merge(one, two))
    assert overall(together).rows == len(a) + len(b) + len(c)


@given(ROWS)
def test_slices_of_any_columns_hold_all_rows(rows: Rows) -> None:
    found = counted(rows)
    for columns in ((GROUPS[0],), (GROUPS[1],), GROUPS):
        parts = slices(found, columns)
        assert sum(part.rows for part in parts.values()) == len(rows)
        assert np.array_equal(sum(part.cells for part in parts.values()), overall(found).cells)


@given(ROWS)
def test_the_table_is_scikit_learns_confusion_matrix(rows: Rows) -> None:
    both = [(truth, decided) for truth, decided, *_ in rows if truth and decided]
    cells = overall(counted(rows)).cells
    if both:
        truth, decided = zip(*both, strict=True)
        assert np.array_equal(cells, confusion_matrix(truth, decided, labels=CLASSES))
        recall = precision_recall_fscore_support(truth, decided, labels=CLASSES, average=None, zero_division=0)[1]
        with np.errstate(invalid="ignore"):
            own = np.nan_to_num(cells.diagonal() / cells.sum(axis=1))
        np.testing.assert_allclose(own, recall)
    else:
        assert cells.sum() == 0


BINARY = st.lists(st.tuples(st.booleans(), st.booleans(), st.sampled_from(["x", "y", "z"])), min_size=1, max_size=40)


def audited(rows: list[tuple[bool, bool, str]], names: dict[str, str], reference: str) -> list[Measurement]:
    truth, decided, groups = zip(*rows, strict=True)
    roles = Roles(label="y", prediction="p", groups=(Group("g", reference=names[reference]),), favourable="true")
    data = table({"y": truth, "p": decided, "g": [names[group] for group in groups]}, roles)
    return [found for probe in (group_fairness, selection_rates, performance) for found in measure(probe, data)]


@settings(max_examples=40)
@given(BINARY, st.permutations(["p", "q", "r"]))
def test_group_names_carry_no_meaning(rows: list[tuple[bool, bool, str]], renamed: list[str]) -> None:
    same_names, new_names = {name: name for name in "xyz"}, dict(zip("xyz", renamed, strict=True))
    back = {new: old for old, new in new_names.items()}
    reference = rows[0][2]

    def named(found: list[Measurement], names: dict[str, str]) -> dict[tuple[object, ...], tuple[object, ...]]:
        return {
            (m.metric, *sorted((key, names.get(value, value)) for key, value in m.where.items())): (m.value, m.low, m.high, m.n)
            for m in found
        }

    assert named(audited(rows, same_names, reference), same_names) == named(audited(rows, new_names, reference), back)


@settings(max_examples=40)
@given(BINARY)
def test_numbers_are_finite_inside_their_interval_or_explained(rows: list[tuple[bool, bool, str]]) -> None:
    for m in audited(rows, {name: name for name in "xyz"}, rows[0][2]):
        if m.value is None:
            assert m.reason
            assert m.low is m.high is None
        elif m.method != "exact":
            assert np.isfinite([m.low, m.value, m.high]).all()
            assert m.method in {"adjusted_log", "bonett_price"} or m.low <= m.value <= m.high


@settings(max_examples=40)
@given(st.lists(st.tuples(st.booleans(), st.sampled_from(["x", "y"])), min_size=2, max_size=40))
def test_a_perfect_predictor_is_never_called_unfair(rows: list[tuple[bool, str]]) -> None:
    found = audited([(truth, truth, group) for truth, group in rows], {"x": "x", "y": "y", "z": "z"}, rows[0][1])
    for m in found:
        if m.metric in {"true_positive_rate", "positive_predictive_value", "accuracy"} and "class" not in m.where:
            assert m.value in {1, None}
        if m.metric in {"true_positive_rate_difference", "false_positive_rate_difference"}:
            assert m.value in {0, None}


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1), st.sampled_from(["x", "y"])), min_size=2, max_size=50),
    st.integers(1, 9),
)
def test_sketches_do_not_depend_on_the_split(rows: list[tuple[int, float, str]], size: int) -> None:
    truth, score, groups = (np.array(column) for column in zip(*rows, strict=True))
    values = np.stack([1 - score, score], axis=1)

    def of(at: slice) -> CountTable:
        decisions = Decisions((score[at] >= 0.5).astype(np.int64), ("0", "1"), values[at])
        return count(pa.table({"g": groups[at]}), truth[at], decisions, (Group("g"),))

    whole = of(slice(None))
    parts = reduce(
        merge, (of(slice(start, start + size)) for start in range(0, len(rows), size)), empty(("0", "1"), (Group("g"),))
    )
    assert whole.sketches.keys() == parts.sketches.keys()
    for key, sketch in whole.sketches.items():
        assert np.array_equal(sketch.histogram, parts.sketches[key].histogram)
        np.testing.assert_allclose(sketch.reliability, parts.sketches[key].reliability)
        assert dict(sketch.moments) == pytest.approx(dict(parts.sketches[key].moments))
