"""No record is lost in reading: records are counted here by other means, and each is a row, or is counted and named."""

import json
import random
import re
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from auditor.errors import TooManyBadRows
from auditor.loaders.tables import load
from auditor.types import Roles, Table


def read(path: Path, data: str | bytes, *, roles: Roles | None = None, **how) -> Table:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return load(str(path), roles or Roles(), cache=path.parent / "cache", **how)


def numbers(table: Table, column: str = "id") -> set[str]:
    return {str(cell) for cell in table.read().column(column).to_pylist()}


def pairs(rows: int, odd: dict[int, str]) -> str:
    """A table of tabs, one record a line, some with other first sentences."""
    lines = ["id\tsentence1\tsentence2\tlabel"]
    for i in range(1, rows + 1):
        first = odd.get(i, f"The mayor spoke on day {i} .")
        lines.append(f"{i}\t{first}\tOn day {i} the mayor spoke .\t{i % 2}")
    return "\n".join(lines) + "\n"


def test_quotes_that_begin_after_the_sample(tmp_path):
    """As in cases/c01c_quotes_after_sample: 200,000 lines are 200,000 rows, with their quotes."""
    odd = {150_000: '" It is late , he said .', 150_400: '" We go now , she said .'}
    table = read(tmp_path / "pairs.tsv", pairs(200_000, odd))
    assert (table.rows, table.source.rows, table.source.quarantined) == (200_000, 200_000, 0)
    cells = table.read(["id", "sentence1"])
    assert {i: cells.column("sentence1")[i - 1].as_py() for i in odd} == odd


def test_quotes_that_begin_after_the_sample_of_a_csv(tmp_path):
    """What is quoted well stays so, over line ends too; two quotes that are not closed are text, and their lines are named."""
    lines = ["id,text,label"]
    for i in range(150_000):
        text = {120_000: '"It is late he said', 120_300: '"two\nlines, ""here"""', 120_500: '"We go now'}.get(
            i, f"day number {i} is here"
        )
        lines.append(f"{i},{text},{i % 2}")
    table = read(tmp_path / "a.csv", "\n".join(lines) + "\n")
    assert (table.rows, table.source.quarantined) == (150_000, 0)
    texts = table.read(["text"]).column("text")
    assert [texts[i].as_py() for i in (120_000, 120_300, 120_500)] == [
        '"It is late he said',
        'two\nlines, "here"',
        '"We go now',
    ]
    assert any("on lines 120002 and 120503." in note for note in table.source.notes)


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ('"', '"'),
        ('"open', '"open'),
        ('"open, with more', None),
        ('in the "middle', 'in the "middle'),
        ('at the end"', 'at the end"'),
        ("a lone \r end", None),
        ("nothing \0 odd", "nothing \0 odd"),
        ('"first\nsecond"', "first\nsecond"),
        ('"one ""word"" \n and, more"', 'one "word" \n and, more'),
        ('"first\r\n\r\nthird"', "first\r\n\r\nthird"),
        ('"space after"  ', "space after  "),
        ("too, many", None),
    ],
)
@pytest.mark.parametrize("place", [0, 1, 150, 298, 299])
def test_one_odd_cell_costs_its_own_row_at_most(tmp_path, cell, kept, place):
    rows = [f"{i},{cell if i == place else 'plain words'},{i % 2}" for i in range(300)]
    table = read(tmp_path / "a.csv", "\n".join(["id,text,label", *rows]) + "\n", max_bad_rows=0.02)
    others = {str(i) for i in range(300)} - {str(place)}
    assert others <= numbers(table)
    if kept is not None:
        assert (table.rows, table.source.quarantined) == (300, 0)
        assert table.read(["text"]).column("text")[place].as_py() == kept
    else:
        assert table.source.quarantined
        assert any(re.search(rf"(line|record) {place + 2} ", note) for note in table.source.notes)


def words(choose: random.Random) -> str:
    return " ".join(choose.choice("the mayor spoke on day and it is late he said".split()) for _ in range(choose.randint(1, 9)))


def record(choose: random.Random, number: int) -> tuple[list[str], int]:
    """The fields of a record, as they are written, and how many lines they take."""
    text = words(choose)
    odd = ['" ' + text, '"' + text, text + ' 5"', f'"{text}"', f'"{text}\nmore words\nagain"', f'x "{text}" y']
    text = choose.choice(odd) if choose.random() < 0.02 else text
    return [str(number), text, choose.choice(["pos", "neg"])], text.count("\n") + 1


@pytest.mark.parametrize("seed", range(60))
def test_quotes_anywhere(tmp_path, seed):
    """Each record that was written is a row by its number, or is set aside: at most as many are missing as are counted."""
    choose = random.Random(seed)
    delimiter, end = choose.choice(",\t;|"), choose.choice(["\n", "\r\n"])
    size = choose.choice([40, 400, 2_000])
    records = [record(choose, i)[0] for i in range(size)]
    data = end.join(delimiter.join(fields) for fields in [["id", "text", "label"], *records]) + choose.choice(["", end])
    table = read(tmp_path / ("a.tsv" if delimiter == "\t" else "a.csv"), data, max_bad_rows=1.0)
    missing = {str(i) for i in range(size)} - numbers(table)
    assert len(missing) <= table.source.quarantined
    assert table.source.rows == table.rows + table.source.quarantined


def test_records_in_a_cell_that_is_closed_well(tmp_path):
    """A quote before one cell and one after a later cell: what is between looks like a cell of lines, and like records."""
    rows = [f"{i},{'pos' if i % 3 else 'neg'},some words {i}" for i in range(400)]
    rows[100], rows[300] = '100,pos,"It is late', "300,neg,he is 5'10\""
    table = read(tmp_path / "a.csv", "\n".join(["id,label,text", *rows]) + "\n")
    assert (table.rows, table.source.quarantined) == (400, 0)
    assert any("on line 102." in note for note in table.source.notes)


@pytest.mark.parametrize(
    "cell",
    [
        "Shopping list:\n- eggs, milk\n- bread, 2 of them",
        "Dear Sir,\n\nI write, again, to say\nno.\n",
        "a,b\nc,d\ne,f\n" * 9,
        'He said: ""no"",\nand left',
        "x\n" * 500,
    ],
)
def test_cells_of_several_lines_stay_cells(tmp_path, cell):
    rows = [f'{i},"{cell}",{i % 2}' for i in range(50)]
    table = read(tmp_path / "a.csv", "\n".join(["id,text,label", *rows]) + "\n")
    assert (table.rows, table.source.quarantined) == (50, 0)
    assert set(table.read(["text"]).column("text").to_pylist()) == {cell.replace('""', '"')}


def test_a_list_of_pairs_in_a_cell_is_told_of(tmp_path):
    """It may be two records; quotes say that it is none."""
    table = read(tmp_path / "a.csv", 'id,text\n1,"To do\n2,eggs"\n3,milk\n')
    assert table.rows == 2
    assert any("look like records" in note and "line 2." in note for note in table.source.notes)


def test_blank_lines_are_counted_unless_they_end_the_file(tmp_path):
    table = read(tmp_path / "a.csv", 'text\none\n\n\n"two\n\nthree"\n\nfour\n\n\n')
    assert table.rows == 3
    assert any("3 blank lines" in note for note in table.source.notes)
    assert read(tmp_path / "b.csv", "a,b\n1,2\n3,4\n\n\n").source.notes == ()


def test_mixed_line_ends(tmp_path):
    table = read(tmp_path / "a.csv", "id,b\r\n1,x\n2,y\r\n3,z\r4,w\n")
    assert numbers(table) == {"1", "2", "3", "4"}


def test_fields_without_the_space_that_others_have(tmp_path):
    lines = [f"{i}, word, {i % 2}" for i in range(300)] + ["300,word,1"]
    table = read(tmp_path / "a.csv", "id, text, label\n" + "\n".join(lines) + "\n")
    assert set(table.read(["text"]).column("text").to_pylist()) == {"word"}
    assert any("2 fields do not begin with the space" in note for note in table.source.notes)


def test_too_many_lost_rows_are_an_error(tmp_path):
    rows = [f"{i},words,{i % 2}" for i in range(1_000)]
    rows[500:520] = [f'{i},"open, words,1' for i in range(500, 520)]
    with pytest.raises(TooManyBadRows, match=r"20 of 1000 rows .* line 502 has 4 fields"):
        read(tmp_path / "a.csv", "\n".join(["id,text,label", *rows]) + "\n")


def as_json(rows: Sequence[object]) -> list[str]:
    return [json.dumps(row) for row in rows]


ROWS = [{"id": i, "text": f"words {i}"} for i in range(30)]


@pytest.mark.parametrize(
    "data",
    [
        "\n".join(as_json(ROWS)),
        "\r".join(as_json(ROWS)),
        "\r\n\r\n".join(as_json(ROWS)),
        "".join(as_json(ROWS)),
        " ".join(as_json(ROWS)),
        "\n".join(json.dumps(row, indent=2) for row in ROWS),
        "".join(json.dumps(row, indent=2) for row in ROWS),
        json.dumps(ROWS),
        json.dumps(ROWS[:10]) + "\n" + json.dumps(ROWS[10:]),
        json.dumps(ROWS[:10]) + json.dumps(ROWS[10:]) + "\n",
        "\n".join(json.dumps([row]) for row in ROWS),
        json.dumps(ROWS, indent=2),
    ],
)
@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_json_however_it_is_laid_out(tmp_path, data, name):
    table = read(tmp_path / name, data)
    assert numbers(table) == {str(i) for i in range(30)}
    assert (table.rows, table.source.quarantined) == (30, 0)


def test_json_of_a_long_first_line(tmp_path):
    rows = [{"id": 0, "text": "x" * (2 << 20)}, *ROWS[1:]]
    assert read(tmp_path / "a.json", "\n".join(as_json(rows))).rows == 30


def test_a_folder_says_what_of_it_is_not_read(tmp_path):
    folder = tmp_path / "parts"
    folder.mkdir()
    (folder / "part-0.csv").write_text("a,b\n1,2\n")
    (folder / "part-1.bz2").write_text("x")
    (folder / "more").mkdir()
    (folder / "_SUCCESS").touch()
    notes = load(str(folder), Roles(), cache=tmp_path).source.notes
    assert "What else is in the folder is not read: more, part-1.bz2." in notes


def test_an_arrow_stream_without_its_end(tmp_path):
    table = pa.table({"a": range(10)})
    path = tmp_path / "a.arrows"
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as stream:
        stream.write_table(table, max_chunksize=5)
    whole = path.read_bytes()
    assert load(str(path), Roles(), cache=tmp_path).source.notes == ()
    path.write_bytes(whole[:-8])
    assert "no mark at its end" in load(str(path), Roles(), cache=tmp_path).source.notes[0]
