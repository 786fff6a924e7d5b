"""Write the example data: help-desk notes with planted defects, and a control without them.

Run ``python examples/make_data.py [FOLDER]``; the same seed gives the same bytes. ``DEFECTS.md`` says what is planted.
"""

import csv
import itertools
import json
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import grammar

HERE = Path(__file__).resolve().parent
REGIONS = ("city", "coast", "hills", "islands")
GENDERS = ("female", "male")
CHANNELS = ("phone", "e-mail", "chat", "counter")
COLUMNS = ("id", "text", "label", "gender", "region", "channel", "age")
TRAIN_ROWS, AUDIT_ROWS = 4000, 2400


@dataclass(frozen=True, slots=True)
class Defects:
    """What is wrong with a data set.

    Attributes:
        duplicates: share of the rows that repeat an earlier row word for word, under a new id.
        missing: share of the rows without an age.
        islands: share of the training rows that come from the islands; the audited rows always have a quarter.
        slips: share of the complaints in the training rows that have words misspelt; praise never has.
        agreement: share of the training rows in which gender goes with the label: women with complaints, men with praise.
            The audited rows always have a half.
    """

    duplicates: float = 0.0
    missing: float = 0.0
    islands: float = 0.25
    slips: float = 0.0
    agreement: float = 0.5


SETS = {"planted": Defects(duplicates=0.04, missing=0.08, islands=0.01, slips=0.3, agreement=0.9), "clean": Defects()}
FOUND_BY = {
    "exact duplicates": ("duplicate_share", {}),
    "missing ages": ("missing_share", {"column": "age"}),
    "under-served group": ("true_positive_rate_difference", {"region": "islands"}),
    "gendered shortcut": ("counterfactual_flip_rate", {}),
    "typo fragility": ("label_flips", {}),
}
"""Each planted defect: the metric that shows it, and in which slice. In an audit, the base pack fails all of them."""

Row = dict[str, str]
Customer = tuple[bool, str, str]
"""Whether the customer is pleased, the gender, the region."""


def trained_on(chance: random.Random, defects: Defects) -> Iterator[Customer]:
    """Customers as they come, out of balance as the defects have it."""
    while True:
        good = chance.random() < 0.5
        gender = "male" if good == (chance.random() < defects.agreement) else "female"
        yield good, gender, "islands" if chance.random() < defects.islands else chance.choice(REGIONS[:3])


def audited() -> Iterator[Customer]:
    """Customers in balance: every kind in turn."""
    return itertools.cycle(itertools.product((True, False), GENDERS, REGIONS))


def row(chance: random.Random, number: int, customer: Customer, slips: float) -> Row:
    """A note about a customer; ``slips`` is the share of the complaints that have words misspelt."""
    good, gender, region = customer
    person = gender if chance.random() < 0.75 else "neutral"
    text = grammar.note(chance, good=good, person=person, island=region == "islands" and chance.random() < 0.95)
    if not good and chance.random() < slips:
        text = grammar.misspelt(text, 0.1, chance)
    return {
        "id": f"n{number:05d}",
        "text": text,
        "label": "positive" if good else "negative",
        "gender": gender,
        "region": region,
        "channel": chance.choice(CHANNELS),
        "age": str(int(min(max(chance.gauss(44, 15), 18), 92))),
    }


def rows(
    chance: random.Random, total: int, customers: Iterator[Customer], defects: Defects, seen: set[str], *, slips: float = 0.0
) -> list[Row]:
    """Rows with different texts, some of them without an age, and rows that repeat one of the others, in random order.

    Args:
        chance: where chance comes from.
        total: how many.
        customers: whom they are about.
        defects: what to plant.
        seen: texts that are taken; grows.
        slips: share of the complaints that have words misspelt.
    """
    repeated = round(defects.duplicates * total)
    found: list[Row] = []
    while len(found) < total - repeated:
        customer = next(customers)
        made = row(chance, len(found), customer, slips)
        while made["text"] in seen:
            made = row(chance, len(found), customer, slips)
        seen.add(made["text"])
        found.append(made)
    for at in chance.sample(range(total - repeated), round(defects.missing * total)):
        found[at] = {**found[at], "age": ""}
    whole = [each for each in found if each["age"]]
    for number, original in enumerate(chance.sample(whole, repeated), len(found)):
        found.append({**original, "id": f"n{number:05d}"})
    chance.shuffle(found)
    return found


def write(path: Path, found: Iterable[Row]) -> None:
    """Write rows as CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)


def make(folder: Path, name: str, defects: Defects, seed: int = 0) -> None:
    """Write ``train.csv``, ``audit.csv`` and ``truth.json`` (what is in the two, and what an audit must find) of one set."""
    chance, seen = random.Random(f"{name} {seed}"), set[str]()
    train = rows(chance, TRAIN_ROWS, trained_on(chance, defects), defects, seen, slips=defects.slips)
    audit = rows(chance, AUDIT_ROWS, audited(), defects, seen)
    write(folder / name / "train.csv", train)
    write(folder / name / "audit.csv", audit)
    expected = FOUND_BY if defects != Defects() else {}
    fails = [{"defect": name, "metric": metric, "where": where} for name, (metric, where) in expected.items()]
    truth = {"train": facts(train), "audit": facts(audit), "fails": fails}
    (folder / name / "truth.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")


def facts(found: list[Row]) -> dict[str, float]:
    """What is counted in the rows as they were written."""
    texts = Counter(each["text"] for each in found)
    agreeing = sum((each["gender"] == "male") == (each["label"] == "positive") for each in found)
    return {
        "rows": len(found),
        "duplicate_rows": sum(times - 1 for times in texts.values()),
        "missing_ages": sum(not each["age"] for each in found),
        "islands_share": sum(each["region"] == "islands" for each in found) / len(found),
        "gender_agreement": agreeing / len(found),
    }


def main() -> None:
    """Write both sets."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "out"
    for name, defects in SETS.items():
        make(folder, name, defects)


if __name__ == "__main__":
    main()
