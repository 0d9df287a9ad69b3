"""Who is asked beside the adapters, so that no number stands alone.

Regular expressions, as a careful engineer writes them for the layouts that he has seen; and the
base itself, alone and with three examples before each document, as a control of its capability.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from pytest_slm_autopsy import Case, PromptFormat
from pytest_slm_autopsy.cases import stream_cases
from reference_experiment.data import CONDITIONS, SCHEMA, TRAINING_SEEDS

EXAMPLES: Final = ("missing", "order", "canonical")
"""The layouts of the examples, in their order: a small base copies the last one most."""
EXAMPLE_SEED: Final = 3 * TRAINING_SEEDS

_BETWEEN: Final = r"[^\w\n]*(?:(?:n°|no\.?|nr\.?|#)[^\w\n]+)?"
_FORMS: Final = {
    "code": r"[A-Z]+[-/ ]?\d[\w/-]*",
    "date": r"\d{4}-\d{2}-\d{2}",
    "money": r"\d[\d,]*\.\d{2}",
    "currency": r"[A-Z]{3}",
}
_NAME: Final = r"\w[^|;\t\n]*?"


def extract(text: str) -> dict[str, str | None]:
    """Return the fields that stand behind their labels, wherever the lines stand.

    A label may be written in any case, and any marks and spaces may stand before and after it. A
    value must look like its kind; a field that is not found is ``None``.
    """
    found: dict[str, str | None] = {}
    for field in SCHEMA.fields:
        label = r"[^\S\n]+".join(map(re.escape, field.label.split()))
        value = _FORMS.get(field.kind, _NAME)
        match = re.search(rf"(?im)^[^\w\n]*{label}\b{_BETWEEN}({value})[^\w.\n]*$", text)
        found[field.name] = " ".join(match[1].split()) if match else None
    return found


def with_examples(cases: Iterable[Case]) -> list[Case]:
    """Return the cases, each asked after three examples in a chat of their own."""
    prompt = PromptFormat()
    before: list[tuple[str, str]] = []
    for case in _examples():
        before.append(("user", prompt.messages(case)[-1]["content"]))
        before.append(("assistant", prompt.expected(case.truth)))
    system = ("system", prompt.system)
    return [
        replace(case, turns=(system, *before, ("user", prompt.messages(case)[-1]["content"])))
        for case in cases
    ]


def _examples() -> list[Case]:
    drawn = list(stream_cases(SCHEMA, len(EXAMPLES), EXAMPLE_SEED, CONDITIONS))
    records = list(dict.fromkeys(case.record for case in drawn))
    wanted = list(zip(records, EXAMPLES, strict=True))
    return [case for case in drawn if (case.record, case.condition) in wanted]
