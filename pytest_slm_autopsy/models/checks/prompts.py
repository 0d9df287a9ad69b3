"""Checks of prompts: tokenizer, special tokens and template, against the base and training."""

from __future__ import annotations

from dataclasses import replace

from pytest_slm_autopsy.errors import ModelError
from pytest_slm_autopsy.models.checks.check import (
    NO_MANIFEST,
    Check,
    doubted,
    missed,
    passed,
    same,
    skipped,
)
from pytest_slm_autopsy.models.checks.pair import Pair
from pytest_slm_autopsy.models.checks.prompt_match import difference
from pytest_slm_autopsy.models.golden import template_digest, tokenizer_digest
from pytest_slm_autopsy.models.loading import no_template, own_template, own_tokenizer
from pytest_slm_autopsy.models.prompts import prompted_as_of, turn_end
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
    """Check that decoding stops at the token that the chat template writes after an answer.

    Training on the template teaches that token. Where the template writes none, the tokenizer's
    end of turn counts.
    """
    name, eos, stops = "special_tokens", pair.tokenizer.eos_token_id, pair.stops
    end, text = turn_end(pair.tokenizer, pair.spec.prompt)
    if end is None and text:
        return missed(
            name,
            f"the chat template ends an answer with {text[:40]!r}, which is no token of its own "
            "here, so decoding cannot stop there; use the tokenizer of training",
        )
    if end is None and eos is None:
        return missed(name, "neither chat template nor tokenizer (eos_token) name an end of turn")
    end = eos if end is None else end
    told = f"an answer ends with token {end} ({pair.tokenizer.decode([end])!r})"
    if end != eos and end not in stops:
        return missed(
            name,
            f"{told} by the chat template, and decoding stops at {_tokens(pair, {eos, *stops})}: "
            "every answer would run on to the limit; name the token as eos_token_id in "
            "generation_config.json",
        )
    if stops and end not in stops:
        return doubted(
            name,
            f"{told} by the tokenizer, and the base's own settings stop at "
            f"{_tokens(pair, {*stops})}; name {end} as eos_token_id in generation_config.json, too",
        )
    said = (
        told
        if text
        else f"{told} by the tokenizer: the chat template writes none that could be told"
    )
    return passed(name, said)


def _tokens(pair: Pair, ids: set[int | None]) -> str:
    named = sorted(one for one in ids if one is not None)
    return ", ".join(f"{one} ({pair.tokenizer.decode([one])!r})" for one in named) or "no token"


def tokenizer(pair: Pair) -> Check:
    """Check that the tokenizer is that of training, to the token."""
    golden = pair.manifest.get("tokenizer")
    whose = "the one beside the adapter" if own_tokenizer(pair.spec) else ""
    if not golden:
        return passed("tokenizer", whose) if whose else skipped("tokenizer", NO_MANIFEST)
    found = tokenizer_digest(pair.tokenizer)
    check = _shown(same("tokenizer", golden, found, "use the tokenizer of training"), pair)
    return replace(check, evidence=f"{whose}: {check.evidence}") if whose else check


def chat_template(pair: Pair) -> Check:
    """Check that there is a chat template: training's, or one that makes the same prompts."""
    name, golden = "chat_template", pair.manifest.get("chat_template")
    if not pair.tokenizer.chat_template:
        return missed(name, no_template(pair.spec.base))
    if not golden:
        beside = " beside the adapter" if own_template(pair.spec) else ""
        return passed(name, f"there is one{beside}; {NO_MANIFEST}")
    check = same(name, golden, template_digest(pair.tokenizer), "use the template of training")
    prompts = pair.manifest.get("prompts")
    shown = _shown(check, pair)
    if check.outcome == "failed" and prompts and shown is check:  # no prompt differs
        return passed(
            name, f"not training's to the letter, and the {len(prompts)} prompts of training are"
        )
    return shown


def _shown(check: Check, pair: Pair) -> Check:
    """Return a failed check with the first prompt that differs because of it, else the check."""
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
            text, ids = prompted_as_of(pair.tokenizer, pair.spec.prompt, case, entry["text"])
        except ModelError as error:
            return str(error)
        if found := difference(pair.manifest, entry, text, ids):
            return found
    return ""
