"""Archives and compressed streams, against the standard library's own readers."""

import bz2
import gzip
import io
import lzma
import random
import tarfile
import zipfile
import zlib

import pytest
from hostile_checkpoints import evil, tarred, zipped

from auditor.scan import packed, tars, zips
from auditor.scan.findings import Sheet
from auditor.scan.look import look
from auditor.scan.regions import Region, as_file, gathered, is_pickled


def region(data: bytes, name: str = "x", **more) -> Region:
    return Region(data, 0, len(data), name, **more)


def content(part: Region) -> bytes:
    return part.data[part.start : part.end]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
@pytest.mark.parametrize("before", [b"", b"#!/bin/sh\n" * 50])
def test_zip_members_are_those_that_zipfile_finds(method, before):
    data = before + zipped(
        {"a/b.txt": b"one", "ü": bytes(100_000), "empty": b"", "c.pkl": random.Random(0).randbytes(9_000)}, method
    )
    sheet = Sheet("x")
    ours = {part.name: content(part) for part in zips.members(region(data), sheet)}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert ours == {name: archive.read(name) for name in archive.namelist()}
    assert sheet.findings() == []


def test_zip_members_written_as_a_stream_and_in_64_bits():
    class Pipe(io.BytesIO):
        def seekable(self):
            return False

        def tell(self):
            raise OSError

        def seek(self, *_):
            raise OSError

    out = Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("x", "w", force_zip64=True) as member:
        member.write(b"text" * 1000)
    sheet = Sheet("x")
    assert [content(part) for part in zips.members(region(out.getvalue()), sheet)] == [b"text" * 1000]
    assert sheet.findings() == []


def test_zip_members_without_a_directory_are_found_by_their_own_headers():
    data = zipped({"a": b"one" * 10, "b": b"two" * 10})
    sheet = Sheet("x")
    parts = zips.members(region(data[: data.find(b"PK\x01\x02")]), sheet)
    assert [content(part) for part in parts] == [b"one" * 10, b"two" * 10]
    assert [finding.kind for finding in sheet.findings()] == ["broken archive"]


@pytest.mark.parametrize("at", [0, 10, 20, 42])
def test_a_damaged_directory_is_reported(at):
    data = bytearray(zipped({"a": b"one" * 10}))
    start = data.find(b"PK\x01\x02")
    data[start + at : start + at + 4] = b"\xee" * 4
    sheet = Sheet("x")
    zips.members(region(bytes(data)), sheet)
    assert {finding.severity for finding in sheet.findings()} == {"broken"}


def test_an_end_record_that_points_nowhere_is_reported():
    data = bytearray(zipped({"a": b"one"}))
    data[-10:-6] = b"\xff\xff\xff\x7f"
    sheet = Sheet("x")
    assert [content(part) for part in zips.members(region(bytes(data)), sheet)] == [b"one"]
    assert "starts before it" in sheet.findings()[0].detail


def test_archives_of_too_many_members_are_bombs():
    sheet = Sheet("x", members_left=2)
    zips.members(region(zipped({str(i): b"" for i in range(4)})), sheet)
    assert [(finding.severity, finding.kind) for finding in sheet.findings()] == [("unsafe", "archive bomb")]
    sheet = Sheet("x", members_left=2)
    tars.members(region(tarred({str(i): b"" for i in range(4)})), sheet)
    assert [(finding.severity, finding.kind) for finding in sheet.findings()] == [("unsafe", "archive bomb")]


def test_what_unpacks_to_too_much_is_a_bomb_and_what_fits_is_still_read():
    sheet = Sheet("x", bytes_left=100_000)
    look(region(gzip.compress(evil("true") + bytes(1_000_000)), "x.pkl", pickled=True), sheet)
    assert {(finding.severity, finding.kind) for finding in sheet.findings()} == {
        ("unsafe", "archive bomb"),
        ("malicious", "pickle global"),
    }


def test_large_data_goes_to_a_file_and_stays_the_same():
    sheet = Sheet("x")
    data = gathered((bytes([i]) * (1 << 20) for i in range(12)), sheet, "")
    assert not isinstance(data, bytes)
    assert len(data) == 12 << 20
    assert data[11 << 20] == 11
    assert sheet.bytes_left == (1 << 30) - (12 << 20)


TEXT = random.Random(1).randbytes(30_000) + bytes(30_000)


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(TEXT),
        gzip.compress(TEXT[:40_000]) + gzip.compress(TEXT[40_000:]),
        b"\x1f\x8b\x08\x1e" + bytes(6) + b"\x02\x00xyname\x00comment\x00hc" + gzip.compress(TEXT, mtime=0)[10:],
        zlib.compress(TEXT),
        bz2.compress(TEXT[:100]) + bz2.compress(TEXT[100:]),
        lzma.compress(TEXT),
        lzma.compress(TEXT[:100]) + lzma.compress(TEXT[100:]),
        lzma.compress(TEXT, lzma.FORMAT_ALONE),
        b"ZF" + hex(len(TEXT)).encode().ljust(19) + zlib.compress(TEXT),
        b"ZF" + hex(len(TEXT)).encode().ljust(19) + b" " + zlib.compress(TEXT),
    ],
    ids=["gzip", "two gzips", "gzip with all fields", "zlib", "bzip2", "xz", "two xz", "lzma", "joblib", "joblib wider"],
)
def test_streams_are_unpacked_whole(data):
    sheet = Sheet("x")
    (part,) = packed.contents(region(data, "x.z"), sheet)
    assert content(part) == TEXT
    assert sheet.findings() == []
    damaged = data[: len(data) // 2]
    packed.contents(region(damaged, "x.z"), sheet)
    assert [(finding.severity, finding.kind) for finding in sheet.findings()] == [("broken", "broken packing")]


@pytest.mark.parametrize("data", [zlib.compress(TEXT), bz2.compress(TEXT), lzma.compress(TEXT), gzip.compress(TEXT)])
def test_damage_in_the_middle_is_reported(data):
    sheet = Sheet("x")
    packed.contents(region(data[:20_000] + b"\xff" * 200 + data[20_200:], "x.z"), sheet)
    assert [(finding.severity, finding.kind) for finding in sheet.findings()] == [("broken", "broken packing")]


def test_damaged_zstandard_is_reported():
    import zstandard

    data = zstandard.ZstdCompressor(write_checksum=True).compress(TEXT)
    sheet = Sheet("x")
    packed.contents(region(data[:-1] + bytes([data[-1] ^ 1])), sheet)
    assert [(finding.severity, finding.kind) for finding in sheet.findings()] == [("broken", "broken packing")]


def test_numbers_that_begin_like_a_packed_stream_are_left_alone():
    for data in (b"x\x9c" + bytes(100), b"]\x00\x00" + bytes(61)):
        sheet = Sheet("x")
        packed.contents(region(data), sheet)
        assert sheet.findings() == []


@pytest.mark.parametrize("length", [1900, 2500], ids=["in a header", "in a member"])
def test_a_truncated_tar_is_reported_and_its_members_are_read(length):
    data = tarred({"a": b"1" * 600, "b": b"2" * 600})
    sheet = Sheet("x")
    parts = tars.members(region(data[:length]), sheet)
    assert content(parts[0]) == b"1" * 600
    assert [finding.kind for finding in sheet.findings()] == ["broken archive"]


def test_sparse_tar_members_are_reported():
    entry = tarfile.TarInfo("x")
    entry.type, entry.size = tarfile.GNUTYPE_SPARSE, 0
    sheet = Sheet("x")
    tars.members(region(entry.tobuf(tarfile.GNU_FORMAT) + bytes(1024)), sheet)
    assert [(finding.severity, finding.kind) for finding in sheet.findings()] == [("broken", "unknown packing")]


def test_a_region_as_a_file():
    file = as_file(Region(b"..hello..", 2, 7, "x"))
    assert file.read() == b"hello"
    assert file.seek(-2, io.SEEK_END) == 3
    assert file.read(1) == b"l"
    assert file.tell() == 4
    assert file.seek(-3, io.SEEK_CUR) == 1
    assert file.read(100) == b"ello"


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("a.pkl", True),
        ("A.PT", True),
        ("a.pkl.gz", True),
        ("a.gz", False),
        ("a.txt", False),
        ("pkl", False),
        ("a.pkl/b", False),
    ],
)
def test_names_that_promise_a_pickle(name, is_one):
    assert is_pickled(name) is is_one
