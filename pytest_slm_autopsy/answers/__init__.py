"""Answers: their text, as a model writes it, to the fields that were asked for, and back."""

from __future__ import annotations

from pytest_slm_autopsy._door import door

__all__, __getattr__, __dir__ = door(
    __name__,
    {
        "forms": "AnswerForm JsonAnswer LabelAnswer NumberAnswer",
        "parser": "parse",
    },
)
