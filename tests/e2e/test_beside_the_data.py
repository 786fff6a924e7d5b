"""Modules that lie beside the data, under every name that Python or a library of ours could ask for: none may run."""

import contextlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
NAMES = sorted(
    {
        *sys.stdlib_module_names,
        *importlib.metadata.packages_distributions(),
        *"sitecustomize usercustomize auditor encodings evil __mp_main__".split(),
        *"peft codecarbon pynvml accelerate tensorflow jax polars optimum kernels".split(),
    }
    - {"", "sys", "builtins", "__main__"}
)
MARK = """import os
with open({mark!r} + "-" + str(os.getpid()), "w"): pass
"""


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data, and beside it a module of each name that leaves a mark where it is imported."""
    folder = tmp_path_factory.mktemp("beside")
    (folder / "marks").mkdir()
    for name in NAMES:
        if name.isidentifier():
            (folder / f"{name}.py").write_text(MARK.format(mark=str(folder / "marks" / name)))
    evil = folder / "evil-1.dist-info"
    evil.mkdir()
    (evil / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1\n")
    (evil / "entry_points.txt").write_text("[auditor.plugins]\nevil = evil\n")
    rows = "".join(f"a good film {i},{'positive' if i % 2 else 'negative'},{'ab'[i % 3 == 0]}\n" for i in range(40))
    (folder / "d.csv").write_text("text,label,group\n" + rows)
    return folder


def without_python() -> dict[str, str]:
    """The environment without what it tells Python."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV_"))}


def ran(beside: Path, *command: str, env: dict[str, str] | None = None, code: int | None = 0) -> list[str]:
    """Run a command beside the data; the names of the modules that ran."""
    done = subprocess.run(
        command, check=False, cwd=beside, env=without_python() | (env or {}), capture_output=True, text=True, timeout=300
    )
    marks = [mark.name for mark in (beside / "marks").iterdir()]
    for mark in (beside / "marks").iterdir():
        mark.unlink()
    assert code is None or done.returncode == code, done.stderr
    return marks


CONSOLE = (str(BIN / "auditor"),)
MODULE = (sys.executable, "-m", "auditor")
SAFE = (sys.executable, "-P", "-m", "auditor")
CLEAN = ("clean", "d.csv", "--text", "text", "--label", "label", "--group", "group")
RUN = ("run", "--data", "d.csv", "--text", "text", "--label", "label", "--group", "group")


def test_the_names_are_those_of_python_and_of_everything_installed():
    assert {"numpy", "typing", "multiprocessing", "socket", "torch", "sitecustomize", "auditor", "click"} <= set(NAMES)
    assert len(NAMES) > 300


def test_a_mark_is_left_where_a_module_does_run(beside):
    assert [mark.split("-")[0] for mark in ran(beside, sys.executable, "-c", "import numpy")] == ["numpy"]


@contextlib.contextmanager
def without(beside: Path, names: Iterable[str]) -> Iterator[None]:
    """Put modules away that Python itself imports from there before any program begins, which no program can prevent."""
    held = [file for name in set(names) if (file := beside / f"{name}.py").exists()]
    for file in held:
        file.rename(file.with_suffix(".away"))
    try:
        yield
    finally:
        for file in held:
            file.with_suffix(".away").rename(file)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory) -> set[str]:
    """What Python has imported when a module that it was given with ``-m`` begins."""
    folder = tmp_path_factory.mktemp("loaded")
    (folder / "only.py").write_text("import sys; print(*sys.modules)")
    done = subprocess.run(
        [sys.executable, "-m", "only"], cwd=folder, env=without_python(), capture_output=True, text=True, check=True
    )
    return {name.split(".")[0] for name in done.stdout.split()}


@pytest.fixture
def module_only(beside, loaded):
    """Python itself looks for ``-m auditor``, and for what it needs to do so, in the working directory first."""
    with without(beside, {"auditor", *loaded}):
        yield


@pytest.mark.parametrize("runner", ["inline", "process"])
def test_nothing_runs_when_data_are_cleaned(beside, tmp_path, runner):
    assert ran(beside, *CONSOLE, *CLEAN, "-o", str(tmp_path / "o"), "--runner", runner, "--workers", "2") == []


@pytest.mark.parametrize("runner", ["inline", "process"])
def test_nothing_runs_under_python_dash_m(beside, tmp_path, module_only, runner):
    assert ran(beside, *MODULE, *CLEAN, "-o", str(tmp_path / "o"), "--runner", runner, "--workers", "2") == []


def test_nothing_at_all_runs_under_python_dash_p(beside, tmp_path):
    assert ran(beside, *SAFE, *CLEAN, "-o", str(tmp_path / "o"), "--runner", "process", "--workers", "2") == []


@pytest.mark.parametrize("named", [":", ".:./marks/.."])
def test_relative_entries_of_the_path_are_left_out_for_every_process(beside, tmp_path, loaded, named):
    with without(beside, {"auditor", "sitecustomize", "usercustomize", *loaded}):
        arguments = (*CLEAN, "-o", str(tmp_path / "o"), "--runner", "process", "--workers", "2")
        assert ran(beside, *CONSOLE, *arguments, env={"PYTHONPATH": named}) == []


@pytest.mark.parametrize("start", ["forkserver", "spawn"])
def test_workers_of_the_python_interface_import_nothing_from_there(beside, tmp_path, start):
    """The path of a user's program is its own; here it searches the working directory for what is not loaded yet."""
    (beside / "own.py").write_text("WHERE = 'here'\n")
    program = f"""
import os, sys
here = sys.path.pop(0)
import multiprocessing
import auditor
auditor.clean("d.csv", text="text", runner="inline", out={str(tmp_path / "a")!r})
sys.path.insert(0, here)
if {start!r} == "spawn":
    multiprocessing.get_all_start_methods = lambda: ["spawn"]
auditor.clean("d.csv", text="text", runner="process", workers=2, out={str(tmp_path / "b")!r})
assert sys.path[0] == here and "PYTHONSAFEPATH" not in os.environ
import own
print("main", os.getpid())
"""
    plugin = beside / "evil-1.dist-info"
    plugin.rename(beside / "evil")  # the program's own path finds it, and the program may
    try:
        assert ran(beside, sys.executable, "-c", program) == []
    finally:
        (beside / "evil").rename(plugin)


def test_processes_are_refused_where_python_would_make_them_unsafe(beside, tmp_path, module_only):
    arguments = (sys.executable, "-E", "-m", "auditor", *CLEAN, "-o")
    assert ran(beside, *arguments, str(tmp_path / "a"), "--runner", "process", code=2) == []
    assert ran(beside, *arguments, str(tmp_path / "b")) == []


@pytest.mark.slow
def test_nothing_runs_when_a_model_is_audited(beside, tmp_path, checkpoint):
    assert ran(beside, *CONSOLE, *RUN, "--model", str(checkpoint), "-o", str(tmp_path / "o"), code=None) == []
    assert (tmp_path / "o" / "report.html").exists()


@pytest.mark.slow
@pytest.mark.parametrize("command", [CONSOLE, MODULE], ids=["console", "module"])
def test_nothing_runs_under_the_other_commands(beside, tmp_path, checkpoint, command, request):
    if command is MODULE:
        request.getfixturevalue("module_only")
    plan, run = str(tmp_path / "audit.yaml"), str(tmp_path / "run")
    shutil.rmtree(beside / "acme_new", ignore_errors=True)
    for arguments in (
        ("init", "--data", "d.csv", "--model", str(checkpoint), "-o", plan),
        ("check", plan),
        (*RUN, "-o", run),
        ("report", run, "--lang", "zh"),
        ("list", "probes"),
        ("show", "base"),
        ("new", "probe", "short_ones", "--package", "acme_new"),
    ):
        assert ran(beside, *command, *arguments, code=None) == [], arguments
    assert (tmp_path / "run" / "report.html").exists()
