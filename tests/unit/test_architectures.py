"""Every architecture of transformers that classifies sequences, tiny and with random weights, against the plain network.

Expected are the answers of transformers to one text at a time, in float32 and without padding. What reads other things
than text is refused. Architectures that a later version of the library adds are tried without a change here.
"""

import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    AutoConfig,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PretrainedConfig,
    PreTrainedTokenizerFast,
)
from transformers.models.auto.modeling_auto import MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES as NAMES

from auditor.errors import InputError
from auditor.loaders.transformers_folder import transformers_folder
from auditor.predict.refusals import isolated
from auditor.types import FileFact, Model

WORDS: Final = [f"w{i}" for i in range(60)]
MARKS: Final = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]

SMALL: Final[Mapping[str, int]] = {
    **dict.fromkeys("hidden_size d_model n_embd emb_dim dim embedding_size d_latents".split(), 16),
    **dict.fromkeys("num_hidden_layers n_layers n_layer num_layers".split(), 2),
    **dict.fromkeys("encoder_layers decoder_layers num_decoder_layers num_encoder_layers".split(), 1),
    **dict.fromkeys("num_attention_heads n_heads n_head num_heads encoder_attention_heads decoder_attention_heads".split(), 2),
    **dict.fromkeys("num_self_attention_heads num_cross_attention_heads num_experts_per_tok".split(), 2),
    **dict.fromkeys("num_key_value_heads n_head_kv n_group topk_group n_shared_experts first_k_dense_replace".split(), 1),
    **dict.fromkeys("num_blocks num_self_attends_per_block".split(), 1),
    **dict.fromkeys(
        "intermediate_size encoder_ffn_dim decoder_ffn_dim ffn_dim d_ff dff d_inner n_inner hidden_dim".split(), 32
    ),
    **dict.fromkeys(
        "head_dim d_kv kv_lora_rank q_lora_rank qk_rope_head_dim qk_nope_head_dim v_head_dim num_latents".split(), 8
    ),
    **dict.fromkeys("moe_intermediate_size shared_expert_intermediate_size feed_forward_size".split(), 16),
    **dict.fromkeys("num_experts num_local_experts n_routed_experts".split(), 4),
    **dict.fromkeys(
        "entity_vocab_size entity_emb_size max_xpath_tag_unit_embeddings max_xpath_subs_unit_embeddings".split(), 16
    ),
    **dict.fromkeys("pronunciation_embed_dim shape_embed_dim pronunciation_vocab_size shape_vocab_size".split(), 16),
    "vocab_size": 70,
    "max_position_embeddings": 64,
    "n_positions": 64,
    "sliding_window": 16,
    "bos_token_id": 0,
    "pad_token_id": 1,
    "eos_token_id": 2,
    "decoder_start_token_id": 2,
}

LINEAR: Final = {
    "layer_types": ["linear_attention", "full_attention"],
    "linear_num_key_heads": 2,
    "linear_num_value_heads": 2,
    "linear_key_head_dim": 8,
    "linear_value_head_dim": 8,
}
ROPE: Final = {"rope_type": "default", "rope_theta": 10_000.0}
TYPES: Final = ("sliding_attention", "full_attention")

LATENT: Final = ("axk1", "axk2", "deepseek_v2", "deepseek_v3", "minicpm3", "mistral4")

MORE: Final[Mapping[str, Mapping[str, Any]]] = {
    **{
        kind: {
            **dict.fromkeys(("head_dim", "qk_rope_head_dim", "qk_nope_head_dim", "v_head_dim")),
            "num_key_value_heads": 2,
            "num_experts_per_tok": 2,
        }
        for kind in LATENT
    },
    "cohere_compass_text": {"layer_types": list(TYPES), "rope_parameters": dict.fromkeys(TYPES, ROPE)},
    "diffllama": {"num_key_value_heads": 2},
    "esm": {"mask_token_id": 4, "vocab_size": 70},
    "esmc": {"num_key_value_heads": 2},
    "falcon": {"head_dim": None},
    "funnel": {"block_sizes": [1, 1], "num_hidden_layers": None, "num_layers": None, "num_blocks": None},
    "gpt_neo": {"attention_types": [[["global", "local"], 1]]},
    "gptj": {"rotary_dim": 4},
    "hunyuan_v1_dense": {"head_dim": 8},
    "hunyuan_v1_moe": {"head_dim": 8},
    "jamba": {"attn_layer_period": 2, "attn_layer_offset": 1, "use_mamba_kernels": False},
    "ministral": {"head_dim": 8},
    "nemotron": {"num_key_value_heads": 1},
    "qwen3_5": {"text_config": LINEAR},
    "qwen3_5_text": LINEAR,
    "qwen3_next": LINEAR,
    "reformer": {
        "axial_pos_embds_dim": [8, 8],
        "axial_pos_shape": [8, 8],
        "attn_layers": ["local", "lsh"],
        "num_buckets": 4,
        "hash_seed": 1,
        "attention_head_size": 8,
        "lsh_attn_chunk_length": 8,
        "local_attn_chunk_length": 8,
    },
    "t5": {"decoder_start_token_id": 0},
    "xlnet": {"max_position_embeddings": None},
    "xmod": {"default_language": "en_XX"},
    "zamba": {
        "num_hidden_layers": 4,
        "layers_block_type": ["linear_attention", "hybrid"] * 2,
        "use_mamba_kernels": False,
        "attention_head_dim": 16,
    },
    "zamba2": {"layers_block_type": ["linear_attention", "hybrid"], "use_mamba_kernels": False},
}

REFUSED: Final = {
    "layoutlm": "layout boxes",
    "layoutlmv2": "layout boxes",
    "layoutlmv3": "layout boxes",
    "lilt": "layout boxes",
    "markuplm": "paths of markup",
    "tapas": "tables",
}

LENGTHS: Final = (1, 2, 3, 3, 5, 8, 8, 13, 21, 40, 62, 63, 90, 200)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Networks this small are slower on several."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def texts() -> list[str]:
    """Of mixed lengths, with an empty one, one of one word, ones over the limit, and one that holds a token's own name."""
    draw = np.random.default_rng(0)
    return [*(" ".join(draw.choice(WORDS, n)) for n in LENGTHS), "", "  ", "unknown", "w1 </s> w2", "w3 w4"]


def tokenizer() -> PreTrainedTokenizerFast:
    known = {token: i for i, token in enumerate([*MARKS, *WORDS])}
    made = Tokenizer(models.WordLevel(known, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    names = {"bos_token": "<s>", "cls_token": "<s>", "pad_token": "<pad>", "eos_token": "</s>", "sep_token": "</s>"}
    return PreTrainedTokenizerFast(tokenizer_object=made, unk_token="<unk>", mask_token="<mask>", model_max_length=64, **names)


def small(config: PretrainedConfig, more: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration's own sizes made small, and those of its parts."""
    sizes: dict[str, Any] = {
        name: value
        for name, value in SMALL.items()
        if hasattr(config, name) and (getattr(config, name) is not None or name.endswith("token_id"))
    }
    for name, part in vars(config).items():
        if isinstance(part, PretrainedConfig):
            sizes[name] = {**small(part, more.get(name, {})), "model_type": part.model_type}
    own = {name: value for name, value in more.items() if not isinstance(sizes.get(name), dict)}
    return {name: value for name, value in {**sizes, **own}.items() if value is not None}


def network(kind: str) -> Any:
    """A tiny classifier with weights as far from each other as trained ones."""
    default = AutoConfig.for_model(kind)
    classes = {0: "negative", 1: "positive"}
    config = type(default)(
        **small(default, MORE.get(kind, {})), id2label=classes, label2id={name: i for i, name in classes.items()}
    )
    torch.manual_seed(0)
    made = AutoModelForSequenceClassification.from_config(config).eval().float()
    draw = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, weight in made.named_parameters():
            if weight.dim() >= 2:
                scale = 1.0 if "emb" in name.lower() else 1 / np.sqrt(weight.shape[-1])
                weight.copy_(torch.randn(weight.shape, generator=draw) * scale)
        head = [weight for _, weight in made.named_parameters() if weight.dim() == 2 and weight.shape[0] == 2]
        head[-1].mul_(2)
    return made


def alone(whole: Any, reader: Any, text: str, longest: int) -> np.ndarray | None:
    """What the library answers to one text; None where it fails on it."""
    given = reader(text, truncation=True, max_length=longest, return_tensors="pt")
    takes = inspect.signature(whole.forward).parameters
    try:
        with torch.inference_mode():
            logits = whole(**{name: cells for name, cells in given.items() if name in takes}).logits
    except (RuntimeError, ValueError, IndexError, AssertionError):
        return None
    return logits.double().softmax(-1)[0].numpy()


def answers(model: Model, asked: list[str]) -> list[np.ndarray | None]:
    """Ours, all texts in one batch; None where one is refused."""

    def forward(codes: list[Any]) -> list[np.ndarray | None]:
        return [*model.forward([code.payload for code in codes], "float32")]

    return isolated(forward, model.encode(asked), lambda *_: None, lambda: False)


def load(folder: Path) -> Model:
    return transformers_folder(folder, files=[FileFact("config.json", 1, "0" * 64)])


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(set(NAMES) - set(REFUSED) - {"mra"}))
def test_answers_are_those_of_the_plain_network(kind: str, tmp_path: Path) -> None:
    whole = network(kind)
    whole.save_pretrained(tmp_path)
    tokenizer().save_pretrained(tmp_path)
    model, asked = load(tmp_path), texts()
    plain = AutoModelForSequenceClassification.from_pretrained(tmp_path, dtype=torch.float32).eval()
    reader = AutoTokenizer.from_pretrained(tmp_path)
    expected = [alone(plain, reader, text, model.max_length or 64) for text in asked]
    found = answers(model, asked)
    assert [one is None for one in found] == [one is None for one in expected]
    pairs = [(ours, theirs) for ours, theirs in zip(found, expected, strict=True) if theirs is not None and ours is not None]
    assert len(pairs) >= 14
    assert np.std([theirs[1] for _, theirs in pairs]) > 1e-3, "all texts are answered alike, which tests nothing"
    np.testing.assert_allclose([ours for ours, _ in pairs], [theirs for _, theirs in pairs], atol=1e-5)
    assert model.max_length is not None
    assert model.max_length <= 64
    wholes = [len(reader(text)["input_ids"]) for text in asked]
    assert [code.truncated for code in model.encode(asked)] == [length > model.max_length for length in wholes]


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(REFUSED))
def test_what_reads_more_than_a_text_is_refused(kind: str, tmp_path: Path) -> None:
    AutoConfig.for_model(kind, architectures=[NAMES[kind]], num_labels=2).save_pretrained(tmp_path)
    tokenizer().save_pretrained(tmp_path)
    with pytest.raises(InputError, match=REFUSED[kind]):
        load(tmp_path)


@pytest.mark.slow
def test_a_network_whose_attention_is_not_there_on_processors_is_refused(tmp_path: Path) -> None:
    """Without its kernels for CUDA, the library fills the attention of MRA with zeros: no answer depends on the text."""
    network("mra").save_pretrained(tmp_path)
    tokenizer().save_pretrained(tmp_path)
    with pytest.raises(InputError, match="CUDA"):
        transformers_folder(tmp_path, files=[], device="cpu")


@pytest.mark.slow
def test_a_network_that_draws_lots_is_refused(tmp_path: Path) -> None:
    """Reformer's hashes are random unless its configuration says otherwise."""
    whole = network("reformer")
    whole.config.hash_seed = None
    whole.save_pretrained(tmp_path)
    tokenizer().save_pretrained(tmp_path)
    with pytest.raises(InputError, match="different answers"):
        load(tmp_path)
