"""Healthy adapters of many makes, each with the base it was trained on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from itertools import product
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, MixtralConfig, MixtralForCausalLM

from tests.models.plants import Place, edit_json, edit_tensors

Make = Callable[[Place], None]
"""Given a base and an empty folder, write a healthy adapter into the folder."""

LAYERS = ["q_proj", "v_proj", "down_proj"]
LEAST = {"r": 4, "lora_alpha": 8, "task_type": "CAUSAL_LM", "target_modules": LAYERS}
MORE = 776
"""Rows of resized embeddings."""
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
LLAMA = (
    "{% for m in messages %}[{{ m.role | upper }}]{{ m.content | trim }}<|im_end|>{% endfor %}"
    "{% if add_generation_prompt %}[ASSISTANT]{% endif %}"
)


def trained(place: Place, name: str = "default", **options: Any) -> PeftModel:
    """Return a model whose adapter acts, as after some training."""
    torch.manual_seed(3)
    base = AutoModelForCausalLM.from_pretrained(place.base, dtype=torch.float32)
    config = LoraConfig(**{**LEAST, **options})
    return stirred(get_peft_model(base, config, adapter_name=name))


def stirred(model: Any) -> Any:
    """Move every trainable weight, as training does."""
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.requires_grad and "magnitude" not in name:
                weight.add_(torch.randn_like(weight), alpha=0.05)
    return model


def lora(**options: Any) -> Make:
    """A LoRA saved by peft."""
    return lambda place: trained(place, **options).save_pretrained(place.adapter)


def embeddings_saved(**options: Any) -> Make:
    """A LoRA saved by peft with the base's embeddings beside it."""
    return lambda place: trained(place, **options).save_pretrained(
        place.adapter, save_embedding_layers=True
    )


def named(place: Place) -> None:
    """An adapter under a name of its own; peft saves it in a subfolder."""
    trained(place, "invoices").save_pretrained(place.adapter)


def checkpoint(place: Place) -> None:
    """The folder of a trainer, which holds the adapter and its own state beside it."""
    model = trained(place)
    model.save_pretrained(place.adapter)
    with_tokenizer(place)
    (place.adapter / "trainer_state.json").write_text('{"global_step": 500}', encoding="utf-8")
    torch.save({"step": 500}, place.adapter / "optimizer.pt")


def with_tokenizer(place: Place) -> None:
    """The tokenizer and its template beside the adapter, as trl saves them."""
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        shutil.copy(place.base / name, place.adapter)


def unsloth(place: Place) -> None:
    """An adapter as unsloth saves it: a pattern for modules, and the base by its packed name."""
    trained(
        place,
        target_modules=r"(?:.*?(?:self_attn|mlp).*?(?:q_proj|v_proj|down_proj|up_proj).*?)",
    ).save_pretrained(place.adapter)
    named_base("unsloth/base-unsloth-bnb-4bit")(place)
    with_tokenizer(place)


def named_base(name: str) -> Make:
    """The base under another name in the adapter's config."""
    return lambda place: edit_json(
        place.adapter / "adapter_config.json", base_model_name_or_path=name
    )


def resized(place: Place) -> None:
    """Embeddings resized; the base is saved with them, and so is the adapter."""
    base = AutoModelForCausalLM.from_pretrained(place.base, dtype=torch.float32)
    base.resize_token_embeddings(MORE)
    model = stirred(get_peft_model(base, LoraConfig(**LEAST)))
    model.save_pretrained(place.adapter, save_embedding_layers=True)
    model.unload().save_pretrained(place.base)


def converted(place: Place) -> None:
    """PiSSA, saved as a plain LoRA of twice the rank."""
    torch.manual_seed(3)
    base = AutoModelForCausalLM.from_pretrained(place.base, dtype=torch.float32)
    model = get_peft_model(base, LoraConfig(**LEAST, init_lora_weights="pissa"))
    start = place.adapter.parent / "start"
    model.peft_config["default"].init_lora_weights = True
    model.save_pretrained(start)
    model.peft_config["default"].init_lora_weights = "pissa"
    stirred(model).save_pretrained(place.adapter, path_initial_model_for_weight_conversion=start)


def half(place: Place) -> None:
    """An adapter kept in bfloat16."""
    trained(place).to(torch.bfloat16).save_pretrained(place.adapter)


def config(**changes: Any) -> Make:
    """Other keys in the adapter's config; ``None`` takes one away."""
    return lambda place: edit_json(place.adapter / "adapter_config.json", **changes)


def of_an_older_peft(place: Place) -> None:
    """A config with the few keys that the first versions of peft wrote."""
    PLAIN(place)
    path = place.adapter / "adapter_config.json"
    kept = ("peft_type", "task_type", "base_model_name_or_path", "r", "lora_alpha",
            "target_modules", "bias", "fan_in_fan_out", "inference_mode", "init_lora_weights",
            "lora_dropout", "modules_to_save")  # fmt: skip
    stated = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({name: stated[name] for name in kept}), encoding="utf-8")


def token_added(place: Place) -> None:
    """A token added to tokenizer and base, saved, and trained as modules, as trl does."""
    base = AutoModelForCausalLM.from_pretrained(place.base, dtype=torch.float32)
    base.resize_token_embeddings(MORE)
    base.save_pretrained(place.base)
    lora(modules_to_save=["embed_tokens", "lm_head"])(place)
    with_tokenizer(place)


def rows_made_anew(place: Place) -> None:
    """Embeddings resized in training, and once more by hand, so that the new rows are others."""
    resized(place)
    base = AutoModelForCausalLM.from_pretrained(place.base, dtype=torch.float32)
    for embeddings in (base.get_input_embeddings(), base.get_output_embeddings()):
        embeddings.weight.data[768:] = 0.01
    base.save_pretrained(place.base)


def template(text: str) -> Make:
    """A base with another chat template."""
    return lambda place: (place.base / "chat_template.jinja").write_text(text, encoding="utf-8")


def experts(place: Place) -> None:
    """A mixture of experts, whose matrices are parameters and no modules."""
    config = json.loads((place.base / "config.json").read_text(encoding="utf-8"))
    kept = ("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "head_dim",
            "num_key_value_heads", "intermediate_size", "eos_token_id", "pad_token_id")  # fmt: skip
    torch.manual_seed(1)
    model = MixtralForCausalLM(
        MixtralConfig(**{name: config[name] for name in kept}, num_local_experts=2)
    )
    model.save_pretrained(place.base)
    lora(
        target_modules=["q_proj"],
        target_parameters=["mlp.experts.gate_up_proj", "mlp.experts.down_proj"],
    )(place)


def experts_of_before(place: Place) -> None:
    """The same, as transformers 4 had it: each matrix of each expert is a module."""
    experts(place)
    hidden, inner = 32, 48
    shapes = {"w1": (inner, hidden), "w2": (hidden, inner), "w3": (inner, hidden)}

    def edit(tensors: dict[str, torch.Tensor]) -> None:
        for name in [name for name in tensors if "experts" in name]:
            del tensors[name]
        for layer, expert, matrix in product(range(2), range(2), shapes):
            high, low = shapes[matrix]
            module = f"layers.{layer}.block_sparse_moe.experts.{expert}.{matrix}"
            tensors[f"base_model.model.model.{module}.lora_A.weight"] = torch.randn(4, low)
            tensors[f"base_model.model.model.{module}.lora_B.weight"] = torch.randn(high, 4) * 0.05

    edit_tensors(place.adapter / "adapter_model.safetensors", edit)
    config(target_modules=["q_proj", "w1", "w2", "w3"], target_parameters=None)(place)


def each(*makes: Make) -> Make:
    """Several steps."""

    def make(place: Place) -> None:
        for one in makes:
            one(place)

    return make


PLAIN = lora()
MAKES: dict[str, Make] = {
    "LoRA": PLAIN,
    "rsLoRA": lora(use_rslora=True),
    "DoRA": lora(use_dora=True),
    "bias lora_only": lora(bias="lora_only"),
    "bias all": lora(bias="all"),
    "rank_pattern and alpha_pattern": lora(
        rank_pattern={"v_proj": 2, "layers.1.mlp.down_proj": 6}, alpha_pattern={"v_proj": 3}
    ),
    "one name too many": lora(target_modules=[*LAYERS, "c_attn"]),
    "a pattern": lora(target_modules=r".*\.(q_proj|up_proj)"),
    "all-linear": lora(target_modules="all-linear"),
    "modules that peft chooses": lora(target_modules=None),
    "exclude_modules": lora(exclude_modules=["layers.0.mlp.down_proj"]),
    "one layer": lora(layers_to_transform=[1], layers_pattern="layers"),
    "full names": lora(target_modules=["model.layers.0.self_attn.q_proj"]),
    "modules_to_save": lora(modules_to_save=["lm_head", "embed_tokens"]),
    "a norm saved": lora(modules_to_save=["norm"]),
    "trainable_token_indices": lora(trainable_token_indices=[5, 7, 11]),
    "tokens of one module": lora(trainable_token_indices={"embed_tokens": [5, 7]}),
    "LoRA on embeddings": lora(target_modules=["q_proj", "embed_tokens"]),
    "LoRA on the head": lora(target_modules=["q_proj", "lm_head"]),
    "embeddings beside": embeddings_saved(),
    "embeddings resized": resized,
    "experts": experts,
    "experts of before": experts_of_before,
    "PiSSA": lora(init_lora_weights="pissa"),
    "PiSSA, converted": converted,
    "OLoRA": lora(init_lora_weights="olora"),
    "random from the start": lora(init_lora_weights=False),
    "gaussian": lora(init_lora_weights="gaussian"),
    "orthogonal": lora(init_lora_weights="orthogonal"),
    "MiCA": lora(init_lora_weights="mica"),
    "dropout": lora(lora_dropout=0.1),
    "layers replicated": lora(layer_replication=[[0, 2], [1, 2]]),
    "bfloat16": half,
    "a name of its own": named,
    "a trainer's checkpoint": checkpoint,
    "tokenizer beside it": each(PLAIN, with_tokenizer),
    "unsloth": unsloth,
    "base named by its place in the cache": each(
        PLAIN,
        named_base(
            "/data/hub/models--org--base/snapshots/0123456789abcdef0123456789abcdef01234567"
        ),
    ),
    "base named AWQ": each(PLAIN, named_base("org/base-AWQ")),
    "base named GPTQ": each(PLAIN, named_base("org/base-GPTQ-Int4")),
    "another template": each(PLAIN, template(LLAMA)),
    "a template of ChatML": each(PLAIN, template(CHATML)),
    "tied on purpose": lora(target_modules=["q_proj", "embed_tokens"], ensure_weight_tying=True),
    "a tied module saved": lora(modules_to_save=["embed_tokens"], ensure_weight_tying=True),
    "KaSA": lora(kasa_config={}),
    "QALoRA": lora(use_qalora=True, qalora_group_size=16),
    "VeLoRA": lora(velora_config={"num_groups": 4}),
    "MonteCLoRA": lora(monteclora_config={}),
    "aLoRA": lora(alora_invocation_tokens=[1, 85, 91]),
    "a token added": token_added,
    "rows made anew": rows_made_anew,
    "a config of an older peft": of_an_older_peft,
    "a config of a newer peft": each(PLAIN, config(use_future=False)),
    "no task": each(PLAIN, config(task_type=None, auto_mapping={"unsloth_fixed": True})),
    "float16": lambda place: trained(place).to(torch.float16).save_pretrained(place.adapter),
}
