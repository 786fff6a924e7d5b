"""Whatever a run holds, it is the same after it was written and read."""

import dataclasses
import types
import typing
from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor import codec
from auditor.types import Run

FINITE = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | FINITE | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)
SIMPLE = {
    float: FINITE,
    int: st.integers(),
    str: st.text(max_size=12),
    bool: st.booleans(),
    type(None): st.none(),
    object: JSON,
}


def values(annotation) -> st.SearchStrategy:
    """Values of a type, as deep as its dataclasses go."""
    if annotation in SIMPLE:
        return SIMPLE[annotation]
    if dataclasses.is_dataclass(annotation):
        hints = typing.get_type_hints(annotation)
        return st.builds(annotation, **{field.name: values(hints[field.name]) for field in dataclasses.fields(annotation)})
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return st.sampled_from(inner)
    if origin is types.UnionType:
        return st.one_of(*map(values, inner))
    if origin is Mapping:
        return st.dictionaries(values(inner[0]), values(inner[1]), max_size=2)
    assert origin is tuple
    return st.lists(values(inner[0]), max_size=2).map(tuple) if inner[-1] is ... else st.tuples(*map(values, inner))


@settings(max_examples=60, deadline=None)
@given(values(Run))
def test_a_run_is_the_same_after_writing_and_reading(tmp_path_factory, run):
    path = tmp_path_factory.mktemp("run") / "run.json"
    text = codec.to_json(run)
    path.write_text(text, "utf-8")
    again = codec.read_json(path, Run)
    assert again == run
    assert codec.to_json(again) == text
