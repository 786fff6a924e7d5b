"""Whatever the bytes are, a scan ends with findings and not with an exception."""

import gzip
import json
import pickle
import random
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hostile_checkpoints import evil, tarred, tensors, torch_zip, zipped
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.scan import scan
from auditor.scan.findings import Sheet
from auditor.scan.look import look
from auditor.scan.regions import Region, is_pickled

SEEDS = {
    "a.pkl": evil("true") + pickle.dumps([{"a": (1, "b")}, {2.5}], 4),
    "b.pkl": pickle.dumps({"a": [1, "b", 2.5, None]}, 0),
    "c.pt": torch_zip(pickle.dumps({"x": 1})),
    "d.tar": tarred({"x": b"1" * 100, "y": evil("true")}),
    "e.pkl.gz": gzip.compress(evil("true") * 5),
    "f.safetensors": tensors({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}, bytes(8)),
    "tokenizer_config.json": json.dumps({"chat_template": "{{ messages[0]['content'] }}", "auto_map": {"a": "b"}}).encode(),
    "g.npy": b"\x93NUMPY\x01\x00\x36\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n" + evil("true"),
    "h.onnx": b"\x3a\x0e\x2a\x0c\x6a\x0a\x0a\x08location",
    "i.gguf": b"GGUF" + bytes(20) + b"\x17" + bytes(7) + b"tokenizer.chat_template\x08\x00\x00\x00\x04" + bytes(7) + b"{{a}",
    "j.keras": zipped({"config.json": b'{"class_name": "Lambda"}'}, 8),
    "k.joblib": b"\x80\x04cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(\x8c\x05dtypecnumpy\ndtype\n\x8c\x02u1\x85Rub.",
    "l.jinja": b"{% if x.__class__ %}{{ '\\x5f' }}{% endif %}",
}


def looked_at(name: str, data: bytes) -> None:
    sheet = Sheet(name)
    look(Region(data, 0, len(data), name, pickled=is_pickled(name)), sheet)
    for finding in sheet.findings():
        assert finding.detail.isprintable()
        assert finding.inside.isprintable()
        json.dumps([finding.detail, finding.inside]).encode()


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(sorted(SEEDS)), data=st.binary(max_size=300))
def test_any_bytes(name, data):
    looked_at(name, data)


@pytest.mark.parametrize("name", SEEDS)
def test_damaged_files(name):
    rng = random.Random(name)
    original = SEEDS[name]
    for _ in range(300):
        data = bytearray(original[: rng.randrange(1, len(original) + 1)] if rng.random() < 0.3 else original)
        for _ in range(rng.randrange(1, 6)):
            data[rng.randrange(len(data))] = rng.choice((0, 255, rng.randrange(256)))
        looked_at(name, bytes(data))


@settings(max_examples=60, deadline=None)
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    ),
    protocol=st.integers(0, 5),
)
def test_plain_values_raise_no_alarm(value, protocol):
    with TemporaryDirectory() as folder:
        path = Path(folder, "x.pkl")
        path.write_bytes(pickle.dumps(value, protocol))
        # Protocols below 3 write empty bytes as a call of builtins.bytes, which torch's list does not have.
        assert {finding.severity for finding in scan(path)} <= ({"review"} if protocol < 3 else set())
