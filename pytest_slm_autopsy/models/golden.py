"""The golden record of prompts, weights and settings that training leaves behind."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from pytest_slm_autopsy.errors import ConfigError, ModelError, SlmAutopsyError
from pytest_slm_autopsy.models.prompts import PromptFormat, prompted
from pytest_slm_autopsy.records import Case
from pytest_slm_autopsy.whole_files import parsed

MANIFEST_NAME: Final = "prompt_manifest.json"
MANIFEST_VERSION: Final = 1
_AGAIN: Final = "train the adapter again, or take the file away and go without"
_UNSOUND: Final = (TypeError, KeyError, ValueError, AttributeError, OverflowError)
_IDLE: Final = frozenset(
    "auto_mapping base_model_name_or_path inference_mode lora_dropout megatron_config "
    "megatron_core peft_version revision runtime_config task_type".split()
)
"""Settings of an adapter that change no answer once it is trained."""


def tokenizer_digest(tokenizer: Any) -> str:
    """Return a hash of vocabulary, merges and special tokens; padding and truncation do not count.

    Those are left from the last call.
    """
    from tokenizers import Tokenizer

    plain = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    plain.no_padding()
    plain.no_truncation()
    return sha256(plain.to_str().encode()).hexdigest()


def template_digest(tokenizer: Any) -> str:
    """Return a hash of the chat template; of the empty text where the tokenizer has none.

    Of several templates the one called ``default`` counts, as in ``apply_chat_template``.
    """
    stated = tokenizer.chat_template or ""
    if isinstance(stated, Mapping):
        stated = stated.get("default") or json.dumps(dict(stated), sort_keys=True)
    return sha256(stated.encode()).hexdigest()


def weights_digest(folder: Path) -> str:
    """Return a hash of all safetensors files of a folder, in the order of their names."""
    digest = sha256()
    for path in sorted(folder.glob("*.safetensors")):
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def adapter_settings(folder: Path) -> dict[str, Any]:
    """Return the settings of an adapter's config that decide its answers.

    Settings that are off are left out, since versions of peft write others down. The result goes
    into ``manifest`` as ``facts["adapter_config"]``.

    Raises:
        ModelError: the config cannot be read.
    """
    path = folder / "adapter_config.json"
    try:
        return deciding(parsed(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, AttributeError) as error:
        raise ModelError(f"{path} cannot be read: {error}; save the adapter again") from error


def deciding(stated: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of an adapter's config that are on and decide its answers."""
    return {
        name: sorted(value) if _names(value) else value
        for name, value in sorted(stated.items())
        if name not in _IDLE and value not in (None, False, {}, [])
    }


def _names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def read_manifest(path: Path) -> Mapping[str, Any]:
    """Return the golden record of a training, read from a file.

    Raises:
        ModelError: the file is missing, cannot be read, or is not a golden record.
    """
    try:
        golden = parsed(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"no prompt manifest at {path}: {error.strerror}; mend the path") from None
    except ValueError as error:
        raise ModelError(f"{path} is not JSON: {error}; {_AGAIN}") from None
    return sound_manifest(golden, str(path))


def trained_prompt(adapter: str | None, manifest: str | Path | None = None) -> PromptFormat:
    """Return the prompt that training used: that of the manifest beside an adapter, if it has one.

    Args:
        adapter: the folder of the adapter.
        manifest: another place of the manifest.

    Raises:
        ModelError: the manifest cannot be read.
        ConfigError: the prompt in it is none.
    """
    path = Path(manifest) if manifest else Path(adapter or "") / MANIFEST_NAME
    stated = read_manifest(path).get("prompt") if path.is_file() else None
    try:
        return PromptFormat(**stated) if stated else PromptFormat()
    except TypeError as error:
        raise ConfigError(f"the prompt in {path} is none: {error}; {_AGAIN}") from None


def unlike_training(adapter: str | None, cases: Sequence[Case]) -> str:
    """Return a sentence where cases ask for no field that training asked for; else an empty text.

    Raises:
        ModelError: the manifest cannot be read.
    """
    path = Path(adapter or "") / MANIFEST_NAME
    recorded = read_manifest(path).get("prompts") or () if path.is_file() else ()
    trained = {name: None for one in recorded for name in one["case"]["truth"]}
    asked = {name: None for case in cases for name in case.truth}
    if not trained or not asked or trained.keys() & asked.keys():
        return ""
    return (
        f"training asked for {', '.join(trained)}, and these cases ask for {', '.join(asked)}; "
        "name your schema (--slm-schema=path.py:NAME) or your documents (--slm-cases=FILE)"
    )


def sound_manifest(golden: Any, where: str) -> dict[str, Any]:
    """Return the golden record, checked for its form.

    Raises:
        ModelError: ``golden`` is not a JSON object of a form and version known here.
    """
    version = golden.get("version") if isinstance(golden, Mapping) else None
    if not isinstance(version, int) or isinstance(version, bool):
        raise ModelError(f"{where} is no prompt manifest: it states no version; {_AGAIN}")
    if version > MANIFEST_VERSION:
        raise ModelError(
            f"{where} has version {version} and this pytest-slm-autopsy reads up to "
            f"{MANIFEST_VERSION}; upgrade pytest-slm-autopsy"
        )
    try:
        for name in ("chat_template", "tokenizer", "base_weights", "adapter_weights"):
            str.encode(golden.get(name, ""))
        PromptFormat(**golden.get("prompt", {}))
        for entry in golden.get("prompts", []):
            Case.from_dict(entry["case"])
            str.encode(entry["text"])
            list(map(int, entry["ids"]))
    except (*_UNSOUND, SlmAutopsyError) as error:
        raise ModelError(f"{where} is no sound prompt manifest: {error!r}; {_AGAIN}") from error
    return {"prompts": [], **golden}


def manifest(
    tokenizer: Any, prompt: PromptFormat, cases: Sequence[Case], facts: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the golden record of a training, to be saved as ``prompt_manifest.json``.

    It holds hashes of the chat template and of the tokenizer, the prompt's words, and the prompt of
    each case as text and token ids. Whoever loads the adapter later asks with those words.

    Args:
        tokenizer: a tokenizer of transformers.
        prompt: the words around a document in training.
        cases: a few training cases, whose prompts are recorded.
        facts: further facts, each compared when the adapter is loaded: ``base`` (folder or hub
            name), ``base_weights`` and ``adapter_weights`` (``weights_digest`` of a folder),
            ``adapter_config`` (``adapter_settings`` of the adapter's folder), ``quantization``.
    """
    return {
        "version": MANIFEST_VERSION,
        "prompt": asdict(prompt),
        "chat_template": template_digest(tokenizer),
        "tokenizer": tokenizer_digest(tokenizer),
        **facts,
        "prompts": [
            {"case": case.to_dict(), "text": text, "ids": row}
            for case, (text, row) in zip(cases, prompted(tokenizer, prompt, cases), strict=True)
        ],
    }
