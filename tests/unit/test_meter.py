"""Energy counters, read from files laid out as the kernel does, and work that overlaps."""

import sys
import threading
import types
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from auditor.predict import meter


def rapl(folder: Path, name: str, used: int, span: int = 1000) -> Path:
    domain = folder / name
    domain.mkdir(parents=True, exist_ok=True)
    (domain / "max_energy_range_uj").write_text(str(span))
    (domain / "energy_uj").write_text(str(used))
    return domain / "energy_uj"


@pytest.fixture(autouse=True)
def _no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)


def test_packages_are_added_up_and_their_parts_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meter, "RAPL", tmp_path)
    rapl(tmp_path, "intel-rapl:0", 100)
    rapl(tmp_path, "intel-rapl:1", 200)
    rapl(tmp_path, "intel-rapl:0:0", 50)
    read = meter.meter()
    assert read is not None
    assert read() == pytest.approx(300e-6)


def test_a_counter_that_wraps_around_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meter, "RAPL", tmp_path)
    counter = rapl(tmp_path, "intel-rapl:0", 900)
    read = meter.meter()
    assert read is not None
    before = read()
    counter.write_text("50")
    assert read() - before == pytest.approx(150e-6)


def test_without_counters_there_is_no_meter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meter, "RAPL", tmp_path / "none")
    assert meter.meter() is None


def test_gpu_counters_are_read_in_millijoules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library is not to be had without a GPU: what stands in for it has its functions and units."""
    nvml = types.SimpleNamespace(
        NVMLError=RuntimeError,
        nvmlInit=lambda: None,
        nvmlDeviceGetCount=lambda: 2,
        nvmlDeviceGetHandleByIndex=lambda i: i,
        nvmlDeviceGetTotalEnergyConsumption=lambda handle: 1500 * (handle + 1),
    )
    monkeypatch.setattr(meter, "RAPL", tmp_path / "none")
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    read = meter.meter()
    assert read is not None
    assert read() == pytest.approx(4.5)


def test_overlapping_work_is_shared_out_and_adds_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two pieces of work, 0-10 s and 4-12 s, at 2 joules a second: 4 s alone, 6 s shared, 2 s alone, so 7 s and 5 s."""
    now = 0.0
    monkeypatch.setattr(meter, "meter", lambda: lambda: 2 * now)
    monkeypatch.setattr(meter.time, "perf_counter", lambda: now)
    shared, inside, outside = meter.SharedMeter(), threading.Event(), threading.Event()
    nothing = np.zeros((0, 2))

    def first() -> np.ndarray:
        inside.set()
        outside.wait(10)
        return nothing

    def second() -> np.ndarray:
        nonlocal now
        now = 10.0
        outside.set()
        ended.result(10)
        now = 12.0
        return nothing

    with ThreadPoolExecutor(1) as pool:
        ended = pool.submit(shared.measured, first)
        inside.wait(10)
        now = 4.0
        found = shared.measured(second)
    assert ended.result()[1:] == (7.0, 14.0)
    assert found[1:] == (5.0, 10.0)


def test_work_that_fails_is_no_longer_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a failure, the next piece has the clock for itself: its second counts as one, not as half."""
    now = 0.0
    monkeypatch.setattr(meter, "meter", lambda: None)
    monkeypatch.setattr(meter.time, "perf_counter", lambda: now)
    shared = meter.SharedMeter()

    def fail() -> np.ndarray:
        raise RuntimeError("the device is on fire")

    def work() -> np.ndarray:
        nonlocal now
        now = 1.0
        return np.zeros((0, 2))

    with pytest.raises(RuntimeError, match="on fire"):
        shared.measured(fail)
    assert shared.measured(work)[1:] == (1.0, None)
