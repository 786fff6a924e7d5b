"""Reading rule packs."""

import pytest

from auditor.errors import ConfigError
from auditor.judge import packs
from auditor.judge.pack_files import shipped
from auditor.types import Check, Threshold

PACK = """
schema: auditor.rulepack/1
id: ours
edition: "1"
status: house
as_of: "2026-01-01"
stale_after: "2027-01-01"
clauses:
  - ref: "5.10"
    severity: critical
    checks:
      - metric: accuracy
        probe: performance
        slices: whole
        threshold: {op: ">=", value: 0.9, source: house}
  - ref: "5.2"
    assessment: attestation
"""
TEXTS = 'title: Ours\napplies: To us.\nclauses: {"5.10": Be right., "5.2": Be there.}\n'


@pytest.fixture
def folder(tmp_path):
    def write(pack=PACK, en=TEXTS, zh=TEXTS):
        (tmp_path / "i18n").mkdir(exist_ok=True)
        (tmp_path / "pack.yaml").write_text(pack, "utf-8")
        for language, text in (("en", en), ("zh", zh)):
            if text:
                (tmp_path / "i18n" / f"{language}.yaml").write_text(text, "utf-8")
        return str(tmp_path)

    return write


def test_a_pack_of_ones_own_reads_from_its_folder(folder):
    (pack,) = packs([folder()])
    assert (pack.id, pack.edition, pack.status, pack.in_force) == ("ours", "1", "house", (None, None))
    assert pack.title == {"en": "Ours", "zh": "Ours"}
    assert pack.applies["en"] == "To us."
    clause, duty = pack.clauses
    assert (clause.ref, clause.severity, clause.text["en"]) == ("5.10", "critical", "Be right.")
    assert clause.checks == (Check("accuracy", slices="whole", probe="performance", threshold=Threshold(">=", 0.9, "house")),)
    assert (duty.assessment, duty.checks) == ("attestation", ())


def test_the_digest_follows_the_files(folder):
    before = packs([folder()])[0].digest
    assert packs([folder()])[0].digest == before
    assert packs([folder(PACK.replace("0.9", "0.8"))])[0].digest != before
    assert packs([folder(zh=TEXTS.replace("To us.", "To all."))])[0].digest != before


def test_packs_keep_the_order_they_are_named_in():
    assert [pack.id for pack in packs(["us-four-fifths", "base"])] == ["us-four-fifths", "base"]
    assert packs([]) == ()
    assert {"base", "us-four-fifths"} <= set(shipped())


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["bse"], "no rule pack 'bse' (shipped: base, us-four-fifths); did you mean 'base'?"),
        (["/nowhere"], "Name a shipped pack or a folder that holds a pack.yaml."),
        (["base", "base"], "the pack 'base' is named twice"),
    ],
)
def test_names_that_do_not_fit(names, message):
    with pytest.raises(ConfigError) as error:
        packs(names)
    assert message in str(error.value)
    assert error.value.exit_code == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pack": PACK.replace("assessment", "asessment")}, "asessment"),
        ({"pack": PACK.replace("house}", "hearsay}")}, "hearsay"),
        ({"pack": PACK.replace('"2026-01-01"', "soon")}, "as_of is 'soon', expected a date"),
        ({"pack": PACK.replace('"2027-01-01"', "20270101")}, "stale_after"),
        ({"pack": PACK.replace('"5.2"', '"5.10"')}, "clause '5.10' is there twice"),
        (
            {"pack": PACK.replace("source: house", "source: law")},
            "clause '5.10' has a threshold without the place in its source",
        ),
        ({"pack": PACK.replace("severity: critical", "assessment: attestation")}, "so it can have no threshold"),
        ({"pack": PACK.replace("house}", "house, decision: four_fifths}")}, "its slices have to be 'group'"),
        ({"en": None}, "no i18n/en.yaml beside it"),
        ({"zh": TEXTS.replace('"5.2"', '"5.3"')}, "i18n/zh.yaml has no text for '5.2'"),
        ({"zh": TEXTS.replace("}", ', "9": What?}')}, "i18n/zh.yaml has a text for '9', which is no clause"),
    ],
)
def test_packs_that_do_not_fit_are_refused_with_the_place(folder, changes, message):
    path = folder(**changes)
    with pytest.raises(ConfigError) as error:
        packs([path])
    assert message in str(error.value)
    assert "pack.yaml" in str(error.value)


def test_an_unquoted_reference_is_refused_and_not_read_as_a_number(folder):
    with pytest.raises(ConfigError, match=r"5\.1"):
        packs([folder(PACK.replace('"5.10"', "5.10"))])
