"""What models of table rows have in common: which columns they read, and how cells become their input."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from auditor.errors import InputError, near
from auditor.types import Encoded, Floats, Item, Offered

ROWS_AT_A_TIME: Final = 4096
"""Rows in a batch: what scikit-learn and pandas do once for each costs as much as a thousand rows."""

TEXTS_AT_A_TIME: Final = 32_768
"""Words in a batch of texts."""

_NAME: Final = "Name them as inputs, in the order that the model was trained with"
_ALL: Final = "Name all columns that the model reads as inputs, or leave the inputs out"
_RENAME: Final = "Rename the columns of the data, or take data with these columns"
_SHOWN: Final = 12
_TOLERANCE: Final = 1e-3
_EXACT: Final = 1e-12
"""Sums of float64 probabilities differ from 1 by this at most, and are left as they are."""


def chosen(wanted: Sequence[str], width: int | None, offered: Offered, place: str) -> tuple[str, ...]:
    """The columns that make up a row, in the model's order.

    Args:
        wanted: the columns as the model names them; empty where it does not.
        width: how many columns the model reads; None where it does not say.
        offered: the columns that there are.
        place: the checkpoint.

    Raises:
        InputError: they do not fit each other.
    """
    if wanted:
        missing = [name for name in wanted if offered.columns and name not in offered.columns]
        if missing:
            raise _missing(missing, offered, place)
        return tuple(wanted)
    inputs = offered.inputs
    if not inputs:
        raise InputError("the model does not say which columns it reads", place=place, remedy=_NAME)
    if width is not None and len(inputs) != width:
        others = tuple(name for name in inputs if name not in offered.groups)
        if len(others) != width:
            problem = f"the model reads {width} columns, and {len(inputs)} are given: {listed(inputs)}"
            raise InputError(problem, place=place, remedy=_NAME)
        inputs = others
    return inputs


def _missing(missing: Sequence[str], offered: Offered, place: str) -> InputError:
    several = f"{len(missing)} columns that are not there: {listed(missing)}"
    wanted = f"the column {missing[0]!r}" if len(missing) == 1 else several
    whose = "the inputs are" if offered.named else "the data have"
    known = f"{whose} {listed(offered.columns)}{near(missing[0], offered.columns)}"
    remedy = _ALL if offered.named else _RENAME
    return InputError(f"the model reads {wanted}, and {known}", place=place, remedy=remedy)


def listed(names: Sequence[str]) -> str:
    """Names in a message, at most a dozen of them."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


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


def ranks(values: Floats) -> Floats:
    """Numbers that order the classes, squeezed into 0 to 1 so that they keep their order between rows and between classes.

    Args:
        values: shape ``(n,)`` or ``(n, 1)`` (the last class against the first), or ``(n, k)``.

    Returns:
        Shape ``(n, k)``: the middle stands for 0. Unlike the logistic function, large numbers do not become equal.
    """
    wide = np.asarray(values, dtype=np.float64).reshape(len(values), -1)
    squeezed = np.asarray(0.5 + wide / (1 + abs(wide)) / 2)
    return np.hstack([1 - squeezed, squeezed]) if wide.shape[1] == 1 else squeezed


def probabilities(values: Floats, place: str) -> Floats:
    """Rows of probabilities, rounded errors taken out; a row that is not finite is NaN.

    Raises:
        InputError: a row holds no probabilities: one is below 0, or they do not sum to 1.
    """
    known = np.asarray(np.isfinite(values).all(axis=1))
    total = values.sum(axis=1)
    wrong = np.asarray(known & ((values.min(axis=1, initial=0) < -_TOLERANCE) | (abs(total - 1) > _TOLERANCE)))
    if wrong.any():
        found = ", ".join(f"{value:.4g}" for value in values[wrong][0][:_SHOWN])
        raise InputError(f"its scores are no probabilities: {found}, which sum to {total[wrong][0]:.4g}", place=place)
    values = np.where(known[:, None], values, np.nan)
    off = known & ((values < 0).any(axis=1) | (abs(total - 1) > _EXACT))
    kept = values[off].clip(min=0)
    values[off] = kept / kept.sum(axis=1, keepdims=True)
    return values
