"""The HTML report: what it shows, what it never does, and how large it is."""

import base64
import dataclasses
import hashlib
import itertools
import re
from html import unescape
from html.parser import HTMLParser

import pytest
from report_fixture import HOSTILE, cleaning_run, hostile_run, rich_run, wide_run

from auditor.judge.gates import gate
from auditor.report import html, page
from auditor.report.blocks import blocks
from auditor.report.reading import reading
from auditor.report.view import view
from auditor.report.words import Words, words
from auditor.types import Alarm, DataFacts, Evidence, Example, Gate, Group, Measurement, Outcome, Roles, Source, Why

VOID = {"meta", "br", "img", "input", "link", "hr"}
KNOWN = VOID - {"img", "input", "link", "hr"} | set(
    "html head title style body header nav main section article h1 h2 h3 h4 p ol ul li dl dt dd div span a b strong small "
    "code pre "
    "table caption thead tbody tr th td details summary figure figcaption del ins mark "
    "svg defs g path rect circle text desc use".split()
)


class Page(HTMLParser):
    """Elements with their attributes, text, and whether every element is closed where it should be."""

    def __init__(self, source):
        super().__init__()
        self.elements, self.open, self.texts = [], [], []
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", "".join(self.texts))


@pytest.fixture(scope="module", params=["en", "zh"])
def lang(request):
    return request.param


@pytest.fixture(scope="module", params=[rich_run, hostile_run, cleaning_run], ids=["rich", "hostile", "cleaning"])
def run(request):
    return request.param()


def test_equal_runs_give_equal_bytes(run, lang):
    assert html(run, lang) == html(dataclasses.replace(run), lang)


def test_nothing_loads_runs_or_styles_from_outside(run, lang):
    found = Page(html(run, lang))
    assert found.open == []
    assert {tag for tag, _ in found.elements} <= KNOWN
    for tag, attributes in found.elements:
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        assert "src" not in attributes
        target = attributes.get("href", "#")
        assert target.startswith("#") or (tag == "a" and re.fullmatch(r"https?://[\w./~%#?&=+:-]+", target))


def test_the_policy_allows_this_style_and_nothing_else(run):
    source = html(run)
    style = re.search(r"<style>(.*?)</style>", source, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', source)[1])
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert len(style.encode()) <= 20_000


def test_links_inside_lead_somewhere_and_ids_are_used_once(run, lang):
    elements = Page(html(run, lang)).elements
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for _, a in elements if a.get("href", "").startswith("#")} <= set(ids)


def test_headings_go_down_one_level_at_a_time_and_tables_say_what_their_heads_are_of(run, lang):
    elements = Page(html(run, lang)).elements
    levels = [int(tag[1]) for tag, _ in elements if re.fullmatch(r"h\d", tag)]
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    assert all(attributes.get("scope") for tag, attributes in elements if tag == "th")
    assert all(attributes.get("role") == "img" or "aria-hidden" in attributes for tag, attributes in elements if tag == "svg")
    assert elements[0] == ("html", {"lang": words(lang).tag})


def test_hostile_text_is_text():
    source = html(hostile_run())
    found = Page(source)
    assert len([tag for tag, _ in found.elements if tag == "h1"]) == 1
    for text in ("<script>alert(1)</script>", "<img src=x onerror=alert(2)>", "{{ 7 * 7 }}", "</title></style></table><h1>x"):
        assert text in found.text
    for hidden in ("\u202e", "\u200b", "\x00", "\x07", "\x1b", "\u2028", "\ufffe", "\U000e0041"):
        assert hidden not in source
    for shown in ("‹U+202E›", "‹U+200B›", "␀", "␛", "‹U+2028›", "‹U+E0041›"):
        assert shown in source


@pytest.mark.parametrize("text", HOSTILE)
def test_each_hostile_text_stands_in_every_place(text):
    benign = html(_named("benign"))
    hostile = html(_named(text))
    assert _shape(hostile) == _shape(benign)


def _named(text):
    """A run with one text in every place that comes from outside."""
    run = rich_run()
    where = {text: text}
    found = (
        Measurement(text, 0.5, text, 10, 0.4, 0.6, method=text, where=where, counts={"x": 5.0, "n": 10.0}),
        Measurement(text, None, "fraction", 0, reason=text, where={text: "other"}),
    )
    example = Example(text, "word", None, {text: text})
    outcome = Outcome(text, "failed", text, text, text, {text: text}, found, (Evidence(text, text, 1, (example,)),), text)
    finding = dataclasses.replace(run.verdicts[1].findings[0], metric=text, where=where, reason=text, why=None)
    told = dataclasses.replace(finding, why=Why(("crashed", "not_measured"), probe=text, cause=text))
    verdict = dataclasses.replace(
        run.verdicts[1],
        pack=text,
        edition=text,
        clause=text,
        reason=text,
        severity=text,
        text={"en": text},
        findings=(finding, told),
    )
    return dataclasses.replace(
        run,
        version=text,
        plan_digest=text,
        plan={"data": {"path": text, "label": text, "groups": [{"column": text}]}, text: text},
        data=DataFacts(Source(text, text, text, 3, 0, (text,)), 3, Roles((text,), text, (Group(text, reference=text),)), text),
        model=dataclasses.replace(run.model, name=text, kind=text, classes=(text, text), reason=text, notes=(text,), files=()),
        environment=dataclasses.replace(run.environment, python=text, packages={text: text}),
        outcomes=(outcome,),
        verdicts=(verdict,),
        gate=gate((verdict,)),
        packs=(dataclasses.replace(run.packs[0], id=text, edition=text, status=text, title={"en": text}),),
        ledger=(dataclasses.replace(run.ledger[1], step=text, source=text, file=text, reasons={text: 1}, examples=(example,)),),
    )


def _shape(source):
    """The elements of a page in order, but for links, which sources may hold."""
    return [tag for tag, _ in Page(source).elements if tag != "a"]


def test_every_message_is_used_and_none_is_missing(monkeypatch):
    asked = set()

    class Recording(dict):
        def __getitem__(self, key):
            asked.add(key)
            return super().__getitem__(key)

        def get(self, key, default=None):
            asked.add(key)
            return super().get(key, default)

    recording = Words("en", Recording(words("en").messages))
    monkeypatch.setattr(page, "words", lambda lang: recording)
    runs = [rich_run(), cleaning_run(), wide_run(30), _unjudged(), _undecided(), _all_well(), _busy(), _bare(), _alarmed()]
    for run in runs:
        html(run)
    by_data = (
        "states",
        "severity",
        "status",
        "origin",
        "ceiling",
        "where",
        "units",
        "methods",
        "probes",
        "facts",
        "metrics",
        "gate",
        "notable",
        "statements",
        "reasons",
        "sentences",
    )
    left = {key for key in recording.messages if key not in asked and key.split(".")[0] not in by_data}
    assert left == set()


def _unjudged():
    run = rich_run()
    outcome = dataclasses.replace(run.outcomes[0], measurements=())
    data = dataclasses.replace(run.data, roles=Roles(prediction="decile_score >= 5"))
    return dataclasses.replace(run, verdicts=(), packs=(), gate=gate(()), model=None, outcomes=(outcome,), ledger=(), data=data)


def _bare():
    data = dataclasses.replace(_unjudged().data, roles=Roles(favourable="a"), classes=("a", "b", "c"), positive=None)
    return dataclasses.replace(_unjudged(), data=data)


def _alarmed():
    run = cleaning_run()
    alarms = (Alarm({}, 50, 100, 0.1), Alarm({"sex": "f"}, 6, 50, 0.04))
    return dataclasses.replace(run, ledger=(dataclasses.replace(run.ledger[0], alarms=alarms),), gate=Gate("fail", 3))


def _undecided():
    verdicts = [verdict for verdict in rich_run().verdicts if verdict.state == "inconclusive"]
    return dataclasses.replace(rich_run(), verdicts=tuple(verdicts), gate=gate(verdicts, strict=True))


def _all_well():
    run = rich_run()
    verdicts = [verdict for verdict in run.verdicts if verdict.state == "pass"]
    measured = tuple(outcome for outcome in run.outcomes if outcome.status == "measured")
    return dataclasses.replace(run, verdicts=tuple(verdicts), gate=gate(verdicts), outcomes=measured)


def _busy():
    """More of everything than the page shows, and roles and metrics of every kind."""
    run = rich_run()
    many = tuple(Measurement("m", None, "fraction", 0, reason="none", where={"k": str(i)}) for i in range(205))
    two = tuple(Measurement("m", None, "fraction", 0, reason="none", where={"j": str(i)}) for i in range(2))
    found = Evidence(
        "unsafe_files", "What the scan found", 1, (Example("model.bin", "calls os.system", facts={"kind": "pickle"}),)
    )
    outcome = dataclasses.replace(run.outcomes[0], measurements=(*many, *two), evidence=(found,))
    finding = run.verdicts[1].findings[0]
    findings = tuple(dataclasses.replace(finding, metric=f"m{i}") for i in range(20))
    verdict = dataclasses.replace(run.verdicts[1], findings=findings)
    roles = Roles(("a",), None, (), None, "w", "s", "p", "q")
    model = dataclasses.replace(run.model, loaded=False, reason="holds pickles", max_length=None)
    return dataclasses.replace(
        run,
        outcomes=(outcome,),
        verdicts=(verdict,),
        gate=gate((verdict,)),
        data=dataclasses.replace(run.data, roles=roles),
        model=model,
    )


def test_the_verdict_box_says_the_gate_in_words():
    told = "3 of 8 clauses failed, 1 crashed, 1 is inconclusive, 1 was not tested, 1 waits for a person, 1 passed"
    assert f"Gate closed: {told}" in html(rich_run())
    assert "Gate undecided: the only clause is inconclusive" in html(_undecided())
    assert "Gate open: the only clause passed" in html(_all_well())
    assert "Every planned check was made." in html(_all_well())
    assert "No rule pack judged this run." in html(_unjudged())
    assert "It ran, and reported no measurement." in html(_unjudged())
    assert "<h1>Audit of decisions</h1>" in html(_unjudged())
    assert "<h1>Data audit</h1>" in html(_bare())
    assert "关口关闭" in html(rich_run(), "zh")


def test_a_pack_past_its_review_is_called_stale_on_the_day_of_the_run():
    run = rich_run()
    assert "was due on 2026-10-01" in html(run)
    assert "was due on" not in html(dataclasses.replace(run, started="2026-10-01T00:00:00+00:00"))


def test_findings_stand_worst_first_and_the_heaviest_of_them_first():
    found = view(rich_run(), words("en")).findings
    assert [clause.state for clause in found] == ["fail", "fail", "fail", "error", "inconclusive"]
    assert found[0].severity == "Critical"
    assert (found[0].bounds[0].text, found[0].bounds[0].origin) == ("within ±10 pp", "house policy")
    first = found[0].judged[0]
    assert (first.metric, first.slice, first.value) == ("False positive rate, difference", "female vs male", "19.19 pp")
    assert html(rich_run()).count("<code>auditor run audit.yaml -o again</code>") >= 3


def test_examples_stand_with_the_first_finding_they_explain_and_only_there():
    shown = view(rich_run(), words("en"))
    assert [clause.ref for clause in shown.findings if clause.exhibits] == ["B3", "B4"]
    assert [account.probe for account in shown.accounts if account.exhibits] == []
    source = html(rich_run())
    assert source.count("Texts that were changed until the prediction turned") == 1
    assert "<del>splendid</del>" in source
    assert "<ins>splendit</ins>" in source
    assert "5 of 68" in source


def test_what_was_not_tested_names_probes_and_clauses_with_reasons():
    untested = view(rich_run(), words("en")).untested
    assert [(one.name.text, one.ref, one.state) for one in untested] == [
        ("acme/credit.lift", "acme/credit.lift", "error"),
        ("Checkpoint safety", "checkpoint_safety", "not-tested"),
        ("Lift is measured.", "base 2026 · B6", "error"),
        ("Checkpoint files run no code.", "base 2026 · B5", "not-tested"),
    ]
    assert [piece.text for piece in untested[1].reason] == ["needs a checkpoint on disk"]


def test_unknown_measurements_are_shown_with_their_own_names_and_units():
    text = Page(html(rich_run())).text
    assert "profit per row" in text
    assert "1.234×10⁻⁵ EUR" in text
    assert "1 234 567 EUR" in text.replace("\u202f", " ")
    assert "no row has a price" in text
    assert "ZeroDivisionError: division by zero" in text


def test_english_sentences_in_a_chinese_page_say_their_language():
    source = html(rich_run(), "zh")
    assert '<span lang="en">ZeroDivisionError: division by zero</span>' in source
    assert '<span lang="en">Its scores were scaled by a plugin.</span>' in source
    assert '<span lang="en">Lift is measured.</span>' in source
    assert 'lang="en"' not in html(rich_run(), "en").replace('<html lang="en">', "")


def test_the_notes_of_a_model_stand_under_its_facts_as_text():
    run = rich_run()
    model = dataclasses.replace(run.model, notes=("Probabilities are <b>guessed</b>.",))
    scope = html(dataclasses.replace(run, model=model)).split('<section id="scope">')[1]
    assert "<h4>Reading its scores</h4>" in scope
    assert "<li>Probabilities are &lt;b&gt;guessed&lt;/b&gt;.</li>" in scope
    assert "Reading its scores" not in html(dataclasses.replace(run, model=dataclasses.replace(model, notes=())))


def test_measurements_with_like_slices_share_a_table_whatever_probe_they_come_from():
    run = rich_run()
    found = blocks(reading(run, words("en")), next(o for o in run.outcomes if o.probe == "group_fairness").measurements)
    assert [(block.title, block.kind, len(block.lines), len(block.metrics), block.folded) for block in found] == [
        ("By gender", "value", 3, 6, False),
        ("Difference to the reference, by gender (reference: male)", "difference", 2, 6, False),
        ("Ratio to the reference, by gender (reference: male)", "ratio", 2, 6, False),
        ("By gender and age", "value", 9, 6, True),
    ]
    assert [[chart.macro for chart in block.charts] for block in found] == [["forest"] * 6, ["forest"] * 6, ["forest"], []]
    cell = found[1].lines[0].cells[2]
    assert (cell.value, cell.basis, cell.state) == ("19.19 pp", "232/690 : 114/790", "fail")


def test_shares_are_bars_and_bins_are_a_histogram():
    run = rich_run()
    found = blocks(reading(run, words("en")), next(o for o in run.outcomes if o.probe == "data_quality").measurements)
    drawn = {block.metrics[0]: [chart.macro for chart in block.charts] for block in found}
    assert drawn == {
        "Missing share": ["bars"],
        "Duplicate share": [],
        "Label share": ["bars"],
        "Language share": ["bars"],
        "Length share": ["histogram"],
    }


def test_what_was_measured_twice_is_shown_twice_and_long_tables_say_what_they_leave_out():
    one = Measurement("m", 1.0, "count", 1, where={"k": "a"})
    asked = reading(rich_run(), words("en"))
    (twice,) = blocks(asked, [one, dataclasses.replace(one, value=2.0)])
    assert [line.cells[0].value for line in twice.lines] == ["1", "2"]
    (long,) = blocks(asked, [dataclasses.replace(one, where={"k": str(i)}) for i in range(205)])
    assert (len(long.lines), long.left_out, long.folded, long.charts) == (200, 5, True, ())


def test_of_many_shares_the_largest_are_drawn():
    shares = [Measurement("missing_share", i / 100, "fraction", 100, where={"column": f"c{i}"}) for i in range(60)]
    (block,) = blocks(reading(rich_run(), words("en")), shares)
    (chart,) = block.charts
    assert [bar.label for bar in chart.lines] == [f"c{i}" for i in range(59, 35, -1)]


def test_a_hundred_failing_checks_stay_below_a_megabyte(lang):
    run = wide_run(100)
    source = html(run, lang)
    assert len(source.encode()) < 1_000_000
    assert source.count('<article class="finding"') == 100
    sizes = [len(svg.encode()) for svg in re.findall(r"<svg viewBox.*?</svg>", source, re.DOTALL)]
    assert max(sizes) <= 3_000
    assert all(f"W{i}" in source for i in range(100))


def test_examples_keep_to_their_size_whatever_they_are_made_of():
    outcome = wide_run(1).outcomes[0]
    wide = tuple(Example(str(i), "\u202e<" * 5_000, "公司" * 5_000, {"f": "\u202e" * 500}) for i in range(9))
    run = dataclasses.replace(
        wide_run(1), outcomes=(dataclasses.replace(outcome, evidence=(Evidence("other", "title", 9, wide),) * 80),)
    )
    assert len(html(run).encode()) < 400_000


def test_the_ledger_shows_where_rows_went():
    text = Page(html(cleaning_run())).text.replace("\u202f", " ")
    assert "3 012 rows went in and 3 640 came out." in text
    assert "same text and label as an earlier row" in text
    assert "ledger/drop_exact_duplicates.jsonl" in text
    assert "auditor clean clean.yaml -o again" in text
    assert "Effect of the cleaning" in text
    assert "What was not tested" not in text
