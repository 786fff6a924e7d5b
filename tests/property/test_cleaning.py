"""The ledger of a cleaning run is the difference between the cells of its input and those of its output, and nothing else is.

Files are written and read here by hand or by the standard library and pyarrow, never by our own readers.
"""

import functools
import json
import math
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from auditor.plan import CleanPlan, DataSpec
from auditor.run.clean import clean

Cells = dict[str, Any]
ABSENT = "(absent)"
FORMS = st.sampled_from(["csv", "jsonl", "parquet"])
quick = settings(
    max_examples=int(os.environ.get("AUDITOR_EXAMPLES", "8")),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)

NUMBERS = (
    "1.50",
    "1.5",
    "2.00",
    "2",
    "2.0",
    "1E5",
    "-0",
    "+5",
    "0.1",
    "1e400",
    "86.500",
    ".5",
    "7.",
    "12345678901234567890",
    "nan",
)
WORDS = (
    "True",
    "true",
    "007",
    "12-01-06",
    " a  b ",
    "schÃ¶n",
    "x\ny",
    'q"q',
    "1,5",
    "NA",
    "null",
    "-",
    "0x1F",
    "",
    "\u200bz",
    "t",
)
POOLS = (
    NUMBERS,
    ("True", "False"),
    ("true", "false"),
    ("1", "2", "30"),
    ("1", "NA", "2"),
    ("007", "12"),
    WORDS,
    (*NUMBERS, *WORDS),
)
COLUMN = st.sampled_from(POOLS).flatmap(lambda pool: st.tuples(*[st.sampled_from([*pool, None])] * 6))
TABLE = st.lists(COLUMN, min_size=1, max_size=4)

TOKENS = (
    "1",
    "1.10",
    "1.1",
    "2.0",
    "-0",
    "1e5",
    "123456789012345678901234567890",
    "NaN",
    "-Infinity",
    "true",
    "null",
    '"a  b"',
    '"5"',
)
NESTED = ('{"k": " x ", "n": [1.10, null]}', "[]", "{}", '{"NaN": [NaN, "NaN"]}', '[{"b": 1, "a": "schÃ¶n"}, "\\"q\\" \\n"]')
JSON_POOLS = (
    ("1", "2", "null"),
    ("1.5", "1.50", "2"),
    ('"a"', '" a "', '"NaN"', "null"),
    ("true", "false"),
    TOKENS,
    NESTED,
    (*TOKENS, *NESTED),
)
JSON_COLUMN = st.sampled_from(JSON_POOLS).flatmap(lambda pool: st.tuples(*[st.sampled_from([*pool, ABSENT])] * 6))

TYPED = {
    "i": (pa.int64(), [1, 2, None]),
    "f": (pa.float64(), [1.0, 2.5, math.nan, -math.inf, 1e-7, None]),
    "b": (pa.bool_(), [True, False, None]),
    "s": (pa.string(), ["1.50", " a  b ", "", "schÃ¶n", None, "x"]),
    "l": (pa.list_(pa.string()), [["a "], [], None, ["b", None]]),
    "r": (pa.struct([("t", pa.string()), ("n", pa.float64())]), [{"t": " x", "n": math.nan}, None, {"t": None, "n": 1.5}]),
    "d": (pa.decimal128(6, 2), ["1.50", "2.00", None]),
}
TYPED_TABLE = st.lists(st.sampled_from(sorted(TYPED)), min_size=1, max_size=4, unique=True).flatmap(
    lambda names: st.tuples(
        st.just(names), *[st.lists(st.sampled_from(TYPED[name][1]), min_size=6, max_size=6) for name in names]
    )
)


def field(cell: str | None, mark: str) -> str:
    """A field of CSV: nothing where it is missing, quoted where it has to be."""
    if cell is None:
        return ""
    return '"' + cell.replace('"', '""') + '"' if not cell or set(cell) & {mark, '"', "\n", "\r"} else cell


def parsed(text: str) -> list[list[str | None]]:
    """Records of CSV as RFC 4180 has them; a field of nothing is None, and a quoted one of nothing is empty."""
    rows: list[list[str | None]] = [[]]
    at = 0
    while at < len(text):
        if text[at] == '"':
            end = at + 1
            while text[end] != '"' or text[end + 1 : end + 2] == '"':
                end += 2 if text[end] == '"' else 1
            rows[-1].append(text[at + 1 : end].replace('""', '"'))
            at = end + 1
        else:
            end = min((place for place in (text.find(",", at), text.find("\n", at)) if place >= 0), default=len(text))
            rows[-1].append(text[at:end] or None)
            at = end
        if text[at : at + 1] == "\n":
            rows.append([])
            at += 1
        elif text[at : at + 1] == ",":
            at += 1
            if at == len(text) or text[at] == "\n":
                rows[-1].append(None)
                rows += [[]] if at < len(text) else []
                at += 1
    return [row for row in rows if row]


def run(path: Path, form: str, out: Path) -> Path:
    clean(CleanPlan(DataSpec(str(path), infer=False, max_bad_rows=0.0), format=form, yes=True), out)
    return out


def replayed(rows: list[Cells], out: Path, same: Any) -> list[Cells]:
    """The rows as the ledger says that they leave: each change starts from the cell as it was, each removed row has a twin."""
    now = dict(enumerate(dict(row) for row in rows))
    for file in sorted((out / "ledger").iterdir()):
        for line in map(json.loads, file.read_text("utf-8").splitlines()):
            row = now[line["row"]]
            if line["what"] == "removed":
                first = int(line["reason"].rpartition(" ")[2])
                assert first < line["row"]
                assert row == now[first]
                del now[line["row"]]
            for column, (before, after) in line.get("cells", {}).items():
                row[column] = same(row[column], before, after)
    left = list(now.values())
    assert all(row != other for place, row in enumerate(left) for other in left[:place])
    return left


def as_text(value: object) -> str | None:
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def changed_text(cell: str | None, before: object, after: object) -> str | None:
    assert as_text(before) == cell
    assert as_text(after) != cell
    return as_text(after)


def written_rows(out: Path, form: str) -> list[Cells]:
    """The cells of the output as text; numbers by what they are, where the format has them as numbers."""
    if form == "csv":
        names, *rows = parsed((out / "cleaned.csv").read_text("utf-8"))
        return [dict(zip(names, row, strict=True)) for row in rows]
    if form == "jsonl":
        lines = (out / "cleaned.jsonl").read_text("utf-8").split("\n")[:-1]
        read = functools.partial(json.loads, parse_int=str, parse_float=str, parse_constant=lambda _: pytest.fail("no JSON"))
        return [{name: as_text(value) for name, value in read(line).items()} for line in lines]
    return pq.read_table(out / "cleaned.parquet").to_pylist()


def says(value: object, cell: str | None) -> bool:
    """Whether a cell of the output is the cell that was expected."""
    if isinstance(value, float) and cell is not None:
        return repr(value) == cell or (value.is_integer() and f"{value:.0f}" == cell) or (float(cell) == value and "e" in cell)
    return as_text(value) == cell


@pytest.mark.parametrize("mark", [",", "\t", ";"])
@quick
@given(columns=TABLE, form=FORMS)
def test_delimited_text(mark: str, columns: list[tuple[str | None, ...]], form: str) -> None:
    names = ["name", *(f"c{place}" for place in range(len(columns)))]
    rows: list[Cells] = [
        dict(zip(names, (f"n{place // 2} x", *row), strict=True)) for place, row in enumerate(zip(*columns, strict=True))
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("d.tsv" if mark == "\t" else "d.csv")
        lines = [mark.join(names), *(mark.join(field(cell, mark) for cell in row.values()) for row in rows)]
        path.write_text("\n".join(lines) + "\n", "utf-8", newline="")
        out = run(path, form, Path(folder) / "out")
        expected, found = replayed(rows, out, changed_text), written_rows(out, form)
        assert [list(row) for row in found] == [names] * len(expected)
        assert all(says(row[name], want[name]) for row, want in zip(found, expected, strict=True) for name in names), (
            found,
            expected,
        )


def normal(token: str) -> Any:
    """The value of JSON, with its numbers as they were written, and objects with the order of their keys."""

    def tagged(text: str) -> tuple[str, str]:
        return "#", text

    return json.loads(
        token, parse_int=tagged, parse_float=tagged, parse_constant=tagged, object_pairs_hook=lambda some: ["object", some]
    )


def changed_json(cell: Any, before: object, after: object) -> Any:
    """A change of a cell that was kept as text, or as JSON."""
    if cell == before:
        return after
    assert cell == normal(str(before))
    return normal(str(after))


def text_of(cell: Any, token: Mapping[str, str]) -> str | None:
    return token[repr(cell)]


@pytest.mark.parametrize("whole", [False, True])
@quick
@given(columns=st.lists(JSON_COLUMN, min_size=1, max_size=4))
def test_json(whole: bool, columns: list[tuple[str, ...]]) -> None:
    records = [
        {"name": json.dumps(f"n{place // 2} x"), **{f"c{i}": cell for i, cell in enumerate(row) if cell != ABSENT}}
        for place, row in enumerate(zip(*columns, strict=True))
    ]
    lines = ["{" + ", ".join(f'"{name}": {token}' for name, token in row.items()) + "}" for row in records]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("d.json" if whole else "d.jsonl")
        path.write_text("[" + ",\n".join(lines) + "]" if whole else "\n".join(lines) + "\n", "utf-8", newline="")
        out = run(path, "jsonl", Path(folder) / "out")
        rows = [{name: normal(token) for name, token in row.items()} for row in records]
        expected = replayed(rows, out, changed_json)
        found = []
        for line in (out / "cleaned.jsonl").read_text("utf-8").split("\n")[:-1]:
            json.loads(line, parse_constant=lambda _: pytest.fail("no JSON"))
            found.append(dict(normal(line)[1]))
        assert found == expected


def plain(cell: Any) -> Any:
    """A cell whose equality is that of what it says."""
    if isinstance(cell, float):
        return repr(cell)
    if isinstance(cell, dict):
        return {name: plain(value) for name, value in cell.items()}
    return [plain(value) for value in cell] if isinstance(cell, list) else cell


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
@quick
@given(columns=TYPED_TABLE)
def test_typed_tables(kind: str, columns: tuple[list[str], *tuple[list[Any], ...]]) -> None:
    import decimal

    names, *cells = columns
    made = {
        name: [decimal.Decimal(cell) if name == "d" and cell else cell for cell in some]
        for name, some in zip(names, cells, strict=True)
    }
    table = pa.table(
        {
            "name": [f"n{place // 2} x" for place in range(6)],
            **{name: pa.array(some, TYPED[name][0]) for name, some in made.items()},
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"d.{kind}"
        (pq.write_table if kind == "parquet" else pyarrow.feather.write_feather)(table, path)
        out = run(path, "parquet", Path(folder) / "out")

        def same(cell: Any, before: object, after: object) -> Any:
            assert before == (cell if isinstance(cell, str | int | None) else str(cell))
            return after

        rows = [
            {name: cell if isinstance(cell, str | int | None) else str(cell) for name, cell in row.items()}
            for row in table.to_pylist()
        ]
        found = pq.read_table(out / "cleaned.parquet")
        assert found.schema.equals(table.schema)
        left = [
            {name: cell if isinstance(cell, str | int | None) else str(cell) for name, cell in row.items()}
            for row in found.to_pylist()
        ]
        assert left == replayed(rows, out, same)
