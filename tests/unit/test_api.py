import asyncio
import html
from pathlib import Path

import datasets
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import auditor
from auditor import plan as plans
from auditor.api import Result, run_audit
from auditor.api.frames import as_path
from auditor.errors import AuditorError, ConfigError, UsageError
from auditor.plan import DataSpec, ModelSpec, Plan, Policy
from auditor.plugins import Step
from auditor.types import (
    DataFacts,
    Environment,
    Gate,
    Group,
    Measurement,
    Outcome,
    Roles,
    Run,
    Source,
    Verdict,
)

FRAME = pd.DataFrame({"text": ["a  b", "a  b", None], "label": [1, 1, 0], 3: [1.5, 1.5, None]})


def run_of(**more) -> Run:
    facts = DataFacts(Source("<d>.csv", "csv", "0", 10), 10, Roles(label="y"), "f")
    gate = Gate("fail", 3, states={"fail": 1, "pass": 0})
    return Run("audit", "1", "t", 1.0, 0, {}, "p", facts, Environment("3", "l", "p", 2), gate, **more)


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """The plans that were run, and where; nothing runs."""
    monkeypatch.chdir(tmp_path)
    made: list[tuple[Plan, object]] = []
    monkeypatch.setattr(
        "auditor.api.jobs.run_audit", lambda plan, out, **_: made.append((plan, out)) or Result(run_of(), tmp_path)
    )
    return made


def test_keywords_make_the_plan_that_a_file_would(asked, tmp_path):
    auditor.audit(
        data="d.csv", model="m/", text="t", label="y", groups=["sex", "age:25,45", Group("race", (), "x")], positive="1",
        probes=["performance", "deep_word_bug:rows=5", Step("energy")], packs=[], policy=Policy(alpha=0.01), seed=3, out="o",
    )  # fmt: skip
    (tmp_path / "m").mkdir()
    (tmp_path / "audit.yaml").write_text(
        "data: {path: d.csv, text: t, label: y, positive: '1',\n"
        "       groups: [sex, {column: age, bins: [25, 45]}, {column: race, reference: x}]}\n"
        "model: m/\nprobes: [performance, {use: deep_word_bug, rows: 5}, energy]\npacks: []\npolicy: {alpha: 0.01}\nseed: 3\n"
    )
    (plan, out) = asked[0]
    assert plan.model == ModelSpec("m/")
    assert str(out) == "o"
    read = plans.read("audit.yaml")
    assert (plan.data, plan.probes, plan.packs, plan.policy, plan.seed) == (
        read.data,
        read.probes,
        read.packs,
        read.policy,
        read.seed,
    )


def test_a_plan_is_a_path_or_a_plan(asked, tmp_path):
    (tmp_path / "audit.yaml").write_text("data: d.csv\nprobes: performance")
    auditor.audit("audit.yaml")
    auditor.audit(tmp_path / "audit.yaml")
    auditor.audit(Plan(DataSpec("d.csv"), probes=(Step("performance"),)))
    assert [plan.probes for plan, _ in asked] == [(Step("performance"),)] * 3
    assert asked[0][0] == asked[2][0]


def test_predictions_need_no_model(asked):
    auditor.audit(data="d.csv", label="y", prediction="p >= 5", score="p", inputs=["a", "b"])
    plan = asked[0][0]
    assert (plan.model, plan.data.prediction, plan.data.score, plan.data.inputs) == (None, "p >= 5", "p", ("a", "b"))
    assert plan.probes == plans.default_probes()


def test_one_name_alone_stands_for_a_list_of_one(asked, monkeypatch):
    auditor.audit(data="d.csv", groups="topic", inputs="review", probes="performance", packs="base")
    auditor.audit(data="d.csv", groups=Group("topic"), inputs=["review"], probes=Step("performance"), packs=["base"])
    plan = asked[0][0]
    assert (plan.data.groups, plan.data.inputs, plan.probes, plan.packs) == (
        (Group("topic"),), ("review",), (Step("performance"),), ("base",),
    )  # fmt: skip
    assert asked[1][0] == plan
    cleaned = []
    monkeypatch.setattr("auditor.api.jobs.run_clean", lambda plan, *_, **__: cleaned.append(plan))
    auditor.clean("d.csv", passes="whitespace", groups="topic")
    assert (cleaned[0].passes, cleaned[0].data.groups) == ((Step("whitespace"),), (Group("topic"),))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"groups": [("topic", "film")]}, r"groups\[0\]: expected text or a Group, found \('topic', 'film'\)\. Write it as"),
        ({"groups": {"topic": "film"}}, "groups: expected a list, found {'topic': 'film'}. Give text or a Group"),
        ({"inputs": ["a", 3]}, r"inputs\[1\]: expected text, found 3"),
        ({"probes": 5}, "probes: expected a list, found 5"),
        ({"probes": [{"use": "energy"}]}, r"probes\[0\]: expected text or a Step, found .*'name:option=value'"),
        ({"packs": None}, "packs: expected a list, found nothing"),
    ],
)
def test_what_is_no_list_of_names_is_refused(given, message):
    with pytest.raises(UsageError, match=message):
        auditor.audit(data="d.csv", **given)


def test_a_plan_and_data_together_are_refused():
    with pytest.raises(UsageError, match="expected either a plan, or data and model, found both"):
        auditor.audit("audit.yaml", data="d.csv")
    with pytest.raises(UsageError, match="expected data, found none"):
        auditor.audit(label="y")
    with pytest.raises(ConfigError, match="expected NAME or NAME:option=value"):
        auditor.audit(data="d.csv", probes=["a:b"])


def test_a_frame_becomes_a_file_named_by_what_it_holds():
    path = as_path(FRAME)
    assert as_path(FRAME.copy()) == path
    assert as_path(FRAME.assign(label=0)) != path
    assert pq.read_table(path).to_pydict() == {"text": ["a  b", "a  b", None], "label": [1, 1, 0], "3": [1.5, 1.5, None]}
    assert {file.suffix for file in Path(path).parent.iterdir()} == {".parquet"}


def test_named_levels_of_an_index_become_columns():
    frame = pd.DataFrame({"id": [7, 8], "sex": ["F", "M"], "text": ["a", "b"]})
    for index in ("id", ["id", "sex"]):
        assert pq.read_table(as_path(frame.set_index(index))).to_pydict() == frame.to_dict("list")
    assert pq.read_table(as_path(frame.set_index("id", drop=False))).to_pydict() == frame.to_dict("list")
    assert pq.read_table(as_path(frame.set_axis([5, 6]))).to_pydict() == frame.to_dict("list")
    twice = frame.set_axis(pd.Index([5, 6], name="id"))
    with pytest.raises(UsageError, match="data: cannot be written as a table: cannot insert id, already exists"):
        as_path(twice)


def test_an_error_about_a_frame_names_the_frame(tmp_path):
    for job in (auditor.audit, auditor.clean):
        with pytest.raises(AuditorError) as caught:
            job(data=FRAME, label="labl", out=tmp_path / "x")
        assert str(caught.value).startswith("data (DataFrame), label: column 'labl' is not in the data")
        assert "parquet" not in repr(caught.value)


def test_a_frame_needs_a_cache_that_can_be_used(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("AUDITOR_CACHE", str(tmp_path / "file"))
    with pytest.raises(UsageError, match="AUDITOR_CACHE"):
        as_path(FRAME)


def test_a_dataset_becomes_a_file_with_its_selection():
    rows = datasets.Dataset.from_dict({"text": ["a", "b", "c"], "label": [0, 1, 0]}).select([2, 0])
    assert pq.read_table(as_path(rows)).to_pydict() == {"text": ["c", "a"], "label": [0, 0]}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            datasets.DatasetDict({name: datasets.Dataset.from_dict({"a": [1]}) for name in ("train", "test")}),
            r"found a DatasetDict with the splits 'train', 'test'. Give one of them, as in data\['train'\]",
        ),
        (datasets.DatasetDict(), "with the splits none"),
        (datasets.Dataset.from_dict({"a": [1]}).to_iterable_dataset(), "found a IterableDataset"),
        (pl.Series([1]), "found a Series"),
        (pd.Series([1]), "found a Series"),
        ([1], "found a list"),
        (pd.DataFrame({"a": [1, "x"]}), "data: cannot be written as a table"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "data: cannot be written as a table"),
    ],
)
def test_what_is_no_table_is_refused(data, message):
    with pytest.raises(UsageError, match=message):
        as_path(data)


def in_every_library(rows: dict[str, list]) -> dict[str, object]:
    table = pa.table(rows)
    return {
        "pandas": pd.DataFrame(rows),
        "pandas, Arrow": pd.DataFrame(rows).convert_dtypes(dtype_backend="pyarrow"),
        "pandas, categories": pd.DataFrame(rows).astype({"g": "category"}),
        "polars": pl.DataFrame(rows),
        "polars, categories": pl.DataFrame(rows).with_columns(pl.col("g").cast(pl.Categorical)),
        "polars, lazy": pl.LazyFrame(rows),
        "polars, in pieces": pl.concat([pl.DataFrame(rows).head(1), pl.DataFrame(rows).tail(-1)], rechunk=False),
        "Arrow": table,
        "Arrow, large": table.cast(pa.schema([("text", pa.large_string()), ("y", pa.int64()), ("g", pa.string_view())])),
        "Arrow, encoded": table.set_column(2, "g", table["g"].dictionary_encode()),
        "Arrow, batch": table.to_batches()[0],
        "Arrow, reader": pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=2)),
        "datasets": datasets.Dataset.from_dict(rows),
        "datasets, chosen": datasets.Dataset.from_dict({name: cells[::-1] for name, cells in rows.items()}).select(
            [3, 2, 1, 0]
        ),
        "datasets, a split": datasets.DatasetDict({"test": datasets.Dataset.from_dict(rows)}),
        "datasets, formatted": datasets.Dataset.from_dict(rows).with_format("numpy"),
    }


def test_equal_rows_are_one_table_whatever_library_holds_them(tmp_path):
    rows = {"text": ["a  b", "a  b", None, "好"], "y": [1, 1, 0, 0], "g": ["f", "m", "f", None]}
    held = in_every_library(rows)
    paths = {name: as_path(data) for name, data in held.items()}
    assert set(paths.values()) == {paths["pandas"]}
    assert pq.read_table(paths["polars"]).to_pydict() == rows
    first, *others = (
        auditor.clean(data, text="text", label="y", groups="g", passes=["whitespace"], out=tmp_path / name).run
        for name, data in (("a", held["pandas"]), ("b", held["polars, lazy"]), ("c", held["Arrow"]), ("d", held["datasets"]))
    )
    for other in others:
        assert (other.data, other.ledger, other.plan_digest) == (first.data, first.ledger, first.plan_digest)


@pytest.mark.parametrize("kind", ["pandas", "polars", "Arrow", "datasets"])
def test_a_table_without_rows_is_one_too(kind):
    empty = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "Arrow": pa.table, "datasets": datasets.Dataset.from_dict}
    assert pq.read_table(as_path(empty[kind]({"y": []}))).num_rows == 0


def test_a_path_stays_a_path(tmp_path):
    assert as_path("org/name") == "org/name"
    assert as_path(tmp_path) == str(tmp_path)


def test_a_frame_is_cleaned(tmp_path):
    result = auditor.clean(FRAME, out=tmp_path / "c", text="text", label="label", yes=True)
    assert pd.read_parquet(result.data)["label"].tolist() == [1, 0]
    assert result.run.kind == "cleaning"
    assert sum(entry.removed for entry in result.run.ledger) == 1
    assert {path.name for path in (tmp_path / "c").iterdir()} >= {"run.json", "report.html", "cleaned.parquet"}
    assert result.report == tmp_path / "c" / "report.html"


def test_what_is_shown_of_a_frame_can_be_chosen(tmp_path):
    result = auditor.clean(FRAME, out=tmp_path / "c", text="text", label="label", evidence="none")
    assert result.run.plan["evidence"] == "none"
    assert not any(entry.examples for entry in result.run.ledger)
    with pytest.raises(ConfigError, match="evidence: expected one of show, hash, none, found 'nothing'"):
        auditor.clean(FRAME, out=tmp_path / "d", text="text", evidence="nothing")
    with pytest.raises(ConfigError, match=r"policy\.evidence: expected one of show, hash, none, found 'nothing'"):
        auditor.audit(data=FRAME, out=tmp_path / "d", text="text", policy=Policy(evidence="nothing"))


def test_a_frame_is_cleaned_where_a_loop_runs_already(tmp_path):
    async def cell():
        return auditor.clean(FRAME, out=tmp_path / "c", text="text", passes=["whitespace"])

    assert len(asyncio.run(cell()).run.ledger) == 1


def test_without_a_folder_the_same_plan_goes_to_the_same_place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    FRAME.drop(columns=[3]).to_csv("d.csv", index=False)
    folders = [auditor.clean("d.csv", passes=["whitespace"], text="text", seed=seed).folder for seed in (0, 0, 1)]
    assert folders[0] == folders[1] != folders[2]
    assert folders[0].parts[0] == "clean"
    assert folders[0].name.startswith("d-")


def test_a_plan_is_checked_before_it_runs(tmp_path):
    with pytest.raises(ConfigError, match="unknown probe 'performnce'; did you mean 'performance'"):
        run_audit(Plan(DataSpec("d.csv"), probes=(Step("performnce"),)), tmp_path)


def test_the_frame_of_measurements_has_a_column_for_each_key_of_where():
    found = (
        Measurement("accuracy", 0.5, "fraction", 10, 0.2, 0.8, method="wilson", where={"race": "a"}),
        Measurement("accuracy", None, "fraction", 0, reason="no rows", where={"race": "b", "reference": "a"}),
    )
    frame = Result(
        run_of(outcomes=(Outcome("performance", "measured", measurements=found), Outcome("x", "skipped", "why"))), Path()
    ).frame()
    assert list(frame.columns) == [
        "probe", "metric", "value", "low", "high", "level", "unit", "n", "method", "reason", "where.race", "where.reference",
    ]  # fmt: skip
    assert frame["where.race"].tolist() == ["a", "b"]
    assert frame["value"].iloc[0] == 0.5
    assert pd.isna(frame["value"].iloc[1])
    assert list(Result(run_of(), Path()).frame().columns)[:3] == ["probe", "metric", "value"]


def test_a_look_in_a_notebook_is_escaped_and_worst_first(tmp_path):
    verdicts = (
        Verdict("base", "1", "c.1", "pass", "fine"),
        Verdict("base", "1", "c.2", "fail", "<script>alert(1)</script>"),
        Verdict("base", "1", "c.3", "error", "crashed & burned"),
    )
    result = Result(run_of(verdicts=verdicts), tmp_path)
    page = result._repr_html_()
    assert page.index("c.3") < page.index("c.2") < page.index("c.1")
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;d&gt;.csv: fail" in page
    assert repr(result) == f"<audit of '<d>.csv': fail (1 fail), {tmp_path / 'report.html'}>"
    assert "<table>" not in Result(run_of(), tmp_path)._repr_html_()


def test_a_look_in_a_notebook_links_the_report(tmp_path, monkeypatch):
    folder = tmp_path / 'a "b" <c> #1 %20'
    assert f'href="{html.escape((folder / "report.html").as_uri())}"' in Result(run_of(), folder)._repr_html_()
    monkeypatch.chdir(tmp_path)
    page = Result(run_of(outcomes=(Outcome("x", "skipped", "why\u202e"),)), Path("runs") / "a:b & c")._repr_html_()
    assert 'href="runs/a%3Ab%20%26%20c/report.html"' in page
    assert "a:b &amp; c/report.html</a>" in page
    assert "<td>not-tested</td><td>x</td>" in page
    assert "\u202e" not in page
