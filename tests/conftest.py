"""Fixtures that all tests share."""

import asyncio
import os
import signal
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pytest

from auditor import digest
from auditor.declare import Findings
from auditor.types import Evidence, FileFact, Measurement, Model, Roles, Shard, Source, Table

if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):  # as a shell starts what runs in the background; commands would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)

SHARED = Path(os.environ.get("AUDITOR_SHARED", Path(__file__).resolve().parents[2] / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of real data, word resources and a real checkpoint, which is not part of the project."""
    if not (SHARED / "data").is_dir():
        pytest.skip(f"real data not found at {SHARED}; set AUDITOR_SHARED to its folder")
    return SHARED


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep each test's stored predictions to itself."""
    monkeypatch.setenv("AUDITOR_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what commands say on one line each; wrapping has tests of its own."""
    monkeypatch.setenv("COLUMNS", "1000")


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a tiny BERT classifier with random weights and a tokenizer of a few words."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("checkpoint") / "tiny"
    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        *"the a he she good bad film was very not actor actress plot dull bright".split(),
    ]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=16,
    )
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=16,
        initializer_range=0.5,
        id2label={0: "negative", 1: "positive"},
        label2id={"negative": 0, "positive": 1},
    )
    BertForSequenceClassification(config).eval().save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def model(checkpoint: Path) -> Model:
    """The tiny checkpoint, loaded."""
    from auditor.loaders.transformers_folder import transformers_folder

    files = [FileFact(path.name, path.stat().st_size, digest.of_file(path)) for path in sorted(checkpoint.iterdir())]
    return transformers_folder(checkpoint, files=files)


class Probed(Protocol):
    """Runs a probe on rows and a model."""

    def __call__(
        self, probe: Callable[..., Findings], data: Mapping[str, Sequence[object]], roles: Roles, /, **how: object
    ) -> list:
        """Everything that the probe yields."""
        ...


@pytest.fixture
def probed(model: Model, tmp_path: Path) -> Probed:
    """Runs a probe on rows held in memory, with the tiny checkpoint or another model."""
    from auditor.predict.labels import class_map
    from auditor.predict.plane import Plane
    from auditor.predict.subject import with_model

    tiny = model

    def run(
        probe: Callable[..., Findings],
        data: Mapping[str, Sequence[object]],
        roles: Roles,
        /,
        *,
        model: Model | None = None,
        seed: int = 0,
        **options: object,
    ) -> list[Measurement | Evidence]:
        batch = pa.table(dict(data))
        shard = Shard(batch.num_rows, 0, "held", held=batch)
        table = Table(Source("rows", "memory", "0" * 64, batch.num_rows), (shard,), batch.schema, roles, "rows")

        async def findings() -> list[Measurement | Evidence]:
            plane = Plane(model or tiny, tmp_path / "store")
            classes = class_map(table, (model or tiny).classes) if roles.label else None
            subject = with_model(table, classes, plane, checkpoint=None, seed=seed, level=0.95)
            try:
                return [finding async for finding in probe(subject, **options)]
            finally:
                plane.close()

        return asyncio.run(findings())

    return run


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where nothing may be left out, a skipped test is a failed one."""
    report = yield
    if report.skipped and os.environ.get("AUDITOR_NO_SKIP") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
    return report
