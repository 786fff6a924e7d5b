"""The probe that counts a checkpoint's unsafe files."""

import asyncio
import pickle
from pathlib import Path

import pyarrow as pa
import pytest
from hostile_checkpoints import evil, put

from auditor.errors import Skip
from auditor.predict.subject import without_model
from auditor.probes.checkpoint_safety import checkpoint_safety
from auditor.types import Evidence, Roles, Shard, Source, Table


def probed(path: Path | None):
    rows = pa.table({"text": ["a"]})
    table = Table(Source("x", "memory", "0", 1), (Shard(1, 0, "x", held=rows),), rows.schema, Roles(), "x")
    subject = without_model(table, None, checkpoint=path, seed=0, level=0.95)

    async def collect():
        return [finding async for finding in checkpoint_safety(subject)]

    found = asyncio.run(collect())
    measured = {finding.metric: finding for finding in found if not isinstance(finding, Evidence)}
    return measured, [finding for finding in found if isinstance(finding, Evidence)]


def test_files_are_counted_by_what_was_found_in_them(tmp_path):
    put(tmp_path, "a.pkl", evil("true") + evil("false"))
    put(tmp_path, "b.py", b"import os")
    put(tmp_path, "c.pt", b"broken")
    put(tmp_path, "d.pkl", pickle.dumps(slice(1)))
    put(tmp_path, "e.h5", b"\x89HDF\r\n\x1a\n")
    put(tmp_path, "f.txt", b"text")
    (tmp_path / "g.bin").symlink_to("/etc/hostname")
    measured, evidence = probed(tmp_path)
    assert {metric: m.value for metric, m in measured.items()} == {
        "unsafe_files": 4,
        "review_files": 1,
        "broken_files": 1,
        "unread_files": 1,
        "scanned_files": 7,
    }
    assert {(m.unit, m.n, m.method, m.low, m.reason) for m in measured.values()} == {("count", 7, "exact", None, None)}
    (shown,) = evidence
    assert (shown.metric, shown.total) == ("unsafe_files", 6)
    severities = [example.facts["severity"] for example in shown.examples]
    assert severities == ["malicious", "unsafe", "unsafe", "broken", "review", "unread"]
    assert shown.examples[0].row == "a.pkl"


def test_a_clean_checkpoint(checkpoint):
    measured, evidence = probed(checkpoint)
    assert measured["unsafe_files"].value == 0
    assert measured["scanned_files"].value == len(list(checkpoint.iterdir()))
    assert evidence == []


def test_what_was_not_looked_into_is_not_called_safe(tmp_path):
    put(tmp_path, "model.h5", b"\x89HDF\r\n\x1a\n")
    put(tmp_path, "config.json", b"{}")
    measured, _ = probed(tmp_path)
    assert measured["unsafe_files"].value is None
    assert "1 of 2 files are of a format that is not looked into" in measured["unsafe_files"].reason


def test_members_of_archives_are_named(tmp_path):
    from hostile_checkpoints import zipped

    put(tmp_path, "m.zip", zipped({"a/<b>.pkl": evil("true")}))
    _, (evidence,) = probed(tmp_path)
    assert evidence.examples[0].facts == {"severity": "malicious", "kind": "pickle global", "inside": "a/<b>.pkl"}


def test_without_a_checkpoint_there_is_nothing_to_look_at():
    with pytest.raises(Skip, match="needs a checkpoint on disk"):
        probed(None)
