"""Selection rates: how often groups and their intersections get the favourable class."""

from auditor.declare import CUTS, Findings, metrics, probe
from auditor.errors import Skip
from auditor.predict.labels import class_index
from auditor.probes._rates import CROSSED, contrasts, selected
from auditor.probes._slicewise import slicewise
from auditor.types import Decisions, Subject, need

UNDECLARED = "needs a favourable class, the outcome that is good for the person: declare it with favourable"


@probe(
    yields=(
        *metrics("selection_rate", slices=CUTS, keys=("favourable",)),
        *metrics(*contrasts("selection_rate"), slices=CROSSED, keys=("favourable", "reference")),
        *metrics("groups_left_out", keys=("column",)),
    ),
    source="29 CFR 1607.4 and 1607.16(R); Calders, Kamiran & Pechenizkiy 2009, https://doi.org/10.1109/ICDMW.2009.83",
)
async def selection_rates(subject: Subject[Decisions]) -> Findings:
    """How often each group is decided to be of the favourable class, and how that differs from a reference group.

    Args:
        subject: a table with group columns and a declared favourable class; a model or a column that decides classes. Rows
            need no label.

    Yields:
        ``selection_rate``, a fraction of the rows with a decision, overall, per group and per intersection of groups, with
        the ``favourable`` class that it counts; ``selection_rate_difference`` (group minus reference) and
        ``selection_rate_ratio`` (group over reference). Of intersections of many values the 50 largest are shown, and
        ``groups_left_out`` counts the others.

    Raises:
        Skip: there is no group column, or no favourable class is declared.
    """
    roles, level = subject.table.roles, subject.level
    groups = need(roles.groups, "a group column")
    if roles.favourable is None:
        raise Skip(UNDECLARED)
    table = await subject.count()
    favourable = class_index(table.classes, roles.favourable, "favourable")
    for found in slicewise(table, groups, lambda part: selected(part, favourable, table.classes[favourable]), level):
        yield found
    if refused := await subject.unanswered():
        yield refused
