"""Names for columns without a header, and records inside a JSON file; as in cases/clean_nonfinite."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import auditor
from auditor.cli import main
from auditor.errors import InputError
from auditor.loaders.tables import load
from auditor.plan import read as read_plan
from auditor.types import ROW, Roles, Table

ROWS = [{"id": i, "x": 1.0, "y": i % 2, "p": (i // 2) % 2} for i in range(50)]
AGREE = sum(row["y"] == row["p"] for row in ROWS) / 50


def read(path: Path, data: object, **how) -> Table:
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return load(str(path), Roles(), cache=path.parent / "cache", **how)


def rows(table: Table) -> list[dict[str, object]]:
    return table.read().drop_columns([ROW]).to_pylist()


@pytest.mark.parametrize(
    ("data", "how", "place"),
    [
        ({"version": "1.1", "data": ROWS}, {}, "data"),
        ({"version": "1.1", "data": ROWS}, {"records": "data"}, None),
        ({"response": {"count": 50, "items": ROWS}}, {}, "response.items"),
        ({"response": {"items": ROWS}, "other": [{"a": 1}]}, {"records": "response.items"}, None),
        ({"a.b": ROWS, "c": ROWS}, {"records": "a.b"}, None),
        ({"data": ROWS}, {}, "data"),
        ({"meta": {"by": "x"}, "data": {str(row["id"]): row for row in ROWS}}, {"records": "data"}, None),
    ],
)
def test_records_in_a_field(tmp_path, data, how, place):
    table = read(tmp_path / "a.json", data, **how)
    assert rows(table) == ROWS
    assert place is None or any(f"in the field {place!r}" in note for note in table.source.notes)


def test_several_fields_with_records_are_a_question_that_names_them(tmp_path):
    with pytest.raises(InputError, match=r"train, test.*--records train"):
        read(tmp_path / "a.json", {"train": ROWS, "test": ROWS})


def test_a_field_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match=r"field 'dta', did you mean 'data'|field 'dta'.*data"):
        read(tmp_path / "a.json", {"version": 1, "data": ROWS}, records="dta")


def test_records_in_each_line(tmp_path):
    lines = "\n".join(json.dumps({"page": i, "data": ROWS[10 * i : 10 * i + 10]}) for i in range(5))
    assert rows(read(tmp_path / "a.jsonl", lines, records="data")) == ROWS


class TestKeyed:
    def test_by_numbers_that_a_field_says_too(self, tmp_path):
        table = read(tmp_path / "a.json", {str(row["id"]): row for row in ROWS})
        assert rows(table) == ROWS
        assert any("keys are those of column 'id'" in note for note in table.source.notes)

    def test_by_names(self, tmp_path):
        found = rows(read(tmp_path / "a.json", {"ann": {"age": 30, "job": "clerk"}, "bob": {"age": 40, "job": None}}))
        assert found == [{"id": "ann", "age": 30, "job": "clerk"}, {"id": "bob", "age": 40, "job": None}]

    def test_beside_another_id(self, tmp_path):
        found = rows(read(tmp_path / "a.json", {"7": {"id": "x", "n": 1}, "8": {"id": "y", "n": 2}}))
        assert found == [{"key": "7", "id": "x", "n": 1}, {"key": "8", "id": "y", "n": 2}]

    def test_columns_stay_columns(self, tmp_path):
        data = {"text": {"0": "a", "1": "b"}, "label": {"1": 0, "0": 1}}
        assert rows(read(tmp_path / "a.json", data)) == [{"text": "a", "label": 1}, {"text": "b", "label": 0}]

    def test_columns_whose_rows_have_names_keep_them(self, tmp_path):
        data = {"text": {"r1": "a", "r2": "b", "r3": "c"}, "label": {"r1": 1, "r2": 0, "r3": 0}}
        assert rows(read(tmp_path / "a.json", data))[1] == {"index": "r2", "text": "b", "label": 0}

    def test_a_key_that_occurs_twice_is_an_error(self, tmp_path):
        with pytest.raises(InputError, match="key '1' occurs twice"):
            read(tmp_path / "a.json", '{"1": {"a": 1, "b": "x"}, "1": {"a": 2, "b": "y"}, "2": {"a": 3, "b": "z"}}')


def test_arrays_beside_the_names_of_their_cells(tmp_path):
    data = {"columns": ["a", "b"], "index": [0, 1], "data": [[1, "x"], [2, "y"]]}
    assert rows(read(tmp_path / "a.json", data)) == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]


def test_arrays_with_names_from_the_plan(tmp_path):
    found = rows(read(tmp_path / "a.json", [[1, "x"], [2, "y"]], columns=["a", "b"]))
    assert found == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
    lines = "\n".join(f'[[{i}, "x"]]' for i in range(5))
    assert len(rows(read(tmp_path / "b.jsonl", lines, columns=["a", "b"]))) == 5


@pytest.mark.parametrize("data", ['{"text": "fine", "label": 1}', '{\n "text": "fine",\n "label": 1\n}\n'])
@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_one_record(tmp_path, data, name):
    assert rows(read(tmp_path / name, data)) == [{"text": "fine", "label": 1}]


@pytest.mark.parametrize("data", ["1", "1.5", "true", "null", '"x"'])
def test_a_value_that_is_no_object(tmp_path, data):
    with pytest.raises(InputError, match="holds no object"):
        read(tmp_path / "a.json", data)


def test_numbers_that_are_not_finite_are_read_and_counted(tmp_path):
    values = [1.5, float("nan"), float("inf"), float("-inf"), 2.5]
    table = read(tmp_path / "a.jsonl", "".join(json.dumps({"x": values[i % 5]}) + "\n" for i in range(50)))
    assert table.rows == 50
    assert "Column 'x' has 30 cells that are NaN or infinite; they are kept." in table.source.notes


class TestColumns:
    def test_name_a_file_without_a_header(self, tmp_path):
        table = read(tmp_path / "a.csv", "one fine day,good,7\nanother day,bad,8\n", columns=["text", "verdict", "n"])
        assert rows(table)[0] == {"text": "one fine day", "verdict": "good", "n": 7}
        assert table.rows == 2

    def test_that_are_the_first_line_are_its_header(self, tmp_path):
        assert read(tmp_path / "a.csv", "text,n\nx,1\n", columns=["text", "n"]).rows == 1

    def test_must_be_as_many_as_there_are(self, tmp_path):
        with pytest.raises(InputError, match=r"2 columns are named \(a, b\), and the first line has 3 fields \(x, y, 1\)"):
            read(tmp_path / "a.csv", "x,y,1\nz,w,2\n", columns=["a", "b"])

    def test_are_refused_where_there_are_names(self, tmp_path):
        with pytest.raises(InputError, match="names of their own"):
            read(tmp_path / "a.jsonl", '{"a": 1}\n{"a": 2}\n', columns=["b"])
        auditor_table = tmp_path / "a.parquet"
        pq.write_table(pa.table({"a": [1]}), auditor_table)
        with pytest.raises(InputError, match="columns have names"):
            load(str(auditor_table), Roles(), cache=tmp_path, columns=["b"])
        with pytest.raises(InputError, match="which is no JSON"):
            load(str(auditor_table), Roles(), cache=tmp_path, records="data")


class TestEverywhere:
    """Plan, command line, Python and init agree."""

    @pytest.fixture
    def headerless(self, tmp_path) -> Path:
        path = tmp_path / "scored.csv"
        path.write_text("".join(f"{row['id']},{row['y']},{row['p']}\n" for row in ROWS))
        return path

    def test_command_line(self, tmp_path, headerless):
        options = ["--columns", "id, y, p", "--label", "y", "--prediction", "p", "--probe", "performance"]
        assert main(["run", "--data", str(headerless), *options, "-o", str(tmp_path / "r")]) in (0, 3, 4)
        assert self.accuracy(tmp_path / "r") == AGREE

    def test_records_on_the_command_line(self, tmp_path):
        path = tmp_path / "a.json"
        path.write_text(json.dumps({"train": ROWS[:5], "test": ROWS}))
        options = ["--records", "test", "--label", "y", "--prediction", "p", "--probe", "performance"]
        assert main(["run", "--data", str(path), *options, "-o", str(tmp_path / "r")]) in (0, 3, 4)
        assert self.accuracy(tmp_path / "r") == AGREE

    def test_plan(self, tmp_path, headerless):
        plan = tmp_path / "audit.yaml"
        plan.write_text("data: {path: scored.csv, columns: [id, y, p], label: y, prediction: p}\nprobes: [performance]\n")
        assert read_plan(plan).data.columns == ("id", "y", "p")
        assert auditor.audit(plan, out=tmp_path / "r").run.data.rows == 50

    def test_python(self, tmp_path, headerless):
        found = auditor.audit(
            data=headerless, columns=["id", "y", "p"], label="y", prediction="p", probes="performance", out=tmp_path / "r"
        )
        assert found.run.data.rows == 50
        assert auditor.clean(headerless, columns=["id", "y", "p"], out=tmp_path / "c").run.data.rows == 50

    def test_init_writes_them_down(self, tmp_path, headerless):
        plan = tmp_path / "audit.yaml"
        assert main(["init", "--data", str(headerless), "--columns", "id,y,p", "-o", str(plan)]) == 0
        assert read_plan(plan).data.columns == ("id", "y", "p")

    @staticmethod
    def accuracy(folder: Path) -> float:
        run = json.loads((folder / "run.json").read_text())
        return next(
            one["value"]
            for outcome in run["outcomes"]
            for one in outcome["measurements"]
            if one["metric"] == "accuracy" and not one["where"]
        )
