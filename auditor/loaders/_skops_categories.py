"""Categories that an estimator was fitted on, and cells that mean one of them.

A file format may give a cell another type than the one that the model was trained with: ``"1"``, ``1`` and ``1.0`` are one
value to whoever wrote them, and three to an encoder, which takes two of them for unknown and often says nothing. A cell that
is no category, but reads the same as one in canonical form (``auditor.stats.cells.text``), is that category.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from auditor.stats.cells import NUMBER, text

_INNER: Final = ("best_estimator_", "estimator_", "_preprocessor", "estimator")


@dataclass(frozen=True, slots=True)
class Categories:
    """The categories of one column.

    Attributes:
        known: as the encoder has them.
        spelled: the same by their canonical form.
        numeric: whether all are numbers, so that zeros in front of one say nothing.
    """

    known: frozenset[Hashable]
    spelled: Mapping[str, Hashable]
    numeric: bool

    def meant(self, cells: Sequence[Any]) -> Sequence[Any]:
        """The cells, with the category in the place of what reads the same."""
        return [cell if cell in self.known else self._meant(cell) for cell in cells]

    def _meant(self, cell: Any) -> Any:
        form = text(cell) or ""
        if self.numeric and NUMBER.fullmatch(form):
            form = text(float(form)) or ""
        return self.spelled.get(form, cell)


def categories_of(estimator: Any) -> dict[int, Categories]:
    """The categories of each column that a fitted estimator encodes, by the column's place among those that it was given."""
    width = getattr(estimator, "n_features_in_", None)
    found = dict(_walked(estimator, list(range(width)))) if isinstance(width, int) else {}
    return {place: _spelled(values) for place, values in found.items()}


def _spelled(values: Any) -> Categories:
    """Categories of which no two read the same; others are left to the encoder."""
    known = [value for value in values.tolist() if isinstance(value, Hashable)]
    forms = [text(value) for value in known]
    spelled = {form: value for form, value in zip(forms, known, strict=True) if form and forms.count(form) == 1}
    return Categories(frozenset(known), spelled, values.dtype.kind in "iuf")


def _walked(part: Any, places: list[int]) -> Iterator[tuple[int, Any]]:
    """Pairs of a column's place and its categories, inside a part that is given the columns at some places."""
    kind, held = type(part).__name__, getattr(part, "categories_", None)
    if kind == "ColumnTransformer":
        yield from _of_transformer(part, places)
    elif kind == "Pipeline":
        yield from _of_pipeline(part, places)
    elif isinstance(held, list) and len(held) == len(places):
        yield from ((place, values) for place, values in zip(places, held, strict=True) if isinstance(values, np.ndarray))
    elif held is None:
        for inner in _parts(part):
            if getattr(inner, "n_features_in_", None) == len(places):
                yield from _walked(inner, places)


def _of_transformer(part: Any, places: list[int]) -> Iterator[tuple[int, Any]]:
    for name, step, _ in part.transformers_:
        inside = part._transformer_to_input_indices.get(name, ())  # noqa: SLF001 - it has no public name
        yield from _walked(step, [places[place] for place in inside])


def _of_pipeline(part: Any, places: list[int]) -> Iterator[tuple[int, Any]]:
    """The first step that is not handed on the columns as they are."""
    for _, step in part.steps:
        yield from _walked(step, places)
        if type(step).__name__ not in ("SimpleImputer", "str"):
            break


def _parts(part: Any) -> list[Any]:
    """What an estimator hands its columns on to."""
    single = next((getattr(part, name) for name in _INNER if getattr(part, name, None) is not None), None)
    several = [*getattr(part, "calibrated_classifiers_", ()), *_listed(getattr(part, "estimators_", ()))]
    held = [getattr(one, "estimator", one) if type(one).__name__ == "_CalibratedClassifier" else one for one in several]
    return held or ([] if single is None else [single])


def _listed(parts: Any) -> list[Any]:
    found = parts if isinstance(parts, list) else []
    return [one for one in found if not type(one).__name__.endswith(("TreeClassifier", "TreeRegressor"))]
