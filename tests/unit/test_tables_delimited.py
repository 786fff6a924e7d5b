"""Comma- and tab-separated text: what is read, what is set aside, what is refused."""

import csv
import gzip
import io
from pathlib import Path

import pytest
import zstandard

from auditor.errors import InputError, TooManyBadRows
from auditor.loaders.tables import load
from auditor.types import ROW, Roles, Table


def read(tmp_path: Path, data: bytes | str, roles: Roles | None = None, *, name: str = "data.csv", **options) -> Table:
    (tmp_path / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return load(str(tmp_path / name), roles or Roles(), cache=tmp_path / "cache", **options)


def cells(table: Table) -> dict[str, list[object]]:
    return table.read().drop_columns([ROW]).to_pydict()


def kinds(table: Table) -> dict[str, str]:
    return {field.name: str(field.type) for field in table.schema}


def test_types_and_missing_cells(tmp_path):
    table = read(tmp_path, "text,label,p,ok\nfine,1,0.5,True\n,,,\nbad,0,1e-3,False\n")
    assert cells(table) == {
        "text": ["fine", None, "bad"],
        "label": [1, None, 0],
        "p": [0.5, None, 0.001],
        "ok": [True, None, False],
    }
    assert table.source.rows == 3
    assert table.source.notes == ()
    assert table.source.format == "csv"


def test_quoted_empty_cell_is_empty_text_and_not_missing(tmp_path):
    assert cells(read(tmp_path, 'a,b\n"",x\n,y\n'))["a"] == ["", None]


def test_embedded_line_ends_quotes_and_delimiters_stay_in_their_cell(tmp_path):
    table = read(tmp_path, 'a,b\r\n"x\r\ny, ""z""",1\r\nplain,2\r\n')
    assert cells(table) == {"a": ['x\r\ny, "z"', "plain"], "b": [1, 2]}


def test_carriage_returns_end_lines_too(tmp_path):
    assert cells(read(tmp_path, "a,b\rx,1\ry,2\r")) == {"a": ["x", "y"], "b": [1, 2]}


def test_other_separators_of_unicode_end_no_lines(tmp_path):
    text = "x\u2028y\u0085z\u2029w\x0bv\x0cu"
    assert cells(read(tmp_path, f"a,b\n{text},1\n")) == {"a": [text], "b": [1]}


def test_nul_is_kept_and_noted(tmp_path):
    table = read(tmp_path, b"a,b\nx\0y,1\nz,2\n")
    assert cells(table)["a"] == ["x\0y", "z"]
    assert any("'a' has 1 cells with a NUL" in note for note in table.source.notes)


def test_long_cells(tmp_path):
    assert cells(read(tmp_path, "a,b\n" + "x" * 100_000 + ",1\n"))["a"] == ["x" * 100_000]


def test_many_columns(tmp_path):
    width = 3_000
    data = ",".join(f"c{i}" for i in range(width)) + "\n" + ",".join(map(str, range(width))) + "\n"
    table = read(tmp_path, data)
    assert len(table.schema) == width
    assert table.read()[f"c{width - 1}"].to_pylist() == [width - 1]


@pytest.mark.parametrize(
    ("column", "kept"),
    [
        (["007", "12"], "leading zeros"),
        (["99999999999999999999", "1"], "more than 64 bits"),
        (["12345678901234567890.", "1.5"], "more digits than a float has"),
        (["2024-01-31", "2024-02-01"], "dates"),
        (["0x1F", "2"], "hexadecimal"),
        (["1_000", "2"], "underscores"),
    ],
)
def test_numbers_that_would_lose_something_stay_text(tmp_path, column, kept):
    assert cells(read(tmp_path, "a,b\n" + "".join(f"{cell},1\n" for cell in column)))["a"] == column, kept


def test_null_spellings_are_missing_among_numbers_and_text_among_text(tmp_path):
    table = read(tmp_path, "n,t\n1,NA\nNA,x\nnull,None\n?,y\n2.5,z\n")
    assert cells(table) == {"n": [1.0, None, None, None, 2.5], "t": ["NA", "x", "None", "y", "z"]}
    assert any("'?' (1), 'NA' (1), 'null' (1) are read as missing" in note for note in table.source.notes)


def test_a_column_of_nothing_but_null_spellings_stays_text(tmp_path):
    assert cells(read(tmp_path, "a,b\nNA,1\nnull,2\n"))["a"] == ["NA", "null"]


def test_nan_and_infinity_are_kept_and_noted(tmp_path):
    table = read(tmp_path, "p,b\n0.5,1\nnan,2\ninf,3\n")
    assert str(cells(table)["p"]) == "[0.5, nan, inf]"
    assert any("'p' has 2 cells that are NaN or infinite" in note for note in table.source.notes)


def test_text_late_in_a_column_of_numbers_makes_it_text(tmp_path):
    table = read(tmp_path, "a,b\n" + "1,2\n" * 500 + "x,2\n")
    assert kinds(table) == {"a": "string", "b": "int64"}
    assert table.read()["a"].to_pylist()[-2:] == ["1", "x"]
    assert any("'a' begins like numbers" in note for note in table.source.notes)


def test_ragged_rows_are_set_aside_with_their_lines_and_positions_stay_true(tmp_path):
    table = read(tmp_path, 'a,b\n1,2\n\n3\n"4\n4",5\n6,7,8\n9,10\n', max_bad_rows=0.5)
    assert cells(table) == {"a": ["1", "4\n4", "9"], "b": [2, 5, 10]}
    assert table.read()[ROW].to_pylist() == [0, 2, 4]
    assert (table.source.rows, table.source.quarantined, table.rows) == (5, 2, 3)
    assert "2 of 5 rows" in table.source.notes[0]
    assert "line 4 has 1 fields instead of 2; line 7 has 3 fields instead of 2" in table.source.notes[0]


def test_ragged_rows_at_both_ends(tmp_path):
    table = read(tmp_path, "a,b\n1\n2,3\n4\n", max_bad_rows=0.7)
    assert table.read()[ROW].to_pylist() == [1]
    assert table.source.quarantined == 2


def test_one_bad_row_may_be_and_two_of_few_may_not(tmp_path):
    assert read(tmp_path, "a,b\n3\n" + "1,2\n" * 9).source.quarantined == 1
    with pytest.raises(TooManyBadRows, match=r"2 of 11 rows .*line 2 has 1 fields.*at most 0\.10% may be"):
        read(tmp_path, "a,b\n3\n4\n" + "1,2\n" * 9)


@pytest.mark.parametrize("good", [1, 8])
def test_one_bad_row_may_not_be_where_it_is_more_than_a_tenth(tmp_path, good):
    with pytest.raises(TooManyBadRows, match=rf"1 of {good + 1} rows"):
        read(tmp_path, "a,b\n3\n" + "1,2\n" * good)


def test_no_row_may_be_bad_where_none_is_allowed(tmp_path):
    rows = "a,b\n" + "1,2\n" * 2000
    assert read(tmp_path, rows, max_bad_rows=0).rows == 2000
    with pytest.raises(TooManyBadRows, match=r"1 of 2001 rows .*at most 0\.00% may be"):
        read(tmp_path, rows + "3\n", max_bad_rows=0)


def test_only_the_first_bad_rows_are_listed(tmp_path):
    table = read(tmp_path, "a,b\n" + "1\n2,3\n" * 20, max_bad_rows=1)
    assert "line 10 has 1 fields" in table.source.notes[0]
    assert "and 15 more" in table.source.notes[0]


def test_positions_match_pythons_reader(tmp_path):
    """A file of several blocks, with bad rows all over, against the records that the standard library finds."""
    rows = [["1", "x" * 50], ["2"], ["3", "y\nz"], ["4", "5", "6"]]
    with (tmp_path / "big.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["a", "b"])
        for number in range(300_000):
            writer.writerow(rows[0] if number % 1000 else rows[number // 1000 % 4])
    with (tmp_path / "big.csv").open(newline="") as file:
        good = [number for number, row in enumerate(list(csv.reader(file))[1:]) if len(row) == 2]
    table = load(str(tmp_path / "big.csv"), Roles(), cache=tmp_path, max_bad_rows=0.01)
    assert table.read()[ROW].to_pylist() == good
    assert table.source.quarantined == 300_000 - len(good)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ('a,b\n1,2\n3,"x\n4,5\n6,7\n', {"a": [1, 3, 4, 6], "b": ["2", '"x', "5", "7"]}),
        ('a,b\n1,2\n"3,x\n4,5\n6,7\n', {"a": ["1", '"3', "4", "6"], "b": ["2", "x", "5", "7"]}),
        ('a,b\n1,2\n3,"x\n4,5\n6,7', {"a": [1, 3, 4, 6], "b": ["2", '"x', "5", "7"]}),
        ('a,b\r\n1,2\r\n3,"x\r\n4,5\r\n6,"7"\r\n', {"a": [1, 3, 4, 6], "b": ["2", '"x', "5", "7"]}),
    ],
)
def test_a_quote_that_is_never_closed_is_part_of_its_cell_and_noted(tmp_path, data, found):
    table = read(tmp_path, data)
    assert cells(table) == found
    assert any("read as characters like others, on line 3." in note for note in table.source.notes)


def test_equal_columns_of_one_name(tmp_path):
    table = read(tmp_path, "a,b,a\n1,2,1\n3,4,3\n", Roles(label="a"))
    assert table.schema.names == ["a", "b", "a.1"]
    assert "Columns 'a' and 'a.1' are equal." in table.source.notes


def test_different_columns_of_one_name(tmp_path):
    data = "a,b,a\n1,2,1\n3,4,4\n"
    assert "Columns 'a' and 'a.1' are different." in read(tmp_path, data).source.notes
    assert read(tmp_path, data, Roles(label="a.1")).roles.label == "a.1"
    with pytest.raises(InputError, match="several columns 'a', and they differ"):
        read(tmp_path, data, Roles(label="a"))


def test_names_are_trimmed_completed_and_kept_apart(tmp_path):
    table = read(tmp_path, " text ,,a,a.1,a,_row\nx,1,2,3,2,4\n")
    assert table.schema.names == ["text", "column_2", "a", "a.1", "a.2", "_row.1"]
    assert len(table.source.notes) == 5


def test_header_alone_is_a_table_without_rows(tmp_path):
    for data in ("text,label\n", "text,label"):
        table = read(tmp_path, data)
        assert (table.rows, table.schema.names, table.read().num_rows) == (0, ["text", "label"], 0)


@pytest.mark.parametrize("data", ["", "\n", "\r\n\r\n"])
def test_empty_files_are_refused(tmp_path, data):
    with pytest.raises(InputError, match=r"the file is empty\. Give a file with a header"):
        read(tmp_path, data)


@pytest.mark.parametrize(
    ("data", "names"),
    [
        ("39,Private,77516\n50,Private,83311\n38,State,215646\n", ["column_1", "column_2", "column_3"]),
        ("good film,1\nbad film,0\nfine film,1\n", ["column_1", "column_2"]),
        ("Male,White\nMale,Black\nFemale,White\n", ["column_1", "column_2"]),
        ("country,1990,1991\nChad,3,4\nPeru,5,6\n", ["country", "1990", "1991"]),
        ("0,1,2\n5,6,7\n5,6,7\n", ["0", "1", "2"]),
        ("text,label\nx,1\ny,0\n", ["text", "label"]),
    ],
)
def test_a_first_line_that_looks_like_the_others_is_a_row(tmp_path, data, names):
    table = read(tmp_path, data)
    assert table.schema.names == names
    assert table.rows == 3 - (names[0] != "column_1")
    assert any("looks like data" in note for note in table.source.notes) == (names[0] == "column_1")


def test_a_role_says_that_the_first_line_is_a_header(tmp_path):
    table = read(tmp_path, "a,1\nx,1\ny,1\n", Roles(label="1"))
    assert (table.schema.names, table.rows) == (["a", "1"], 2)


def test_space_after_delimiters_is_dropped_and_noted(tmp_path):
    table = read(tmp_path, "sex, age, job\nMale, 39, \nFemale, 40, Clerk\n")
    assert cells(table) == {"sex": ["Male", "Female"], "age": [39, 40], "job": [None, "Clerk"]}
    assert any("space follows each delimiter" in note for note in table.source.notes)


@pytest.mark.parametrize(("delimiter", "word"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_other_delimiters(tmp_path, delimiter, word):
    table = read(tmp_path, f"text{delimiter}label\nhello, you{delimiter}1\nx{delimiter}0\n")
    assert cells(table) == {"text": ["hello, you", "x"], "label": [1, 0]}
    assert f"Fields are separated by {word}." in table.source.notes


def test_one_column_of_text_with_semicolons(tmp_path):
    assert cells(read(tmp_path, 'text\n"one; two"\nthree; four\n')) == {"text": ["one; two", "three; four"]}


def test_quotes_in_tab_separated_text(tmp_path):
    whole = read(tmp_path, 'text\tlabel\n"a\tb"\t1\nc\t0\n', name="whole.tsv")
    assert cells(whole) == {"text": ["a\tb", "c"], "label": [1, 0]}
    assert whole.source.format == "tsv"
    loose = read(tmp_path, 'text\tlabel\n"so he said\t1\nc\t0\n', name="loose.tsv")
    assert cells(loose) == {"text": ['"so he said', "c"], "label": [1, 0]}
    assert any("Quotes do not come in pairs" in note for note in loose.source.notes)


def test_compressed_files(tmp_path):
    data = b"a,b\n1,x\n2,y\n"
    for name, packed in (("a.csv.gz", gzip.compress(data)), ("a.csv.zst", zstandard.compress(data))):
        assert cells(read(tmp_path, packed, name=name)) == {"a": [1, 2], "b": ["x", "y"]}
    several = gzip.compress(data) + gzip.compress(b"3,z\n")
    assert cells(read(tmp_path, several, name="b.csv.gz"))["a"] == [1, 2, 3]


def test_truncated_compression_is_refused(tmp_path):
    noise = "a,b\n" + "".join(f"{number * 7919 % 10007},x{number}\n" for number in range(20_000))
    for name, packed in (("a.csv.gz", gzip.compress(noise.encode())), ("a.csv.zst", zstandard.compress(noise.encode()))):
        with pytest.raises(InputError, match="cut short or damaged"):
            read(tmp_path, packed[: len(packed) // 2], name=name)


def test_a_record_longer_than_a_block_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("auditor.loaders.delimited._BLOCK", 1000)
    with pytest.raises(InputError, match=r"longer than .* MB, after line 2"):
        read(tmp_path, "a,b\n" + "x" * 5000 + ",1\n")


def test_fingerprints_follow_the_content(tmp_path):
    one, same, other = (read(tmp_path, f"a,b\n1,{cell}\n", name=f"{i}.csv") for i, cell in enumerate("xxy"))
    assert one.fingerprint == same.fingerprint != other.fingerprint
    assert [shard.digest for shard in one.shards] == [shard.digest for shard in same.shards]
    assert one.shards[0].digest != other.shards[0].digest


def test_arrow_and_the_standard_library_agree_on_a_tricky_file(tmp_path):
    text = io.StringIO()
    rows = [["a b", 'q"q', "x,y"], ["", "\n", "é中"], ["-", " pad ", "'"], ["tab\t", "1.5e3x", "\\n"]]
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([["one", "two", "three"], *rows])
    found = cells(read(tmp_path, text.getvalue()))
    assert [list(row) for row in zip(*found.values(), strict=True)] == rows
