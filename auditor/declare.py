"""Decorators that mark loaders, passes and probes. They attach facts and return the same function."""

import functools
import inspect
import random
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

from auditor import digest
from auditor.errors import UsageError
from auditor.types import Batch, Evidence, Measurement

Kind = Literal["loader", "row_pass", "table_pass", "probe"]
F = TypeVar("F", bound=Callable[..., Any])
Findings = AsyncIterator[Measurement | Evidence]
"""What a probe yields."""

_MARK = "__auditor__"


def _share(value: float) -> float:
    if not 0 < value <= 1:
        raise PydanticCustomError("share", "expected a share above 0 and up to 1")
    return value


def _number(value: int) -> int:
    if value < 1:
        raise PydanticCustomError("number", "expected a whole number from 1 on")
    return value


# As aliases, since get_type_hints strips a bare Annotated, and the check with it.
Share = TypeAliasType("Share", Annotated[float, AfterValidator(_share)])
"""The type of an option that is a share in (0, 1]; checked when the option is bound."""

Number = TypeAliasType("Number", Annotated[int, AfterValidator(_number)])
"""The type of an option that is a number of things, from 1 on; checked when the option is bound."""


Cut = Literal["whole", "group", "intersection"]
"""What a measurement is of: the whole table, a value of one group column, or of several crossed."""

CUTS: tuple[Cut, ...] = ("whole", "group", "intersection")


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric that a probe yields: what rule packs can ask for.

    Attributes:
        name: as in ``Measurement.metric``.
        slices: what it is measured of.
        keys: keys that its ``where`` may have beside group columns; None where the probe does not say.
    """

    name: str
    slices: tuple[Cut, ...] = CUTS
    keys: tuple[str, ...] | None = None


def metrics(*names: str, slices: Sequence[Cut] = ("whole",), keys: Sequence[str] = ()) -> tuple[Metric, ...]:
    """Metrics that are measured of the same slices and have the same keys, for ``yields``.

    Args:
        names: of the metrics.
        slices: what they are measured of.
        keys: keys that their ``where`` may have beside group columns, such as ``"class"``.
    """
    return tuple(Metric(name, tuple(slices), tuple(keys)) for name in names)


@dataclass(frozen=True, slots=True)
class Info:
    """What a decorator says of a function.

    Attributes:
        kind: which of the catalogue's nouns it is.
        source: citation of the method, with an address where there is one.
        extra: the optional extra of the package that it needs, such as ``"onnx"``.
        written: whether a pass takes cells as they were written, and not as they are seen.
        yields: the metrics that a probe yields; rule packs are checked against them.
    """

    kind: Kind
    source: str = ""
    extra: str | None = None
    written: bool = False
    yields: tuple[Metric, ...] = ()


def _mark(info: Info) -> Callable[[F], F]:
    def mark(function: F) -> F:
        setattr(function, _MARK, info)
        return function

    return mark


def loader(*, source: str = "", extra: str | None = None) -> Callable[[F], F]:
    """Mark a function that reads one kind of data or checkpoint."""
    return _mark(Info("loader", source, extra))


def row_pass(*, source: str = "", extra: str | None = None, written: bool = False) -> Callable[[F], F]:
    """Mark ``f(batch, *, options) -> batch`` in which no row depends on another.

    Args:
        source: citation of the method.
        extra: the optional extra of the package that it needs.
        written: whether it takes cells of text formats as they were written; else numbers are numbers.
    """
    return _mark(Info("row_pass", source, extra, written))


def table_pass(*, source: str = "", extra: str | None = None, written: bool = False) -> Callable[[F], F]:
    """Mark ``f(*, options) -> Reduction``: a pass that first has to see all rows; for the arguments see ``row_pass``."""
    return _mark(Info("table_pass", source, extra, written))


def probe(*, yields: Sequence[str | Metric] = (), source: str = "", extra: str | None = None) -> Callable[[F], F]:
    """Mark ``async def f(subject, *, options)`` that yields measurements and evidence.

    Args:
        yields: every metric that it may yield, by name, or with its slices and keys as ``metrics`` makes them. A rule pack
            that asks for anything else is refused.
        source: citation of the method.
        extra: the optional extra that it needs.
    """
    return _mark(Info("probe", source, extra, yields=tuple(Metric(one) if isinstance(one, str) else one for one in yields)))


@dataclass(frozen=True, slots=True)
class Reduction:
    """A pass over a whole table, as a reduction and what follows from it. All functions are module-level, or partials of such.

    Attributes:
        partial: a batch to its state: an Arrow table, or data that JSON can hold; it is written down, and never pickled.
        merge: two states, the earlier rows first, to one.
        finish: the state to a decision.
        apply: a batch and the decision to the batch changed, as a row pass would.
        reason: a removed batch and the decision to one sentence a row; None where the pass removes nothing.
    """

    partial: Callable[[Batch], Any]
    merge: Callable[[Any, Any], Any]
    finish: Callable[[Any], Any]
    apply: Callable[[Batch, Any], Batch]
    reason: Callable[[Batch, Any], Sequence[str]] | None = None


def info(function: Callable[..., object]) -> Info:
    """What was said of a marked function, or of a partial of one.

    Raises:
        UsageError: it was not marked.
    """
    function = bare(function)
    found = getattr(function, _MARK, None)
    if not isinstance(found, Info):
        raise UsageError(f"{function!r} is not a loader, pass or probe", remedy="Mark it with a decorator of auditor.declare.")
    return found


def bare(function: Callable[..., object]) -> Callable[..., object]:
    """The function under any bound options."""
    while isinstance(function, functools.partial):
        function = function.func
    return function


def options(function: Callable[..., object]) -> dict[str, object]:
    """The options bound to a partial, and the defaults of the others."""
    bound = function.keywords if isinstance(function, functools.partial) else {}
    parameters = inspect.signature(bare(function)).parameters.values()
    defaults = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is not p.empty}
    return {**defaults, **bound}


def describe(function: Callable[..., object]) -> str:
    """A bound function in words: ``keyboard_typos(rate=0.05)``, without options left at their defaults."""
    bound = function.keywords if isinstance(function, functools.partial) else {}
    shown = {name: describe(value) if callable(value) else repr(value) for name, value in bound.items()}
    inside = ", ".join(f"{name}={value}" for name, value in shown.items() if name not in ("column", "seed"))
    return f"{getattr(bare(function), '__name__', 'pass')}({inside})" if inside else getattr(bare(function), "__name__", "pass")


def summary(function: Callable[..., object]) -> str:
    """The first sentence of a function's documentation."""
    text = inspect.getdoc(bare(function)) or ""
    return text.split("\n\n")[0].replace("\n", " ").strip()


def rng(seed: int, row: int | str, step: str) -> random.Random:
    """The random numbers of one row in one step; equal on every runner, in any order.

    Args:
        seed: seed of the run.
        row: the row's position in the source, or its id.
        step: name of the pass or probe.
    """
    return random.Random(digest.of_value([seed, row, step]))


def strings(batch: Batch, column: str) -> list[str]:
    """A column's cells as strings; missing cells are empty strings.

    Raises:
        UsageError: there is no such column.
    """
    if column not in batch.column_names:
        raise UsageError(f"no column {column!r}; the columns are {', '.join(batch.column_names)}")
    return ["" if cell is None else str(cell) for cell in batch.column(column).to_pylist()]


def replaced(batch: Batch, column: str, cells: Sequence[object]) -> Batch:
    """The batch with one column's cells replaced; a cell that was missing stays missing."""
    import pyarrow as pa

    old = batch.column(column)
    kept = [None if before is None else after for before, after in zip(old.to_pylist(), cells, strict=True)]
    return batch.set_column(batch.column_names.index(column), column, pa.array(kept, old.type))
