"""Protocol buffers, read without a schema. Source: https://protobuf.dev/programming-guides/encoding/."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from auditor.scan.regions import Data

_FIXED: Final = {1: 8, 5: 4}
_NUMBERS: Final = re.compile(rb"(?:\x3d[\s\S]{4}|\x40[\x80-\xff]{0,9}[\x00-\x7f])+")
"""Runs of fields 7 (32 bits) and 8 (whole number): the lists of numbers in attributes of ONNX nodes."""


class Field(NamedTuple):
    """A field of a message: its number, and where its bytes are."""

    number: int
    start: int
    end: int


def fields(data: Data, start: int, end: int, *, numbers: bool = False) -> Iterator[Field]:
    """The fields of a message that hold bytes: texts, messages, packed numbers; with ``numbers``, single numbers too.

    Raises:
        ValueError: the message cannot be read.
    """
    at = start
    while at < end:
        if not numbers and (run := _NUMBERS.match(data, at, end)):
            at = run.end()
            continue
        tag, first = _varint(data, at, end)
        kind, number = tag & 7, tag >> 3
        first, at = _span(data, first, end, kind)
        if kind == 2 or (numbers and kind == 0):
            yield Field(number, first, at)


def whole_numbers(data: Data, start: int, end: int) -> list[int]:
    """The 64-bit whole numbers of a list, field 8 of a message, in either of the two ways to write one."""
    values = []
    for field in fields(data, start, end, numbers=True):
        at = field.start
        while field.number == 8 and at < field.end:
            value, at = _varint(data, at, field.end)
            values.append(value - (1 << 64) if value >> 63 else value)
    return values


def _span(data: Data, at: int, end: int, kind: int) -> tuple[int, int]:
    """First byte and end of a field's value, by the kind that its tag says."""
    if kind == 0:
        return at, _varint(data, at, end)[1]
    if kind == 2:
        length, at = _varint(data, at, end)
    elif kind in _FIXED:
        length = _FIXED[kind]
    else:
        raise ValueError(f"a field of kind {kind}")
    if at + length > end:
        raise ValueError("a field runs past the end")
    return at, at + length


def _varint(data: Data, at: int, end: int) -> tuple[int, int]:
    value, shift = 0, 0
    while at < end and shift < 70:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise ValueError("a number has no end")
