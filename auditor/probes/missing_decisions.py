"""Rows without a decision: they are in no rate, so that a group can hide behind them."""

from auditor.declare import CUTS, Findings, metrics, probe
from auditor.probes._rates import CROSSED, Fraction, contrasts
from auditor.probes._slicewise import slicewise
from auditor.stats.slices import Slice
from auditor.types import Decisions, Subject


@probe(
    yields=(
        *metrics("undecided_share", slices=CUTS),
        *metrics(*contrasts("undecided_share"), slices=CROSSED, keys=("reference",)),
        *metrics("groups_left_out", keys=("column",)),
    ),
    source="Little & Rubin 2019, https://doi.org/10.1002/9781119482260 (missing not at random); a count",
)
async def missing_decisions(subject: Subject[Decisions]) -> Findings:
    """How many rows have no decision, overall and by group: no rate of decisions or errors speaks of them.

    Args:
        subject: a model or a column that decides classes. Rows need no label and no group.

    Yields:
        ``undecided_share``, a fraction of all rows, overall, per group and per intersection of groups; its ``..._difference``
        (group minus reference) and ``..._ratio`` (group over reference). Of intersections of many values the 50 largest are
        shown, and ``groups_left_out`` counts the others.
    """
    table, level = await subject.count(), subject.level
    for found in slicewise(table, subject.table.roles.groups, _undecided, level):
        yield found
    if refused := await subject.unanswered():
        yield refused


def _undecided(part: Slice) -> list[Fraction]:
    return [Fraction("undecided_share", part.undecided, part.rows, "rows")]
