"""What columns are for: read from their names and first rows where it was not said, and checked where it was."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from auditor.errors import InputError, near
from auditor.loaders._kinds import is_number
from auditor.loaders._numbers import as_numbers
from auditor.predict.cut import CONDITION, cut
from auditor.predict.one_text import PAIRS
from auditor.types import ROW, Batch, Group, Marks, RoleName, Roles, Table
from auditor.types.plain import comparable, listed
from auditor.types.views import POINT

Takes: TypeAlias = Literal["text", "row"] | None

_TEXT = (
    "text sentence comment content review body document tweet utterance question prompt test_case full_text input "
    "文本 评论 内容 正文 句子 评论内容 文本内容 评价 留言 语句 问题 输入"
)
_LABEL = (
    "label labels target y y_true true_label gold gold_label label_gold class toxic sentiment ground_truth income outcome "
    "two_year_recid loan_status credit_risk "
    "标签 真实标签 类别 分类 标注 真值 目标 情感 情感标签 真实类别 实际结果"
)
_PREDICTION = (
    "y_pred pred preds prediction predictions predicted predicted_label predicted_class y_hat "
    "预测 预测标签 预测类别 预测结果 预测值 模型预测"
)
_SCORE = (
    "y_score y_prob y_proba score prob proba probability pred_proba predicted_probability p "
    "得分 分数 概率 预测概率 预测得分 预测分数 置信度"
)
_ID = "id uid uuid guid idx row_id example_id rev_id case_id 编号 序号 标识 行号 样本编号 用户编号 案例编号"
_WEIGHT = "sample_weight sample_weights instance_weight row_weight 权重 样本权重"
_SPLIT = "split subset partition 划分 数据划分 数据集划分 子集"
_GROUPS = (
    "sex gender race ethnicity ethnic_group religion nationality disability age_group age_cat age_band "
    "性别 民族 种族 族裔 宗教 国籍 残疾 年龄段 年龄组 户籍 籍贯"
)
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
    cells = {name: comparable(column) for name, column in zip(sample.column_names, sample.columns, strict=True)}
    kinds, taken = dict(zip(sample.column_names, sample.schema.types, strict=True)), named(given)
    free = {name: cells[name] for name in schema.names if name not in taken}

    def take(role: RoleName, usual: str, suits: Callable[[pa.ChunkedArray], bool]) -> str | None:
        return None if role in given.without else _take(free, usual, suits)

    found: dict[str, Any] = {name: getattr(given, name) or take(name, usual, suits) for name, (usual, suits) in _USUAL.items()}
    groups = given.groups or tuple(Group(one) for one in iter(lambda: take("groups", _GROUPS, _is_category), None))
    # A dictionary of texts holds categories.
    texts = {name: column for name, column in free.items() if takes == "row" or not pa.types.is_dictionary(kinds[name])}
    inputs = given.inputs or (() if "text" in given.without else _inputs(texts, takes))
    if takes == "text" and not inputs:
        remedy = f"Name one of {', '.join(schema.names)}."
        raise InputError("no column of text is to be seen", place="text column", remedy=remedy)
    whole = replace(given, inputs=inputs, groups=groups, **found)
    return replace(whole, inferred=tuple(role for role in _INFERRED if getattr(whole, role) and not getattr(given, role)))


def _take(free: dict[str, pa.ChunkedArray], usual: str, suits: Callable[[pa.ChunkedArray], bool]) -> str | None:
    """The first column by the order of usual names that suits; it is free no longer."""
    by_name = {_plain(name): name for name in reversed(free)}
    found = next((by_name[one] for one in usual.split() if one in by_name and suits(free[by_name[one]])), None)
    if found is not None:
        del free[found]
    return found


def _plain(name: str) -> str:
    """A column's name as the usual names are written: ``Row-ID`` and a full-width ``ＩＤ`` are ``row_id`` and ``id``."""
    return unicodedata.normalize("NFKC", name).strip().lower().replace(" ", "_").replace("-", "_")


def _inputs(free: Mapping[str, pa.ChunkedArray], takes: Takes) -> tuple[str, ...]:
    if takes == "row":
        return tuple(free)
    return (None if takes else _pair(free)) or _text(free, sure=takes is None)


def _pair(free: Mapping[str, pa.ChunkedArray]) -> tuple[str, ...] | None:
    """Two columns of text that by their names are one input; None where there are none."""
    texts = {_plain(name): name for name, cells in free.items() if _is_text(cells)}
    return next(((texts[one], texts[other]) for one, other in PAIRS if one in texts and other in texts), None)


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
    """Whether cells say one of a handful of classes: few distinct values, and not just numbers between.

    More than twenty numbers are classes only where they count from 0 or 1 with few gaps, as codes do and amounts do not.
    """
    whole = not pa.types.is_floating(cells.type) or bool(pc.all(pc.equal(pc.floor(cells), cells)).as_py())
    if not (_is_plain(cells) and whole):
        return False
    distinct = pc.count_distinct(cells).as_py()
    if distinct <= _FEW or not _is_numeric(cells):
        return bool(distinct <= max(_FEW, len(cells) // 10))
    least, most = pc.min_max(cells).as_py().values()
    return bool(distinct <= len(cells) // 10 and least in (0, 1) and most <= 2 * distinct)


def _is_category(cells: pa.ChunkedArray) -> bool:
    return _is_plain(cells) and not pa.types.is_floating(cells.type) and pc.count_distinct(cells).as_py() <= _FEW


def _is_probability(cells: pa.ChunkedArray) -> bool:
    if not pa.types.is_floating(cells.type) or cells.null_count == len(cells):
        return False
    least, most = pc.min_max(cells).as_py().values()
    return bool(0 <= least <= most <= 1)


def _is_unique(cells: pa.ChunkedArray) -> bool:
    return _is_plain(cells) and cells.null_count == 0 and pc.count_distinct(cells).as_py() == len(cells)


_USUAL: dict[RoleName, tuple[str, Callable[[pa.ChunkedArray], bool]]] = {
    "label": (_LABEL, _is_class),
    "prediction": (_PREDICTION, _is_class),
    "score": (_SCORE, _is_probability),
    "id": (_ID, _is_unique),
    "weight": (_WEIGHT, _is_numeric),
    "split": (_SPLIT, _is_category),
}
"""Usual names of each role's column, and what its cells have to be like."""


def check_roles(table: Table, marks: Marks | None = None) -> Table:
    """The table, if its roles name columns that are there and suit them; NaN in a column of numbers is noted.

    Args:
        table: the data.
        marks: the signs in numbers, where they were declared.

    Raises:
        InputError: a role names a column that is not there, or one of other cells than it needs; says which row and value.
            Or numbers can be read in two ways. Or the column that decides is the label, and every decision would be right.
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
            remedy = f"The columns are {', '.join(columns[:30])}."
            if column.lower() in ("none", "null", "-"):
                remedy += " For no such column, write null in the plan, or give --without."
            raise InputError(problem, place=f"{table.source.name}, {role}", remedy=remedy)
    _refuse_label_as(table, {role: asked[role] for role in ("prediction", "score")})
    numeric = [(role, column) for role, column in (("score", roles.score), ("weight", roles.weight)) if column]
    numeric += [("group", group.column) for group in roles.groups if group.bins]
    numeric += [("prediction", condition.column)] if condition else []
    for role, column in numeric:
        table = as_numbers(table, role, column, marks)
    notes = [note for role, column in numeric for note in _check_numbers(table, role, column, marks or POINT)]
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


def _check_numbers(table: Table, role: str, column: str, marks: Marks) -> Iterator[str]:
    """Look at all cells of a column that has to hold numbers.

    Yields:
        A note where some are NaN or infinite, unless reading has counted them.
    """
    odd = 0
    for batch in table.batches([column]):
        cells, rows = comparable(batch.column(column)), batch.column(ROW)
        if not (_is_numeric(cells) or pa.types.is_decimal(cells.type) or pa.types.is_null(cells.type)):
            wrong = [not (cell is None or is_number(str(cell), marks)) for cell in listed(cells)]
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
        remedy = "Mend the cell, or name another column."
        if role in table.roles.inferred:
            remedy += f" The role was inferred, and not named; to have none, give --without {role}."
        raise InputError(f"{listed(cells.slice(0, 1))[0]!r} {problem}", place=where, remedy=remedy)
