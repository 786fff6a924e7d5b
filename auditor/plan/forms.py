"""Plans as people write them: short forms for what is common, and paths relative to the plan's own folder."""

import dataclasses
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from auditor import codec
from auditor.errors import ConfigError, near
from auditor.plan.checks import checked, shipped_packs
from auditor.plan.nouns import CleanPlan, DataSpec, ModelSpec, Plan, Policy
from auditor.plugins import Step, read_step
from auditor.types import Group, RoleName, Statement

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_GROUP = re.compile(rf"(?P<column>.+?)(?::(?P<bins>{_NUMBER}(?:,{_NUMBER})*))?(?:=(?P<reference>.+))?", re.DOTALL)
_SECTIONS = {"data": DataSpec, "model": ModelSpec, "policy": Policy}
_OFF = {"inputs": "text", **{name: name for name in get_args(RoleName)}}
"""Keys under which a role may be said to have no column, and the role."""

_NAMES = ("records", "text", "label", "id", "weight", "split", "prediction", "score", "positive", "favourable")


def read(path: Path | str) -> Plan:
    """Read ``audit.yaml`` and check everything in it that can be checked without the data.

    Args:
        path: the file; paths in it are relative to its folder.

    Raises:
        ConfigError: it is not a plan; names the place, the value and what was expected.
    """
    path = Path(path)
    value = codec.yaml_value(codec.read_text(path), place=str(path))
    return from_value(value, base=path.parent, place=str(path))


def read_clean(path: Path) -> CleanPlan:
    """Read the plan of a cleaning run, as a run leaves it in its folder, and check it.

    Args:
        path: the file; paths in it are relative to its folder.

    Raises:
        ConfigError: it is not a plan; names the place, the value and what was expected.
    """
    place = str(path)
    value = codec.yaml_value(codec.read_text(path), place=place)
    if not isinstance(value, Mapping):
        return codec.parse(value, CleanPlan, place=place)
    whole = _with_data(value, path.parent)
    if "passes" in whole:
        whole["passes"] = [read_step(one, place=f"{place}, passes[{i}]") for i, one in enumerate(_listed(whole["passes"]))]
    return checked(codec.parse(whole, CleanPlan, place=place), place=place)


def read_statements(path: Path) -> tuple[Statement, ...]:
    """Read a file of statements: a list of them, or a mapping that holds one under ``statements``.

    Raises:
        ConfigError: it does not read as one.
    """
    value = codec.yaml_value(codec.read_text(path), place=str(path))
    if isinstance(value, Mapping) and "statements" in value:
        value = value["statements"]
    return statements(value, place=str(path))


def statements(value: object, *, place: str) -> tuple[Statement, ...]:
    """Statements from JSON-like data.

    Raises:
        ConfigError: they do not read as such.
    """
    return codec.parse([_statement(one) for one in _listed(value)], tuple[Statement, ...], place=place)


def from_value(value: object, *, base: Path, place: str) -> Plan:
    """A checked plan from JSON-like data, as ``audit.yaml`` holds it.

    Raises:
        ConfigError: it is not a plan.
    """
    return checked(parse(value, base=base, place=place), place=place)


def parse(value: object, *, base: Path, place: str) -> Plan:
    """A plan from JSON-like data, with short forms written out; names and options are not checked yet."""
    if not isinstance(value, Mapping):
        return codec.parse(value, Plan, place=place)
    _point_to_section(value, place)
    whole = _with_data(value, base)
    if "probes" in whole:
        whole["probes"] = [read_step(one, place=f"{place}, probes[{i}]") for i, one in enumerate(_listed(whole["probes"]))]
    if "packs" in whole:
        whole["packs"] = [_pack(one, base) for one in _listed(whole["packs"])]
    if "statements" in whole:
        whole["statements"] = [_statement(one) for one in _listed(whole["statements"])]
    return codec.parse(whole, Plan, place=place)


def _with_data(value: Mapping[str, object], base: Path) -> dict[str, Any]:
    """What is said at the top, with data and model written out."""
    whole: dict[str, Any] = {name: inner for name, inner in value.items() if inner is not None}
    for section in whole.keys() & {"data", "model"}:
        whole[section] = _with_path(whole[section], base)
    if isinstance(whole.get("data"), Mapping):
        whole["data"] = _data(whole["data"])
    return whole


def _listed(value: object) -> Sequence[object]:
    """One thing for a list of one."""
    return value if isinstance(value, list | tuple) else [] if value is None else [value]


def _point_to_section(whole: Mapping[str, object], place: str) -> None:
    """Say of a key at the top that belongs under another where it belongs."""
    known = {field.name for field in dataclasses.fields(Plan)}
    for name in whole:
        for section, kind in _SECTIONS.items():
            if name not in known and name in {field.name for field in dataclasses.fields(kind)}:
                raise ConfigError(f"unknown here; it belongs under {section!r}", place=f"{place}, {name}")


def _with_path(value: object, base: Path) -> object:
    """``data: train.csv`` for ``data: {path: train.csv}``, and the path as seen from here."""
    if isinstance(value, str):
        value = {"path": value}
    if not isinstance(value, Mapping):
        return value
    return {**value, **{name: _from_here(value[name], base) for name in ("path", "base") if isinstance(value.get(name), str)}}


def _from_here(path: str, base: Path) -> str:
    """A path that is relative to ``base``; a hub name, which nothing in ``base`` is called, as it is."""
    own = Path(path).expanduser()
    hub = re.fullmatch(r"[\w.-]+(/[\w.-]+)?", path) and not path.startswith(".")
    if hub and not (base / own).exists() and not re.fullmatch(r"\.[A-Za-z]+", own.suffix):
        return path
    return _short(base / own)


def _short(path: Path) -> str:
    """A path without steps up and down again, where it leads to the same."""
    short = Path(os.path.normpath(path))
    if not path.exists():
        return str(short if short.exists() else path)
    return str(short if short.exists() and short.samefile(path) else path)


def _data(value: Mapping[str, object]) -> dict[str, object]:
    """Short forms written out; a role that is there without a column, such as ``text: null``, is not inferred."""
    off = [role for name, role in _OFF.items() if name in value and value[name] in (None, [], "")]
    value = {name: one for name, one in value.items() if not (name in _OFF and one in (None, [], ""))}
    if isinstance(labels := value.get("labels"), Mapping):
        value["labels"] = {_name(one): _name(name) for one, name in labels.items()}
    if off:
        value["without"] = [*dict.fromkeys([*_listed(value.get("without")), *off])]
    return {
        **value,
        **{name: _name(value[name]) for name in _NAMES if name in value},
        **{name: [_name(one) for one in _listed(value.get(name))] for name in ("columns", "inputs")},
        "groups": [_group(one) for one in _listed(value.get("groups"))],
    }


def _name(value: object) -> object:
    """A column or class, which YAML may take for a number or a truth value, as text."""
    return str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, int | float) else value


def _group(value: object) -> object:
    if isinstance(value, Mapping):
        named = {name: _name(value[name]) for name in ("column", "reference") if name in value}
        sets = [_listed(one) for one in _listed(value.get("same"))]
        return {**value, **named, **({"same": [[_name(one) for one in names] for names in sets]} if sets else {})}
    return {"column": _name(value)} if isinstance(value, str | int) else value


def _statement(value: object) -> object:
    """A statement, whose clause may look like a number: ``1607.5``."""
    if not isinstance(value, Mapping):
        return value
    return {**value, **{name: _name(value[name]) for name in ("pack", "clause") if name in value}}


def _pack(value: object, base: Path) -> object:
    """A shipped pack's name as it is; the path of any other as seen from here."""
    if not isinstance(value, str) or value in shipped_packs():
        return value
    return _short(base / Path(value).expanduser()) if (base / Path(value).expanduser()).is_dir() else value


def group(text: str) -> Group:
    """A group column in one line: ``gender``, ``age:25,45`` (inner edges), ``race=Caucasian`` (the reference), or both."""
    found = _GROUP.fullmatch(text)
    if found is None:
        raise ConfigError("expected COLUMN, COLUMN:25,45 or COLUMN=REFERENCE, found nothing", place="--group")
    bins = tuple(float(edge) for edge in found["bins"].split(",")) if found["bins"] else ()
    return Group(found["column"], bins, found["reference"])


def same(groups: Sequence[Group], text: str) -> tuple[Group, ...]:
    """Group columns, one of them with spellings of one group, in one line: ``sex:Female=female=FEMALE``; the first names it.

    Raises:
        ConfigError: it is not written like that, or of no group column.
    """
    column, _, rest = text.partition(":")
    names = tuple(rest.split("="))
    if not column or len(names) < 2 or not all(names):
        raise ConfigError(f"expected COLUMN:NAME=SPELLING, such as sex:Female=female, found {text!r}", place="--same")
    if column not in [group.column for group in groups]:
        known = near(column, [group.column for group in groups])
        raise ConfigError(f"{column!r} is no group column{known}", place="--same", remedy="Name it with --group too.")
    return tuple(replace(one, same=(*one.same, names)) if one.column == column else one for one in groups)


def label(text: str) -> tuple[str, str]:
    """A label and the class that it stands for in one line: ``pos=positive``, ``<=50K=low``, ``0=<=50K``.

    Raises:
        ConfigError: it is not written like that.
    """
    parts = re.split(r"(?<![<>=!])=(?!=)", text, maxsplit=1)
    if len(parts) != 2 or not all(parts):
        raise ConfigError(f"expected LABEL=CLASS, such as pos=positive, found {text!r}", place="--labels")
    return parts[0], parts[1]


def step(text: str, *, place: str) -> Step:
    """A step in one line: ``NAME`` or ``NAME:option=value,option=value``, with values as in YAML.

    Raises:
        ConfigError: it is not written like that.
    """
    use, _, rest = text.partition(":")
    pairs = re.findall(r"([A-Za-z_]\w*)=((?:\[[^\]]*\]|[^,\[])*)(?:,|$)", rest)
    if not use or ",".join(f"{name}={value}" for name, value in pairs) != rest:
        raise ConfigError(f"expected NAME or NAME:option=value,option=value, found {text!r}", place=place)
    return Step(use, {name: codec.yaml_value(value, place=f"{place} {use}.{name}") for name, value in pairs})
