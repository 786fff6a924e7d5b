"""Data in memory as a file: what it is called follows from what it holds, so that equal data make equal runs."""

import os
import sys
import uuid
from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, Union

from auditor import digest
from auditor.errors import UsageError
from auditor.store import cache_folder, check_cache
from auditor.store.files import part_of

if TYPE_CHECKING:
    import datasets
    import pandas as pd

Data: TypeAlias = Union[str, "os.PathLike[str]", "pd.DataFrame", "datasets.Dataset"]


def as_path(data: Data) -> str:
    """The path of data: a path as it is; a pandas or ``datasets`` table written to the cache folder as Parquet.

    Of the index of a ``DataFrame``, levels that have a name become columns.

    Raises:
        UsageError: it is something else, or a table that Parquet cannot hold.
    """
    if isinstance(data, str | os.PathLike):
        return os.fspath(data)
    for module, kind in (("pandas", "DataFrame"), ("datasets", "Dataset")):
        if module in sys.modules and isinstance(data, getattr(sys.modules[module], kind)):
            return str(_kept(data, kind))
    raise UsageError(f"expected a path, a pandas DataFrame or a datasets.Dataset, found a {type(data).__name__}", place="data")


def _kept(data: Any, kind: str) -> Path:
    check_cache()
    folder = cache_folder() / "frames"
    folder.mkdir(parents=True, exist_ok=True)
    part = part_of(folder / uuid.uuid4().hex)
    try:
        _write(data, part)
        path = folder / f"{kind}-{digest.of_file(part)[:16]}.parquet"
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def _write(data: Any, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        if hasattr(data, "rename"):
            pq.write_table(pa.Table.from_pandas(_flat(data).rename(columns=str), preserve_index=False), path)
        else:
            data.to_parquet(str(path))
    except (ValueError, pa.ArrowException) as error:
        raise UsageError(f"cannot be written as a table: {' '.join(str(error).split())}", place="data") from None


def _flat(frame: "pd.DataFrame") -> "pd.DataFrame":
    """A frame with the named levels of its index as columns, but for those that are columns already, cell by cell."""
    levels = [(level, name) for level, name in enumerate(frame.index.names) if name is not None]
    new = [level for level, name in levels if not _is_column(frame, level, name)]
    return frame.reset_index(level=new) if new else frame


def _is_column(frame: "pd.DataFrame", level: int, name: Hashable) -> bool:
    import pandas as pd

    return name in frame.columns and frame.index.get_level_values(level).equals(pd.Index(frame[name]))
