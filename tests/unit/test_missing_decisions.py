"""Rows without a decision: counted for every group, and judged."""

import pytest

from auditor.probes.missing_decisions import missing_decisions
from auditor.probes.performance import performance
from auditor.stats.intervals import newcombe, wilson
from auditor.types import Group, Roles
from tests.held import measure, one, table


def test_half_of_a_group_without_a_decision_is_seen() -> None:
    """100 men, all decided; 60 women, of whom 30 are not."""
    cells = {"sex": ["m"] * 100 + ["f"] * 60, "p": ["yes"] * 130 + [None] * 30}
    found = measure(missing_decisions, table(cells, Roles(prediction="p", groups=(Group("sex"),))))
    assert (one(found, "undecided_share").value, one(found, "undecided_share").n) == (30 / 160, 160)
    women = one(found, "undecided_share", sex="f")
    assert (women.value, (women.low, women.high)) == (0.5, wilson(30, 60))
    assert one(found, "undecided_share", sex="m").value == 0
    gap = one(found, "undecided_share_difference", sex="f", reference="m")
    assert (gap.value, (gap.low, gap.high)) == (0.5, newcombe(30, 60, 0, 100))
    assert one(found, "undecided_share_ratio", sex="f", reference="m").reason == "the reference rate is 0"


@pytest.mark.parametrize("probe", [missing_decisions, performance])
def test_no_missing_decision_is_said_too(probe) -> None:
    cells = {"y": [0, 1] * 20, "p": [0, 1] * 20, "sex": ["f", "m"] * 20}
    found = measure(probe, table(cells, Roles(label="y", prediction="p", groups=(Group("sex"),))))
    assert [one(found, "undecided_share", **where).value for where in ({}, {"sex": "f"}, {"sex": "m"})] == [0, 0, 0]


def test_neither_label_nor_group_is_needed() -> None:
    found = measure(missing_decisions, table({"p": [1, None, 0, 1]}, Roles(prediction="p")))
    assert [(m.metric, m.value) for m in found] == [("undecided_share", 0.25)]
