"""The prediction plane against a model whose answers are known by arithmetic."""

import asyncio
import dataclasses
import functools
import gc
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from auditor.errors import InputError, MissingExtra
from auditor.predict.batches import pack
from auditor.predict.plane import Plane
from auditor.store.predictions import Answer
from auditor.types import Encoded, Floats, Item, Model, Scores


class Recorder:
    """A model that says P(b) = length / 100, and remembers its batches."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def encode(self, items: Sequence[Item]) -> list[Encoded]:
        return [Encoded(len(str(item)), item) for item in items]

    def forward(self, payloads: Sequence[object], dtype: str) -> Floats:
        self.batches.append([f"{dtype}:{text}" if dtype != "float32" else str(text) for text in payloads])
        if any("poison" in str(text) for text in payloads):
            raise RuntimeError("the device is on fire")
        share = np.array([len(str(text)) / 100 for text in payloads])
        return np.stack([1 - share, share], axis=1)

    def model(self) -> Model:
        return Model("recorder", "test", "f" * 64, ("a", "b"), self.encode, self.forward, dtypes=("float32", "bfloat16"))


def run(folder: Path, recorder: Recorder, *questions: Sequence[str], **how: object) -> list[Floats]:
    async def main() -> list[Floats]:
        plane = Plane(recorder.model(), folder)
        try:
            return await asyncio.gather(*(plane.ask(texts, **how) for texts in questions))
        finally:
            plane.close()

    return asyncio.run(main())


def test_answers_come_in_the_order_of_the_question(tmp_path: Path) -> None:
    (scores,) = run(tmp_path, Recorder(), ["xxx", "x", "xx"])
    assert scores[:, 1].tolist() == [0.03, 0.01, 0.02]


def test_no_items_give_no_rows(tmp_path: Path) -> None:
    recorder = Recorder()
    (scores,) = run(tmp_path, recorder, [])
    assert scores.shape == (0, 2)
    assert recorder.batches == []


def test_questions_of_waiting_tasks_share_one_batch_and_equal_texts_are_asked_once(tmp_path: Path) -> None:
    recorder = Recorder()
    first, second = run(tmp_path, recorder, ["x", "xxx"], ["xx", "x"])
    assert recorder.batches == [["xxx", "xx", "x"]]
    assert first[0].tolist() == second[1].tolist()


def test_what_the_store_knows_is_not_asked_again(tmp_path: Path) -> None:
    before, after = Recorder(), Recorder()
    known = run(tmp_path, before, ["x", "xx"])
    again = run(tmp_path, after, ["xx", "xxx", "x"])
    assert after.batches == [["xxx"]]
    assert again[0][2].tolist() == known[0][0].tolist()


def test_dtypes_are_kept_apart(tmp_path: Path) -> None:
    recorder = Recorder()
    run(tmp_path, recorder, ["x"])
    run(tmp_path, recorder, ["x"], dtype="bfloat16")
    assert recorder.batches == [["x"], ["bfloat16:x"]]


def test_alone_means_batches_of_one_and_is_not_answered_from_fused_batches(tmp_path: Path) -> None:
    recorder = Recorder()
    run(tmp_path, recorder, ["x", "xx"])
    run(tmp_path, recorder, ["x", "xx"], alone=True)
    assert recorder.batches == [["xx", "x"], ["xx"], ["x"]]


def test_an_input_that_the_model_fails_on_costs_itself(tmp_path: Path) -> None:
    """Of 41 texts in one batch one is poison: it is refused with the reason, and the others are answered."""
    texts = [*("x" * n for n in range(1, 41)), "poison"]
    recorder = Recorder()

    async def main() -> list[Answer]:
        plane = Plane(recorder.model(), tmp_path)
        try:
            return [*await plane.answers(texts), *await plane.answers(texts[-1:])]
        finally:
            plane.close()

    *found, poison, again = asyncio.run(main())
    assert [answer.scores[1] for answer in found] == [n / 100 for n in range(1, 41)]
    assert not any(answer.refused for answer in found)
    assert poison.refused == again.refused == "RuntimeError: the device is on fire"
    assert np.isnan(poison.scores).all()
    assert ["poison"] in recorder.batches
    assert len(recorder.batches) <= 2 * np.ceil(np.log2(41)) + 1  # halved; not text by text, nor asked again in one run


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_an_answer_that_is_not_finite_is_none_and_is_not_kept(tmp_path: Path, wrong: float) -> None:
    recorder = Recorder()

    def forward(payloads: Sequence[object], dtype: str) -> Floats:
        scores = recorder.forward(payloads, dtype)
        scores[[str(text) == "xx" for text in payloads], 0] = wrong
        return scores

    async def main() -> Floats:
        plane = Plane(dataclasses.replace(recorder.model(), forward=forward), tmp_path)
        try:
            return await plane.ask(["x", "xx", "xxx"])
        finally:
            plane.close()

    scores, again = asyncio.run(main()), Recorder()
    assert scores[[0, 2], 1].tolist() == [0.01, 0.03]
    assert np.isnan(scores[1]).all()
    assert Scores(scores, ("a", "b")).labels().tolist() == [0, -1, 0]
    run(tmp_path, again, ["x", "xx", "xxx"])
    assert again.batches == [["xx"]]


def test_an_input_that_cannot_be_encoded_costs_itself(tmp_path: Path) -> None:
    recorder = Recorder()

    def encode(items: Sequence[Item]) -> list[Encoded]:
        if "odd" in items:
            raise InputError("too odd")
        return recorder.encode(items)

    async def main() -> list[Answer]:
        plane = Plane(dataclasses.replace(recorder.model(), encode=encode), tmp_path)
        try:
            return await plane.answers(["x", "odd", "xxx"])
        finally:
            plane.close()

    assert [answer.refused for answer in asyncio.run(main())] == ["", "too odd", ""]


def test_a_model_that_fails_on_everything_is_given_up_on(tmp_path: Path) -> None:
    """Else a table of a million rows would be tried row by row."""
    recorder = Recorder()
    with pytest.raises(RuntimeError, match="on fire"):
        run(tmp_path, recorder, [f"poison{i}" for i in range(5000)])
    assert len(recorder.batches) < 1200


def test_scores_of_another_shape_are_no_answers(tmp_path: Path) -> None:
    async def main() -> list[Answer]:
        plane = Plane(dataclasses.replace(Recorder().model(), classes=("a", "b", "c")), tmp_path)
        try:
            return await plane.answers(["x"])
        finally:
            plane.close()

    (answer,) = asyncio.run(main())
    assert "(1, 2)" in answer.refused
    assert answer.scores.shape == (3,)


def test_batches_do_not_depend_on_who_asks_first(tmp_path: Path) -> None:
    """Sixty texts of one length fill several batches, in whatever order the questions come."""
    forth, back = Recorder(), Recorder()
    questions = [[f"{i:020}"] for i in range(60)]
    for folder, recorder, asked in (("a", forth, questions), ("b", back, questions[::-1])):
        recorder.model = functools.partial(dataclasses.replace, recorder.model(), batch_tokens=300)  # type: ignore[method-assign]
        run(tmp_path / folder, recorder, *asked)
    assert len(forth.batches) > 1
    assert forth.batches == back.batches


def test_of_several_batches_one_failure_is_told_once_and_the_others_are_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure that no input is to blame for, such as a library that is missing."""
    texts, recorder, again = ["poison" + "x" * 90, "poison" + "y" * 90, "x" * 20], Recorder(), Recorder()

    def forward(payloads: Sequence[object], dtype: str) -> Floats:
        try:
            return recorder.forward(payloads, dtype)
        except RuntimeError:
            raise MissingExtra.named("fire", "being on fire") from None

    model = dataclasses.replace(recorder.model(), batch_tokens=100, forward=forward)

    async def main() -> None:
        plane = Plane(model, tmp_path)
        with pytest.raises(MissingExtra, match="on fire"):
            await plane.ask(texts)
        plane.close()

    asyncio.run(main())
    gc.collect()  # asyncio speaks of a failure that nobody asked for when it is collected
    assert not caplog.records
    assert len(recorder.batches) == 3
    run(tmp_path, again, texts[2:])
    assert again.batches == []


def test_tasks_of_many_steps_advance_together(tmp_path: Path) -> None:
    """Ten tasks of three dependent questions each take three rounds, not thirty."""
    recorder = Recorder()

    async def attack(plane: Plane, name: str) -> None:
        for step in range(3):
            await plane.ask([f"{name}{step}"])

    async def main() -> None:
        plane = Plane(recorder.model(), tmp_path)
        await asyncio.gather(*(attack(plane, f"task{i}-") for i in range(10)))
        plane.close()

    asyncio.run(main())
    assert [len(batch) for batch in recorder.batches] == [10, 10, 10]


def test_a_killed_run_packs_what_is_left_as_an_unbroken_one_would(tmp_path: Path) -> None:
    texts = ["x" * n for n in range(1, 90)]

    async def ask(folder: Path, recorder: Recorder, texts: Sequence[str]) -> None:
        plane = Plane(recorder.model(), folder)
        await plane.answers(texts)
        plane.close()

    unbroken, resumed = Recorder(), Recorder()
    asyncio.run(ask(tmp_path / "a", unbroken, texts))
    done = [text for batch in unbroken.batches[:2] for text in batch]
    asyncio.run(ask(tmp_path / "b", Recorder(), done))
    asyncio.run(ask(tmp_path / "b", resumed, texts))
    assert resumed.batches == unbroken.batches[2:]


def test_batches_keep_to_the_budget_and_lose_nothing() -> None:
    lengths = [int(n) for n in np.random.default_rng(0).integers(1, 200, 500)]
    batches = pack(lengths, 1024)
    assert sorted(i for batch in batches for i in batch) == list(range(500))
    assert all(len(batch) * max(lengths[i] for i in batch) <= 1024 for batch in batches)
    padded = sum(len(batch) * max(lengths[i] for i in batch) for batch in batches)
    assert padded / sum(lengths) < 1.05


def test_workers_are_all_given_batches() -> None:
    """90 inputs of 10 fit one batch of 1,024; four workers get one each, of equal size but for one input."""
    assert sorted(len(batch) for batch in pack([10] * 90, 1024, 4)) == [22, 22, 23, 23]
    assert pack([10, 10], 1024, 4) == [[0], [1]]
    assert pack([0, 0], 1024, 1) == [[0, 1]]
    assert pack([], 1024, 4) == []


@pytest.mark.parametrize("inputs", [30, 47, 90, 400])
def test_workers_are_done_at_about_the_same_time(inputs: int) -> None:
    """Full batches and a small rest would leave one worker idle: batches are of nearly equal cost, in a multiple of workers."""
    lengths = [int(n) for n in np.random.default_rng(inputs).integers(20, 30, inputs)]
    costs = [sum(lengths[i] for i in batch) for batch in pack(lengths, 384, 2)]
    assert len(costs) % 2 == 0
    assert max(costs) - min(costs) <= 2 * max(lengths)


def test_batches_side_by_side_are_prepared_for_and_give_the_answers_of_one_by_one(tmp_path: Path) -> None:
    texts, prepared, running = ["x" * n for n in range(1, 60)], [], threading.Barrier(2, timeout=10)
    recorder = Recorder()

    def forward(payloads: Sequence[object], dtype: str) -> Floats:
        running.wait()  # passes only while two batches are under way
        return recorder.forward(payloads, dtype)

    model = dataclasses.replace(recorder.model(), forward=forward, workers=2, prepare=lambda: prepared.append(1))

    async def main() -> Floats:
        plane = Plane(model, tmp_path / "two")
        try:
            return await plane.ask(texts)
        finally:
            plane.close()

    (alone,) = run(tmp_path / "one", Recorder(), texts)
    assert np.array_equal(asyncio.run(main()), alone)
    assert len(prepared) == 2


@pytest.mark.parametrize("length", [1025, 100_000])
def test_an_input_over_the_budget_goes_alone(length: int) -> None:
    assert pack([3, length, 3], 1024) == [[1], [0, 2]]
