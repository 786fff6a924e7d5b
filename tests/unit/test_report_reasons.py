"""Reasons in the reader's language."""

import dataclasses
import re
from pathlib import Path
from typing import get_args

import pytest
from report_fixture import rich_run

import auditor
from auditor import codec, report
from auditor.judge import gate, judge, packs
from auditor.judge.wording import SENTENCES
from auditor.report import html
from auditor.report.markdown import markdown
from auditor.report.reading import reading
from auditor.report.reasons import of_finding, of_verdict
from auditor.report.words import Text, words
from auditor.stats.intervals import difference, share
from auditor.types import Check, Clause, Finding, Measurement, Outcome, Pack, Run, Said, State, Threshold

WITHIN = Threshold("within", 0.1, "house")
FEW = Threshold("<=", 0.05, "house")
FIFTHS = Threshold(">=", 0.8, "guideline", "29 CFR 1607.4(D)", "four_fifths")
PLUGIN = "acme needs a moon phase"


def judged(*checks, measured=(), outcomes=(), assessment="machine"):
    """A run of one clause, judged."""
    found = (*outcomes, *([Outcome("group_fairness", "measured", measurements=tuple(measured))] if measured else []))
    pack = Pack("p", "1", "house", "2026-01-01", "2027-01-01", (Clause("R1", assessment, checks=tuple(checks)),))
    verdicts = judge([pack], found)
    return dataclasses.replace(rich_run(), outcomes=tuple(found), verdicts=verdicts, gate=gate(verdicts))


def said(run, lang):
    """The reason of the first clause, in pieces."""
    return of_verdict(reading(run, words(lang)), run.verdicts[0])


def gap(x, n, x_ref, n_ref, metric="false_positive_rate"):
    return difference(f"{metric}_difference", x, n, x_ref, n_ref, where={"sex": "F", "reference": "M"})


GAPS = Check("false_positive_rate_difference", probe="group_fairness", threshold=WITHIN)
FLIPS = Check("label_flips", probe="label_flips", threshold=FEW)
RATES = Check("selection_rate", slices="group", threshold=FIFTHS, probe="group_fairness")
CASES = {
    "contrast": (
        judged(GAPS, measured=[gap(805, 1795, 349, 1488)]),
        "sex = F: False positive rate, difference 21.39 pp [18.72, 24.01] (44.85% against 23.45% in M) exceeds 10 pp",
        "sex = F：假正率之差为 21.39 个百分点 [18.72, 24.01]（该组 44.85%，参照组 M 23.45%），超过 10 个百分点",
    ),
    "undecided": (
        judged(FLIPS, measured=[share("label_flips", 50, 1000)]),
        "Label flips 5.00% [3.98, 6.26] may lie on either side of 5%; it is too near for any number of rows to settle it",
        "标签翻转为 5.00% [3.98, 6.26]，可能高于也可能低于 5%；离界限太近，多少行都无法得出定论",
    ),
    "counted": (
        judged(
            FLIPS,
            measured=[share("label_flips", x, 1000, where={"pass": f"typos({i})"}) for i, x in enumerate((300, 400, 0))],
        ),
        "2 of 3 findings fail, first: pass = typos(0): Label flips 30.00% [27.01, 33.17] exceeds 5%",
        "3 项发现中有 2 项未通过，首先是：变换 = typos(0)：标签翻转为 30.00% [27.01, 33.17]，超过 5%",
    ),
    "few": (
        judged(GAPS, measured=[gap(1, 100, 5, 29)]),
        "sex = F: not assessed: 29 rows in the reference group, fewer than the 30 needed",
        "sex = F：未评估：参照组只有 29 行，少于所需的 30 行",
    ),
    "undefined": (
        judged(GAPS, measured=[gap(1, 100, 0, 0)]),
        "sex = F: undefined: the reference group has no rows",
        "sex = F：无定义：参照组没有行",
    ),
    "fifths": (
        judged(RATES, measured=[share("selection_rate", x, 1000, where={"sex": s}) for s, x in (("F", 300), ("M", 600))]),
        (
            "sex = F: Selection rate, ratio 0.5000 [0.4573, 0.5475] (30.00% against 60.00% in M) is below 0.8; 13.5 standard "
            "deviations fewer than a blind draw would select (p < 0.001), and 100 selections would have to move"
        ),
        (
            "sex = F：选择率之比为 0.5000 [0.4573, 0.5475]（该组 30.00%，参照组 M 60.00%），低于 0.8；"
            "比随机抽选所应选中的少 13.5 个标准差（p < 0.001），须改动 100 个选择才能达标"
        ),
    ),
    "crash": (
        judged(FLIPS, outcomes=[Outcome("label_flips", "failed", "ValueError: x")]),
        "“Robustness to corruption” crashed: ValueError: x",
        "“对扰动的鲁棒性”崩溃：ValueError: x",
    ),
    "own skip": (
        judged(FLIPS, outcomes=[Outcome("label_flips", "skipped", "needs a model that can be asked")]),
        "needs a model that can be asked",
        "需要可以询问的模型",
    ),
    "plugin's skip": (judged(FLIPS, outcomes=[Outcome("label_flips", "skipped", PLUGIN)]), PLUGIN, PLUGIN),
    "not planned": (
        judged(FLIPS),
        "the plan has no probe “Robustness to corruption”",
        "计划中没有探针“对扰动的鲁棒性”",
    ),
    "attestation": (
        judged(assessment="attestation"),
        "a person has to state this, and no statement is on record",
        "须由人来声明，但没有声明记录在案",
    ),
    "nothing": (
        judged(),
        "nothing is attached to this clause that could give evidence",
        "该条款没有附带任何可提供证据的检查",
    ),
    "energy": (
        judged(
            Check("energy_per_1000_predictions"),
            measured=[Measurement("energy_per_1000_predictions", 1.21e-5, "Wh", 9, 2.4e-6, 6e-5, method="estimate")],
        ),
        "Energy per 1,000 predictions 1.210×10⁻⁵ Wh [2.400×10⁻⁶, 6.000×10⁻⁵] is shown, not judged",
        "每千次预测能耗为 1.210×10⁻⁵ Wh [2.400×10⁻⁶, 6.000×10⁻⁵]，只列出，不评判",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_reason_is_said_in_the_language_of_the_report(name):
    run, en, zh = CASES[name]
    for lang, wanted in (("en", en), ("zh", zh)):
        pieces = said(run, lang)
        assert "".join(piece.text for piece in pieces).replace("\u202f", " ") == wanted
        assert wanted.endswith("".join(piece.text for piece in pieces if piece.lang))


def test_the_reason_in_run_json_stays_english():
    run = CASES["contrast"][0]
    assert re.fullmatch("[ -~]+", run.verdicts[0].reason)
    read = codec.parse(codec.plain(run), Run, place="run.json")
    assert [said(read, lang) for lang in ("en", "zh")] == [said(run, lang) for lang in ("en", "zh")]


def test_what_comes_from_outside_says_that_it_is_english():
    assert said(CASES["plugin's skip"][0], "zh") == (Text(PLUGIN, "en"),)
    assert said(CASES["own skip"][0], "zh") == (Text("需要可以询问的模型"),)
    assert said(CASES["crash"][0], "zh") == (Text("“对扰动的鲁棒性”崩溃："), Text("ValueError: x", "en"))
    page = html(CASES["crash"][0], "zh")
    assert '“对扰动的鲁棒性”崩溃：<span lang="en">ValueError: x</span>' in page
    assert "崩溃：ValueError: x" in markdown(CASES["crash"][0], "zh")


def test_a_run_without_why_shows_its_own_sentence():
    run = CASES["contrast"][0]
    (verdict,) = run.verdicts
    plain = codec.plain(verdict)
    for finding in plain["findings"]:
        del finding["why"]
    old = codec.parse(plain, type(verdict), place="run.json")
    assert old.findings[0].why is None
    assert said(dataclasses.replace(run, verdicts=(old,)), "zh") == (Text(old.reason, "en"),)


def test_the_shipped_packs_say_nothing_in_english_of_their_own():
    fair = [gap(805, 1795, 349, 1488), gap(5, 20, 5, 100), gap(0, 0, 1, 9), gap(50, 100, 50, 100, "accuracy")]
    fair += [
        share("selection_rate", x, n, where={"sex": s}) for s, x, n in (("F", 1, 10), ("M", 300, 900), ("(missing)", 1, 9))
    ]
    outcomes = [
        Outcome("group_fairness", "measured", measurements=tuple(fair)),
        Outcome("data_quality", "measured", measurements=(share("duplicate_share", 9, 90), share("missing_share", 1, 9))),
        Outcome("calibration", "skipped", "needs a label column"),
        Outcome("performance", "skipped"),
    ]
    verdicts = judge(packs(("base", "us-four-fifths")), outcomes)
    asked = reading(dataclasses.replace(rich_run(), outcomes=tuple(outcomes), verdicts=verdicts), words("zh"))
    told = [of_verdict(asked, verdict) for verdict in verdicts]
    told += [of_finding(asked, finding) for verdict in verdicts for finding in verdict.findings]
    states = {finding.state for verdict in verdicts for finding in verdict.findings}
    assert states >= {"fail", "inconclusive", "not-tested", "not-applicable"}
    left = "".join(piece.text for sentence in told for piece in sentence)
    assert set(re.findall("[A-Za-z]{2,}", left)) <= {"sex", "missing", "DeepWordBug"}


def test_every_part_of_a_reason_has_its_words():
    parts = set(get_args(Said))
    assert SENTENCES.keys() == parts
    messages = words("en").messages
    others = {"estimate", "contrast", "of", "first", "then"} | {f"tells.{state}" for state in get_args(State)}
    assert {key.removeprefix("reasons.") for key in messages if key.startswith("reasons.")} == parts | others
    for part, sentence in SENTENCES.items():  # The page and run.json say the same, but for signs.
        assert re.sub("[“”±]", "", messages[f"reasons.{part}"]).replace("−", "-") == sentence.replace("2 %", "2%")


def test_sentences_in_the_catalogue_are_ones_that_the_package_says():
    source = "".join(path.read_text("utf-8") for path in Path(auditor.__file__).parent.rglob("*.py"))
    heads = re.compile("^(needs class scores; |needs |there are no |the (reference )?group has no |no interval: )")
    for key, sentence in words("en").messages.items():
        if key.startswith("sentences."):
            assert sentence in source or f'"{heads.sub("", sentence)}"' in source, key


def test_a_finding_of_no_measurement_is_told_by_its_cause_alone(tmp_path):
    run = CASES["own skip"][0]
    assert isinstance(run.verdicts[0].findings[0], Finding)
    page = report.write(run, tmp_path, lang="zh").read_text("utf-8")
    assert "需要可以询问的模型" in page
    assert "needs a model that can be asked" not in page
