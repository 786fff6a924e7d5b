"""Runs TextAttack's DeepWordBug recipe in TextAttack's own environment and prints one line of JSON.

usage: python textattack_deepwordbug.py MODEL CSV ROWS installed|repaired THREADS STOPWORDS.json

``repaired`` pads each batch to its longest text instead of the model's maximum. The stop words are given by the caller
and laid where the library looks for them, since its own list is a download.
"""

import csv
import json
import os
import pathlib
import random
import sys
import tempfile
import time

model_path, data_path, rows, padding, threads, stopwords_path = sys.argv[1:]
home = pathlib.Path(tempfile.mkdtemp())
listed = home / "corpora" / "stopwords" / "english"
listed.parent.mkdir(parents=True)
listed.write_text("\n".join(json.loads(pathlib.Path(stopwords_path).read_text())))
os.environ |= {"HF_HUB_OFFLINE": "1", "TA_CACHE_DIR": str(home), "NLTK_DATA": str(home)}

import numpy as np
import torch
import transformers
from textattack.attack_recipes import DeepWordBugGao2018
from textattack.attack_results import SkippedAttackResult, SuccessfulAttackResult
from textattack.models.wrappers import HuggingFaceModelWrapper

torch.set_num_threads(int(threads))
model = transformers.AutoModelForSequenceClassification.from_pretrained(model_path).eval()
tokenizer = transformers.AutoTokenizer.from_pretrained(model_path)


class Wrapper(HuggingFaceModelWrapper):
    """Counts texts and time; pads as asked."""

    texts = calls = 0
    seconds = 0.0

    def __call__(self, texts):
        clock = time.perf_counter()
        with torch.no_grad():
            if padding == "repaired":
                answer = self.model(**self.tokenizer(texts, padding=True, truncation=True, return_tensors="pt")).logits
            else:
                answer = super().__call__(texts)
        Wrapper.seconds += time.perf_counter() - clock
        Wrapper.texts += len(texts)
        Wrapper.calls += 1
        return answer


wrapper = Wrapper(model, tokenizer)
attack = DeepWordBugGao2018.build(wrapper)
with open(data_path, newline="") as file:
    data = [(row["text"], int(row["label"])) for row in csv.DictReader(file)][: int(rows)]
random.seed(1)
np.random.seed(1)
attack.attack("a warm-up text that is not in the data", 0)
Wrapper.texts = Wrapper.calls = 0
Wrapper.seconds = 0.0
clock = time.perf_counter()
results = [attack.attack(text, label) for text, label in data]
wall = time.perf_counter() - clock
attacked = [result for result in results if not isinstance(result, SkippedAttackResult)]
won = [result for result in attacked if isinstance(result, SuccessfulAttackResult)]
print(
    json.dumps(
        {
            "wall": wall,
            "forward": Wrapper.seconds,
            "texts": Wrapper.texts,
            "calls": Wrapper.calls,
            "attacked": len(attacked),
            "success": len(won) / max(len(attacked), 1),
            "queries": sum(result.num_queries for result in attacked) / max(len(attacked), 1),
        }
    )
)
