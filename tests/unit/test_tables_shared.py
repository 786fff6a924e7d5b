"""Real files, with the traps that real files have."""

import csv
import gzip
import json
from dataclasses import replace
from pathlib import Path

import pyarrow.compute as pc
import pytest

from auditor.errors import InputError
from auditor.loaders.tables import load
from auditor.types import ROW, Group, Roles, Table

pytestmark = pytest.mark.shared


@pytest.fixture
def read(shared, tmp_path):
    def _read(name: str, roles: Roles | None = None, **options) -> Table:
        return load(str(shared / "data" / name), roles or Roles(), cache=tmp_path, **options)

    return _read


def test_compas_with_two_columns_named_twice(read):
    roles = Roles(label="two_year_recid", groups=(Group("race"),), prediction="decile_score >= 5")
    table = read("compas/compas-scores-two-years.csv", roles)
    assert table.rows == 7_214  # ProPublica, https://www.propublica.org/article/how-we-analyzed-the-compas-recidivism-algorithm
    assert {"decile_score.1", "priors_count.1"} <= set(table.schema.names)
    assert "Columns 'decile_score' and 'decile_score.1' are equal." in table.source.notes
    black = table.read().filter(pc.field("race") == "African-American")
    negative = black.filter(pc.field("two_year_recid") == 0)
    assert len(black) == 3_696
    assert pc.mean(pc.greater_equal(negative["decile_score"], 5)).as_py() == pytest.approx(0.4485, abs=5e-5)


@pytest.mark.parametrize(("name", "rows"), [("adult/adult.data", 32_561), ("adult/adult.test", 16_281)])
def test_adult_without_a_header(read, name, rows):
    table = read(name)
    assert (table.rows, len(table.schema), table.schema.names[-1]) == (rows, 15, "column_15")
    assert [str(table.schema.field(i).type) for i in (0, 1, 2)] == ["int64", "string", "int64"]
    assert set(table.read()["column_10"].to_pylist()) == {"Male", "Female"}
    assert any("looks like data" in note for note in table.source.notes)


@pytest.mark.parametrize(
    "name",
    [
        "mr_sentence_polarity/train.csv",
        "wiki_toxicity/toxicity_fuzzed_testset.csv",
        "cold_zh/train.csv",
        "hatecheck/test_suite_cases.csv",
        "crows_pairs/crows_pairs_anonymized.csv",
        "madlibs/words.csv",
    ],
)
def test_every_cell_is_that_of_the_standard_library(shared, read, name):
    with (shared / "data" / name).open(newline="", encoding="utf-8-sig") as file:
        _, *rows = csv.reader(file)
    found = read(name).read().drop_columns([ROW])
    assert found.num_rows == len(rows)
    for index, column in enumerate(found.columns):
        if str(column.type) == "string":
            assert [cell or "" for cell in column.to_pylist()] == [row[index] for row in rows]
        else:
            assert ["" if cell is None else str(cell) for cell in column.to_pylist()] == [row[index] for row in rows]


def test_tab_separated_text_without_a_header(shared, read):
    table = read("sst2/train.tsv")
    lines = (shared / "data/sst2/train.tsv").read_text("utf-8").split("\n")
    lines = [line for line in lines if line]
    assert table.read()["column_1"].to_pylist() == [line.split("\t")[0] for line in lines]
    assert table.read()["column_2"].to_pylist() == [int(line.split("\t")[1]) for line in lines]


def test_json_lines_compressed(shared, read):
    table = read("checklist_sentiment/sentiment_suite.jsonl.gz")
    with gzip.open(shared / "data/checklist_sentiment/sentiment_suite.jsonl.gz", "rt", encoding="utf-8") as file:
        records = [json.loads(line) for line in file.read().split("\n") if line]
    assert table.read()["data"].to_pylist() == [
        text if isinstance(text := record["data"], str) else json.dumps(text, ensure_ascii=False) for record in records
    ]
    assert table.read()["label"].to_pylist() == [record["label"] for record in records]


def test_arrays_of_objects(read):
    assert read("presidio_pii/generated_small.json").rows == 100
    assert read("langfair/counterfactual_templates.json").rows == 936


def test_roles_by_the_usual_names(read):
    def roles(name):
        found = read(name).roles
        assert set(found.inferred) == {role for role in ("inputs", "label", "id", "split") if getattr(found, role)}
        return replace(found, inferred=())

    assert roles("mr_sentence_polarity/eval.csv") == Roles(inputs=("text",), label="label")
    assert roles("wiki_toxicity/toxicity_fuzzed_testset.csv") == Roles(inputs=("comment",), label="toxic", id="rev_id")
    assert roles("hatecheck/all_cases.csv") == Roles(inputs=("test_case",), label="label_gold", id="case_id")
    assert roles("cold_zh/dev.csv") == Roles(inputs=("TEXT",), label="label", split="split")
    assert [group.column for group in read("compas/compas-scores-two-years.csv").roles.groups] == ["sex", "race", "age_cat"]


def test_what_is_no_table(read):
    for name in ("movie_reviews/movie_reviews.zip", "label_errors_mnist/mnist_test_set_pyx.npy"):
        with pytest.raises(InputError, match="no table"):
            read(name)
    with pytest.raises(InputError, match=r"several lists of records: sst2, qqp, .* --records sst2"):
        read("advglue/dev.json")
    with pytest.raises(InputError, match=r"test\.csv: its columns are not those of dev\.csv: it adds fine-grained-label"):
        read("cold_zh")


def test_folders(shared: Path, read):
    assert read("mr_sentence_polarity").rows == 8_656 + 1_000 + 1_000
