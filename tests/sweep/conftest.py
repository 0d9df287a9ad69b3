"""A sweep of scripted models in a folder of its own; each question leaves a mark on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_slm_autopsy.sweep.grid import Sweep, read_sweep

MODELS = '''
import os
import signal
from pathlib import Path

from pytest_slm_autopsy import PromptFormat, ScriptedModel
from pytest_slm_autopsy.models import Answer

HERE = Path(__file__).parent
WRITE = PromptFormat().expected


class Model:
    """Answers rightly but under the deadly condition, and notes each question."""

    def __init__(self, name, deadly="", dies="", fails="", sure=-0.001, more=""):
        self.name, self.deadly, self.dies, self.fails = name, deadly, dies, fails
        self.sure, self.more = sure, more

    def answer(self, cases):
        if self.dies and not (HERE / "died").exists():
            (HERE / "died").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        with (HERE / "asked.txt").open("a") as file:
            file.writelines(f"{self.name} {case.id}\\n" for case in cases)
        return [self._answer(case) for case in cases]

    def _answer(self, case):
        if self.fails and not (HERE / "mended").exists() and case.id.endswith("0003/order"):
            return Answer("", finish="error", problem="the server broke off")
        truth = dict.fromkeys(case.truth) if case.condition == self.deadly else case.truth
        text = WRITE(truth) + self.more
        if self.sure is None:
            return Answer(text)
        return Answer(text, (self.sure,), (len(text),))


def good(): return Model("good")
def brittle(): return Model("brittle", deadly="order")
def dies(): return Model("dies", dies="once")
def careless(): return Model("careless", sure=0.5)
def halves(): return Model("halves", more="\\ud800")
def quiet(): return Model("quiet", sure=None)
def fails(): return Model("fails", fails="until mended")
def broken(): raise RuntimeError("no weights")
def nothing(): return None
'''
SUITES = """
[suites.invoices]
schema = "invoice"
n = 40
conditions = ["order", "missing"]
"""


class Home:
    """A folder with models, from which sweeps are written and read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "models.py").write_text(MODELS)

    def sweep(self, *models: str, more: str = "", suites: str = SUITES) -> Sweep:
        """The sweep of these models."""
        made = "".join(f'[models.{name}]\nmake = "models.py:{name}"\n' for name in models)
        self.file.write_text(f"batch = 32\nseeds = [1, 2]\n{more}\n{made}{suites}")
        return read_sweep(self.file)

    @property
    def file(self) -> Path:
        """The file of the sweep."""
        return self.folder / "nightly.toml"

    @property
    def asked(self) -> list[str]:
        """Every question that any model was asked, in order."""
        noted = self.folder / "asked.txt"
        return noted.read_text().splitlines() if noted.exists() else []


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A folder for sweeps."""
    return Home(tmp_path)
