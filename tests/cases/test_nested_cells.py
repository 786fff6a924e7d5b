"""Nested records leave as they came in, but for the damage in their texts."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import auditor
from auditor.api import run_clean
from auditor.errors import AuditorError
from auditor.plan import CleanPlan, DataSpec
from auditor.plugins import Step


def chat(i: int, *, damaged: bool) -> dict[str, object]:
    """A record of case clean_chat, and the same as it has to leave."""
    asked = f"  What is {i % 4}  plus one?\u200b " if damaged else f"What is {i % 4} plus one?"
    quote = "\u00e2\u20ac\u2122" if damaged else "\u2019"
    told = f"It is {i % 4 + 1}. I{quote}m sure"
    turns = [{"role": "user", "content": asked}, {"role": "assistant", "content": told}]
    row: dict[str, object] = {"id": f"c{i}", "messages": turns, "meta": {"source": "web", "n": i, "ok": True}}
    if i == 5:
        turns.insert(0, {"role": "system", "content": "Be brief."})
    if i == 7:
        turns[1]["tool_calls"] = [{"name": "add", "arguments": {"a": 3, "b": 1}}]  # type: ignore[assignment]
    return row


def lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


def test_damage_in_chats_is_repaired_and_nothing_else_changes(tmp_path: Path) -> None:
    source, right = tmp_path / "chat.jsonl", [json.dumps(chat(i, damaged=False), ensure_ascii=False) for i in range(12)]
    source.write_text("".join(json.dumps(chat(i, damaged=True), ensure_ascii=False) + "\n" for i in range(12)), "utf-8")
    run = run_clean(CleanPlan(DataSpec(str(source)), format="jsonl"), tmp_path / "out").run
    assert lines(tmp_path / "out/cleaned.jsonl") == right
    assert [entry.changed for entry in run.ledger] == [12, 12, 0]
    for form in ("parquet", "csv"):
        run_clean(CleanPlan(DataSpec(str(source)), format=form), tmp_path / form)
    texts = pq.read_table(tmp_path / "parquet/cleaned.parquet")["messages"].to_pylist()
    assert [json.loads(text) for text in texts] == [chat(i, damaged=False)["messages"] for i in range(12)]


ODD = [
    '{"a": {"z": 1, "y": [1.10, 1e5, -0, 123456789012345678901234567890]}, "n": 1.10}',
    '{"n": 2, "a": {"y": null, "z": ""}, "s": null}',
    '{"a": {}, "n": -0, "s": "é\\n\\"x\\""}',
    '{"a": [], "n": 1E5}',
    '{"a": [[], {"k": [true, "b"]}], "n": 12345678901234567890123, "s": "t"}',
]


def test_numbers_keep_their_digits_and_records_their_keys(tmp_path: Path) -> None:
    """Read by the standard library with numbers as text; the order of keys is that of the first record that has them."""
    (tmp_path / "d.jsonl").write_text("\n".join(ODD), "utf-8")
    run_clean(CleanPlan(DataSpec(str(tmp_path / "d.jsonl")), format="jsonl"), tmp_path / "out")

    def read(text: str) -> object:
        return json.loads(text, parse_float=str, parse_int=str)

    assert list(map(read, lines(tmp_path / "out/cleaned.jsonl"))) == list(map(read, ODD))
    first = lines(tmp_path / "out/cleaned.jsonl")[0]
    assert first == ODD[0]


def test_the_forms_of_json_make_no_difference(tmp_path: Path) -> None:
    records = [json.loads(line) for line in ODD]
    (tmp_path / "lines.jsonl").write_text("\n".join(ODD), "utf-8")
    (tmp_path / "array.json").write_text("[" + ",\n ".join(ODD) + "]", "utf-8")
    columns = {name: [record.get(name) for record in records] for name in ("a", "n")}
    (tmp_path / "columns.json").write_text(json.dumps(columns), "utf-8")
    found = {}
    for name in ("lines.jsonl", "array.json", "columns.json"):
        run_clean(CleanPlan(DataSpec(str(tmp_path / name)), format="jsonl"), tmp_path / f"out {name}")
        found[name] = lines(tmp_path / f"out {name}" / "cleaned.jsonl")
    assert found["lines.jsonl"] == found["array.json"]
    assert [json.loads(line)["a"] for line in found["columns.json"]] == columns["a"]


def test_keys_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "d.jsonl").write_text('{"a": {" k ": " v ", "x": ["  y"]}}\n{"a": {" k ": "w"}}\n')
    run_clean(CleanPlan(DataSpec(str(tmp_path / "d.jsonl")), format="jsonl"), tmp_path / "out")
    assert lines(tmp_path / "out/cleaned.jsonl") == ['{"a": {" k ": "v", "x": ["y"]}}', '{"a": {" k ": "w"}}']


def test_lists_and_records_of_arrow_are_repaired_too(tmp_path: Path) -> None:
    kind = pa.struct([("t", pa.string()), ("n", pa.float32())])
    cells = [{"t": " a  b ", "n": 0.1}, None, {"t": None, "n": None}, {"t": "c", "n": 2.0}]
    lists = [[" x "], [], None, ["y", None, "z  z"]]
    rows = pa.table({"r": pa.array(cells, kind), "l": pa.array(lists, pa.list_(pa.large_string())), "k": [1, 2, 3, 4]})
    pq.write_table(rows, tmp_path / "d.parquet", row_group_size=2)
    auditor.clean(tmp_path / "d.parquet", out=tmp_path / "out")
    found = pq.read_table(tmp_path / "out/cleaned.parquet")
    assert found.schema.equals(rows.schema)
    assert found["l"].to_pylist() == [["x"], [], None, ["y", None, "z z"]]
    assert found["r"].to_pylist() == pa.array([{**cells[0], "t": "a b"}, *cells[1:]], kind).to_pylist()


def test_a_pass_for_flat_text_is_refused_on_nested_cells(tmp_path: Path) -> None:
    (tmp_path / "d.jsonl").write_text('{"a": {"k": "he said"}}\n{"a": {"k": "she said"}}\n')
    plan = CleanPlan(DataSpec(str(tmp_path / "d.jsonl")), passes=(Step("keyboard_typos", {"column": "a"}),), format="jsonl")
    with pytest.raises(AuditorError, match="nested"):
        run_clean(plan, tmp_path / "out")


def test_lists_of_fixed_size_have_finite_numbers_in_json(tmp_path: Path) -> None:
    cells = pa.array([[1.0, float("nan")], None, [2.0, 3.0]], pa.list_(pa.float64(), 2))
    pq.write_table(pa.table({"name": ["a b", "c d", "e f"], "x": cells}), tmp_path / "d.parquet")
    run = run_clean(CleanPlan(DataSpec(str(tmp_path / "d.parquet")), format="jsonl"), tmp_path / "out").run
    assert [json.loads(line)["x"] for line in lines(tmp_path / "out/cleaned.jsonl")] == [[1.0, None], None, [2.0, 3.0]]
    assert (run.ledger[-1].step, run.ledger[-1].changed) == ("clear_non_finite", 1)


def test_texts_with_nulls_and_absent_keys_are_texts_to_every_pass(tmp_path: Path) -> None:
    (tmp_path / "d.jsonl").write_text('{"t": "he said"}\n{"t": null, "n": 1}\n{"n": 2}\n')
    plan = CleanPlan(DataSpec(str(tmp_path / "d.jsonl"), text="t"), (Step("augment_gendered_words"),), format="jsonl")
    run_clean(plan, tmp_path / "out")
    assert lines(tmp_path / "out/cleaned.jsonl") == ['{"t": "he said"}', '{"t": "she said"}', '{"t": null, "n": 1}', '{"n": 2}']
