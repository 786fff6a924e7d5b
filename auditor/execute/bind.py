"""Options of a pass that the data answers: which column holds the text, the label, the groups; and the run's seed."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from auditor.declare import bare, info, options
from auditor.types import Table, need
from auditor.types.views import holds_text

_SAMPLE = 1000
_FEWEST = 3
"""Words in a cell, on average, from which on a column is taken for running text."""


def fitted(function: Callable[..., Any], table: Table, seed: int = 0) -> Callable[..., Any]:
    """The pass with what the data answers filled in, where it has such an option and the user gave none.

    ``column`` becomes the first input that holds text; ``columns`` all inputs that hold text, if only inside JSON, lists or
    records, or all such columns where no inputs are declared; ``keys`` all columns but a declared id; ``label`` and
    ``groups`` what has that role; ``seed`` the seed. Options that are passes are filled in too; of a probe only the seed,
    since its subject holds the rest.

    Args:
        function: a marked function, or a partial of one.
        table: the data that the pass will see.
        seed: seed of the run.

    Raises:
        Skip: a column that the pass cannot do without is not in the data.
    """
    given = function.keywords if isinstance(function, functools.partial) else {}
    takes = inspect.signature(bare(function)).parameters
    probe = info(function).kind == "probe"
    nested = {
        name: _of_prose(option, table, seed) if probe else fitted(option, table, seed)
        for name, option in options(function).items()
        if callable(option)
    }
    found = {name: answer(table) for name, answer in _ANSWERS.items() if not probe and name in takes and name not in given}
    if "seed" in takes and "seed" not in given:
        found["seed"] = seed
    return functools.partial(function, **found, **nested) if found or nested else function


def _of_prose(option: Callable[..., Any], table: Table, seed: int) -> Callable[..., Any]:
    """A pass that a probe tries on a model's input: of several columns on the one with running text, not on a category."""
    given = option.keywords if isinstance(option, functools.partial) else {}
    if "column" in inspect.signature(bare(option)).parameters and "column" not in given and len(table.roles.inputs) > 1:
        option = functools.partial(option, column=_prose(table))
    return fitted(option, table, seed)


def _prose(table: Table) -> str:
    """The input with the most words to a cell, of those that hold running text.

    Raises:
        Skip: there is none.
    """
    names = _texts(table)
    sample = next(table.batches(names)).slice(0, _SAMPLE) if names else None
    words = {name: _words(sample.column(name)) for name in names} if sample else {}
    best = max(words, key=lambda name: words[name], default=None)
    return need(best if best and words[best] >= _FEWEST else None, "a model that reads a text column")


def _words(cells: pa.ChunkedArray) -> float:
    """Mean number of words in a cell; 0 where cells repeat, as categories do."""
    known = cells.drop_null()
    repeats = 2 * pc.count_distinct(known).as_py() <= len(known)
    return 0.0 if repeats else float(pc.mean(pc.add(pc.count_substring(pc.utf8_trim_whitespace(known), " "), 1)).as_py() or 0)


def _texts(table: Table) -> tuple[str, ...]:
    """Columns whose cells are texts, among the inputs where there are any."""
    return tuple(name for name in _named(table) if _is_text(table.schema.field(name).type) and not _is_json(table, name))


def _nested(table: Table) -> tuple[str, ...]:
    """Columns with texts inside their cells."""
    kinds = {name: table.schema.field(name).type for name in _named(table)}
    return (*_json(table), *(name for name, kind in kinds.items() if not _is_text(kind) and holds_text(kind)))


def _json(table: Table) -> tuple[str, ...]:
    """Columns whose cells are kept as JSON and seen as text."""
    return tuple(name for name in _named(table) if _is_json(table, name))


def _named(table: Table) -> tuple[str, ...]:
    names = table.roles.inputs or tuple(table.schema.names)
    return tuple(name for name in names if name in table.schema.names)


def _is_json(table: Table, name: str) -> bool:
    view = table.views.get(name)
    return view is not None and view.form == "json" and view.sees == "text" and not view.strings


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


_ANSWERS: dict[str, Callable[[Table], object]] = {
    "column": lambda table: need((*_texts(table), *_json(table)), "a text column")[0],
    "columns": lambda table: need((*_texts(table), *_nested(table)), "a text column"),
    "keys": lambda table: table.keys,
    "label": lambda table: need(table.roles.label, "a label column"),
    "groups": lambda table: need(table.roles.groups, "a group column"),
}
