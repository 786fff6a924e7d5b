"""Data quality: what is missing, repeated, contradictory, out of balance or odd in a table."""

import asyncio

import numpy as np

from auditor import digest
from auditor.declare import Findings, Number, metrics, probe
from auditor.errors import Skip
from auditor.execute.keys import agreed
from auditor.probes._balance import Labels, Languages, Sizes
from auditor.probes._columns import Columns
from auditor.probes._equal_rows import EqualRows
from auditor.probes._lengths import Lengths
from auditor.probes._parts import Part, text_column
from auditor.probes._spellings import Spellings
from auditor.stats.cells import canonical
from auditor.stats.counts import group_values
from auditor.types import Subject


@probe(
    yields=(
        *metrics("duplicate_share", "text_length", "text_words", slices=("whole", "group")),
        *metrics("conflicting_label_share", "length_outlier_share", "constant_columns", "identifier_columns"),
        *metrics("group_share", slices=("group",)),
        *metrics("label_share", slices=("whole", "group"), keys=("class",)),
        *metrics("language_share", slices=("whole", "group"), keys=("language",)),
        *metrics("length_share", keys=("bin",)),
        *metrics("spelling_variant_share", keys=("column",)),
        *metrics("missing_share", slices=("whole", "group"), keys=("column",)),
        *metrics("null_spelling_share", "mixed_type_share", "untrimmed_share", "control_character_share", keys=("column",)),
    ),
    source="Lee et al. 2022, https://aclanthology.org/2022.acl-long.577 (duplicates); counts, with Wilson's intervals",
)
async def data_quality(
    subject: Subject[None], *, keys: tuple[str, ...] = (), languages: Number = 20_000, most_columns: Number = 100
) -> Findings:
    """What is missing, repeated, contradictory, out of balance or odd in the data, overall and by group.

    The table is read once, and memory grows by up to 16 bytes a row, and 4 for the label and each group column. A cell is
    missing if it is null, NaN, blank, or spells it: ``?``, ``-``, ``.``, ``NA``, ``N/A``, ``NaN``, ``null``, ``None``,
    ``missing``, ``缺失`` (in columns of groups not the words, in those of classes none). Rows are equal if they agree in all
    columns, but for an id that was declared as one. Inputs are equal if the declared ones are, or those that the model
    reads; where there are none, if all columns are but label, id, weight, split and predictions. Languages are told by
    script and frequent words, an indicator and no more: ``und`` are texts that it cannot tell, most of them short.

    Args:
        subject: any table.
        keys: columns that equal rows agree in, in place of all.
        languages: rows, chosen at random, whose language is looked at.
        most_columns: columns that are measured one by one: those with a role first, then those with most cells missing.

    Yields:
        ``duplicate_share``, rows that repeat an earlier row, overall and by group, which is no fault where predictions are
        recorded without inputs; ``conflicting_label_share``, rows whose input occurs with another label too; ``group_share``
        of each group; ``label_share`` of each class and ``language_share`` of each language, overall and by group;
        ``text_length`` in characters and ``text_words`` in words, means, overall and by group;
        ``length_share``, texts by length; ``length_outlier_share``, texts far shorter or longer than most;
        ``missing_share`` of all cells, and of each column, overall and by group; where there are any, ``null_spelling_share``
        (``NA`` and the like, and ``unknown``, ``nil``, ``无``, ``未知``, which may be answers), ``mixed_type_share`` (the rarer
        of numbers and words), ``untrimmed_share`` and ``control_character_share`` of the cells of text;
        of group columns and the label ``spelling_variant_share``, rows whose value is more often spelled in another way;
        ``constant_columns`` and ``identifier_columns``, counts. Evidence shows the largest clusters of equal rows and the
        oddest cells.

    Raises:
        Skip: the table has no rows.
    """
    table = subject.table
    if not table.rows:
        raise Skip("the table has no rows")
    decided = bool(subject.model or subject.checkpoint or table.roles.prediction or table.roles.score)
    equal: Part = EqualRows.of(table, agreed(table, keys), decided=decided)
    parts: list[Part] = [Labels(table.roles.label, decided, canonical(table.roles.labels)), Sizes()]
    if text := text_column(table):
        rng = np.random.default_rng(int(digest.of_value([subject.seed, "data_quality"])[:16], 16))
        parts += [Languages(text, languages / table.rows, rng), Lengths(text)]
    parts.append(Spellings.of(table))
    parts.append(Columns.of(most_columns, table.roles))
    for written in table.batches(written=True):
        batch = written if table.steps else table.seen(written)
        groups = [group_values(batch, group) for group in table.roles.groups]
        equal.add(written, groups)
        for part in parts:
            part.add(batch, groups)
        await asyncio.sleep(0)
    for part in (equal, *parts):
        for found in part.measured(table, subject.level):
            yield found
