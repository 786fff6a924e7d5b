"""Trimmed and packed networks against the transformers library's own, on small ones with random weights."""

from typing import Any

import pytest
import torch
from transformers import AutoConfig, AutoModelForSequenceClassification

from auditor.loaders._encoders import KINDS, packed, trimmed

SMALL = {"vocab_size": 99, "hidden_size": 48, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 96}
EXACT = {torch.float32: 1e-5, torch.bfloat16: 2e-2}


def network(kind: str, dtype: torch.dtype = torch.float32, **more: Any) -> Any:
    torch.manual_seed(0)
    config = AutoConfig.for_model(kind, **SMALL, pad_token_id=0, embedding_size=48, **more)
    made = AutoModelForSequenceClassification.from_config(config).eval()
    for weight in made.parameters():  # as a trained one: far from the start, so that answers differ between texts
        torch.nn.init.normal_(weight, std=0.2)
    return made.to(dtype)


def answers(made: Any) -> torch.Tensor:
    """Logits of 6 texts of 2 to 24 tokens."""
    draw = torch.Generator().manual_seed(1)
    tokens = torch.randint(2, 99, (6, 24), generator=draw)
    mask = (torch.arange(24) < torch.tensor([24, 24, 17, 9, 3, 2])[:, None]).long()
    with torch.inference_mode():
        return made(input_ids=tokens * mask, attention_mask=mask).logits.double()


@pytest.mark.parametrize("dtype", EXACT)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_trimmed_network_answers_as_the_whole_one(kind: str, dtype: torch.dtype) -> None:
    whole = network(kind, dtype)
    trim = trimmed(whole)
    assert trim is not whole
    assert answers(whole).std() > 0.01
    assert torch.allclose(answers(trim), answers(whole), atol=EXACT[dtype], rtol=EXACT[dtype])
    layers = [one.base_model.encoder.layer[-1].intermediate.dense.weight for one in (whole, trim)]
    assert layers[0] is layers[1]


@pytest.mark.parametrize("dtype", EXACT)
@pytest.mark.parametrize(
    ("kind", "activation"), [("bert", "gelu"), ("roberta", "relu"), ("electra", "gelu_new"), ("distilbert", "gelu")]
)
def test_a_packed_network_answers_as_the_whole_one(kind: str, activation: str, dtype: torch.dtype) -> None:
    whole = network(kind, dtype, **({} if kind == "distilbert" else {"hidden_act": activation}))
    pack = packed(trimmed(whole))
    assert pack is not whole
    assert not any(type(one) is torch.nn.Linear for one in pack.modules())
    assert any(type(one) is torch.nn.Linear for one in whole.modules())
    assert torch.allclose(answers(pack), answers(whole), atol=2 * EXACT[dtype], rtol=2 * EXACT[dtype])


def test_a_head_that_reads_more_than_the_first_token_keeps_its_last_layer() -> None:
    whole = network("bert")
    whole.bert.pooler.register_forward_pre_hook(lambda _, given: (given[0].mean(1, keepdim=True),))
    assert trimmed(whole) is whole


@pytest.mark.parametrize("odd", [{"max_position_embeddings": 6}, {"chunk_size_feed_forward": 4}])
def test_a_network_that_does_not_take_the_test_texts_is_used_as_it_is(odd: dict[str, int]) -> None:
    whole = network("bert", **odd)
    assert trimmed(whole) is whole


@pytest.mark.parametrize("kind", ["distilbert", "albert"])
def test_other_layouts_are_left_alone(kind: str) -> None:
    whole = network(kind)
    assert trimmed(whole) is whole


def test_a_torch_without_the_kernels_is_answered_by_the_network_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = network("bert")
    assert packed(whole) is not whole
    monkeypatch.setattr(torch.ops, "mkldnn", object())
    assert packed(whole) is whole


def test_a_dtype_without_kernels_is_answered_by_the_network_itself() -> None:
    whole = network("bert", torch.float64)
    assert packed(whole) is whole


def test_kernels_that_answer_otherwise_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights that are laid out wrongly stand for any kernel that is broken on some processor."""
    whole = network("bert")
    monkeypatch.setattr("auditor.loaders._encoders._activation_after", lambda _: "relu")
    assert packed(whole) is whole
