"""The class that reads a tokenizer, found without torch where the choice is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from pytest_slm_autopsy.whole_files import parsed

COMPLETE: Final = ("TokenizersBackend", "PreTrainedTokenizerFast")
"""Classes of a tokenizer that declares itself complete, and is loaded as it was saved."""
OF_TYPE: Final = {
    "qwen2": "Qwen2Tokenizer",
    "qwen3": "Qwen2Tokenizer",
    "gemma": "GemmaTokenizer",
    "gemma2": "GemmaTokenizer",
    "gemma3_text": "GemmaTokenizer",
}
"""Type of a model to its class; a tokenizer that declares the same one is read by it."""


def tokenizer_class(place: str, revision: str | None) -> Any:
    """Return the class of transformers that reads the tokenizer of a folder or hub name.

    AutoTokenizer chooses it, which imports torch. It replaces the pre-tokenizer of some model types
    by that of the type's first model, so a complete tokenizer is not given to it.
    """
    import transformers  # late: half a second

    declared, config = _stated(place, "tokenizer_config.json"), _stated(place, "config.json")
    name, known = str(declared.get("tokenizer_class")), OF_TYPE.get(str(config.get("model_type")))
    if name in COMPLETE:
        return transformers.PreTrainedTokenizerFast
    if known and name.removesuffix("Fast") == known and "auto_map" not in declared:
        return getattr(transformers, known)
    if not declared:
        from transformers.models.auto.tokenization_auto import get_tokenizer_config

        if get_tokenizer_config(place, revision=revision).get("tokenizer_class") in COMPLETE:
            return transformers.PreTrainedTokenizerFast
    return transformers.AutoTokenizer


def _stated(place: str, name: str) -> dict[str, Any]:
    """Return a JSON file of a folder; empty where it is not there or is something else."""
    try:
        stated = parsed((Path(place) / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stated if isinstance(stated, dict) else {}
