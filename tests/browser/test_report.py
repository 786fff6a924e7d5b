"""The report in a real browser: readable without scripts, silent on the network, safe, accessible, printable."""

import re

import pytest
from browser.axe import axe_source
from browser.conftest import RUNS, Visit

from auditor.report.words import words

pytestmark = pytest.mark.browser

CASES = [(name, lang) for name in RUNS for lang in ("en", "zh")]


@pytest.fixture
def visit(browser, reports):
    """Opens a report; scripts are off unless asked for."""
    contexts = []

    def opened(name, lang="en", *, width=1280, scheme="light", script=False):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=script)
        contexts.append(context)
        return Visit(context, reports[name, lang])

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize(("name", "lang"), CASES)
def test_it_opens_without_scripts_and_asks_for_nothing(visit, reports, name, lang):
    seen = visit(name, lang)
    assert seen.requests == [reports[name, lang].as_uri()]
    assert seen.dialogs == []
    assert seen.errors == []
    assert seen.page.locator("main").is_visible()


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", ["rich", "wide"])
def test_every_verdict_is_a_visible_word_with_a_shape(visit, name, lang):
    page, t = visit(name, lang).page, words(lang)
    rows = page.locator("#coverage tbody td .state")
    verdicts = RUNS[name]().verdicts
    assert sorted(rows.all_inner_texts()) == sorted(t(f"states.{verdict.state}.name") for verdict in verdicts)
    assert rows.count() == page.locator("#coverage tbody td .state svg use").count()
    assert all(row.is_visible() for row in rows.all())
    for state, count in RUNS[name]().gate.states.items():
        assert page.locator(".counts li", has=page.locator(f".s-{state}")).inner_text().split("\n") == [
            str(count),
            t(f"states.{state}.name"),
        ]


def test_the_style_applies_under_its_own_policy(visit):
    page = visit("rich").page
    assert page.locator("nav ol").evaluate("e => getComputedStyle(e).listStyleType") == "none"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_hostile_text_shows_as_text(visit, lang):
    seen = visit("hostile", lang, script=True)
    page = seen.page
    assert seen.dialogs == []
    assert seen.errors == []
    text = page.locator("body").inner_text()
    for hostile in ("<script>alert(1)</script>", "<img src=x onerror=alert(2)>", "{{ 7 * 7 }}", "‹U+202E›", "␛[31m", "␀"):
        assert hostile in text
    assert page.locator("script, img, iframe, object, embed, form, [onload], [onerror]").count() == 0
    assert page.locator("h1").count() == 1
    assert page.locator("a[href^='javascript']").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("name", "lang"), [("rich", "en"), ("rich", "zh"), ("hostile", "en"), ("cleaning", "en")])
def test_axe_finds_nothing_serious(visit, name, lang, scheme):
    page = visit(name, lang, scheme=scheme, script=True).page
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert violations(page) == []


def test_axe_would_find_what_is_wrong(visit):
    page = visit("rich", script=True).page
    page.evaluate("document.querySelector('main').innerHTML += '<button></button>'")
    assert [found for found, _, _ in violations(page)] == ["button-name"]


def violations(page):
    """What axe finds of moderate weight or more: rule, element, and what is wrong with it."""
    page.evaluate(axe_source())
    rules = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("rules => axe.run(document, {resultTypes: ['violations'], runOnly: rules})", rules)
    heavy = [v for v in found["violations"] if v["impact"] in ("moderate", "serious", "critical")]
    return [(v["id"], v["nodes"][0]["html"][:200], v["nodes"][0].get("failureSummary")) for v in heavy]


@pytest.mark.parametrize("name", ["rich", "hostile", "cleaning"])
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_the_page_never_scrolls_sideways(visit, name, width):
    page = visit(name, width=width).page
    page.locator("summary").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_dark_and_light_differ_and_both_can_be_read(visit):
    backgrounds = set()
    for scheme in ("light", "dark"):
        body = visit("rich", scheme=scheme).page.locator("body")
        colour, background = body.evaluate("e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]")
        backgrounds.add(background)
        assert contrast(colour, background) >= 7
    assert len(backgrounds) == 2


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two ``rgb(...)`` colours (WCAG 2.2)."""
    lights = sorted((luminance(one), luminance(other)), reverse=True)
    return (lights[0] + 0.05) / (lights[1] + 0.05)


def luminance(colour: str) -> float:
    channels = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_keyboard_reaches_the_content_and_shows_where_it_is(visit):
    page = visit("rich").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_print_shows_what_is_folded_on_screen(visit, lang):
    page = visit("rich", lang, scheme="dark").page
    folded = page.locator("details td").first
    assert not folded.is_visible()
    page.emulate_media(media="print")
    assert folded.is_visible()
    assert not page.locator("nav").is_visible()
    assert page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(255, 255, 255)"
    pdf = page.pdf(prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 3


def test_a_style_that_is_blocked_leaves_a_readable_page(browser, reports, tmp_path):
    """Jenkins serves reports under a policy that drops inline styles."""
    source = reports["rich", "en"].read_text("utf-8")
    bare = tmp_path / "bare.html"
    bare.write_text(re.sub(r"style-src '?[^;]*;|style-src &#39;[^;]*;[^;]*;", "", source.replace("&#39;", "'")), "utf-8")
    context = browser.new_context(viewport={"width": 1280, "height": 900}, java_script_enabled=False)
    page = Visit(context, bare).page
    assert page.locator("nav ol").evaluate("e => getComputedStyle(e).listStyleType") == "decimal"
    sizes = page.locator("svg").evaluate_all("all => all.map(e => e.getBoundingClientRect().width)")
    assert max(sizes) <= 720
    fills = page.locator("svg .dots").first.evaluate("e => getComputedStyle(e).fill")
    assert fills == "rgb(31, 95, 139)"
    context.close()
