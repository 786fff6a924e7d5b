"""Classifiers of scikit-learn, from a file of the skops library: rebuilt from named types, not unpickled."""

import functools
import warnings
import zipfile
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from auditor import digest
from auditor.declare import loader
from auditor.errors import InputError, MissingExtra, UnsafeCheckpoint
from auditor.loaders import _rows
from auditor.loaders._node_checks import check_nodes
from auditor.loaders._skops_types import TRUSTED
from auditor.scan import manifest
from auditor.types import Floats, Model

if TYPE_CHECKING:
    import pandas as pd

Answer = Callable[[Any], Floats]
"""From inputs as scikit-learn takes them to probabilities, shape ``(n, k)``."""


@loader(source="skops, https://skops.readthedocs.io/en/stable/persistence.html", extra="sklearn")
def skops_file(path: Path, *, columns: Sequence[str] = (), name: str = "") -> Model:
    """Load a scikit-learn classifier from a ``.skops`` file.

    Only types that skops trusts by itself, and a fixed list of scikit-learn's own, are rebuilt. A pipeline that starts with
    a text vectoriser takes texts, any other estimator takes rows. Where there is no ``predict_proba``, probabilities are
    the softmax (for two classes the logistic function) of ``decision_function``, and where there is none of that either,
    1 for the predicted class; ``Model.notes`` says so.

    Args:
        path: the file.
        columns: columns of a row. Those that the estimator was trained on must be among them; where it does not name
            them, these are they, in order.
        name: what the report calls it; the path by default.

    Raises:
        UnsafeCheckpoint: the file asks for other types.
        InputError: the file does not read, is no classifier of one class out of several, or reads other columns.
        MissingExtra: scikit-learn or skops is not installed.
    """
    estimator, notes = _estimator(path)
    check_nodes(estimator, str(path))
    classes = _classes(estimator, str(path))
    text = _reads_text(estimator)
    read = () if text else _columns(estimator, columns, str(path))
    answer, note = _answer(estimator, len(classes))
    files = manifest(path)
    versions = [metadata.version(library) for library in ("scikit-learn", "skops", "numpy")]
    return Model(
        name=name or str(path),
        kind="skops",
        fingerprint=digest.of_value(["skops", [file.digest for file in files], versions, read]),
        classes=classes,
        encode=_rows.encode_texts if text else _rows.encode_rows,
        forward=functools.partial(_forward, answer, read, hasattr(estimator, "feature_names_in_"), str(path)),
        takes="text" if text else "row",
        columns=read,
        files=files,
        notes=(*notes, *note),
    )


def _estimator(path: Path) -> tuple[Any, tuple[str, ...]]:
    """The estimator, and what the libraries warn of.

    Raises:
        UnsafeCheckpoint: the file asks for types that nobody vouches for.
        InputError: it does not read.
    """
    try:
        import skops.io
    except ImportError:
        raise MissingExtra.named("sklearn", "reading a .skops file") from None
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            asked = set(skops.io.get_untrusted_types(file=path))
            if unknown := sorted(asked - TRUSTED):
                raise UnsafeCheckpoint(
                    f"asks for types that are not trusted: {', '.join(unknown)}",
                    place=str(path),
                    remedy="Save a model that is made of scikit-learn's own parts alone",
                )
            estimator = skops.io.load(path, trusted=sorted(asked))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError, zipfile.BadZipFile) as error:
        raise InputError(f"does not read as a .skops file: {error}", place=str(path)) from None
    return estimator, tuple(str(warning.message) for warning in caught)


def _classes(estimator: Any, place: str) -> tuple[str, ...]:
    """Class names in the order of the probabilities' columns.

    Raises:
        InputError: it does not decide for one class out of two or more.
    """
    from sklearn.base import is_classifier

    found = getattr(estimator, "classes_", None) if is_classifier(estimator) else None
    if not isinstance(found, np.ndarray) or found.ndim != 1 or len(found) < 2:
        raise InputError(
            f"expected a fitted classifier of one class out of two or more, found {type(estimator).__name__}", place=place
        )
    return tuple(str(name) for name in found.tolist())


def _reads_text(part: Any) -> bool:
    """Whether the first thing that looks at the input is a text vectoriser."""
    from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer
    from sklearn.pipeline import FeatureUnion, Pipeline

    if isinstance(part, Pipeline):
        return _reads_text(part.steps[0][1])
    if isinstance(part, FeatureUnion):
        return all(_reads_text(step) for _, step in part.transformer_list)
    inner = getattr(part, "best_estimator_", getattr(part, "estimator", None))
    return isinstance(part, (CountVectorizer, HashingVectorizer)) or (inner is not None and _reads_text(inner))


def _columns(estimator: Any, columns: Sequence[str], place: str) -> tuple[str, ...]:
    wanted = [str(name) for name in getattr(estimator, "feature_names_in_", ())]
    return _rows.chosen(wanted, getattr(estimator, "n_features_in_", None), columns, place)


def _answer(estimator: Any, count: int) -> tuple[Answer, tuple[str, ...]]:
    """How the estimator gives probabilities, and what a reader must know of that."""
    if hasattr(estimator, "predict_proba"):
        return estimator.predict_proba, ()
    if hasattr(estimator, "decision_function") and getattr(estimator, "decision_function_shape", "ovr") == "ovr":
        note = "The model gives no probabilities: they are made of its decision function and are not calibrated."
        return functools.partial(_decided, estimator), (note,)
    note = "The model gives no probabilities: they are 1 for the class that it predicts."
    return functools.partial(_predicted, estimator, count), (note,)


def _decided(estimator: Any, inputs: Any) -> Floats:
    return _rows.from_decision(estimator.decision_function(inputs))


def _predicted(estimator: Any, count: int, inputs: Any) -> Floats:
    places = {name: place for place, name in enumerate(estimator.classes_.tolist())}
    return np.eye(count)[[places[name] for name in estimator.predict(inputs).tolist()]]


def _forward(
    answer: Answer, columns: tuple[str, ...], named: bool, place: str, payloads: Sequence[object], dtype: str
) -> Floats:
    """Probabilities of texts or rows; scikit-learn computes in the one dtype that it was trained in."""
    del dtype
    inputs = (_frame(payloads, columns) if named else _matrix(payloads)) if columns else list(payloads)
    try:
        values = np.asarray(answer(inputs), dtype=np.float64)
    except (ValueError, TypeError) as error:
        raise InputError(f"the model cannot read a row: {error}", place=place) from None
    return _rows.finite(values, place)


def _frame(rows: Sequence[Any], columns: tuple[str, ...]) -> "pd.DataFrame":
    import pandas as pd

    frame = pd.DataFrame(list(rows), columns=list(columns))
    empty = [name for name in columns if frame[name].isna().all()]
    return frame.astype(dict.fromkeys(empty, np.float64))


def _matrix(rows: Sequence[Any]) -> Any:
    """Rows as an array: of numbers where all cells are numbers, else of objects; missing cells are NaN."""
    filled = [[np.nan if cell is None else cell for cell in row] for row in rows]
    numeric = all(isinstance(cell, (int, float)) for row in filled for cell in row)
    return np.array(filled, dtype=np.float64 if numeric else object)
