"""Checkpoints as honest tools write them, which a scan must not call unsafe."""

import json
import pickle
import struct
from pathlib import Path

import joblib
import numpy as np
import torch
from hostile_checkpoints import tarred, tensors, zipped
from safetensors.torch import save_file
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

TEMPLATE = """{%- set ns = namespace(system='') %}{% for message in messages %}{%- if message['role'] == 'user' %}
{{- '<|user|>\\n' + message['content']|trim }}{% elif message.tool_calls is defined %}
{{ message.content.split('</think>')[-1] }}
{%- else %}{{ raise_exception('unknown role: ' ~ message['role']) }}{% endif %}
{% generation %}{{ bos_token }}{% endgeneration %}
{%- endfor %}Use `__init__` and import os.path in code.{% if add_generation_prompt %}<|assistant|>{% endif %}"""


def write_silent(folder: Path) -> list[Path]:
    """Files that a scan has nothing to say of."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Embedding(50, 8), torch.nn.Linear(8, 3))
    state = {**network.state_dict(), "half": torch.ones(5, dtype=torch.bfloat16), "none": torch.zeros(0), "count": 640}
    torch.save(state, folder / "zip.pt")
    torch.save(state, folder / "pytorch_model.bin")
    torch.save(state, folder / "legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(torch.arange(640), folder / "storage_of_640.pt", _use_new_zipfile_serialization=False)
    torch.save(torch.optim.Adam(network.parameters()).state_dict(), folder / "optimizer.pt")
    save_file({name: value for name, value in state.items() if name != "count"}, folder / "model.safetensors", {"format": "pt"})
    np.save(folder / "a.npy", np.arange(12.0).reshape(3, 4))
    np.save(folder / "records.npy", np.zeros(3, dtype=[("id", "i4"), ("name", "U5"), ("box", "f4", (4,))]))
    np.savez(folder / "b.npz", x=np.ones(3), y=np.array(["a", "b"]))
    np.savez_compressed(folder / "c.npz", x=np.zeros(30_000))
    (folder / "plain.pkl").write_bytes(pickle.dumps({"threshold": 0.5, "names": ("a", "b"), "big": 1 << 70, "raw": b"x" * 300}))
    (folder / "first_protocol.pkl").write_bytes(pickle.dumps([1, -2.5, "three", None, True, (4,), {5: {6}}], 0))
    (folder / "vocab.txt").write_text("cat\ndog\n(\nthe\n[PAD]\nis\n.\nRun\n")
    (folder / "config.json").write_text(json.dumps({"architectures": ["BertForSequenceClassification"], "auto_map": {}}))
    (folder / "tokenizer_config.json").write_text(json.dumps({"chat_template": TEMPLATE, "model_max_length": 16}))
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": "model-00001-of-00001.safetensors"}}))
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n# A model\n`torch.load('x.pt')`\n")
    (folder / "params.yaml").write_text("rate: 0.1\n")
    (folder / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    (folder / "empty.txt").write_bytes(b"")
    (folder / "weights.safetensors").write_bytes(
        tensors({"a": {"dtype": "I64", "shape": [1], "data_offsets": [0, 8]}}, b"\x5d" + bytes(7))
    )
    (folder / "data.tar").write_bytes(tarred({"a/weights.dat": struct.pack("<4f", 1, 2, 3, 4)}))
    (folder / "tensors.zip").write_bytes(
        zipped({"archive/data/0": b"\x80\x02" + bytes(62), "archive/data/1": b"x\x9c" + bytes(62)})
    )
    (folder / "keras.keras").write_bytes(
        zipped({"config.json": json.dumps({"module": "keras.layers", "class_name": "Dense"}).encode()})
    )
    _skops(folder)
    return sorted(folder.iterdir())


def write_reviewed(folder: Path) -> list[Path]:
    """Pickles of scikit-learn and arrays of objects: they need a review, and hold nothing unsafe."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    rows, labels = rng.normal(size=(60, 4)), rng.integers(2, size=60)
    forest = RandomForestClassifier(5, random_state=0).fit(rows, labels)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, labels)
    texts = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(["good film", "bad film"] * 5, ["pos", "neg"] * 5)
    for protocol in range(6):
        (folder / f"forest{protocol}.pkl").write_bytes(pickle.dumps(forest, protocol))
    joblib.dump(forest, folder / "forest.joblib")
    for packing in ("zlib", "gzip", "bz2", "lzma", "xz"):
        joblib.dump(pipeline, folder / f"pipeline_{packing}.joblib", compress=(packing, 3))
    joblib.dump(texts, folder / "texts.joblib")
    boosted = [GradientBoostingClassifier(n_estimators=3), HistGradientBoostingClassifier(max_iter=3), KNeighborsClassifier()]
    for model in boosted:
        joblib.dump(model.fit(rows, labels), folder / f"{type(model).__name__}.joblib")
    mixed = {"empty": np.zeros((0, 3)), "fortran": np.asfortranarray(np.ones((3, 3))), "words": np.array(["ab", "c"])}
    objects = np.array(["a", None, 3], dtype=object)
    joblib.dump(
        {**mixed, "objects": objects, "scalar": np.float64(1), "time": np.array(["2020"], "M8[D]")}, folder / "arrays.joblib"
    )
    np.save(folder / "objects.npy", objects, allow_pickle=True)
    return sorted(folder.iterdir())


def _skops(folder: Path) -> None:
    import skops.io

    rows, labels = [[0.0, 1.0], [1.0, 0.0]] * 5, ["a", "b"] * 5
    skops.io.dump(RandomForestClassifier(3, random_state=0).fit(rows, labels), folder / "forest.skops")
