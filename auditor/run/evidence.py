"""What of the data a report may show: decided here, once, for every output."""

from dataclasses import replace

from auditor.execute.shown import hashed, window, windows
from auditor.loaders.sample import SAID
from auditor.types import Evidence, Example, Outcome, Shown, Source


def redacted(outcome: Outcome, policy: Shown) -> Outcome:
    """The outcome with its examples as the policy allows; of a crash, whose message may quote a row, the kind alone.

    Args:
        outcome: as the probe left it.
        policy: ``show`` trims texts to 300 characters around what was changed, ``hash`` shows only that texts are equal or
            not, ``none`` keeps the number of examples alone.
    """
    kept = replace(outcome, evidence=tuple(_redacted(evidence, policy) for evidence in outcome.evidence))
    if policy == "show" or outcome.status != "failed":
        return kept
    return replace(kept, reason=(outcome.reason or "").partition(":")[0], traceback=None)


def discreet(source: Source, policy: Shown) -> Source:
    """The source with its notes; with their number alone where rows are not to be shown, since a note may quote one."""
    if policy == "show" or not source.notes:
        return source
    drawn = tuple(note for note in source.notes if note.startswith(SAID))
    left = len(source.notes) - len(drawn)
    if not left:
        return source
    return replace(
        source,
        notes=(
            *drawn,
            f"Notes on reading are left out ({left}), as they may quote rows.",
        ),
    )


def _redacted(evidence: Evidence, policy: Shown) -> Evidence:
    if policy == "none":
        return replace(evidence, examples=())
    change = _trimmed if policy == "show" else _hashed
    return replace(evidence, examples=tuple(change(example) for example in evidence.examples))


def _hashed(example: Example) -> Example:
    after = None if example.after is None else hashed(example.after)
    return replace(example, before=hashed(example.before), after=after, facts=dict(map(_kind_alone, example.facts.items())))


def _kind_alone(fact: tuple[str, str]) -> tuple[str, str]:
    """Of a reason, which may quote the row, what stands before the colon."""
    name, value = fact
    return (name, value.partition(":")[0]) if name == "reason" else fact


def _trimmed(example: Example) -> Example:
    if example.after is None:
        return replace(example, before=window(example.before))
    before, after = windows(example.before, example.after)
    return replace(example, before=before, after=after)
