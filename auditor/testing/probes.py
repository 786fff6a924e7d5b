"""What probes promise: numbers with their uncertainty, or the reason why there is none."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from auditor import codec, declare, plugins
from auditor.errors import Skip
from auditor.testing.promises import check_function, promise
from auditor.testing.subjects import findings, sample, without, word_model
from auditor.types import Evidence, Measurement, Model, Table, group_columns

_INTERVALS = ("wilson", "newcombe", "adjusted_log", "bootstrap", "mean")
"""Methods that give an interval."""

_MEASURED_ANEW = ("s", "J", "Wh")


def check_probe(function: Callable[..., Any], *, on: Table | None = None, model: Model | None = None) -> None:
    """Check the promises of a probe.

    It is documented, typed and cited; it says what it needs by its annotation, and what it yields in its decorator; what it
    yields is no more than that, finite, inside its interval, the same the second time, and can be written down; and where a
    role is missing it skips, with a reason, instead of failing.

    Args:
        function: the probe, or a partial of it where an option has to be given.
        on: a table that it can be run on; by default one of texts, labels, groups and scores, with missing cells.
        model: a model that it can be run on; by default a small one of texts.

    Raises:
        AssertionError: a promise is broken.
    """
    check_function(function, "probe", "Yields")
    yields = {one.name: one for one in declare.info(function).yields}
    promise(yields, f"{declare.describe(function)} does not say what it yields: @probe(yields=(...))")
    rows, asked = on if on is not None else sample(), model or word_model()
    needs = plugins.requirement(function)
    for subject, answering in _subjects(rows, asked, needs):
        first, second = _found(function, subject, answering), _found(function, subject, answering)
        name = declare.describe(function)
        promise(_comparable(first) == _comparable(second), f"{name} finds something else the second time")
        for finding in first:
            _check_finding(finding, name)
            if isinstance(finding, Measurement):
                _check_said(finding, yields, name)


def _subjects(rows: Table, model: Model, needs: str) -> Iterator[tuple[Table, Model | None]]:
    """The table whole, and with roles missing; with the model, and without where it can be."""
    lesser = [rows, without(rows, "label"), without(rows, "groups"), without(rows, "label", "groups")]
    if needs != "none":
        yield from ((table, model) for table in lesser)
    if needs != "scores":
        yield from ((table, None) for table in (*lesser, without(rows, "inputs", "label", "groups")))
    if needs == "none":
        yield without(rows, "prediction", "score"), None


def _found(function: Callable[..., Any], rows: Table, model: Model | None) -> list[Measurement | Evidence]:
    try:
        return findings(function, rows, model, seed=3)
    except Skip as skip:
        promise(str(skip).strip(), f"{declare.describe(function)} skips without a reason")
        return []


def _comparable(found: Sequence[Measurement | Evidence]) -> list[object]:
    """What has to be equal the second time: everything but what a clock or a meter says."""
    return [
        (one.metric, dict(one.where), one.n)
        if isinstance(one, Measurement) and one.unit in _MEASURED_ANEW
        else codec.plain(one)
        for one in found
    ]


def _check_finding(finding: Measurement | Evidence, name: str) -> None:
    what = f"{finding.metric} {dict(finding.where)} of {name}"
    promise(codec.to_json(finding), f"{what} cannot be written")
    if isinstance(finding, Evidence):
        promise(finding.total >= len(finding.examples), f"{what} has more examples than there are")
        promise(finding.title.strip(), f"{what} does not say what its examples show")
        return
    numbers = [finding.value, finding.low, finding.high, *finding.counts.values()]
    promise(all(number is None or math.isfinite(number) for number in numbers), f"{what} is not finite: {finding}")
    promise(finding.value is not None or finding.reason, f"{what} is undefined, and does not say why")
    promise(finding.n >= 0, f"{what} rests on {finding.n} rows")
    promise(finding.unit, f"{what} has no unit")
    if finding.value is not None and finding.unit == "fraction":
        least = 0 if "x" in finding.counts and "x_ref" not in finding.counts else -1
        promise(least <= finding.value <= 1, f"{what} is {finding.value}, and no fraction")
    _check_interval(finding, what)


def _check_said(finding: Measurement, yields: Mapping[str, declare.Metric], name: str) -> None:
    promise(finding.metric in yields, f"{name} yields {finding.metric!r}, which it does not say: @probe(yields=...)")
    said, groups = yields[finding.metric], group_columns(finding.where)
    of = declare.CUTS[min(len(groups), 2)]
    promise(of in said.slices, f"{finding.metric!r} of {name} is of {of}, and its slices are {', '.join(said.slices)}")
    for key in sorted(finding.where.keys() - set(groups)):
        promise(
            said.keys is None or key in said.keys, f"{finding.metric!r} of {name} has the key {key!r}, which it does not say"
        )


def _check_interval(finding: Measurement, what: str) -> None:
    if finding.low is not None and finding.high is not None:
        promise(finding.method, f"{what} has an interval, and does not say how it was made")
        promise(finding.low <= finding.high, f"the interval of {what} is upside down")
        if finding.value is not None:
            inside = finding.low - 1e-9 <= finding.value <= finding.high + 1e-9
            promise(inside, f"{what} is {finding.value}, outside of its interval")
    elif finding.value is not None:
        said = finding.method and finding.method not in _INTERVALS
        promise(said or finding.reason, f"{what} has no interval, and does not say why")
