"""Adjusted p-values of a family of tests."""

from collections.abc import Sequence

import numpy as np

from auditor.types import Floats


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values: rejecting those at most ``alpha`` errs in any of them with chance ``alpha`` (Holm 1979).

    Args:
        p_values: one a test, in any order and dependence.

    Returns:
        One a test, in the order given, at most 1.
    """
    values = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    stepped = values[order] * np.arange(values.size, 0, -1)
    return _restored(np.maximum.accumulate(stepped), order)


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values: of those rejected at ``q``, at most a share ``q`` is expected to be false (1995).

    Args:
        p_values: one a test, independent or positively dependent.

    Returns:
        One a test, in the order given, at most 1.
    """
    values = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    stepped = values[order] * values.size / np.arange(1, values.size + 1)
    return _restored(np.minimum.accumulate(stepped[::-1])[::-1], order)


def _restored(adjusted: Floats, order: np.ndarray) -> list[float]:
    result = np.empty_like(adjusted)
    result[order] = np.minimum(adjusted, 1.0)
    return [float(p) for p in result]
