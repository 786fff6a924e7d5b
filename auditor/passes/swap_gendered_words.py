"""Gendered words replaced in place: the same row, about someone of another gender."""

from auditor.declare import row_pass
from auditor.passes._cells import edited
from auditor.passes._gender import swapped
from auditor.types import Batch


@row_pass(source="Hall Maudslay et al. 2019, Counterfactual data substitution, https://arxiv.org/abs/1909.00871")
def swap_gendered_words(batch: Batch, *, column: str = "text") -> Batch:
    """Replace gendered English words by their counterparts, ``her`` by ``him`` or ``his`` as its place asks.

    Case, possessives and hyphens are kept. Names stay, and so do words that say no gender where they stand.

    Args:
        batch: rows; none is removed, and a row without gendered words stays as it is.
        column: the text column.

    Raises:
        UsageError: the column is not there, or holds no text.
    """
    return edited(batch, column, "[A-Za-z]", swapped)
