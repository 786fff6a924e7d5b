"""Invariance probes and the attack's report, on a model that says what its lexicon says."""

import functools
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from auditor.declare import replaced, row_pass, strings
from auditor.errors import Skip, UsageError
from auditor.probes.counterfactual_flips import counterfactual_flips
from auditor.probes.deep_word_bug import deep_word_bug
from auditor.probes.energy import energy
from auditor.probes.label_flips import label_flips
from auditor.types import Batch, Encoded, Evidence, Floats, Group, Item, Measurement, Model, Roles

ROLES = Roles(inputs=("text",), label="label", groups=(Group("sex"),))
ROWS = {
    "text": ["he is good", "she is good", "he is bad", "it is bad", "good good", ""],
    "label": ["yes", "yes", "no", "no", "no", "no"],
    "sex": ["m", "f", "m", None, "f", "f"],
}
WEIGHTS = {"good": 2.0, "bad": -2.0, "she": -3.0}


def lexicon() -> Model:
    def encode(items: Sequence[Item]) -> list[Encoded]:
        return [Encoded(max(len(str(item)), 1), item, len(str(item)) > 10) for item in items]

    def forward(payloads: Sequence[object], dtype: str) -> Floats:
        total = np.array([sum(WEIGHTS.get(word, 0.0) for word in str(text).split()) - 0.5 for text in payloads])
        share = 1 / (1 + np.exp(-total))
        return np.stack([1 - share, share], axis=1)

    return Model("lexicon", "test", f"{'1' * 64}", ("no", "yes"), encode, forward, dtypes=("float32",), parameters=1000)


@row_pass()
def say_she(batch: Batch, *, column: str = "text") -> Batch:
    """Replace he by she."""
    return replaced(batch, column, [text.replace("he is", "she is").replace("sshe", "she") for text in strings(batch, column)])


@row_pass()
def drop_first(batch: Batch) -> Batch:
    """Drop a row."""
    return batch.slice(1)


@row_pass()
def nothing(batch: Batch) -> Batch:
    """Change nothing."""
    return batch


def measured(found: Sequence[object], metric: str, **where: str) -> Measurement:
    fits = [one for one in found if isinstance(one, Measurement) and one.metric == metric]
    (only,) = [one for one in fits if {k: v for k, v in one.where.items() if k != "pass"} == where]
    return only


def test_flips_are_counted_among_the_rows_that_changed(probed: Callable[..., list]) -> None:
    """Two rows change, "he is good" from yes to no and "he is bad" stays no: 1 of 2."""
    found = probed(label_flips, ROWS, ROLES, model=lexicon(), corrupt=say_she)
    flips = measured(found, "label_flips")
    assert (flips.value, flips.n) == (0.5, 2)
    assert measured(found, "accuracy_under_corruption").value == 0.5
    assert measured(found, "label_flips", sex="m").n == 2
    (shown,) = [one for one in found if isinstance(one, Evidence)]
    assert (shown.total, shown.examples[0].row) == (1, "0")
    assert (shown.examples[0].before, shown.examples[0].after) == ("he is good", "she is good")
    assert shown.examples[0].facts["predicted"] == "yes → no"


def test_the_counterfactual_gap_is_the_mean_move_of_the_decided_class(probed: Callable[..., list]) -> None:
    found = probed(counterfactual_flips, ROWS, ROLES, model=lexicon(), swap=say_she)
    sigmoid = lambda x: 1 / (1 + np.exp(-x))  # noqa: E731
    moves = [sigmoid(1.5) - sigmoid(-1.5), sigmoid(5.5) - sigmoid(2.5)]
    assert measured(found, "counterfactual_score_gap").value == pytest.approx(np.mean(moves))
    assert measured(found, "counterfactual_flip_rate").value == 0.5


def test_a_pass_that_changes_nothing_tests_nothing(probed: Callable[..., list]) -> None:
    with pytest.raises(Skip, match="changed no row"):
        probed(label_flips, ROWS, ROLES, model=lexicon(), corrupt=nothing)


def test_a_pass_that_drops_rows_is_refused(probed: Callable[..., list]) -> None:
    with pytest.raises(UsageError, match="drops, adds or moves rows"):
        probed(label_flips, ROWS, ROLES, model=lexicon(), corrupt=drop_first)


def test_the_attack_counts_right_rows_only(probed: Callable[..., list]) -> None:
    """Five of six rows are right; of these "he is good" and "she is bad" ... have words to attack."""
    found = probed(deep_word_bug, ROWS, ROLES, model=lexicon(), rows=6, sample="first")
    rate, under = measured(found, "attack_success_rate"), measured(found, "accuracy_under_attack")
    right = [text for text, label in zip(ROWS["text"], ROWS["label"], strict=True) if says(text) == label]
    assert rate.n == len(right) == 4
    assert under.n == 6
    assert rate.value * 4 == 4 - under.value * 6
    assert measured(found, "attack_success_rate", sex="(missing)").n == 1


def says(text: str) -> str:
    return "yes" if sum(WEIGHTS.get(word, 0.0) for word in text.split()) > 0.5 else "no"


def test_the_sample_is_random_but_the_seed_decides(probed: Callable[..., list]) -> None:
    rows = {"text": [f"he is good {i}" for i in range(200)], "label": ["yes"] * 200, "sex": ["m"] * 200}

    def names(**how: object) -> list[str]:
        found = probed(deep_word_bug, rows, ROLES, model=lexicon(), rows=20, **how)
        return sorted(example.row for one in found if isinstance(one, Evidence) for example in one.examples)

    assert names(seed=1) == names(seed=1) != names(seed=2)
    assert set(names(sample="first")) <= {str(i) for i in range(20)}


def test_attacks_need_labels_and_right_rows(probed: Callable[..., list]) -> None:
    with pytest.raises(Skip, match="a label column"):
        probed(deep_word_bug, ROWS, Roles(inputs=("text",)), model=lexicon())
    wrong = {"text": ["he is good"], "label": ["no"], "sex": ["m"]}
    with pytest.raises(Skip, match="gets none of the 1 chosen rows right"):
        probed(deep_word_bug, wrong, ROLES, model=lexicon())


def test_cost_is_counted_per_row_and_energy_is_an_estimate_without_a_meter(
    probed: Callable[..., list], monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """6 texts of 10, 11, 9, 9, 9 and 0 (counted 1) characters, 1,000 weights: 2 * 1000 * 49 FLOP at 10 GFLOP per joule."""
    monkeypatch.setattr("auditor.predict.meter.meter", lambda: None)
    found = probed(energy, ROWS, ROLES, model=lexicon())
    used = measured(found, "energy_per_1000_predictions", basis="estimated")
    assert used.value == pytest.approx(2 * 1000 * 49 / 10e9 / 3600 * 1000 / 6)
    assert used.low < used.value < used.high
    assert "no energy counter" in used.reason
    assert measured(found, "truncated_share").value == pytest.approx(1 / 6)
    assert measured(found, "seconds_per_1000_predictions", device="cpu").value > 0


def test_energy_is_measured_where_there_is_a_meter(probed: Callable[..., list], monkeypatch: pytest.MonkeyPatch) -> None:
    """A meter that gains 3 joules per reading: the one batch of 6 distinct texts is read before and after."""
    readings = iter(range(0, 300, 3))  # read once at the start, then around the batch
    monkeypatch.setattr("auditor.predict.meter.meter", lambda: functools.partial(next, readings))
    used = measured(probed(energy, ROWS, ROLES, model=lexicon()), "energy_per_1000_predictions", basis="measured")
    assert used.value == pytest.approx(3 / 3600 * 1000 / 6)
    assert used.method == "measured"
