"""DeepWordBug: typos in the words that matter most, until the prediction turns."""

import asyncio
import string
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Literal

import numpy as np
from rapidfuzz.distance import Levenshtein

from auditor.declare import Findings, Number, metrics, probe, rng
from auditor.probes._attacks import Attack, Victim, confirmed, margin, report, victims
from auditor.probes._rows import text_read
from auditor.probes._words import FUNCTION_WORDS, pieces
from auditor.types import Floats, Scores, Subject, need

UNKNOWN = "[UNK]"
EDITS = 30


@probe(
    yields=(
        *metrics("attack_success_rate", "accuracy_under_attack", slices=("whole", "group")),
        *metrics("attack_success_rate_difference", "accuracy_under_attack_difference", slices=("group",), keys=("reference",)),
        *metrics("queries", "words_changed"),
    ),
    source="Gao et al. 2018, https://arxiv.org/abs/1801.04354; search and limits of Morris et al. 2020, TextAttack",
)
async def deep_word_bug(
    subject: Subject[Scores],
    *,
    rows: Number = 100,
    sample: Literal["random", "first"] = "random",
    search: Literal["float32", "bfloat16"] = "float32",
) -> Findings:
    """How often a few typos, chosen against the model, turn a right prediction into a wrong one.

    Words are ranked by how much the true class's probability falls when the word is hidden. In that order, one word after
    another is given the best of four random edits: two letters swapped, one replaced, one dropped, one added. Function
    words are left alone, no word is changed twice, and the text stays within 30 edits of the original. Rows that the
    model gets wrong without help are not attacked.

    Args:
        subject: a table of labelled texts; a model giving class probabilities (n, k).
        rows: how many rows to attack at most.
        sample: ``random`` rows, or the ``first`` ones.
        search: dtype of the search; every flip is checked again in float32, and counts only there.

    Yields:
        ``attack_success_rate``, a fraction of the attacked rows; ``accuracy_under_attack``, a fraction of all chosen rows;
        both also per group; ``queries`` and ``words_changed`` as means; and the texts of successful attacks.

    Raises:
        NotApplicable: the model reads no text.
        Skip: there are no labels, or no row that the model gets right.
    """
    text_read(subject)
    need(subject.table.roles.label, "a label column")
    found = await victims(subject, rows=rows, sample=sample)
    attacks = await asyncio.gather(*(attacked(subject, victim, search) for victim in found if victim.right))
    for finding in report(subject, found, attacks):
        yield finding


async def attacked(subject: Subject[Scores], victim: Victim, search: str) -> Attack:
    """Attack one row, searching in a dtype; a success counts in float32 only."""

    async def ask(texts: Sequence[str]) -> Floats:
        return await subject.ask(texts, dtype=search)

    async def check(text: str) -> Floats | None:
        return await confirmed(subject, text, victim.row.label)

    return await attack(victim.row.text, victim.row.label, ask, check, rng(subject.seed, victim.row.text, "deep_word_bug"))


async def attack(
    text: str,
    label: int,
    ask: Callable[[Sequence[str]], Awaitable[Floats]],
    check: Callable[[str], Awaitable[Floats | None]],
    random: Random,
) -> Attack:
    """Attack one text, as the paper states it.

    Args:
        text: the text, which the model gets right.
        label: index of its true class.
        ask: gives class probabilities of texts, shape ``(n, k)``; NaN for a text that the model does not answer.
        check: gives the reference answer to a text if that is another class, else None.
        random: where the edits come from.
    """
    parts = pieces(text)
    words = range(1, len(parts), 2)
    places = [place for place in words if parts[place] not in FUNCTION_WORDS]
    drawn = {place: edits(parts[place], random) for place in places}  # before the search, so that its path decides no draw
    first, *hidden = await ask([text, *("".join(_with(parts, place, UNKNOWN)) for place in places)])
    if not np.isfinite(first).all():  # in the dtype of the search
        return Attack(text, False, 1 + len(places), 0, len(words))
    best, queries, changed = first[label], 1 + len(places), 0
    for rank in np.argsort([scores[label] for scores in hidden], kind="stable"):
        place = places[rank]
        options = [_with(parts, place, word) for word in drawn[place]]
        options = [option for option in options if Levenshtein.distance(text, "".join(option), score_cutoff=EDITS) <= EDITS]
        if not options:
            continue
        found = await ask(["".join(option) for option in options])
        queries += len(options)
        strongest = int(np.nan_to_num(found[:, label], nan=np.inf).argmin())
        if not found[strongest, label] < best:  # nor where no option was answered
            continue
        parts, best, changed = options[strongest], found[strongest, label], changed + 1
        if margin(found[strongest], label) < 0 and (scores := await check("".join(parts))) is not None:
            return Attack("".join(parts), True, queries, changed, len(words), scores)
    return Attack("".join(parts), False, queries, changed, len(words))


def edits(word: str, random: Random) -> list[str]:
    """Up to four random edits of a word, distinct and other than the word: swap, replace, drop and add a letter."""
    if len(word) < 2:
        return []
    swap, change, drop, add = (random.randrange(n) for n in (len(word) - 1, len(word), len(word), len(word)))
    options = (
        word[:swap] + word[swap + 1] + word[swap] + word[swap + 2 :],
        word[:change] + random.choice(string.ascii_letters) + word[change + 1 :],
        word[:drop] + word[drop + 1 :],
        word[:add] + random.choice(string.ascii_letters) + word[add:],
    )
    return [option for option in dict.fromkeys(options) if option != word]


def _with(parts: Sequence[str], place: int, word: str) -> list[str]:
    return [*parts[:place], word, *parts[place + 1 :]]
