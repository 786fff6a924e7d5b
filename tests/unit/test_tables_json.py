"""JSON lines, arrays of objects, objects of columns."""

import gzip
import json
from pathlib import Path

import pytest

from auditor.errors import InputError, TooManyBadRows
from auditor.loaders.tables import load
from auditor.types import ROW, Roles, Table


def read(tmp_path: Path, data: bytes | str, *, name: str = "data.jsonl", **options) -> Table:
    (tmp_path / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return load(str(tmp_path / name), Roles(), cache=tmp_path / "cache", **options)


def cells(table: Table) -> dict[str, list[object]]:
    return table.read().drop_columns([ROW]).to_pydict()


def test_records_with_different_keys(tmp_path):
    table = read(tmp_path, '{"t": "x", "n": 1}\n\n{"n": 2.5, "ok": true}\n{"t": null, "n": null}\n')
    assert cells(table) == {"t": ["x", None, None], "n": [1.0, 2.5, None], "ok": [None, True, None]}
    assert table.source.rows == 3


def test_keys_that_appear_late(tmp_path):
    lines = [json.dumps({"a": i} | ({"late": "x"} if i == 25_000 else {})) for i in range(25_001)]
    table = read(tmp_path, "\n".join(lines))
    assert table.read()["late"].to_pylist()[-2:] == [None, "x"]


def test_strings_of_digits_stay_text(tmp_path):
    assert cells(read(tmp_path, '{"zip": "007"}\n{"zip": "12"}\n')) == {"zip": ["007", "12"]}


@pytest.mark.parametrize(
    ("values", "expected", "note"),
    [
        ([1, "x", True, None], ["1", "x", "true", None], "mixes kinds"),
        ([1, 2**70], ["1", str(2**70)], "more than 64 bits"),
        ([{"b": [1, "é"]}, []], ['{"b": [1, "é"]}', "[]"], "nested values"),
    ],
)
def test_what_becomes_text(tmp_path, values, expected, note):
    table = read(tmp_path, "\n".join(json.dumps({"a": value}) for value in values))
    assert cells(table) == {"a": expected}
    assert any(note in one for one in table.source.notes)


def test_kinds_that_differ_between_pieces(tmp_path):
    lines = ['{"a": 1, "b": 1}'] * 10_000 + ['{"a": "x", "b": 0.5}'] * 10_000
    table = read(tmp_path, "\n".join(lines))
    assert table.read()["a"].to_pylist()[::10_000] == ["1", "x"]
    assert table.read()["b"].to_pylist()[::10_000] == [1.0, 0.5]
    assert any("'a' mixes kinds" in note for note in table.source.notes)
    assert not any("'b'" in note for note in table.source.notes)


def test_nan_and_infinity(tmp_path):
    table = read(tmp_path, '{"a": NaN}\n{"a": -Infinity}\n{"a": 1}\n')
    assert str(cells(table)["a"]) == "[nan, -inf, 1.0]"
    assert any("2 cells that are NaN or infinite" in note for note in table.source.notes)


def test_only_line_feeds_end_lines(tmp_path):
    assert cells(read(tmp_path, '{"a": "x\u2028y\u0085z"}\r\n{"a": "w"}\r\n')) == {"a": ["x\u2028y\u0085z", "w"]}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('{"a": 1', "is no JSON"),
        ("[1, 2]", "is no JSON object"),
        ('"x"', "is no JSON object"),
        ("{}", "is an object without keys"),
        ('{"a": "\\ud800"}', "has half of a surrogate pair"),
        ('{"a": %s}' % ("9" * 5000), "is no JSON"),
        ("{" + '"a": {' * 20_000, "is no JSON"),
    ],
)
def test_broken_lines_are_set_aside(tmp_path, line, why):
    table = read(tmp_path, '{"a": 1}\n' + line + '\n{"a": 3}\n', max_bad_rows=0.5)
    assert cells(table) == {"a": [1, 3]}
    assert table.read()[ROW].to_pylist() == [0, 2]
    assert f"line 2 {why}" in table.source.notes[0]


def test_too_many_broken_lines(tmp_path):
    with pytest.raises(TooManyBadRows, match=r"3 of 4 rows .*line 1 is no JSON"):
        read(tmp_path, 'nonsense\n{"a": 1}\nx\ny\n')


def test_surrogate_pairs_are_characters(tmp_path):
    assert cells(read(tmp_path, '{"a": "\\ud83d\\ude00"}\n')) == {"a": ["😀"]}


def test_arrays_of_objects(tmp_path):
    table = read(tmp_path, ' [ {"a": 1},\n{"a": 2, "b": "]"} , 5]', name="data.json", max_bad_rows=0.5)
    assert cells(table) == {"a": [1, 2], "b": [None, "]"]}
    assert "record 3 is no JSON object" in table.source.notes[0]


def test_arrays_in_many_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr("auditor.loaders._json_records.BLOCK", 7)
    values = [{"a": i, "t": "é" * (i % 13)} for i in range(200)]
    table = read(tmp_path, json.dumps(values, indent=2, ensure_ascii=False), name="data.json")
    assert table.read().drop_columns([ROW]).to_pylist() == values


@pytest.mark.parametrize("data", ['{"a": [1, 2], "b": ["x", "y"]}', '{"a": {"0": 1, "1": 2}, "b": {"0": "x", "1": "y"}}'])
def test_objects_of_columns(tmp_path, data):
    assert cells(read(tmp_path, data, name="data.json")) == {"a": [1, 2], "b": ["x", "y"]}


def test_an_object_a_line_under_the_name_of_json(tmp_path):
    assert cells(read(tmp_path, '{"a": 1}\n{"a": 2}\n', name="data.json")) == {"a": [1, 2]}


def test_one_object_of_lists_is_one_record_of_json_lines(tmp_path):
    assert cells(read(tmp_path, '{"a": [1, 2]}\n')) == {"a": ["[1, 2]"]}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("", "the file is empty"),
        ("  \n", "the file is empty"),
        ("hello", "does not read as JSON"),
        ('{"train": [1, 2], "test": [3]}', r"one object, with the keys 'train', 'test', and no table"),
        ('{"a": [1], "b": [1, 2]}', "one object"),
        ('[{"a": 1}, {"a"', "record 2 does not read as JSON"),
        ('[{"a": 1}', "record 2 does not read as JSON"),
        ("[]", "there are no rows, and nothing that names columns"),
        ("[" * 100_000, "record 1 does not read as JSON"),
    ],
)
def test_what_is_no_table(tmp_path, data, problem):
    with pytest.raises(InputError, match=problem):
        read(tmp_path, data, name="data.json")


def test_hidden_names_are_not_free(tmp_path):
    table = read(tmp_path, '{"_row": 7, "_copy": 1}\n')
    assert table.schema.names == ["_row.1", "_copy.1"]
    assert "The key '_row' is taken; its column is called '_row.1'." in table.source.notes


def test_compressed(tmp_path):
    assert cells(read(tmp_path, gzip.compress(b'{"a": 1}\n'), name="a.jsonl.gz")) == {"a": [1]}
