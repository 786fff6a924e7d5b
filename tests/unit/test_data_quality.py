"""Data quality on tables whose defects were planted: all of them are found, and nothing else."""

import asyncio
import random
from collections import Counter
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pytest

from auditor import declare
from auditor.errors import Skip
from auditor.loaders.tables import load
from auditor.probes.data_quality import data_quality
from auditor.stats.intervals import wilson
from auditor.types import ROW, Evidence, Group, Measurement, Roles, Shard, Source, Subject, Table

Found = list[Measurement | Evidence]


def table_of(data: Mapping[str, Sequence[object]] | pa.Table, roles: Roles, *, shard_rows: int = 10_000) -> Table:
    rows = data if isinstance(data, pa.Table) else pa.table(dict(data))
    starts = range(0, max(len(rows), 1), shard_rows)
    shards = [Shard(len(part), start, str(start), held=part) for start in starts for part in [rows.slice(start, shard_rows)]]
    schema = pa.schema([field for field in rows.schema if field.name != ROW])
    return Table(Source("rows", "memory", "0" * 64, len(rows)), tuple(shards), schema, roles, "rows")


def find(data, roles: Roles | None = None, *, seed: int = 0, level: float = 0.95, shard_rows: int = 10_000, **options) -> Found:
    async def unused(*_, **__):
        pytest.fail("the data alone is audited")

    async def collect() -> Found:
        table = data if isinstance(data, Table) else table_of(data, roles or Roles(), shard_rows=shard_rows)
        subject = Subject(table, unused, unused, unused, unused, unused, seed=seed, level=level)
        return [found async for found in data_quality(subject, **options)]

    return asyncio.run(collect())


def values(found: Found, metric: str) -> dict[tuple[tuple[str, str], ...], float | None]:
    return {
        tuple(sorted(one.where.items())): one.value for one in found if isinstance(one, Measurement) and one.metric == metric
    }


def one(found: Found, metric: str, **where: str) -> Measurement:
    (only,) = [m for m in found if isinstance(m, Measurement) and m.metric == metric and dict(m.where) == where]
    return only


def evidence(found: Found, metric: str) -> list[Evidence]:
    return [item for item in found if isinstance(item, Evidence) and item.metric == metric]


TEXTS = Roles(inputs=("text",), label="label", id="id", groups=(Group("sex"),))


@pytest.fixture(scope="module")
def planted() -> tuple[pa.Table, dict[str, set[int]]]:
    """5,000 rows of clean text, and the rows in which each defect was planted."""
    choose = random.Random(7)
    words = "the a film was and it is very good bad long short with for actors story end music".split()
    rows, seen = [], set()
    while len(rows) < 5_000:
        text = " ".join(choose.choices(words, k=choose.randint(8, 20)))
        if text not in seen:
            seen.add(text)
            rows.append(
                {
                    "id": f"r{len(rows)}",
                    "text": text,
                    "label": choose.choice(["neg", "pos"]),
                    "sex": choose.choice(["f", "m"]),
                    "city": choose.choice(["Oslo", "Rome", "Lima"]),
                    "age": choose.randint(18, 90),
                    "same": "x",
                }
            )
    free = list(range(5_000))
    choose.shuffle(free)
    take = lambda n: [free.pop() for _ in range(n)]  # noqa: E731
    truth: dict[str, set[int]] = {}
    copies, originals = take(120), take(120)
    for copy, original in zip(copies, originals, strict=True):
        rows[copy] = {**rows[original], "id": rows[copy]["id"]}
    truth["duplicate"] = {max(pair) for pair in zip(copies, originals, strict=True)}
    ones, others = take(40), take(40)
    for this, other in zip(ones, others, strict=True):
        rows[this] |= {"text": rows[other]["text"], "label": "pos" if rows[other]["label"] == "neg" else "neg"}
    truth["conflict"] = {*ones, *others}
    for name, column, cells in (
        ("missing", "age", [None] * 200),
        ("blank", "city", ["", "  ", "\t"] * 20),
        ("spelled", "city", ["NA", "null", "None", "n/a", "?"] * 10),
        ("number", "city", ["12", "3.5", "-7"] * 5),
        ("untrimmed", "city", [" Oslo", "Rome "] * 15),
        ("control", "city", ["Os\x07lo", "Ro\u200bme"] * 8),
    ):
        truth[name] = set(take(len(cells)))
        for row, cell in zip(sorted(truth[name]), cells, strict=True):
            rows[row][column] = cell
    return pa.Table.from_pylist(rows), truth


@pytest.fixture(scope="module")
def found(planted) -> Found:
    return find(planted[0], TEXTS, shard_rows=700)


@pytest.mark.parametrize(
    ("metric", "defect", "where", "total"),
    [
        ("duplicate_share", "duplicate", {}, 5_000),
        ("conflicting_label_share", "conflict", {}, 5_000),
        ("missing_share", "missing", {"column": "age"}, 5_000),
        ("null_spelling_share", "spelled", {"column": "city"}, 4_940),
        ("mixed_type_share", "number", {"column": "city"}, 4_940),
        ("untrimmed_share", "untrimmed", {"column": "city"}, 4_940),
        ("control_character_share", "control", {"column": "city"}, 4_940),
    ],
)
def test_each_planted_defect_is_counted_exactly(found, planted, metric, defect, where, total):
    measured = one(found, metric, **where)
    assert measured.counts == {"x": len(planted[1][defect]), "n": total}
    assert (measured.low, measured.high) == wilson(len(planted[1][defect]), total)
    assert (measured.n, measured.unit, measured.method) == (total, "fraction", "wilson")


def test_nothing_else_is_found(found):
    assert {key for key, value in values(found, "missing_share").items() if value} == {
        (),
        (("column", "age"),),
        (("column", "city"),),
        *(tuple(sorted({"column": column, "sex": sex}.items())) for column in ("age", "city") for sex in ("f", "m")),
    }
    for metric in ("null_spelling_share", "mixed_type_share", "untrimmed_share", "control_character_share"):
        assert set(values(found, metric)) == {(("column", "city"),)}
    assert (one(found, "constant_columns").value, one(found, "identifier_columns").value) == (1, 0)


def test_missing_of_all_cells(found):
    """60 cells of city are blank, 50 spell it."""
    assert one(found, "missing_share").value == (200 + 60 + 50) / (5_000 * 7)
    assert one(found, "missing_share", column="city").counts == {"x": 60 + 50, "n": 5_000}
    assert one(found, "missing_share", column="city").reason.startswith("50 of the missing cells spell it: ")
    assert one(found, "missing_share").method == "exact"


def test_by_group_counts_add_up(found, planted):
    sex, age = planted[0]["sex"].to_pylist(), planted[0]["age"].to_pylist()
    lacking = Counter(group for group, cell in zip(sex, age, strict=True) if cell is None)
    for group in ("f", "m"):
        measured = one(found, "missing_share", column="age", sex=group)
        assert measured.counts == {"x": lacking[group], "n": sex.count(group)}
        repeated = one(found, "duplicate_share", sex=group)
        assert repeated.counts == {"x": sum(sex[row] == group for row in planted[1]["duplicate"]), "n": sex.count(group)}
        labels = [label for label, other in zip(planted[0]["label"].to_pylist(), sex, strict=True) if other == group]
        assert one(found, "label_share", **{"class": "pos", "sex": group}).counts == {
            "x": labels.count("pos"),
            "n": len(labels),
        }


def test_evidence_of_duplicates_names_rows_that_are_equal(found, planted):
    (shown,) = evidence(found, "duplicate_share")
    assert (shown.total, len(shown.examples)) == (120, 5)
    rows = {row["id"]: row for row in planted[0].to_pylist()}
    for example in shown.examples:
        assert example.facts["rows"] == "2"
        first, second = rows[example.row], rows[example.facts["same as"]]
        assert int(second["id"][1:]) in planted[1]["duplicate"]
        assert first["text"] == example.before
        assert {**first, "id": ""} == {**second, "id": ""}


def test_evidence_of_conflicts_names_rows_that_differ_in_their_label(found, planted):
    (shown,) = evidence(found, "conflicting_label_share")
    assert shown.total == 80
    rows = {row["id"]: row for row in planted[0].to_pylist()}
    for example in shown.examples:
        first, second = rows[example.row], rows[example.facts["same as"]]
        assert {int(first["id"][1:]), int(second["id"][1:])} <= planted[1]["conflict"]
        assert (first["text"], example.facts["label"]) == (second["text"], f"{first['label']}, {second['label']}")


def test_evidence_of_null_spellings_says_how_they_are_spelled(found):
    (shown,) = evidence(found, "null_spelling_share")
    assert {example.before: example.facts["cells"] for example in shown.examples} == dict.fromkeys(
        ["NA", "null", "None", "n/a", "?"], "10"
    )


def test_clean_data_shows_nothing(planted):
    clean = planted[0].take([row for row in range(5_000) if not any(row in rows for rows in planted[1].values())])
    clean = clean.set_column(2, "label", [["pos" if len(text) % 2 else "neg" for text in clean["text"].to_pylist()]])
    found = find(clean.drop_columns(["same"]), TEXTS)
    shares = [m for m in found if isinstance(m, Measurement) and m.metric.endswith(("_share", "_columns"))]
    odd = {
        m.metric for m in shares if m.value and m.metric not in ("label_share", "group_share", "language_share", "length_share")
    }
    assert odd == set()


def test_larger_clusters_come_first_and_list_their_rows():
    text = ["a", "b", "c", "b", "a", "a", "d"]
    found = find({"text": text, "label": [0] * 7}, Roles(inputs=("text",), label="label"))
    assert one(found, "duplicate_share").value == 3 / 7
    (shown,) = evidence(found, "duplicate_share")
    assert [(e.row, e.before, e.facts["rows"], e.facts["same as"]) for e in shown.examples] == [
        ("0", "a", "3", "4, 5"),
        ("1", "b", "2", "3"),
    ]


def test_positions_are_those_of_the_source():
    rows = pa.table({"text": ["x", "y", "x"], ROW: pa.array([3, 5, 9])})
    (shown,) = evidence(find(rows, Roles(inputs=("text",))), "duplicate_share")
    assert (shown.examples[0].row, shown.examples[0].facts["same as"]) == ("3", "9")


def test_missing_cells_and_numbers_are_compared_by_value():
    found = find({"a": [None, None, "", "None"], "n": [-1, -1, -2, -1]}, Roles(inputs=("a", "n")))
    assert one(found, "duplicate_share").counts == {"x": 1, "n": 4}
    minus = find({"n": [-1, -2], "f": [0.0, 0.0]}, Roles(inputs=("n", "f")))  # hash(-1) == hash(-2) in Python
    assert one(minus, "duplicate_share").value == 0


def test_without_inputs_all_columns_but_the_id_are_compared():
    data = {"id": ["1", "2", "3"], "a": [1, 1, 1], "b": [[1], [1], [2]], "c": pa.array([b"x", b"x", b"x"])}
    found = find(data, Roles(id="id"))
    assert one(found, "duplicate_share").counts == {"x": 1, "n": 3}
    assert one(found, "duplicate_share").reason == "rows are equal if they agree in a, b, c"
    assert one(found, "conflicting_label_share").reason == "no label column is declared"
    assert evidence(found, "duplicate_share")[0].examples[0].before == "a=1, b=[1], c=b'x'"


def test_rows_without_a_label_contradict_nothing():
    roles = Roles(inputs=("text",), label="y")
    found = find({"text": ["a", "a", "a", "b"], "y": [1, None, None, 0]}, roles)
    assert one(found, "conflicting_label_share").counts == {"x": 0, "n": 3 - 1}
    none = find({"text": ["a", "b"], "y": pa.array([None, None], pa.string())}, roles)
    assert one(none, "conflicting_label_share").reason == "there are no rows with a label"
    assert (
        one(find({"text": ["a"]}, Roles(inputs=("text",))), "conflicting_label_share").reason == "no label column is declared"
    )


def test_labels_are_balanced_by_class_and_group():
    found = find({"y": [1, 1, 0, None], "g": ["a", "b", "b", "b"]}, Roles(label="y", groups=(Group("g"),)))
    assert values(found, "label_share") == {
        (("class", "0"),): 1 / 3,
        (("class", "1"),): 2 / 3,
        (("class", "0"), ("g", "a")): 0,
        (("class", "1"), ("g", "a")): 1,
        (("class", "0"), ("g", "b")): 1 / 2,
        (("class", "1"), ("g", "b")): 1 / 2,
    }


def test_only_the_most_frequent_classes_are_shown():
    labels = [str(i) for i in range(60)] + [str(i) for i in range(50)]
    found = find({"y": labels}, Roles(label="y"))
    assert set(values(found, "label_share")) == {(("class", str(i)),) for i in range(50)}


def test_lengths():
    texts = ["one two", "three", "", " \n ", None, "four five six"]
    found = find({"text": texts, "g": ["a", "a", "b", "b", "b", "b"]}, Roles(inputs=("text",), groups=(Group("g"),)))
    assert one(found, "text_length").value == pytest.approx((7 + 5 + 0 + 3 + 13) / 5)
    assert one(found, "text_words").value == pytest.approx((2 + 1 + 0 + 0 + 3) / 5)
    assert (one(found, "text_length", g="a").value, one(found, "text_words", g="a").value) == (6, 1.5)
    assert (one(found, "text_length").unit, one(found, "text_words").unit) == ("characters", "words")
    assert values(found, "length_share") == {(("bin", "[0, 10)"),): 4 / 5, (("bin", "[10, 20)"),): 1 / 5}


def test_length_outliers_are_the_planted_ones():
    choose = random.Random(3)
    texts = ["x" * choose.randint(40, 160) for _ in range(2_000)]
    usual = find({"text": texts}, Roles(inputs=("text",)))
    assert one(usual, "length_outlier_share").value == 0
    texts[100], texts[200], texts[1_500] = "y", "z" * 100_000, "w" * 20_000
    found = find({"text": texts}, Roles(inputs=("text",)), shard_rows=300)
    assert one(found, "length_outlier_share").counts == {"x": 3, "n": 2_000}
    (shown,) = evidence(found, "length_outlier_share")
    assert {"100", "200", "1500"} <= {example.row for example in shown.examples}
    assert max(len(example.before) for example in shown.examples) <= 400


def test_texts_longer_than_the_last_bin():
    found = find({"text": ["x" * 20_000]}, Roles(inputs=("text",)))
    assert one(found, "length_share", bin="[10000, ...)").value == 1


def test_languages_by_group():
    english, chinese = "this is one of the best films that I have seen", "这是我看过的最好的电影之一"
    data = {"text": [english] * 30 + [chinese] * 10 + ["ok"], "g": ["a"] * 20 + ["b"] * 21}
    found = find(data, Roles(inputs=("text",), groups=(Group("g"),)))
    assert one(found, "language_share", language="zh").counts == {"x": 10, "n": 41}
    assert one(found, "language_share", language="en", g="a").value == 1
    assert one(found, "language_share", language="en", g="b").counts == {"x": 10, "n": 21}
    assert one(found, "language_share", language="und").value == 1 / 41
    (shown,) = evidence(found, "language_share")
    assert (shown.total, shown.examples[0].before, shown.examples[0].facts) == (10, chinese, {"language": "zh"})


def test_languages_are_estimated_from_a_sample_that_the_seed_decides():
    texts = ["this is the film that we have seen", "das ist der Film, den wir gesehen haben"] * 2_000
    first, again, other = (find({"text": texts}, Roles(inputs=("text",)), languages=1_000, seed=seed) for seed in (1, 1, 2))
    german = [one(found, "language_share", language="de") for found in (first, again, other)]
    assert german[0] == german[1]
    assert german[0].counts != german[2].counts
    assert 900 < german[0].n < 1_100
    assert german[0].low < 0.5 < german[0].high
    assert german[0].reason == f"estimated from {german[0].n} rows chosen at random"


def test_texts_are_looked_at_only_where_one_column_of_text_is_the_input():
    for roles in (Roles(), Roles(inputs=("text", "other")), Roles(inputs=("n",))):
        found = find({"text": ["some words"] * 3, "other": ["x"] * 3, "n": [1, 2, 3]}, roles)
        assert not values(found, "text_length")
        assert not values(found, "language_share")


def test_columns_that_are_constant_or_tell_rows_apart():
    rows = 200
    data = {
        "text": [f"text number {i}" for i in range(rows)],
        "empty": [None] * rows,
        "same": [7] * rows,
        "almost": [7] * (rows - 1) + [8],
        "one": ["x", None] * (rows // 2),
        "serial": list(range(rows)),
        "token": [f"t{i}" for i in range(rows - 3)] + ["t0"] * 3,
        "few": [f"t{i}" for i in range(rows - 10)] + ["t0"] * 10,
        "measure": [i / 7 for i in range(rows)],
        "struct": [{"a": 1}] * rows,
        "flag": [True] * rows,
        "code": pa.array(["x", "y"] * (rows // 2)).dictionary_encode(),
    }
    found = find(data, Roles(inputs=("text",)), shard_rows=60)
    (constant,), (identifier,) = evidence(found, "constant_columns"), evidence(found, "identifier_columns")
    assert {example.row: example.before for example in constant.examples} == {
        "empty": "",
        "same": "7",
        "one": "x",
        "struct": "{'a': 1}",
        "flag": "True",
    }
    assert [example.row for example in identifier.examples] == ["serial", "token"]
    assert (one(found, "constant_columns").value, one(found, "identifier_columns").n) == (5, 12)


def test_columns_beyond_the_option_are_those_with_least_missing():
    data = {f"c{i}": [None] * i + [1] * (10 - i) for i in range(6)} | {"y": [0, 1] * 5}
    found = find(data, Roles(label="y"), most_columns=3)
    assert [dict(key)["column"] for key in values(found, "missing_share") if key] == ["c4", "c5", "y"]


def test_group_columns_with_reserved_names_and_missing_values():
    found = find({"column": ["a", None, "a"], "x": [None, None, 1]}, Roles(groups=(Group("column"),)))
    assert one(found, "missing_share", column="x", **{"column:column": "(missing)"}).value == 1
    assert one(found, "duplicate_share", **{"column:column": "a"}).n == 2


@pytest.mark.parametrize("shard_rows", [10_000, 7])
def test_nulls_and_the_words_for_them_are_one_group(shard_rows):
    cells = ["a"] * 10 + ["(missing)"] * 20 + [None] * 30
    rows = {"text": [f"row {i}" for i in range(60)], "y": [0, 1] * 30, "sex": cells}
    found = find(rows, Roles(("text",), "y", (Group("sex"),)), shard_rows=shard_rows)
    for metric, where in [("duplicate_share", {}), ("text_length", {}), ("label_share", {"class": "0"})]:
        assert one(found, metric, sex="(missing)", **where).n == 50, metric
        assert one(found, metric, sex="a", **where).n == 10, metric


def test_what_spells_that_it_is_missing_is_missing_but_for_answers_and_classes():
    cells = ["?", " NA ", "None", "缺失", "unknown", "无", "Lima", "Lima"]
    data = {"city": cells, "label": cells, "religion": cells}
    found = find(data, Roles(label="label", groups=(Group("religion"),)))
    missing = [one(found, "missing_share", column=column).counts["x"] for column in data]
    assert missing == [4, 0, 2]  # of groups the marks alone: "None" may be one
    assert [one(found, "null_spelling_share", column=column).counts["x"] for column in data] == [6, 6, 6]
    assert one(found, "missing_share", column="city", religion="?").value == 1
    assert one(found, "missing_share", column="city", religion="Lima").value == 0


@pytest.mark.shared
def test_the_question_marks_of_adult(shared, tmp_path):
    """adult.names: 1,836 of 32,561 workclass are unknown, 1,843 occupations, 583 countries; written " ?"."""
    table = load(str(shared / "data" / "adult" / "adult.data"), Roles(), cache=tmp_path)
    found = find(table)
    missing = {key[0][1]: round(value * 32_561) for key, value in values(found, "missing_share").items() if key and value}
    assert sorted(missing.values()) == [583, 1836, 1843]


def test_nan_is_missing_and_infinity_is_not():
    found = find({"p": [0.5, float("nan"), float("inf"), None]})
    assert one(found, "missing_share", column="p").counts == {"x": 2, "n": 4}


def test_passes_in_the_way_are_seen_through():
    table = table_of({"text": ["a", "b", "b"]}, Roles(inputs=("text",)))
    found = find(table.map(upper))
    assert one(found, "duplicate_share").value == 1 / 3
    assert evidence(found, "duplicate_share")[0].examples[0].before == "B"


@declare.row_pass()
def upper(batch: pa.Table, *, column: str = "text") -> pa.Table:
    return declare.replaced(batch, column, [cell.upper() for cell in declare.strings(batch, column)])


def test_a_table_without_rows_is_skipped():
    with pytest.raises(Skip, match="no rows"):
        find({"text": pa.array([], pa.string())})


def test_intervals_follow_the_level():
    narrow, wide = (one(find({"a": [1, None]}, level=level), "missing_share", column="a") for level in (0.5, 0.99))
    assert wide.low < narrow.low < 0.5 < narrow.high < wide.high
