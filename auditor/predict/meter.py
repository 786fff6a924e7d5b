"""Energy counters of the machine: RAPL for processors, NVML for NVIDIA GPUs. Without one, nothing is measured."""

import contextlib
import functools
from collections.abc import Callable
from pathlib import Path

RAPL = Path("/sys/class/powercap")


def meter() -> Callable[[], float] | None:
    """A function that reads joules used so far, over all counters that can be read; None where there is no counter."""
    counters = [*_rapl(), *_nvml()]
    return (lambda: sum(read() for read in counters)) if counters else None


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
