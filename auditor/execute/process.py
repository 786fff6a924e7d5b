"""The runner for one machine: a pool of processes that end when the one that started them does."""

import contextlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import resource_tracker
from multiprocessing.connection import wait as wait_for
from typing import Any

import pyarrow as pa

from auditor import startup
from auditor.errors import UsageError
from auditor.execute.jobs import Job, Record
from auditor.execute.shard import work

_AHEAD = 2


def run(jobs: Sequence[Job], workers: int) -> Iterator[tuple[Job, Record]]:
    """Do jobs, and say of each when it is done, in any order.

    Processes come from a fork server, because a fork of this one is unsafe beside the threads of other libraries. They do not
    import from the working directory, whatever this process does.

    Args:
        jobs: what to do; none depends on another.
        workers: number of processes.

    Raises:
        UsageError: a pass cannot be sent to another process, or a process was killed.
    """
    _check(jobs[0])
    with _starting():  # a pool's locks already start the process that looks after them
        pool = ProcessPoolExecutor(workers, mp_context=_context(), initializer=_settle)
    todo, pending = iter(jobs), dict[Future[Record], Job]()
    try:
        while True:
            with _starting():
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


def safe() -> bool:
    """Whether processes can be started that do not import from the working directory."""
    return bool(sys.flags.safe_path or not sys.flags.ignore_environment)


def _context() -> Any:
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([work.__module__])
    return context


@contextlib.contextmanager
def _starting() -> Iterator[None]:
    """While processes are started: set what they take over, their import path and that Ctrl-C is not for them."""
    path, environment = sys.path[:], dict(os.environ)
    try:
        sys.path[:] = startup.import_path()
        os.environ.update(startup.environment() | {"PYTHONWARNINGS": "ignore"})
        resource_tracker.ensure_running()  # before the mask, which it would clear
        with _uninterrupted():
            yield
    finally:
        sys.path[:] = path
        for name in ("PYTHONSAFEPATH", "PYTHONPATH", "PYTHONWARNINGS"):
            _restore(name, environment.get(name))


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Keep Ctrl-C waiting; processes that are started meanwhile never see it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _restore(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def _check(job: Job) -> None:
    if not safe():
        raise UsageError(
            "under 'python -E', worker processes would import from the working directory",
            remedy="Run Python with -P or -I too, or use the inline runner.",
        )
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
