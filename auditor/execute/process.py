"""The runner for one machine: a pool of processes that end when the one that started them does."""

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing.connection import wait as wait_for

import pyarrow as pa

from auditor.errors import UsageError
from auditor.execute.jobs import Job, Record
from auditor.execute.shard import work

_AHEAD = 2


def run(jobs: Sequence[Job], workers: int) -> Iterator[tuple[Job, Record]]:
    """Do jobs, and say of each when it is done, in any order.

    Processes come from a fork server, because a fork of this one is unsafe beside the threads of other libraries.

    Args:
        jobs: what to do; none depends on another.
        workers: number of processes.

    Raises:
        UsageError: a pass cannot be sent to another process, or a process was killed.
    """
    _check(jobs[0])
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([work.__module__])
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_settle)
    todo, pending = iter(jobs), dict[Future[Record], Job]()
    try:
        while True:
            pending |= {pool.submit(work, job): job for job in islice(todo, _AHEAD * workers - len(pending))}
            if not pending:
                return
            for future in wait(pending, return_when=FIRST_COMPLETED).done:
                yield pending.pop(future), future.result()
    except BrokenProcessPool:
        raise UsageError(
            "a worker process ended without an answer, as when memory runs out",
            remedy="Run the same command again, with fewer workers: what is done is kept. "
            "In a script, start under: if __name__ == '__main__'.",
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _check(job: Job) -> None:
    for step in (*job.steps, *([job.following] if job.following else [])):
        try:
            pickle.dumps(step.function)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            remedy = "Define the pass at the top level of a module, or use the inline runner."
            raise UsageError(
                f"cannot be sent to another process: {error}", place=f"pass {step.name!r}", remedy=remedy
            ) from None


def _settle() -> None:
    """Make a worker ready: Ctrl-C is for the driver, one thread is enough, and without a driver there is nothing to do."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pa.set_cpu_count(1)
    threading.Thread(target=_end_with_driver, daemon=True).start()


def _end_with_driver() -> None:
    driver = multiprocessing.parent_process()
    if driver:
        wait_for([driver.sentinel])
        os._exit(1)
