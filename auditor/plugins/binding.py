"""From a function and options to a checked call: names and types come from the signature, nowhere else."""

import functools
import inspect
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from auditor import codec, declare
from auditor.errors import ConfigError, near
from auditor.plugins.listing import Noun, find
from auditor.types import Decisions, RowPass, Scores, Subject

REQUIRED = inspect.Parameter.empty
RUNNER_BINDS = ("column", "columns", "keys", "label", "groups", "seed")
"""Options that the data and the run answer where nobody does."""


@dataclass(frozen=True, slots=True)
class Step:
    """A pass or probe by name, with options.

    Attributes:
        use: its name in the catalogue.
        options: as JSON-like data; an option that is a row pass is a name, or a mapping ``{"use": name, option: value}``.
    """

    use: str
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Option:
    """A keyword-only parameter of a loader, pass or probe; ``default`` is ``REQUIRED`` where it has to be given."""

    name: str
    annotation: object
    default: object

    @property
    def kind(self) -> str:
        """The annotation in short: ``float``, ``str | None``, ``Literal['all', 'first']``, ``RowPass``."""
        plain = self.annotation.__name__ if isinstance(self.annotation, type) and not typing.get_args(self.annotation) else None
        return plain or str(self.annotation).replace("typing.", "").replace(f"{RowPass.__module__}.", "")


def read_step(value: object, *, place: str) -> Step:
    """Read a step as people write it: a name, or ``{use: name, option: value}``.

    Raises:
        ConfigError: it is neither.
    """
    if isinstance(value, Step):
        return value
    if isinstance(value, str):
        return Step(value)
    if isinstance(value, Mapping) and isinstance(value.get("use"), str):
        return Step(value["use"], {str(name): inner for name, inner in value.items() if name != "use"})
    raise ConfigError(f"expected a name, or a mapping with the key 'use', found {codec.shown(value)}", place=place)


def options(function: Callable[..., object]) -> tuple[Option, ...]:
    """The options of a function, in order."""
    function = declare.bare(function)
    hints = typing.get_type_hints(function)
    parameters = inspect.signature(function).parameters.values()
    return tuple(Option(p.name, hints.get(p.name, object), p.default) for p in parameters if p.kind is p.KEYWORD_ONLY)


def bind(step: Step, noun: Noun, *, place: str = "") -> Callable[..., object]:
    """Find a function and bind checked options to it.

    Args:
        step: name and options.
        noun: what it has to be.
        place: what the step is from, such as ``"audit.yaml, probes[1]"``.

    Returns:
        A ``functools.partial`` of the function, which can be pickled.

    Raises:
        ConfigError: there is no such function or option, an option has a wrong type, or one that has no default is missing.
    """
    place = place or f"{noun} {step.use}"
    function = _found(noun, step.use, place)
    known = {option.name: option for option in options(function)}
    for name in step.options:
        if name not in known:
            listed = f"; the options are {', '.join(known)}" if known else f"; {step.use!r} has no options"
            raise ConfigError("unknown" + (near(name, known) or listed), place=f"{place}.{name}")
    for option in known.values():
        if option.default is REQUIRED and option.name not in (*step.options, *RUNNER_BINDS):
            raise ConfigError(f"{step.use!r} needs the option {option.name!r} ({option.kind})", place=place)
    fitted = {name: _fit(value, known[name].annotation, f"{place}.{name}") for name, value in step.options.items()}
    return functools.partial(function, **fitted)


def _found(noun: Noun, name: str, place: str) -> Callable[..., object]:
    try:
        return find(noun, name)
    except ConfigError as error:
        raise ConfigError(error.problem, place=", ".join(filter(None, (place, error.place))), remedy=error.remedy) from None


def _fit(value: object, annotation: object, place: str) -> object:
    """A value as its option's type; where that is a row pass, the pass, bound."""
    inner = typing.get_args(annotation)
    if annotation is RowPass:
        return value if callable(value) else _row_pass(value, place)
    if RowPass in inner and typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return None if value is None else _fit(value, RowPass, place)
    if inner == (RowPass, ...) and isinstance(value, list | tuple):
        return tuple(_fit(one, RowPass, f"{place}[{i}]") for i, one in enumerate(value))
    return codec.check(value, annotation, place=place)


def _row_pass(value: object, place: str) -> Callable[..., object]:
    bound = bind(read_step(value, place=place), "pass", place=place)
    if declare.info(bound).kind != "row_pass":
        raise ConfigError(f"{declare.describe(bound)!r} has to see the whole table; a row pass is needed here", place=place)
    return bound


def filled(step: Step, noun: Noun) -> Step:
    """The step as JSON-like data, with defaults filled in; not those that the runner binds."""
    written: dict[str, object] = {}
    for option in options(find(noun, step.use)):
        if option.name in step.options:
            written[option.name] = _plain(step.options[option.name], option.annotation)
        elif option.default is not REQUIRED and option.name not in RUNNER_BINDS:
            written[option.name] = _plain(option.default, option.annotation)
    return Step(step.use, written)


def _plain(value: object, annotation: object) -> object:
    if callable(value):
        return declare.describe(value)
    if value is None:
        return None
    if annotation is RowPass or (RowPass in typing.get_args(annotation) and isinstance(value, str | Mapping)):
        inner = filled(read_step(value, place=""), "pass")
        return {"use": inner.use, **inner.options}
    if isinstance(value, list | tuple) and RowPass in typing.get_args(annotation):
        return [_plain(one, RowPass) for one in value]
    return codec.plain(codec.check(value, annotation, place=""))


def requirement(probe: Callable[..., object]) -> Literal["none", "decisions", "scores"]:
    """What a probe needs of a model: nothing, decided classes from anywhere, or a model that can be asked.

    Raises:
        ConfigError: its first parameter is not annotated as a ``Subject`` of one of these.
    """
    function = declare.bare(probe)
    first = next(iter(inspect.signature(function).parameters), "")
    annotation = typing.get_type_hints(function).get(first)
    needs = {type(None): "none", Decisions: "decisions", Scores: "scores"}
    wanted = next(iter(typing.get_args(annotation)), None)
    if typing.get_origin(annotation) is not Subject or wanted not in needs:
        raise ConfigError(
            f"the first parameter has to be a Subject[None], Subject[Decisions] or Subject[Scores], found {annotation!r}",
            place=f"{function.__module__}:{function.__qualname__}",
        )
    return cast(Literal["none", "decisions", "scores"], needs[wanted])
