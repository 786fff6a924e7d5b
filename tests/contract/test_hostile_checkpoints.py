"""No hostile checkpoint runs, each is reported, and honest ones are not called unsafe."""

import subprocess
import sys
from pathlib import Path

import pytest
from clean_checkpoints import write_reviewed, write_silent
from hostile_checkpoints import CASES

from auditor.errors import InputError, UnsafeCheckpoint
from auditor.loaders import checkpoints
from auditor.scan import SEVERITIES, ScanFinding, scan

BAD = ("malicious", "unsafe", "broken")


def worst(findings: tuple[ScanFinding, ...]) -> str:
    return min((finding.severity for finding in findings), key=SEVERITIES.index, default="clean")


def planted(name: str, folder: Path) -> tuple[Path, Path]:
    """A hostile checkpoint, and the file that it would create."""
    folder.mkdir(parents=True)
    marker, inside = folder / "marker", folder / "checkpoint"
    inside.mkdir()
    return CASES[name].build(inside, f"touch {marker}"), marker


@pytest.mark.parametrize("name", CASES)
def test_each_is_reported_and_none_runs(name: str, tmp_path: Path) -> None:
    path, marker = planted(name, tmp_path / "planted")
    findings = scan(path)
    assert worst(findings) == CASES[name].severity, findings
    assert all(finding.detail.isprintable() and finding.path.isprintable() for finding in findings)
    with pytest.raises((UnsafeCheckpoint, InputError)):
        checkpoints.load(str(path), allow_pickle=True, columns=("a",), cache=tmp_path)
    assert not marker.exists()


def test_payloads_are_live(tmp_path: Path) -> None:
    # Without this, a payload with a slip of the pen would pass for one that was kept from running.
    live = {name: planted(name, tmp_path / name) for name, case in CASES.items() if case.live}
    load = "import pickle, sys\nfor name in sys.argv[1:]:\n try: pickle.load(open(name, 'rb'))\n except Exception: pass"
    subprocess.run([sys.executable, "-W", "ignore", "-c", load, *(str(path) for path, _ in live.values())], check=True)
    assert [name for name, (_, marker) in live.items() if not marker.exists()] == []
    assert len(live) >= 20


def test_recall_and_precision(tmp_path: Path, checkpoint: Path) -> None:
    hostile = [planted(name, tmp_path / name)[0] for name in CASES]
    clean = [*write_silent(tmp_path / "silent"), *write_reviewed(tmp_path / "reviewed"), checkpoint]
    hits = sum(worst(scan(path)) in BAD for path in hostile)
    alarms = [path.name for path in clean if worst(scan(path)) in BAD]
    print(f"{hits} of {len(hostile)} hostile reported, {len(alarms)} false alarms on {len(clean)} clean", end=" ")
    print(f"(recall {hits / len(hostile):.3f}, precision {hits / (hits + len(alarms)):.3f})")
    assert hits == len(hostile) >= 24
    assert alarms == []


def test_tensors_and_configuration_raise_nothing_at_all(tmp_path: Path, checkpoint: Path) -> None:
    write_silent(tmp_path / "silent")
    assert scan(tmp_path / "silent") == ()
    assert scan(checkpoint) == ()


def test_scikit_learn_pickles_raise_a_review_and_no_more(tmp_path: Path) -> None:
    files = write_reviewed(tmp_path)
    found = {path.name: {finding.severity for finding in scan(path)} for path in files}
    assert found == {path.name: {"review"} for path in files}
