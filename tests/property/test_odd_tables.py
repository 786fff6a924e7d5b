"""Odd tables, through the command: no traceback, an exit code that says what happened, rows that add up.

``AUDITOR_ODD_TABLES`` says how many; each is made from its number alone.
"""

import csv
import io
import json
import os
import random
import re
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from auditor.cli import main
from auditor.errors import AuditorError
from auditor.loaders.tables import load
from auditor.types import Roles
from tests.odd_types import columns, table, write

TABLES = int(os.environ.get("AUDITOR_ODD_TABLES", "24"))
TYPED = columns()
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "gb18030", "latin-1"]
NAMES = ["text", "label", "sex", "id", "y_pred", "score", "a b", "标签", "_row", "x", "=1+1", "x", ""]
CELLS = [
    "",
    "1",
    "1.10",
    "-0",
    "NaN",
    "inf",
    "true",
    "?",
    "film's",
    '"',
    'a "word"',
    "two\nlines",
    "a,b",
    "\t",
    "é",
    "文",
    " spaced ",
    "1,5",
]
ROLES = ["--label", "--text", "--group", "--prediction", "--score"]


def delimited(choose: random.Random) -> bytes:
    """Text with a delimiter, quoted well or badly, in some encoding."""
    width, delimiter = choose.randint(1, 6), choose.choice(",;\t|")
    rows = [choose.sample(NAMES, k=width), *(choose.choices(CELLS, k=width) for _ in range(choose.randint(0, 60)))]
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=choose.choice(["\n", "\r\n", "\r"]))
    writer.writerows(rows)
    text = out.getvalue()
    for _ in range(choose.choice([0, 0, 0, 1])):
        at = choose.randint(0, len(text))
        text = text[:at] + choose.choice(['"', "\0", "\r", "\n", delimiter, "\ufeff"]) + text[at:]
    data = text.encode(choose.choice(ENCODINGS), "replace")
    return data[: len(data) - choose.choice([0] * 9 + [1])]


def as_json(choose: random.Random) -> bytes:
    """JSON in some layout, with values of any kind."""
    values = [1, 1.5, float("nan"), None, True, "x", "", [1], {"a": [1]}, -0.0, 2**70, "文"]
    rows = [{name: choose.choice(values) for name in choose.sample(NAMES[:9], 3)} for _ in range(choose.randint(0, 40))]
    layouts = [
        rows,
        {"version": 1, "data": rows},
        {str(i): row for i, row in enumerate(rows)},
        {"a": list(rows), "b": list(range(len(rows)))},
        choose.choice(values),
    ]
    one = choose.choice([json.dumps(choose.choice(layouts), indent=choose.choice([None, 2])), "\n".join(map(json.dumps, rows))])
    return one.encode(choose.choice(["utf-8", "utf-8", "utf-16"]))


def made(choose: random.Random, folder: Path) -> Path:
    """A file of some format."""
    ending = choose.choice(["csv", "tsv", "json", "jsonl", "parquet", "arrow"])
    path = folder / f"odd.{ending}"
    if ending in ("parquet", "arrow"):
        odd = {name: TYPED[name] for name in choose.sample(sorted(TYPED), 4) if write(pa.table({"a": TYPED[name]}), path)}
        assert write(table(odd), path)
    else:
        path.write_bytes(as_json(choose) if "json" in ending else delimited(choose))
    return path


def roles(choose: random.Random, path: Path) -> Sequence[str]:
    """Roles of some columns, most of which are there."""
    try:
        there = load(str(path), Roles(), cache=path.parent).schema.names
    except AuditorError:
        there = NAMES
    names = [*there, *there, choose.choice(NAMES)]
    return [part for role in choose.sample(ROLES, choose.randint(0, 3)) for part in (role, choose.choice(names))]


@pytest.mark.parametrize("number", range(TABLES))
def test_an_odd_table(tmp_path, capsys, number):
    choose = random.Random(number)
    path = made(choose, tmp_path)
    options = [*roles(choose, path), *(["--columns", "a,b,c"] if choose.random() < 0.1 else [])]
    options += ["--records", "data"] if choose.random() < 0.1 else []
    code = main(["run", "--data", str(path), *options, "-o", str(tmp_path / "run")])
    assert code in (0, 2, 3, 4), options
    if code != 2:
        run = json.loads((tmp_path / "run" / "run.json").read_text())
        assert [(one["probe"], one["reason"]) for one in run["outcomes"] if one["status"] == "failed"] == []
        assert run["data"]["rows"] + run["data"]["source"]["quarantined"] == run["data"]["source"]["rows"]
    form = choose.choice(["parquet", "csv", "jsonl"])
    code = main(["clean", str(path), "--format", form, "--runner", "inline", "--yes", "-o", str(tmp_path / "clean")])
    assert code in (0, 2)
    if code == 0:
        run = json.loads((tmp_path / "clean" / "run.json").read_text())
        first, last = (run["ledger"][place] for place in (0, -1)) if run["ledger"] else ({"rows_in": 0}, {"rows_out": 0})
        sums = {kind: sum(entry[kind] for entry in run["ledger"]) for kind in ("removed", "added", "quarantined")}
        assert first["rows_in"] + sums["added"] == last["rows_out"] + sums["removed"] + sums["quarantined"]
    said = capsys.readouterr()
    assert not re.search("Traceback", said.out + said.err)
