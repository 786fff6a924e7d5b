"""What the columns of a table are like: how much is missing, and what is odd about their cells."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from auditor.probes._cells import NULL_MARKS, NULL_WORDS, CellCounts
from auditor.stats.cells import Encoded
from auditor.stats.intervals import share
from auditor.stats.slices import name_of
from auditor.types import Batch, Evidence, Example, Measurement, Roles, Table

_SHOWN = 10
_LONGEST = 100


@dataclass(slots=True)
class Columns:
    """Counts of the cells of all columns.

    Attributes:
        most: columns that measurements are made of: those with a role, then those with most cells missing.
        nulls: of columns of classes and groups, which spellings count as missing.
        counts: of each column.
    """

    most: int
    nulls: dict[str, frozenset[str]]
    counts: dict[str, CellCounts] = field(default_factory=dict)

    @classmethod
    def of(cls, most: int, roles: Roles) -> "Columns":
        """In columns of classes every cell is a class, as ``none`` or ``-`` may be; words may name groups, marks do not."""
        classes = [name for name in (roles.label, roles.prediction) if name]
        return cls(most, {group.column: NULL_MARKS for group in roles.groups} | dict.fromkeys(classes, frozenset()))

    def add(self, batch: Batch, groups: Sequence[Encoded]) -> None:
        """Count the cells of a batch."""
        for name, cells in zip(batch.column_names, batch.columns, strict=True):
            self.counts.setdefault(name, CellCounts(self.nulls.get(name, NULL_MARKS | NULL_WORDS))).add(cells, groups)

    def measured(self, table: Table, level: float) -> Iterator[Measurement | Evidence]:
        """Missing cells per column, overall and per group; odd cells; columns that are constant or tell rows apart."""
        counts = {name: self.counts[name] for name in table.schema.names}
        cells, missing = (sum(getattr(one, what) for one in counts.values()) for what in ("rows", "missing"))
        found = {"x": float(missing), "n": float(cells)}
        yield Measurement("missing_share", missing / cells, "fraction", cells, method="exact", level=level, counts=found)
        with_role = _with_role(table.roles)
        chosen = set(sorted(counts, key=lambda name: (name not in with_role, -counts[name].missing))[: self.most])
        for name, one in counts.items():
            if name in chosen:
                yield from _missing(name, one, table, level)
                yield from _odd(name, one, level, free_text=name in table.roles.inputs)
        yield from _listed(counts, "constant_columns", "Columns with one value only", lambda _, one: one.is_constant)
        yield from _listed(
            counts,
            "identifier_columns",
            "Columns that tell nearly all rows apart",
            lambda name, one: one.tells_rows_apart and name not in with_role,
        )


def _with_role(roles: Roles) -> frozenset[str]:
    single = (roles.label, roles.id, roles.weight, roles.split, roles.prediction, roles.score)
    return frozenset([*roles.inputs, *(group.column for group in roles.groups), *(name for name in single if name)])


def _missing(name: str, counts: CellCounts, table: Table, level: float) -> Iterator[Measurement]:
    where = {"column": name}
    found = share("missing_share", counts.missing, counts.rows, level=level, where=where)
    if counts.said:
        spelled = ", ".join(text.strip() for text, _ in counts.spelled.most_common() if text.strip().lower() in counts.nulls)
        found = replace(found, reason=f"{counts.said:,} of the missing cells spell it: {spelled[:_LONGEST]}")
    yield found
    if counts.missing:
        for (place, value), (missing, rows) in sorted(counts.by_group.items()):
            group = table.roles.groups[place]
            if group.column != name:
                yield share("missing_share", missing, rows, level=level, where={**where, name_of(group): value})


def _odd(name: str, counts: CellCounts, level: float, *, free_text: bool) -> Iterator[Measurement | Evidence]:
    """Shares of odd cells among those of text, where there are any."""
    where, texts, spelled = {"column": name}, counts.texts, counts.spelled.total()
    kinds = 0 if free_text else min(counts.numbers, texts - counts.numbers - spelled)
    found = {
        "null_spelling_share": spelled,
        "mixed_type_share": kinds,
        "untrimmed_share": counts.untrimmed,
        "control_character_share": counts.control,
    }
    for metric, cells in found.items():
        if cells:
            yield share(metric, cells, texts, level=level, where=where, needs="cells of text")
    if spelled:
        examples = tuple(Example(name, text, facts={"cells": str(n)}) for text, n in counts.spelled.most_common(_SHOWN))
        yield Evidence("null_spelling_share", f"How {name!r} spells missing values", spelled, examples, where)


def _listed(
    counts: dict[str, CellCounts], metric: str, title: str, holds: Callable[[str, CellCounts], bool]
) -> Iterator[Measurement | Evidence]:
    """How many columns are such, and which."""
    names = [name for name, one in counts.items() if holds(name, one)]
    yield Measurement(metric, float(len(names)), "count", len(counts), method="exact")
    if names:
        examples = tuple(
            Example(name, "" if counts[name].only is None else str(counts[name].only)[:100]) for name in names[:_SHOWN]
        )
        yield Evidence(metric, title, len(names), examples)
