"""Each tensor of an adapter is compared with what its config asks for; each cause has its words."""

from __future__ import annotations

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from pytest_slm_autopsy import ModelSpec, load_model
from pytest_slm_autopsy.errors import ModelError
from pytest_slm_autopsy.models import load_adapters
from tests.models.makes import LAYERS, LEAST, MAKES, lora, named_base, stirred, trained
from tests.models.plants import adapter_config, adapter_tensors

PREFIX = "base_model.model."
ROWS = "resize its embeddings to {} rows and save it with its tokenizer"
ZERO = "DeepSpeed ZeRO-3 saves what it has not gathered; set stage3_gather_16bit_weights"
NOT_THE_BASES = "rows are not the base's"


def resized(rows, **options):
    """Embeddings resized in memory; the base's folder stays as it was."""

    def make(place):
        torch.manual_seed(3)
        base = AutoModelForCausalLM.from_pretrained(place.base, dtype=torch.float32)
        base.resize_token_embeddings(rows)
        model = stirred(get_peft_model(base, LoraConfig(**{**LEAST, **options})))
        model.save_pretrained(place.adapter, save_embedding_layers=not options)

    return make


def each_tensor(change, where=""):
    """Every tensor whose name holds ``where``, changed."""

    def edit(tensors):
        for name in [name for name in tensors if where in name]:
            tensors[name] = change(tensors[name])

    return adapter_tensors(edit)


def renamed(change):
    """Every tensor under another name."""

    def edit(tensors):
        kept = dict(tensors)
        tensors.clear()
        tensors.update({change(name): tensor for name, tensor in kept.items()})

    return adapter_tensors(edit)


def other_base(**changes):
    """The base of training was another one; the adapter is of that."""

    def make(place):
        config = AutoModelForCausalLM.from_pretrained(place.base).config
        for name, value in changes.items():
            setattr(config, name, value)
        other = place.base.parent / "other"
        AutoModelForCausalLM.from_config(config).save_pretrained(other)
        trained(type(place)(other, place.adapter)).save_pretrained(place.adapter)
        named_base(str(place.base))(place)

    return make


def halved(tensors):
    """One A of fewer rows than its B has columns."""
    name = next(name for name in tensors if "lora_A" in name)
    tensors[name] = tensors[name][:2]


def lost_layer(tensors):
    """One tensor is not there."""
    del tensors[min(tensors)]


def nothing(place):
    """No fault but that of the make."""


FAULTS = {
    # tensors that peft would take, and that are of another model
    "embeddings resized": (resized(776), nothing, "tensor_shapes", ROWS.format(776)),
    "embeddings resized to fewer": (resized(760), nothing, "tensor_shapes", ROWS.format(760)),
    "resized and trained whole": (
        resized(776, modules_to_save=["embed_tokens", "lm_head"]),
        nothing, "tensor_shapes", ROWS.format(776),
    ),
    "resized, with LoRA on the embeddings": (
        resized(776, target_modules=["embed_tokens"]), nothing, "tensor_shapes", ROWS.format(776),
    ),
    "resized, with LoRA on the head": (
        resized(776, target_modules=["lm_head"]), nothing, "tensor_shapes", ROWS.format(776),
    ),
    "resized, and only new tokens trained": (
        resized(776, trainable_token_indices=[768, 770]),
        nothing, "tensor_shapes", "the config trains token 770, and this base has 768 rows",
    ),
    "resized, and new tokens of one module trained": (
        resized(776, trainable_token_indices={"embed_tokens": [768, 775]}),
        nothing, "tensor_shapes", ROWS.format("776 or more"),
    ),
    "a token that is none": (
        lora(trainable_token_indices=[3, 5]),
        adapter_config(trainable_token_indices=[-3, 5]), "tensor_shapes", "the config trains token",
    ),
    "a trained head that its config lost": (
        lora(modules_to_save=["lm_head"]),
        adapter_config(modules_to_save=None), "tensor_names", '"modules_to_save": ["lm_head"]',
    ),
    "trained embeddings that its config lost": (
        lora(modules_to_save=["embed_tokens"]),
        adapter_config(modules_to_save=None), "tensor_names", NOT_THE_BASES,
    ),
    "one of two trained modules lost": (
        lora(modules_to_save=["embed_tokens", "lm_head"]),
        adapter_config(modules_to_save=["embed_tokens"]), "tensor_names", '["lm_head"]',
    ),
    "a trained norm that its config lost": (
        lora(modules_to_save=["norm"]),
        adapter_config(modules_to_save=None), "tensor_names",
        '"modules_to_save": ["input_layernorm", "norm", "post_attention_layernorm"]',
    ),
    "embeddings of another base beside it": (
        resized(768), each_tensor(lambda rows: rows + 1, "embed_tokens"),
        "tensor_names", "or load the base it was trained on",
    ),
    "embeddings that are empty": (
        resized(768), each_tensor(lambda _: torch.zeros(0), "embed_tokens"), "tensor_shapes", ZERO,
    ),
    "embeddings that are NaN": (
        resized(768), each_tensor(lambda rows: rows * float("nan"), "embed_tokens"),
        "weights_finite", "embed_tokens.weight holds NaN",
    ),
    "trained tokens that its config lost": (
        lora(trainable_token_indices=[3, 5]),
        adapter_config(trainable_token_indices=None), "tensor_names", '"trainable_token_indices"',
    ),
    "fewer tokens than were trained": (
        lora(trainable_token_indices=[3, 5]),
        adapter_config(trainable_token_indices=[3]), "tensor_shapes", "name 1 tokens and 2 were",
    ),
    "DoRA that its config lost": (
        lora(use_dora=True), adapter_config(use_dora=False), "tensor_names", '"use_dora": true',
    ),
    "DoRA that was not trained": (
        lora(), adapter_config(use_dora=True), "tensor_names", "it was not trained with",
    ),
    "a module saved that was not trained": (
        lora(), adapter_config(modules_to_save=["lm_head"]),
        "tensor_names", "it holds nothing for lm_head",
    ),
    "a target that its config lost": (
        lora(), adapter_config(target_modules=["q_proj", "down_proj"]),
        "tensor_names", "the config does not choose model.layers.0.self_attn.v_proj (",
    ),
    "a target that was not trained": (
        lora(), adapter_config(target_modules=[*LAYERS, "o_proj"]),
        "tensor_names", "it holds nothing for o_proj",
    ),
    "targets that are no names": (
        lora(), adapter_config(target_modules=[5]), "target_modules", "{5} names no modules",
    ),
    "a pattern of ranks that is none": (
        lora(), adapter_config(rank_pattern={"v_proj(": 2}),
        "tensor_shapes", "peft cannot lay the adapter's config on this base",
    ),
    "the head as a target, lost": (
        lora(target_modules=["q_proj", "lm_head"]), adapter_config(target_modules=["q_proj"]),
        "tensor_names", "the config does not choose lm_head (",
    ),
    "the embeddings as a target, lost": (
        lora(target_modules=["q_proj", "embed_tokens"]), adapter_config(target_modules=["q_proj"]),
        "tensor_names", "the config does not choose model.embed_tokens (",
    ),
    # one sentence for each cause
    "all empty": (lora(), each_tensor(lambda _: torch.zeros(0)), "tensor_shapes", ZERO),
    "B empty": (lora(), each_tensor(lambda _: torch.zeros(0), "lora_B"), "tensor_shapes", ZERO),
    "no rows": (lora(), each_tensor(lambda rows: rows[:0], "v_proj"), "tensor_shapes", ZERO),
    "magnitudes empty": (
        lora(use_dora=True), each_tensor(lambda _: torch.zeros(0), "magnitude"),
        "tensor_shapes", ZERO,
    ),
    "flat pieces": (
        lora(), each_tensor(lambda rows: rows.flatten()[:40]), "tensor_shapes", "as FSDP saves",
    ),
    "r edited": (lora(), adapter_config(r=8), "tensor_shapes", 'with rank 4; write "r": 4'),
    "r edited beside a rank_pattern": (
        lora(rank_pattern={"v_proj": 2}), adapter_config(r=8), "tensor_shapes", 'write "r": 4',
    ),
    "r edited, on embeddings": (
        lora(target_modules=["embed_tokens"]), adapter_config(r=2), "tensor_shapes", '"r": 4',
    ),
    "r edited, with experts": (MAKES["experts"], adapter_config(r=2), "tensor_shapes", '"r": 4'),
    "r edited, with experts of before": (
        MAKES["experts of before"], adapter_config(r=2), "tensor_shapes", '"r": 4',
    ),
    "experts that are empty": (
        MAKES["experts of before"], each_tensor(lambda _: torch.zeros(0)), "tensor_shapes", ZERO,
    ),
    "rank_pattern lost": (
        lora(rank_pattern={"v_proj": 2}), adapter_config(rank_pattern={}),
        "tensor_shapes", "rank_pattern was lost: the ranks are 4 in 4 modules, 2",
    ),
    "rank_pattern lost, of most modules": (
        lora(rank_pattern={"v_proj": 2, "q_proj": 2}), adapter_config(rank_pattern={}),
        "tensor_shapes", "rank_pattern was lost: the ranks are 2 in 4 modules, 4",
    ),
    "r edited and rank_pattern lost": (
        lora(rank_pattern={"v_proj": 2}), adapter_config(rank_pattern={}, r=8),
        "tensor_shapes", "r was edited, and its rank_pattern lost: the ranks are 4 in 4 modules, 2",
    ),
    "rank_pattern edited": (
        lora(rank_pattern={"v_proj": 2}), adapter_config(rank_pattern={"v_proj": 3}),
        "tensor_shapes", "rank_pattern was edited: model.layers.0.self_attn.v_proj was trained wit",
    ),
    "A and B of two trainings": (
        lora(), adapter_tensors(halved), "tensor_shapes", "A and B are of different ranks",
    ),
    "transposed": (
        lora(), each_tensor(lambda rows: rows.T, "lora_B"), "tensor_shapes", "it is transposed",
    ),
    "another hidden size": (
        other_base(hidden_size=64), nothing, "tensor_shapes", "on a base of another size",
    ),
    "more heads": (
        other_base(num_key_value_heads=2), nothing, "tensor_shapes", "on a base of another size",
    ),
    "a deeper base": (
        other_base(num_hidden_layers=3), nothing, "tensor_names", "more layers than the 2 of",
    ),
    "a shallower base": (
        other_base(num_hidden_layers=1), nothing, "tensor_names", "it has 1 layers, so it was",
    ),
    "a file that is not whole": (
        lora(), adapter_tensors(lost_layer), "tensor_names", "the file is not whole",
    ),
    "a raw state_dict": (
        lora(), renamed(lambda name: name.replace(".weight", ".default.weight")),
        "tensor_names", "the adapter's own name (default) is in it",
    ),
    "torch.compile": (
        lora(), renamed(lambda name: name.replace(PREFIX, f"{PREFIX}_orig_mod.")),
        "tensor_names", "_orig_mod in it is of torch.compile",
    ),
    "DistributedDataParallel": (
        lora(), renamed(lambda name: f"module.{name}"),
        "tensor_names", "module in it is of DistributedDataParallel",
    ),
    "no prefix": (
        lora(), renamed(lambda name: name.removeprefix(PREFIX)),
        "tensor_names", "peft's names begin with base_model.model.",
    ),
    "another method": (
        lora(), renamed(lambda name: name.replace("lora_A", "hada_w1_a")),
        "tensor_names", "hada_ is of another method than LoRA",
    ),
    "another architecture": (
        lora(), renamed(lambda name: name.replace("q_proj", "c_attn")),
        "tensor_names", "this base has no such module",
    ),
}  # fmt: skip


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_tensors_has_its_cause(place_on, fault, tied):
    make, plant, name, words = FAULTS[fault]
    place = place_on(tied=tied)
    make(place)
    plant(place)
    faults = place.faults()
    assert list(faults) == [name]
    assert words in faults[name]
    assert "\n" not in faults[name]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (resized(776), r"does not load .*size mismatch for .*embed_tokens.weight: copying"),
        (resized(776, trainable_token_indices=[770]), "does not load .*index 770 is out of bounds"),
    ],
)
def test_a_fault_that_is_allowed_has_its_cause_where_loading_ends(place_on, make, words):
    place = place_on()
    make(place)
    spec = ModelSpec(str(place.base), str(place.adapter), quantization="none", device="cpu")
    with pytest.raises(ModelError, match=words):
        load_model(spec, allow=["tensor_shapes"])
    with pytest.raises(ModelError, match=words):
        load_adapters(spec, {"one": str(place.adapter)}, allow=["tensor_shapes"])
