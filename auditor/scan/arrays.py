"""NumPy array files: arrays of objects are pickles.

Source: NumPy Enhancement Proposal 1, and ``numpy/lib/format.py`` for versions 2 and 3.
"""

import ast
from typing import Final

from auditor.scan.findings import Sheet
from auditor.scan.regions import Region

_MAGIC: Final = b"\x93NUMPY"
_LONGEST: Final = 1 << 16


def payload(region: Region, sheet: Sheet) -> list[Region] | None:
    """The pickle in an array of objects, if it is one; None where the region is no array."""
    if region.head(6) != _MAGIC:
        return None
    wide = 2 if region.head(1, skip=6) == b"\x01" else 4
    length = int.from_bytes(region.head(wide, skip=8), "little")
    try:
        objects = _has_objects(_header(region.head(min(length, _LONGEST), skip=8 + wide))["descr"])
    except (ValueError, SyntaxError, TypeError, KeyError, RecursionError, MemoryError) as error:
        sheet.add("broken", "array header", f"it cannot be read ({type(error).__name__}: {error})", region.inside)
        objects = True
    else:
        if objects:
            sheet.add("review", "object array", "holds Python objects, which load only by unpickling", region.inside)
    start = region.start + 8 + wide + length
    return [Region(region.data, start, region.end, region.name, region.inside, region.depth + 1, objects)] if objects else []


def _header(text: bytes) -> dict[str, object]:
    header = ast.literal_eval(text.decode("utf-8").strip())
    if not isinstance(header, dict):
        raise TypeError(f"{header!r} is no dictionary")
    return header


def _has_objects(descr: object) -> bool:
    """Whether a type description has an object in it: ``"|O"``, or a list of fields, or a pair of a type and a shape."""
    if isinstance(descr, str):
        return "O" in descr
    if isinstance(descr, (list, tuple)):
        return any(_has_objects(field[1] if isinstance(descr, list) else field) for field in descr)
    return False
