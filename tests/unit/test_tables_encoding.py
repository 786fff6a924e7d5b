"""Encodings of text files: found, refused, or damaged in places."""

from pathlib import Path

import pytest

from auditor.errors import InputError
from auditor.loaders.tables import load
from auditor.types import ROW, Roles, Table

WESTERN = "text,label\nUn café crème, s'il vous plaît,1\nEin Stück Käse für die Gäste,0\n".replace(", s'il", " s'il")
CHINESE = "text,label\n我们今天去北京的路上,1\n这个电影不好看,0\n他说他在那里等我们,1\n"
RUSSIAN = "text,label\nпривет как дела,1\nхорошо,0\n"
POLISH = "text,label\nmógłby zażółcić gęślą jaźń w święta,1\nciąg dalszy może nastąpić,0\n"
TURKISH = "text,label\nağır ışıklı bir şarkı yağıyor,1\nsığınağı aşıyor,0\n"
KOREAN = "text,label\n" + "안녕하세요 오늘은 날씨가 좋습니다 우리는 학교에 갑니다 그는 책을 읽고 있습니다,1\n" * 3
JAPANESE = "text,label\n" + "今日はとても天気がいいです。明日は学校へ行きます,1\n" * 3


def read(tmp_path: Path, data: bytes, *, name: str = "data.csv", **options) -> Table:
    (tmp_path / name).write_bytes(data)
    return load(str(tmp_path / name), Roles(), cache=tmp_path / "cache", **options)


@pytest.mark.parametrize(
    ("text", "codec", "note"),
    [
        (WESTERN, "utf-8", None),
        (WESTERN, "utf-8-sig", None),
        (WESTERN, "utf-16", "UTF-16"),
        (WESTERN, "utf-16-le", "UTF-16-LE"),
        (WESTERN, "utf-16-be", "UTF-16-BE"),
        (WESTERN, "utf-32", "UTF-32"),
        (WESTERN, "cp1252", "Western European"),
        (WESTERN.replace("Käse", "“Käse”"), "cp1252", "Western European"),
        (CHINESE, "utf-8", None),
        (CHINESE, "utf-16", "UTF-16"),
        (CHINESE, "gb18030", "GB 18030"),
        (RUSSIAN, "utf-8", None),
    ],
)
def test_encodings_are_found_and_noted(tmp_path, text, codec, note):
    table = read(tmp_path, text.encode(codec))
    assert table.schema.names == ["text", "label"]
    expected = [line.rsplit(",", 1)[0] for line in text.splitlines()[1:]]
    assert table.read()["text"].to_pylist() == expected
    assert (note is None) == (table.source.notes == ())
    assert note is None or note in table.source.notes[0]


def test_latin_1_where_windows_has_no_character(tmp_path):
    table = read(tmp_path, b"text,label\ncaf\xe9 \x81 x,1\nna\xefve d\xe9j\xe0 vu,0\n")
    assert table.read()["text"].to_pylist()[0] == "café \x81 x"


def test_encodings_in_several_pieces_grow_in_utf8(tmp_path):
    data = ("text,label\n" + "é è " * 600_000 + ",1\n").encode("cp1252")
    assert table_text(read(tmp_path, data)) == ["é è " * 600_000]


def table_text(table: Table) -> list[str]:
    return table.read()["text"].to_pylist()


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (POLISH, "cp1250"),
        (TURKISH, "cp1254"),
        (KOREAN, "euc-kr"),
        (JAPANESE, "euc-jp"),
        (JAPANESE, "shift-jis"),
    ],
)
def test_what_cannot_be_told_is_an_error_until_it_is_said(tmp_path, text, codec):
    data = text.encode(codec)
    offset = next(i for i, byte in enumerate(data) if byte > 127)
    with pytest.raises(InputError, match=rf"offset {offset} .*are not UTF-8.*cannot be told.*as in csv:cp1251"):
        read(tmp_path, data)
    assert table_text(read(tmp_path, data, format=f"csv:{codec}"))[0] == text.splitlines()[1].rsplit(",", 1)[0]


def test_an_encoding_that_does_not_fit_or_does_not_exist(tmp_path):
    with pytest.raises(InputError, match=r"offset 11 \(d0\) are not ASCII"):
        read(tmp_path, RUSSIAN.encode(), format="csv:ascii")
    with pytest.raises(InputError, match="no encoding 'klingon'"):
        read(tmp_path, RUSSIAN.encode(), format="csv:klingon")


def test_offsets_count_across_pieces(tmp_path):
    data = b"text,label\n" + b"a" * (1 << 20) + b"\xc3"
    with pytest.raises(InputError, match=rf"offset {len(data) - 1} \(c3\)"):
        read(tmp_path, data, format="csv:utf-8")


def test_damaged_rows_of_utf8_are_set_aside(tmp_path):
    data = b"text,label\n" + "привет,1\n".encode() * 50 + b"bad \xff\xfe,0\n" + "好,1\n".encode() * 50
    table = read(tmp_path, data)
    assert (table.rows, table.source.quarantined) == (100, 1)
    assert 50 not in table.read()[ROW].to_pylist()
    assert "line 52 has bytes that are not UTF-8" in table.source.notes[1]


def test_damaged_and_ragged_rows_together(tmp_path):
    good = "привет,1\n".encode()
    data = b"text,label\n" + good * 40 + b"x\n" + b"bad \xff,0\n" + good + b"y\n" + b"\xfe,0\n"
    table = read(tmp_path, data, max_bad_rows=0.1)
    assert table.read()[ROW].to_pylist() == [*range(40), 42]
    assert (table.source.rows, table.source.quarantined) == (45, 4)
    assert "line 42 has 1 fields instead of 2; line 43 has bytes that are not UTF-8; line 45" in table.source.notes[1]


def test_damaged_lines_of_json(tmp_path):
    data = '{"t": "привет"}\n'.encode() * 50 + b'{"t": "\xff"}\n'
    table = read(tmp_path, data, name="a.jsonl")
    assert (table.rows, table.source.quarantined) == (50, 1)
    assert "line 51 has bytes that are not UTF-8" in table.source.notes[1]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(64), "an image"),
        (b"\xff\xd8\xff\xe0" + bytes(64), "an image"),
        (b"PK\x03\x04" + bytes(64), "a zip archive"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"\x93NUMPY\x01\x00", "a NumPy array"),
        (bytes(range(256)) * 8, "not text"),
    ],
)
def test_what_is_no_table_is_refused_by_its_bytes(tmp_path, data, what):
    with pytest.raises(InputError, match=what):
        read(tmp_path, data)
