"""Energy counters, read from files laid out as the kernel does."""

import sys
import types
from pathlib import Path

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
