"""A loader that finds nothing."""

from pathlib import Path

from auditor.declare import loader
from auditor.errors import InputError
from auditor.types import Table


@loader(source="https://example.org/nothing")
def nothing(path: Path) -> Table:
    """Read nothing.

    Args:
        path: any file.

    Raises:
        InputError: always.
    """
    raise InputError("nothing can be read", place=str(path))
