"""Counterfactuals: predictions that change when the text speaks of another gender, or of another group."""

from auditor.declare import Findings, describe, metrics, probe
from auditor.probes._pairs import evidence, pairs
from auditor.probes._rows import shares
from auditor.stats.intervals import mean
from auditor.types import RowPass, Scores, Subject


@probe(
    yields=(
        *metrics("counterfactual_flip_rate", slices=("whole", "group"), keys=("pass",)),
        *metrics("counterfactual_flip_rate_difference", slices=("group",), keys=("pass", "reference")),
        *metrics("counterfactual_score_gap", keys=("pass",)),
    ),
    source="Garg et al. 2019, https://arxiv.org/abs/1809.10610",
)
async def counterfactual_flips(subject: Subject[Scores], *, swap: RowPass) -> Findings:
    """How often the predicted class changes when words that name a group are swapped for their counterparts.

    This is a test of sensitivity to words, not of causes. Rows without such words say nothing and do not count.

    Args:
        subject: any table; a model giving class probabilities (n, k).
        swap: row pass that swaps the words and keeps every row.

    Yields:
        ``counterfactual_flip_rate``, a fraction of the rows with such words, overall and per group;
        ``counterfactual_score_gap``, the mean absolute change of the probability of the class that was predicted before;
        the rows whose class changed.

    Raises:
        Skip: no row has such words, so nothing was tested.
    """
    where = {"pass": describe(swap)}
    found = await pairs(subject, swap)
    changed = found.answered
    groups = [pair.row.groups for pair in changed]
    for measurement in shares("counterfactual_flip_rate", [pair.flipped for pair in changed], groups, subject, where=where):
        yield measurement
    gaps = [pair.shift for pair in changed]
    squares = sum(gap * gap for gap in gaps)
    yield mean("counterfactual_score_gap", sum(gaps), squares, len(gaps), unit="fraction", level=subject.level, where=where)
    title = "Rows whose predicted class changed with the words"
    for shown in evidence("counterfactual_flip_rate", title, found, subject, where):
        yield shown
