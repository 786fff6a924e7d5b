"""Classifiers of scikit-learn, from a file of the skops library: rebuilt from named types, not unpickled."""

import functools
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from auditor import digest
from auditor.declare import loader
from auditor.errors import InputError, MissingExtra, UnsafeCheckpoint
from auditor.loaders import _rows
from auditor.loaders._node_checks import check_nodes
from auditor.loaders._skops_answers import Answers, answers_of, classes_of
from auditor.loaders._skops_categories import Categories, categories_of
from auditor.loaders._skops_types import TRUSTED
from auditor.scan import manifest
from auditor.types import Floats, Model, Offered

if TYPE_CHECKING:
    import pandas as pd

_LONGEST: Final = 400


@loader(source="skops, https://skops.readthedocs.io/en/stable/persistence.html", extra="sklearn")
def skops_file(path: Path, *, columns: Sequence[str] | Offered = (), name: str = "") -> Model:
    """Load a scikit-learn classifier from a ``.skops`` file.

    Only types that skops trusts by itself, and a fixed list of scikit-learn's own, are rebuilt. A pipeline that starts with
    a text vectoriser takes texts, any other estimator takes rows. The class decided is the one that ``predict`` gives. Where
    there is no ``predict_proba``, or ``predict`` does not follow it, rows are ranked by ``decision_function``, and where there
    is none of that either, only decisions are known; ``Model.notes`` says so.

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
    classes = classes_of(estimator, str(path))
    text = _reads_text(estimator)
    read = () if text else _columns(estimator, Offered.of(columns), str(path))
    asked = answers_of(estimator, str(path))
    files = manifest(path)
    versions = [metadata.version(library) for library in ("scikit-learn", "skops", "numpy", "scipy", "pandas")]
    return Model(
        name=name or str(path),
        kind="skops",
        fingerprint=digest.of_value(["skops", [file.digest for file in files], versions, read, asked.scale]),
        classes=classes,
        encode=_rows.encode_texts if text else _rows.encode_rows,
        forward=functools.partial(_forward, asked, _reader(estimator, read), str(path)),
        takes="text" if text else "row",
        columns=read,
        batch_tokens=_rows.TEXTS_AT_A_TIME if text else _rows.ROWS_AT_A_TIME,
        files=files,
        notes=(*notes, *asked.notes),
        scale=asked.scale,
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
                raise _untrusted(unknown, str(path))
            estimator = skops.io.load(path, trusted=sorted(asked))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError, zipfile.BadZipFile) as error:
        raise InputError(f"does not read as a .skops file: {error}", place=str(path)) from None
    return estimator, tuple(str(warning.message) for warning in caught)


def _untrusted(unknown: Sequence[str], place: str) -> UnsafeCheckpoint:
    """Names the types that nobody vouches for; what a search drew its candidates from is no part of what it found."""
    drawn = all(name.startswith("scipy.stats.") for name in unknown)
    remedy = "Save the search's best_estimator_ alone" if drawn else "Save a model made of scikit-learn's own parts alone"
    return UnsafeCheckpoint(f"asks for types that are not trusted: {_rows.listed(unknown)}", place=place, remedy=remedy)


def _reads_text(part: Any) -> bool:
    """Whether the first thing that looks at the input is a text vectoriser, in each part where there are several."""
    from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer
    from sklearn.pipeline import FeatureUnion, Pipeline

    if isinstance(part, Pipeline):
        first = next((step for _, step in part.steps if step not in (None, "passthrough")), None)
        return first is not None and _reads_text(first)
    if isinstance(part, FeatureUnion):
        return all(_reads_text(step) for _, step in part.transformer_list)
    if isinstance(part, (CountVectorizer, HashingVectorizer)):
        return True
    inner = getattr(part, "best_estimator_", getattr(part, "estimator", None))
    several = [pair[1] for pair in _listed(getattr(part, "estimators", ())) if pair[1] != "drop"]
    return _reads_text(inner) if inner is not None else bool(several) and all(map(_reads_text, several))


def _listed(estimators: Any) -> list[tuple[str, Any]]:
    """The named parts of a vote or a stack."""
    pairs = estimators if isinstance(estimators, (list, tuple)) else ()
    return [pair for pair in pairs if isinstance(pair, tuple) and len(pair) == 2]


def _columns(estimator: Any, offered: Offered, place: str) -> tuple[str, ...]:
    wanted = [str(name) for name in getattr(estimator, "feature_names_in_", ())]
    dropped = _dropped(estimator)
    wanted = [name for name in wanted if name not in dropped]
    return _rows.chosen(wanted, getattr(estimator, "n_features_in_", None), offered, place)


def _dropped(estimator: Any) -> set[str]:
    """Columns that it was fitted on and does not read: those that the column transformer at its beginning leaves out."""
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import Pipeline

    part = getattr(estimator, "best_estimator_", estimator)
    first = part.steps[0][1] if isinstance(part, Pipeline) else None
    if not isinstance(first, ColumnTransformer):
        return set()
    places = first._transformer_to_input_indices  # noqa: SLF001 - it has no public name
    read = {place for name, step, _ in first.transformers_ if step != "drop" for place in places.get(name, ())}
    return {str(name) for place, name in enumerate(getattr(first, "feature_names_in_", ())) if place not in read}


@dataclass(frozen=True, slots=True)
class _Reader:
    """How rows become the estimator's input.

    Attributes:
        columns: of a row; empty for texts.
        named: whether the estimator takes columns by name.
        categories: of columns that it encodes, by their place in a row.
    """

    columns: tuple[str, ...]
    named: bool
    categories: Mapping[int, Categories]

    def inputs(self, payloads: Sequence[Any]) -> Any:
        """Texts as they are, rows as a frame or an array."""
        if not self.columns:
            return list(payloads)
        columns = [self._meant(place, cells) for place, cells in enumerate(zip(*payloads, strict=True))]
        return _frame(dict(zip(self.columns, columns, strict=True))) if self.named else _matrix(columns)

    def _meant(self, place: int, cells: Sequence[Any]) -> Sequence[Any]:
        return self.categories[place].meant(cells) if place in self.categories else cells


def _reader(estimator: Any, columns: tuple[str, ...]) -> _Reader:
    names = [str(name) for name in getattr(estimator, "feature_names_in_", columns)]
    known = {names[place]: found for place, found in categories_of(estimator).items()} if columns else {}
    places = {place: known[name] for place, name in enumerate(columns) if name in known}
    return _Reader(columns, hasattr(estimator, "feature_names_in_"), places)


def _forward(answers: Answers, reader: _Reader, place: str, payloads: Sequence[object], dtype: str) -> Floats:
    """Scores of texts or rows; scikit-learn computes in the one dtype that it was trained in.

    Work that an estimator spreads over processes is done in threads: new processes would import from the working directory.
    """
    import joblib

    del dtype
    try:
        with warnings.catch_warnings(), joblib.parallel_config(backend="threading"):
            warnings.simplefilter("ignore")
            values = np.asarray(answers.ask(reader.inputs(payloads)), dtype=np.float64)
    except (ValueError, TypeError, AttributeError) as error:
        problem = " ".join(str(error).split())[:_LONGEST]
        raise InputError(f"the model cannot read a row: {problem}", place=place) from None
    return _rows.probabilities(values, place) if answers.scale == "probability" else values


def _frame(columns: Mapping[str, Sequence[Any]]) -> "pd.DataFrame":
    import pandas as pd

    frame = pd.DataFrame({name: list(cells) for name, cells in columns.items()})
    empty = [name for name in columns if frame[name].isna().all()]
    return frame.astype(dict.fromkeys(empty, np.float64)) if empty else frame


def _matrix(columns: Sequence[Sequence[Any]]) -> Any:
    """Columns as an array: of numbers where all cells are numbers, else of objects; missing cells are NaN."""
    filled = [[np.nan if cell is None else cell for cell in column] for column in columns]
    numeric = all(isinstance(cell, (int, float)) for column in filled for cell in column)
    return np.array(filled, dtype=np.float64 if numeric else object).T
