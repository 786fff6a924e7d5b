"""What is kept on disk: whole files, and answers."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from auditor.store import cache_folder
from auditor.store.files import replacing, write_atomic
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
