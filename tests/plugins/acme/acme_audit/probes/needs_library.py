"""A probe whose module cannot be imported here."""

import a_library_that_is_not_installed  # noqa: F401

from auditor.declare import Findings, probe
from auditor.types import Subject


@probe(yields=("never",), source="https://example.org/library")
async def needs_library(subject: Subject[int]) -> Findings:
    """Never runs."""
    yield subject
