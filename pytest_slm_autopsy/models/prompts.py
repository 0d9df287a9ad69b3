"""From a case to a prompt, and the golden record of prompts that training leaves behind."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from jinja2 import TemplateError

from pytest_slm_autopsy.errors import ModelError
from pytest_slm_autopsy.records import Case, Fields

MANIFEST_NAME: Final = "prompt_manifest.json"
MANIFEST_VERSION: Final = 1
_AGAIN: Final = "train the adapter again, or take the file away and go without"


@dataclass(frozen=True, slots=True)
class PromptFormat:
    """The words around a document; ``{fields}`` and ``{text}`` are filled in.

    ``fields`` is the list of keys as JSON, in the spelling of the answer. It comes before the
    document, so that all cases share one prefix. An empty ``system`` sends no system message, which
    some chat templates refuse.
    """

    system: str = "Extract the fields as JSON."
    user: str = "Fields: {fields}\n\n{text}"

    def messages(self, case: Case) -> list[dict[str, str]]:
        """Return the chat messages that ask for the fields of ``case``."""
        user = self.user.format(fields=_compact(list(case.truth)), text=case.text)
        system = [{"role": "system", "content": self.system}] if self.system else []
        return [*system, {"role": "user", "content": user}]

    def expected(self, truth: Fields) -> str:
        """Return the right answer as training writes it: compact JSON."""
        return _compact(dict(truth))


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def render(tokenizer: Any, messages: list[dict[str, str]]) -> str:
    """Return the prompt as text, made by the tokenizer's chat template, ready for the answer.

    Raises:
        ModelError: the template is missing, or refuses the messages.
    """
    try:
        made = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    except (TemplateError, ValueError) as error:
        raise ModelError(
            f"the chat template cannot be applied: {error}; if it takes no system message, use "
            'PromptFormat(system="")'
        ) from error
    return str(made)


def prompted(
    tokenizer: Any, prompt: PromptFormat, cases: Sequence[Case]
) -> list[tuple[str, list[int]]]:
    """Return the text and the token ids of the prompt of each case."""
    texts = [render(tokenizer, prompt.messages(case)) for case in cases]
    ids: list[list[int]] = tokenizer(texts, add_special_tokens=False)["input_ids"]
    return list(zip(texts, ids, strict=True))


def tokenizer_digest(tokenizer: Any) -> str:
    """Return a hash of vocabulary, merges and special tokens."""
    return sha256(tokenizer.backend_tokenizer.to_str().encode()).hexdigest()


def template_digest(tokenizer: Any) -> str:
    """Return a hash of the chat template; of the empty text where the tokenizer has none."""
    return sha256((tokenizer.chat_template or "").encode()).hexdigest()


def weights_digest(folder: Path) -> str:
    """Return a hash of all safetensors files of a folder, in the order of their names."""
    digest = sha256()
    for path in sorted(folder.glob("*.safetensors")):
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def read_manifest(path: Path) -> Mapping[str, Any]:
    """Return the golden record of a training, read from a file.

    Raises:
        ModelError: the file is missing, cannot be read, or is not a golden record.
    """
    try:
        golden = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"no prompt manifest at {path}: {error.strerror}; mend the path") from None
    except ValueError as error:
        raise ModelError(f"{path} is not JSON: {error}; {_AGAIN}") from None
    return sound_manifest(golden, str(path))


def sound_manifest(golden: Any, where: str) -> dict[str, Any]:
    """Return the golden record, checked for its form.

    Raises:
        ModelError: ``golden`` is not a JSON object of a form and version known here.
    """
    version = golden.get("version") if isinstance(golden, Mapping) else None
    if not isinstance(version, int):
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
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise ModelError(f"{where} is no sound prompt manifest: {error!r}; {_AGAIN}") from error
    return {"prompts": [], **golden}


def manifest(
    tokenizer: Any, prompt: PromptFormat, cases: Sequence[Case], facts: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the golden record of a training, to be saved as ``prompt_manifest.json``.

    It holds hashes of the chat template and of the tokenizer, ``facts`` (such as hashes of
    weights), and the prompt of each case as text and token ids.
    """
    return {
        "version": MANIFEST_VERSION,
        "chat_template": template_digest(tokenizer),
        "tokenizer": tokenizer_digest(tokenizer),
        **facts,
        "prompts": [
            {"case": case.to_dict(), "text": text, "ids": row}
            for case, (text, row) in zip(cases, prompted(tokenizer, prompt, cases), strict=True)
        ],
    }
