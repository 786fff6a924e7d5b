"""What of the data a report may show."""

import pytest

from auditor.run.evidence import discreet, redacted
from auditor.types import Evidence, Example, Outcome, Source

LONG = "a" * 1000


def outcome(*examples: Example) -> Outcome:
    return Outcome("p", "measured", evidence=(Evidence("m", "t", len(examples), examples),))


def shown(policy: str, *examples: Example) -> tuple[Example, ...]:
    return redacted(outcome(*examples), policy).evidence[0].examples


def test_short_texts_are_shown_as_they_are() -> None:
    example = Example("1", "before", "after", {"label": "x"})
    assert shown("show", example) == (example,)


def test_long_texts_are_cut_around_the_change() -> None:
    (example,) = shown("show", Example("1", LONG + "x" + LONG, LONG + "y" + LONG))
    assert len(example.before) == 302
    assert example.before.startswith("…a")
    assert "x" in example.before
    assert "y" in example.after


@pytest.mark.parametrize(
    ("before", "after", "shown_before", "shown_after"),
    [
        (LONG + "x", LONG, "…" + "a" * 299 + "x", "…" + "a" * 299),
        (LONG, LONG + "b" * 900, "…" + "a" * 100, "…" + "a" * 100 + "b" * 200 + "…"),
        ("x" + LONG, "a", "x" + "a" * 299 + "…", "a"),
        ("a" * 250, LONG, "…" + "a" * 100, "…" + "a" * 300 + "…"),
        (LONG, LONG, "a" * 300 + "…", "a" * 300 + "…"),
        ("", LONG, "", "a" * 300 + "…"),
    ],
)
def test_both_sides_show_the_same_stretch(before: str, after: str, shown_before: str, shown_after: str) -> None:
    (example,) = shown("show", Example("1", before, after))
    assert (example.before, example.after) == (shown_before, shown_after)


@pytest.mark.parametrize("focus", [0, 99, 100, 101, 499, 500, 999])
def test_the_change_is_always_in_the_window(focus: int) -> None:
    text = LONG[:focus] + "x" + LONG[focus + 1 :]
    (example,) = shown("show", Example("1", text, LONG))
    assert example.before.count("x") == 1
    assert len(example.before.strip("…")) == len((example.after or "").strip("…")) == 300


def test_notes_on_the_source_may_quote_rows() -> None:
    source = Source("d", "csv", "0", 1, notes=("The first line (secret) looks like data.", "Another."))
    assert discreet(source, "show") == source
    for policy in ("hash", "none"):
        assert discreet(source, policy).notes == ("Notes on reading are left out (2), as they may quote rows.",)
    assert discreet(Source("d", "csv", "0", 1), "none").notes == ()


def test_a_long_text_without_a_change_keeps_its_beginning() -> None:
    (example,) = shown("show", Example("1", "start" + LONG))
    assert example.before.startswith("starta")
    assert example.before.endswith("…")
    assert example.after is None


def test_hashes_tell_equal_from_unequal_and_nothing_else() -> None:
    one, two = shown("hash", Example("1", "secret", "secret"), Example("2", "secret", "other"))
    assert one.before == one.after == two.before != two.after
    assert "secret" not in repr((one, two))


def test_a_reason_may_quote_a_row() -> None:
    (found,) = shown("hash", Example("1", "secret", None, {"reason": "ValueError: cannot read 'secret'"}))
    assert found.facts == {"reason": "ValueError"}


def test_none_keeps_the_number_alone() -> None:
    found = redacted(outcome(Example("1", "secret")), "none").evidence[0]
    assert (found.examples, found.total) == ((), 1)


def test_of_a_crash_the_kind_alone_is_kept_where_rows_are_not_to_be_shown() -> None:
    failed = Outcome("p", "failed", reason="ValueError: cannot read 'my secret'", traceback="... 'my secret'")
    assert redacted(failed, "show") == failed
    for policy in ("hash", "none"):
        assert (redacted(failed, policy).reason, redacted(failed, policy).traceback) == ("ValueError", None)
