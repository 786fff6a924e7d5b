"""Time and energy of the model's work. Energy comes from RAPL for processors and from NVML for NVIDIA GPUs, or not at all."""

import contextlib
import functools
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from auditor.types import Floats

RAPL = Path("/sys/class/powercap")


def meter() -> Callable[[], float] | None:
    """A function that reads joules used so far, over all counters that can be read; None where there is no counter."""
    counters = [*_rapl(), *_nvml()]
    return (lambda: sum(read() for read in counters)) if counters else None


class SharedMeter:
    """Measures pieces of work that overlap so that their seconds and joules add up to what was used, not to a multiple.

    It keeps a clock that runs at full speed while one piece is under way and at half speed while two are; the seconds of
    a piece are those that this clock counts from its start to its end. Joules likewise.
    """

    def __init__(self) -> None:
        self._joules = meter()
        self._lock, self._running = Lock(), 0
        self._last, self._shared = self._now(), (0.0, 0.0)

    def measured(self, work: Callable[[], Floats]) -> tuple[Floats, float, float | None]:
        """Do the work; its result, its seconds, and its joules where the machine counts them."""
        before = self._turn(+1)
        try:
            result = work()
        finally:
            after = self._turn(-1)
        return result, after[0] - before[0], None if self._joules is None else after[1] - before[1]

    def _turn(self, more: int) -> tuple[float, float]:
        """Bring the shared clock up to date, and count a piece of work that starts or ends."""
        with self._lock:
            now = self._now()
            if self._running:
                passed = ((new - old) / self._running for new, old in zip(now, self._last, strict=True))
                self._shared = (self._shared[0] + next(passed), self._shared[1] + next(passed))
            self._last, self._running = now, self._running + more
            return self._shared

    def _now(self) -> tuple[float, float]:
        return time.perf_counter(), self._joules() if self._joules else 0.0


def _rapl() -> list[Callable[[], float]]:
    """One counter per processor package; it wraps around, which is allowed for."""
    found: list[Callable[[], float]] = []
    for domain in sorted(RAPL.glob("intel-rapl:[0-9]*")):
        if domain.name.count(":") == 1:
            with contextlib.suppress(OSError, ValueError):
                found.append(_unwrapped(domain / "energy_uj", int((domain / "max_energy_range_uj").read_text())))
    return found


def _unwrapped(path: Path, span: int) -> Callable[[], float]:
    last, turns = int(path.read_text()), 0

    def read() -> float:
        nonlocal last, turns
        now = int(path.read_text())
        turns += now < last
        last = now
        return (now + turns * span) / 1e6

    return read


def _nvml() -> list[Callable[[], float]]:
    try:
        import pynvml
    except ImportError:
        return []
    try:
        pynvml.nvmlInit()
        handles = [pynvml.nvmlDeviceGetHandleByIndex(i) for i in range(pynvml.nvmlDeviceGetCount())]
        for handle in handles:
            pynvml.nvmlDeviceGetTotalEnergyConsumption(handle)
    except pynvml.NVMLError:
        return []
    return [functools.partial(_millijoules, pynvml.nvmlDeviceGetTotalEnergyConsumption, handle) for handle in handles]


def _millijoules(read: Callable[[object], int], handle: object) -> float:
    return read(handle) / 1e3
