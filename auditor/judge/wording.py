"""Reasons of findings in plain English, the same for every metric: what ``Finding.why`` says, in words."""

from collections.abc import Mapping

from auditor.stats.intervals import Interval
from auditor.types import Measurement, Said, Threshold, Why

MISSES: Mapping[str, Said] = {"<=": "exceeds", "<": "not_below", ">=": "below", ">": "not_above"}
MEETS: Mapping[str, Said] = {"within": "within", "<=": "at_most", "<": "below", ">=": "at_least", ">": "above"}

SENTENCES: Mapping[Said, str] = {
    "inapplicable": "not applicable here: ",
    "no_group": "rows without a group value are shown, not judged",
    "small_group": "{rows} of {of} rows are fewer than 2 %: shown, not judged",
    "no_comparison": "no two groups have 2 % of the rows, so there is nothing to compare",
    "undefined": "undefined: ",
    "too_few": "not assessed: {rows} rows behind it, fewer than the {needed} needed",
    "too_few_in_reference": "not assessed: {rows} rows in the reference group, fewer than the {needed} needed",
    "no_interval": "{estimate} has no interval: ",
    "shown": "{estimate} is shown, not judged",
    "within": "{estimate} lies within {bound}",
    "at_most": "{estimate} is at most {bound}",
    "at_least": "{estimate} is at least {bound}",
    "above": "{estimate} is above {bound}",
    "below": "{estimate} is below {bound}",
    "exceeds": "{estimate} exceeds {bound}",
    "beyond": "{estimate} lies beyond -{bound}",
    "not_above": "{estimate} is not above {bound}",
    "not_below": "{estimate} is not below {bound}",
    "within_or_beyond": "{estimate} may lie within or beyond {bound}",
    "either_side": "{estimate} may lie on either side of {bound}",
    "rows_needed": "about {needed} rows would settle it",
    "rows_needed_per_side": "about {needed} rows per side would settle it",
    "too_near": "it is too near for any number of rows to settle it",
    "real": "the gap is real but tolerable",
    "noticed": "a gap from {noticed} on would have been noticed",
    "adverse": (
        "{deviations} standard deviations fewer than a blind draw would select (p {p}), "
        "and {moves} selections would have to move"
    ),
    "not_itself": "the rate itself is not below it",
    "one_selection": "one selection more in the group would clear it",
    "differ": "the rates differ significantly (p {p})",
    "do_not_differ": "the rates do not differ significantly (p {p})",
    "crashed": "{probe} crashed: ",
    "skipped": "{probe} was skipped",
    "not_found": "{probe} found nothing of this kind to measure in these data",
    "not_planned": "the plan has no probe {probe}",
    "not_measured": "no probe measured {metric}",
}


def sentence(why: Why, metric: str, estimate: str = "") -> str:
    """A reason in words.

    Args:
        why: what it says.
        metric: what was to be measured.
        estimate: what was measured, in words.
    """
    numbers = {name: _written(name, value) for name, value in why.numbers.items()}
    said = {"estimate": estimate, "metric": metric, "probe": why.probe, **numbers}
    return "; ".join(SENTENCES[part].format(**said) for part in why.says) + why.cause


def _written(name: str, value: float) -> str:
    """A number of a reason; what has no format of its own here is a count."""
    how = {"bound": bound, "noticed": number, "rate": number, "rate_ref": number, "p": probability, "deviations": tenths}
    return how[name](value) if name in how else f"{value:,.0f}"


def number(value: float, unit: str = "") -> str:
    """A measured number: three decimals; none where it is a count, or from a hundred on; two digits where that says nothing."""
    if value and abs(value) <= (0.5 if unit == "count" else 0.001):
        return f"{value:.2g}"
    return f"{value:,.0f}" if unit == "count" or abs(value) >= 100 else f"{value:.3f}"


def tenths(value: float) -> str:
    """A number of standard deviations."""
    return f"{value:.1f}"


def probability(value: float) -> str:
    """A p-value with its sign of relation."""
    return f"= {value:.3f}" if value >= 0.001 else "< 0.001"


def bound(value: float) -> str:
    """A threshold, as people write it: 0.80, 0.05, 0, 0.005."""
    if value == int(value):
        return f"{value:.0f}"
    return f"{value:.2f}" if round(value, 2) == value else f"{value:g}"


def limit(threshold: Threshold) -> str:
    """A threshold with who says so: ``within 0.10 (house)``, ``>= 0.80 (guideline, 29 CFR 1607.4(D))``."""
    said = f"{threshold.source}, {threshold.cite}" if threshold.cite else threshold.source
    return f"{threshold.op} {bound(threshold.value)} ({said})"


def words(metric: str) -> str:
    """A metric's name in words."""
    return metric.replace("_", " ")


def slice_of(where: Mapping[str, str]) -> str:
    """A slice as ``sex = Female, race = Black``, without what it is compared with; empty for the whole table."""
    return ", ".join(f"{key} = {value}" for key, value in where.items() if key != "reference")


def estimate(m: Measurement, ends: Interval | None = None) -> str:
    """A measurement in words, with both rates where it is a contrast of rates.

    Args:
        m: the measurement.
        ends: the interval to print; the measurement's own by default.

    Returns:
        Such as ``false positive rate 0.448 against 0.235 in Caucasian: difference 0.214 [0.187, 0.240]``.
    """
    low, high = ends or (m.low, m.high)
    value = "undefined" if m.value is None else number(m.value, m.unit)
    if low is not None and high is not None:
        value = f"{value} [{number(low)}, {number(high)}]"
    sides = rates(m)
    if not sides:
        return f"{words(m.metric)} {value}"
    kind = "ratio" if m.method == "adjusted_log" else "difference"
    reference = m.where.get("reference", "the reference group")
    against = f"{number(sides['rate'])} against {number(sides['rate_ref'])} in {reference}"
    return f"{words(m.metric.removesuffix(f'_{kind}'))} {against}: {kind} {value}"


def rates(m: Measurement) -> dict[str, float]:
    """Both sides of a contrast of rates, ``rate`` and ``rate_ref``; nothing where it is none, or one has no rows."""
    c = m.counts
    if not {"x", "n", "x_ref", "n_ref"} <= c.keys() or not c["n"] * c["n_ref"]:
        return {}
    return {"rate": c["x"] / c["n"], "rate_ref": c["x_ref"] / c["n_ref"]}


def missed(threshold: Threshold, value: float) -> Said:
    """How a value misses a threshold."""
    if threshold.op == "within":
        return "exceeds" if value > 0 else "beyond"
    return MISSES[threshold.op]


def met(threshold: Threshold) -> Said:
    """How a value meets a threshold."""
    return MEETS[threshold.op]


def undecided(threshold: Threshold, needed_n: int | None, *, contrast: bool) -> tuple[Said, ...]:
    """That the data do not decide, and how many rows would; per side of a contrast."""
    open_: Said = "within_or_beyond" if threshold.op == "within" else "either_side"
    if needed_n is None:
        return open_, "too_near"
    return open_, "rows_needed_per_side" if contrast else "rows_needed"
