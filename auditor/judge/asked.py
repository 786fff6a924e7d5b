"""What a rule pack asks for, against what probes yield: a slip of the pen in a pack must not open a gate."""

from collections.abc import Iterator, Sequence

from auditor import plugins
from auditor.declare import Metric, info
from auditor.errors import ConfigError, near
from auditor.types import RESERVED, Check, Clause, Pack


def check_clauses(clauses: Sequence[Clause], *, place: str) -> None:
    """See that every check asks for something that a probe yields.

    Keys of ``where`` and ``without`` that may be group columns are left to ``check_columns``, which knows the data.

    Args:
        clauses: of a pack.
        place: its file.

    Raises:
        ConfigError: an unknown probe, metric, slice or key; names the place and what may have been meant.
    """
    for where, check in _checks(clauses, place):
        yields = _yields(check, where)
        found = _named(check, yields, where)
        _check_slices(check, found, where)
        for key, at in _keys(check, where):
            known = _known(found)
            if known is not None and key not in known and (key in RESERVED or check.slices == "whole"):
                raise _no_key(key, check, known, (), at)


def check_columns(packs: Sequence[Pack], columns: Sequence[str]) -> None:
    """See that keys of ``where`` and ``without`` are keys of the metric, or group columns of the data.

    Args:
        packs: as read.
        columns: group columns, as measurements name them.

    Raises:
        ConfigError: a key is neither.
    """
    for pack in packs:
        for where, check in _checks(pack.clauses, pack.place or pack.id):
            known = _known(_named(check, _yields(check, where), where))
            for key, at in _keys(check, where):
                if known is not None and key not in known and key not in columns:
                    raise _no_key(key, check, known, columns, at)


def _checks(clauses: Sequence[Clause], place: str) -> Iterator[tuple[str, Check]]:
    for i, clause in enumerate(clauses):
        for j, check in enumerate(clause.checks):
            yield f"{place}, clauses[{i}].checks[{j}]", check


def _keys(check: Check, where: str) -> Iterator[tuple[str, str]]:
    yield from ((key, f"{where}.where") for key in check.where)
    yield from ((key, f"{where}.without") for key in check.without)


def _yields(check: Check, where: str) -> list[Metric]:
    """What the check's probe yields, or every probe, where it names none."""
    if check.probe:
        return list(_of(check.probe, f"{where}.probe"))
    return [one for name in plugins.names("probe") for one in _all_of(name)]


def _of(probe: str, place: str) -> tuple[Metric, ...]:
    try:
        yields = info(plugins.find("probe", probe)).yields
    except ConfigError as error:
        raise ConfigError(error.problem, place=", ".join(filter(None, (place, error.place))), remedy=error.remedy) from None
    if not yields:
        remedy = "Name its metrics in its decorator: @probe(yields=(...))."
        raise ConfigError(f"the probe {probe!r} does not say what it yields", place=place, remedy=remedy)
    return yields


def _all_of(probe: str) -> tuple[Metric, ...]:
    """What a probe yields; nothing, where it cannot be imported here."""
    try:
        return info(plugins.find("probe", probe)).yields
    except ConfigError:
        return ()


def _named(check: Check, yields: Sequence[Metric], where: str) -> list[Metric]:
    found = [one for one in yields if one.name == check.metric]
    if found:
        return found
    problem = f"{check.probe!r} yields no {check.metric!r}" if check.probe else f"no probe yields {check.metric!r}"
    hint = near(check.metric, [one.name for one in yields])
    others = [name for name in plugins.names("probe") if any(one.name == check.metric for one in _all_of(name))]
    if others:
        hint = f"; {' and '.join(others)} {'do' if len(others) > 1 else 'does'}"
    show = check.probe or "NAME"
    remedy = "" if hint.endswith("?") else f"What a probe yields: auditor show {show}"
    raise ConfigError(problem + hint, place=f"{where}.metric", remedy=remedy)


def _check_slices(check: Check, found: Sequence[Metric], where: str) -> None:
    measured = dict.fromkeys(of for one in found for of in one.slices)
    if check.slices != "any" and check.slices not in measured:
        problem = f"{check.metric!r} is measured of {' and '.join(measured)}, never of {check.slices!r}"
        raise ConfigError(problem, place=f"{where}.slices")


def _known(found: Sequence[Metric]) -> list[str] | None:
    """The keys of a metric; None where its probe does not say."""
    if any(one.keys is None for one in found):
        return None
    return list(dict.fromkeys(key for one in found for key in one.keys or ()))


def _no_key(key: str, check: Check, known: Sequence[str], columns: Sequence[str], place: str) -> ConfigError:
    own = f"the keys of {check.metric!r} are {', '.join(known)}" if known else f"{check.metric!r} has no keys"
    among = f", and the group columns of the data {', '.join(columns)}" if columns else ", and there is no group column"
    hint = near(key, [*known, *columns]) or f"; {own}{among if check.slices != 'whole' else ''}"
    return ConfigError(f"unknown key {key!r}{hint}", place=place)
