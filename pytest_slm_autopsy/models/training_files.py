"""Training data as files that trainers read: chats in two forms, or cases."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from pytest_slm_autopsy.errors import ConfigError, nearest
from pytest_slm_autopsy.models.prompts import PromptFormat
from pytest_slm_autopsy.records import Case
from pytest_slm_autopsy.whole_files import write_whole

_SPEAKERS: Final = {"system": "system", "user": "human", "assistant": "gpt"}


def _chat(case: Case, prompt: PromptFormat) -> list[dict[str, str]]:
    answer = {"role": "assistant", "content": prompt.expected(case.truth)}
    return [*prompt.messages(case), answer]


def _conversation(case: Case, prompt: PromptFormat) -> list[dict[str, str]]:
    return [
        {"from": _SPEAKERS.get(turn["role"], turn["role"]), "value": turn["content"]}
        for turn in _chat(case, prompt)
    ]


FORMS: Final[Mapping[str, Callable[[Case, PromptFormat], dict[str, Any]]]] = {
    "messages": lambda case, prompt: {"messages": _chat(case, prompt)},
    "conversations": lambda case, prompt: {"conversations": _conversation(case, prompt)},
    "cases": lambda case, prompt: case.to_dict(),
}
"""Form of a training file to a function that writes one case."""


def write_training(
    path: Path, cases: Iterable[Case], *, form: str = "messages", prompt: PromptFormat | None = None
) -> int:
    """Write training data as JSON lines, whole or not at all, and return the number of lines.

    Args:
        path: the file.
        cases: documents with their truths.
        form: ``messages`` (chats of role and content), ``conversations`` (chats of from and
            value), or ``cases`` (the package's own).
        prompt: the words around a document, as they will be in production.

    Raises:
        ConfigError: an unknown form, or a file that cannot be written.
    """
    if form not in FORMS:
        raise ConfigError(f"there is no form {form!r} of training data; {nearest(form, FORMS)}")
    asked = prompt or PromptFormat()
    lines = [json.dumps(FORMS[form](case, asked), ensure_ascii=False) for case in cases]
    write_whole(path, "".join(f"{line}\n" for line in lines), "training data")
    return len(lines)
