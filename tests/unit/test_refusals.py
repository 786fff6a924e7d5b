"""Rows that a model gives no answer to: undecided, named with the reason, and in no rate."""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pytest

from auditor.declare import replaced, row_pass, strings
from auditor.errors import InputError, Skip
from auditor.probes.calibration import calibration
from auditor.probes.deep_word_bug import deep_word_bug
from auditor.probes.energy import energy
from auditor.probes.group_fairness import group_fairness
from auditor.probes.label_flips import label_flips
from auditor.probes.performance import performance
from auditor.probes.selection_rates import selection_rates
from auditor.types import Encoded, Evidence, Floats, Group, Item, Measurement, Model, Roles

ROWS = {
    "id": ["r1", "r2", "r3", "r4", "r5", "r6"],
    "text": ["a good day", "a bad day", "odd text", "a good nan", "a good night", "a bad night"],
    "label": ["pos", "neg", "pos", "neg", "neg", "neg"],
    "sex": ["f", "f", "f", "m", "m", "m"],
}
ROLES = Roles(inputs=("text",), label="label", id="id", groups=(Group("sex"),))


def forward(payloads: Sequence[object], dtype: str) -> Floats:
    """``good`` is positive; a text with ``odd`` is an error, and one with ``nan`` is answered with NaN."""
    texts = [str(text) for text in payloads]
    if any("odd" in text for text in texts):
        raise ValueError("too odd\nand more")
    share = np.array([np.nan if "nan" in text else 0.9 if "good" in text else 0.2 for text in texts])
    return np.stack([1 - share, share], axis=1)


def encode(items: Sequence[Item]) -> list[Encoded]:
    return [Encoded(len(str(item)), item) for item in items]


MODEL = Model("words", "test", "f" * 64, ("neg", "pos"), encode, forward)


@row_pass(source="made for tests")
def worsen(batch: pa.Table) -> pa.Table:
    """Change every text; make one that is answered odd."""
    return replaced(batch, "text", [f"{text} odd" if "night" in text else f"{text}!" for text in strings(batch, "text")])


def value(found: Sequence[object], metric: str, **where: str) -> Measurement:
    (one,) = (m for m in found if isinstance(m, Measurement) and m.metric == metric and dict(m.where) == where)
    return one


def refused(found: Sequence[object]) -> Evidence:
    (one,) = (e for e in found if isinstance(e, Evidence) and e.metric == "undecided_share")
    return one


@pytest.mark.parametrize("probe", [performance, group_fairness, selection_rates])
def test_refused_rows_are_named_with_the_reason(probed: Callable[..., list], probe: Callable[..., object]) -> None:
    found = refused(probed(probe, ROWS, dataclasses.replace(ROLES, favourable="pos"), model=MODEL))
    assert found.total == 2
    named = [(example.row, example.before, example.facts["reason"]) for example in found.examples]
    assert named[0] == ("r3", "odd text", "ValueError: too odd")
    assert named[1][:2] == ("r4", "a good nan")


def test_refused_rows_have_no_class_and_are_in_no_rate(probed: Callable[..., list]) -> None:
    """Right are r1, r2 and r6 of the four that are answered."""
    found = probed(performance, ROWS, ROLES, model=MODEL)
    accuracy, undecided = value(found, "accuracy"), value(found, "undecided_share")
    assert (accuracy.value, accuracy.n) == (0.75, 4)
    assert (undecided.value, undecided.n) == (pytest.approx(2 / 6), 6)
    assert value(found, "undecided_share", sex="m").value == pytest.approx(1 / 3)
    mean = -np.mean(np.log([0.9, 0.8, 0.1, 0.8]))
    assert value(found, "log_loss").value == pytest.approx(mean)
    assert value(probed(calibration, ROWS, ROLES, model=MODEL), "brier_score").n == 4


def test_the_selection_rate_is_of_answered_rows(probed: Callable[..., list]) -> None:
    found = probed(selection_rates, ROWS, dataclasses.replace(ROLES, favourable="pos"), model=MODEL)
    for sex in "fm":
        rate = value(found, "selection_rate", sex=sex, favourable="pos")
        assert (rate.value, rate.n) == (0.5, 2)


def test_a_changed_row_counts_where_it_is_answered_both_times(probed: Callable[..., list]) -> None:
    """r3 and r4 are refused as they are, r5 and r6 when they are changed."""
    found = probed(label_flips, ROWS, ROLES, model=MODEL, corrupt=worsen)
    assert value(found, "label_flips", **{"pass": "worsen"}).n == 2
    lost = [e for e in found if isinstance(e, Evidence)][-1]
    assert [example.row for example in lost.examples] == ["r3", "r4", "r5", "r6"]


def test_an_attack_passes_over_rows_and_edits_that_are_refused(probed: Callable[..., list]) -> None:
    """Whatever an attack does with ``good``, the model then takes the text for negative, or refuses it."""
    found = probed(deep_word_bug, ROWS, ROLES, model=MODEL)
    assert (value(found, "attack_success_rate").value, value(found, "attack_success_rate").n) == (pytest.approx(1 / 3), 3)
    assert value(found, "accuracy_under_attack").n == 4

    def touchy(payloads: Sequence[object], dtype: str) -> Floats:
        """Nothing but the texts of the table is answered."""
        if any(str(text) not in ROWS["text"] for text in payloads):
            raise ValueError("changed")
        return forward(payloads, dtype)

    found = probed(deep_word_bug, ROWS, ROLES, model=dataclasses.replace(MODEL, forward=touchy, fingerprint="e" * 64))
    assert value(found, "attack_success_rate").value == 0


def test_costs_are_of_answered_rows(probed: Callable[..., list]) -> None:
    assert value(probed(energy, ROWS, ROLES, model=MODEL), "seconds_per_1000_predictions", device="cpu").n == 4


@pytest.mark.parametrize("probe", [performance, group_fairness, energy])
def test_a_model_that_answers_nothing_is_not_measured(probed: Callable[..., list], probe: Callable[..., object]) -> None:
    def nothing(payloads: Sequence[object], dtype: str) -> Floats:
        return np.full((len(payloads), 2), np.nan)

    model = dataclasses.replace(MODEL, forward=nothing, fingerprint="d" * 64)
    with pytest.raises(InputError, match="no answer to any of 6 rows"):
        probed(probe, ROWS, ROLES, model=model)
    with pytest.raises(Skip):
        probed(deep_word_bug, ROWS, ROLES, model=model)
