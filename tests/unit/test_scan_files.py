"""Folders, text files and formats that are not pickles."""

import hashlib
import json
import os

import numpy as np
import pytest
from hostile_checkpoints import evil, put
from safetensors.numpy import save

from auditor.errors import InputError
from auditor.scan import file_names, manifest, scan
from auditor.scan.findings import Sheet, named, shown
from auditor.scan.onnx import external
from auditor.scan.protobuf import fields, whole_numbers


def kinds(path):
    return [(finding.path, finding.severity, finding.kind) for finding in scan(path)]


def test_manifest_lists_every_file_with_size_and_sha256(tmp_path):
    put(tmp_path, "b/x.bin", b"two")
    put(tmp_path, "a.txt", b"one")
    (tmp_path / "b" / "gone").symlink_to("nowhere")
    assert [(fact.path, fact.size, fact.digest) for fact in manifest(tmp_path)] == [
        ("a.txt", 3, hashlib.sha256(b"one").hexdigest()),
        ("b/x.bin", 3, hashlib.sha256(b"two").hexdigest()),
    ]
    assert file_names(tmp_path) == ("a.txt", "b/gone", "b/x.bin")
    assert [fact.path for fact in manifest(tmp_path / "a.txt")] == ["a.txt"]


def test_what_is_not_there_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        scan(tmp_path / "none")


def test_links_inside_the_folder_and_of_the_hub_cache_are_followed(tmp_path):
    put(tmp_path, "models--x/blobs/1a2b", evil("true"))
    snapshot = tmp_path / "models--x" / "snapshots" / "main"
    snapshot.mkdir(parents=True)
    (snapshot / "model.pkl").symlink_to("../../blobs/1a2b")
    (snapshot / "again.pkl").symlink_to("model.pkl")
    assert kinds(snapshot) == [("again.pkl", "malicious", "pickle global"), ("model.pkl", "malicious", "pickle global")]
    assert kinds(snapshot / "model.pkl") == [("model.pkl", "malicious", "pickle global")]


def test_files_that_cannot_be_opened_are_reported(tmp_path, monkeypatch):
    put(tmp_path, "a.bin", b"")

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("auditor.scan.folder.opened", refuse)
    assert [(f.severity, f.detail) for f in scan(tmp_path)] == [("broken", "Permission denied")]


def test_hostile_file_names_stay_text(tmp_path):
    names = ["<script>alert(1)</script>.pkl", "a\nb.pkl", "\u202egpj.pkl", os.fsdecode(b"\xff.pkl"), "x.pkl"]
    for name in names:
        put(tmp_path, name.replace("/", "∕"), evil("true"))
    found = {finding.path for finding in scan(tmp_path)}
    assert {"<script>alert(1)<∕script>.pkl", "a\\nb.pkl", "\\u202egpj.pkl", "\\xff.pkl", "x.pkl"} == found
    json.dumps(sorted(found)).encode()


def test_members_with_names_that_do_not_print(tmp_path):
    from hostile_checkpoints import zipped

    put(tmp_path, "x.zip", zipped({"a\x1b[2Jb": b"text"}))
    (finding,) = scan(tmp_path)
    assert (finding.severity, finding.kind, finding.inside) == ("unsafe", "member path", "a\\x1b[2Jb")


def test_many_findings_of_one_file_are_summed_up():
    sheet = Sheet("x")
    for i in range(150):
        sheet.add("review", "k", str(i))
        sheet.add("review", "k", str(i))
    sheet.add("malicious", "k", "last")
    found = sheet.findings()
    assert len(found) == 102
    assert found[0].severity == "malicious"
    assert found[-1].detail == "has more findings than the 100 listed"


def test_long_and_odd_text_is_made_printable():
    assert shown("a" * 300) == "a" * 237 + "..."
    assert shown("\x00\ud800é") == "\\x00\\ud800é"
    assert named("ok.txt") == "ok.txt"


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("m.7z", b"7z\xbc\xaf\x27\x1c" + bytes(20), "unread"),
        ("m.pkl", b"\x04\x22\x4d\x18" + bytes(20), "unread"),
        ("saved_model.pb", b"\x08\x01", "unread"),
        ("model.h5", b"\x89HDF\r\n\x1a\n" + bytes(20), "unread"),
        ("weights.bin", b"\x01\x02\x03\x04", "unread"),
        ("weights.bin", b"", "broken"),
        ("a.npz", b"\x00\x01", "broken"),
        ("model.bin", b"\x80\x04", "broken"),
        ("kernel.dll", b"MZ\x90\x00" + bytes(20), "unsafe"),
        ("run.sh", b"true", "unsafe"),
    ],
)
def test_other_formats(name, data, kind, tmp_path):
    put(tmp_path, name, data)
    assert {finding.severity for finding in scan(tmp_path)} == {kind}


def test_array_headers_of_every_version(tmp_path):
    import numpy as np

    for version in ((1, 0), (2, 0), (3, 0)):
        with (tmp_path / f"{version[0]}.npy").open("wb") as file:
            np.lib.format.write_array(file, np.ones((2, 3)), version)
    assert scan(tmp_path) == ()
    put(tmp_path, "x.npy", b"\x93NUMPY\x01\x00\x02\x00[]")
    assert [finding.kind for finding in scan(tmp_path)] == ["array header", "broken file"]


class TestProtobuf:
    def test_external_files_of_a_real_model(self, tmp_path):
        import numpy as np
        import onnx

        weight = onnx.numpy_helper.from_array(np.ones((300, 2), dtype=np.float32), "w")
        inner = onnx.helper.make_graph(
            [onnx.helper.make_node("Identity", ["w"], ["y"])], "in", [], [_value(onnx, "y")], [weight]
        )
        node = onnx.helper.make_node("If", ["c"], ["y"], then_branch=inner, else_branch=inner, extra=[1.0] * 50, more=[7] * 50)
        graph = onnx.helper.make_graph([node], "g", [], [_value(onnx, "y")], [weight])
        model = onnx.helper.make_model(graph)
        onnx.save_model(model, tmp_path / "m.onnx", save_as_external_data=True, location="side.data", size_threshold=0)
        data = (tmp_path / "m.onnx").read_bytes()
        assert set(external(data, 0, len(data))) == {"side.data"}
        assert scan(tmp_path) == ()

    def test_numbers_in_both_forms(self):
        assert whole_numbers(b"\x40\x05\x40\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 0, 13) == [5, -1]
        assert whole_numbers(b"\x42\x03\x05\xac\x02", 0, 5) == [5, 300]

    @pytest.mark.parametrize("data", [b"\x0a\x7f", b"\x0b", b"\x80", b"\x09\x00", b"\xff" * 20])
    def test_messages_that_cannot_be_read(self, data):
        with pytest.raises(ValueError, match=r"field|number"):
            list(fields(data, 0, len(data)))

    def test_graphs_nested_too_deep(self):
        data = b""
        for number in [7, *[1, 5, 6] * 60][::-1]:
            size = len(data)
            data = bytes([number << 3 | 2]) + (bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])) + data
        with pytest.raises(ValueError, match="too deep"):
            list(external(data, 0, len(data)))


def _value(onnx, name):
    return onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [300, 2])


def test_weights_that_are_cut_short_are_said_to_be(tmp_path):
    whole = save({"weight": np.zeros(100, dtype=np.float32)})
    put(tmp_path, "model.safetensors", whole[:-10])
    (found,) = scan(tmp_path)
    assert (found.severity, "ends 10 bytes after the end of the file" in found.detail) == ("broken", True)
