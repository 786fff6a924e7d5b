"""Options of a pass that the data answers: which column holds the text, the label, the groups; and the run's seed."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from auditor.declare import bare, info, options
from auditor.types import Table, need


def fitted(function: Callable[..., Any], table: Table, seed: int = 0) -> Callable[..., Any]:
    """The pass with what the data answers filled in, where it has such an option and the user gave none.

    ``column`` becomes the first input that holds text; ``columns`` all inputs that hold text, or all text columns where no
    inputs are declared; ``keys`` all columns but a declared id; ``label`` and ``groups`` what has that role; ``seed`` the
    seed. Options that are passes are filled in too; of a probe only the seed, since its subject holds the rest.

    Args:
        function: a marked function, or a partial of one.
        table: the data that the pass will see.
        seed: seed of the run.

    Raises:
        Skip: a column that the pass cannot do without is not in the data.
    """
    given = function.keywords if isinstance(function, functools.partial) else {}
    takes = inspect.signature(bare(function)).parameters
    nested = {name: fitted(option, table, seed) for name, option in options(function).items() if callable(option)}
    open_to_data = info(function).kind != "probe"
    found = {name: answer(table) for name, answer in _ANSWERS.items() if open_to_data and name in takes and name not in given}
    if "seed" in takes and "seed" not in given:
        found["seed"] = seed
    return functools.partial(function, **found, **nested) if found or nested else function


def _texts(table: Table) -> tuple[str, ...]:
    names = table.roles.inputs or tuple(table.schema.names)
    return tuple(name for name in names if name in table.schema.names and _is_text(table.schema.field(name).type))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


_ANSWERS: dict[str, Callable[[Table], object]] = {
    "column": lambda table: need(_texts(table), "a text column")[0],
    "columns": lambda table: need(_texts(table), "a text column"),
    "keys": lambda table: table.keys,
    "label": lambda table: need(table.roles.label, "a label column"),
    "groups": lambda table: need(table.roles.groups, "a group column"),
}
