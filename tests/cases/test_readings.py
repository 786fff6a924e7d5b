"""What lies in a checkpoint's folder: one set of weights is audited, and which one is never left to chance."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import peft
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from auditor.cli import main
from auditor.errors import InputError, MissingExtra, UnsafeCheckpoint
from auditor.loaders import checkpoints
from auditor.plan import read
from auditor.types import Model

pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")  # the library's own, within it

TEXTS = ["good film", "the actor was very bad", "", "she was not dull", "unknown words only here"]


def load(folder: Path, **options: Any) -> Model:
    return checkpoints.load(str(folder), cache=folder.parent / "cache", **options)


def scores(model: Model) -> np.ndarray:
    return model.forward([code.payload for code in model.encode(TEXTS)], "float32")


def expected(network: Any, folder: Path) -> np.ndarray:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    with torch.inference_mode():
        asked = (tokenizer(text, return_tensors="pt") for text in TEXTS)
        return np.concatenate([network.eval()(**one).logits.double().softmax(-1).numpy() for one in asked])


@pytest.fixture
def folder(checkpoint: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(checkpoint, tmp_path / "model"))


@pytest.fixture
def adapted(folder: Path) -> Path:
    """An adapter whose weights matter, trained (by lot) on the model in ``model/``; beside it, with no tokenizer."""
    settings = peft.LoraConfig(task_type="SEQ_CLS", r=4, lora_alpha=8, target_modules=["query", "value"])
    model = peft.get_peft_model(AutoModelForSequenceClassification.from_pretrained(folder), settings)
    draw = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_" in name or "modules_to_save" in name:
                weight.copy_(torch.randn(weight.shape, generator=draw))
    place = folder.parent / "adapter"
    model.save_pretrained(place)
    change(place / "adapter_config.json", base_model_name_or_path="model")
    return place


def change(file: Path, **values: object) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}))


def other_weights(folder: Path, seed: int = 7) -> dict[str, torch.Tensor]:
    tensors = load_file(folder / "model.safetensors")
    draw = torch.Generator().manual_seed(seed)
    return {**tensors, "classifier.weight": torch.randn(tensors["classifier.weight"].shape, generator=draw)}


def shard(folder: Path, tensors: dict[str, torch.Tensor]) -> None:
    names = sorted(tensors)
    files = {name: f"model-0000{1 + (i % 2)}-of-00002.safetensors" for i, name in enumerate(names)}
    for file in sorted(set(files.values())):
        save_file({name: tensors[name] for name in names if files[name] == file}, folder / file, {"format": "pt"})
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": files}))


def test_an_adapter_is_applied_to_its_base(folder: Path, adapted: Path) -> None:
    base = AutoModelForSequenceClassification.from_pretrained(folder)
    right = expected(peft.PeftModel.from_pretrained(base, adapted), folder)
    model = load(adapted)
    np.testing.assert_allclose(scores(model), right, atol=1e-5)
    assert np.abs(scores(load(folder)) - right).max() > 0.05
    assert any(file.path == "base/model.safetensors" for file in model.files)
    assert any("adapter" in note for note in model.notes)
    assert model.fingerprint != load(folder).fingerprint


def test_the_head_may_come_with_the_adapter(folder: Path, adapted: Path) -> None:
    """A base model without a classifier is no classifier; with the adapter's it answers as one that had another before."""
    right = scores(load(adapted))
    body = shutil.copytree(folder, folder.parent / "body")
    tensors = load_file(folder / "model.safetensors")
    kept = {name: tensor for name, tensor in tensors.items() if "classifier" not in name}
    save_file({**kept, "cls.predictions.bias": torch.zeros(3)}, body / "model.safetensors", {"format": "pt"})
    change(body / "config.json", architectures=["BertForMaskedLM"], id2label={"0": "a", "1": "b", "2": "c"})
    with pytest.raises(InputError, match="expected a sequence classifier"):
        load(body)
    model = load(adapted, base=str(body))
    np.testing.assert_allclose(scores(model), right, atol=1e-6)
    assert len(model.classes) == 2


def test_an_adapter_beside_its_base_is_refused_until_one_is_named(folder: Path, adapted: Path) -> None:
    """The library itself would apply it where PEFT is installed, and else leave it out."""
    right, whole = scores(load(adapted)), scores(load(folder))
    for name in ("adapter_model.safetensors", "adapter_config.json"):
        shutil.copy(adapted / name, folder / name)
    with pytest.raises(InputError, match="adapter beside whole weights") as told:
        load(folder)
    assert "--weights model.safetensors" in str(told.value)
    plain = load(folder, weights="model.safetensors")
    named = load(folder, weights="adapter_model.safetensors", base=str(folder))
    np.testing.assert_array_equal(scores(plain), whole)
    np.testing.assert_allclose(scores(named), right, atol=1e-6)
    assert plain.fingerprint != named.fingerprint


def test_a_base_that_is_not_here_is_asked_for(adapted: Path, folder: Path) -> None:
    change(adapted / "adapter_config.json", base_model_name_or_path="nobody/no-such-model")
    with pytest.raises(InputError, match=r"nobody/no-such-model.*--base"):
        load(adapted)
    assert np.isfinite(scores(load(adapted, base=str(folder)))).all()


def test_an_adapter_that_does_not_fit_is_refused(adapted: Path) -> None:
    file = adapted / "adapter_model.safetensors"
    tensors = load_file(file)
    lost = next(name for name in tensors if "lora_A" in name)
    save_file({name: tensor for name, tensor in tensors.items() if name != lost}, file)
    with pytest.raises(InputError, match="1 weights of the adapter are missing"):
        load(adapted)
    save_file({**tensors, lost.replace("layer.0", "layer.9"): tensors[lost].clone()}, file)
    with pytest.raises(InputError, match="fit nowhere"):
        load(adapted)


@pytest.mark.parametrize(
    ("key", "value", "said"), [("task_type", "CAUSAL_LM", "CAUSAL_LM"), ("peft_type", "PREFIX_TUNING", "tokens")]
)
def test_adapters_of_other_kinds_are_refused(adapted: Path, key: str, value: str, said: str) -> None:
    change(adapted / "adapter_config.json", **{key: value})
    with pytest.raises(InputError, match=said):
        load(adapted)


def test_without_the_library_an_adapter_is_not_tested(adapted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import metadata

    known = metadata.version

    def version(name: str) -> str:
        if name == "peft":
            raise metadata.PackageNotFoundError(name)
        return known(name)

    monkeypatch.setattr(metadata, "version", version)
    with pytest.raises(MissingExtra, match=r"auditor\[peft\]"):
        load(adapted)


def test_equal_weights_in_two_forms_are_one_reading(folder: Path) -> None:
    alone = scores(load(folder))
    shard(folder, load_file(folder / "model.safetensors"))
    np.testing.assert_array_equal(scores(load(folder)), alone)
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    np.testing.assert_array_equal(scores(load(folder, allow_pickle=True)), alone)
    with pytest.raises(InputError, match="several sets of weights"):  # a pickle is not read to compare it
        load(folder)


def make_sharded(folder: Path) -> str:
    shard(folder, other_weights(folder))
    return "model.safetensors.index.json"


def make_variant(folder: Path) -> str:
    save_file(other_weights(folder), folder / "model.fp16.safetensors", {"format": "pt"})
    return "model.fp16.safetensors"


def make_pickled(folder: Path) -> str:
    torch.save(other_weights(folder), folder / "pytorch_model.bin")
    return "pytorch_model.bin"


def make_shards_without_index(folder: Path) -> str:
    save_file(other_weights(folder), folder / "model-00001-of-00001.safetensors", {"format": "pt"})
    return "model-00001-of-00001.safetensors"


@pytest.mark.parametrize("make", [make_sharded, make_variant, make_pickled, make_shards_without_index])
def test_weights_that_differ_are_refused_until_one_is_named(folder: Path, make: Callable[[Path], str]) -> None:
    usual = scores(load(folder))
    right = AutoModelForSequenceClassification.from_pretrained(folder)
    right.load_state_dict(other_weights(folder))
    other = make(folder)
    with pytest.raises(InputError, match=f"(?s)that differ.*{other}|{other}.*model.safetensors"):
        load(folder, allow_pickle=True)
    np.testing.assert_array_equal(scores(load(folder, weights="model.safetensors")), usual)
    named = load(folder, weights=other, allow_pickle=True)
    np.testing.assert_allclose(scores(named), expected(right, folder), atol=1e-5)
    assert named.fingerprint != load(folder, weights="model.safetensors").fingerprint


def test_a_pickle_that_is_named_has_to_be_allowed(folder: Path) -> None:
    make_pickled(folder)
    with pytest.raises(UnsafeCheckpoint, match="--allow-pickle"):
        load(folder, weights="pytorch_model.bin")


def test_a_name_that_is_not_there_is_said_with_those_that_are(folder: Path) -> None:
    with pytest.raises(InputError, match=r"model\.safetensor'; did you mean 'model\.safetensors'"):
        load(folder, weights="model.safetensor")
    with pytest.raises(InputError, match="no adapter"):
        load(folder, base=str(folder))


def test_checkpoints_in_folders_below_are_named(folder: Path) -> None:
    run = folder.parent / "run"
    shutil.copytree(folder, run / "checkpoint-10")
    shutil.copytree(folder, run / "checkpoint-20")
    with pytest.raises(InputError, match=r"checkpoint-10, checkpoint-20.*--model .*checkpoint-10"):
        load(run)
    shutil.copytree(folder / "", run, dirs_exist_ok=True)
    assert any("checkpoint-20" in note for note in load(run).notes)


def test_an_index_of_files_that_are_not_there(folder: Path) -> None:
    shard(folder, load_file(folder / "model.safetensors"))
    (folder / "model.safetensors").unlink()
    (folder / "model-00002-of-00002.safetensors").unlink()
    with pytest.raises(InputError, match=r"not there: model-00002-of-00002\.safetensors"):
        load(folder)


def quantised(folder: Path) -> None:
    change(folder / "config.json", quantization_config={"quant_method": "awq", "bits": 4})


def quantised_inside(folder: Path) -> None:
    change(folder / "config.json", text_config={"quantization_config": {"quant_method": "fp8"}})


def quantised_beside(folder: Path) -> None:
    (folder / "quantize_config.json").write_text('{"bits": 4}')


def quantised_tensors(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    name = next(name for name in tensors if name.endswith("query.weight"))
    save_file({**tensors, name: tensors[name].to(torch.float8_e4m3fn)}, folder / "model.safetensors", {"format": "pt"})


@pytest.mark.parametrize("make", [quantised, quantised_inside, quantised_beside, quantised_tensors])
def test_quantised_weights_are_refused(folder: Path, make: Callable[[Path], None]) -> None:
    make(folder)
    with pytest.raises(InputError, match="quantised"):
        load(folder)


def test_a_head_that_would_be_made_up_is_refused(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    save_file({name: tensor for name, tensor in tensors.items() if "classifier" not in name}, folder / "model.safetensors")
    with pytest.raises(InputError, match=r"classifier.*at random"):
        load(folder)


def test_weights_that_the_network_leaves_out_are_refused(folder: Path) -> None:
    """A configuration of fewer layers than were trained is another network."""
    change(folder / "config.json", num_hidden_layers=1)
    with pytest.raises(InputError, match=r"no place in the network.*layer\.1"):
        load(folder)


def test_code_and_classes_of_ones_own_are_refused(folder: Path) -> None:
    change(folder / "config.json", architectures=["MyBertForSequenceClassification"])
    with pytest.raises(InputError, match="BertForSequenceClassification"):
        load(folder)
    change(folder / "config.json", auto_map={"AutoModel": "someone/else--modeling.My"})
    with pytest.raises(UnsafeCheckpoint, match="auto_map"):
        load(folder)


def test_plan_command_and_api_name_weights_alike(
    folder: Path, adapted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("adapter_model.safetensors", "adapter_config.json"):
        shutil.copy(adapted / name, folder / name)
    (tmp_path / "d.csv").write_text("text,label\n" + "".join(f"{text} a,negative\nplot {text},positive\n" for text in TEXTS))
    given = ["run", "--model", str(folder), "--data", str(tmp_path / "d.csv"), "--text", "text", "--label", "label"]
    assert main([*given, "--probe", "performance", "-o", str(tmp_path / "a")]) == 2
    named = ["--weights", "adapter_model.safetensors", "--base", str(folder)]
    assert main([*given, *named, "--probe", "performance", "-o", str(tmp_path / "b")]) in (0, 3)
    run = json.loads((tmp_path / "b" / "run.json").read_text())
    assert run["plan"]["model"]["weights"] == "adapter_model.safetensors"
    assert main(["init", *given[1:], *named, "-o", str(tmp_path / "audit.yaml")]) == 0
    model = read(tmp_path / "audit.yaml").model
    assert model is not None
    assert (model.weights, Path(str(model.base)).resolve()) == ("adapter_model.safetensors", folder.resolve())
    capsys.readouterr()
