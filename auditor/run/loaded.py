"""The data of a plan, read as it says."""

from auditor.loaders import tables
from auditor.loaders.sample import sample
from auditor.plan import DataSpec
from auditor.store import cache_folder
from auditor.types import Table


def loaded(data: DataSpec, *, seed: int) -> Table:
    """Read the data, or a sample of its rows where the plan asks for one.

    Raises:
        AuditorError: it cannot be used.
    """
    table = tables.load(
        data.path,
        data.roles,
        cache=cache_folder(),
        format=data.format,
        max_bad_rows=data.max_bad_rows,
        columns=data.columns,
        records=data.records,
        marks=data.marks,
    )
    return table if data.rows is None else sample(table, data.rows, seed=seed, cache=cache_folder())
