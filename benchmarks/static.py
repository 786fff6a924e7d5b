"""The static probes of an audit against the model's own forward pass over the same distinct texts.

usage: python benchmarks/static.py [--repeats 3]

The plain pass sorts by length, batches 32 texts, pads each batch to its longest and does nothing else: the physical
limit. Both run in this process, in turn, with equal settings; the smaller of the walls of each is kept.
"""

import argparse
import asyncio
import os
import tempfile
import time
from pathlib import Path

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from auditor.declare import strings
from auditor.execute.bind import fitted
from auditor.loaders import checkpoints, tables
from auditor.plan import default_probes
from auditor.plugins import Step, bind
from auditor.predict.labels import class_map
from auditor.predict.plane import Plane
from auditor.predict.subject import with_model
from auditor.run.probing import Task, measure
from auditor.types import Roles

SHARED = Path(os.environ.get("AUDITOR_SHARED", Path(__file__).resolve().parents[2] / "shared"))
MODEL = SHARED / "models/sentiment-minilm"
DATA = SHARED / "data/mr_sentence_polarity/eval.csv"
STATIC = tuple(step for step in default_probes() if step.use != "deep_word_bug")


def plain(texts: list[str], batch: int = 32) -> float:
    """Seconds for tokenising and a forward pass over length-sorted batches."""
    tokenizer = AutoTokenizer.from_pretrained(MODEL)
    model = AutoModelForSequenceClassification.from_pretrained(MODEL).eval()
    model(**tokenizer(["warm up"] * 4, return_tensors="pt"))
    clock = time.perf_counter()
    ids = tokenizer(texts, truncation=True, max_length=512)["input_ids"]
    order = sorted(range(len(texts)), key=lambda i: len(ids[i]))
    with torch.inference_mode():
        for start in range(0, len(order), batch):
            chosen = {"input_ids": [ids[i] for i in order[start : start + batch]]}
            model(**tokenizer.pad(chosen, return_tensors="pt")).logits.softmax(-1)
    return time.perf_counter() - clock


async def probes(folder: Path) -> tuple[float, float, int]:
    """Wall of all static probes, the forward pass's part of it, and distinct texts."""
    model = checkpoints.load(str(MODEL), cache=folder)
    model.forward([code.payload for code in model.encode(["warm up"] * 4)], "float32")
    clock = time.perf_counter()
    table = tables.load(str(DATA), Roles(inputs=("text",), label="label"), cache=folder)
    plane = Plane(model, folder)
    subject = with_model(table, class_map(table, model.classes), plane, checkpoint=MODEL, seed=0, level=0.95)
    tasks = [Task(step, fitted(bind(step, "probe"), table)) for step in STATIC]
    outcomes = await measure(tasks, subject, folder / "outcomes", "", lambda *_: None, lambda outcome: outcome)
    wall = time.perf_counter() - clock
    plane.close()
    failed = [outcome for outcome in outcomes if outcome.status == "failed"]
    assert not failed, failed[0].traceback
    return wall, plane.forward_seconds, plane.forwarded


def texts_asked(folder: Path) -> list[str]:
    """The distinct texts that those probes ask about."""
    table = tables.load(str(DATA), Roles(inputs=("text",), label="label"), cache=folder)
    changed = [fitted(bind(Step(name), "pass"), table) for name in ("swap_gendered_words", "keyboard_typos")]
    views = [table, *(table.map(change) for change in changed)]
    return list(dict.fromkeys(text for view in views for text in strings(view.read(), "text")))


def main() -> None:
    """Print both walls and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    limits, walls = [], []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            texts = texts_asked(Path(folder))
            limits.append(plain(texts))
            walls.append(asyncio.run(probes(Path(folder))))
    wall, forward, forwarded = min(walls)
    print(f"distinct texts {len(texts)}, through the model {forwarded}")
    print(f"plain forward pass {min(limits):.2f} s; static probes {wall:.2f} s, of which forward {forward:.2f} s")
    print(f"ratio {wall / min(limits):.3f}")


if __name__ == "__main__":
    main()
