"""Folders that ``datasets`` saved to disk."""

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from auditor.declare import loader
from auditor.errors import InputError
from auditor.loaders._chunks import Reading, Stored
from auditor.loaders._files import SMALL, digest_of
from auditor.loaders._store import store
from auditor.types import Table

if TYPE_CHECKING:
    from datasets import Dataset


@loader(source="datasets, https://huggingface.co/docs/datasets")
def saved_dataset(path: Path, reading: Reading) -> Table:
    """A folder that ``datasets`` wrote with ``save_to_disk``: one data set, or several splits of which there is only one.

    Args:
        path: the folder.
        reading: how to read it.

    Raises:
        InputError: it holds several splits, or files are missing or damaged.
    """
    import datasets

    try:
        path = _only_split(path)
        found = datasets.load_from_disk(str(path))
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        raise InputError(f"it does not read as a saved data set ({error})", place=str(path), remedy="Save it again.") from None
    files = sorted(file for file in path.iterdir() if file.is_file())
    return from_dataset(found, "datasets", digest_of(files), reading)


def _only_split(path: Path) -> Path:
    """The folder of the one split, where a folder holds splits."""
    if not (path / "dataset_dict.json").exists():
        return path
    splits = json.loads((path / "dataset_dict.json").read_text("utf-8"))["splits"]
    if len(splits) != 1:
        raise InputError(
            f"it holds the splits {', '.join(splits)}", place=str(path), remedy=f"Name one, as in {path / splits[0]}."
        )
    return path / str(splits[0])


def is_saved_dataset(path: Path) -> bool:
    """Whether ``datasets`` wrote a folder."""
    return (path / "dataset_dict.json").exists() or ((path / "state.json").exists() and (path / "dataset_info.json").exists())


def from_dataset(found: "Dataset", form: str, mark: str, reading: Reading) -> Table:
    """A data set that ``datasets`` has opened, as a table.

    Args:
        found: the data set.
        form: the format to name as its source.
        mark: digest of what it holds.
        reading: how to read it.
    """
    names = {name: feature.names for name, feature in found.features.items() if hasattr(feature, "int2str")}
    notes = tuple(
        f"Column {name!r} holds class numbers: {', '.join(f'{i} is {c}' for i, c in enumerate(classes))}."
        for name, classes in names.items()
    )
    schema = found.features.arrow_schema.remove_metadata()
    small = (found.size_in_bytes or found.data.nbytes) <= SMALL
    return store(Stored(form, mark, schema, len(found), small, functools.partial(_tables, found, schema), notes), reading)


def _tables(found: "Dataset", schema: pa.Schema) -> Iterator[pa.Table]:
    for table in found.with_format("arrow").iter(batch_size=10_000):
        yield table.replace_schema_metadata(None).cast(schema)
