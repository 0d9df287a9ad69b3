"""Little decoders of many families, with random weights: nothing to download."""

from __future__ import annotations

from functools import cache

import torch
import transformers

VOCABULARY, CONTEXT, EOS, PAD = 40, 96, 1, 0
WINDOW = 24
COMMON = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "bos_token_id": None,
    "eos_token_id": EOS,
    "pad_token_id": PAD,
}
ROTARY = {**COMMON, "intermediate_size": 48, "max_position_embeddings": CONTEXT}
GROUPED = {**ROTARY, "num_key_value_heads": 1}
KINDS = {
    "qwen2": ("Qwen2", GROUPED),
    "qwen3": ("Qwen3", {**GROUPED, "head_dim": 16}),
    "llama": ("Llama", GROUPED),
    "phi3": ("Phi3", GROUPED),
    "olmo2": ("Olmo2", GROUPED),
    "cohere": ("Cohere", GROUPED),
    "granite": ("Granite", {**GROUPED, "logits_scaling": 2.0}),
    "mixtral": ("Mixtral", {**GROUPED, "num_local_experts": 4}),
    "gpt_neox": ("GPTNeoX", ROTARY),
    "gpt2": ("GPT2", {**COMMON, "n_positions": CONTEXT}),
    "opt": ("OPT", {**ROTARY, "ffn_dim": 48, "word_embed_proj_dim": 32}),
    # Layers that look back over a window: read together only where the window is never reached.
    "gemma2": ("Gemma2", {**GROUPED, "head_dim": 16, "sliding_window": 4 * CONTEXT}),
    "gemma2, short window": ("Gemma2", {**GROUPED, "head_dim": 16, "sliding_window": WINDOW}),
    "mistral, short window": ("Mistral", {**GROUPED, "sliding_window": WINDOW}),
    # Windows and positions of their own kind: beyond them each row is generated alone.
    "gpt_neo, short window": (
        "GPTNeo",
        {
            **COMMON,
            "num_layers": 2,
            "num_heads": 2,
            "max_position_embeddings": CONTEXT,
            "window_size": WINDOW,
            "attention_types": [[["global", "local"], 1]],
        },
    ),
    "phi3, longrope": (
        "Phi3",
        {
            **GROUPED,
            "original_max_position_embeddings": WINDOW,
            "rope_parameters": {
                "rope_type": "longrope",
                "rope_theta": 10_000.0,
                "short_factor": [1.0] * 8,
                "long_factor": [4.0] * 8,
                "original_max_position_embeddings": WINDOW,
            },
        },
    ),
    # No positions that could be given, or no keys and values: decoded by their own code.
    "bloom": ("Bloom", COMMON),
    "mamba": ("Mamba", {**COMMON, "state_size": 4}),
}
ALONE = {"gpt_neo, short window", "phi3, longrope"}
OWN_CODE = {"gemma2, short window", "mistral, short window", "bloom", "mamba"}


@cache
def random_decoder(kind, seed=0, ties=False):
    """A little model; with ``ties`` every token has a twin that is exactly as likely."""
    name, chosen = KINDS[kind]
    head_name = "LMHeadModel" if name == "GPT2" else "ForCausalLM"
    torch.manual_seed(seed)
    config = getattr(transformers, f"{name}Config")(**chosen)
    model = getattr(transformers, f"{name}{head_name}")(config).eval()
    # Random weights hardly ever end a turn; larger ones make choices sharp and varied.
    head = model.get_output_embeddings().weight
    with torch.no_grad():
        head.normal_(std=0.6)
        if ties:
            head[VOCABULARY // 2 :] = head[: VOCABULARY // 2]
    return model
