"""What of the data a report may show."""

from auditor.run.evidence import redacted
from auditor.types import Evidence, Example, Outcome

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


def test_a_long_text_without_a_change_keeps_its_beginning() -> None:
    (example,) = shown("show", Example("1", "start" + LONG))
    assert example.before.startswith("starta")
    assert example.before.endswith("…")
    assert example.after is None


def test_hashes_tell_equal_from_unequal_and_nothing_else() -> None:
    one, two = shown("hash", Example("1", "secret", "secret"), Example("2", "secret", "other"))
    assert one.before == one.after == two.before != two.after
    assert "secret" not in repr((one, two))


def test_none_keeps_the_number_alone() -> None:
    found = redacted(outcome(Example("1", "secret")), "none").evidence[0]
    assert (found.examples, found.total) == ((), 1)
