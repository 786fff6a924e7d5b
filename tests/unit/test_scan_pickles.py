"""The opcode walker, against pickletools and against pickles built by hand."""

import datetime as dt
import decimal
import pickle
import pickletools
from collections import Counter, OrderedDict, defaultdict

import numpy as np
import pytest

from auditor.scan.findings import Sheet
from auditor.scan.joblib_arrays import skip
from auditor.scan.machine import Machine, Named
from auditor.scan.opcodes import _BY_CODE, ACTIONS, walk
from auditor.scan.pickles import read
from auditor.scan.regions import Region

OBJECTS = [
    None,
    {"a": [1, -1, 2.5, 1 << 40, 1 << 3000, "text", "ü" * 2000, b"raw", b"r" * 70_000, True]},
    [
        OrderedDict(a=1),
        Counter("aab"),
        defaultdict(list, x=[1]),
        {1, 2},
        frozenset("ab"),
        (),
        (1,),
        (1, 2),
        (1, 2, 3),
        (1, 2, 3, 4),
    ],
    [dt.date(2020, 1, 1), decimal.Decimal("1.5"), complex(1, 2), range(3), slice(1), bytearray(b"xyz" * 100), Ellipsis],
    [str(i) for i in range(3000)],
    {i: [i] for i in range(300)},
]


def walked(data: bytes) -> tuple[Machine, str | None]:
    machine = Machine(data, 0, len(data), skip)
    return machine, walk(machine)


def test_every_opcode_that_python_knows_is_known():
    known = {op.code.encode("latin-1") for op in pickletools.opcodes}
    assert known == set(_BY_CODE)
    assert len(ACTIONS) == 256


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("value", OBJECTS)
def test_walks_to_the_end_and_names_what_python_imports(value, protocol):
    data = pickle.dumps(value, protocol)
    machine, broken = walked(data + b"rest")
    imported = []

    class Recorder(pickle.Unpickler):
        def find_class(self, module, name):
            imported.append(Named(module, name))
            return super().find_class(module, name)

    import io

    Recorder(io.BytesIO(data)).load()
    assert broken is None
    assert machine.at == len(data)
    # Below protocol 3, Python's own find_class is what maps names of Python 2; protocol 4 has nothing to map.
    assert {n.name for n in machine.names} == {n.name for n in imported} or protocol < 3
    if protocol >= 3:
        assert list(machine.names) == list(dict.fromkeys(imported))


def test_names_of_python_2_count_as_what_they_are_today():
    machine, _ = walked(b"c__builtin__\nxrange\ncUserDict\nIterableUserDict\n.")
    assert list(machine.names) == [Named("builtins", "range"), Named("collections", "UserDict")]
    machine, _ = walked(b"\x80\x03c__builtin__\nxrange\n.")
    assert list(machine.names) == [Named("__builtin__", "xrange")]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"N",
        b"\x80\x09N.",
        b"\xff.",
        b"0.",
        b"R.",
        b"h\x05.",
        b"g9\n.",
        b"gx\n.",
        b"t.",
        b"S'open\n.",
        b"cno\nend",
        b"c\xff\n\xfe\n.",
        b"\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.",
        b"(.",
        b"\x85.",
        b"(K\x01K\x02K\x03d.",
        b"a.",
        b"\x98.",
    ],
)
def test_streams_that_cannot_be_read_say_so(data):
    _, broken = walked(data)
    assert broken is not None
    assert broken.startswith("it ")
    with pytest.raises(Exception):  # noqa: B017, PT011  (Python raises a dozen kinds)
        pickle.loads(data)


def test_a_stream_that_grows_without_end_is_given_up():
    _, broken = walked(b"(" * 6_000_000)
    assert broken == "it holds more values than the scanner follows"


def found(data: bytes, name: str = "x.pkl") -> list[tuple[str, str]]:
    sheet = Sheet(name)
    read(Region(data, 0, len(data), name, pickled=name.endswith(".pkl")), sheet)
    return [(finding.severity, finding.kind) for finding in sheet.findings()]


def test_bytes_of_another_name_are_a_pickle_only_where_they_call_something():
    assert found(b"cat\ndog\n.rest", "vocab.txt") == [("unsafe", "pickle global")]
    assert found(b"cat\ndog\nrest", "vocab.txt") == []
    assert found(b"c@@\n##\n)R.", "weights") == []
    assert found(b"N.", "weights") == []
    assert found(pickle.dumps({"a": 1}) + b"N", "weights") == []
    assert found(b"cat\ndog\nrest") == [("unsafe", "pickle global"), ("broken", "broken pickle")]


def test_too_many_pickles_in_a_row():
    assert found(pickle.dumps(None) * 10_001) == [("broken", "broken pickle")]
    assert found(pickle.dumps(None) * 100) == []


class TestJoblibArrays:
    def dump(self, value, tmp_path):
        import joblib

        joblib.dump(value, tmp_path / "x.joblib")
        return (tmp_path / "x.joblib").read_bytes()

    @pytest.mark.parametrize(
        "array",
        [
            np.arange(1000.0),
            np.zeros((0, 4)),
            np.array(3),
            np.array(["ab", "cde"]),
            np.array([b"ab"]),
            np.array([True]),
            np.array(["2020-01-01"], dtype="M8[D]"),
            np.zeros(3, dtype=[("a", "f8"), ("b", "U3")]),
            np.zeros(3, dtype=[("a", "f8"), ("b", "O")]),
            np.array([None, "x"], dtype=object),
            np.asfortranarray(np.arange(12.0).reshape(3, 4)),
        ],
        ids=str,
    )
    def test_arrays_are_skipped_to_their_last_byte(self, array, tmp_path):
        data = self.dump([array, "behind", array], tmp_path)
        machine, broken = walked(data)
        assert broken is None
        assert machine.at == len(data)

    @pytest.mark.parametrize(
        "state",
        [
            b"}",
            b"}\x8c\x05dtypecnumpy\ndtype\n\x8c\x02f8\x85Rs",
            b"}\x8c\x05dtypecnumpy\ndtype\nK\x01\x85Rs",
            b"}\x8c\x05dtypeNs",
            b"N",
        ],
    )
    def test_a_wrapper_must_say_how_large_it_is(self, state):
        _, broken = walked(b"\x80\x04cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81" + state + b"b.")
        assert "an array does not say how large it is" in broken

    def test_a_broken_pickle_in_an_array_breaks_the_stream(self):
        state = b"}\x8c\x05dtypecnumpy\ndtype\n\x8c\x02O8\x85Rs"
        _, broken = walked(b"\x80\x04cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81" + state + b"b\xff.")
        assert "is no opcode" in broken

    def test_arrays_below_too_many_values(self):
        _, broken = walked(b"\x80\x04" + b"N" * 200_000 + b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}b.")
        assert "below too many values" in broken

    def test_arrays_that_read_as_opcodes_for_too_long(self):
        state = b"}(\x8c\x05dtypecnumpy\ndtype\n\x8c\x02u1\x85R\x8c\x05shapeK\x00\x85ub0"
        wrapper = b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81" + state
        _, broken = walked(b"\x80\x04" + wrapper * 40 + b"N0" * 1_000_000 + b"N.")
        assert "reads as opcodes" in broken
