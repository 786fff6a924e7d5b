"""The formats beside HTML, and that all of them say the same."""

import dataclasses
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import pytest
from junitparser import JUnitXml
from report_fixture import cleaning_run, hostile_run, rich_run, wide_run

from auditor import codec, report
from auditor.errors import ConfigError, UsageError
from auditor.report.again import command
from auditor.report.files import schema
from auditor.report.junit import junit
from auditor.report.markdown import markdown, plain
from auditor.report.words import words
from auditor.run.facts import of_model
from auditor.types import Model

NAMES = ["junit.xml", "report.html", "report.md", "run.json", "run.schema.json"]


@pytest.mark.parametrize(
    "make", [rich_run, hostile_run, cleaning_run, lambda: wide_run(5)], ids=["rich", "hostile", "cleaning", "wide"]
)
def test_a_run_read_back_is_written_to_the_same_bytes(make, tmp_path):
    first = report.write(make(), tmp_path / "first")
    assert first == tmp_path / "first" / "report.html"
    report.write(report.read(tmp_path / "first"), tmp_path / "second")
    assert sorted(path.name for path in first.parent.iterdir()) == NAMES
    for name in NAMES:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


@pytest.mark.parametrize(
    "make", [rich_run, hostile_run, cleaning_run, lambda: wide_run(5)], ids=["rich", "hostile", "cleaning", "wide"]
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_all_formats_and_the_exit_code_agree(make, lang, tmp_path):
    folder = report.write(make(), tmp_path, lang=lang).parent
    run = json.loads((folder / "run.json").read_text())
    states = Counter(verdict["state"] for verdict in run["verdicts"])
    t = words(lang)

    html = (folder / "report.html").read_text()
    in_html = re.findall(r"<li><b>(\d+)</b><span class=\"state s-([a-z-]+)\">", html)
    assert {state: int(count) for count, state in in_html} == states
    assert t("gate.exit", code=run["gate"]["exit_code"]) in html

    text = (folder / "report.md").read_text()
    assert {
        state: int(n) for state in states for n in re.findall(rf"^- {t(f'states.{state}.name')}: (\d+)$", text, re.MULTILINE)
    } == states
    assert t("gate.exit", code=run["gate"]["exit_code"]) in text

    suites = JUnitXml.fromfile(str(folder / "junit.xml"))
    assert (suites.tests, suites.failures, suites.errors) == (len(run["verdicts"]), states["fail"], states["error"])
    assert suites.skipped == sum(states[s] for s in ("inconclusive", "not-tested", "not-applicable", "evidence"))
    properties = {p.get("name"): p.get("value") for p in ET.parse(folder / "junit.xml").find("properties")}
    assert {key.removeprefix("clauses."): int(n) for key, n in properties.items() if key.startswith("clauses.")} == states
    assert int(properties["exit_code"]) == run["gate"]["exit_code"] == (3 if states["fail"] or states["error"] else 0)


def test_junit_maps_states_with_reasons_and_names_clauses():
    root = ET.fromstring(junit(rich_run()))
    cases = {case.find("properties/property[@name='clause']").get("value"): case for case in root.iter("testcase")}
    kinds = {ref: [child.tag for child in case if child.tag != "properties"] for ref, case in cases.items()}
    assert kinds == {
        "B1": [], "B2": ["failure"], "B3": ["failure"], "B4": ["skipped"], "B5": ["skipped"], "B6": ["error"],
        "B7": ["skipped"], "B8": ["skipped"], "1607.4(D)": ["failure"],
    }  # fmt: skip
    assert cases["B5"].find("skipped").get("message") == "not-tested: checkpoint_safety was skipped: needs a checkpoint on disk"
    assert [suite.get("name") for suite in root.iter("testsuite")] == ["base 2026", "us-four-fifths 1978"]
    probes = {p.get("name"): p.get("value") for p in root.find("properties")}
    assert probes["probe.acme/credit.lift"] == "failed: ZeroDivisionError: division by zero"


def test_junit_holds_no_character_that_xml_forbids():
    text = junit(hostile_run())
    ET.fromstring(text)
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("| a | `b` |", r"\| a \| \`b\` \|"),
        ("<b>&amp;", r"&lt;b\>&amp;amp;"),
        ("**x** [y](z)", r"\*\*x\*\* \[y\](z)"),
        ("# head", r"\# head"),
        ("a # b", "a # b"),
        ("@team #12", "@\u2060team #\u206012"),
        ("https://e.org www.e.org", "https:\u2060//e.org www\u2060.e.org"),
        ("1. one", "1\u2060. one"),
        ("two\nlines", "two⏎lines"),
    ],
)
def test_text_in_markdown_stays_text(text, shown):
    assert plain(text) == shown


def test_markdown_tables_keep_their_columns():
    for make in (hostile_run, cleaning_run):
        lines = [line for line in markdown(make()).splitlines() if line.startswith("|")]
        tables = "\n".join(lines).split("| ---")
        assert len(tables) > 1
        widths = [len(re.findall(r"(?<!\\)\|", line)) for line in lines]
        assert set(widths) <= {4, 5, 8}


def test_the_schema_describes_what_is_written():
    facts = json.loads(schema())
    assert facts["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    measurement = facts["$defs"]["Measurement"]["properties"]
    assert {"metric", "value", "unit", "n", "low", "high", "where"} <= measurement.keys()
    written = json.loads(codec.to_json(rich_run()))
    assert written.keys() == facts["properties"].keys()
    assert written["outcomes"][0]["measurements"][0].keys() == measurement.keys()


def test_reading_what_is_no_run_says_so(tmp_path):
    with pytest.raises(UsageError, match=r"run\.json: no run here\. Name the folder"):
        report.read(tmp_path)
    report.write(rich_run(), tmp_path)
    assert report.read(tmp_path / "run.json").seed == 7


def test_a_run_of_another_schema_is_refused(tmp_path):
    report.write(rich_run(), tmp_path)
    other = json.loads((tmp_path / "run.json").read_text()) | {"schema": "auditor.run/9", "version": "7.0", "new": 1}
    (tmp_path / "run.json").write_text(json.dumps(other))
    message = (
        r"made by another version of auditor, '7.0', as 'auditor.run/9'; this one, .* reads 'auditor.run/1'\. Use the version"
    )
    with pytest.raises(ConfigError, match=message):
        report.read(tmp_path)


def test_a_run_from_before_notes_and_whys_is_read(tmp_path):
    report.write(rich_run(), tmp_path)
    old = json.loads((tmp_path / "run.json").read_text())
    assert old["model"].pop("notes") == ["Its scores were scaled by a plugin."]
    for verdict in old["verdicts"]:
        for finding in verdict["findings"]:
            del finding["why"]
    (tmp_path / "run.json").write_text(json.dumps(old))
    read = report.read(tmp_path)
    assert read.model.notes == ()
    assert {finding.why for verdict in read.verdicts for finding in verdict.findings} == {None}
    report.write(read, tmp_path / "again", lang="zh")


def test_the_notes_of_a_loaded_model_are_facts_about_it():
    model = Model("m", "skops", "f", ("a", "b"), encode=list, forward=lambda payloads, dtype: payloads, notes=("It guesses.",))
    assert of_model(model).notes == ("It guesses.",)
    assert "notes" in json.loads(schema())["$defs"]["ModelFacts"]["properties"]


def test_an_unknown_language_writes_nothing(tmp_path):
    with pytest.raises(UsageError, match="no report language"):
        report.write(rich_run(), tmp_path / "out", lang="xx")
    assert not (tmp_path / "out").exists()


def test_a_badly_encoded_file_name_is_written_and_read_back(tmp_path):
    run = dataclasses.replace(rich_run(), data=dataclasses.replace(rich_run().data, fingerprint="a\udc80b"))
    assert "a‹U+DC80›b" in report.write(run, tmp_path).read_text()
    assert report.read(tmp_path).data.fingerprint == "a\udc80b"


@pytest.mark.parametrize(
    ("folder", "line"),
    [
        (None, "auditor run audit.yaml -o again"),
        ("runs/1", "auditor run runs/1/audit.yaml -o runs/1-again"),
        ("it's mine/1", "auditor run 'it'\"'\"'s mine/1/audit.yaml' -o 'it'\"'\"'s mine/1-again'"),
        ("-o", "auditor run ./-o/audit.yaml -o ./-o-again"),
        ("a\u202eb", "auditor run $'a\\xe2\\x80\\xaeb/audit.yaml' -o $'a\\xe2\\x80\\xaeb-again'"),
    ],
)
def test_the_command_that_repeats_a_run_names_its_plan(folder, line):
    assert command("audit", Path(folder) if folder else None) == line
    assert command("cleaning", Path("c")) == "auditor clean c/clean.yaml -o c-again"
