"""Promises that every shipped rule pack keeps."""

import inspect
import re
from datetime import UTC, date, datetime

import pytest

from auditor import assets
from auditor.judge import judge, packs
from auditor.judge.pack_files import shipped
from auditor.plugins import find, names

PROBES = {
    "calibration",
    "checkpoint_safety",
    "counterfactual_flips",
    "data_quality",
    "deep_word_bug",
    "energy",
    "group_fairness",
    "label_flips",
    "missing_decisions",
    "performance",
    "selection_rates",
}
"""Probes of the package that rule packs may rest on."""

FORBIDDEN = re.compile(r"complian|certif|guarantee|合规|通过认证|认证|保证", re.IGNORECASE)
"""Words that claim more than evidence can."""

NEVER_PASS = {
    "base": {"B4", "B5", "B11", "B15", "B16"},
    "us-four-fifths": {
        "1607.4(D), smaller differences",
        "1607.4(A)",
        "1607.4(C)",
        "1607.5",
        "1607.15",
        "42 USC 2000e-2(k)",
    },
}
"""Clauses that wait for a person whatever is measured; a change of this table is a change of what the tool claims."""

pytestmark = pytest.mark.parametrize("pack", packs(shipped()), ids=shipped())


def checks(pack):
    return [(clause, check) for clause in pack.clauses for check in clause.checks]


def test_it_lies_in_a_folder_of_its_name(pack):
    assert (assets.folder("rules") / pack.id / "pack.yaml").is_file()


def test_it_was_reviewed_and_is_not_stale(pack):
    today = datetime.now(UTC).date()
    assert date.fromisoformat(pack.as_of) <= today < date.fromisoformat(pack.stale_after)


def test_references_are_unique_strings(pack):
    refs = [clause.ref for clause in pack.clauses]
    assert len(set(refs)) == len(refs) > 0
    assert all(isinstance(ref, str) and ref.strip() == ref != "" for ref in refs)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_everything_is_said_in_both_languages(pack, language):
    for texts in (pack.title, pack.applies, *(clause.text for clause in pack.clauses)):
        assert texts[language].strip()
        assert bool(re.search(r"[一-鿿]", texts[language])) is (language == "zh")


def test_no_text_claims_more_than_evidence_can(pack):
    for texts in (pack.title, pack.applies, *(clause.text for clause in pack.clauses)):
        for text in texts.values():
            assert not FORBIDDEN.search(text), text


def test_every_check_is_something_that_its_probe_says_it_measures(pack):
    known = names("probe")
    for clause, check in checks(pack):
        assert check.probe in PROBES, (clause.ref, check.probe)
        if check.probe in known:
            documented = inspect.getdoc(find("probe", check.probe))
            rate = re.sub(r"_(difference|ratio)$", "", check.metric)
            assert f"``{check.metric}``" in documented or f"``{rate}``" in documented, (clause.ref, check.metric)


def test_thresholds_of_others_say_where_they_stand(pack):
    for clause, check in checks(pack):
        if check.threshold and check.threshold.source != "house":
            assert check.threshold.cite, clause.ref


def test_house_packs_hold_house_thresholds_only(pack):
    if pack.status == "house":
        assert {check.threshold.source for _, check in checks(pack) if check.threshold} == {"house"}


def test_fractions_and_four_fifths_are_bounds_of_what_they_say(pack):
    # 0.8 is a rule on ratios of selection rates and on nothing else.
    for clause, check in checks(pack):
        bound = check.threshold
        if bound and bound.decision == "four_fifths":
            assert (check.metric, bound.op, bound.value, check.slices) == ("selection_rate", ">=", 0.8, "group")
        elif bound:
            assert bound.value != 0.8, clause.ref


def test_duties_of_people_have_no_threshold(pack):
    for clause, check in checks(pack):
        assert not (clause.assessment == "attestation" and check.threshold), clause.ref


def test_which_clauses_can_never_pass(pack):
    waiting = {clause.ref for clause in pack.clauses if clause.assessment != "machine"}
    assert waiting == NEVER_PASS[pack.id]
    for clause in pack.clauses:
        assert clause.assessment != "machine" or all(check.threshold for check in clause.checks), clause.ref


def test_nothing_measured_is_nothing_passed(pack):
    assert {verdict.state for verdict in judge([pack], [])} == {"not-tested"}
