"""What models answer: one type per kind of task."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scores:
    """Class probabilities of any classifier: of texts, images or table rows.

    Attributes:
        values: shape ``(n, k)``, float64; each row sums to 1, or is NaN where the model refused the input.
        classes: the ``k`` class names, in the order of the columns.
    """

    values: Floats
    classes: tuple[str, ...]

    def labels(self) -> Integers:
        """Index of the most probable class of each row, shape ``(n,)``; -1 where the model gave no finite answer."""
        answered = np.isfinite(self.values).all(axis=1)
        return np.where(answered, self.values.argmax(axis=1) if self.values.size else -1, -1).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Decisions:
    """Decided classes, from a model or from a column of the table.

    Attributes:
        labels: index of the decided class of each row, shape ``(n,)``; -1 where none was decided.
        classes: the class names that the indices point into.
        scores: class probabilities that go with the decisions, shape ``(n, k)``, NaN in rows that have none; None where only
            decisions are known.
        ranks: where there are no probabilities: numbers in [0, 1], shape ``(n, k)``, that only order the rows by how much
            they look like each class; NaN where a row or a class has none.
        raw: what orders the rows, as it was given and before it was brought to [0, 1], shape ``(n, k)``; None where that is
            ``scores`` or ``ranks``. Scores that differ a little beside a far one differ here.
    """

    labels: Integers
    classes: tuple[str, ...]
    scores: Floats | None = None
    ranks: Floats | None = None
    raw: Floats | None = None
