"""Checks of prompts: tokenizer, special tokens and template, against the base and training."""

from __future__ import annotations

from pytest_slm_autopsy.models.checks import NO_MANIFEST, Check, missed, passed, same, skipped
from pytest_slm_autopsy.models.pair import Pair
from pytest_slm_autopsy.models.prompt_match import difference
from pytest_slm_autopsy.models.prompts import prompted, template_digest, tokenizer_digest
from pytest_slm_autopsy.records import Case


def vocabulary(pair: Pair) -> Check:
    """Whether the base has a row for every token."""
    tokens, rows = len(pair.tokenizer), pair.base.get_input_embeddings().weight.shape[0]
    highest = max(pair.tokenizer.get_vocab().values(), default=-1)
    if highest >= rows:
        return missed(
            "vocabulary",
            f"the tokenizer counts up to token {highest}, and the base has {rows} of them: they "
            "are of two models; use the tokenizer saved with the base",
        )
    return passed("vocabulary", f"{tokens} tokens, {rows} rows")


def special_tokens(pair: Pair) -> Check:
    """Whether the base stops where the tokenizer's turn ends."""
    eos, name = pair.tokenizer.eos_token_id, "special_tokens"
    if eos is None:
        return missed(name, "the tokenizer names no end-of-turn token (eos_token)")
    if pair.stops and eos not in pair.stops:
        return missed(
            name,
            f"the tokenizer ends a turn with token {eos} ({pair.tokenizer.eos_token!r}), and the "
            f"base stops at {pair.stops}",
        )
    return passed(name, f"token {eos} ({pair.tokenizer.eos_token!r}) ends a turn")


def tokenizer(pair: Pair) -> Check:
    """Whether the tokenizer is that of training, to the token."""
    golden = pair.manifest.get("tokenizer")
    if not golden:
        return skipped("tokenizer", NO_MANIFEST)
    found = tokenizer_digest(pair.tokenizer)
    return same("tokenizer", golden, found, "use the tokenizer of training")


def chat_template(pair: Pair) -> Check:
    """Whether the template is that of training; that there is one, the tokenizer's loading sees."""
    found, golden = template_digest(pair.tokenizer), pair.manifest.get("chat_template")
    if not golden:
        return passed("chat_template", f"there is one; {NO_MANIFEST}")
    return same("chat_template", golden, found, "use the template of training")


def prompts(pair: Pair) -> Check:
    """Whether the cases of the manifest become the prompts they were."""
    if not pair.manifest.get("prompts"):
        return skipped("prompts", NO_MANIFEST)
    for entry in pair.manifest["prompts"]:
        case = Case.from_dict(entry["case"])
        text, ids = prompted(pair.tokenizer, pair.spec.prompt, [case])[0]
        if found := difference(pair.manifest, entry, text, ids):
            return missed("prompts", found)
    return passed("prompts", f"{len(pair.manifest['prompts'])} cases, text and token ids")
