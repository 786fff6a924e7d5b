"""The prediction plane: every probe's questions, gathered, answered once, in full batches.

A question waits until no task can go on without an answer. Then everything that was asked is answered in one *round*:
equal inputs are merged, what the store knows is dropped, the rest goes through the model sorted by length.

A float32 score depends, in its last bits, on the batch that it was computed in. So that a run that was killed gives the
numbers of one that was not, a batch depends on nothing but its question: it is packed over all inputs, known ones
included, and only then are known ones left out. Questions about whole tables fill batches by themselves and are packed
alone; the many small questions of attacks are packed together, and what they decide is checked again, input by input.

An input that the model fails on, or answers with what is not a finite number, costs itself and nothing else: its answer is
``refused``, with the reason, and its scores are NaN.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from auditor.predict.batches import pack
from auditor.predict.meter import SharedMeter
from auditor.predict.refusals import HOPELESS, NOT_FINITE, answered, isolated
from auditor.store.predictions import Answer, PredictionStore, key_of
from auditor.types import Encoded, Floats, Item, Model

_QUIET = 8
"""Turns of the event loop without a new question after which all tasks are taken to be waiting."""

Batching = Literal["whole", "fused", "alone"]
"""How a question is packed: by itself, together with others of its kind, or each input by itself."""


@dataclass(frozen=True, slots=True)
class _Question:
    items: Sequence[Item]
    dtype: str
    batching: Batching
    answer: "asyncio.Future[list[Answer]]"


class Plane:
    """Answers questions about one model; made inside a running event loop, closed after use.

    Args:
        model: the model.
        folder: where its answers are kept, one file per dtype.
        progress: told ``(answered, asked)`` in inputs.

    Attributes:
        forward_seconds: time in which at least one batch was in the model's forward pass.
        forwarded: inputs that went through the model.
        batches: batches that the model was given.
        refused: inputs that it gave no answer to, by dtype and key.
    """

    def __init__(self, model: Model, folder: Path, progress: Callable[[int, int], None] | None = None) -> None:
        self.model, self.forward_seconds, self.forwarded, self.batches = model, 0.0, 0, 0
        self.refused: dict[str, dict[bytes, Answer]] = {}
        self._failures, self._answers_some = 0, False
        self._folder, self._progress = folder, progress
        self._stores: dict[str, PredictionStore] = {}
        self._waiting: list[_Question] = []
        self._round: asyncio.Task[None] | None = None
        self._device = ThreadPoolExecutor(model.workers, "auditor-device", initializer=model.prepare)
        self._meter = SharedMeter()
        self._asked = self._answered = 0

    async def ask(self, items: Sequence[Item], /, *, dtype: str | None = None, alone: bool = False) -> Floats:
        """Class probabilities of inputs, shape ``(n, k)``, in their order, NaN where refused; see ``auditor.types.Ask``."""
        answers = await self._put(items, dtype, "alone" if alone else "fused")
        return scores_of(answers, len(self.model.classes))

    async def answers(self, items: Sequence[Item], /) -> list[Answer]:
        """The answers to the rows of a table, or to a large part of it, and what each cost."""
        return await self._put(items, None, "whole")

    async def _put(self, items: Sequence[Item], dtype: str | None, batching: Batching) -> list[Answer]:
        question = _Question(items, dtype or self.model.dtypes[0], batching, asyncio.get_running_loop().create_future())
        self._waiting.append(question)
        self._asked += len(items)
        if self._round is None:
            self._round = asyncio.create_task(self._rounds())
        return await question.answer

    async def _rounds(self) -> None:
        """Answer rounds until nobody asks any more."""
        try:
            while self._waiting:
                await self._quiet()
                questions, self._waiting = self._waiting, []
                await self._answer(questions)
        finally:
            self._round = None

    async def _quiet(self) -> None:
        seen, turns = len(self._waiting), 0
        while turns < _QUIET:
            await asyncio.sleep(0)
            turns = turns + 1 if len(self._waiting) == seen else 0
            seen = len(self._waiting)

    async def _answer(self, questions: Sequence[_Question]) -> None:
        """Answer a round: questions packed whole one after another, so that what one asks the next one knows."""
        alike: dict[tuple[str, Batching], list[_Question]] = {}
        for question in questions:
            if question.batching == "whole":
                await self._answer_together([question])
            else:
                alike.setdefault((question.dtype, question.batching), []).append(question)
        await asyncio.gather(*map(self._answer_together, alike.values()))

    async def _answer_together(self, questions: Sequence[_Question]) -> None:
        dtype, batching = questions[0].dtype, questions[0].batching
        asked = {key_of(item): item for question in questions for item in question.items}
        items = dict(sorted(asked.items(), key=lambda pair: pair[0]))  # whoever asked first, the batches are the same
        self._tell(sum(len(question.items) for question in questions) - len(items))
        task = asyncio.ensure_future(self._known(items, dtype, batching))
        await asyncio.wait([task])
        failure = task.exception()
        for question in (question for question in questions if not question.answer.done()):
            if failure is None:
                question.answer.set_result([task.result()[key_of(item)] for item in question.items])
            else:
                question.answer.set_exception(failure)

    async def _known(self, items: dict[bytes, Item], dtype: str, batching: Batching) -> dict[bytes, Answer]:
        """Answers to distinct inputs, by key: from the store or, in batches, from the model."""
        name = f"{dtype}.alone" if batching == "alone" else dtype
        store, keys, refused = self._store(name), list(items), self.refused.setdefault(name, {})
        known = store.get(keys) | {key: refused[key] for key in keys if key in refused}
        self._tell(len(known))
        if len(known) == len(keys):
            return known
        encoded = self._read([items[key] for key in keys])
        tokens = 1 if batching == "alone" else self.model.batch_tokens
        packed = pack([code.length for code in encoded], tokens, self.model.workers)
        batches = [[i for i in batch if keys[i] not in known] for batch in packed]
        running = [(batch, self._forward([encoded[i] for i in batch], dtype)) for batch in batches if batch]
        failures: list[BaseException] = []
        for batch, answers in running:
            await asyncio.wait([answers])
            if failure := answers.exception():
                failures.append(failure)
                continue
            fresh = dict(zip((keys[i] for i in batch), answers.result(), strict=True))
            self.forward_seconds += sum(answer.seconds for answer in fresh.values())
            self.forwarded, self.batches = self.forwarded + len(fresh), self.batches + 1
            store.put({key: answer for key, answer in fresh.items() if not answer.refused})
            refused |= {key: answer for key, answer in fresh.items() if answer.refused}
            known |= fresh
            self._tell(len(fresh))
        if failures:
            raise failures[0]
        return known

    def _read(self, items: Sequence[Item]) -> list[Encoded]:
        """Items made ready for the model; one that cannot be is handed on with the reason, and is refused."""
        return isolated(self.model.encode, items, lambda _, reason: Encoded(1, None, refused=reason), self._hopeless)

    def _forward(self, encoded: Sequence[Encoded], dtype: str) -> "asyncio.Future[list[Answer]]":
        """Send one batch to the device's workers, where it waits until one is free."""
        return asyncio.get_running_loop().run_in_executor(self._device, self._answers, encoded, dtype)

    def _answers(self, encoded: Sequence[Encoded], dtype: str) -> list[Answer]:
        """The model's answers to a batch; inputs that it fails on, and no others, are refused."""
        asked = [code for code in encoded if not code.refused]
        found = iter(isolated(lambda part: self._measured(part, dtype), asked, self._failed, self._hopeless) if asked else ())
        return [self._refusal(code.refused) if code.refused else next(found) for code in encoded]

    def _failed(self, _: Encoded, reason: str) -> Answer:
        self._failures += 1  # of all threads, roughly
        return self._refusal(reason)

    def _hopeless(self) -> bool:
        """Whether the model, not its inputs, is what fails: it failed on many inputs and answered none."""
        return self._failures >= HOPELESS and not self._answers_some

    def _refusal(self, reason: str, seconds: float = 0.0, joules: float | None = None) -> Answer:
        return Answer(np.full(len(self.model.classes), np.nan), seconds, joules, reason)

    def _measured(self, encoded: Sequence[Encoded], dtype: str) -> list[Answer]:
        payloads = [code.payload for code in encoded]
        scores, seconds, joules = self._meter.measured(lambda: self.model.forward(payloads, dtype))
        if scores.shape != (len(payloads), len(self.model.classes)):
            raise ValueError(f"scores of shape {scores.shape} for {len(payloads)} inputs and {len(self.model.classes)} classes")
        self._answers_some = True
        total = max(sum(code.length for code in encoded), 1)
        shares = [code.length / total for code in encoded]
        costs = [(seconds * part, None if joules is None else joules * part) for part in shares]
        return [
            Answer(row, *cost) if finite else self._refusal(NOT_FINITE, *cost)
            for row, cost, finite in zip(scores, costs, answered(scores).tolist(), strict=True)
        ]

    def _store(self, name: str) -> PredictionStore:
        if name not in self._stores:
            self._stores[name] = PredictionStore(self._folder / f"{self.model.fingerprint[:32]}.{name}.sqlite")
        return self._stores[name]

    def _tell(self, more: int) -> None:
        self._answered += more
        if self._progress and more:
            self._progress(self._answered, self._asked)

    def close(self) -> None:
        """Stop the device's workers after their current batches and close the stores."""
        self._device.shutdown(cancel_futures=True)
        for store in self._stores.values():
            store.close()


def scores_of(answers: Sequence[Answer], classes: int) -> Floats:
    """The scores of answers, shape ``(n, classes)``."""
    return np.stack([answer.scores for answer in answers]) if answers else np.empty((0, classes))
