"""What is shipped: the wheel, built from the sdist, works where nothing of the checkout can be seen."""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel in it, which sees the libraries of this one but not this one's auditor."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder / "dist", ROOT, cwd=folder)
    venv.create(folder / "venv", with_pip=False)
    python = folder / "venv/bin/python"
    (wheel,) = (folder / "dist").glob("*.whl")
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-index", "--no-deps", wheel, cwd=folder)
    (packages,) = (folder / "venv/lib").glob("*/site-packages")
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder


def test_rules_are_shipped(place: Path) -> None:
    listed = run(place / "venv/bin/auditor", "list", "rules", cwd=place)
    shipped = [pack.parent.name for pack in (ROOT / "rules").glob("*/pack.yaml")]
    assert len(shipped) >= 2
    assert all(name in listed for name in shipped)


@pytest.mark.parametrize("kind", ["rules", "templates"])
def test_files_are_found_inside_the_installation(place: Path, kind: str) -> None:
    found = Path(
        run(place / "venv/bin/python", "-c", f"from auditor import assets; print(assets.folder({kind!r}))", cwd=place).strip()
    )
    assert found.is_relative_to(place / "venv")
    assert {each.name for each in found.rglob("*") if each.is_file()} == {
        each.name for each in (ROOT / kind).rglob("*") if each.is_file()
    }


def test_probes_are_listed(place: Path) -> None:
    assert "deep_word_bug" in run(place / "venv/bin/auditor", "list", "probes", cwd=place)
