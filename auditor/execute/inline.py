"""The runner for small data: one job after the other, in this process."""

from collections.abc import Iterator, Sequence

from auditor.execute.jobs import Job, Record
from auditor.execute.shard import work


def run(jobs: Sequence[Job], workers: int) -> Iterator[tuple[Job, Record]]:  # noqa: ARG001 - as every runner
    """Do jobs, and say of each when it is done.

    Args:
        jobs: what to do; none depends on another.
        workers: not used here.
    """
    for job in jobs:
        yield job, work(job)
