"""What loaders promise: they read their format, or say in one sentence why they cannot."""

import inspect
import tempfile
import typing
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from auditor import declare
from auditor.errors import AuditorError
from auditor.testing.promises import check_function, promise
from auditor.types import Model, Table

_GARBAGE = b"\x00\x01\x02 this is no table and no model \xff\xfe" * 16


def check_loader(function: Callable[..., Any]) -> None:
    """Check the promises of a loader.

    It is documented, typed and cited; it gives a ``Table`` or a ``Model``; and a file that is not of its format is an
    error that names the file, and not a crash.

    Args:
        function: the loader, or a partial of it where an option has to be given.

    Raises:
        AssertionError: a promise is broken.
    """
    check_function(function, "loader", "Raises")
    bare = declare.bare(function)
    hints = typing.get_type_hints(bare)
    promise(hints.get("return") in (Table, Model), f"{bare.__qualname__} gives neither a Table nor a Model")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "garbage.bin"
        path.write_bytes(_GARBAGE)
        arguments = _arguments(bare, hints, path)
        if arguments is not None:
            _check_refusal(function, arguments, path)


def _check_refusal(function: Callable[..., Any], arguments: Sequence[object], path: Path) -> None:
    name = declare.bare(function).__qualname__
    try:
        function(*arguments)
    except AuditorError as error:
        promise(path.name in str(error), f"{name} does not name the file that it cannot read: {error}")
    else:
        raise AssertionError(f"{name} reads a file of garbage as if it were of its format")


def _arguments(function: Callable[..., Any], hints: dict[str, Any], path: Path) -> list[object] | None:
    """What to call it with; None where it takes something else than a path, or paths, of files."""
    from auditor.loaders._chunks import Reading

    known: dict[object, object] = {Path: path, Sequence[Path]: [path], Reading: Reading(str(path), path.parent)}
    required = [p for p in inspect.signature(function).parameters.values() if p.default is p.empty]
    kinds = [hints[p.name] for p in required if p.kind is not p.KEYWORD_ONLY]
    if any(p.kind is p.KEYWORD_ONLY for p in required) or not all(kind in known for kind in kinds):
        return None
    return [known[kind] for kind in kinds]
