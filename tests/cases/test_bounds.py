"""A clause of two checks with two bounds: each check shows its own, in every format."""

import re

import auditor
from auditor.report.markdown import markdown
from auditor.report.page import html

PACK = """
schema: auditor.rulepack/1
id: two
edition: "1"
status: house
as_of: "2026-11-01"
stale_after: "2027-11-01"
clauses:
  - ref: "1"
    checks:
      - {metric: true_positive_rate_difference, probe: group_fairness, where: {reference: "*"}, slices: group,
         threshold: {op: within, value: 0.45, source: house}}
      - {metric: accuracy_difference, probe: group_fairness, where: {reference: "*"}, slices: group,
         threshold: {op: within, value: 0.05, source: vendor, cite: "contract 7"}}
"""
TEXTS = "title: Two\napplies: Here.\nclauses: {'1': Both hold.}\n"


def test_each_check_shows_its_own_bound(tmp_path):
    folder = tmp_path / "two"
    (folder / "i18n").mkdir(parents=True)
    (folder / "pack.yaml").write_text(PACK)
    (folder / "i18n" / "en.yaml").write_text(TEXTS)
    data = tmp_path / "scored.csv"
    rows = [f"{g},{i % 2},{i % 2 if i % (10 if g == 'a' else 3) else 1 - i % 2}" for g in "ab" for i in range(600)]
    data.write_text("\n".join(["g,y,p", *rows]))
    result = auditor.audit(
        data=data, label="y", prediction="p", groups="g", probes="group_fairness", packs=[str(folder)], out=tmp_path / "run"
    )
    (verdict,) = result.run.verdicts
    bounds = {finding.metric: finding.threshold.value for finding in verdict.findings}
    assert bounds == {"true_positive_rate_difference": 0.45, "accuracy_difference": 0.05}
    said = re.sub(r"<[^>]+>", " ", html(result.run))
    assert "±45 pp" in said
    assert "±5 pp" in said
    written = markdown(result.run)
    assert "±45 pp (house policy)" in written
    assert "±5 pp (vendor)" in written
    junit = (result.folder / "junit.xml").read_text()
    assert 'name="bound.true_positive_rate_difference" value="within 0.45 (house)"' in junit
    assert 'name="bound.accuracy_difference" value="within 0.05 (vendor, contract 7)"' in junit
