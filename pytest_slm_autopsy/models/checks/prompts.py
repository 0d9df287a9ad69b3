"""Checks of prompts: tokenizer, special tokens and template, against the base and training."""

from __future__ import annotations

from dataclasses import replace

from pytest_slm_autopsy.errors import ModelError
from pytest_slm_autopsy.models.checks.check import NO_MANIFEST, Check, missed, passed, same, skipped
from pytest_slm_autopsy.models.checks.pair import Pair
from pytest_slm_autopsy.models.checks.prompt_match import difference
from pytest_slm_autopsy.models.loading import no_template
from pytest_slm_autopsy.models.prompts import prompted, template_digest, tokenizer_digest
from pytest_slm_autopsy.records import Case


def vocabulary(pair: Pair) -> Check:
    """Check that the base has a row for every token."""
    tokens, rows = len(pair.tokenizer), pair.outline.rows
    highest = max(pair.tokenizer.get_vocab().values(), default=-1)
    if highest >= rows:
        return missed(
            "vocabulary",
            f"the tokenizer counts up to token {highest}, and the base has {rows} of them: they "
            "are of two models; use the tokenizer saved with the base",
        )
    return passed("vocabulary", f"{tokens} tokens, {rows} rows")


def special_tokens(pair: Pair) -> Check:
    """Check that the base stops where the tokenizer's turn ends."""
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
    """Check that the tokenizer is that of training, to the token."""
    golden = pair.manifest.get("tokenizer")
    if not golden:
        return skipped("tokenizer", NO_MANIFEST)
    found = tokenizer_digest(pair.tokenizer)
    return _shown(same("tokenizer", golden, found, "use the tokenizer of training"), pair)


def chat_template(pair: Pair) -> Check:
    """Check that the tokenizer has a chat template, and the one of training."""
    name, golden = "chat_template", pair.manifest.get("chat_template")
    if not pair.tokenizer.chat_template:
        return missed(name, no_template(pair.spec.base))
    if not golden:
        return passed(name, f"there is one; {NO_MANIFEST}")
    found = template_digest(pair.tokenizer)
    return _shown(same(name, golden, found, "use the template of training"), pair)


def _shown(check: Check, pair: Pair) -> Check:
    """Return the check with the first prompt that differs because of it."""
    parted = _parted(pair) if check.outcome == "failed" else ""
    return replace(check, evidence=f"{check.evidence}; {parted}") if parted else check


def prompts(pair: Pair) -> Check:
    """Check that the cases of the manifest become the prompts they were."""
    if not pair.manifest.get("prompts"):
        return skipped("prompts", NO_MANIFEST)
    if parted := _parted(pair):
        return missed("prompts", parted)
    return passed("prompts", f"{len(pair.manifest['prompts'])} cases, text and token ids")


def _parted(pair: Pair) -> str:
    for entry in pair.manifest["prompts"]:
        case = Case.from_dict(entry["case"])
        try:
            text, ids = prompted(pair.tokenizer, pair.spec.prompt, [case])[0]
        except ModelError as error:
            return str(error)
        if found := difference(pair.manifest, entry, text, ids):
            return found
    return ""
