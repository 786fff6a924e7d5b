"""What predictions cost: time, energy and input that did not fit."""

from auditor.declare import Findings, metrics, probe
from auditor.errors import Skip
from auditor.stats.intervals import share
from auditor.types import Cost, Measurement, Scores, Subject

FLOP_PER_JOULE = (2e9, 10e9, 50e9)
"""Assumed efficiency of server processors on dense networks: low, central, high. GPUs do better: see the probe's text."""


@probe(
    yields=(
        *metrics("energy_per_1000_predictions", keys=("basis",)),
        *metrics("seconds_per_1000_predictions", keys=("device",)),
        *metrics("truncated_share"),
    ),
    source="Energy: RAPL or NVML counters, else 2 FLOP per weight and token, after Kaplan et al. 2020, https://arxiv.org/abs/2001.08361",
)
async def energy(subject: Subject[Scores]) -> Findings:
    """Time and energy per 1,000 predictions, and the share of inputs that were cut.

    Both are taken from the audit's own predictions of the table's rows, when they were first computed: length-sorted
    batches in the reference dtype. Energy is measured where the machine has a readable RAPL or NVML counter. Elsewhere it
    is an estimate, and said to be: 2 FLOP per weight and token at 10 GFLOP per joule, with the interval that 2 to 50
    GFLOP per joule give. It leaves out memory, cooling and idle power.

    Args:
        subject: any table; a model giving class probabilities (n, k).

    Yields:
        ``seconds_per_1000_predictions`` in s, ``energy_per_1000_predictions`` in Wh, ``truncated_share``, a fraction.

    Raises:
        Skip: the table has no rows.
    """
    await subject.predict(subject.table)
    cost = await subject.cost(subject.table)
    if not cost.rows:
        raise Skip("the table has no rows")
    where = {"device": subject.model.device} if subject.model else {}
    yield Measurement(
        "seconds_per_1000_predictions", 1000 * cost.seconds / cost.rows, "s", cost.rows, method="measured", where=where
    )
    yield _energy(subject, cost)
    yield share("truncated_share", cost.truncated, cost.rows, level=subject.level)


def _energy(subject: Subject[Scores], cost: Cost) -> Measurement:
    name, unit, weights = "energy_per_1000_predictions", "Wh", subject.model.parameters if subject.model else 0
    if cost.joules is not None:
        where = {"basis": "measured"}
        return Measurement(name, _watt_hours(cost.joules, cost.rows), unit, cost.rows, method="measured", where=where)
    where = {"basis": "estimated"}
    if not weights:
        reason = "the machine has no energy counter that can be read, and the model's number of weights is unknown"
        return Measurement(name, None, unit, cost.rows, reason=reason, where=where)
    low, value, high = (_watt_hours(2 * weights * cost.tokens / rate, cost.rows) for rate in reversed(FLOP_PER_JOULE))
    reason = "an estimate from the number of weights and tokens: the machine has no energy counter that can be read"
    return Measurement(name, value, unit, cost.rows, low, high, method="estimate", reason=reason, where=where)


def _watt_hours(joules: float, rows: int) -> float:
    return joules / 3600 * 1000 / rows
