"""What can be known of a plan to be wrong before any data is read."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar, get_args

from auditor import assets
from auditor.errors import ConfigError, near
from auditor.plan.nouns import CleanPlan, DataSpec, Plan
from auditor.plugins import Noun, Step, bind
from auditor.types import Group, Shown, Statement

P = TypeVar("P", Plan, CleanPlan)


def checked(plan: P, *, place: str = "plan") -> P:
    """The plan, where its names, options and numbers make sense.

    Args:
        plan: of an audit or of a cleaning run.
        place: where it is from, for messages.

    Raises:
        ConfigError: they do not; names the place, the value and what was expected.
    """
    _check_data(plan.data, place)
    if isinstance(plan, Plan):
        _check_steps(plan.probes, "probe", f"{place}, probes")
        _check_packs(plan.packs, place)
        _within(plan.policy.alpha, lambda alpha: 0 < alpha < 0.5, "a number between 0 and 0.5", f"{place}, policy.alpha")
        _within(plan.policy.level, lambda level: 0.5 <= level < 1, "a number from 0.5 to below 1", f"{place}, policy.level")
        _check_shown(plan.policy.evidence, f"{place}, policy.evidence")
        _check_statements(plan.statements, place)
    else:
        _check_steps(plan.passes, "pass", f"{place}, passes")
        _within(plan.workers or 1, lambda workers: workers > 0, "a positive whole number", f"{place}, workers")
        _check_shown(plan.evidence, f"{place}, evidence")
    _within(plan.seed, lambda seed: seed >= 0, "a whole number from 0", f"{place}, seed")
    return plan


def _check_statements(statements: Sequence[Statement], place: str) -> None:
    """See that each says who, in which role and what, and from when to when."""
    for i, one in enumerate(statements):
        where = f"{place}, statements[{i}]"
        for name in ("who", "role", "text"):
            if not getattr(one, name).strip():
                raise ConfigError("expected text, found nothing", place=f"{where}.{name}")
        for name in ("date", "until"):
            if not _is_date(getattr(one, name)):
                expected = "expected a date such as 2026-11-01"
                raise ConfigError(f"{expected}, found {getattr(one, name)!r}", place=f"{where}.{name}")
        if one.until < one.date:
            raise ConfigError(f"ends on {one.until}, before its date, {one.date}", place=f"{where}.until")


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _within(value: float, allowed: Callable[[float], bool], expected: str, place: str) -> None:
    if not allowed(value):
        raise ConfigError(f"expected {expected}, found {value!r}", place=place)


def _check_shown(evidence: str, place: str) -> None:
    if evidence not in get_args(Shown):
        raise ConfigError(f"expected one of {', '.join(get_args(Shown))}, found {evidence!r}", place=place)


def _check_steps(steps: Sequence[Step], noun: Noun, place: str) -> None:
    if not steps:
        raise ConfigError(f"expected at least one {noun}", place=place, remedy="Leave the key out to take the default ones.")
    for i, step in enumerate(steps):
        bind(step, noun, place=f"{place}[{i}]")
        if step in steps[:i]:
            raise ConfigError(f"the same as {noun} {steps.index(step)}, {step.use!r}", place=f"{place}[{i}]")


def _check_data(data: DataSpec, place: str) -> None:
    _within(1 if data.rows is None else data.rows, lambda rows: rows > 0, "a positive whole number", f"{place}, data.rows")
    _within(data.max_bad_rows, lambda share: 0 <= share <= 1, "a share from 0 to 1", f"{place}, data.max_bad_rows")
    _within(data.max_classes, lambda most: most >= 2, "a whole number from 2", f"{place}, data.max_classes")
    said = {"text": data.text or data.inputs} | {role: getattr(data, role) for role in data.without if role != "text"}
    for i, role in enumerate(data.without):
        if said[role]:
            raise ConfigError(f"a column has the role {role!r}, and none is to have it", place=f"{place}, data.without[{i}]")
    if twice := [name for i, name in enumerate(data.columns) if name in data.columns[:i]]:
        raise ConfigError(f"the name {twice[0]!r} is there twice", place=f"{place}, data.columns")
    _check_signs(data, place)
    if data.text and data.inputs not in {(), (data.text,)}:
        raise ConfigError("expected either 'text' or 'inputs', found both", place=f"{place}, data.inputs")
    columns = [group.column for group in data.groups]
    for i, group in enumerate(data.groups):
        where = f"{place}, data.groups[{i}]"
        if group.column in columns[:i]:
            raise ConfigError(f"the column {group.column!r} is a group already", place=where)
        if any(low >= high for low, high in zip(group.bins, group.bins[1:], strict=False)):
            raise ConfigError(f"expected rising edges, found {list(group.bins)}", place=f"{where}.bins")
        _check_same(group, f"{where}.same")


def _check_same(group: Group, place: str) -> None:
    if group.same and group.bins:
        raise ConfigError("numbers that are cut into bins have no spellings", place=place)
    seen: set[str] = set()
    for i, names in enumerate(group.same):
        if len(names) < 2 or not all(name.strip() for name in names):
            raise ConfigError(f"expected two spellings or more, found {list(names)}", place=f"{place}[{i}]")
        if twice := [name for name in names if name in seen]:
            raise ConfigError(f"{twice[0]!r} is a spelling of another group already", place=f"{place}[{i}]")
        seen |= set(names)


def _check_signs(data: DataSpec, place: str) -> None:
    if data.decimal not in (None, ".", ","):
        raise ConfigError(f"expected '.' or ',', found {data.decimal!r}", place=f"{place}, data.decimal")
    if data.thousands not in (None, *THOUSANDS):
        known = ", ".join(map(repr, THOUSANDS))
        raise ConfigError(f"expected one of {known}, found {data.thousands!r}", place=f"{place}, data.thousands")
    if data.decimal and data.decimal == data.thousands:
        raise ConfigError(f"expected another sign than that of decimals, {data.decimal!r}", place=f"{place}, data.thousands")


THOUSANDS = (".", ",", " ", "'", "_")
"""Signs between groups of thousands; a space stands for those that do not break, and an apostrophe for a curly one."""


def shipped_packs() -> tuple[str, ...]:
    """Names of the rule packs that come with the package."""
    return tuple(sorted(file.parent.name for file in assets.folder("rules").glob("*/pack.yaml")))


def _check_packs(packs: Sequence[str], place: str) -> None:
    shipped = shipped_packs()
    for i, pack in enumerate(packs):
        where = f"{place}, packs[{i}]"
        if pack in packs[:i]:
            raise ConfigError(f"the pack {pack!r} is there already", place=where)
        if pack not in shipped and not (Path(pack) / "pack.yaml").is_file():
            known = near(pack, shipped) or f"; the packs are {', '.join(shipped)}"
            raise ConfigError(f"no rule pack {pack!r}{known}", place=where, remedy="Name one, or a folder with a pack.yaml.")
