"""Transformers checkpoints: loading, answers, abilities, and folders that are not what they should be."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from auditor.errors import InputError
from auditor.loaders.transformers_folder import transformers_folder
from auditor.types import FileFact, Model

TEXTS = ["good film", "the actor was very bad", "", "she was not dull", "unknown words only here"]


def load(folder: Path, **options: object) -> Model:
    files = [FileFact(path.name, path.stat().st_size, "0" * 64) for path in sorted(folder.iterdir())]
    return transformers_folder(folder, files=files, **options)


def test_answers_equal_those_of_the_library(checkpoint: Path) -> None:
    model = load(checkpoint)
    codes = model.encode(TEXTS)
    batched = model.forward([code.payload for code in codes], "float32")
    network, tokenizer = (
        AutoModelForSequenceClassification.from_pretrained(checkpoint),
        AutoTokenizer.from_pretrained(checkpoint),
    )
    with torch.inference_mode():
        expected = [network(**tokenizer(text, return_tensors="pt")).logits.double().softmax(-1)[0].numpy() for text in TEXTS]
    np.testing.assert_allclose(batched, expected, atol=1e-6)
    np.testing.assert_allclose(batched.sum(1), 1)
    assert model.classes == ("negative", "positive")


def test_bfloat16_is_near_and_not_equal(checkpoint: Path) -> None:
    model = load(checkpoint)
    payloads = [code.payload for code in model.encode(TEXTS)]
    exact, rough = (model.forward(payloads, dtype) for dtype in ("float32", "bfloat16"))
    assert 0 < np.abs(exact - rough).max() < 0.1


def test_what_does_not_fit_is_cut_and_said_to_be(checkpoint: Path) -> None:
    """The model sees 16 tokens, two of which are its own."""
    model = load(checkpoint)
    assert model.max_length == 16
    fits, over, huge = model.encode(["good " * 14, "good " * 15, "good " * 100_000])
    assert (fits.length, fits.truncated) == (16, False)
    assert (over.length, over.truncated) == (16, True)
    assert (huge.length, huge.truncated) == (16, True)


def test_lone_surrogates_and_nuls_are_read(checkpoint: Path) -> None:
    model = load(checkpoint)
    scores = model.forward([code.payload for code in model.encode(["good \ud800 film", "good\x00film"])], "float32")
    assert np.isfinite(scores).all()


def test_a_text_that_the_tokenizer_makes_nothing_of_is_refused(tmp_path: Path, checkpoint: Path) -> None:
    """Tokenizers that add no token of their own make such texts; the network takes none of them by itself."""
    folder = broken(checkpoint, tmp_path, lambda _: None)
    bare = json.loads((folder / "tokenizer.json").read_text())
    bare["post_processor"] = None
    (folder / "tokenizer.json").write_text(json.dumps(bare))
    empty, word = load(folder).encode(["  ", "good"])
    assert "no token" in empty.refused
    assert (word.refused, word.length) == ("", 1)


def test_what_stands_after_a_long_gap_is_read(checkpoint: Path) -> None:
    """A text is not cut by its characters before it is known how many tokens they make."""
    near, far = load(checkpoint).encode(["good film", "good" + " " * 5000 + "film"])
    assert np.array_equal(near.payload, far.payload)
    assert not far.truncated


def test_a_text_is_cut_on_the_side_that_the_tokenizer_says(checkpoint: Path, tmp_path: Path) -> None:
    folder = broken(checkpoint, tmp_path, lambda _: None)
    tokenizer = AutoTokenizer.from_pretrained(folder, truncation_side="left")
    tokenizer.save_pretrained(folder)
    (code,) = load(folder).encode(["bad " * 3000 + "good " * 14])
    assert code.truncated
    assert code.payload.tolist() == tokenizer("good " * 14)["input_ids"]


def test_the_gradient_is_the_slope_of_the_log_probability(checkpoint: Path) -> None:
    """Against a central difference along the gradient itself, in the network's own embeddings."""
    model = load(checkpoint)
    (code,) = model.encode(["the actor was very bad"])
    (slope,) = model.gradient([code.payload], [1])
    network = AutoModelForSequenceClassification.from_pretrained(checkpoint).double()
    ids = torch.tensor(code.payload)[None]
    start = network.get_input_embeddings()(ids).detach()
    step = torch.tensor(slope)[None] * 1e-4
    with torch.inference_mode():
        up, down = (network(inputs_embeds=start + sign * step).logits.log_softmax(-1)[0, 1].item() for sign in (1, -1))
    assert slope.shape == (code.length, 16)
    assert (up - down) / 2e-4 == pytest.approx((slope**2).sum(), rel=1e-3)


def test_an_embedding_does_not_depend_on_its_neighbours(checkpoint: Path) -> None:
    model = load(checkpoint)
    payloads = [code.payload for code in model.encode(TEXTS)]
    together, alone = model.embed(payloads), model.embed(payloads[:1])
    assert together.shape == (5, 16)
    np.testing.assert_allclose(together[0], alone[0], atol=1e-6)


def test_the_fingerprint_follows_the_files(checkpoint: Path) -> None:
    one, same = load(checkpoint), load(checkpoint)
    other = transformers_folder(checkpoint, files=[FileFact("config.json", 1, "1" * 64)])
    assert one.fingerprint == same.fingerprint != other.fingerprint


def broken(checkpoint: Path, tmp_path: Path, change: Callable[[dict[str, object]], object]) -> Path:
    folder = tmp_path / "broken"
    shutil.copytree(checkpoint, folder)
    config = json.loads((folder / "config.json").read_text())
    change(config)
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: c.update(architectures=["BertModel"]), "expected a sequence classifier, found BertModel"),
        (lambda c: c.update(problem_type="multi_label_classification"), "found multi_label_classification"),
        (lambda c: c.update(id2label={"0": "same", "1": "same"}), "names 1 classes for 2 outputs"),
        (lambda c: c.update(id2label={"0": "only"}), "found a single output"),
        (lambda c: c.update(model_type="no-such-model"), "cannot read the model's configuration"),
        (lambda c: c.update(hidden_size=32), "cannot load the weights"),
        (lambda c: c.update(num_hidden_layers=3), "weights are missing"),
    ],
)
def test_a_configuration_that_does_not_fit_is_said_so(
    checkpoint: Path, tmp_path: Path, change: Callable[[dict[str, object]], object], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        load(broken(checkpoint, tmp_path, change))


@pytest.mark.parametrize(
    ("missing", "said"), [("tokenizer*", "no tokenizer vocabulary"), ("*.safetensors", "cannot load the weights")]
)
def test_missing_files_are_said_to_be(checkpoint: Path, tmp_path: Path, missing: str, said: str) -> None:
    folder = broken(checkpoint, tmp_path, lambda _: None)
    for path in folder.glob(missing):
        path.unlink()
    with pytest.raises(InputError, match=said):
        load(folder)


def test_a_device_that_is_not_there_is_said_so(checkpoint: Path) -> None:
    with pytest.raises(InputError, match="cannot use the device 'warp'"):
        load(checkpoint, device="warp")


def test_pickled_weights_are_read_only_when_asked_for(checkpoint: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pickled"
    shutil.copytree(checkpoint, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    network = AutoModelForSequenceClassification.from_pretrained(checkpoint)
    torch.save(network.state_dict(), folder / "pytorch_model.bin")
    with pytest.raises(InputError, match="cannot load the weights"):
        load(folder)
    model, original = load(folder, allow_pickle=True), load(checkpoint)
    payloads = [code.payload for code in model.encode(TEXTS)]
    np.testing.assert_array_equal(model.forward(payloads, "float32"), original.forward(payloads, "float32"))
