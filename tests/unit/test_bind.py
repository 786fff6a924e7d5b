"""Options that the data answers."""

import functools

import pyarrow as pa
import pytest

from auditor import declare
from auditor.declare import row_pass
from auditor.errors import Skip
from auditor.execute import fitted
from auditor.passes.drop_exact_duplicates import drop_exact_duplicates
from auditor.passes.keyboard_typos import keyboard_typos
from auditor.passes.reweigh import reweigh
from auditor.passes.swap_gendered_words import swap_gendered_words
from auditor.passes.whitespace import whitespace
from auditor.testing.subjects import table
from auditor.types import Batch, Group, Roles, RowPass

COLUMNS = {"id": [1], "n": [1.0], "title": ["a"], "body": ["b"], "label": ["x"], "sex": ["F"]}
ROLES = Roles(inputs=("n", "title", "body"), label="label", groups=(Group("sex"),), id="id")


@row_pass(source="made for tests")
def twice(batch: Batch, *, step: RowPass, seed: int = 0) -> Batch:
    """Run a pass twice."""
    return step(step(batch))


def test_roles_and_seed_are_filled_in() -> None:
    rows = table(COLUMNS, ROLES)
    assert declare.options(fitted(keyboard_typos, rows, 9)) == {"column": "title", "rate": 0.05, "per": "character", "seed": 9}
    assert declare.options(fitted(whitespace, rows))["columns"] == ("title", "body")
    assert declare.options(fitted(reweigh, rows)) == {"label": "label", "groups": (Group("sex"),), "into": "weight"}
    assert declare.options(fitted(drop_exact_duplicates, rows))["keys"] == ("n", "title", "body", "label", "sex")


def test_without_inputs_all_columns_are_meant() -> None:
    rows = table(COLUMNS, Roles(id="id"))
    assert declare.options(fitted(whitespace, rows))["columns"] == ("title", "body", "label", "sex")
    assert declare.options(fitted(drop_exact_duplicates, rows))["keys"] == ("n", "title", "body", "label", "sex")


def test_what_was_given_stays() -> None:
    rows = table(COLUMNS, ROLES)
    given = functools.partial(keyboard_typos, column="body", seed=1, rate=0.5)
    assert declare.options(fitted(given, rows, 9)) == {"column": "body", "rate": 0.5, "per": "character", "seed": 1}


def test_passes_inside_options_are_filled_in_too() -> None:
    bound = fitted(functools.partial(twice, step=functools.partial(keyboard_typos, rate=0.5)), table(COLUMNS, ROLES), 9)
    inner = declare.options(bound)["step"]
    assert callable(inner)
    assert declare.options(inner) == {"column": "title", "rate": 0.5, "per": "character", "seed": 9}
    assert declare.options(bound)["seed"] == 9


@pytest.mark.parametrize(
    ("step", "missing"), [(swap_gendered_words, "a text column"), (whitespace, "a text column"), (reweigh, "a label column")]
)
def test_what_the_data_lacks_is_said(step: RowPass, missing: str) -> None:
    rows = table(pa.table({"n": [1.0]}), Roles(inputs=("n",)))
    with pytest.raises(Skip, match=f"needs {missing}"):
        fitted(step, rows)
