"""Calibration of class probabilities, overall and per group."""

from auditor.declare import Findings, metrics, probe
from auditor.errors import NotApplicable
from auditor.probes import _scored as scored
from auditor.stats.slices import slices, where
from auditor.types import Decisions, Subject, need


@probe(
    yields=(
        *metrics("brier_score", slices=("whole", "group")),
        *metrics(
            "expected_calibration_error", "expected_calibration_error_debiased", slices=("whole", "group"), keys=("class",)
        ),
        *metrics("reliability", slices=("whole", "group"), keys=("bin", "class")),
    ),
    source="Guo et al. 2017, https://arxiv.org/abs/1706.04599; Kumar, Liang & Ma 2019, https://arxiv.org/abs/1909.10155",
)
async def calibration(subject: Subject[Decisions]) -> Findings:
    """How far the model's probabilities are from how often it is right.

    Args:
        subject: a table with labels; a model, or columns with decisions and scores.

    Yields:
        ``expected_calibration_error``, a fraction, over 15 equal-width bins of the top class's probability, and by ``class``
        over bins of that class's; the same ``..._debiased``; ``brier_score``; ``reliability``: the share of rows that are
        right in each of 10 bins, and of two classes by ``class`` the share that is of the last, whose ``counts`` hold the
        bin's mean ``confidence``. All overall and, where scores are probabilities, per group.

    Raises:
        Skip: there is no label column.
        NotApplicable: only decisions are recorded, no scores.
    """
    need(subject.table.roles.label, "a label column")
    table, level = await subject.count(), subject.level
    if not table.sketches:
        raise NotApplicable(f"needs class scores; {scored.NO_SCORES}")
    parts: list[tuple[tuple[str, ...], dict[str, str]]] = [((), {})]
    for group in subject.table.roles.groups if scored.probable(table.sketches.get(())) else ():
        parts += [((group.column, value), where([group], [value])) for (value,) in slices(table, [group])]
    for key, at in parts:
        sketch = table.sketches.get(key)
        for found in scored.calibration(sketch, table.classes, level, at):
            yield found
        yield scored.brier(sketch, level, at)
        for found in scored.reliability(sketch, table.classes, level, at):
            yield found
