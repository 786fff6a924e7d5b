"""Weights that make the label independent of the groups."""

import functools
import json
from collections import Counter
from collections.abc import Mapping

import pyarrow as pa

from auditor.declare import Reduction, table_pass
from auditor.errors import UsageError
from auditor.passes._strata import Cells, Groups, Stratum, strata
from auditor.types import Batch

Counts = dict[Stratum, int]


@table_pass(source="Kamiran & Calders 2012, Data preprocessing techniques, https://doi.org/10.1007/s10115-011-0463-8")
def reweigh(*, label: str | None = None, groups: Groups = (), into: str = "weight") -> Reduction:
    """Add a weight to each row: how often its class × group would occur if both were independent, over how often it does.

    Weighted by it, every group has the same share of every class. The mean weight is 1. A row without a class weighs 1.
    Apply it to training data only, after the split: it can over-correct, and harms where the groups are alike already.

    Args:
        label: the label column; the table's by default.
        groups: the group columns, taken together; the table's by default.
        into: name of the column of weights.

    Returns:
        The reduction; it changes no cell and removes no row.

    Raises:
        UsageError: label or groups are not there, or the column of weights is already.
    """
    cells = functools.partial(strata, label=label, groups=groups)
    apply = functools.partial(_weighed, cells=cells, into=into)
    return Reduction(functools.partial(_counted, cells=cells), _summed, _weights, apply)


def _counted(batch: Batch, cells: Cells) -> Counts:
    return dict(sorted(Counter(cell for cell in cells(batch) if cell is not None).items()))


def _summed(one: Counts, other: Counts) -> Counts:
    return dict(sorted((Counter(one) + Counter(other)).items()))


def _weights(counts: Counts) -> dict[Stratum, float]:
    """Kamiran & Calders 2012, algorithm 3: n(s) n(y) / (n n(s, y))."""
    total, classes, groups = sum(counts.values()), Counter[str](), Counter[str]()
    for cell, rows in counts.items():
        label, *values = json.loads(cell)
        classes[label] += rows
        groups[json.dumps(values)] += rows
    return {cell: _expected(cell, classes, groups) / (total * rows) for cell, rows in counts.items()}


def _expected(cell: Stratum, classes: Mapping[str, int], groups: Mapping[str, int]) -> int:
    label, *values = json.loads(cell)
    return classes[label] * groups[json.dumps(values)]


def _weighed(batch: Batch, weights: Mapping[Stratum, float], cells: Cells, into: str) -> Batch:
    if into in batch.column_names:
        raise UsageError(f"there is a column {into!r} already", remedy="Give the weights another name with into=.")
    found = [1.0 if cell is None else weights[cell] for cell in cells(batch)]
    return batch.append_column(into, pa.array(found, pa.float64()))
