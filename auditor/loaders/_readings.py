"""Which weights of a checkpoint's folder are read: one set of them, that the folder or a person names."""

import contextlib
import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from auditor.errors import InputError, UnsafeCheckpoint, near
from auditor.scan.member_names import leaves

ADAPTER: Final = "adapter_config.json"

_SHARD: Final = re.compile(r"-\d{5}-of-\d{5}\.")
_INDEX: Final = re.compile(r"(?P<stem>.+)\.(?P<kind>safetensors|bin)\.index(\.[\w-]+)?\.json")
_PICKLED: Final = re.compile(r"pytorch_model(\.[\w-]+)?\.bin")
_QUANTISERS: Final = ("quantize_config.json", "quant_config.json", "hf_quant_config.json")
_REMEDY: Final = "Give the checkpoint as it was before, or save it after model.dequantize()"


@dataclass(frozen=True, slots=True)
class Reading:
    """Weights that a folder can be read as.

    Attributes:
        name: the file that stands for them: the weights, or the index of their shards.
        files: where the tensors are.
        pickled: whether they are pickles.
        adapter: whether they are those of an adapter, which go on top of a base model.
    """

    name: str
    files: tuple[Path, ...]
    pickled: bool = False
    adapter: bool = False


def readings(path: Path) -> list[Reading]:
    """What a folder's own files can be read as, not what is in folders below it.

    Raises:
        InputError: an index names files that are not there, or an adapter has no weights.
    """
    names = sorted(file.name for file in path.iterdir() if file.is_file())
    found = [_sharded(path, name) for name in names if _INDEX.fullmatch(name)]
    listed = {file.name for reading in found for file in reading.files}
    single = [name for name in names if name not in listed and not name.startswith("adapter_model")]
    found += [Reading(name, (path / name,)) for name in single if name.endswith(".safetensors")]
    found += [Reading(name, (path / name,), pickled=True) for name in single if _PICKLED.fullmatch(name)]
    return found + ([_adapter(path, names)] if ADAPTER in names else [])


def _sharded(path: Path, name: str) -> Reading:
    try:
        places = sorted(set(json.loads((path / name).read_text(encoding="utf-8"))["weight_map"].values()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"does not read as an index of weights: {error}", place=str(path / name)) from None
    for place in places:
        if not isinstance(place, str) or leaves(place) or not (path / place).is_file():
            remedy = "Fetch or copy the whole checkpoint again"
            raise InputError(f"names weights that are not there: {place}", place=str(path / name), remedy=remedy)
    return Reading(name, tuple(path / place for place in places), pickled=".bin." in name)


def _adapter(path: Path, names: Sequence[str]) -> Reading:
    for name in ("adapter_model.safetensors", "adapter_model.bin"):
        if name in names:
            return Reading(name, (path / name,), pickled=name.endswith(".bin"), adapter=True)
    raise InputError("there is no adapter_model.safetensors beside it", place=str(path / ADAPTER))


def chosen(path: Path, weights: str | None, *, allow_pickle: bool, whole: bool = False) -> Reading:
    """The weights that are audited.

    Args:
        path: the folder.
        weights: the name of the file that a person chose; None takes the only ones.
        allow_pickle: whether pickles may be read.
        whole: whether adapters are left out, as of the base of one.

    Raises:
        InputError: there are none, or several that are not shown to be the same; says how to name one.
    """
    found = [reading for reading in readings(path) if not (whole and reading.adapter)]
    reading = _chosen(path, found, weights, allow_pickle=allow_pickle)
    if reading.pickled and not allow_pickle:
        remedy = "Convert them to safetensors, or allow torch's restricted unpickler with --allow-pickle"
        raise UnsafeCheckpoint(
            f"cannot load the weights of {reading.name}: its weights are pickles", place=str(path), remedy=remedy
        )
    return reading


def _chosen(path: Path, found: Sequence[Reading], weights: str | None, *, allow_pickle: bool) -> Reading:
    place = str(path)
    if weights is not None:
        return _named(found, weights, place)
    if not found:
        raise _nothing(path)
    _refuse_other_models(path, found)
    if len(found) == 1:
        return found[0]
    comparable = not any(reading.adapter or (reading.pickled and not allow_pickle) for reading in found)
    if comparable and all(_same(found[0], other) for other in found[1:]):
        return next((reading for reading in found if not reading.pickled), found[0])
    names = ", ".join(reading.name for reading in found)
    kinds = "an adapter beside whole weights" if any(reading.adapter for reading in found) else "several sets of weights"
    told = " that differ" if comparable else ""
    raise InputError(
        f"holds {kinds}{told}: {names}; which of them is read decides the answers",
        place=place,
        remedy=f"Name the one to audit, as in --weights {found[0].name}",
    )


def _named(found: Sequence[Reading], weights: str, place: str) -> Reading:
    names = [reading.name for reading in found]
    for reading in found:
        if weights == reading.name or (reading.adapter and weights in ("adapter", ADAPTER)):
            return reading
    known = f"the weights there are {', '.join(names)}" if names else "there are no weights"
    raise InputError(f"has no weights {weights!r}{near(weights, names)}; {known}", place=place, remedy="Name one of its files")


def _nothing(path: Path) -> InputError:
    below = sorted(
        str(file.parent.relative_to(path)) for pattern in ("*/config.json", f"*/{ADAPTER}") for file in path.glob(pattern)
    )
    if below:
        problem = f"holds no weights itself; checkpoints are in {', '.join(dict.fromkeys(below))}"
        return InputError(problem, place=str(path), remedy=f"Name one of them, as in --model {path / below[0]}")
    others = ", ".join(sorted(file.name for pattern in _OTHERS for file in path.glob(pattern)))
    problem = "cannot load the weights: there are no safetensors" + (f", only {others}" if others else "")
    return InputError(problem, place=str(path), remedy="Save it with model.save_pretrained, which writes safetensors")


_OTHERS: Final = ("*.bin", "*.h5", "*.msgpack", "*.gguf", "*.ckpt*", "*.pt", "*.pth", "*.ot")


def _refuse_other_models(path: Path, found: Sequence[Reading]) -> None:
    """Models of other kinds beside the weights are other readings of the folder."""
    others = sorted(file.name for pattern in ("*.onnx", "*.skops") for file in path.glob(pattern))
    if others:
        raise InputError(
            f"holds models of several kinds: {', '.join([*(reading.name for reading in found), *others])}",
            place=str(path),
            remedy=f"Name the one to audit, as in --weights {found[0].name}, or --model {path / others[0]}",
        )


def _same(one: Reading, other: Reading) -> bool:
    """Whether two sets of weights hold the same tensors, bit by bit."""
    first, second = _tensors(one), _tensors(other)
    return first.keys() == second.keys() and all(
        tensor.dtype == second[name].dtype and tensor.shape == second[name].shape and bool((tensor == second[name]).all())
        for name, tensor in first.items()
    )


def _tensors(reading: Reading) -> dict[str, Any]:
    import torch
    from safetensors.torch import load_file

    read = (lambda file: torch.load(file, weights_only=True, mmap=True)) if reading.pickled else load_file
    return {name: tensor for file in reading.files for name, tensor in read(file).items()}


@contextlib.contextmanager
def staged(path: Path, reading: Reading) -> Iterator[Path]:
    """A folder that holds the weights of one reading under their usual names, and nothing else that a library might read."""
    with tempfile.TemporaryDirectory(prefix="auditor-") as folder:
        stage = Path(folder)
        _link(path / "config.json", stage / "config.json")
        if _INDEX.fullmatch(reading.name):
            _link(
                path / reading.name,
                stage / ("pytorch_model.bin.index.json" if reading.pickled else "model.safetensors.index.json"),
            )
            for file in reading.files:
                _link(file, stage / file.name)
        else:
            _link(reading.files[0], stage / ("pytorch_model.bin" if reading.pickled else "model.safetensors"))
        yield stage


def _link(source: Path, target: Path) -> None:
    """A link where the system has them, else a copy."""
    import shutil

    try:
        target.symlink_to(source.resolve())
    except OSError:
        shutil.copyfile(source, target)


def check_not_quantised(path: Path, config: Mapping[str, Any], reading: Reading) -> None:
    """See that weights are numbers of their own, and not codes for such.

    Raises:
        InputError: they are quantised; says how.
    """
    for part in _nested(config):
        if settings := part.get("quantization_config") or part.get("compression_config"):
            how = (
                settings.get("quant_method", settings.get("quant_algo", "")) if isinstance(settings, Mapping) else str(settings)
            )
            bits = _bits(settings) if isinstance(settings, Mapping) else ""
            raise _quantised(f"{how or 'some way'}{bits}", path)
    if file := next((name for name in _QUANTISERS if (path / name).is_file()), None):
        raise _quantised(f"as {file} says", path)
    if name := next(_codes(reading), None):
        raise _quantised(f"such as {name}", path)


def _bits(settings: Mapping[str, Any]) -> str:
    bits = settings.get("bits") or (4 if settings.get("load_in_4bit") else 8 if settings.get("load_in_8bit") else None)
    return f", {bits} bits" if bits else ""


def _quantised(how: str, path: Path) -> InputError:
    problem = f"its weights are quantised ({how}); audited would be other answers than those of the library that made them"
    return InputError(problem, place=str(path), remedy=_REMEDY)


def _nested(config: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield config
    for part in config.values():
        if isinstance(part, Mapping):
            yield from _nested(part)


def _codes(reading: Reading) -> Iterator[str]:
    """Names of weights in small types, from the headers of safetensors."""
    for file in () if reading.pickled else reading.files:
        for name, kind in _types(file).items():
            small = kind in ("I8", "U8") and name.endswith(("weight", "weight_packed", "blocks"))
            if small or kind.startswith(("F8", "F6", "F4", "I4", "U4")) or name.endswith(("qweight", "qzeros", "SCB")):
                yield f"{name} in {kind}"


def _types(file: Path) -> dict[str, str]:
    import safetensors

    try:
        with safetensors.safe_open(str(file), framework="numpy") as tensors:
            return {name: tensors.get_slice(name).get_dtype() for name in tensors.keys()}  # noqa: SIM118 - it is no mapping
    except (OSError, safetensors.SafetensorError) as error:
        raise InputError(f"cannot load the weights: {error}", place=str(file)) from None
