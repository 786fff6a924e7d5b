"""Decisions that are in the table: columns, conditions and scores."""

import numpy as np
import pyarrow as pa
import pytest

from auditor.errors import ConfigError, InputError, Skip
from auditor.predict.cut import Cut, cut
from auditor.predict.decisions import count_table, decided, truth
from auditor.predict.labels import class_map
from auditor.types import Batch, Group, Roles, Table
from tests.held import table


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("decile_score >= 5", Cut("decile_score", ">=", 5.0)),
        ("decile_score>=5", Cut("decile_score", ">=", 5.0)),
        ("  risk score  <  -0.25 ", Cut("risk score", "<", -0.25)),
        ("p > .5", Cut("p", ">", 0.5)),
        ("p <= 1e-3", Cut("p", "<=", 1e-3)),
        ("p == 1", Cut("p", "==", 1.0)),
        ("p != 1", Cut("p", "!=", 1.0)),
        ("a >= b >= 5", Cut("a >= b", ">=", 5.0)),
        ("p", None),
        ("__import__('os').system('x') and p", None),
    ],
)
def test_conditions_are_read_as_data(text: str, expected: Cut | None) -> None:
    assert cut(text, ["p", "a >= b"]) == expected


@pytest.mark.parametrize(
    "text",
    [
        ">= 5",
        "p => 5",
        "p = 5",
        "p =< 5",
        "p > = 5",
        "p >= high",
        "p >= nan",
        "p >= inf",
        "p >= 1e400",
        "p >= 5 and q < 3",
        "5 <= p",
    ],
)
def test_comparisons_that_are_no_conditions_are_refused(text: str) -> None:
    with pytest.raises(ConfigError) as error:
        cut(text, ["p"])
    assert str(error.value).startswith(f"prediction {text!r}: ")
    assert "expected COLUMN >= NUMBER, with >=, >, <=, <, == or !=. Write, for example, 'score >= 5'." in str(error.value)


def test_a_number_beyond_all_numbers_is_named() -> None:
    with pytest.raises(ConfigError, match="'p >= 1e400': 1e400 is not a finite number"):
        cut("p >= 1e400", ["p"])


def test_a_column_of_exactly_that_name_wins() -> None:
    assert cut("p >= 5", ["p", "p >= 5"]) is None
    data = table({"p": [9, 9], "p >= 5": [0, 1]}, Roles(prediction="p >= 5"))
    assert labels(data) == [0, 1]


@pytest.mark.parametrize(
    ("op", "expected"),
    [(">=", [0, 1, 1]), (">", [0, 0, 1]), ("<=", [1, 1, 0]), ("<", [1, 0, 0]), ("==", [0, 1, 0]), ("!=", [1, 0, 1])],
)
def test_conditions_compare(op: str, expected: list[int]) -> None:
    assert Cut("p", op, 2.0).decide(pa.chunked_array([[1, 2, 3]])).tolist() == expected


def test_a_missing_cell_meets_no_condition_and_fails_none() -> None:
    assert Cut("p", "<", 2.0).decide(pa.chunked_array([[None, float("nan"), 1.0]])).tolist() == [-1, -1, 1]


def test_a_condition_on_words_is_refused() -> None:
    with pytest.raises(InputError, match=r"prediction grade >= 5: column 'grade' holds string, expected numbers"):
        labels(table({"grade": ["A"]}, Roles(prediction="grade >= 5")))


def test_a_condition_on_an_unknown_column_is_refused() -> None:
    with pytest.raises(InputError, match=r"column 'decile': not in the data; did you mean 'deciles'"):
        labels(table({"deciles": [1]}, Roles(prediction="decile >= 5")))


def gathered(data: Table) -> tuple[list[int], np.ndarray | None, np.ndarray | None]:
    """Labels, scores and ranks of all rows."""
    parts = [found for _, found in decided(data, class_map(data, None))]
    scores, ranks = (
        None if parts[0].scores is None else np.concatenate([part.scores for part in parts]),
        None if parts[0].ranks is None else np.concatenate([part.ranks for part in parts]),
    )
    return [int(label) for part in parts for label in part.labels], scores, ranks


def labels(data: Table) -> list[int]:
    return gathered(data)[0]


def test_a_column_decides_and_its_missing_cells_do_not() -> None:
    assert gathered(table({"p": ["b", None, "a", " "]}, Roles(prediction="p"), shard_rows=3)) == ([1, -1, 0, -1], None, None)


@pytest.mark.parametrize(("positive", "expected", "score"), [(None, [0, 1, 1, -1], 1), ("0", [1, 0, 0, -1], 0)])
def test_a_score_decides_from_a_half(positive: str | None, expected: list[int], score: int) -> None:
    data = table({"y": [0, 1, 0, 1], "s": [0.49, 0.5, 0.9, None]}, Roles(label="y", score="s", positive=positive))
    found, scores, ranks = gathered(data)
    assert found == [label if positive is None else [1, 0, -1][label] for label in [0, 1, 1, -1]] == expected
    assert ranks is None
    np.testing.assert_allclose(scores[:3, score], [0.49, 0.5, 0.9])
    np.testing.assert_allclose(scores[:3].sum(axis=1), 1)
    assert np.isnan(scores[3]).all()


def test_a_condition_decides_for_1_whatever_is_positive() -> None:
    data = table({"y": [0, 1], "s": [3, 7]}, Roles(label="y", prediction="s >= 5", positive="0"))
    assert labels(data) == [0, 1]


def test_a_prediction_column_wins_over_the_score() -> None:
    found, scores, _ = gathered(table({"p": [1, 0], "s": [0.1, 0.8]}, Roles(prediction="p", score="s")))
    assert found == [1, 0]
    np.testing.assert_allclose(scores[:, 1], [0.1, 0.8])


def test_a_score_of_any_range_is_scaled_to_rank() -> None:
    _, scores, ranks = gathered(table({"p": [1, 0, 1], "s": [10, 1, 5.5]}, Roles(prediction="p", score="s")))
    assert scores is None
    np.testing.assert_allclose(ranks, [[0, 1], [1, 0], [0.5, 0.5]])


def test_a_constant_score_ranks_all_alike() -> None:
    _, _, ranks = gathered(table({"p": [1, 0], "s": [7, 7]}, Roles(prediction="p", score="s")))
    np.testing.assert_allclose(ranks, [[1, 0], [1, 0]])


def test_one_score_of_three_classes_only_ranks_that_class() -> None:
    _, scores, ranks = gathered(
        table({"p": ["a", "b", "c"], "s": [0.1, 0.7, 0.2]}, Roles(prediction="p", score="s", positive="b"))
    )
    assert scores is None
    np.testing.assert_allclose(ranks[:, 1], [0.1, 0.7, 0.2])
    assert np.isnan(ranks[:, [0, 2]]).all()


def test_a_table_without_decisions_is_not_tested() -> None:
    data = table({"y": [0, 1]}, Roles(label="y"))
    with pytest.raises(Skip, match=r"needs decisions: a model, or a prediction or score column"):
        count_table(data, class_map(data, None))


def test_counting_streams_the_columns_that_it_needs() -> None:
    roles = Roles(label="y", prediction="s >= 2", groups=(Group("g"),))
    data = table(
        {"y": [0, 1, 1, None], "s": [1, 2, 3, 4], "g": ["a", "b", "a", None], "unused": [[1]] * 4}, roles, shard_rows=2
    )
    found = count_table(data, class_map(data, None))
    assert found.levels == (("(missing)",), ("a",), ("b",))
    assert found.cells.tolist() == [[[0, 0], [0, 0]], [[1, 0], [0, 1]], [[0, 0], [0, 1]]]
    assert found.unlabelled.tolist() == [[0, 1], [0, 0], [0, 0]]
    batch, _ = next(decided(data, class_map(data, None)))
    assert "unused" not in batch.column_names


def test_passes_on_the_way_are_applied() -> None:
    def flipped(batch: Batch) -> Batch:
        at = batch.column_names.index("p")
        return batch.set_column(at, "p", pa.array([1 - cell for cell in batch.column("p").to_pylist()]))

    assert labels(table({"p": [0, 1, 1]}, Roles(prediction="p")).map(flipped)) == [1, 0, 0]


def test_rows_without_a_label_column_have_no_truth() -> None:
    data = table({"p": [0, 1]}, Roles(prediction="p"))
    (batch,) = data.batches()
    assert truth(batch, data.roles, class_map(data, None)).tolist() == [-1, -1]
