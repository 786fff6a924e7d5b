"""Data sets on the Hugging Face hub."""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from auditor import digest
from auditor.declare import loader
from auditor.errors import InputError
from auditor.loaders._chunks import Reading
from auditor.loaders._files import digest_of
from auditor.loaders.saved_dataset import from_dataset
from auditor.types import Table

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

_SECONDS = 10.0
_NAME = re.compile(r"hub:[\w.-]+(/[\w.-]+)?(:[\w.-]+)?|[\w.-]+/[\w.-]+(:[\w.-]+)?")


@loader(source="datasets, https://huggingface.co/docs/datasets")
def hub(name: str, reading: Reading) -> Table:
    """A data set on the Hugging Face hub, at its newest revision, which is pinned by its commit; code of the hub never runs.

    Args:
        name: ``owner/name``, with ``:split`` behind it where there are several splits.
        reading: how to read it.

    Raises:
        InputError: the hub cannot be reached, has no such data set, or the split must be named.
    """
    name, _, split = name.removeprefix("hub:").partition(":")
    revision = None if os.environ.get("HF_HUB_OFFLINE") else _newest(name)
    found, split = _chosen(_fetched(name, revision), split, name)
    files = [Path(file["filename"]) for file in found.cache_files]
    return from_dataset(found, "hub", digest.of_value([name, split, digest_of(files)]), reading)


def is_hub_name(name: str) -> bool:
    """Whether a name that is no path here is written as the hub's names are."""
    return _NAME.fullmatch(name) is not None


def _newest(name: str) -> str:
    """The commit of the newest revision; asking for it first shows at once when there is no network."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HFValidationError, HTTPError, RepositoryNotFoundError

    try:
        return str(HfApi().dataset_info(name, timeout=_SECONDS).sha)
    except (RepositoryNotFoundError, HFValidationError):
        problem, remedy = "there is no such file here, and no such data set on the hub", "Check the name."
    except (HTTPError, OSError) as error:
        problem = f"there is no such file here, and the hub cannot be asked ({error})"
        remedy = "Check the name; or save the data set where there is a network, with save_to_disk, and give its folder."
    raise InputError(problem, place=name, remedy=remedy)


def _fetched(name: str, revision: str | None) -> "Dataset | DatasetDict":
    import datasets

    try:
        return datasets.load_dataset(name, revision=revision)
    except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError) as error:
        raise InputError(
            f"it cannot be loaded from the hub ({error})", place=name, remedy="Save it with save_to_disk, and give its folder."
        ) from None


def _chosen(found: "Dataset | DatasetDict", split: str, name: str) -> "tuple[Dataset, str]":
    """The split that was asked for, or the only one."""
    splits = list(found)
    if split not in splits and (split or len(splits) > 1):
        problem = f"it has no split {split!r}, but" if split else "it has the splits"
        raise InputError(f"{problem} {', '.join(splits)}", place=name, remedy=f"Name one, as in {name}:{splits[0]}.")
    chosen = split or splits[0]
    return found[chosen], chosen
