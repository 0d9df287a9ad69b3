"""The tiny base before training: recipe, tokenizer, chat template, architecture."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

from pytest_slm_autopsy import Case, PromptFormat
from reference_experiment.general_task import Task, draw_task

SPECIAL_TOKENS: Final = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
CHAT_TEMPLATE: Final = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
# The first letter of a word stands alone, so that "Vendor" and "vendor" share their tail;
# digits stand alone, so that numbers are copied digit by digit.
WORD_PATTERN: Final = r"\p{N}|(?<!\p{L})\p{L}|\p{L}+|\s+|[^\s\p{L}\p{N}]+"
PROMPT: Final = PromptFormat()


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the weights; stages are (last step, least keys, most keys)."""

    seed: int = 42
    steps: int = 7_200
    # Linear decays of the learning rate: first step, last step, peak.
    decays: tuple[tuple[int, int, float], ...] = ((3_720, 6_000, 1.0), (6_000, 7_200, 0.35))
    related_from: int = 6_000
    batch: int = 32
    stages: tuple[tuple[int, int, int], ...] = ((600, 2, 3), (1_400, 2, 5), (100_000, 3, 9))
    vocabulary: int = 768
    hidden: int = 128
    layers: int = 4
    heads: int = 4
    intermediate: int = 384
    muon_lr: float = 0.02
    adam_lr: float = 3e-3
    precision: str = "float32"

    def keys_at(self, step: int) -> range:
        """How many keys a document has at this step of the curriculum."""
        low, high = next((low, high) for last, low, high in self.stages if step < last)
        return range(low, high + 1)

    def lr_factor(self, step: int) -> float:
        """Warm up over 100 steps, hold, then fall linearly to a fiftieth in each decay."""
        for first, last, peak in self.decays:
            if step < last:
                fall = min(1.0, (last - step) / (last - first))
                return min((step + 1) / 100, max(0.02, peak * fall))
        return 0.02


def train_tokenizer(recipe: Recipe) -> PreTrainedTokenizerFast:
    """Byte-level BPE over documents of the general task, with Qwen's special tokens."""
    rng = random.Random(f"tokenizer {recipe.seed}")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(WORD_PATTERN), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=recipe.vocabulary,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = ("".join(task_texts(draw_task(rng, range(3, 10)))) for _ in range(8_000))
    tokenizer.train_from_iterator(texts, trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>"
    )
    fast.chat_template = CHAT_TEMPLATE
    return fast


def task_texts(task: Task) -> tuple[str, str]:
    """Prompt and answer as plain text, as the chat template renders them."""
    case = Case("task", task.document, task.answer)
    chat = "".join(
        f"<|im_start|>{message['role']}\n{message['content']}<|im_end|>\n"
        for message in PROMPT.messages(case)
    )
    return f"{chat}<|im_start|>assistant\n", f"{PROMPT.expected(task.answer)}<|im_end|>"


def build_model(recipe: Recipe, tokenizer: PreTrainedTokenizerFast) -> Qwen2ForCausalLM:
    """A fresh Qwen2 with tied embeddings."""
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
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
