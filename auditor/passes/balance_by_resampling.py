"""Class × group cells of one size, by leaving rows out or taking them more than once."""

import functools
from collections.abc import Mapping
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from auditor import digest
from auditor.declare import Reduction, table_pass
from auditor.execute import identity
from auditor.passes._copies import with_copies
from auditor.passes._strata import Cells, Groups, Stratum, strata, worded
from auditor.types import Batch, Integers

Target = Literal["smallest", "largest"]
Shares = Mapping[Stratum, Mapping[str, int]]
"""Of each cell: its ``rows``, the ``size`` it gets, how often ``each`` row is taken, and the hash ``below`` which once more."""


@table_pass(source="Idrissi et al. 2022, Simple data balancing, https://proceedings.mlr.press/v177/idrissi22a.html")
def balance_by_resampling(
    *, label: str | None = None, groups: Groups = (), to: Target = "smallest", seed: int = 0
) -> Reduction:
    """Give every class × group as many rows as the smallest has, or as the largest.

    Which rows are left out, or taken once more than others, depends on the seed and the row's number alone. Rows without a
    class stay. Apply it to training data only, after the split.

    Args:
        label: the label column; the table's by default.
        groups: the group columns, taken together; the table's by default.
        to: ``smallest`` leaves rows out, ``largest`` adds copies.
        seed: of the choice; the run's by default.

    Returns:
        The reduction; a removed row's reason says how large its cell was, and is.

    Raises:
        UsageError: label or groups are not there.
    """
    salt = int(digest.of_value([seed, "balance_by_resampling"])[:16], 16)
    cells = functools.partial(strata, label=label, groups=groups)
    return Reduction(
        partial=functools.partial(_drawn, cells=cells, salt=salt),
        merge=_joined,
        finish=functools.partial(_shares, to=to),
        apply=functools.partial(_resampled, cells=cells, salt=salt),
        reason=functools.partial(_reasons, cells=cells),
    )


def _hashes(batch: Batch, salt: int) -> NDArray[np.uint64]:
    """A random number for each row, no two the same: the finaliser of SplitMix64 (Steele, Lea & Flood 2014) is a bijection."""
    z = identity(batch).astype(np.uint64) ^ np.uint64(salt)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def _drawn(batch: Batch, cells: Cells, salt: int) -> pa.Table:
    """The hashes of each cell's rows, a line a cell."""
    hashes, found = _hashes(batch, salt), np.array(cells(batch), dtype=object)
    names = sorted({cell for cell in found if cell is not None})
    lists = [hashes[found == name] for name in names]
    return pa.table({"cell": pa.array(names, pa.string()), "hashes": pa.array(lists, pa.list_(pa.uint64()))})


def _joined(one: pa.Table, other: pa.Table) -> pa.Table:
    return pa.concat_tables([one, other])


def _shares(drawn: pa.Table, to: Target) -> Shares:
    """How often to take which rows of each cell."""
    parts: dict[Stratum, list[NDArray[np.uint64]]] = {}
    for cell, hashes in zip(drawn["cell"].to_pylist(), drawn["hashes"], strict=True):
        parts.setdefault(cell, []).append(hashes.values.to_numpy())
    whole = {cell: np.sort(np.concatenate(some)) for cell, some in sorted(parts.items())}
    sizes = [len(hashes) for hashes in whole.values()] or [0]
    size = min(sizes) if to == "smallest" else max(sizes)
    return {
        cell: {"rows": len(hashes), "size": size, "each": size // len(hashes), "below": int(hashes[size % len(hashes)])}
        for cell, hashes in whole.items()
    }


def _resampled(batch: Batch, shares: Shares, cells: Cells, salt: int) -> Batch:
    counts = _counts(cells(batch), _hashes(batch, salt), shares)
    kept = batch.filter(pa.array(counts > 0))
    return with_copies(kept, counts[counts > 0] - 1)[0]


def _counts(found: list[Stratum | None], hashes: NDArray[np.uint64], shares: Shares) -> Integers:
    """How often each row is taken; a row without a class once."""
    whole = {"each": 1, "below": 0}
    each = np.array([(shares[cell] if cell else whole)["each"] for cell in found], dtype=np.int64)
    below = np.array([(shares[cell] if cell else whole)["below"] for cell in found], dtype=np.uint64)
    return each + (hashes < below)


def _reasons(removed: Batch, shares: Shares, cells: Cells) -> list[str]:
    return [
        f"{worded(cell)} has {shares[cell]['rows']} rows, {shares[cell]['size']} are kept" for cell in cells(removed) if cell
    ]
