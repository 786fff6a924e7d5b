"""What columns are for: read from their names and first rows where it was not said, and checked where it was."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Literal, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from auditor.errors import InputError, near
from auditor.loaders._kinds import is_number
from auditor.predict.cut import CONDITION, cut
from auditor.types import ROW, Batch, Group, Roles, Table

Takes: TypeAlias = Literal["text", "row"] | None

_TEXT = "text sentence comment content review body document tweet utterance question prompt test_case full_text input"
_LABEL = "label labels target y y_true true_label gold gold_label label_gold class toxic sentiment ground_truth"
_PREDICTION = "y_pred pred preds prediction predictions predicted predicted_label predicted_class y_hat"
_SCORE = "y_score y_prob y_proba score prob proba probability pred_proba predicted_probability p"
_ID = "id uid uuid guid row_id example_id rev_id case_id"
_WEIGHT = "sample_weight sample_weights instance_weight row_weight"
_SPLIT = "split subset partition"
_GROUPS = "sex gender race ethnicity ethnic_group religion nationality disability age_group age_cat age_band"
_LABEL_GROUP = "Group column {!r} is the label too: each of its groups is of one class, so rates by class are all or nothing."
_INFERRED = ("inputs", "label", "groups", "id", "weight", "split", "prediction", "score")
_FEW = 20
_WORDS = 3


def named(roles: Roles) -> frozenset[str]:
    """The columns that roles name; of a prediction such as ``"score >= 5"`` both the whole and the column in it."""
    condition = CONDITION.fullmatch(roles.prediction or "")
    single = (
        roles.label,
        roles.id,
        roles.weight,
        roles.split,
        roles.score,
        roles.prediction,
        condition and condition["column"],
    )
    return frozenset([*roles.inputs, *(group.column for group in roles.groups), *(name for name in single if name)])


def infer_roles(schema: pa.Schema, sample: Batch, given: Roles, takes: Takes) -> Roles:
    """Fill in the roles that were not given, by the usual names of columns and by what the sample holds.

    Args:
        schema: the columns, without the hidden ones.
        sample: some rows.
        given: roles that were said; they are kept, and their columns get no other role.
        takes: ``"row"`` if the model reads all columns that have no other role, ``"text"`` if it reads one of text; None
            where there is no model.

    Raises:
        InputError: the model takes text, and no column looks like text.
    """
    cells, taken = dict(zip(sample.column_names, sample.columns, strict=True)), named(given)
    free = {name: cells[name] for name in schema.names if name not in taken}
    label = given.label or _take(free, _LABEL, _is_class)
    prediction = given.prediction or _take(free, _PREDICTION, _is_class)
    score = given.score or _take(free, _SCORE, _is_probability)
    name = given.id or _take(free, _ID, _is_unique)
    weight = given.weight or _take(free, _WEIGHT, _is_numeric)
    split = given.split or _take(free, _SPLIT, _is_category)
    groups = given.groups or tuple(Group(found) for found in iter(lambda: _take(free, _GROUPS, _is_category), None))
    inputs = given.inputs or (tuple(free) if takes == "row" else _text(free, sure=takes is None))
    if takes == "text" and not inputs:
        raise InputError(
            "no column of text is to be seen", place="text column", remedy=f"Name one of {', '.join(schema.names)}."
        )
    found = Roles(inputs, label, groups, name, weight, split, prediction, score, given.positive, given.favourable)
    return replace(found, inferred=tuple(role for role in _INFERRED if getattr(found, role) and not getattr(given, role)))


def _take(free: dict[str, pa.ChunkedArray], usual: str, suits: Callable[[pa.ChunkedArray], bool]) -> str | None:
    """The first column by the order of usual names that suits; it is free no longer."""
    by_name = {name.lower().replace(" ", "_").replace("-", "_"): name for name in reversed(free)}
    found = next((by_name[one] for one in usual.split() if one in by_name and suits(free[by_name[one]])), None)
    if found is not None:
        del free[found]
    return found


def _text(free: Mapping[str, pa.ChunkedArray], *, sure: bool) -> tuple[str, ...]:
    """The column of text: by its name, else the one with most words a cell; to be ``sure``, with twice as many as others."""
    texts = {name: cells for name, cells in free.items() if _is_text(cells)}
    if found := _take(dict(texts), _TEXT, _is_text):
        return (found,)
    words = {name: pc.mean(pc.add(pc.count_substring(cells, " "), 1)).as_py() or 0 for name, cells in texts.items()}
    ranked = sorted((name for name in texts if _is_varied(texts[name])), key=lambda name: -words[name])
    if not ranked or words[ranked[0]] <= _WORDS or (sure and ranked[1:] and words[ranked[0]] < 2 * words[ranked[1]]):
        return ()
    return (ranked[0],)


def _is_text(cells: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type))


def _is_varied(cells: pa.ChunkedArray) -> bool:
    return bool(2 * pc.count_distinct(cells).as_py() > len(cells) - cells.null_count)


def _is_numeric(cells: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_integer(cells.type) or pa.types.is_floating(cells.type))


def _is_plain(cells: pa.ChunkedArray) -> bool:
    return not pa.types.is_nested(cells.type) and cells.null_count < len(cells)


def _is_class(cells: pa.ChunkedArray) -> bool:
    """Whether cells say one of a handful of classes: few distinct values, and not just numbers between."""
    whole = not pa.types.is_floating(cells.type) or bool(pc.all(pc.equal(pc.floor(cells), cells)).as_py())
    return _is_plain(cells) and whole and pc.count_distinct(cells).as_py() <= max(_FEW, len(cells) // 10)


def _is_category(cells: pa.ChunkedArray) -> bool:
    return _is_plain(cells) and not pa.types.is_floating(cells.type) and pc.count_distinct(cells).as_py() <= _FEW


def _is_probability(cells: pa.ChunkedArray) -> bool:
    if not pa.types.is_floating(cells.type) or cells.null_count == len(cells):
        return False
    least, most = pc.min_max(cells).as_py().values()
    return bool(0 <= least <= most <= 1)


def _is_unique(cells: pa.ChunkedArray) -> bool:
    return _is_plain(cells) and cells.null_count == 0 and pc.count_distinct(cells).as_py() == len(cells)


def check_roles(table: Table) -> Table:
    """The table, if its roles name columns that are there and suit them; NaN in a column of numbers is noted.

    Raises:
        InputError: a role names a column that is not there, or one of other cells than it needs; says which row and value.
            Or the column that decides is the label, and every decision would be right.
        ConfigError: the prediction compares something, but not a column with a number.
    """
    roles, columns = table.roles, table.schema.names
    condition = cut(roles.prediction, columns) if roles.prediction else None
    asked = {"label": roles.label, "id": roles.id, "weight": roles.weight, "split": roles.split, "score": roles.score}
    asked |= {"prediction": condition.column if condition else roles.prediction}
    places = [*(("input", name) for name in roles.inputs), *(("group", one.column) for one in roles.groups), *asked.items()]
    for role, column in places:
        if column and column not in columns:
            problem = f"column {column!r} is not in the data{near(column, columns)}"
            raise InputError(
                problem, place=f"{table.source.name}, {role}", remedy=f"The columns are {', '.join(columns[:30])}."
            )
    _refuse_label_as(table, {role: asked[role] for role in ("prediction", "score")})
    numeric = [(role, column) for role, column in (("score", roles.score), ("weight", roles.weight)) if column]
    numeric += [("group", group.column) for group in roles.groups if group.bins]
    numeric += [("prediction", condition.column)] if condition else []
    notes = [note for role, column in numeric for note in _check_numbers(table, role, column)]
    notes += [_LABEL_GROUP.format(group.column) for group in roles.groups if group.column == roles.label]
    return replace(table, source=replace(table.source, notes=(*table.source.notes, *notes)))


def _refuse_label_as(table: Table, deciding: Mapping[str, str | None]) -> None:
    for role, column in deciding.items():
        if column and column == table.roles.label:
            raise InputError(
                f"column {column!r} is the label, so every decision would be right",
                place=f"{table.source.name}, {role}",
                remedy=f"Name the column that holds the {role}, or another label.",
            )


def _check_numbers(table: Table, role: str, column: str) -> Iterator[str]:
    """Look at all cells of a column that has to hold numbers.

    Yields:
        A note where some are NaN or infinite, unless reading has counted them.
    """
    odd = 0
    for batch in table.batches([column]):
        cells, rows = batch.column(column), batch.column(ROW)
        if not (_is_numeric(cells) or pa.types.is_decimal(cells.type) or pa.types.is_null(cells.type)):
            wrong = [not (cell is None or is_number(str(cell))) for cell in cells.to_pylist()]
            _refuse(table, role, column, rows.filter(pa.array(wrong)), cells.filter(pa.array(wrong)), "is no number")
        elif role == "weight":
            negative = pc.invert(pc.fill_null(pc.greater_equal(cells, 0), True))
            _refuse(table, role, column, rows.filter(negative), cells.filter(negative), "is no weight, which is 0 or more")
        if pa.types.is_floating(cells.type):
            odd += pc.sum(pc.invert(pc.is_finite(cells))).as_py() or 0
    if odd and table.source.format in ("parquet", "arrow", "datasets", "hub"):
        yield f"Column {column!r} has {odd} cells that are NaN or infinite; they are kept."


def _refuse(table: Table, role: str, column: str, rows: pa.ChunkedArray, cells: pa.ChunkedArray, problem: str) -> None:
    if len(rows):
        where = f"{table.source.name}, {role} column {column!r}, row {rows[0].as_py()}"
        raise InputError(f"{cells[0].as_py()!r} {problem}", place=where, remedy="Mend the cell, or name another column.")
