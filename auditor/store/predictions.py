"""Answers of one model in one dtype, kept on disk: a second audit, or a resumed one, asks only what is new."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from auditor.types import Floats, Item

_SLICE = 900
"""Keys in one query: SQLite takes at least 999 parameters."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said to one input, and what it cost.

    Attributes:
        scores: class probabilities, shape ``(k,)``.
        seconds: the input's share of the time that its batch took.
        joules: its share of the energy, where a meter was there.
    """

    scores: Floats
    seconds: float
    joules: float | None = None


def key_of(item: Item) -> bytes:
    """The 16 bytes that an input is known by; the input itself is not stored."""
    text = item if isinstance(item, str) else json.dumps(item, ensure_ascii=False, default=str)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class PredictionStore:
    """A file of answers. Several processes may use it at once; a killed one loses at most its last batch."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = sqlite3.connect(path, timeout=60, isolation_level=None)
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = NORMAL")
        self._file.execute(
            "CREATE TABLE IF NOT EXISTS answers "
            "(key BLOB PRIMARY KEY, scores BLOB NOT NULL, seconds REAL NOT NULL, joules REAL) WITHOUT ROWID"
        )

    def get(self, keys: Sequence[bytes]) -> dict[bytes, Answer]:
        """The answers that are there, by key."""
        found: dict[bytes, Answer] = {}
        for start in range(0, len(keys), _SLICE):
            some = keys[start : start + _SLICE]
            marks = ",".join("?" * len(some))
            rows = self._file.execute(f"SELECT key, scores, seconds, joules FROM answers WHERE key IN ({marks})", some)  # noqa: S608
            found.update((key, Answer(np.frombuffer(scores), seconds, joules)) for key, scores, seconds, joules in rows)
        return found

    def put(self, answers: Mapping[bytes, Answer]) -> None:
        """Keep answers: all of them or, if the process dies meanwhile, none."""
        rows: Iterable[tuple[bytes, bytes, float, float | None]] = (
            (key, answer.scores.tobytes(), answer.seconds, answer.joules) for key, answer in answers.items()
        )
        self._file.execute("BEGIN IMMEDIATE")
        self._file.executemany("INSERT OR IGNORE INTO answers VALUES (?, ?, ?, ?)", rows)
        self._file.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._file.close()
