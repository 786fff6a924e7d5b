"""Group fairness: how rates of errors differ between groups and their intersections."""

from auditor.declare import CUTS, Findings, metrics, probe
from auditor.predict.labels import positive_index
from auditor.probes._rates import CROSSED, ERRORS, Target, contrasts, errors
from auditor.probes._slicewise import slicewise
from auditor.stats.slices import overall
from auditor.types import CountTable, Decisions, Roles, Subject, need

MOST_CLASSES = 10
OF_EACH_CLASS = frozenset({"true_positive_rate", "false_positive_rate"})


@probe(
    yields=(
        *metrics("accuracy", slices=CUTS),
        *metrics(*ERRORS, slices=CUTS, keys=("class",)),
        *metrics(*contrasts("accuracy"), slices=CROSSED, keys=("reference",)),
        *metrics(*contrasts(*ERRORS), slices=CROSSED, keys=("class", "reference")),
        *metrics("group_share", slices=CROSSED),
        *metrics("groups_left_out", keys=("column",)),
    ),
    source="Hardt, Price & Srebro 2016, https://arxiv.org/abs/1610.02413; Chouldechova 2017, https://arxiv.org/abs/1610.07524",
)
async def group_fairness(subject: Subject[Decisions]) -> Findings:
    """Accuracy and error rates of groups, and their differences from and ratios to a reference group.

    Of more than two classes without a declared positive one, true and false positive rate are those of each of the 10 most
    frequent classes against the rest. How often groups get the favourable class is what ``selection_rates`` measures.

    Args:
        subject: a table with group columns and labels; a model or a column that decides classes.

    Yields:
        ``group_share``; ``accuracy``, and of the positive ``class`` ``true_positive_rate``, ``false_positive_rate``,
        ``false_negative_rate``, ``positive_predictive_value`` and ``false_omission_rate``, fractions, overall, per group and
        per intersection of groups; each ``..._difference`` (group minus reference) and ``..._ratio`` (group over reference).
        Of intersections of many values the 50 largest are shown, and ``groups_left_out`` counts the others.

    Raises:
        Skip: there is no group column.
    """
    groups = need(subject.table.roles.groups, "a group column")
    table, level = await subject.count(), subject.level
    targets = _targets(table, subject.table.roles)
    for found in slicewise(table, groups, lambda part: errors(part, targets), level, sizes=True):
        yield found
    if refused := await subject.unanswered():
        yield refused


def _targets(table: CountTable, roles: Roles) -> tuple[Target, ...]:
    classes = table.classes
    if len(classes) <= 2 or roles.positive is not None:
        positive = positive_index(roles, classes)
        return (Target(positive, classes[positive]),)
    whole = overall(table)
    rows = whole.cells.sum(axis=0) + whole.cells.sum(axis=1) + whole.unlabelled
    most = sorted(range(len(classes)), key=lambda of: -int(rows[of]))[:MOST_CLASSES]
    return tuple(Target(of, classes[of], OF_EACH_CLASS) for of in sorted(most))
