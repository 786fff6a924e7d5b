"""A model of texts reads one text: what gives it more is refused before any work, and not cut down to the first."""

from collections.abc import Sequence
from typing import Final

from auditor.errors import InputError
from auditor.types import Model, Table

PAIRS: Final = (
    ("premise", "hypothesis"),
    ("sentence1", "sentence2"),
    ("sentence_1", "sentence_2"),
    ("sentence_a", "sentence_b"),
    ("question1", "question2"),
    ("question_1", "question_2"),
    ("text1", "text2"),
    ("text_1", "text_2"),
    ("text_a", "text_b"),
    ("texta", "textb"),
    ("question", "sentence"),
    ("question", "passage"),
    ("question", "context"),
    ("question", "answer"),
    ("query", "document"),
    ("query", "passage"),
    ("claim", "evidence"),
)
"""Names of columns that classifiers of pairs of texts are trained on."""

RELATIONS: Final = frozenset(
    "entailment contradiction entail contradict not_entailment non_entailment entails contradicts"
    " paraphrase not_paraphrase equivalent not_equivalent duplicate not_duplicate supports refutes".split()
)
"""Classes that are a relation of two texts."""


def check_one_text(model: Model | None, table: Table, declared: Sequence[str]) -> None:
    """See that a model of texts is given one text for each row.

    Args:
        model: the model, where there is one.
        table: the data, with its inputs inferred.
        declared: the inputs that a person named.

    Raises:
        InputError: several inputs are named; or none is, and the one inferred looks like one of a pair.
    """
    if model is None or model.takes != "text":
        return
    if len(declared) > 1:
        raise InputError(
            f"the model reads one text, and {len(declared)} columns are named: {', '.join(declared)}",
            place="inputs",
            remedy=f"Classifiers of pairs of texts are not supported yet; of one text, name its column: --text {declared[0]}",
        )
    pair = None if declared else _pair(table.schema.names)
    if pair and set(pair) & {*table.roles.inputs}:
        raise InputError(
            f"the columns {pair[0]!r} and {pair[1]!r} look like a pair of texts, and the model is given one",
            place=table.source.name,
            remedy=f"Classifiers of pairs are not supported yet; where it reads one text, name its column: --text {pair[0]}",
        )


def _pair(columns: Sequence[str]) -> tuple[str, str] | None:
    by_name = {name.lower().replace(" ", "_").replace("-", "_"): name for name in reversed(columns)}
    return next(((by_name[a], by_name[b]) for a, b in PAIRS if a in by_name and b in by_name), None)


def relation(classes: Sequence[str]) -> str | None:
    """What to say of a model whose classes are relations of two texts; None of any other."""
    names = [name.lower().replace(" ", "_").replace("-", "_") for name in classes]
    if not RELATIONS.intersection(names):
        return None
    return f"Its classes ({', '.join(classes)}) are relations of two texts, and it is given one: scores may mean nothing."
