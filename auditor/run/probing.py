"""Running probes: all at once, each in its own fence, each finished one written down."""

import asyncio
import math
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

from auditor import codec, declare, digest
from auditor.errors import NotApplicable, Skip
from auditor.plugins import Step, filled, requirement
from auditor.store.files import write_atomic
from auditor.types import Evidence, Measurement, Model, Outcome, Status, Subject, Table

Probe = Callable[[Subject[Any]], declare.Findings]


@dataclass(frozen=True, slots=True)
class Task:
    """A probe to run.

    Attributes:
        step: as the plan says it.
        probe: the function with all options bound.
        lacking: why it cannot be run, or None.
    """

    step: Step
    probe: Probe
    lacking: Skip | None = None


async def measure(
    tasks: Sequence[Task],
    subject: Subject[Any],
    folder: Path,
    key: str,
    progress: Callable[[int, int], None],
    redact: Callable[[Outcome], Outcome],
) -> tuple[Outcome, ...]:
    """Run probes concurrently.

    Args:
        tasks: the probes.
        subject: what they are handed.
        folder: where finished outcomes are kept; what is there already under the same key is not done again.
        key: digest of everything that the outcomes depend on, but for the step.
        progress: told how many probes have finished, and how many there are.
        redact: takes out of an outcome what may not leave this process, before it is kept.

    Returns:
        An outcome for each task, in order.
    """
    done = 0

    async def one(task: Task) -> Outcome:
        nonlocal done
        record = folder / f"{digest.of_value([key, codec.plain(filled(task.step, 'probe'))])[:32]}.json"
        outcome = await _kept(task, subject, record, redact)
        done += 1
        progress(done, len(tasks))
        return outcome

    return tuple(await asyncio.gather(*(one(task) for task in tasks)))


def untested(tasks: Sequence[Task], table: Table, model: Model | None, checkpoint: Path | None) -> tuple[Skip | None, ...]:
    """For each probe why it will be skipped; None where it gets as far as asking for answers or reading the data.

    Args:
        tasks: the probes.
        table: the data.
        model: the model, where there is one.
        checkpoint: where the model is.
    """

    def asked(*_: object, **__: object) -> NoReturn:
        raise _Asked

    unread = replace(table, steps=(*table.steps, asked))
    subject: Subject[Any] = Subject(unread, asked, asked, asked, asked, asked, model, checkpoint)

    async def each() -> tuple[Skip | None, ...]:
        return tuple([task.lacking or await _skipped(task, subject) for task in tasks])

    return asyncio.run(each())


class _Asked(Exception):
    """A probe is under way: nothing that is known before has kept it from measuring."""


async def _skipped(task: Task, subject: Subject[Any]) -> Skip | None:
    try:
        async for _ in task.probe(subject):
            return None
    except Skip as skip:
        return skip
    except Exception:  # noqa: BLE001 - the probe went on, be it into a question that is not answered here
        return None
    return None


async def _kept(task: Task, subject: Subject[Any], record: Path, redact: Callable[[Outcome], Outcome]) -> Outcome:
    if record.exists():
        return codec.read_json(record, Outcome)
    outcome = redact(await _run(task, subject))
    if outcome.status != "failed":
        write_atomic(record, codec.to_json(outcome))
    return outcome


async def _run(task: Task, subject: Subject[Any]) -> Outcome:
    """Run one probe; whatever it does, there is an outcome."""
    blank = Outcome(
        probe=task.step.use,
        status="measured",
        summary=declare.summary(task.probe),
        source=declare.info(task.probe).source,
        options=filled(task.step, "probe").options,
        rows=subject.table.rows,
    )
    if task.lacking:
        return replace(blank, status=unmeasured(task.lacking), reason=str(task.lacking))
    clock = time.perf_counter()
    try:
        found = [_finite(finding) async for finding in task.probe(subject)]
    except Skip as skip:
        return replace(blank, status=unmeasured(skip), reason=str(skip), seconds=time.perf_counter() - clock)
    except Exception as error:  # noqa: BLE001 - a crash in a probe is an outcome, and the other probes finish
        reason = f"{type(error).__name__}: {error}"
        trace = traceback.format_exc()
        return replace(blank, status="failed", reason=reason, traceback=trace, seconds=time.perf_counter() - clock)
    return replace(
        blank,
        measurements=tuple(finding for finding in found if isinstance(finding, Measurement)),
        evidence=tuple(finding for finding in found if isinstance(finding, Evidence)),
        seconds=time.perf_counter() - clock,
    )


def unmeasured(skip: Skip) -> Status:
    """How a probe ends that cannot be made on this subject: it was not tested, or it does not apply to it."""
    return "inapplicable" if isinstance(skip, NotApplicable) else "skipped"


def _finite(finding: Measurement | Evidence) -> Measurement | Evidence:
    """The finding, if its numbers can be written down.

    Raises:
        ValueError: a number is infinite or not a number; undefined is None, with a reason.
    """
    if isinstance(finding, Measurement):
        numbers = (finding.value, finding.low, finding.high, *finding.counts.values())
        if not all(number is None or math.isfinite(number) for number in numbers):
            raise ValueError(f"{finding.metric} is not finite: {finding}")
    return finding


def lacking(probe: Probe, *, model: bool, decisions: bool, refused: str | None) -> Skip | None:
    """Why a probe cannot be run on what there is, or None.

    A model that was named and not loaded is missed; where none was named, what needs one does not apply.
    """
    needed = requirement(probe)
    if needed == "none" or model or (needed == "decisions" and decisions):
        return None
    if refused:
        return Skip(f"the model was not loaded: {refused}")
    what = "a model that can be asked" if needed == "scores" else "decisions: a model, or a prediction column"
    return NotApplicable(f"needs {what}")
