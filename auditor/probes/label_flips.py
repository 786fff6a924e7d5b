"""Robustness: predictions that change when the input is corrupted."""

from auditor.declare import Findings, describe, metrics, probe
from auditor.probes._pairs import evidence, pairs
from auditor.probes._rows import shares
from auditor.types import RowPass, Scores, Subject


@probe(
    yields=(
        *metrics("label_flips", "accuracy_under_corruption", slices=("whole", "group"), keys=("pass",)),
        *metrics(
            "label_flips_difference", "accuracy_under_corruption_difference", slices=("group",), keys=("pass", "reference")
        ),
    ),
    source="Hendrycks & Dietterich 2019, https://arxiv.org/abs/1903.12261",
)
async def label_flips(subject: Subject[Scores], *, corrupt: RowPass) -> Findings:
    """How often the predicted class changes when the input is corrupted.

    Rows that the pass leaves as they are say nothing and do not count.

    Args:
        subject: any table; a model giving class probabilities (n, k).
        corrupt: row pass that corrupts the input and keeps every row.

    Yields:
        ``label_flips``, a fraction of the changed rows, overall and per group; ``accuracy_under_corruption``, a fraction
        of the changed rows that have a label; the rows whose class changed.

    Raises:
        Skip: the pass changed no row, so nothing was tested.
    """
    where = {"pass": describe(corrupt)}
    found = await pairs(subject, corrupt)
    changed = found.answered
    groups = [pair.row.groups for pair in changed]
    for measurement in shares("label_flips", [pair.flipped for pair in changed], groups, subject, where=where):
        yield measurement
    labelled = [pair for pair in changed if pair.row.label >= 0]
    right = [int(pair.after.argmax()) == pair.row.label for pair in labelled]
    for measurement in shares(
        "accuracy_under_corruption",
        right,
        [pair.row.groups for pair in labelled],
        subject,
        where=where,
        needs="rows with a label",
    ):
        yield measurement
    title = "Rows whose predicted class changed when the input was corrupted"
    for shown in evidence("label_flips", title, found, subject, where):
        yield shown
