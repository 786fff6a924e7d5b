"""What all functions of the catalogue promise: they are documented, typed, cited, and found by their names."""

import inspect
import pickle
import re
from collections.abc import Callable
from typing import Any

from auditor import codec, declare, plugins
from auditor.errors import ConfigError
from auditor.types import RowPass


def promise(kept: object, what: str) -> None:
    """Say which promise was broken.

    Raises:
        AssertionError: it was.
    """
    if not kept:
        raise AssertionError(what)


def check_function(function: Callable[..., Any], noun: plugins.Noun, *sections: str) -> None:
    """Check what all functions of the catalogue promise.

    Args:
        function: a marked function, or a partial of one.
        noun: what it has to be.
        sections: what its documentation has to have, such as ``"Yields"``.

    Raises:
        AssertionError: a promise is broken.
    """
    bare = declare.bare(function)
    name = f"{bare.__module__}:{bare.__qualname__}"
    about = declare.info(bare)
    promise(_noun(about.kind) == noun, f"{name} is marked as a {about.kind}, not as a {noun}")
    promise(about.source.strip(), f"{name} does not cite its source: @{about.kind}(source=...)")
    promise(pickle.loads(pickle.dumps(bare)) is bare, f"{name} cannot be pickled by its name")  # noqa: S301 - made one call ago
    _check_documentation(bare, name, sections)
    _check_options(bare, name)


def _noun(kind: declare.Kind) -> str:
    return "pass" if kind.endswith("_pass") else kind


def _check_documentation(function: Callable[..., Any], name: str, sections: tuple[str, ...]) -> None:
    text = inspect.getdoc(function) or ""
    first = text.split("\n\n", maxsplit=1)[0].strip()
    promise(first.endswith("."), f"{name} has to be documented, with one sentence first; it begins with {first[:60]!r}")
    for section in (*(["Args"] if inspect.signature(function).parameters else []), *sections):
        promise(re.search(rf"^{section}:$", text, re.MULTILINE), f"the documentation of {name} has no section {section!r}")
    for parameter in inspect.signature(function).parameters:
        promise(
            re.search(rf"^ +\*{{0,2}}{parameter}( \(.*\))?: \S", text, re.MULTILINE),
            f"the documentation of {name} does not say what {parameter!r} is",
        )


def _check_options(function: Callable[..., Any], name: str) -> None:
    for parameter in inspect.signature(function).parameters.values():
        promise(parameter.annotation is not parameter.empty, f"{parameter.name!r} of {name} has no annotation")
        flexible = parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
        promise(not flexible, f"{parameter.name!r} of {name} stands for any number of options")
        positional = parameter.kind is not parameter.KEYWORD_ONLY
        promise(
            not (positional and parameter.default is not parameter.empty),
            f"the option {parameter.name!r} of {name} has to be keyword-only",
        )
    for option in plugins.options(function):
        promise(option.name != "use", f"{name} has an option 'use', which plans cannot say")
        _check_default(option, name)


def _check_default(option: plugins.Option, name: str) -> None:
    if option.default is plugins.REQUIRED or option.default is None or "RowPass" in option.kind or option.annotation is RowPass:
        return
    try:
        fitting = codec.check(option.default, option.annotation, place=option.name)
    except ConfigError as error:
        raise AssertionError(f"the default of {name} does not fit its annotation: {error}") from None
    promise(fitting == option.default, f"the default of {option.name!r} of {name} is not of its type {option.kind}")
