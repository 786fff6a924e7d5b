"""Headers of safetensors files.

Source: the format's description in https://github.com/huggingface/safetensors (README, "Format").
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from auditor.scan.findings import Sheet
from auditor.scan.regions import Region

_LONGEST: Final = 100_000_000
_METADATA: Final = 1 << 20
_BITS: Final[Mapping[str, int]] = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8,
    "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32,
    "I64": 64, "U64": 64, "F64": 64, "C64": 64,
}  # fmt: skip


def read(region: Region, sheet: Sheet) -> bool:
    """Check a header: its length, that tensors fill the data without gaps or overlaps, their sizes, the metadata.

    Returns:
        Whether the region is a safetensors file, by its name or its first bytes.
    """
    length = int.from_bytes(region.head(8), "little")
    if region.suffix != ".safetensors" and not (region.head(2, skip=8) == b'{"' and length <= region.size - 8):
        return False
    for problem in _problems(region, length):
        sheet.add("broken", "safetensors header", problem, region.inside)
    return True


def _problems(region: Region, length: int) -> Iterable[str]:
    if region.size < 8 or length > min(_LONGEST, region.size - 8):
        return [f"it says that it is {length} bytes long, in a file of {region.size}"]
    try:
        header = json.loads(region.head(length, skip=8), object_pairs_hook=_without_repeats)
        metadata = header.pop("__metadata__", {})
        spans = [_span(name, entry) for name, entry in header.items()]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return [f"it cannot be read ({type(error).__name__}: {error})"]
    return [*_metadata(metadata), *_layout(spans, region.size - 8 - length)]


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found


def _span(name: str, entry: Mapping[str, object]) -> tuple[int, int, str]:
    """First byte, end and name of a tensor.

    Raises:
        ValueError: its size is not that of its shape and type.
    """
    (start, end), shape, kind = _whole(entry["data_offsets"]), _whole(entry["shape"]), entry["dtype"]
    if not isinstance(kind, str) or kind not in _BITS:
        raise ValueError(f"tensor {name!r} has the unknown type {kind!r}")
    if math.prod(shape) * _BITS[kind] != (end - start) * 8:
        raise ValueError(f"tensor {name!r} takes {end - start} bytes, which does not fit its shape {shape} of {kind}")
    return start, end, name


def _whole(value: object) -> list[int]:
    if not isinstance(value, list) or not all(isinstance(number, int) and number >= 0 for number in value):
        raise ValueError(f"{value!r} is no list of whole numbers")
    return value


def _layout(spans: Sequence[tuple[int, int, str]], size: int) -> Iterator[str]:
    """Tensors must follow each other from the first byte of the data to the last."""
    ordered = [(0, 0, "the start"), *sorted(spans), (size, size, "the end of the file")]
    for (_, end, before), (start, _, after) in pairwise(ordered):
        if start == size < end:
            yield f"{before} ends {end - start} bytes after the end of the file, which is cut short"
        elif start < end:
            yield f"{before} and {after} overlap by {end - start} bytes"
        elif start > end:
            yield f"{start - end} bytes between {before} and {after} belong to no tensor"


def _metadata(metadata: object) -> Iterator[str]:
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        yield "its metadata are not texts by name"
    elif (size := sum(len(name) + len(value) for name, value in metadata.items())) > _METADATA:
        yield f"its metadata take {size} characters"
