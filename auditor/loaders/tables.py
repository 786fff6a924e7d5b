"""Tables of any format: finding out what a name is, reading it, and what its columns are for."""

import difflib
import functools
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from auditor.errors import InputError
from auditor.loaders._chunks import Reading
from auditor.loaders._files import recognised
from auditor.loaders._numbers import for_model
from auditor.loaders._roles import Takes, check_roles, infer_roles, named
from auditor.loaders.arrow import arrow
from auditor.loaders.delimited import delimited
from auditor.loaders.hub import hub, is_hub_name
from auditor.loaders.json_lines import json_lines
from auditor.loaders.parquet import parquet
from auditor.loaders.saved_dataset import is_saved_dataset, saved_dataset
from auditor.types import Marks, Roles, Table, as_seen
from auditor.types.views import POINT

__all__ = ["FORMATS", "for_model", "infer_roles", "load"]

Read = Callable[[Sequence[Path], Reading], Table]

FORMATS: dict[str, Read] = {
    "csv": delimited,
    "tsv": functools.partial(delimited, tabs=True),
    "jsonl": json_lines,
    "json": functools.partial(json_lines, lines=False),
    "parquet": parquet,
    "arrow": arrow,
}
"""What reads files of each format."""

_ENDINGS = {
    **dict.fromkeys((".csv", ".data", ".test", ".txt", ".dat"), "csv"),
    **dict.fromkeys((".tsv", ".tab"), "tsv"),
    **dict.fromkeys((".jsonl", ".ndjson"), "jsonl"),
    ".json": "json",
    **dict.fromkeys((".parquet", ".pq"), "parquet"),
    **dict.fromkeys((".arrow", ".feather", ".ipc", ".arrows"), "arrow"),
}
_PACKED = (".gz", ".zst", ".zstd")
_SHOWN = 5


def load(
    name: str,
    roles: Roles,
    *,
    cache: Path,
    format: str | None = None,  # noqa: A002 - the option's name
    max_bad_rows: float = 0.001,
    marks: Marks | None = None,
    takes: Takes = None,
    columns: Sequence[str] = (),
    records: str | None = None,
) -> Table:
    """Read a table.

    Up to 64 MB of source are held in memory; larger text is streamed once into Parquet in the cache, and Parquet is used
    where it is. What was repaired or assumed is in ``source.notes``.

    Args:
        name: a file, a folder of files of one format, a folder saved by ``datasets``, or a data set on the Hugging Face hub.
        roles: what columns are for, as far as it was said; the rest is inferred.
        cache: folder for what is too large to hold in memory.
        format: one of ``FORMATS``, where the name does not tell; with an encoding behind it, as in ``"csv:cp1251"``.
        max_bad_rows: share of rows that may be set aside because they cannot be read; unless it is 0, one may wherever it is
            at most 10 % of the rows.
        marks: the signs in numbers, where they were declared; else a column of which they cannot be told is asked about.
        takes: what the model takes, where there is one.
        columns: names for the columns of text without a header, or for the cells of JSON records that are arrays.
        records: the field that holds the records of a JSON file, as in ``"data"`` or ``"response.items"``.

    Raises:
        InputError: there is no such source, it cannot be read as a table, or a role names a column that is not there or
            does not suit it.
        TooManyBadRows: more rows cannot be read than allowed.
    """
    form, _, encoding = (format or "").partition(":")
    names, signs = tuple(columns), marks or POINT
    reading = Reading(name, cache, max_bad_rows, named(roles), encoding or None, columns=names, records=records, marks=signs)
    try:
        table = _read(name, form, reading)
    except OSError as error:
        if error.filename and Path(os.fsdecode(error.filename)).is_relative_to(cache):
            raise  # the cache cannot be written, which is another matter
        raise InputError(
            f"it cannot be read ({error})", place=name, remedy="Check the file, its permissions and the disk."
        ) from None
    return check_roles(replace(table, roles=inferred(table, roles, takes)), marks)


def inferred(table: Table, given: Roles, takes: Takes) -> Roles:
    """The roles of a table's columns: those given, and the others by names and first rows; see ``infer_roles``."""
    first = next(table.batches(written=True)).slice(0, 1000)
    nested = [name for name, view in table.views.items() if view.form == "json" and _is_nested(first.column(name))]
    schema = pa.schema([field for field in table.schema if field.name not in nested])
    return infer_roles(schema, as_seen(first, table.views, Roles()), given, takes)


def _is_nested(cells: pa.ChunkedArray) -> bool:
    """Whether the first cell of a column of JSON is a list or an object."""
    texts = cells.drop_null().slice(0, 1) if pa.types.is_string(cells.type) else cells.slice(0, 0)
    return bool(len(texts)) and texts[0].as_py()[:1] in ("[", "{")


def _read(name: str, form: str, reading: Reading) -> Table:
    if form and form not in FORMATS:
        raise InputError(f"there is no format {form!r}", place=name, remedy=f"Use one of {', '.join(FORMATS)}.")
    path = Path(name)
    if path.is_dir() and is_saved_dataset(path):
        _check_options("a saved data set", reading)
        return saved_dataset(path, reading)
    if path.is_dir():
        paths, others = _inside(path, form)
        return _noting(_of_format(form or _format(paths[0]), paths, reading), others)
    if path.is_file():
        return _of_format(form or _format(path), [path], reading)
    if is_hub_name(name) and not (path.parent.is_dir() and path.parent != Path()) and _ending(path) not in _ENDINGS:
        _check_options("a data set of the hub", reading)
        return hub(name, reading)
    near = difflib.get_close_matches(path.name, [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else [])
    raise InputError("there is no such file", place=name, remedy=f"Did you mean {near[0]}?" if near else "Check the path.")


def _of_format(form: str, paths: Sequence[Path], reading: Reading) -> Table:
    _check_options(form, reading)
    return FORMATS[form](paths, reading)


def _check_options(form: str, reading: Reading) -> None:
    """Check that what was said of a source can be said of its format.

    Raises:
        InputError: it cannot.
    """
    if reading.columns and form not in ("csv", "tsv", "json", "jsonl"):
        remedy = "Leave out columns; it names the columns of text without a header."
        raise InputError(f"it is read as {form}, whose columns have names", place=f"{reading.name}, columns", remedy=remedy)
    if reading.records is not None and form not in ("json", "jsonl"):
        remedy = "Leave out records; it names the field of a JSON file that holds the records."
        raise InputError(f"it is read as {form}, which is no JSON", place=f"{reading.name}, records", remedy=remedy)


def _noting(table: Table, others: Sequence[str]) -> Table:
    """The table with a note on the files beside it that are not read."""
    if not others:
        return table
    more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
    note = f"What else is in the folder is not read: {', '.join(others[:_SHOWN])}{more}."
    return replace(table, source=replace(table.source, notes=(*table.source.notes, note)))


def _ending(path: Path) -> str:
    """What a file's name ends with, apart from its compression."""
    return Path(path.stem).suffix.lower() if path.suffix.lower() in _PACKED else path.suffix.lower()


def _format(path: Path) -> str:
    """A file's format, by its first bytes, else by its name.

    Raises:
        InputError: it is no table, or it cannot be told.
    """
    found = recognised(path)
    if found in FORMATS:
        return str(found)
    if found:
        raise InputError(f"it is {found}, and no table", place=str(path), remedy=f"Give one of {', '.join(FORMATS)}.")
    if (ending := _ending(path)) in _ENDINGS:
        return _ENDINGS[ending]
    raise InputError(
        f"the ending {ending!r} does not tell what it is" if ending else "the name has no ending that tells what it is",
        place=str(path),
        remedy=f"Give its format, as --data-format csv or in a plan as data.format: csv; one of {', '.join(FORMATS)}.",
    )


def _inside(folder: Path, form: str) -> tuple[list[Path], list[str]]:
    """The tables in a folder, by name, and the names of what else is in it.

    Raises:
        InputError: there are none, or they are of several formats.
    """
    visible = sorted(path for path in folder.iterdir() if path.name[0] not in "._")
    paths = [path for path in visible if path.is_file() and _ending(path) in _ENDINGS]
    if not paths:
        raise InputError(
            "there are no tables in this folder",
            place=str(folder),
            remedy=f"Put files in it that end in {', '.join(_ENDINGS)}.",
        )
    by_format = {_ENDINGS[_ending(path)]: path.name for path in reversed(paths)}
    if len(by_format) > 1 and not form:
        several = " and ".join(sorted(by_format.values()))
        raise InputError(
            f"there are files of several formats in it, such as {several}", place=str(folder), remedy="Give its format."
        )
    chosen = [path for path in paths if not form or _ENDINGS[_ending(path)] == form] or paths
    return chosen, [path.name for path in visible if path not in set(chosen)]
