"""Networks made ready for answering against the transformers library's own, on small ones with random weights."""

from inspect import getclosurevars
from typing import Any

import pytest
import torch
from transformers import AutoConfig, AutoModelForSequenceClassification

from auditor.loaders._encoders import KINDS, Logits, encoder, plain, ready
from auditor.loaders._linear import Packed, packed

SMALL = {"vocab_size": 99, "hidden_size": 48, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 96}
EXACT = {torch.float32: 1e-5, torch.bfloat16: 2e-2}


def network(kind: str, dtype: torch.dtype = torch.float32, **more: Any) -> Any:
    torch.manual_seed(0)
    config = AutoConfig.for_model(kind, **SMALL, pad_token_id=0, embedding_size=48, **more)
    made = AutoModelForSequenceClassification.from_config(config).eval()
    for weight in made.parameters():  # as a trained one: far from the start, so that answers differ between texts
        torch.nn.init.normal_(weight, std=0.2)
    return made.to(dtype)


def answers(logits: Logits) -> torch.Tensor:
    """Logits of 6 texts of 2 to 24 tokens, in no order of length."""
    draw = torch.Generator().manual_seed(1)
    tokens = torch.randint(2, 99, (6, 24), generator=draw)
    mask = (torch.arange(24) < torch.tensor([17, 24, 24, 2, 9, 24])[:, None]).long()
    with torch.inference_mode():
        return logits(tokens * mask, mask).double()


def taken(logits: Logits, whole: Any) -> str:
    """Which way ``ready`` went: through the network itself, one with packed layers, or the layers one by one."""
    through = getclosurevars(logits).nonlocals.get("network")
    return "encoder" if through is None else "plain" if through is whole else "packed"


@pytest.mark.parametrize("dtype", EXACT)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_encoder_without_padding_answers_as_the_network(kind: str, dtype: torch.dtype) -> None:
    whole = network(kind, dtype)
    made = encoder(whole)
    assert made is not None
    assert taken(ready(whole), whole) == "encoder"
    assert answers(plain(whole)).std() > 0.01
    assert torch.allclose(answers(made), answers(plain(whole)), atol=2 * EXACT[dtype], rtol=2 * EXACT[dtype])


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_token_of_padding_inside_a_text_is_a_token_like_others(kind: str) -> None:
    """RoBERTa's kind counts positions without such tokens."""
    whole = network(kind)
    ids, mask = torch.tensor([[5, 0, 7, 8], [9, 4, 0, 0]]), torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])
    with torch.inference_mode():
        assert torch.allclose(ready(whole)(ids, mask), plain(whole)(ids, mask), atol=1e-5, rtol=1e-5)
    assert taken(ready(whole), whole) == "encoder"


@pytest.mark.parametrize("dtype", EXACT)
@pytest.mark.parametrize(
    ("kind", "activation"), [("bert", "gelu"), ("roberta", "relu"), ("electra", "gelu_new"), ("distilbert", "gelu")]
)
def test_a_packed_network_answers_as_the_whole_one(kind: str, activation: str, dtype: torch.dtype) -> None:
    whole = network(kind, dtype, **({} if kind == "distilbert" else {"hidden_act": activation}))
    pack = packed(whole)
    assert not any(type(one) is torch.nn.Linear for one in pack.modules())
    assert any(type(one) is torch.nn.Linear for one in whole.modules())
    assert pack.get_input_embeddings().weight is whole.get_input_embeddings().weight
    assert torch.allclose(answers(plain(pack)), answers(plain(whole)), atol=2 * EXACT[dtype], rtol=2 * EXACT[dtype])
    assert taken(ready(whole), whole) == ("encoder" if (kind, activation) == ("bert", "gelu") else "packed")


def test_a_head_that_reads_more_than_the_first_token_keeps_its_last_layer() -> None:
    whole = network("bert")
    whole.bert.pooler.register_forward_pre_hook(lambda _, given: (given[0].mean(1, keepdim=True),))
    assert taken(ready(whole), whole) == "packed"


def test_a_network_that_does_not_take_the_test_texts_is_used_as_it_is() -> None:
    whole = network("bert", max_position_embeddings=6)
    assert taken(ready(whole), whole) == "plain"


@pytest.mark.parametrize("odd", [{"is_decoder": True}, {"hidden_act": "gelu_new"}])
def test_other_layouts_are_not_gone_through_layer_by_layer(odd: dict[str, Any]) -> None:
    assert encoder(network("bert", **odd)) is None
    assert encoder(network("albert")) is None


def test_a_torch_without_the_kernels_is_answered_by_the_network_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = network("bert")
    monkeypatch.setattr(torch.ops, "mkldnn", object())
    assert taken(ready(whole), whole) == "plain"


def test_a_dtype_without_kernels_is_answered_by_the_network_itself() -> None:
    whole = network("bert", torch.float64)
    assert taken(ready(whole), whole) == "plain"


def test_kernels_that_answer_otherwise_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights that are laid out wrongly stand for any kernel that is broken on some processor."""
    whole = network("bert")
    monkeypatch.setattr(Packed, "forward", lambda self, given, right=Packed.forward: right(self, given) * 1.01)
    assert taken(ready(whole), whole) == "plain"
