"""One spelling for what people mean as one value."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from auditor.errors import InputError
from auditor.stats.cells import encode, numbers, text


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (1, "1"),
        (1.0, "1"),
        ("1", "1"),
        ("1 ", "1"),
        ("1.0", "1"),
        (Decimal("1.00"), "1"),
        (True, "true"),
        ("TRUE", "true"),
        (False, "false"),
        (-0.0, "0"),
        ("-0.0", "0"),
        (-3.0, "-3"),
        (0.5, "0.5"),
        ("0.50", "0.50"),
        ("01", "01"),
        ("1e0", "1e0"),
        ("True Story", "True Story"),
        (float("inf"), "inf"),
        (2**62, "4611686018427387904"),
        (None, None),
        (float("nan"), None),
        ("", None),
        (" \t\n", None),
    ],
)
def test_a_cell_has_one_spelling(cell: object, expected: str | None) -> None:
    assert text(cell) == expected


def test_values_that_mean_the_same_share_a_code() -> None:
    found = encode(pa.chunked_array([["a", None, "a ", ""], ["b", "1.0", "1"]]))
    assert found.names == ("a", "b", "1")
    assert found.codes.tolist() == [0, -1, 0, -1, 1, 2, 2]


@pytest.mark.parametrize(
    "column",
    [
        pa.chunked_array([pa.array(["x", "y", None]).dictionary_encode(), pa.array(["y"]).dictionary_encode()]),
        pa.chunked_array([["x", "y"], [None, "y"]]),
        pa.chunked_array([pa.array(["x", "y", None, "y"], pa.large_string())]),
    ],
)
def test_chunks_and_dictionaries_read_alike(column: pa.ChunkedArray) -> None:
    found = encode(column)
    assert [found.names[code] if code >= 0 else None for code in found.codes] == column.to_pylist()


@pytest.mark.parametrize("column", [pa.chunked_array([], pa.string()), pa.chunked_array([pa.nulls(0)])])
def test_a_column_without_rows_has_no_values(column: pa.ChunkedArray) -> None:
    assert encode(column).names == ()


def test_a_column_of_nulls_is_missing_throughout() -> None:
    column = pa.chunked_array([pa.nulls(3)])
    assert encode(column).codes.tolist() == [-1, -1, -1]
    assert np.isnan(numbers(column)).all()


def test_lists_are_refused_with_what_was_expected() -> None:
    with pytest.raises(InputError, match=r"column 'tags': holds list.*expected text, numbers or truth values"):
        encode(pa.chunked_array([[[1], [2]]]), "tags")


def test_numbers_reads_every_numeric_kind() -> None:
    assert numbers(pa.chunked_array([[True, False]])).tolist() == [1.0, 0.0]
    assert numbers(pa.chunked_array([pa.array([2**62, 1], pa.uint64())])).tolist() == [2.0**62, 1.0]
    assert numbers(pa.chunked_array([pa.array([Decimal("1.5")])])).tolist() == [1.5]
    with pytest.raises(ValueError, match=r"string"):
        numbers(pa.chunked_array([["1"]]))
