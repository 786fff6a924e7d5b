"""Train a small transformers checkpoint on each example data set, in well under a minute each.

Run ``python examples/train.py [FOLDER]`` after ``make_data.py``. The planted model reads whole words and has never seen a
typo, so a misspelt word is lost on it; the control reads pieces of words and was trained on notes with typos.
"""

import csv
import random
import sys
from dataclasses import dataclass
from pathlib import Path

import grammar
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast
from transformers.utils import logging

OUT = Path(__file__).resolve().parent / "out"
LABELS = ("negative", "positive")
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model is trained.

    Attributes:
        pieces: size of the vocabulary of word pieces; 0 for whole words.
        typos: share of the words that get a typo, new ones in each epoch.
        epochs: passes over the training data.
    """

    pieces: int = 0
    typos: float = 0.0
    epochs: int = 3


RECIPES = {"planted": Recipe(epochs=2), "clean": Recipe(pieces=1000, typos=0.25, epochs=4)}


def tokenizer(texts: list[str], pieces: int) -> PreTrainedTokenizerFast:
    """A tokenizer built from the texts: words seen at least eight times, or pieces of words."""
    made = Tokenizer(models.WordPiece(unk_token="[UNK]") if pieces else models.WordLevel(unk_token="[UNK]"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    given = {"special_tokens": SPECIAL, "show_progress": False}
    whole = trainers.WordLevelTrainer(min_frequency=8, **given)
    made.train_from_iterator(texts, trainers.WordPieceTrainer(vocab_size=pieces, **given) if pieces else whole)
    ends = [(name, made.token_to_id(name)) for name in ("[CLS]", "[SEP]")]
    made.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    return PreTrainedTokenizerFast(
        tokenizer_object=made, model_max_length=128, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    )


def batches(texts: list[str], size: int, chance: random.Random) -> list[list[int]]:
    """Row numbers in batches of texts of about equal length, the batches in random order."""
    order = sorted(range(len(texts)), key=lambda i: (len(texts[i]), chance.random()))
    cut = [order[start : start + size] for start in range(0, len(order), size)]
    chance.shuffle(cut)
    return cut


def train(texts: list[str], labels: list[int], recipe: Recipe, folder: Path, seed: int = 0) -> None:
    """Train a classifier and save it as a transformers checkpoint."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    chance, encode = random.Random(seed), tokenizer(texts, recipe.pieces)
    config = BertConfig(
        vocab_size=len(encode), hidden_size=64, num_hidden_layers=2, num_attention_heads=4, intermediate_size=128,
        max_position_embeddings=128, pad_token_id=encode.pad_token_id,
        id2label=dict(enumerate(LABELS)), label2id={name: i for i, name in enumerate(LABELS)},
    )  # fmt: skip
    model, steps = BertForSequenceClassification(config), recipe.epochs * (len(texts) // 32 + 1)
    descent = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01)
    pace = torch.optim.lr_scheduler.OneCycleLR(descent, 2e-3, total_steps=steps)
    for _ in range(recipe.epochs):
        seen = [grammar.misspelt(text, recipe.typos, chance) for text in texts]
        for rows in batches(seen, 32, chance):
            inputs = encode([seen[i] for i in rows], padding=True, truncation=True, return_tensors="pt")
            model(**inputs, labels=torch.tensor([labels[i] for i in rows])).loss.backward()
            descent.step()
            pace.step()
            descent.zero_grad()
    model.eval().save_pretrained(folder)
    encode.save_pretrained(folder)


def read(path: Path) -> tuple[list[str], list[int]]:
    """Texts and class numbers of a data file."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [row["text"] for row in rows], [LABELS.index(row["label"]) for row in rows]


def main() -> None:
    """Train the models of the named sets, or of both."""
    logging.disable_progress_bar()
    for name in sys.argv[1:] or RECIPES:
        train(*read(OUT / name / "train.csv"), RECIPES[name], OUT / name / "model")


if __name__ == "__main__":
    main()
