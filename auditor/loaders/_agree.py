"""Files that are read as one table have the same columns."""

from collections.abc import Sequence
from pathlib import Path

from auditor.errors import InputError


def agree(paths: Sequence[Path], columns: Sequence[Sequence[str]]) -> None:
    """Check that files have the columns of the first.

    Raises:
        InputError: one has others; says which file, and how they differ.
    """
    for path, found in zip(paths, columns, strict=True):
        if list(found) != list(columns[0]):
            missing = [name for name in columns[0] if name not in found]
            added = [name for name in found if name not in columns[0]]
            parts = [f"lacks {', '.join(missing)}"] * bool(missing) + [f"adds {', '.join(added)}"] * bool(added)
            raise InputError(
                f"its columns are not those of {paths[0].name}: it {' and '.join(parts) or 'has them in another order'}",
                place=str(path),
                remedy="Give files with equal columns, or audit them one by one.",
            )
