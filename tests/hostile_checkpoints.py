"""Checkpoints that would create a file if they were loaded: written anew by every test, never kept.

``CASES`` maps a name to how the checkpoint is written, the severity it has to be reported with, and whether Python's own
``pickle.load`` runs it (which a test uses to show that the payloads are live).
"""

import bz2
import gzip
import io
import json
import lzma
import os
import pickle
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Build = Callable[[Path, str], Path]


@dataclass(frozen=True)
class Case:
    build: Build
    severity: str
    live: bool = False


CASES: dict[str, Case] = {}


def case(severity: str, *, live: bool = False) -> Callable[[Build], Build]:
    """Register how a checkpoint is written: ``build(folder, command)`` returns what is to be scanned."""

    def register(build: Build) -> Build:
        CASES[build.__name__] = Case(build, severity, live)
        return build

    return register


class Runs:
    """Pickles as a call of a function."""

    def __init__(self, function: Callable[..., object], *given: object) -> None:
        self.function, self.given = function, given

    def __reduce__(self) -> tuple[object, ...]:
        return self.function, self.given


def text(value: str) -> bytes:
    """A short string of protocol 4."""
    raw = value.encode()
    return b"\x8c" + bytes([len(raw)]) + raw


def called(module: str, name: str, *given: str, protocol: int = 4) -> bytes:
    """A pickle that calls ``module.name`` with texts."""
    arguments = b"(" + b"".join(b"X" + struct.pack("<I", len(g.encode())) + g.encode() for g in given) + b"t"
    return b"\x80" + bytes([protocol]) + f"c{module}\n{name}\n".encode() + arguments + b"R."


def stacked(*before_name: bytes, command: str) -> bytes:
    """A pickle that makes its function with STACK_GLOBAL of whatever is on the stack."""
    return b"\x80\x04" + b"".join(before_name) + b"\x93" + text(command) + b"\x85R."


def evil(command: str, protocol: int = 4) -> bytes:
    return called("os", "system", command, protocol=protocol)


def put(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred(members: dict[str, bytes], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def torch_zip(pickled: bytes, more: dict[str, bytes] | None = None) -> bytes:
    plain = {
        "archive/data.pkl": pickled,
        "archive/byteorder": b"little",
        "archive/data/0": bytes(400),
        "archive/version": b"3\n",
    }
    return zipped({**plain, **(more or {})})


# Pickles, by what they call.


def _of_protocol(protocol: int) -> Build:
    def build(folder: Path, command: str) -> Path:
        return put(folder, "model.pkl", pickle.dumps(Runs(os.system, command), protocol))

    return build


for _protocol in range(6):
    CASES[f"os_system_protocol_{_protocol}"] = Case(_of_protocol(_protocol), "malicious", live=True)


def _calling(module: str, name: str, *given: str) -> Build:
    def build(folder: Path, command: str) -> Path:
        return put(folder, "pytorch_model.bin", called(module, name, *(g.format(command=command) for g in given)))

    return build


_RUN = "__import__('os').system({command!r})"
for _name, (_module, _function, _given) in {
    "eval": ("builtins", "eval", _RUN),
    "exec": ("builtins", "exec", _RUN),
    "timeit": ("timeit", "timeit", f"[{_RUN}, 1 / 0]"),  # which would else run a million times
    "python2_eval": ("__builtin__", "eval", _RUN),
    "getoutput": ("subprocess", "getoutput", "{command}"),
}.items():
    CASES[_name] = Case(_calling(_module, _function, _given), "malicious", live=_name != "python2_eval")
for _name, (_module, _function, _given) in {
    "collect_env_run": ("torch.utils.collect_env", "run", "{command}"),
    "runstring": ("numpy.testing._private.utils", "runstring", _RUN),
    "spawnv_passfds": ("multiprocessing.util", "spawnv_passfds", "{command}"),
    "read_csv": ("pandas", "read_csv", "http://localhost/?{command}"),
    "numpy_builtins": ("numpy", "__builtins__.eval", _RUN),
    "ufunc_reconstruct": ("numpy._core", "_ufunc_reconstruct", "os"),
    "partial": ("functools", "partial", "{command}"),
    "torch_load": ("torch", "load", "{command}"),
    "dunder": ("collections", "OrderedDict.__init__.__globals__", "{command}"),
}.items():
    CASES[_name] = Case(_calling(_module, _function, _given), "malicious")
for _name, (_module, _function, _given) in {
    "unlisted": ("my_library.models", "Restore", "{command}"),
    "training_code": ("torch.nn.modules.linear", "Linear", "{command}"),
    "sklearn_download": ("sklearn.datasets", "load_files", "{command}"),
}.items():
    CASES[_name] = Case(_calling(_module, _function, _given), "unsafe")


# Pickles, by how they hide it.


@case("malicious", live=True)
def inst(folder: Path, command: str) -> Path:
    return put(folder, "model.pkl", f"(S{command!r}\nios\nsystem\n.".encode())


@case("malicious", live=True)
def obj(folder: Path, command: str) -> Path:
    return put(folder, "model.pkl", f"(cos\nsystem\nS{command!r}\no.".encode())


@case("malicious", live=True)
def memoized_strings(folder: Path, command: str) -> Path:
    strings = text("posix") + b"\x940" + text("system") + b"\x940" + text("OrderedDict") + b"\x940"
    return put(folder, "model.pkl", stacked(strings, b"h\x00h\x01", command=command))


@case("malicious", live=True)
def overwritten_memo(folder: Path, command: str) -> Path:
    strings = text("collections") + b"q\x070" + text("os") + b"q\x070"
    return put(folder, "model.pkl", stacked(strings, b"h\x07", text("system"), command=command))


@case("malicious", live=True)
def duplicated_and_dropped(folder: Path, command: str) -> Path:
    return put(
        folder, "model.pkl", stacked(text("os"), b"20(", text("x"), b"N1", text("y") + b"0", text("system"), command=command)
    )


@case("malicious", live=True)
def popped_mark(folder: Path, command: str) -> Path:
    return put(folder, "model.pkl", stacked(text("os"), b"(0", text("system"), command=command))


@case("malicious", live=True)
def escaped_string(folder: Path, command: str) -> Path:
    return put(folder, "model.pkl", stacked(b"S'\\x6f\\163'\n", text("system"), command=command))


@case("malicious", live=True)
def escaped_unicode(folder: Path, command: str) -> Path:
    return put(folder, "model.pkl", stacked(b"V\\u006fs\n", text("system"), command=command))


@case("malicious", live=True)
def long_strings(folder: Path, command: str) -> Path:
    module, name = b"\x8d" + struct.pack("<Q", 2) + b"os", b"X" + struct.pack("<I", 6) + b"system"
    return put(folder, "model.pkl", stacked(module, name, command=command))


@case("malicious", live=True)
def framed_and_reprotocolled(folder: Path, command: str) -> Path:
    return put(folder, "model.pkl", b"\x80\x05\x95" + struct.pack("<Q", 1) + b"N0" + evil(command))


@case("unsafe")
def computed_name(folder: Path, command: str) -> Path:
    module = b"c_codecs\nencode\n" + text("so") + text("rot13") + b"\x86R"
    return put(folder, "model.pkl", stacked(module, text("system"), command=command))


@case("unsafe")
def overlong_name(folder: Path, command: str) -> Path:
    module = b"X" + struct.pack("<I", 2000) + b"o" * 2000
    return put(folder, "model.pkl", stacked(module, text("system"), command=command))


@case("unsafe")
def extension_code(folder: Path, command: str) -> Path:
    return put(folder, "model.pkl", b"\x80\x02\x82\x07" + text(command) + b"\x85R.")


@case("unsafe")
def wide_extension_codes(folder: Path, _: str) -> Path:
    return put(folder, "model.pkl", b"\x80\x02\x83\x07\x00\x84\x07\x00\x00\x00\x86.")


@case("unsafe")
def call_of_a_result(folder: Path, command: str) -> Path:
    return put(folder, "model.pkl", b"\x80\x02ccollections\nOrderedDict\n)R" + text(command) + b"\x85R.")


@case("unsafe")
def attributes_of_a_class(folder: Path, command: str) -> Path:
    return put(folder, "model.pkl", b"\x80\x02ctorch\nTensor\n}" + text("__len__") + text(command) + b"sb.")


@case("malicious")
def second_pickle(folder: Path, command: str) -> Path:
    return put(folder, "model.pkl", pickle.dumps({"weights": [1.0]}) + evil(command))


@case("malicious")
def truncated_after_payload(folder: Path, command: str) -> Path:
    return put(folder, "model.pkl", evil(command)[:-1] + b"\x8c\xff")


@case("broken")
def truncated(folder: Path, _: str) -> Path:
    return put(folder, "model.pt", pickle.dumps({"a": list(range(1000))})[:200])


@case("broken")
def no_pickle(folder: Path, _: str) -> Path:
    return put(folder, "model.pkl", b"<html>not found</html>")


@case("broken")
def empty(folder: Path, _: str) -> Path:
    return put(folder, "pytorch_model.bin", b"")


# joblib and NumPy.


def _joblib(compress: object) -> Build:
    def build(folder: Path, command: str) -> Path:
        import joblib

        joblib.dump({"model": Runs(os.system, command)}, folder / "model.joblib", compress=compress)
        return folder / "model.joblib"

    return build


for _packing in ("zlib", "gzip", "bz2", "lzma", "xz"):
    CASES[f"joblib_{_packing}"] = Case(_joblib((_packing, 3)), "malicious")
CASES["joblib_plain"] = Case(_joblib(0), "malicious", live=True)


@case("malicious")
def joblib_old_format(folder: Path, command: str) -> Path:
    data = evil(command)
    return put(folder, "model.pkl", b"ZF" + hex(len(data)).encode().ljust(19) + zlib.compress(data))


def _wrapper(dtype: str) -> bytes:
    """What joblib writes before the bytes of an array of 200 items."""
    made = b"cnumpy\ndtype\n" + text(dtype) + b"\x89\x88\x87R"
    state = text("dtype") + made + text("shape") + b"K\xc8\x85"
    return b"\x80\x04cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(" + state + b"ub"


@case("malicious")
def opcodes_as_array(folder: Path, command: str) -> Path:
    """joblib takes the payload for numbers, ``pickle.load`` takes it for opcodes."""
    payload = b"0" + evil(command)
    return put(folder, "model.pkl", _wrapper("u1") + payload.ljust(200, b".") + b".")


@case("malicious")
def opcodes_as_object_array(folder: Path, command: str) -> Path:
    """The same with an array of objects, whose pickle has a memo of its own for joblib only."""
    outer = text("os") + b"q\x000" + text("system") + b"q\x010"
    inner = text("collections") + b"q\x000" + text("OrderedDict") + b"q\x010h\x00h\x01\x93" + text(command) + b"\x85R."
    hidden = b"\x80\x04h\x00h\x01\x93" + text(command) + b"\x85R0" + inner
    return put(folder, "model.pkl", b"\x80\x04" + outer + _wrapper("O8") + hidden + b".")


@case("malicious")
def object_in_joblib_array(folder: Path, command: str) -> Path:
    import joblib
    import numpy as np

    joblib.dump(np.array([Runs(os.system, command)], dtype=object), folder / "model.joblib")
    return folder / "model.joblib"


@case("malicious")
def object_npy(folder: Path, command: str) -> Path:
    import numpy as np

    np.save(folder / "vectors.npy", np.array([Runs(os.system, command)], dtype=object), allow_pickle=True)
    return folder / "vectors.npy"


@case("malicious")
def object_npz(folder: Path, command: str) -> Path:
    import numpy as np

    np.savez_compressed(folder / "vectors.npz", a=np.ones(3), b=np.array([Runs(os.system, command)], dtype=object))
    return folder / "vectors.npz"


@case("broken")
def npy_header(folder: Path, _: str) -> Path:
    return put(folder, "a.npy", b"\x93NUMPY\x01\x00\x10\x00{'descr': open()}")


# Archives.


@case("malicious")
def torch_archive(folder: Path, command: str) -> Path:
    import torch

    torch.save({"weight": torch.zeros(3), "hook": Runs(os.system, command)}, folder / "model.pt")
    return folder / "model.pt"


@case("malicious")
def torch_legacy(folder: Path, command: str) -> Path:
    import torch

    state = {"weight": torch.zeros(3), "hook": Runs(os.system, command)}
    torch.save(state, folder / "model.pt", _use_new_zipfile_serialization=False)
    return folder / "model.pt"


@case("malicious")
def hidden_in_torch_archive(folder: Path, command: str) -> Path:
    return put(folder, "model.pt", torch_zip(pickle.dumps({}), {"archive/data/17": evil(command)}))


@case("malicious")
def hidden_without_header(folder: Path, command: str) -> Path:
    return put(
        folder, "model.pt", torch_zip(pickle.dumps({}), {"archive/.notes.png": f"cos\nsystem\n(S{command!r}\ntR.".encode()})
    )


@case("malicious")
def corrupt_checksum(folder: Path, command: str) -> Path:
    data = bytearray(torch_zip(evil(command)))
    data[14] ^= 0xFF
    data[data.find(b"PK\x01\x02") + 16] ^= 0xFF
    return put(folder, "model.pt", bytes(data))


@case("broken")
def corrupt_checksum_of_clean(folder: Path, _: str) -> Path:
    data = torch_zip(pickle.dumps({"weights": [1.5, 2.5]}))
    return put(folder, "model.pt", data.replace(b"weights", b"weighty", 1))


@case("malicious")
def marked_encrypted(folder: Path, command: str) -> Path:
    data = bytearray(torch_zip(evil(command)))
    data[6] |= 1
    data[data.find(b"PK\x01\x02") + 8] |= 1
    return put(folder, "model.pt", bytes(data))


@case("broken")
def other_name_in_own_header(folder: Path, _: str) -> Path:
    return put(folder, "model.pt", torch_zip(pickle.dumps({})).replace(b"archive/data.pkl", b"archive/data.txt", 1))


@case("malicious")
def archive_without_directory(folder: Path, command: str) -> Path:
    data = torch_zip(evil(command))
    return put(folder, "model.pt", data[: data.find(b"PK\x01\x02")])


@case("broken")
def unknown_packing(folder: Path, command: str) -> Path:
    data = bytearray(zipped({"x": evil(command)}))
    data[data.find(b"PK\x01\x02") + 10] = 97
    return put(folder, "model.zip", bytes(data))


@case("malicious")
def deflated_archive(folder: Path, command: str) -> Path:
    return put(folder, "model.bin", zipped({"w": evil(command)}, zipfile.ZIP_DEFLATED))


@case("malicious")
def bzipped_archive(folder: Path, command: str) -> Path:
    return put(folder, "model.bin", zipped({"w": evil(command)}, zipfile.ZIP_BZIP2))


@case("malicious")
def nested_archives(folder: Path, command: str) -> Path:
    inner = gzip.compress(zipped({"a/model.pt": torch_zip(evil(command))}, zipfile.ZIP_DEFLATED))
    return put(folder, "backup.tar", tarred({"old/weights.dat": inner}))


@case("malicious")
def packed_twice(folder: Path, command: str) -> Path:
    return put(folder, "model.pkl.xz", lzma.compress(bz2.compress(evil(command))))


@case("malicious")
def zstandard(folder: Path, command: str) -> Path:
    import zstandard as zstd

    return put(folder, "model.pkl.zst", zstd.ZstdCompressor().compress(evil(command)))


@case("malicious")
def gzip_with_wrong_checksum(folder: Path, command: str) -> Path:
    data = gzip.compress(evil(command))
    return put(folder, "model.pkl", data[:-8] + bytes(4) + data[-4:])


@case("malicious")
def truncated_gzip(folder: Path, command: str) -> Path:
    data = gzip.compress(evil(command) + os.urandom(20_000))
    return put(folder, "model.pkl", data[:9_000])


@case("malicious")
def torch_tar(folder: Path, command: str) -> Path:
    return put(folder, "model.pt", tarred({"sys_info": pickle.dumps({}), "pickle": evil(command), "storages": pickle.dumps(0)}))


@case("malicious")
def tar_gz(folder: Path, command: str) -> Path:
    return put(folder, "model.nemo", tarred({"model_weights.ckpt": torch_zip(evil(command))}, "w:gz"))


@case("malicious", live=True)
def pickle_before_archive(folder: Path, command: str) -> Path:
    return put(folder, "model.bin", evil(command) + torch_zip(pickle.dumps({})))


@case("malicious")
def archive_behind_text(folder: Path, command: str) -> Path:
    return put(folder, "README.md", b"# A model\n" + zipped({"x": evil(command)}))


@case("unsafe")
def member_outside(folder: Path, _: str) -> Path:
    return put(folder, "model.zip", zipped({"../../.bashrc": b"touch"}))


@case("unsafe")
def tar_link_outside(folder: Path, _: str) -> Path:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        entry = tarfile.TarInfo("weights")
        entry.type, entry.linkname = tarfile.SYMTYPE, "../../etc/passwd"
        archive.addfile(entry)
    return put(folder, "model.tar", out.getvalue())


@case("unsafe")
def tar_device(folder: Path, _: str) -> Path:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        entry = tarfile.TarInfo("weights")
        entry.type = tarfile.CHRTYPE
        archive.addfile(entry)
    return put(folder, "model.tar", out.getvalue())


@case("unsafe")
def deep_nesting(folder: Path, command: str) -> Path:
    data = evil(command)
    for _ in range(12):
        data = gzip.compress(data)
    return put(folder, "model.pkl", data)


@case("unsafe")
def torchscript(folder: Path, _: str) -> Path:
    code = {"archive/code/__torch__.py": b"class Net(Module):\n", "archive/constants.pkl": pickle.dumps(())}
    return put(folder, "model.pt", torch_zip(b"\x80\x02c__torch__\nNet\n)\x81.", code))


# Folders and other formats.


def _json(name: str, value: object) -> Build:
    def build(folder: Path, _: str) -> Path:
        put(folder, name, json.dumps(value).encode())
        return folder

    return build


_TEMPLATES = {
    "dunder_template": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "escaped_template": "{{ cycler['\\x5f\\x5finit\\x5f\\x5f'] }}",
    "pieced_template": "{{ messages['_' ~ '_class_' ~ '_'] }}",
    "attr_template": "{{ messages|attr(messages[0].content) }}",
    "import_template": "{% import messages[0].content as m %}",
    "os_template": '{% set x = "}}" %}{{ lipsum.os.popen("id") }}',
    "named_escape_template": "{{ messages['\\N{low line}\\N{low line}class'] }}",
}
for _name, _template in _TEMPLATES.items():
    CASES[_name] = Case(_json("tokenizer_config.json", {"chat_template": _template}), "unsafe")
CASES |= {
    "auto_map": Case(_json("config.json", {"auto_map": {"AutoModel": "modeling.Evil"}}), "unsafe"),
    "custom_pipeline": Case(_json("config.json", {"custom_pipelines": {"x": {"impl": "evil.Pipe"}}}), "unsafe"),
    "second_template": Case(
        _json("tokenizer_config.json", {"chat_template": [{"name": "tool", "template": _TEMPLATES["dunder_template"]}]}),
        "unsafe",
    ),
    "index_outside": Case(_json("model.safetensors.index.json", {"weight_map": {"w": "../../x.safetensors"}}), "unsafe"),
    "broken_configuration": Case(lambda folder, _: put(folder, "config.json", b"{"), "broken"),
    "deep_configuration": Case(lambda folder, _: put(folder, "config.json", b"[" * 200_000), "broken"),
}


@case("unsafe")
def remote_code(folder: Path, command: str) -> Path:
    put(folder, "modeling_evil.py", f"import os\nos.system({command!r})\n".encode())
    return folder


@case("unsafe")
def native_code(folder: Path, _: str) -> Path:
    return put(folder, "kernel.bin", b"\x7fELF\x02\x01\x01" + bytes(60))


@case("unsafe")
def template_file(folder: Path, _: str) -> Path:
    return put(folder, "chat_template.jinja", _TEMPLATES["dunder_template"].encode())


@case("broken")
def unreadable_template(folder: Path, _: str) -> Path:
    return put(folder, "chat_template.jinja", b"{{ 'never closed ")


@case("unsafe")
def gguf_template(folder: Path, _: str) -> Path:
    key, value = b"tokenizer.chat_template", _TEMPLATES["dunder_template"].encode()
    entry = struct.pack("<Q", len(key)) + key + struct.pack("<IQ", 8, len(value)) + value
    return put(folder, "model.gguf", b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + entry)


@case("unsafe")
def keras_lambda(folder: Path, _: str) -> Path:
    layers = {"config": {"layers": [{"module": "keras.layers", "class_name": "Lambda", "config": {"function": "4wEAAAA="}}]}}
    return put(folder, "model.keras", zipped({"config.json": json.dumps(layers).encode(), "metadata.json": b"{}"}))


@case("unsafe")
def keras_foreign_module(folder: Path, command: str) -> Path:
    layers = {"layers": [{"module": "os", "class_name": "system", "config": command}]}
    return put(folder, "model.keras", zipped({"config.json": json.dumps(layers).encode()}))


@case("unsafe")
def keras_hdf5(folder: Path, _: str) -> Path:
    return put(folder, "model.h5", b"\x89HDF\r\n\x1a\n" + bytes(100) + b'{"class_name": "Lambda"}')


@case("malicious")
def skops_function(folder: Path, command: str) -> Path:
    schema = {"__class__": "system", "__module__": "posix", "__loader__": "FunctionNode", "content": command}
    return put(folder, "model.skops", zipped({"schema.json": json.dumps(schema).encode()}))


@case("unsafe")
def onnx_outside(folder: Path, _: str) -> Path:
    def part(number: int, data: bytes) -> bytes:
        return bytes([number << 3 | 2, len(data)]) + data

    entry = part(1, b"location") + part(2, b"../../../etc/passwd")
    return put(folder, "model.onnx", part(7, part(5, part(13, entry))))


@case("broken")
def onnx_damaged(folder: Path, _: str) -> Path:
    return put(folder, "model.onnx", b"\x3a\xff\xff\xff\x7f")


@case("unsafe")
def yaml_tag(folder: Path, command: str) -> Path:
    return put(folder, "model_config.yaml", f"x: !!python/object/apply:os.system [{command!r}]\n".encode())


@case("unsafe")
def link_outside(folder: Path, _: str) -> Path:
    inside = folder / "model"
    inside.mkdir()
    put(folder, "secret", b"secret")
    (inside / "vocab.txt").symlink_to(folder / "secret")
    return inside


@case("unsafe")
def linked_folder(folder: Path, _: str) -> Path:
    (folder / "a").mkdir()
    (folder / "b").symlink_to(folder / "a", target_is_directory=True)
    return folder


@case("unsafe")
def dangling_link(folder: Path, _: str) -> Path:
    (folder / "model.safetensors").symlink_to(folder / "nowhere")
    return folder


@case("unsafe")
def named_pipe(folder: Path, _: str) -> Path:
    os.mkfifo(folder / "model.safetensors")
    return folder


@case("broken")
def lfs_pointer(folder: Path, _: str) -> Path:
    return put(folder, "model.bin", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")


def tensors(header: object, data: bytes) -> bytes:
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(raw)) + raw + data


def _f32(start: int, end: int) -> dict[str, object]:
    return {"dtype": "F32", "shape": [(end - start) // 4], "data_offsets": [start, end]}


for _name, (_header, _data) in {
    "tensors_overlap": ({"a": _f32(0, 8), "b": _f32(4, 12)}, bytes(12)),
    "tensors_gap": ({"a": _f32(0, 8), "b": _f32(12, 16)}, bytes(16)),
    "tensors_short": ({"a": _f32(0, 8)}, bytes(4)),
    "tensors_tail": ({"a": _f32(0, 8)}, bytes(12)),
    "tensors_wrong_size": ({"a": {**_f32(0, 8), "shape": [3]}}, bytes(8)),
    "tensors_negative": ({"a": {**_f32(0, 8), "data_offsets": [-8, 0]}}, bytes(8)),
    "tensors_unknown_type": ({"a": {**_f32(0, 8), "dtype": "F7"}}, bytes(8)),
    "tensors_no_offsets": ({"a": {"dtype": "F32"}}, b""),
    "tensors_list": ([], b""),
    "tensors_twice": (b'{"a":{},"a":{}}', b""),
    "tensors_metadata": ({"__metadata__": {"a": 1}}, b""),
    "tensors_much_metadata": ({"__metadata__": {"a": "x" * (1 << 21)}}, b""),
}.items():

    def _tensors(folder: Path, _: str, header: object = _header, data: bytes = _data) -> Path:
        return put(folder, "model.safetensors", tensors(header, data))

    CASES[_name] = Case(_tensors, "broken")
CASES["tensors_huge_header"] = Case(lambda folder, _: put(folder, "m.safetensors", b"\xff" * 8 + b"{}"), "broken")
CASES["tensors_empty"] = Case(lambda folder, _: put(folder, "m.safetensors", b""), "broken")
