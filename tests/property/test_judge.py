"""What may never change a verdict, or never for the better."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.judge import judge, packs
from auditor.judge.states import WORST_FIRST
from auditor.stats.intervals import difference, share
from auditor.types import Check, Clause, Outcome, Pack, Threshold

GROUPS = ("A", "B", "C", "D")
COUNTS = st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
TABLES = st.fixed_dictionaries({"reference": COUNTS}, optional=dict.fromkeys(GROUPS, COUNTS))

PACK = Pack(
    "p",
    "1",
    "house",
    "2026-01-01",
    "2027-01-01",
    (
        Clause("gap", checks=(Check("selection_rate_difference", threshold=Threshold("within", 0.1, "house")),)),
        Clause("shown", assessment="evidence", checks=(Check("selection_rate_difference"),)),
        Clause(
            "ratio",
            checks=(Check("selection_rate", slices="group", threshold=Threshold(">=", 0.8, "guideline", "x", "four_fifths")),),
        ),
        Clause("rate", checks=(Check("label_flips", threshold=Threshold("<=", 0.1, "house")),)),
    ),
)


def measurements(table, column="race"):
    found = [share("selection_rate", *counts, where={column: name}) for name, counts in table.items()]
    for name, counts in table.items():
        found.append(share("label_flips", *counts, where={column: name}))
        if name != "reference":
            where = {column: name, "reference": "reference"}
            found.append(difference("selection_rate_difference", *counts, *table["reference"], where=where))
    return found


def states(found, *others, pack=PACK):
    return [verdict.state for verdict in judge([pack], [Outcome("any", "measured", measurements=tuple(found)), *others])]


def better(one, other):
    return WORST_FIRST.index(one) > WORST_FIRST.index(other)


@settings(max_examples=60, deadline=None)
@given(TABLES, st.randoms())
def test_the_order_of_measurements_changes_nothing(table, random):
    found = measurements(table)
    shuffled = random.sample(found, len(found))
    others = (Outcome("first", "measured"), Outcome("last", "measured", measurements=tuple(shuffled)))
    assert judge([PACK], others) == judge([PACK], [Outcome("any", "measured", measurements=tuple(found))])


@settings(max_examples=60, deadline=None)
@given(TABLES, st.permutations(["zeta", "Ω", "a & b", "(none)"]))
def test_the_names_of_groups_change_nothing(table, names):
    names = dict(zip(GROUPS, names, strict=True))
    renamed = {names.get(name, name): counts for name, counts in table.items()}
    assert states(measurements(renamed)) == states(measurements(table)) == states(measurements(renamed, "sex"))


FAILING = [
    difference("selection_rate_difference", 0, 2000, 1000, 2000, where={"race": "E", "reference": "reference"}),
    share("label_flips", 1900, 2000, where={"race": "E"}),
]


@settings(max_examples=60, deadline=None)
@given(TABLES, st.sampled_from(FAILING))
def test_a_failing_measurement_never_improves_a_clause(table, failing):
    before, after = states(measurements(table)), states([*measurements(table), failing])
    assert "fail" in after
    assert not any(better(new, old) for new, old in zip(after, before, strict=True) if old != "not-tested")


@settings(max_examples=30, deadline=None)
@given(TABLES)
def test_a_crash_never_improves_a_clause(table):
    named = replace(
        PACK, clauses=tuple(replace(c, checks=tuple(replace(k, probe="any") for k in c.checks)) for c in PACK.clauses)
    )
    before = states(measurements(table), pack=named)
    after = states(measurements(table), Outcome("any", "failed", "boom"), pack=named)
    assert not any(better(new, old) for new, old in zip(after, before, strict=True))
    assert set(after) <= {"error", "fail"}


@pytest.mark.parametrize("pack", packs(["base", "us-four-fifths"]), ids=lambda pack: pack.id)
@settings(max_examples=30, deadline=None)
@given(table=TABLES)
def test_ceilings_hold_whatever_is_measured(pack, table):
    for verdict in judge([pack], [Outcome("group_fairness", "measured", measurements=tuple(measurements(table)))]):
        assert verdict.assessment == "machine" or verdict.state != "pass"
        assert verdict.assessment != "attestation" or verdict.state in ("not-tested", "evidence")
        order = [WORST_FIRST.index(finding.state) for finding in verdict.findings]
        assert order == sorted(order)
