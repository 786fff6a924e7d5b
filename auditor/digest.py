"""Digests of files, values and code: what caches, lineage and fingerprints are keyed by."""

import ast
import functools
import hashlib
import inspect
import json
import textwrap
from collections.abc import Callable
from pathlib import Path


def of_bytes(data: bytes) -> str:
    """SHA-256 of bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def of_file(path: Path) -> str:
    """SHA-256 of a file's bytes, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def of_value(value: object) -> str:
    """SHA-256 of a JSON-like value in canonical form; other objects by their ``repr``."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=repr)
    return of_bytes(text.encode())


def of_code(function: Callable[..., object]) -> str:
    """SHA-256 of what a function does: the code of its whole module without comments, and its bound options.

    The module, and not the function alone, because a function rests on the tables and helpers beside it.
    """
    options: dict[str, object] = {}
    while isinstance(function, functools.partial):
        options = {**function.keywords, **options}
        function = function.func
    nested = {name: of_code(v) if callable(v) else v for name, v in options.items()}
    return of_value([function.__module__, function.__qualname__, _code_of(function), nested])


@functools.cache
def _code_of(function: Callable[..., object]) -> str:
    try:
        source = inspect.getsource(inspect.getmodule(function) or function)
    except (OSError, TypeError):
        return function.__qualname__
    return of_bytes(ast.dump(ast.parse(textwrap.dedent(source))).encode())


@functools.cache
def of_package() -> str:
    """SHA-256 over the package's own code and word lists: what was computed by others is computed again."""
    folder = Path(__file__).parent
    return of_value(
        [
            (path.relative_to(folder).as_posix(), of_file(path))
            for path in sorted(folder.rglob("*"))
            if path.suffix in {".py", ".txt"}
        ]
    )
