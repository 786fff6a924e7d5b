"""Two probes in one file, one named like the file."""

from typing import Literal

from auditor import declare
from auditor.declare import Findings, probe
from auditor.types import Decisions, Measurement, RowPass, Scores, Subject


@probe(yields=("credit",), source="https://example.org/credit")
async def credit(subject: Subject[Decisions], *, share: float = 0.5, side: Literal["left", "right"] = "left") -> Findings:
    """Credit given.

    Args:
        subject: any table.
        share: of the rows, in [0, 1].
        side: which one.

    Yields:
        ``credit``, a count.
    """
    yield Measurement("credit", share, "count", 1, where={"side": side})


@declare.probe(yields=declare.metrics("lift", keys=("pass",)), source="https://example.org/lift")
async def lift(
    subject: Subject[Scores],
    *,
    corrupt: RowPass,
    words: tuple[str, ...] = (),
    twice: RowPass | None = None,
    limit: int | None = None,
) -> Findings:
    """Lift of the model
    over chance.

    Args:
        subject: any table.
        corrupt: row pass that corrupts the input.
        words: to look for.
        twice: a second one.
        limit: rows at most.

    Yields:
        ``lift``, a ratio.
    """
    yield Measurement("lift", 1.0, "ratio", 1, where={"pass": declare.describe(corrupt)})


def not_marked() -> None:
    """Left out of the catalogue."""
