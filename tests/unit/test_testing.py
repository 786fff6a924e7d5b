"""The promises can be broken: each check is shown a function that breaks one, and names it."""

import pickle
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from auditor import declare, testing
from auditor.declare import Findings, Reduction, loader, metrics, probe, row_pass, table_pass
from auditor.errors import InputError, Skip
from auditor.testing import check_loader, check_pass, check_probe, findings, sample, table, word_model
from auditor.types import ROW, Batch, Decisions, Evidence, Example, Measurement, Roles, Scores, Subject, Table

SOURCE = "https://example.org"
CALLS: list[int] = []


@row_pass(source=SOURCE)
def fine(batch: Batch, *, column: str = "text", times: int = 1) -> Batch:
    """Repeat texts.

    Args:
        batch: any rows.
        column: the text column.
        times: how often.
    """
    return declare.replaced(batch, column, [text * times for text in declare.strings(batch, column)])


@row_pass(source="")
def uncited(batch: Batch) -> Batch:
    """Do nothing.

    Args:
        batch: any rows.
    """
    return batch


@row_pass(source=SOURCE)
def undocumented(batch: Batch, *, rate: float = 0.1) -> Batch:
    """Do nothing.

    Args:
        batch: any rows.
    """
    del rate
    return batch


@row_pass(source=SOURCE)
def no_sentence(batch: Batch) -> Batch:
    """Do nothing

    Args:
        batch: any rows.
    """
    return batch


@row_pass(source=SOURCE)
def wrong_default(batch: Batch, *, rate: float = "much") -> Batch:
    """Do nothing.

    Args:
        batch: any rows.
        rate: how much.
    """
    del rate
    return batch


@row_pass(source=SOURCE)
def positional(batch: Batch, rate: float = 0.1) -> Batch:
    """Do nothing.

    Args:
        batch: any rows.
        rate: how much.
    """
    del rate
    return batch


@row_pass(source=SOURCE)
def forgets_rows(batch: Batch) -> Batch:
    """Take the hidden column away.

    Args:
        batch: any rows.
    """
    return batch.drop_columns([ROW])


@row_pass(source=SOURCE)
def looks_aside(batch: Batch) -> Batch:
    """Write the number of rows into each.

    Args:
        batch: any rows.
    """
    return batch.append_column("rows", pa.array([batch.num_rows] * batch.num_rows, pa.int64()))


@row_pass(source=SOURCE)
def changes_mind(batch: Batch) -> Batch:
    """Write how often it was called.

    Args:
        batch: any rows.
    """
    CALLS.append(1)
    return batch.append_column("calls", pa.array([len(CALLS)] * batch.num_rows, pa.int64()))


@row_pass(source=SOURCE)
def other_schema(batch: Batch) -> Batch:
    """Add a column where there are rows.

    Args:
        batch: any rows.
    """
    return batch.append_column("new", pa.array([1] * batch.num_rows)) if batch.num_rows else batch


@row_pass(source=SOURCE)
def makes_up(batch: Batch) -> Batch:
    """Number rows anew.

    Args:
        batch: any rows.
    """
    place = batch.column_names.index(ROW)
    return batch.set_column(place, ROW, pa.array([row + 1000 for row in batch.column(ROW).to_pylist()], pa.int64()))


@table_pass(source=SOURCE)
def every_other_shard() -> Reduction:
    """Keep the first half of what it is shown at a time, which depends on how the table is cut.

    Returns:
        A reduction that is no reduction.
    """
    return Reduction(partial=_rows, merge=_add, finish=int, apply=_half, reason=_reason)


def _rows(batch: Batch) -> int:
    return batch.num_rows


def _add(one: int, other: int) -> int:
    return one + other


def _half(batch: Batch, _decision: int) -> Batch:
    return batch.slice(0, (batch.num_rows + 1) // 2)


def _reason(batch: Batch, _decision: int) -> Sequence[str]:
    return ["second half"] * batch.num_rows


def test_a_pass_that_keeps_its_promises_passes():
    check_pass(fine)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (uncited, "uncited does not cite its source"),
        (undocumented, "does not say what 'rate' is"),
        (no_sentence, "has to be documented, with one sentence first"),
        (wrong_default, "the default of .* does not fit its annotation: rate: expected a number, found 'much'"),
        (positional, "the option 'rate' of .* has to be keyword-only"),
        (forgets_rows, "took away the hidden column '_row'"),
        (looks_aside, "a row of looks_aside depends on another row"),
        (changes_mind, "changes_mind gives other rows the second time"),
        (other_schema, "other_schema gives other columns where there are no rows"),
        (makes_up, "makes_up made up rows that come from none"),
        (every_other_shard, "every_other_shard gives other rows where the table is in three shards"),
    ],
)
def test_a_pass_that_breaks_a_promise_is_told_which(function, message):
    with pytest.raises(AssertionError, match=message):
        check_pass(function)


def test_a_function_that_cannot_be_pickled_is_refused():
    def inner(batch: Batch) -> Batch:
        """Do nothing."""
        return batch

    with pytest.raises((AssertionError, AttributeError, pickle.PicklingError), match="pickle"):
        check_pass(row_pass(source=SOURCE)(inner))


def test_a_pass_is_no_probe():
    with pytest.raises(AssertionError, match="fine is marked as a row_pass, not as a probe"):
        check_probe(fine)


FOUND: list[object] = []


@probe(yields=("m",), source=SOURCE)
async def rows_found(subject: Subject[None]) -> Findings:
    """Whatever the test wants found.

    Args:
        subject: any table.

    Yields:
        what is in ``FOUND``.
    """
    for found in FOUND:
        yield found() if callable(found) else found


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (Measurement("m", None, "count", 1), "is undefined, and does not say why"),
        (Measurement("m", 0.5, "fraction", 1, method="wilson"), "has no interval, and does not say why"),
        (Measurement("m", 0.5, "fraction", 1), "has no interval, and does not say why"),
        (Measurement("m", 0.5, "fraction", 1, 0.6, 0.7, method="wilson"), "is 0.5, outside of its interval"),
        (Measurement("m", 0.5, "fraction", 1, 0.6, 0.4, method="wilson"), "upside down"),
        (Measurement("m", 0.5, "fraction", 1, 0.4, 0.6), "does not say how it was made"),
        (Measurement("m", -0.5, "fraction", 1, -0.6, 0.6, method="wilson", counts={"x": 1}), "is -0.5, and no fraction"),
        (Measurement("m", 1.5, "fraction", 1, 1.4, 1.6, method="wilson"), "is 1.5, and no fraction"),
        (Measurement("m", 1.0, "count", -1, method="exact"), "rests on -1 rows"),
        (Measurement("m", 1.0, "", 1, method="exact"), "has no unit"),
        (Measurement("n", 1.0, "count", 1, method="exact"), "yields 'n', which it does not say"),
        (Evidence("m", "t", 0, (Example("1", "a"),)), "has more examples than there are"),
        (Evidence("m", "", 1, (Example("1", "a"),)), "does not say what its examples show"),
        (
            lambda: Measurement("m", float(len(CALLS) + (CALLS.append(1) or 0)), "count", 1, method="exact"),
            "something else the second time",
        ),
    ],
)
def test_a_probe_that_breaks_a_promise_is_told_which(found, message):
    FOUND[:] = [found]
    with pytest.raises(AssertionError, match=message):
        check_probe(rows_found)


@probe(yields=metrics("m", slices=("group",), keys=("class",)), source=SOURCE)
async def rows_by_group(subject: Subject[None]) -> Findings:
    """Whatever the test wants found.

    Args:
        subject: any table.

    Yields:
        what is in ``FOUND``.
    """
    for found in FOUND:
        yield found


@pytest.mark.parametrize(
    ("where", "message"),
    [({}, "is of whole, and its slices are group"), ({"sex": "f", "bin": "1"}, "has the key 'bin', which it does not say")],
)
def test_a_probe_is_held_to_the_slices_and_keys_that_it_says(where, message):
    FOUND[:] = [Measurement("m", 1.0, "count", 1, method="exact", where=where)]
    with pytest.raises(AssertionError, match=message):
        check_probe(rows_by_group)
    FOUND[:] = [Measurement("m", 1.0, "count", 1, method="exact", where={"sex": "f", "class": "a"})]
    check_probe(rows_by_group)


@probe(source=SOURCE)
async def says_nothing(subject: Subject[None]) -> Findings:
    """Count nothing.

    Args:
        subject: any table.

    Yields:
        ``m``, a count.
    """
    yield Measurement("m", float(subject.seed), "count", 1, method="exact")


def test_a_probe_has_to_say_what_it_yields():
    with pytest.raises(AssertionError, match="says_nothing does not say what it yields"):
        check_probe(says_nothing)


def test_a_value_that_is_not_finite_cannot_be_written():
    FOUND[:] = [Measurement("m", float("inf"), "count", 1, method="exact")]
    with pytest.raises((AssertionError, ValueError), match=r"not JSON compliant|not finite"):
        check_probe(rows_found)


@probe(yields=("label",), source=SOURCE)
async def crashes_without_labels(subject: Subject[Decisions]) -> Findings:
    """Count labels, and crash where there are none.

    Args:
        subject: any table.

    Yields:
        ``labels``, a count.
    """
    yield Measurement(str(subject.table.schema.field(subject.table.roles.label).name), 1.0, "count", 1, method="exact")


@probe(yields=("nothing",), source=SOURCE)
async def skips_in_silence(subject: Subject[Scores]) -> Findings:
    """Skip.

    Args:
        subject: any table.

    Yields:
        nothing.
    """
    if subject is not None:
        raise Skip("")
    yield


def test_a_probe_has_to_skip_where_a_role_is_missing():
    with pytest.raises(Exception, match="string or integer"):
        check_probe(crashes_without_labels)


def test_a_skip_needs_a_reason():
    with pytest.raises(AssertionError, match="skips_in_silence skips without a reason"):
        check_probe(skips_in_silence)


@loader(source=SOURCE)
def reads_anything(path: Path) -> Table:
    """Read anything.

    Args:
        path: any file.

    Raises:
        InputError: never.
    """
    del path
    return sample()


@loader(source=SOURCE)
def names_nothing(paths: Sequence[Path]) -> Table:
    """Read nothing.

    Args:
        paths: any files.

    Raises:
        InputError: always.
    """
    del paths
    raise InputError("cannot be read")


@loader(source=SOURCE)
def gives_rows(path: Path) -> list[str]:
    """Read lines.

    Args:
        path: any file.

    Raises:
        InputError: never.
    """
    return path.read_text().splitlines()


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (reads_anything, "reads_anything reads a file of garbage"),
        (names_nothing, "names_nothing does not name the file"),
        (gives_rows, "gives_rows gives neither a Table nor a Model"),
    ],
)
def test_a_loader_that_breaks_a_promise_is_told_which(function, message):
    with pytest.raises(AssertionError, match=message):
        check_loader(function)


def test_the_example_table_is_hostile_and_the_same_in_any_number_of_shards():
    whole, parts = sample(), sample(shards=4)
    assert whole.read().to_pylist() == parts.read().to_pylist()
    assert len(parts.shards) == 4
    texts = whole.read(["text"]).column("text").to_pylist()
    assert None in texts
    assert "" in texts
    assert any("<script>" in (text or "") for text in texts)
    assert all(whole.read().column(name).null_count for name in ("text", "label", "sex", "age"))


def test_a_table_takes_its_roles_from_the_usual_names():
    assert table({"text": ["a"], "label": [1]}).roles == Roles(inputs=("text",), label="label")
    assert table({"x": [1]}).roles == Roles()
    assert table({"x": []}).rows == 0


def test_the_word_model_answers_by_its_words():
    model = word_model({"good": 2.0})
    scores = model.forward([code.payload for code in model.encode(["good good", "bad", ""])], "float32")
    assert scores[0, 1] == pytest.approx(0.982013790, abs=1e-9)
    assert scores[1:].tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert model.fingerprint != word_model({"good": 2.1}).fingerprint


@probe(source=SOURCE)
async def certain(subject: Subject[Scores], *, seed: int = 0) -> Findings:
    """Mean probability of the second class.

    Args:
        subject: any table.
        seed: of the run.

    Yields:
        ``certain``, a mean.
    """
    answered = await subject.predict(subject.table)
    yield Measurement("certain", float(answered.values[:, 1].mean()), "probability", seed, method="mean")


def test_findings_answers_with_the_model_and_the_seed():
    (found,) = findings(certain, table({"text": ["good", "bad"]}), word_model({"good": 30.0, "bad": -30.0}), seed=5)
    assert (found.value, found.n) == (0.5, 5)
    with pytest.raises(Skip, match="needs a model"):
        findings(certain, table({"text": ["good"]}))


def test_everything_that_plugins_need_is_exported():
    assert set(testing.__all__) == {"check_loader", "check_pass", "check_probe", "findings", "sample", "table", "word_model"}
