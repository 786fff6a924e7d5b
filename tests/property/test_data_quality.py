"""Data quality does not depend on the order of rows, on how they are cut into shards, or on what groups are called."""

import asyncio
from collections.abc import Sequence

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.probes.data_quality import data_quality
from auditor.types import Group, Measurement, Roles, Shard, Source, Subject, Table

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a film", "the film was very good", "", None, "это очень хорошо", "NA", "7"]),
        st.sampled_from([0, 1, None]),
        st.sampled_from(["f", "m", None]),
    ),
    min_size=1,
    max_size=30,
)
ROLES = Roles(inputs=("text",), label="label", groups=(Group("sex"),))


def measured(rows: Sequence[tuple[str | None, int | None, str | None]], shard_rows: int = 100) -> dict[object, object]:
    columns = ([row[i] for row in rows] for i in range(3))
    types = (pa.string(), pa.int64(), pa.string())
    whole = pa.table(
        {name: pa.array(cells, kind) for name, cells, kind in zip(("text", "label", "sex"), columns, types, strict=True)}
    )
    parts = [(start, whole.slice(start, shard_rows)) for start in range(0, len(whole), shard_rows)]
    shards = tuple(Shard(len(part), start, str(start), held=part) for start, part in parts)
    table = Table(Source("rows", "memory", "0" * 64, len(whole)), shards, whole.schema, ROLES, "rows")

    async def unused(*_, **__):
        raise AssertionError("the data alone is audited")

    async def collect() -> list[Measurement]:
        subject = Subject(table, unused, unused, unused, unused, unused)
        return [found async for found in data_quality(subject) if isinstance(found, Measurement)]

    found = asyncio.run(collect())
    assert len({(m.metric, tuple(sorted(m.where.items()))) for m in found}) == len(found)
    return {(m.metric, tuple(sorted(m.where.items()))): (m.value, m.low, m.high, m.n) for m in found}


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, cut=st.integers(1, 7), data=st.data())
def test_order_and_cuts(rows, cut, data):
    def whole(found: dict[object, object]) -> dict[object, object]:
        """Which of equal rows is the repeated one depends on the order, so its group is left out."""
        return {key: value for key, value in found.items() if key[0] != "duplicate_share" or not key[1]}

    expected = measured(rows)
    assert measured(rows, cut) == expected
    assert whole(measured(data.draw(st.permutations(rows)))) == whole(expected)


@settings(max_examples=60, deadline=None)
@given(rows=ROWS)
def test_names_of_groups(rows):
    names = {"f": "zeta", "m": "alpha", None: None}
    renamed = measured([(text, label, names[sex]) for text, label, sex in rows])
    back = {"zeta": "f", "alpha": "m"}
    assert {
        (metric, tuple(sorted((key, back.get(value, value)) for key, value in where))): found
        for (metric, where), found in renamed.items()
    } == measured(rows)


@settings(max_examples=60, deadline=None)
@given(rows=ROWS)
def test_twice_the_rows(rows):
    """Every row a second time: shares stay, and all the new rows are repeats."""
    once, twice = measured(rows), measured([*rows, *rows])
    for key, (value, _, _, n) in once.items():
        if key == ("duplicate_share", ()):
            assert round(twice[key][0] * 2 * n) == round(value * n) + n
        elif (
            key[0] in ("missing_share", "label_share", "group_share", "language_share", "conflicting_label_share")
            and value is not None
        ):
            assert twice[key][0] == value
