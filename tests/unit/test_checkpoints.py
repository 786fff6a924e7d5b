"""Names to models: what is loaded by what, and what is refused."""

import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import skops.io
import torch
from hostile_checkpoints import evil, put
from safetensors.torch import load_file
from sklearn.linear_model import LogisticRegression

from auditor.errors import InputError, UnsafeCheckpoint
from auditor.loaders import checkpoints

ROWS, LABELS = [[0.0, 1.0], [1.0, 0.0]] * 5, ["no", "yes"] * 5


@pytest.fixture
def folder(checkpoint: Path, tmp_path: Path) -> Path:
    """A copy of the tiny transformers checkpoint."""
    return Path(shutil.copytree(checkpoint, tmp_path / "tiny"))


@pytest.fixture
def pickled(folder: Path) -> Path:
    """The same with its weights as a pickle."""
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    return folder


def load(path: Path, **options):
    return checkpoints.load(str(path), cache=path.parent / "cache", **options)


def scores(model):
    return model.forward([encoded.payload for encoded in model.encode(["a good film", "dull"])], "float32")


def test_transformers_folders(folder):
    model = load(folder)
    assert (model.kind, model.name, model.classes) == ("transformers", str(folder), ("negative", "positive"))
    assert [file.path for file in model.files] == sorted(path.name for path in folder.iterdir())


def test_pickled_weights_need_the_flag_and_then_answer_the_same(folder, pickled, checkpoint):
    with pytest.raises(UnsafeCheckpoint, match=r"weights are pickles\. .*--allow-pickle"):
        load(pickled)
    np.testing.assert_array_equal(scores(load(pickled, allow_pickle=True)), scores(load(checkpoint)))


def test_hostile_weights_are_refused_with_the_flag_too(pickled, tmp_path):
    marker = tmp_path / "marker"
    put(pickled, "pytorch_model.bin", evil(f"touch {marker}"))
    with pytest.raises(UnsafeCheckpoint, match=r"pytorch_model\.bin: (os|posix)\.system gives control"):
        load(pickled, allow_pickle=True)
    assert not marker.exists()


def test_whatever_lies_beside_the_weights_counts(folder):
    put(folder, "notes/old.pkl", evil("true"))
    put(folder, "modeling.py", b"import os")
    with pytest.raises(UnsafeCheckpoint, match=r"notes/old\.pkl: .*malicious.*findings in all: 2"):
        load(folder)


def test_code_that_the_configuration_names_is_refused(folder):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "auto_map": {"AutoConfig": "x--y.Config"}}))
    with pytest.raises(UnsafeCheckpoint, match="auto_map names code"):
        load(folder, allow_pickle=True)


def test_a_review_does_not_keep_a_model_from_being_loaded(folder):
    put(folder, "training_args.bin", b"\x80\x02ctransformers.training_args\nTrainingArguments\n)\x81}b.")
    assert [finding.severity for finding in checkpoints.scan(folder)] == ["review"]
    assert load(folder).kind == "transformers"


@pytest.mark.parametrize("inside", [True, False])
def test_skops_files_alone_and_in_a_folder(inside, tmp_path):
    estimator = LogisticRegression().fit(ROWS, LABELS)
    (tmp_path / "m").mkdir()
    skops.io.dump(estimator, tmp_path / "m" / "model.skops")
    model = load(tmp_path / "m" if inside else tmp_path / "m" / "model.skops", columns=("a", "b"))
    assert (model.kind, model.columns) == ("skops", ("a", "b"))
    np.testing.assert_array_equal(model.forward([(0.0, 1.0)], ""), estimator.predict_proba([[0.0, 1.0]]))


def test_onnx_files_in_a_folder(tmp_path):
    from skl2onnx import to_onnx

    proto = to_onnx(LogisticRegression().fit(ROWS, LABELS), np.zeros((1, 2), np.float32))
    put(tmp_path, "m/model.onnx", proto.SerializeToString())
    assert load(tmp_path / "m", columns=("a", "b")).kind == "onnx"


@pytest.mark.parametrize("flag", [True, False])
@pytest.mark.parametrize("name", ["model.pkl", "model.joblib", "model.pickle"])
def test_scikit_learn_pickles_are_never_loaded(name, flag, tmp_path):
    path = put(tmp_path / "m", name, pickle.dumps(LogisticRegression().fit(ROWS, LABELS)))
    for place in (path, path.parent):
        with pytest.raises(UnsafeCheckpoint, match=r"never loaded here\. .*skops\.io\.dump"):
            load(place, allow_pickle=flag)


def test_weights_alone_are_not_enough(folder):
    with pytest.raises(InputError, match="weights alone") as caught:
        load(folder / "model.safetensors")
    assert not isinstance(caught.value, UnsafeCheckpoint)


def test_what_is_no_checkpoint(tmp_path):
    with pytest.raises(InputError, match=r"found no model: expected config\.json"):
        load(put(tmp_path, "a/readme.txt", b"text").parent)
    with pytest.raises(InputError, match=r"\.txt is no checkpoint"):
        load(tmp_path / "a" / "readme.txt")
    put(tmp_path, "b/one.skops", b"")
    put(tmp_path, "b/two.onnx", b"")
    with pytest.raises(UnsafeCheckpoint, match="has no bytes"):
        load(tmp_path / "b")


def test_several_models_in_a_folder(tmp_path):
    estimator = LogisticRegression().fit(ROWS, LABELS)
    for name in ("one.skops", "two.skops"):
        skops.io.dump(estimator, tmp_path / name)
    with pytest.raises(InputError, match=r"several models: one\.skops, two\.skops\. Name one"):
        load(tmp_path)


class TestHubNames:
    @pytest.mark.parametrize("name", ["owner/model", "hub:model"])
    def test_without_a_network(self, name, tmp_path, monkeypatch):
        asked = []

        def refuse(repository, **options):
            asked.append((repository, options.get("cache_dir")))
            raise FileNotFoundError("offline") if "cache_dir" in options else ValueError("not there")

        monkeypatch.setattr("huggingface_hub.snapshot_download", refuse)
        with pytest.raises(
            InputError,
            match=f"{name.removeprefix('hub:')}: there is no such file or folder here, and no such model was fetched",
        ):
            checkpoints.load(name, cache=tmp_path)
        assert asked == [(name.removeprefix("hub:"), None), (name.removeprefix("hub:"), tmp_path / "hub")]

    def test_snapshots_are_loaded_and_code_is_not_fetched(self, checkpoint, tmp_path, monkeypatch):
        wanted = []

        def fetch(_, *, allow_patterns, **options):
            wanted.extend(allow_patterns)
            if "cache_dir" not in options:
                raise ValueError("not there")
            return str(checkpoint)

        monkeypatch.setattr("huggingface_hub.snapshot_download", fetch)
        model = checkpoints.load("owner/model", cache=tmp_path)
        assert (model.name, model.kind) == ("owner/model", "transformers")
        assert not {"*.py", "*.bin", "*"} & set(wanted)
        checkpoints.located("owner/model", cache=tmp_path, allow_pickle=True)
        assert "*.bin" in wanted

    @pytest.mark.parametrize("name", ["missing", "./missing", "/no/such/place", "a/b/c", "a b/c"])
    def test_paths_that_are_not_there_are_not_asked_for(self, name, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("huggingface_hub.snapshot_download", lambda *_, **__: pytest.fail("asked the hub"))
        with pytest.raises(InputError, match=r"no such file|no model"):
            checkpoints.load(name, cache=tmp_path)

    def test_a_folder_with_a_misspelt_end_is_no_hub_name(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "runs").mkdir()
        monkeypatch.setattr("huggingface_hub.snapshot_download", lambda *_, **__: pytest.fail("asked the hub"))
        with pytest.raises(InputError, match="no such file or folder"):
            checkpoints.load("runs/model", cache=tmp_path)
