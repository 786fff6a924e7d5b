"""How a fitted classifier of scikit-learn is asked, so that its own decisions come out: probabilities, ranks or decisions.

The class with the highest score is the one that ``predict`` gives. Mostly this is the most probable one. It is not where the
estimator decides at a threshold of its own, by the votes of a support vector machine, or by anything but probabilities.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from auditor.errors import InputError
from auditor.loaders import _rows
from auditor.types import Floats, Integers, Scale

Ask = Callable[[Any], Floats]
"""From inputs as scikit-learn takes them to scores, shape ``(n, k)``."""

_INNER = ("best_estimator_", "final_estimator_", "estimator_", "estimator")
_RANKED = "The model gives no probabilities: its decision function ranks rows, and calibration is not measured."
_DECIDED = "The model gives no probabilities, only decisions: neither AUROC nor calibration is measured."
_NEAREST = "The model does not decide by its probabilities: only its decisions are measured, neither AUROC nor calibration."
_CUT = "The model decides at a threshold of its own: its scores rank rows, and calibration is not measured."
_VOTES = "The model does not decide by its probabilities: its decision function ranks rows, and calibration is not measured."


@dataclass(frozen=True, slots=True)
class Answers:
    """How an estimator is asked.

    Attributes:
        ask: from inputs to scores.
        scale: what they are.
        notes: what a reader must know of them.
    """

    ask: Ask
    scale: Scale = "probability"
    notes: tuple[str, ...] = ()


def answers_of(estimator: Any, place: str) -> Answers:
    """How to ask a fitted classifier.

    Raises:
        InputError: it decides at random.
    """
    last = decider(estimator)
    kind = type(last).__name__
    if kind == "DummyClassifier" and last.strategy in ("uniform", "stratified"):
        problem = f"it decides at random (strategy {last.strategy!r}), so that the same row gets another answer each time"
        raise InputError(problem, place=place, remedy="Compare with a DummyClassifier of another strategy")
    if kind in ("FixedThresholdClassifier", "TunedThresholdClassifierCV"):
        return _of_threshold(estimator, last)
    if kind == "NearestCentroid":  # decides by distance, which its probabilities do not follow
        return Answers(functools.partial(_decisions, estimator), "decision", (_NEAREST,))
    votes = kind in ("SVC", "NuSVC")
    if _probable(estimator, last) and not votes:
        close = kind == "SGDClassifier" and last.loss == "modified_huber"
        return Answers(functools.partial(_probabilities, estimator, agree=close))
    if hasattr(estimator, "decision_function") and getattr(last, "decision_function_shape", "ovr") == "ovr":
        note = _VOTES if votes and _probable(estimator, last) else _RANKED
        return Answers(functools.partial(_ranks, estimator, agree=votes), "rank", (note,))
    return Answers(functools.partial(_decisions, estimator), "decision", (_DECIDED,))


def decider(estimator: Any) -> Any:
    """The part whose ``predict`` has the last word: the end of a pipeline, what a search found, the last of a stack."""
    kind = type(estimator).__name__
    if kind == "Pipeline":
        return decider(estimator.steps[-1][1])
    if kind.endswith("SearchCV") or kind in ("StackingClassifier", "SelfTrainingClassifier", "FrozenEstimator"):
        inner = next((getattr(estimator, name) for name in _INNER if hasattr(estimator, name)), None)
        return estimator if inner is None else decider(inner)
    return estimator


def _probable(estimator: Any, last: Any) -> bool:
    """Whether it gives probabilities, which it may only find out when it is asked."""
    several = len(estimator.classes_) > 2
    return hasattr(estimator, "predict_proba") and not (several and getattr(last, "multi_class", "") == "one_vs_one")


def _of_threshold(estimator: Any, last: Any) -> Answers:
    """An estimator that cuts a probability, or a decision function, at another place than the middle."""
    fixed = type(last).__name__ == "FixedThresholdClassifier"
    names = ["predict_proba", "decision_function"] if last.response_method == "auto" else [last.response_method]
    used = next(name for name in names if hasattr(estimator, name))
    cut = (0.5 if used == "predict_proba" else 0.0) if fixed and last.threshold == "auto" else _cut(last)
    named = last.pos_label if fixed else last._curve_scorer._get_pos_label()  # noqa: SLF001 - it has no public name
    classes = estimator.classes_.tolist()
    positive = 1 if named is None else classes.index(named)
    if used == "predict_proba" and cut == 0.5:
        return Answers(functools.partial(_probabilities, estimator, agree=True))
    ask = functools.partial(_beyond, estimator, used, float(cut), positive)
    return Answers(ask, "rank", (_CUT,))


def _cut(last: Any) -> float:
    return float(last.best_threshold_ if hasattr(last, "best_threshold_") else last.threshold)


def _probabilities(estimator: Any, inputs: Any, *, agree: bool) -> Floats:
    values = np.asarray(estimator.predict_proba(inputs), dtype=np.float64)
    return _leading(values, _predicted(estimator, inputs)) if agree else values


def _ranks(estimator: Any, inputs: Any, *, agree: bool) -> Floats:
    values = _rows.ranks(estimator.decision_function(inputs))
    return _leading(values, _predicted(estimator, inputs)) if agree else values


def _decisions(estimator: Any, inputs: Any) -> Floats:
    return np.asarray(np.eye(len(estimator.classes_))[_predicted(estimator, inputs)])


def _beyond(estimator: Any, method: str, cut: float, positive: int, inputs: Any) -> Floats:
    """Ranks of two classes that meet in the middle where the estimator cuts."""
    if method == "decision_function":
        signed = np.asarray(estimator.decision_function(inputs), dtype=np.float64)
        above = _rows.ranks((signed if positive == 1 else -signed) - cut)[:, 1]
    else:
        score = np.asarray(estimator.predict_proba(inputs), dtype=np.float64)[:, positive]
        below, beyond = max(cut, np.finfo(float).tiny), max(1 - cut, np.finfo(float).tiny)
        above = np.clip(np.where(score < cut, score / below / 2, 0.5 + (score - cut) / beyond / 2), 0, 1)
    values = np.stack([above, 1 - above] if positive == 0 else [1 - above, above], axis=1)
    return _leading(values, _predicted(estimator, inputs))


def _predicted(estimator: Any, inputs: Any) -> Integers:
    """Index of the class that ``predict`` gives to each row, shape ``(n,)``."""
    places = {name: place for place, name in enumerate(estimator.classes_.tolist())}
    return np.array([places[name] for name in np.asarray(estimator.predict(inputs)).tolist()], dtype=np.int64)


def _leading(values: Floats, decided: Integers) -> Floats:
    """The scores with the decided class first where it is not yet, which ties and the last bits of a number bring about."""
    row = np.arange(len(values))
    second = (values.argmax(axis=1) != decided) & np.isfinite(values).all(axis=1)
    values[row[second], decided[second]] = np.nextafter(values[second].max(axis=1), np.inf)
    return values


def classes_of(estimator: Any, place: str) -> tuple[str, ...]:
    """Class names in the order of the scores' columns.

    Raises:
        InputError: it does not decide for one class out of two or more; says what it does instead.
    """
    found: Any = getattr(estimator, "classes_", None)
    problem = _other(estimator) or _several(estimator, found)
    if not problem and not isinstance(found, np.ndarray):
        problem = f"it is not fitted ({type(estimator).__name__})"
    elif not problem and len(found) < 2:
        problem = f"it knows one class only: {', '.join(map(str, found.tolist()))}"
    if problem:
        raise InputError(f"expected a fitted classifier of one class out of two or more, found that {problem}", place=place)
    return tuple(str(name) for name in found.tolist())


def _other(estimator: Any) -> str:
    """What an estimator is that is no classifier; empty for one."""
    from sklearn.base import is_classifier, is_clusterer, is_outlier_detector, is_regressor

    kind = type(estimator).__name__
    for holds, words in (
        (is_regressor, "is a regressor: it predicts quantities"),
        (is_clusterer, "is a clusterer: its clusters are no classes that a label could name"),
        (is_outlier_detector, "is an outlier detector: it was fitted without classes"),
    ):
        if holds(estimator):
            return f"{kind} {words}"
    return "" if is_classifier(estimator) else f"{kind} is no classifier"


def _several(estimator: Any, found: object) -> str:
    """Why a classifier does not decide for one class: it gives several labels at once."""
    last = decider(estimator)
    binarizer = getattr(last, "_label_binarizer", getattr(last, "label_binarizer_", None))
    listed = isinstance(found, Sequence) or (isinstance(found, np.ndarray) and found.ndim != 1)
    marked = getattr(last, "multilabel_", False) or "multilabel" in str(getattr(binarizer, "y_type_", ""))
    return f"{type(estimator).__name__} gives several labels to a row, which is not supported yet" if listed or marked else ""
