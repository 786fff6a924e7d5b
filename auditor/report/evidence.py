"""Examples for a reader to look at: a few of each kind, short, with what was changed marked."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditor.report.marks import Piece, marked, plain
from auditor.report.reading import Reading
from auditor.report.visible import name as short
from auditor.report.visible import shortened
from auditor.report.words import Text
from auditor.types import Evidence, Example, Run

INLINE_BYTES = 160_000
"""Size of all examples of a report together; each kind of evidence gets an equal part."""

_EXAMPLES, _FACTS = 5, 8


@dataclass(frozen=True, slots=True)
class Specimen:
    """One example as it is shown: its row, the text before and after in pieces, and facts by their names."""

    row: str
    before: tuple[Piece, ...]
    after: tuple[Piece, ...] | None
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Exhibit:
    """Examples behind a measurement.

    Attributes:
        metric: the measurement that it goes with.
        where: its slice.
        title: what the examples show.
        specimens: worst first.
        total: how many there are in all.
    """

    metric: str
    where: Mapping[str, str]
    title: Text
    specimens: tuple[Specimen, ...]
    total: int

    @property
    def of(self) -> str:
        """Key of what an example is: a row of the data, or a file of the checkpoint."""
        return "page.file" if self.metric.endswith("_files") else "page.row"


def exhibits(reading: Reading, evidence: Sequence[Evidence]) -> tuple[Exhibit, ...]:
    """Evidence as it is shown, cut to its part of the report's size."""
    return tuple(
        Exhibit(e.metric, e.where, reading.words.english(e.title), specimens(reading, e.examples), e.total) for e in evidence
    )


def specimens(reading: Reading, examples: Sequence[Example]) -> tuple[Specimen, ...]:
    """The first examples, at most five, and as many as fit into an equal part of what all may take."""
    kept: list[Specimen] = []
    allowance = INLINE_BYTES // max(1, _kinds(reading.run))
    for example in examples[:_EXAMPLES]:
        specimen = _specimen(reading, example)
        allowance -= _size(specimen)
        if allowance < 0:
            break
        kept.append(specimen)
    return tuple(kept)


def explains(exhibit: Exhibit, metric: str, where: Mapping[str, str]) -> bool:
    """Whether examples go with a measurement: of the same metric, on the same slice or a wider one."""
    return exhibit.metric == metric and exhibit.where.items() <= where.items()


def _kinds(run: Run) -> int:
    return sum(len(outcome.evidence) for outcome in run.outcomes) + sum(bool(entry.examples) for entry in run.ledger)


def _specimen(reading: Reading, example: Example) -> Specimen:
    if example.after is None:
        before, after = plain(example.before), None
    else:
        before, after = marked(example.before, example.after)
    facts = [(_fact(reading, key), shortened(value, 120)) for key, value in list(example.facts.items())[:_FACTS]]
    return Specimen(short(example.row), before, after, tuple(facts))


def _fact(reading: Reading, key: str) -> str:
    return reading.words.known(f"facts.{key}") or short(key)


def _size(specimen: Specimen) -> int:
    """Bytes of an example on the page, about."""
    texts = [piece.text for piece in (*specimen.before, *(specimen.after or ()))]
    texts += [text for fact in specimen.facts for text in fact]
    return sum(len(html.escape(text).encode()) + 12 for text in texts)
