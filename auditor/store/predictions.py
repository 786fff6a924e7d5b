"""Answers of one model in one dtype, kept on disk: a second audit, or a resumed one, asks only what is new."""

import contextlib
import hashlib
import json
import logging
import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from auditor.types import Floats, Item

_log = logging.getLogger(__name__)

_SLICE = 900
"""Keys in one query: SQLite takes at least 999 parameters."""

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_FILES = ("-wal", "-shm", "")
"""What the names of the files of one store end with; the last one is the store."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said to one input, and what it cost.

    Attributes:
        scores: class probabilities, shape ``(k,)``; NaN where the input was refused.
        seconds: the input's share of the time that its batch took.
        joules: its share of the energy, where a meter was there.
        refused: why the model gave no answer; empty where it did. Such answers are not kept on disk.
    """

    scores: Floats
    seconds: float
    joules: float | None = None
    refused: str = ""


def key_of(item: Item) -> bytes:
    """The 16 bytes that an input is known by; the input itself is not stored."""
    text = item if isinstance(item, str) else json.dumps(item, ensure_ascii=False, default=str)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class PredictionStore:
    """A file of answers. Several processes may use it at once; a killed one loses at most its last batch.

    A file that is damaged is set aside as ``*.damaged``, and a new one begun: its answers can be computed again. Where it
    cannot be read or written, as on a full disk, new answers are kept in memory, for this run.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._memory = path, dict[bytes, Answer]()
        self._file: sqlite3.Connection | None = None
        try:
            self._file = _begun(path)
        except (OSError, sqlite3.Error) as error:
            self._give_up(error)

    def get(self, keys: Sequence[bytes]) -> dict[bytes, Answer]:
        """The answers that are there, by key."""
        found = {key: self._memory[key] for key in keys if key in self._memory} if self._memory else {}
        try:
            found |= self._read(keys)
        except sqlite3.Error as error:
            self._give_up(error)
        return found

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, Answer]:
        found: dict[bytes, Answer] = {}
        for start in range(0, len(keys) if self._file else 0, _SLICE):
            some = keys[start : start + _SLICE]
            marks = ",".join("?" * len(some))
            query = f"SELECT key, scores, seconds, joules FROM answers WHERE key IN ({marks})"  # noqa: S608
            rows = self._file.execute(query, some) if self._file else ()
            found.update((key, Answer(np.frombuffer(scores), seconds, joules)) for key, scores, seconds, joules in rows)
        return found

    def put(self, answers: Mapping[bytes, Answer]) -> None:
        """Keep answers: all of them or, if the process dies meanwhile, none."""
        rows: Iterable[tuple[bytes, bytes, float, float | None]] = (
            (key, answer.scores.tobytes(), answer.seconds, answer.joules) for key, answer in answers.items()
        )
        try:
            if self._file:
                self._file.execute("BEGIN IMMEDIATE")
                self._file.executemany("INSERT OR IGNORE INTO answers VALUES (?, ?, ?, ?)", rows)
                self._file.execute("COMMIT")
        except sqlite3.Error as error:
            self._give_up(error)
        if self._file is None:
            self._memory |= answers

    def _give_up(self, error: Exception) -> None:
        """Go on in memory."""
        _log.warning("%s cannot be used: %s. Answers of the model are kept for this run only.", self._path, error)
        self.close()
        self._file = None

    def close(self) -> None:
        """Close the file."""
        if self._file:
            with contextlib.suppress(sqlite3.Error):
                self._file.close()


def _begun(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.stat() if path.exists() else None
    try:
        return _opened(path)
    except sqlite3.DatabaseError as error:
        if before is None or error.sqlite_errorcode & 0xFF not in _DAMAGED:
            raise
        if path.exists() and os.path.samestat(before, path.stat()):  # else another process has set it aside meanwhile
            _set_aside(path)
        return _opened(path)


def _opened(path: Path) -> sqlite3.Connection:
    file = sqlite3.connect(path, timeout=60, isolation_level=None)
    try:
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = NORMAL")
        file.execute(
            "CREATE TABLE IF NOT EXISTS answers "
            "(key BLOB PRIMARY KEY, scores BLOB NOT NULL, seconds REAL NOT NULL, joules REAL) WITHOUT ROWID"
        )
    except sqlite3.Error:
        file.close()
        raise
    return file


def _set_aside(path: Path) -> None:
    """Rename a store and its journals, which would be played into a new one; an older damaged one is replaced."""
    aside = path.with_name(f"{path.name}.damaged")
    for end in _FILES:
        old, new = Path(f"{path}{end}"), Path(f"{aside}{end}")
        new.unlink(missing_ok=True)
        if old.exists():
            old.replace(new)
    _log.warning("%s is damaged. It is set aside as %s, and its answers are computed again.", path, aside.name)
