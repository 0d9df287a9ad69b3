"""The tiny base before training: recipe, tokenizer, chat template, architecture."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Final

import torch
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers
from transformers import Qwen2Config, Qwen2ForCausalLM, Qwen2Tokenizer

from pytest_slm_autopsy import Case, PromptFormat
from reference_experiment.pretraining.general_task import Task, draw_task

SPECIAL_TOKENS: Final = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
CHAT_TEMPLATE: Final = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
# Merges are learnt within words, runs of spaces and runs of marks. They are learnt from documents
# and answers alone: a merge seen only in prompts would be a token that the base never copies.
LEARNING_PATTERN: Final = r"\p{L}+|\p{N}|\s+|[^\s\p{L}\p{N}]+"
PROMPT: Final = PromptFormat()


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the weights of the base.

    ``stages`` is a curriculum of (last step, least keys, most keys).
    """

    seed: int = 42
    steps: int = 5_000
    batch: int = 32
    stages: tuple[tuple[int, int, int], ...] = ((400, 2, 3), (1_000, 2, 5), (100_000, 3, 8))
    vocabulary: int = 768
    hidden: int = 128
    layers: int = 4
    heads: int = 4
    intermediate: int = 384
    rope_theta: float = 1e6  # as Qwen2.5, so that tokens match by content at any distance
    muon_lr: float = 0.02
    muon_decay: float = 0.1
    adam_lr: float = 3e-3
    precision: str = "float32"

    def keys_at(self, step: int) -> range:
        """Return the range of the number of keys in a document at a step of the curriculum."""
        low, high = next((low, high) for last, low, high in self.stages if step < last)
        return range(low, high + 1)

    def lr_factor(self, step: int) -> float:
        """Return the factor of the learning rate at a step.

        It rises over 100 steps, then falls linearly to a hundredth.
        """
        return min((step + 1) / 100, max(0.01, 1 - step / self.steps))


def train_tokenizer(recipe: Recipe) -> Qwen2Tokenizer:
    """Return a tokenizer of Qwen's class; its byte-level vocabulary comes from the general task."""
    rng = random.Random(f"tokenizer {recipe.seed}")
    learner = Tokenizer(models.BPE())
    learner.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(LEARNING_PATTERN), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=recipe.vocabulary,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tasks = (draw_task(rng, range(3, 9)) for _ in range(8_000))
    texts = (f"{task.document}\n{PROMPT.expected(task.answer)}" for task in tasks)
    learner.train_from_iterator(texts, trainer)
    learnt = json.loads(learner.to_str())["model"]
    return Qwen2Tokenizer(
        vocab=learnt["vocab"],
        merges=[tuple(pair) for pair in learnt["merges"]],  # type: ignore[misc]
        eos_token=SPECIAL_TOKENS[2],
        pad_token=SPECIAL_TOKENS[0],
        unk_token=None,  # type: ignore[arg-type]
        extra_special_tokens=[SPECIAL_TOKENS[1]],
        chat_template=CHAT_TEMPLATE,
    )


def task_texts(task: Task) -> tuple[str, str]:
    """Return prompt and answer as plain text, as the chat template renders them."""
    case = Case("task", task.document, task.answer)
    chat = "".join(
        f"<|im_start|>{message['role']}\n{message['content']}<|im_end|>\n"
        for message in PROMPT.messages(case)
    )
    return f"{chat}<|im_start|>assistant\n", f"{PROMPT.expected(task.answer)}<|im_end|>"


def build_model(recipe: Recipe, tokenizer: Qwen2Tokenizer) -> Qwen2ForCausalLM:
    """Return a fresh Qwen2 with tied embeddings."""
    torch.manual_seed(recipe.seed)
    return Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=len(tokenizer),
            hidden_size=recipe.hidden,
            intermediate_size=recipe.intermediate,
            num_hidden_layers=recipe.layers,
            num_attention_heads=recipe.heads,
            num_key_value_heads=recipe.heads // 2,
            max_position_embeddings=2048,
            rope_parameters={"rope_type": "default", "rope_theta": recipe.rope_theta},
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
