"""Pickles: whatever they take from modules is compared with an allow-list."""

from collections.abc import Iterable
from typing import Final

from auditor.scan.findings import Sheet
from auditor.scan.joblib_arrays import skip
from auditor.scan.machine import Machine, Named
from auditor.scan.opcodes import walk
from auditor.scan.regions import Region
from auditor.scan.trust import trust

_PICKLES: Final = 10_000


def read(region: Region, sheet: Sheet) -> bool:
    """Walk the pickles that a region starts with; files may hold several in a row.

    Args:
        region: any bytes. Where their name does not say that they are a pickle, they are taken for one only if they
            name something and call it, so that chance does not make findings of numbers.
        sheet: where findings go.

    Returns:
        Whether there was a pickle.
    """
    at, known = region.start, False
    for _ in range(_PICKLES):
        if at >= region.end:
            return known
        machine = Machine(region.data, at, region.end, skip)
        broken = walk(machine)
        expected = region.pickled and not known
        if not _is_pickle(machine, broken, expected=expected):
            return known
        known = True
        _report(machine.names, machine.odd, region, sheet)
        if broken:
            sheet.add("broken", "broken pickle", broken, region.inside)
            return known
        at = machine.at
    sheet.add("broken", "broken pickle", f"more than {_PICKLES} pickles follow each other", region.inside)
    return known


def _is_pickle(machine: Machine, broken: str | None, *, expected: bool) -> bool:
    """Whether these bytes are a pickle, or only happen to read as the start of one."""
    headed = machine.data[machine.start : machine.start + 1] == b"\x80"
    names = any(name.plausible for name in machine.names)
    if expected:
        return headed or broken is None or names
    return machine.called or (names and (headed or broken is None)) or (headed and broken is None)


def _report(names: Iterable[Named], odd: Iterable[str], region: Region, sheet: Sheet) -> None:
    review = []
    for name in names:
        level = trust(name.module, name.name)
        if level == "review":
            review.append(str(name))
        elif level != "allowed":
            what = "gives control over the machine" if level == "malicious" else "is on no list of allowed names"
            sheet.add(level, "pickle global", f"{name} {what}", region.inside)
    for what in odd:
        sheet.add("unsafe", "pickle opcode", f"The pickle {what}", region.inside)
    if review:
        sheet.add("review", "pickle global", f"needs {len(review)} names to load: {', '.join(review)}", region.inside)
