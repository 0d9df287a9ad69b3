"""A model whose answers may be kept, and that writes down every question it is asked."""

from __future__ import annotations

import time
from hashlib import sha256
from pathlib import Path

from pytest_slm_autopsy import PromptFormat, ScriptedModel


class KeptModel(ScriptedModel):
    """Right, but for its ``version``; ``log`` gets a line a question, ``slow`` seconds a batch."""

    def __init__(self, log: Path | str, *, version: str = "1", slow: float = 0.0, **kind) -> None:
        super().__init__(lambda case: PromptFormat().expected(case.truth), **kind)
        self.log, self.version, self.slow = Path(log), version, slow

    def question_keys(self, cases):
        return [sha256(f"{self.version}\n{case.text}".encode()).hexdigest() for case in cases]

    def answer(self, cases):
        time.sleep(self.slow)
        with self.log.open("a", encoding="utf-8") as file:
            file.writelines(f"{case.id}\n" for case in cases)
        return super().answer(cases)

    @property
    def questions(self) -> list[str]:
        """The ids of all cases that any process asked."""
        return self.log.read_text(encoding="utf-8").split() if self.log.exists() else []
