"""What is kept on disk: whole files, and answers."""

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from auditor.errors import UsageError
from auditor.store import cache_folder, check_cache
from auditor.store.failures import told
from auditor.store.files import check_writable, replacing, write_atomic
from auditor.store.predictions import Answer, PredictionStore, key_of


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file.txt"
    write_atomic(path, "first")

    def fail() -> None:
        with replacing(path) as part:
            part.write_text("half")
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "first"
    assert [one.name for one in path.parent.iterdir()] == ["file.txt"]


def test_answers_come_back_to_the_last_bit(tmp_path: Path) -> None:
    store = PredictionStore(tmp_path / "store.sqlite")
    scores = np.array([0.1, 0.2, 0.7]) / 3
    store.put({key_of("x"): Answer(scores, 0.5, None), key_of("y"): Answer(scores[::-1], 0.25, 2.0)})
    store.close()
    found = PredictionStore(tmp_path / "store.sqlite").get([key_of("x"), key_of("y"), key_of("z")])
    assert set(found) == {key_of("x"), key_of("y")}
    assert found[key_of("x")].scores.tobytes() == scores.tobytes()
    assert (found[key_of("y")].seconds, found[key_of("y")].joules) == (0.25, 2.0)


def test_the_first_answer_to_an_input_stays(tmp_path: Path) -> None:
    store = PredictionStore(tmp_path / "store.sqlite")
    store.put({key_of("x"): Answer(np.array([1.0, 0.0]), 1.0)})
    store.put({key_of("x"): Answer(np.array([0.0, 1.0]), 2.0)})
    assert store.get([key_of("x")])[key_of("x")].scores.tolist() == [1.0, 0.0]


def test_more_keys_than_one_query_takes(tmp_path: Path) -> None:
    store = PredictionStore(tmp_path / "store.sqlite")
    keys = [key_of(str(i)) for i in range(2500)]
    store.put({key: Answer(np.array([i, 1.0]), 0.0) for i, key in enumerate(keys)})
    assert [store.get(keys)[key].scores[0] for key in keys] == list(range(2500))


def test_keys_tell_inputs_apart() -> None:
    inputs = ["a", "b", "", "\ud800", ("a", "b"), ("ab",), ("a", None), ("a", 1.0), ("a", 2)]
    assert len({key_of(item) for item in inputs}) == len(inputs)
    assert all(len(key_of(item)) == 16 for item in inputs)


def test_a_killed_writer_loses_nothing_that_was_put(tmp_path: Path) -> None:
    code = textwrap.dedent(f"""
        import numpy as np
        from pathlib import Path
        from auditor.store.predictions import Answer, PredictionStore, key_of
        store = PredictionStore(Path({str(tmp_path / "store.sqlite")!r}))
        for i in range(100_000):
            store.put({{key_of(str(i)): Answer(np.array([float(i), 0.0]), 0.0)}})
            print(i, flush=True)
    """)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as writer:
        for _ in range(50):
            writer.stdout.readline()
        time.sleep(0.05)
        os.kill(writer.pid, signal.SIGKILL)
        said = [int(line) for line in writer.stdout]
    last = said[-1] if said else 49
    keys = [key_of(str(i)) for i in range(last + 1)]
    found = PredictionStore(tmp_path / "store.sqlite").get(keys)
    assert [found[key].scores[0] for key in keys] == list(range(last + 1))


def test_the_cache_folder_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AUDITOR_CACHE", str(tmp_path / "chosen"))
    assert cache_folder() == tmp_path / "chosen"
    monkeypatch.delenv("AUDITOR_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "auditor"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "auditor"


def filled(path: Path) -> bytes:
    """A store with 200 answers, closed; its bytes."""
    store = PredictionStore(path)
    store.put({key_of(str(i)): Answer(np.array([float(i), 0.0]), 0.0) for i in range(200)})
    store.close()
    return path.read_bytes()


@pytest.mark.parametrize(
    "damage", [lambda whole: whole[:20], lambda whole: b"x" * 5000, lambda whole: whole[:100] + b"y" * 3996]
)
def test_a_damaged_store_is_set_aside_and_a_new_one_begun(damage, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "store.sqlite"
    damaged = damage(filled(path))
    path.write_bytes(damaged)
    Path(f"{path}-wal").write_bytes(b"a journal of before")
    (tmp_path / "store.sqlite.damaged").write_text("an older one")
    store = PredictionStore(path)
    assert (tmp_path / "store.sqlite.damaged").read_bytes() == damaged
    assert "store.sqlite is damaged. It is set aside as store.sqlite.damaged" in caplog.text
    store.put({key_of("x"): Answer(np.array([1.0, 0.0]), 1.0)})
    assert set(store.get([key_of("x"), key_of("1")])) == {key_of("x")}
    store.close()


def test_a_locked_store_is_not_taken_for_a_damaged_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "store.sqlite"
    whole = filled(path)
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, **options: connect(path, **{**options, "timeout": 0.01}))
    holder = connect(path, isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    store = PredictionStore(path)
    store.put({key_of("x"): Answer(np.array([1.0, 0.0]), 1.0)})
    assert set(store.get([key_of("x"), key_of("1")])) == {key_of("x")}
    store.close()
    holder.close()
    assert [one.name for one in tmp_path.iterdir()] == ["store.sqlite"]
    assert path.read_bytes() == whole


def answered(store: PredictionStore) -> set[str]:
    """What a store knows after it was told x, of x and an older input."""
    store.put({key_of("x"): Answer(np.array([1.0, 0.0]), 1.0)})
    found = store.get([key_of("x"), key_of("1")])
    return {name for name in ("x", "1") if key_of(name) in found}


def test_where_a_store_cannot_be_opened_answers_are_kept_in_memory(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "folder.sqlite").mkdir()
    (tmp_path / "file").write_text("mine")
    for path in (tmp_path / "folder.sqlite", tmp_path / "file" / "store.sqlite", Path(os.devnull) / "auditor" / "store.sqlite"):
        assert answered(PredictionStore(path)) == {"x"}
        assert f"{path} cannot be used" in caplog.text


def test_a_store_that_breaks_meanwhile_goes_on_in_memory(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "store.sqlite"
    filled(path)
    store = PredictionStore(path)
    path.write_bytes(b"no database any more" * 1000)
    assert answered(store) <= {"x", "1"}
    assert "x" in answered(store)
    assert "cannot be used" in caplog.text


@pytest.mark.parametrize("home", ["", "relative"])
def test_without_a_home_there_is_no_cache_and_nothing_is_made(
    home: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AUDITOR_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")  # a relative one counts as none
    monkeypatch.setenv("HOME", home)
    check_cache()
    assert cache_folder() == Path(os.devnull) / "auditor"
    assert not list(tmp_path.iterdir())
    with pytest.raises(UsageError, match=r"no home folder.*AUDITOR_CACHE"), told(tmp_path):
        write_atomic(cache_folder() / "tables" / "x", "x")


def test_a_folder_that_cannot_be_made_is_told_and_a_trial_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for folder in (tmp_path / "file", tmp_path / "file" / "x" / "y"):
        with pytest.raises(UsageError, match=r"the folder cannot be .*file' is no folder\. Name another"):
            check_writable(folder, remedy="Name another.")
    with pytest.raises(UsageError, match="File name too long"):
        check_writable(tmp_path / "new" / ("x" * 300), remedy="Name another.")
    check_writable(tmp_path / "deep" / "folder", remedy="Name another.")
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_another_process_takes_away_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trial, took = tempfile.TemporaryFile, []

    def taken(dir: Path) -> object:  # noqa: A002 - as the real one has it
        if not took:
            took.append(dir.rmdir())
        return trial(dir=dir)

    monkeypatch.setattr(tempfile, "TemporaryFile", taken)
    check_writable(tmp_path / "new", remedy="Name another.")
    assert took == [None]


def test_a_folder_that_is_there_stays_after_the_trial(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    check_writable(tmp_path / "empty", remedy="Name another.")
    assert list((tmp_path / "empty").iterdir()) == []


@pytest.mark.parametrize("part", ["", "predictions"])
def test_a_cache_that_cannot_be_used_is_told(part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDITOR_CACHE", str(tmp_path / "cache"))
    check_cache()
    assert list((tmp_path / "cache").iterdir()) == []
    (tmp_path / "cache").rmdir()
    bad = tmp_path / "cache" / part
    bad.parent.mkdir(exist_ok=True)
    bad.write_text("a file")
    with pytest.raises(UsageError, match=r"^cache .*is no folder\. Name a folder that can be written to in AUDITOR_CACHE"):
        check_cache()
