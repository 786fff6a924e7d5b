"""Arrays that joblib writes as raw bytes into the middle of a pickle, after the state of their wrapper.

Source: ``joblib/numpy_pickle.py``, ``NumpyArrayWrapper.read_array``.
"""

import math
import re
from typing import Final

from auditor.scan.machine import Machine, Made, Named
from auditor.scan.opcodes import walk
from auditor.scan.trust import trust

_WRAPPER: Final = Named("joblib.numpy_pickle", "NumpyArrayWrapper")
_DTYPE: Final = Named("numpy", "dtype")
_STRAY: Final = 16 << 20
_CODE: Final = re.compile(r"[<>|=]?([a-zA-Z?])(\d*)")


def skip(machine: Machine, made: Made) -> None:
    """Move the machine past the array that follows a wrapper, if this is one.

    What follows is also read as opcodes, because that is what an unpickler other than joblib's would do with it. Where it
    is a pickle of its own this reading mixes up the two memos, and so only names that are known to be dangerous count.

    Raises:
        ValueError: the wrapper does not say how large its array is, or its arrays read as opcodes for too long.
    """
    if made.by != _WRAPPER:
        return
    state = made.state if isinstance(made.state, dict) else {}
    letter, width = _item(state.get("dtype"))
    plain = _read_plainly(machine)
    if letter == "O":
        machine.names.update((name, None) for name in plain.names if trust(*name) == "malicious")
        _nested(machine)
        return
    if plain.called:
        machine.take(plain)
    _raw(machine, state, width)


def _read_plainly(machine: Machine) -> Machine:
    plain = machine.fork()
    walk(plain)
    machine.strayed += plain.at - plain.start
    if machine.strayed > _STRAY:
        raise ValueError("what follows its arrays reads as opcodes")
    return plain


def _item(dtype: object) -> tuple[str, int]:
    """Type letter and bytes of one item; ``O`` where items are objects, and nothing where the type is none of NumPy's."""
    if not isinstance(dtype, Made) or dtype.by != _DTYPE or not isinstance(dtype.given, tuple) or not dtype.given:
        return "", 0
    found = _CODE.fullmatch(str(dtype.given[0]))
    if not found:
        return "", 0
    letter, width = found[1], int(found[2] or 1)
    if letter == "V" and _holds_objects(dtype.state):
        letter = "O"
    return letter, width * 4 if letter == "U" else width


def _holds_objects(state: object) -> bool:
    """Whether a record's state has NumPy's flag for items that are counted references (NPY_ITEM_REFCOUNT = 1)."""
    return isinstance(state, tuple) and len(state) > 7 and isinstance(state[7], int) and bool(state[7] & 1)


def _nested(machine: Machine) -> None:
    inner = Machine(machine.data, machine.at, machine.end)
    broken = walk(inner)
    machine.take(inner)
    if broken:
        raise ValueError(broken)
    machine.at = inner.at


def _raw(machine: Machine, state: dict[object, object], width: int) -> None:
    shape = state.get("shape")
    if not width or not isinstance(shape, tuple) or not all(isinstance(side, int) for side in shape):
        raise ValueError("an array does not say how large it is")
    if isinstance(state.get("numpy_array_alignment_bytes"), int):
        padding = machine.number(1)
        machine.at += padding
    machine.at += math.prod(shape) * width
