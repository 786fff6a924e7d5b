"""The catalogue: from a name to a function, and from a function and options to a checked call."""

from auditor.plugins.binding import REQUIRED, RUNNER_BINDS, Option, Step, bind, filled, options, read_step, requirement
from auditor.plugins.listing import Entry, Noun, entries, find, names

__all__ = [
    "REQUIRED",
    "RUNNER_BINDS",
    "Entry",
    "Noun",
    "Option",
    "Step",
    "bind",
    "entries",
    "filled",
    "find",
    "names",
    "options",
    "read_step",
    "requirement",
]
