"""Checkpoints whose answers are easily got wrong: scores are those of transformers, asked one text at a time."""

import importlib.util
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
import transformers as library
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from auditor.cli import main
from auditor.errors import InputError
from auditor.loaders import checkpoints
from auditor.types import Model

Run = tuple[int, dict[str, Any]]


@pytest.fixture(scope="module")
def tiny(shared: Path) -> ModuleType:
    """Builders of tiny networks with a tokenizer of sixty words."""
    found = importlib.util.spec_from_file_location("tiny", shared / "cases" / "tiny.py")
    assert found is not None
    assert found.loader is not None
    made = importlib.util.module_from_spec(found)
    sys.modules["tiny"] = made
    found.loader.exec_module(made)
    return made


@pytest.fixture
def audited(tmp_path: Path) -> Callable[..., Run]:
    """Audits the model in ``model/`` on some texts."""

    def run(texts: Sequence[str], *options: str, probes: Sequence[str] = ("performance",)) -> Run:
        labels = ["positive" if i % 2 else "negative" for i in range(len(texts))]
        pd.DataFrame({"text": list(texts), "label": labels}).to_csv(tmp_path / "data.csv", index=False)
        named = [part for probe in probes for part in ("--probe", probe)]
        where = ["--model", str(tmp_path / "model"), "--data", str(tmp_path / "data.csv"), "-o", str(tmp_path / "out")]
        code = main(["run", *where, "--text", "text", "--label", "label", *named, *options])
        report = tmp_path / "out" / "run.json"
        return code, json.loads(report.read_text()) if report.exists() else {}

    return run


def outcome(run: dict[str, Any], probe: str) -> dict[str, Any]:
    (found,) = [one for one in run["outcomes"] if one["probe"] == probe]
    return found


def value(run: dict[str, Any], probe: str, metric: str) -> dict[str, Any]:
    (found,) = [one for one in outcome(run, probe)["measurements"] if one["metric"] == metric and not one["where"]]
    return found


def expected(folder: Path, texts: Sequence[str]) -> np.ndarray:
    """What the plain network says to each text alone."""
    network = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    with torch.inference_mode():
        asked = (tokenizer(text, truncation=True, max_length=64, return_tensors="pt") for text in texts)
        return np.concatenate([network(**one).logits.double().softmax(-1).numpy() for one in asked])


def scores(model: Model, texts: Sequence[str]) -> np.ndarray:
    return model.forward([code.payload for code in model.encode(texts)], "float32")


def check(folder: Path, texts: Sequence[str]) -> Model:
    model = checkpoints.load(str(folder), cache=folder.parent / "cache")
    right = expected(folder, texts)
    assert right[:, 0].std() > 0.003
    np.testing.assert_allclose(scores(model, texts), right, atol=1e-5)
    return model


def bert(tiny: ModuleType, folder: Path, **more: Any) -> Path:
    tiny.save(
        library.BertForSequenceClassification(library.BertConfig(**tiny.BERT(**more))),
        tiny.berttok(model_max_length=64),
        folder,
    )
    return folder


def gpt2(tiny: ModuleType, folder: Path, tokens: Sequence[str], pad: int | None, **named: str) -> Path:
    names = dict.fromkeys(("unk_token", "bos_token", "eos_token"), "<|endoftext|>")
    tokenizer = tiny.tokenizer(list(tokens), **names, **named, model_max_length=64)
    sizes = {"vocab_size": 70, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64, "bos_token_id": 0, "eos_token_id": 0}
    tiny.save(library.GPT2ForSequenceClassification(library.GPT2Config(**sizes, pad_token_id=pad, **tiny.L)), tokenizer, folder)
    return folder


def test_the_padding_token_is_the_one_that_the_network_knows(tiny: ModuleType, tmp_path: Path) -> None:
    """The configuration says 0 and the tokenizer 1; a network of this kind looks for the last token that is not its own."""
    check(gpt2(tiny, tmp_path / "model", ["<|endoftext|>", "<|pad|>"], 0, pad_token="<|pad|>"), tiny.texts())


@pytest.mark.parametrize("pad", [None, -1])
def test_without_a_padding_token_texts_are_not_filled_up(tiny: ModuleType, tmp_path: Path, pad: int | None) -> None:
    """Many texts end with the token that tokenizers like to fill up with."""
    texts = [f"{text} <|endoftext|>" if i % 2 else text for i, text in enumerate(tiny.texts())]
    check(gpt2(tiny, tmp_path / "model", ["<|endoftext|>"], pad), texts)


def test_a_network_that_does_not_look_at_the_mask(tiny: ModuleType, tmp_path: Path) -> None:
    sizes = tiny.BERT()
    sizes.pop("num_attention_heads")
    network = library.FNetForSequenceClassification(library.FNetConfig(**sizes, pad_token_id=0))
    tiny.save(network, tiny.berttok(model_max_length=64), tmp_path / "model")
    check(tmp_path / "model", tiny.texts())


def test_a_network_that_is_filled_up_on_the_left(tiny: ModuleType, tmp_path: Path) -> None:
    special = "<unk> <s> </s> <cls> <sep> <pad> <mask>".split()
    names = {"unk": 0, "bos": 1, "eos": 2, "cls": 3, "sep": 4, "pad": 5, "mask": 6}
    tokenizer = tiny.tokenizer(
        special,
        "$A:0 <sep>:0 <cls>:2",
        **{f"{name}_token": special[i] for name, i in names.items()},
        padding_side="left",
        model_max_length=64,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )
    sizes = {"vocab_size": 70, "d_model": 32, "n_layer": 2, "n_head": 4, "d_inner": 64}
    config = library.XLNetConfig(**sizes, pad_token_id=5, bos_token_id=1, eos_token_id=2, **tiny.L)
    tiny.save(library.XLNetForSequenceClassification(config), tokenizer, tmp_path / "model")
    check(tmp_path / "model", tiny.texts())


def test_token_types_are_those_of_the_tokenizer(tiny: ModuleType, tmp_path: Path) -> None:
    """One that says 1 for a single text, which a BERT looks up in another row of its table."""
    folder = bert(tiny, tmp_path / "model")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    post = tokenizer.backend_tokenizer.post_processor
    tokenizer.backend_tokenizer.post_processor = type(post)(
        single="[CLS]:1 $A:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save_pretrained(folder)
    check(folder, tiny.texts())


@pytest.mark.parametrize("rope", [{"rope_type": "dynamic", "factor": 2.0, "rope_theta": 10_000.0}])
def test_angles_that_depend_on_the_longest_text_of_a_batch(tiny: ModuleType, tmp_path: Path, rope: dict[str, Any]) -> None:
    sizes = tiny.BERT(max_position_embeddings=16)
    config = library.LlamaConfig(**sizes, rope_parameters=rope, pad_token_id=1, bos_token_id=0, eos_token_id=2)
    tiny.save(library.LlamaForSequenceClassification(config), tiny.robtok(model_max_length=64), tmp_path / "model")
    check_long = [" ".join(tiny.WORDS[:n]) for n in (2, 9, 14, 13, 3)]
    check(tmp_path / "model", check_long)


def test_a_token_in_a_text_costs_nobody_else(tiny: ModuleType, tmp_path: Path, audited: Callable[..., Run]) -> None:
    """BART takes a batch only where all texts have as many ends."""
    sizes = {
        f"{side}_{name}": n
        for side in ("encoder", "decoder")
        for name, n in (("layers", 1), ("attention_heads", 4), ("ffn_dim", 64))
    }
    marks = {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2, "decoder_start_token_id": 2}
    config = library.BartConfig(vocab_size=70, d_model=32, max_position_embeddings=64, **sizes, **marks, **tiny.L)
    tiny.save(library.BartForSequenceClassification(config), tiny.robtok(model_max_length=64), tmp_path / "model")
    texts = [*tiny.texts(39), "w1 w2 </s> w3"]
    _, run = audited(texts)
    right = expected(tmp_path / "model", texts).argmax(1)
    assert outcome(run, "performance")["status"] == "measured"
    accuracy = value(run, "performance", "accuracy")
    assert (accuracy["n"], accuracy["value"]) == (40, np.mean(right == np.arange(40) % 2))


def test_a_text_that_is_too_short_for_the_network_is_refused_alone(
    tiny: ModuleType, tmp_path: Path, audited: Callable[..., Run]
) -> None:
    sizes = {
        "hidden_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 4,
        "intermediate_size": 64,
        "num_hash_buckets": 99,
    }
    config = library.CanineConfig(**sizes, max_position_embeddings=256, **tiny.L)
    tiny.save(
        library.CanineForSequenceClassification(config), library.CanineTokenizer(model_max_length=200), tmp_path / "model"
    )
    texts = ["", *tiny.texts(20), "a"]
    _, run = audited(texts)
    found = outcome(run, "performance")
    assert found["status"] == "measured"
    assert value(run, "performance", "accuracy")["n"] == 20
    (refused,) = [one for one in found["evidence"] if one["metric"] == "undecided_share"]
    assert (refused["total"], [one["row"] for one in refused["examples"]]) == (2, ["0", "21"])
    assert refused["examples"][0]["facts"]["reason"]


def test_positions_that_start_after_the_padding_token(tiny: ModuleType, tmp_path: Path, audited: Callable[..., Run]) -> None:
    """Of 66 positions the first two stand for no token, so 64 tokens fit; neither configuration nor tokenizer says so."""
    sizes = tiny.BERT(max_position_embeddings=66, pad_token_id=1, bos_token_id=0, eos_token_id=2)
    tiny.save(library.MPNetForSequenceClassification(library.MPNetConfig(**sizes)), tiny.robtok(), tmp_path / "model")
    texts = [*tiny.texts(39), " ".join(tiny.WORDS * 3)]
    _, run = audited(texts, probes=("performance", "energy"))
    assert run["model"]["max_length"] == 64
    assert value(run, "performance", "accuracy")["n"] == 40
    assert value(run, "energy", "truncated_share")["counts"]["x"] == 1
    check(tmp_path / "model", texts)


def test_a_network_of_nan_is_not_measured(
    tiny: ModuleType, tmp_path: Path, audited: Callable[..., Run], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = bert(tiny, tmp_path / "model")
    network = AutoModelForSequenceClassification.from_pretrained(folder)
    torch.nn.init.constant_(network.classifier.weight, float("nan"))
    network.save_pretrained(folder)
    code, run = audited(tiny.texts(), probes=("performance", "label_flips", "calibration"))
    assert (code, run) == (2, {})
    assert "nan" in capsys.readouterr().err


def test_words_that_a_network_answers_with_nan_cost_their_rows(
    tiny: ModuleType, tmp_path: Path, audited: Callable[..., Run]
) -> None:
    folder = bert(tiny, tmp_path / "model")
    network = AutoModelForSequenceClassification.from_pretrained(folder)
    with torch.no_grad():
        network.get_input_embeddings().weight[5 + 59] = float("nan")  # w59, after five tokens of the tokenizer's own
    network.save_pretrained(folder)
    texts = [text.replace("w59", "w1") for text in tiny.texts(30)]
    texts[7:9] = ["w59", "w2 w59"]
    _, run = audited(texts)
    assert value(run, "performance", "accuracy")["n"] == 28
    assert value(run, "performance", "undecided_share")["counts"]["x"] == 2


def test_several_inputs_are_refused_before_any_work(
    tiny: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, data = bert(tiny, tmp_path / "model"), tmp_path / "pairs.csv"
    pairs = {"premise": ["w1 w2 w3"] * 20, "hypothesis": tiny.texts(20), "label": ["negative", "positive"] * 10}
    pd.DataFrame(pairs).to_csv(data, index=False)
    given = [
        "run",
        "--model",
        str(folder),
        "--data",
        str(data),
        "--label",
        "label",
        "--probe",
        "performance",
        "-o",
        str(tmp_path / "o"),
    ]
    assert main([*given, "--input", "premise", "--input", "hypothesis"]) == 2
    assert "premise, hypothesis" in capsys.readouterr().err
    assert main(given) == 2  # nor is one of them taken without a word
    assert "pair" in capsys.readouterr().err
    assert not (tmp_path / "o").exists()
    assert main([*given, "--text", "hypothesis"]) in (0, 3)


def test_classes_that_are_relations_of_two_texts_are_noted(tiny: ModuleType, tmp_path: Path) -> None:
    names = ("entailment", "neutral", "contradiction")
    labels = {"id2label": dict(enumerate(names)), "label2id": {name: i for i, name in enumerate(names)}}
    model = checkpoints.load(str(bert(tiny, tmp_path / "model", **labels)), cache=tmp_path / "cache")
    assert any("entailment" in note for note in model.notes)


ODD = {
    "surrogate": "\ud800 w1",
    "nul": "w1 \x00 w2",
    "emoji": "😀" * 50,
    "blank": " ",
    "empty": "",
    "a word of a megabyte": "w1" * 500_000,
    "a megabyte of blanks": " " * 1_000_000 + "w1 w2",
    "tokens": "[PAD] w1 [SEP] w2 [PAD]",
}


@pytest.mark.parametrize("text", ODD.values(), ids=list(ODD))
def test_odd_texts_are_answered_as_the_network_does(tiny: ModuleType, tmp_path: Path, text: str) -> None:
    model = checkpoints.load(str(bert(tiny, tmp_path / "model")), cache=tmp_path / "cache")
    texts = ["w1 w2", text, "w7 w8 w9"]
    asked = [each.encode("utf-8", "replace").decode() for each in texts]
    np.testing.assert_allclose(scores(model, texts), expected(tmp_path / "model", asked), atol=1e-5)


def test_a_tokenizer_of_more_tokens_than_the_network_has_is_refused(tiny: ModuleType, tmp_path: Path) -> None:
    folder = bert(tiny, tmp_path / "model")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.add_tokens([f"new{i}" for i in range(9)])
    tokenizer.save_pretrained(folder)
    with pytest.raises(InputError, match="74 tokens and the model only 70"):
        checkpoints.load(str(folder), cache=tmp_path / "cache")
