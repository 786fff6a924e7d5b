"""A probe that needs no model."""

from auditor.declare import Findings, probe
from auditor.types import Measurement, Subject


@probe(yields=("rows",), source="https://example.org/plain")
async def plain(subject: Subject[None]) -> Findings:
    """Rows of the table.

    Args:
        subject: any table.

    Yields:
        ``rows``, a count.
    """
    yield Measurement("rows", float(subject.table.rows), "count", subject.table.rows, method="exact")
