"""Node numbers in fitted trees, which scikit-learn follows without looking whether they lead out of an array.

A file with wrong ones loads, and then crashes the process or reads foreign memory when the model predicts; see the note
that skops gives for ``sklearn.tree._tree.Tree``, and https://github.com/scikit-learn/scikit-learn/pull/34558.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias

import numpy as np

from auditor.errors import InputError, UnsafeCheckpoint
from auditor.types import Integers

Part: TypeAlias = tuple[Any, int | None]
"""A part of an estimator, and how many columns the data have that it is given unchecked, where that is known."""

_HOLDERS: Final = (
    "sklearn.tree.",
    "sklearn.ensemble._forest",
    "sklearn.ensemble._gb",
    "sklearn.ensemble._hist_gradient_boosting",
)


def check_nodes(estimator: object, place: str) -> None:
    """Check every tree inside an estimator, and what it would call.

    Raises:
        InputError: a tree leads out of its own arrays, or out of the row.
        UnsafeCheckpoint: a part would read files, or binds another function than scikit-learn does.
    """
    for part, width in _parts(estimator):
        kind = f"{type(part).__module__}.{type(part).__name__}"
        if problem := _reaching(part, kind):
            raise UnsafeCheckpoint(problem, place=place, remedy="Save a model that is made of scikit-learn's own parts alone")
        check = _CHECKS.get(kind)
        if check and not check(part, width):
            raise InputError(
                f"a {kind} in it is damaged: its nodes point to where there is nothing",
                place=place,
                remedy="Save the model again from where it was trained",
            )


def _reaching(part: Any, kind: str) -> str:
    """What a part would do that no model of numbers and texts does; empty where there is nothing."""
    if kind in _VECTORISERS and getattr(part, "input", "content") != "content":
        return f"a {kind} in it reads files that the texts name (input={part.input!r})"
    if kind == "functools.partial" and (part.args or part.func is not _check_array()):
        return f"a functools.partial in it calls {part.func!r}"
    return ""


def _check_array() -> object:
    """The one function that scikit-learn itself binds: the numeric columns of histogram gradient boosting go through it."""
    from sklearn.utils.validation import check_array

    return check_array


def _parts(estimator: object) -> Iterator[Part]:
    """The estimator and everything that it holds."""
    waiting: list[Part] = [(estimator, None)]
    seen: set[int] = set()
    while waiting:
        part, width = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        yield part, width
        inside = _width(part, width)
        waiting.extend((value, inside) for value in _values(part))


def _values(part: Any) -> list[Any]:
    if isinstance(part, dict):
        return list(part.values())
    if isinstance(part, (list, tuple)):
        return list(part)
    if isinstance(part, np.ndarray):
        return list(part.ravel()) if part.dtype == object else []
    return list(vars(part).values()) if hasattr(part, "__dict__") and type(part).__module__.startswith("sklearn.") else []


def _width(part: Any, width: int | None) -> int | None:
    """Columns of the data that reach what a part holds: only trees and their ensembles hand data on unchecked."""
    own = getattr(part, "__dict__", {}).get("n_features_in_")
    if isinstance(part, (dict, list, tuple, np.ndarray)):
        return width
    if not isinstance(own, int) or not type(part).__module__.startswith(_HOLDERS):
        return None
    return own if width is None else min(own, width)


def _tree(tree: Any, width: int | None) -> bool:
    if tree.node_count > tree.capacity:
        return False
    inner = tree.children_left != -1
    columns = min(tree.n_features, tree.n_features if width is None else width)
    return _descend(tree.children_left, tree.children_right, inner) and _within(tree.feature[inner], 0, columns)


def _predictor(predictor: Any, width: int | None) -> bool:
    """A tree of histogram gradient boosting."""
    nodes = predictor.nodes
    inner = nodes["is_leaf"] == 0
    sets = nodes["bitset_idx"][inner & (nodes["is_categorical"] == 1)]
    known = min(len(predictor.raw_left_cat_bitsets), len(predictor.binned_left_cat_bitsets))
    columns = _within(nodes["feature_idx"][inner], 0, 0 if width is None else width)
    return _descend(nodes["left"], nodes["right"], inner) and columns and _within(sets, 0, known)


def _descend(left: Integers, right: Integers, inner: Any) -> bool:
    """Whether the children of inner nodes are there and come after them, so that each way down ends."""
    own = np.flatnonzero(inner)
    children = np.minimum(left[inner], right[inner]).astype(np.int64), np.maximum(left[inner], right[inner]).astype(np.int64)
    return len(left) > 0 and bool(np.all(children[0] > own)) and _within(children[1], 0, len(left))


def _neighbours(tree: Any, _width: int | None) -> bool:
    """A k-d tree or ball tree: 2^levels - 1 nodes over a permutation of the rows."""
    state = tree.__getstate__()
    data, order, nodes, bounds, _, levels, count = state[:7]
    rows, leaves = len(data), nodes["is_leaf"] != 0
    shapes = count == len(nodes) == 2**levels - 1 == bounds.shape[1] and bounds.shape[2] == data.shape[1]
    permutes = len(order) == rows and bool(np.array_equal(np.sort(order), np.arange(rows)))
    spans = _within(nodes["idx_start"], 0, rows + 1) and _within(nodes["idx_end"], 0, rows + 1)
    return shapes and permutes and spans and bool(leaves[len(nodes) // 2 :].all()) and _measures(state, data)


def _measures(state: Sequence[Any], data: Any) -> bool:
    """Whether the distance of a tree has a weight for each column: the distance itself only looks when it is asked here."""
    (distance,) = (part for part in state if type(part).__module__ == "sklearn.metrics._dist_metrics")
    try:
        distance.pairwise(np.ascontiguousarray(data[:1]))
    except ValueError:
        return False
    return type(distance).__name__ != "HaversineDistance64" or bool(data.shape[1] == 2)


def _boosting(model: Any, _width: int | None) -> bool:
    return bool(model.estimators_.ndim == 2 and model.estimators_.shape[1] == model.n_trees_per_iteration_)


def _within(numbers: Any, low: int, high: int) -> bool:
    return bool(np.all((numbers >= low) & (numbers < high)))


_VECTORISERS: Final = frozenset(
    f"sklearn.feature_extraction.text.{name}" for name in ("CountVectorizer", "HashingVectorizer", "TfidfVectorizer")
)

_CHECKS: Final = {
    "sklearn.tree._tree.Tree": _tree,
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor": _predictor,
    "sklearn.ensemble._gb.GradientBoostingClassifier": _boosting,
    "sklearn.neighbors._kd_tree.KDTree": _neighbours,
    "sklearn.neighbors._kd_tree.KDTree64": _neighbours,
    "sklearn.neighbors._ball_tree.BallTree": _neighbours,
    "sklearn.neighbors._ball_tree.BallTree64": _neighbours,
}
