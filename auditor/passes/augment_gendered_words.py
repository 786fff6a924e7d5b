"""Rows added about someone of another gender, so that a model sees both."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.declare import row_pass
from auditor.passes._cells import column_of, with_column
from auditor.passes._copies import with_copies
from auditor.passes._gender import swapped
from auditor.types import Batch


@row_pass(source="Lu et al. 2020, Counterfactual data augmentation, https://arxiv.org/abs/1807.11714")
def augment_gendered_words(batch: Batch, *, column: str = "text") -> Batch:
    """Add a copy of each row that has gendered English words, with those words replaced by their counterparts.

    The copy's other columns, its label and groups among them, are those of the row. Keep copies out of data that is held
    back for tests: they are not draws from the world.

    Args:
        batch: rows; all stay as they are.
        column: the text column.

    Raises:
        UsageError: the column is not there, or holds no text.
    """
    texts = column_of(batch, column).to_pylist()
    others = [None if text is None else swapped(text) for text in texts]
    extra = np.array([text != other for text, other in zip(texts, others, strict=True)], dtype=np.int64)
    rows, new = with_copies(batch, extra)
    cells = pa.array([other for other, more in zip(others, extra, strict=True) if more], column_of(batch, column).type)
    return with_column(rows, column, pc.replace_with_mask(column_of(rows, column).combine_chunks(), pa.array(new), cells))
