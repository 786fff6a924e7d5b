"""Columns of every Arrow type: 40 cells, some missing."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 40
_NUMBERS = [1, 2, None, 3] * 10
_INTEGERS = (pa.int8, pa.int16, pa.int32, pa.int64, pa.uint8, pa.uint16, pa.uint32, pa.uint64)
_TIMES = [dt.datetime(2020, 1, 1 + i % 4, tzinfo=dt.UTC) if i % 5 else None for i in range(ROWS)]
_LISTS = [["a"], [], None, ["a", "b"]] * 10
_DECIMALS = [Decimal("1.50"), None, Decimal("2.00"), Decimal("1.50")] * 10


def columns() -> dict[str, pa.Array]:
    """A column of each type, by a name for it."""
    found = {str(kind()): pa.array(_NUMBERS, kind()) for kind in _INTEGERS}
    found |= {str(kind): pa.array(_NUMBERS, pa.float64()).cast(kind) for kind in (pa.float16(), pa.float32(), pa.float64())}
    found["bool"] = pa.array([True, False, None, True] * 10)
    found["null"] = pa.nulls(ROWS)
    found["not finite"] = pa.array([float("nan"), float("inf"), -float("inf"), 1.0] * 10)
    texts, octets = ["a", "b", None, ""] * 10, [b"a", b"\xff", None, b""] * 10
    found |= {str(kind): pa.array(texts, kind) for kind in (pa.string(), pa.large_string(), pa.string_view())}
    found |= {str(kind): pa.array(octets, kind) for kind in (pa.binary(), pa.large_binary(), pa.binary_view())}
    found["fixed binary"] = pa.array([b"ab", None] * 20, pa.binary(2))
    decimals = (pa.decimal32(5, 2), pa.decimal64(10, 2), pa.decimal128(20, 2), pa.decimal256(40, 2))
    found |= {str(kind): pa.array(_DECIMALS, kind) for kind in decimals}
    found |= _times() | _nested() | _encoded(found | _times()) | _unions() | _extensions()
    return found


def _times() -> dict[str, pa.Array]:
    instants = pa.array(_TIMES, pa.timestamp("us", "UTC"))
    found = {str(pa.timestamp(unit)): instants.cast(pa.timestamp(unit)) for unit in ("s", "ms", "us", "ns")}
    found |= {zone: instants.cast(pa.timestamp("ns", zone)) for zone in ("UTC", "Europe/Berlin", "+01:00", "Mars/Phobos")}
    found |= {str(kind): instants.cast(pa.timestamp("us")).cast(kind) for kind in (pa.date32(), pa.date64())}
    small, large = pa.array(_NUMBERS, pa.int32()), pa.array(_NUMBERS, pa.int64())
    found |= {str(kind): small.cast(kind) for kind in (pa.time32("s"), pa.time32("ms"))}
    found |= {str(kind): large.cast(kind) for kind in (pa.time64("us"), pa.time64("ns"))}
    found |= {str(pa.duration(unit)): large.cast(pa.duration(unit)) for unit in ("s", "ms", "us", "ns")}
    found["interval"] = pa.array([pa.MonthDayNano([1, 2, 3]), None] * 20)
    found["year 1,100,000"] = pa.array([2**45, None, -(2**45), 0] * 10, pa.timestamp("s"))
    found["odd nanoseconds"] = pa.array([2**62 + 1, None, 1, 1] * 10, pa.timestamp("ns"))
    found["far date"] = pa.array([2**30, None, 1, 1] * 10, pa.date32())
    found["far duration"] = pa.array([2**62, None, 1, 1] * 10, pa.duration("s"))
    return found


def _nested() -> dict[str, pa.Array]:
    kinds: tuple[Callable[[pa.DataType], pa.DataType], ...] = (pa.list_, pa.large_list, pa.list_view, pa.large_list_view)
    found = {f"{kind.__name__} of text": pa.array(_LISTS, kind(pa.string())) for kind in kinds}
    found["list of views"] = pa.array(_LISTS, pa.list_(pa.string_view()))
    found["fixed list"] = pa.array([[1.0, 2.0], None] * 20, pa.list_(pa.float32(), 2))
    found["struct"] = pa.array([{"a": 1, "b": "x"}, None] * 20)
    found["empty struct"] = pa.array([{}, None] * 20, pa.struct([]))
    found["map"] = pa.array([[("a", 1)], None] * 20, pa.map_(pa.string(), pa.int64()))
    found["list of records"] = pa.array([[{"role": "user", "content": "hi  there"}], None] * 20)
    found["record of lists"] = pa.array([{"a": [1, 2], "d": dt.timedelta(seconds=3)}, None] * 20)
    found["list of nothing"] = pa.array([[None], []] * 20, pa.list_(pa.null()))
    found["list of far times"] = pa.array([[2**45], None, [1], [1]] * 10, pa.list_(pa.timestamp("s")))
    return found


def _encoded(plain: dict[str, pa.Array]) -> dict[str, pa.Array]:
    found = {}
    for name, cells in plain.items():
        if not pa.types.is_null(cells.type):
            values = pa.concat_arrays([cells.slice(0, 1), cells.slice(3, 1)])
            found[f"dictionary of {name}"] = pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 0] * 10, pa.int8()), values)
    places = pa.array([0, 1, None, 0] * 10, pa.int16())
    found["dictionary of lists"] = pa.DictionaryArray.from_arrays(places, pa.array([["a"], ["b"]]))
    found["dictionary with a null"] = pa.DictionaryArray.from_arrays(places, pa.array(["a", None]))
    found["dictionary of the same"] = pa.DictionaryArray.from_arrays(places, pa.array(["a", "a"]))
    ends = pa.array([10, 20, ROWS], pa.int32())
    found["runs of text"] = pa.RunEndEncodedArray.from_arrays(ends, pa.array(["a", None, "b"]))
    found["runs of numbers"] = pa.RunEndEncodedArray.from_arrays(ends, pa.array([1, 2, 1]))
    found["runs of a dictionary"] = pa.RunEndEncodedArray.from_arrays(ends, pa.array(["a", None, "b"]).dictionary_encode())
    return found


def _unions() -> dict[str, pa.Array]:
    kinds = pa.array([0, 1] * 20, pa.int8())
    places = pa.array([i // 2 for i in range(ROWS)], pa.int32())
    dense = pa.UnionArray.from_dense(kinds, places, [pa.array(range(20)), pa.array(["x"] * 20)])
    sparse = pa.UnionArray.from_sparse(kinds, [pa.array(range(ROWS)), pa.array(["x"] * ROWS)])
    return {"dense union": dense, "sparse union": sparse}


def _extensions() -> dict[str, pa.Array]:
    stored = {
        pa.uuid(): pa.array([bytes(range(16)), None] * 20, pa.binary(16)),
        pa.json_(): pa.array(['{"a": 1}', None] * 20),
        pa.bool8(): pa.array([1, 0, None, 1] * 10, pa.int8()),
        pa.fixed_shape_tensor(pa.int32(), [2]): pa.array([[1, 2], None] * 20, pa.list_(pa.int32(), 2)),
        pa.opaque(pa.int32(), "a type", "a vendor"): pa.array(_NUMBERS, pa.int32()),
    }
    return {kind.extension_name: pa.ExtensionArray.from_storage(kind, cells) for kind, cells in stored.items()}


def table(odd: dict[str, pa.Array]) -> pa.Table:
    """Rows with the usual roles, and odd columns beside them."""
    usual = {
        "id": pa.array(range(ROWS)),
        "text": pa.array([f"She said that film number {i} was good" for i in range(ROWS)]),
        "y": pa.array(["a", "b"] * 20),
        "p": pa.array(["a", "b", "b", "a"] * 10),
        "g": pa.array(["u", "v", "u", "w"] * 10),
    }
    return pa.table({**usual, **odd})


def write(found: pa.Table, path: Path) -> bool:
    """Write a table in the format of the path's ending; whether that can hold it."""
    try:
        if path.suffix == ".parquet":
            pq.write_table(found, path)
        else:
            with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, found.schema) as writer:
                writer.write_table(found)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return False
    return True
