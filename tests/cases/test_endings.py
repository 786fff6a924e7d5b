"""How a run ends where the machine does not play along: no room, no home, no reader, a signal, another run."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

AUDITOR = str(Path(sys.executable).parent / "auditor")
RUN = [
    "run",
    "--data",
    "d.csv",
    "--label",
    "y",
    "--prediction",
    "p",
    "--positive",
    "1",
    "--group",
    "g",
    "--probe",
    "performance",
]
FAILS = [*RUN]
RUN += ["--pack", "us-four-fifths"]
USER = "setpriv --reuid 12345 --regid 12345 --clear-groups --inh-caps=+dac_read_search --ambient-caps=+dac_read_search".split()


@pytest.fixture
def here(tmp_path: Path) -> Path:
    rows = "".join(f"{i % 2},{int(i % 3 > 0)},{'ab'[i % 2]}\n" for i in range(200))
    (tmp_path / "d.csv").write_text("y,p,g\n" + rows)
    return tmp_path


def ran(here: Path, *arguments: str, shell: str = "", env: dict[str, str | None] | None = None, before=None):
    """Run the command in a shell, with what is written behind it there."""
    place = {name: value for name, value in {**os.environ, **(env or {})}.items() if value is not None}
    command = ["sh", "-c", f'"$@" {shell}', "sh", *(before or ()), AUDITOR, *arguments]
    return subprocess.run(command, check=False, cwd=here, env=place, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("shell", [">&-", "> /dev/full 2>&1", "| true", ">&- 2>&- <&-"])
def test_the_outcome_does_not_depend_on_who_reads_the_output(here, shell):
    code = "; echo $? > code" if "|" not in shell else ""
    done = ran(here, *FAILS, "-o", "o", shell=shell + code)
    assert (here / "o" / "report.html").exists()
    assert "Traceback" not in done.stderr
    if code:
        assert (here / "code").read_text() == "3\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "gb18030"])
def test_any_encoding_of_the_terminal_will_do(here, encoding):
    (here / "d.csv").write_text((here / "d.csv").read_text().replace(",a\n", ",Zürich 市\n"), encoding="utf-8")
    done = subprocess.run(
        [AUDITOR, *RUN, "-o", "o"],
        check=False,
        cwd=here,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
    )
    assert done.returncode == 0
    said = done.stdout.decode(encoding)
    assert "Gate" in said
    if encoding == "ascii":
        assert not re.search(r"\\u20[12]|\\x1b", said)


@pytest.mark.parametrize("home", [None, "", "/nonexistent", "relative"])
@pytest.mark.parametrize("command", [RUN, ["clean", "d.csv", "--yes"]], ids=["run", "clean"])
def test_a_small_table_needs_no_cache(here, home, command):
    env = {"HOME": home, "AUDITOR_CACHE": None, "XDG_CACHE_HOME": None}
    here.chmod(0o777)
    before = USER if os.getuid() == 0 else ()
    for folder in here.parents:
        if folder.name.startswith("pytest-"):
            folder.chmod(0o755)
    done = ran(here, *command, "-o", "o", env=env, before=before)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert (here / "o" / "report.html").exists()
    assert {one.name for one in here.iterdir()} <= {"d.csv", "o", "relative"}


def large(path: Path) -> None:
    """More than what is held in memory."""
    line = "a film that everybody has seen more often than they remember now,1,0,a\n"
    path.write_text("text,y,p,g\n" + "".join(f"{i} {line}" for i in range(900_000)))


@pytest.mark.slow
@pytest.mark.parametrize("home", [None, "/nonexistent"])
def test_a_large_table_names_what_it_needs_a_cache_for(here, home):
    large(here / "d.csv")
    here.chmod(0o777)
    done = ran(here, *RUN, "-o", "o", env={"HOME": home, "AUDITOR_CACHE": None}, before=USER if os.getuid() == 0 else ())
    assert done.returncode == 2
    assert "AUDITOR_CACHE" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("command", [RUN, ["clean", "d.csv", "--yes"]], ids=["run", "clean"])
def test_a_damaged_table_of_the_cache_is_removed_and_read_again(here, command):
    large(here / "d.csv")
    env = {"AUDITOR_CACHE": str(here / "cache")}
    assert ran(here, *command, "-o", "first", env=env).returncode == 0
    [kept] = (here / "cache" / "tables").glob("*.parquet")
    whole = kept.read_bytes()
    kept.write_bytes(whole[:4] + b"\xff" * (len(whole) // 2) + whole[len(whole) // 2 + 4 :])
    done = ran(here, *command, "-o", "second", env=env)
    assert done.returncode in (0, 2), done.stderr
    assert done.returncode == 0 or "removed" in done.stderr.splitlines()[-1]
    [facts] = (here / "cache" / "tables").glob("*.json")
    facts.write_text("{")
    assert ran(here, *command, "-o", "second", env=env).returncode == 0


@pytest.fixture
def small_disk(tmp_path):
    """A file system of half a megabyte."""
    disk = tmp_path / "disk"
    disk.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(disk)], check=False, capture_output=True)
    if done.returncode:
        pytest.skip("no small file system can be mounted here: that takes root")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("runner", ["inline", "process"])
def test_a_full_disk_is_one_line_and_the_same_command_goes_on(here, small_disk, runner):
    (here / "d.csv").write_text(
        "text,y\n" + "".join(f"{i * 7919 % 100_003} {i * i * 31337 % 999_983},1\n" for i in range(60_000))
    )
    filling = small_disk / "filling"
    filling.write_bytes(b"x" * 200_000)
    arguments = ["clean", "d.csv", "-o", str(small_disk / "o"), "--runner", runner, "--workers", "2"]
    done = ran(here, *arguments)
    last = done.stderr.splitlines()[-1]
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
    assert last.startswith(f"auditor: {small_disk}")
    assert "the disk is full" in last
    assert not list(small_disk.rglob("*.auditor-part"))
    subprocess.run(["mount", "-o", "remount,size=40m", str(small_disk)], check=True)
    assert ran(here, *arguments).returncode == 0


def test_a_full_disk_when_the_report_is_written_is_one_line(here, small_disk):
    (small_disk / "filling").write_bytes(b"x" * 420_000)
    done = ran(here, *RUN, "-o", str(small_disk / "o"))
    assert done.returncode == 2
    assert "the disk is full" in done.stderr.splitlines()[-1]


@pytest.mark.slow
def test_a_full_cache_costs_only_what_it_would_have_kept(here, checkpoint, small_disk):
    rows = "".join(f"the film was good {i},positive\nbad {i},negative\n" for i in range(40))
    (here / "t.csv").write_text("text,label\n" + rows)
    (small_disk / "predictions").mkdir()
    (small_disk / "filling").write_bytes(b"x" * 500_000)
    run = ["run", "--data", "t.csv", "--text", "text", "--label", "label", "--model", str(checkpoint), "--probe", "performance"]
    done = ran(here, *run, "-o", "o", env={"AUDITOR_CACHE": str(small_disk)})
    assert "Traceback" not in done.stderr
    [outcome] = json.loads((here / "o" / "run.json").read_text())["outcomes"]
    assert outcome["status"] == "measured"


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("after", [0.15, 0.6, 1.5])
def test_a_signal_ends_it_with_one_line_at_any_moment(here, sent, code, after):
    (here / "d.csv").write_text("text,y\n" + "".join(f"good  film {i},1\n" for i in range(400_000)))
    command = [AUDITOR, "clean", "d.csv", "-o", "o", "--runner", "process", "--workers", "2"]
    process = subprocess.Popen(
        command, cwd=here, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    time.sleep(after)
    os.killpg(process.pid, sent)
    _, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert err.splitlines()[-1].startswith("auditor: stopped.")
    assert "Traceback" not in err
    assert "Warning" not in err


HOLDS = """
import sys
from pathlib import Path
from auditor.run.folder import alone
with alone(Path("o")):
    print("here", flush=True)
    sys.stdin.read()
"""


def test_two_runs_in_one_folder_the_second_is_refused_at_once_and_a_killed_one_holds_nothing(here):
    first = subprocess.Popen([sys.executable, "-c", HOLDS], cwd=here, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert first.stdout.readline() == "here\n"
    done = ran(here, *RUN, "-o", "o")
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert line.startswith(f"auditor: o: another run is at work in this folder, process {first.pid}.")
    first.kill()
    first.communicate()
    assert ran(here, *RUN, "-o", "o").returncode == 0
    assert not (here / "o" / ".auditor-lock").exists()


def test_other_data_in_the_folder_of_a_run_is_refused_and_with_force_the_old_run_is_kept_beside_it(here):
    assert ran(here, *RUN, "-o", "o").returncode == 0
    old = (here / "o" / "run.json").read_bytes()
    assert ran(here, *RUN, "-o", "o").returncode == 0  # the same again goes on
    old = (here / "o" / "run.json").read_bytes()
    (here / "d.csv").write_text((here / "d.csv").read_text() + "1,1,a\n")
    refused = ran(here, *RUN, "-o", "o")
    assert refused.returncode == 2
    assert "--force" in refused.stderr
    assert (here / "o" / "run.json").read_bytes() == old
    assert ran(here, *RUN, "-o", "o", "--force").returncode == 0
    [aside] = here.glob("o-*")
    assert (aside / "run.json").read_bytes() == old
    assert json.loads((here / "o" / "run.json").read_text())["data"]["rows"] == 201


def test_force_leaves_a_folder_alone_that_holds_no_run(here):
    (here / "o").mkdir()
    (here / "o" / "mine.txt").write_text("mine")
    assert ran(here, *RUN, "-o", "o", "--force").returncode == 2
    assert [file.name for file in (here / "o").iterdir()] == ["mine.txt"]


def test_a_quiet_run_says_nothing_and_a_json_one_only_that(here):
    quiet = ran(here, *RUN, "-o", "q", "--quiet")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    done = ran(here, *RUN, "-o", "j", "--json", "--quiet")
    assert done.stderr == ""
    told = json.loads(done.stdout)
    assert told["gate"]["exit_code"] == 0
    assert told["report"] == "j/report.html"
    cleaned = json.loads(ran(here, "clean", "d.csv", "-o", "c", "--json", "--yes").stdout)
    assert (cleaned["kind"], cleaned["data"]) == ("cleaning", "c/cleaned.parquet")
    wrong = ran(here, "run", "--data", "gone.csv", "--json", "--quiet")
    assert (wrong.returncode, wrong.stdout, len(wrong.stderr.splitlines())) == (2, "", 1)
