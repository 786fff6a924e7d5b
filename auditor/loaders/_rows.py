"""What models of table rows have in common: which columns they read, and how cells become their input."""

from collections.abc import Sequence

import numpy as np

from auditor.errors import InputError, near
from auditor.types import Encoded, Floats, Item


def chosen(wanted: Sequence[str], width: int | None, columns: Sequence[str], place: str) -> tuple[str, ...]:
    """The columns that make up a row, in the model's order.

    Args:
        wanted: the columns as the model names them; empty where it does not.
        width: how many columns the model reads; None where it does not say.
        columns: the columns that there are, or that are to be used; empty where that is not known yet.
        place: the checkpoint.

    Raises:
        InputError: they do not fit each other.
    """
    if wanted:
        missing = [name for name in wanted if columns and name not in columns]
        if missing:
            known = f"the data have {', '.join(columns)}{near(missing[0], columns)}"
            raise InputError(f"the model reads the column {missing[0]!r}, and {known}", place=place)
        return tuple(wanted)
    if not columns:
        remedy = "Name them, in the order that the model was trained with, as the inputs of the data"
        raise InputError("the model does not say which columns it reads", place=place, remedy=remedy)
    if width is not None and len(columns) != width:
        raise InputError(f"the model reads {width} columns, and {len(columns)} are given: {', '.join(columns)}", place=place)
    return tuple(columns)


def encode_rows(items: Sequence[Item]) -> list[Encoded]:
    """Rows as they are; each costs the same."""
    return [Encoded(1, item) for item in items]


def encode_texts(items: Sequence[Item]) -> list[Encoded]:
    """Texts as they are; the cost is the number of words."""
    return [Encoded(max(1, len(str(item).split())), str(item)) for item in items]


def from_decision(values: Floats) -> Floats:
    """Numbers that order the classes, as probabilities: logistic function of one column, softmax of several.

    Args:
        values: shape ``(n,)`` or ``(n, 1)`` (the last class against the first), or ``(n, k)``.

    Returns:
        Shape ``(n, k)``; rows sum to 1.
    """
    from scipy.special import expit, softmax

    wide = np.asarray(values, dtype=np.float64).reshape(len(values), -1)
    if wide.shape[1] == 1:
        return np.hstack([expit(-wide), expit(wide)])
    return np.asarray(softmax(wide, axis=1), dtype=np.float64)


def finite(values: Floats, place: str) -> Floats:
    """The probabilities, where all of them are numbers.

    Raises:
        InputError: some are NaN or infinite.
    """
    wrong = int((~np.isfinite(values)).any(axis=1).sum())
    if wrong:
        raise InputError(f"the model's answer to {wrong} of {len(values)} rows is no number", place=place)
    return values
