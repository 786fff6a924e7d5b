"""Which columns two rows have to agree in to be equal, and how that is told."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from auditor.declare import describe, info, options
from auditor.errors import UsageError, near
from auditor.types import Table

_LISTED = 12


def agreed(table: Table, given: Sequence[str] = (), *, place: str = "keys") -> tuple[str, ...]:
    """The columns that were named, or all but a declared id.

    Args:
        table: the data.
        given: columns that were named; none for all.
        place: what named them, for the error.

    Raises:
        UsageError: a column that was named is not there.
    """
    names = table.schema.names
    for key in given:
        if key not in names:
            raise UsageError(f"no column {key!r}{near(key, names)}", place=place, remedy="Name columns of the data.")
    return tuple(dict.fromkeys(given)) or table.keys


def in_words(table: Table, keys: Sequence[str]) -> str:
    """When rows are equal, as the end of a sentence: ``rows are equal if they agree in instruction, input, output``.

    An id that nobody declared is a column like any other, and makes each row differ; that is said.
    """
    said, roles = f"rows are equal if they agree in {listed(keys)}", table.roles
    if roles.id in keys and "id" in roles.inferred:
        said += f"; {roles.id} looks like an id, and would be left out if it were declared as one"
    return said


def noted(table: Table, functions: Iterable[Callable[..., object]]) -> Table:
    """The table with a note on each set of columns that passes or probes of it compare rows in.

    Raises:
        UsageError: a probe is to compare a column that is not there; of a pass, an earlier one may add it.
    """
    found: dict[tuple[str, ...], None] = {}
    for function in functions:
        if isinstance(keys := options(function).get("keys"), tuple):
            found[agreed(table, keys, place=f"{describe(function)}, keys") if info(function).kind == "probe" else keys] = None
    said = [in_words(table, keys) for keys in found]
    notes = tuple(f"{one[0].upper()}{one[1:]}." for one in said)
    return replace(table, source=replace(table.source, notes=(*table.source.notes, *notes)))


def listed(columns: Sequence[str]) -> str:
    """Names of columns, the first twelve of many."""
    more = f" and {len(columns) - _LISTED} more columns" if len(columns) > _LISTED else ""
    return f"{', '.join(columns[:_LISTED])}{more}"
