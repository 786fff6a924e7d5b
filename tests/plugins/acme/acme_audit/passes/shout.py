"""A row pass and a table pass."""

from auditor.declare import Reduction, replaced, row_pass, strings, table_pass
from auditor.types import Batch


@row_pass(source="https://example.org/shout")
def shout(batch: Batch, *, column: str = "text", rate: float = 1.0, marks: int = 1, seed: int = 0) -> Batch:
    """Write texts in capitals.

    Args:
        batch: any rows.
        column: the text column.
        rate: share of the rows.
        marks: exclamation marks to add.
        seed: of the run.

    Returns:
        The batch with texts in capitals.
    """
    del rate, seed
    return replaced(batch, column, [text.upper() + "!" * marks for text in strings(batch, column)])


@table_pass(source="https://example.org/settle")
def settle(*, keys: tuple[str, ...]) -> Reduction:
    """Keep every row.

    Args:
        keys: columns to look at.

    Returns:
        A reduction that removes nothing.
    """
    del keys
    return Reduction(partial=_nothing, merge=max, finish=int, apply=_same)


def _nothing(_batch: Batch) -> int:
    return 0


def _same(batch: Batch, _decision: int) -> Batch:
    return batch
