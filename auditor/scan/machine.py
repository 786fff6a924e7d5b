"""The pickle machine, run on names alone: its stack and memo are kept, nothing is imported, built or called."""

import re
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from collections import ChainMap
from collections.abc import Callable, MutableMapping
from typing import Final, NamedTuple

from auditor.scan.regions import Data

UNKNOWN: Final = object()
"""Any value that does not matter here."""

SMALL: Final = 1000
"""Longest string, in bytes, and largest tuple and dictionary that are kept; larger ones are unknown."""

_PLAUSIBLE: Final = re.compile(r"[A-Za-z_][\w.]*")


class Named(NamedTuple):
    """A value that a pickle takes from a module."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"

    @property
    def plausible(self) -> bool:
        """Whether both parts look like names of a program, and not like bytes that happen to read as such."""
        return bool(_PLAUSIBLE.fullmatch(self.module) and _PLAUSIBLE.fullmatch(self.name))


class Made:
    """What a call of a named value gives.

    Attributes:
        by: what was called.
        given: its arguments.
        state: the state that was set on the result.
    """

    __slots__ = ("by", "given", "state")

    def __init__(self, by: Named, given: object) -> None:
        self.by, self.given, self.state = by, given, UNKNOWN


class Machine:
    """One stream of opcodes.

    Args:
        data: the bytes.
        start: position of the first opcode.
        end: position after which nothing belongs to the stream.
        built: called with the machine and each value that a state was set on; it may move ``at``.

    Attributes:
        at: position of the next opcode.
        stack: the values above the topmost mark.
        marks: the values below each mark.
        memo: values by their number.
        proto: protocol as the stream states it.
        names: everything that is taken from a module, in order.
        odd: what no honest pickle does, in order.
        called: whether a plausible name was called.
        strayed: bytes that forks have walked.
    """

    __slots__ = ("at", "built", "called", "data", "end", "marks", "memo", "names", "odd", "proto", "stack", "start", "strayed")

    def __init__(self, data: Data, start: int, end: int, built: "Callable[[Machine, Made], None] | None" = None) -> None:
        self.data, self.start, self.at, self.end, self.built = data, start, start, end, built
        self.stack: list[object] = []
        self.marks: list[list[object]] = []
        self.memo: MutableMapping[int, object] = {}
        self.names: dict[Named, None] = {}
        self.odd: dict[str, None] = {}
        self.proto, self.called, self.strayed = 0, False, 0

    def fork(self) -> "Machine":
        """A machine in the same state that reads on without changing this one.

        Raises:
            ValueError: the state is larger than honest streams have where they fork.
        """
        if len(self.stack) + sum(map(len, self.marks)) > 100 * SMALL:
            raise ValueError("an array lies below too many values")
        twin = Machine(self.data, self.at, self.end)
        twin.stack, twin.marks = list(self.stack), [list(below) for below in self.marks]
        twin.memo, twin.proto = ChainMap({}, self.memo), self.proto
        return twin

    def take(self, other: "Machine") -> None:
        """Add what another machine has seen."""
        self.names.update(other.names)
        self.odd.update(other.odd)
        self.called |= other.called

    def name(self, module: str, name: str) -> Named:
        """Take a value from a module; names of Python 2 count as what they are today, as in the unpickler."""
        if self.proto < 3:
            module, name = NAME_MAPPING.get((module, name), (IMPORT_MAPPING.get(module, module), name))
        found = Named(module, name)
        self.names[found] = None
        return found

    def call(self, function: object, given: object) -> object:
        """Note a call; returns its result."""
        if isinstance(function, Named):
            self.called |= function.plausible
            return Made(function, given)
        self.odd["calls a value that is not taken from a module by name"] = None
        return UNKNOWN

    def top(self) -> object:
        """The topmost value.

        Raises:
            IndexError: there is none above the topmost mark.
        """
        return self.stack[-1]

    def popped(self) -> list[object]:
        """Take off the values above the topmost mark, and the mark."""
        items, self.stack = self.stack, self.marks.pop()
        return items

    def line(self) -> bytes:
        """The text up to the next line end.

        Raises:
            ValueError: there is none.
        """
        cut = self.data.find(b"\n", self.at, self.end)
        if cut < 0:
            raise ValueError("a line has no end")
        text = self.data[self.at : cut]
        self.at = cut + 1
        return text

    def number(self, size: int, *, signed: bool = False) -> int:
        """A little-endian whole number of ``size`` bytes."""
        self.at += size
        return int.from_bytes(self.data[self.at - size : self.at], "little", signed=signed)

    def crowd(self) -> int:
        """How many values are held."""
        return len(self.stack) + len(self.marks) + len(self.memo)
