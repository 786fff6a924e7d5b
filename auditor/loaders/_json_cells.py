"""Cells of JSON, kept so that each can be written as it was: as a type that says it exactly, else as JSON."""

import json
import re
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from auditor.loaders._encoding import LOST
from auditor.loaders._kinds import Kind, Misfit
from auditor.types.views import TYPES, Sees, seen_as

ABSENT = object()
"""Stands for a key that a record does not have."""

_EXACT: tuple[tuple[type, Sees], ...] = ((str, "text"), (bool, "bool"), (int, "int"))
_MARKED = re.compile(f'"{LOST}([^"]*)"')


class Number(str):
    """A number as it is written, behind a sign that no text holds."""

    __slots__ = ()


def number(written: str) -> Number:
    """A number that Python would change; for ``json``'s ``parse_float``."""
    return Number(LOST + written)


def whole(written: str) -> int | Number:
    """An integer, as it is written where Python would write it in another way; for ``json``'s ``parse_int``."""
    return number(written) if written == "-0" else int(written)


_BY_NUMBER = json.JSONDecoder(parse_float=number, parse_constant=number)
_BY_EACH = json.JSONDecoder(parse_float=number, parse_constant=number, parse_int=whole)


def decoder(text: str) -> json.JSONDecoder:
    """What reads a text without changing a number."""
    return _BY_EACH if "-0" in text else _BY_NUMBER


def written(cell: object) -> str:
    """A cell as JSON, with its numbers as they were."""
    if isinstance(cell, Number):
        return cell[1:]
    return _MARKED.sub(r"\1", json.dumps(cell, ensure_ascii=False))


def column(cells: Sequence[Any]) -> tuple[pa.Array, Kind]:
    """Cells as the type that says all of them exactly, else as their JSON."""
    kinds = {type(cell) for cell in cells}
    gaps = frozenset(["absent"] * (object in kinds) + ["null"] * (type(None) in kinds))
    kinds -= {object, type(None)}
    known = [None if cell is ABSENT else cell for cell in cells]
    if not kinds:
        return pa.nulls(len(cells), pa.string()), Kind(form="json", gaps=gaps)
    sees = next((sees for kind, sees in _EXACT if kinds == {kind}), None)
    if sees and len(gaps) < 2:
        try:
            return pa.array(known, TYPES[sees]), Kind(sees, form="json", gaps=gaps, strings=kinds == {str})
        except (OverflowError, pa.ArrowInvalid):
            sees = None
    sees = sees or ("float" if kinds <= {int, Number} and kinds != {int} else "text")
    texts = [None if cell is ABSENT else written(cell) for cell in cells]
    return pa.array(texts, pa.string()), Kind(sees, exact=False, form="json", gaps=gaps, strings=kinds == {str})


def as_json_kind(cells: pa.ChunkedArray, own: Kind, kind: Kind) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """A column of JSON cells as the kind of the whole column: as it is kept, and as it is seen.

    Raises:
        Misfit: it does not fit.
    """
    if not own.gaps <= kind.gaps:
        raise Misfit("gaps")
    if kind.exact:
        if own.sees is not None and (own.sees, own.exact) != (kind.sees, True):
            raise Misfit(str(kind.sees))
        kept = cells.cast(kind.stored) if own.sees is None else cells
        return kept, kept
    kept = _tokens(cells, own)
    return kept, seen_as(kept, kind.view)


def _tokens(cells: pa.ChunkedArray, own: Kind) -> pa.ChunkedArray:
    """Cells of one chunk as JSON."""
    if own.exact and own.sees == "text":
        texts = [None if cell is None else json.dumps(cell, ensure_ascii=False) for cell in cells.to_pylist()]
        cells = pa.chunked_array([texts], pa.string())
    elif own.exact:
        cells = pc.cast(cells, pa.string())
    return pc.fill_null(cells, "null") if own.gaps == {"null"} and own.exact else cells
