"""What a reader of each page has before the first line is typed: files, and names in Python."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.docs.blocks import ROOT

NARROW = ROOT / "reference_experiment" / "adapters" / "narrow"
GERMAN = ROOT / "tests" / "cases" / "profiles" / "german_invoices.jsonl"
MODEL = """
import pytest
from pytest_slm_autopsy import PromptFormat, ScriptedModel

@pytest.fixture(scope="session")
def slm():
    return ScriptedModel(lambda case: PromptFormat().expected(case.truth), name="invoices")
"""
ORDER_BREAKS = MODEL.replace("case.truth)", "{} if case.condition == 'order' else case.truth)")
TWO_CONDITIONS = """
from pytest_slm_autopsy import INVOICE, draw_suite

@pytest.fixture(scope="session")
def slm_cases(slm_settings):
    conditions = {"canonical": {}, "order": {"order": 1.0}}
    return draw_suite(INVOICE, slm_settings.n, slm_settings.seed, conditions)
"""
ASKING = """
def test_it(slm, slm_cases, autopsy):
    for name in slm_cases:
        autopsy.predict(slm, slm_cases[name])
"""
TESTS = """
from pytest_slm_autopsy import assert_accuracy, assert_accuracy_gap

def test_it(slm, slm_cases, autopsy):
    reference = autopsy.predict(slm, slm_cases.reference)
    assert_accuracy(reference, at_least=0.9)
    shifted = autopsy.predict(slm, slm_cases["order"])
    assert_accuracy_gap(reference=reference, shifted=shifted, at_most=0.1)
"""
SERVICE = """
import json
from pathlib import Path
from types import SimpleNamespace

golden = json.loads(Path("adapters/invoices/prompt_manifest.json").read_text("utf-8"))["prompts"]
prompt_for = {one["case"]["text"]: one["text"] for one in golden}.__getitem__
serve = train = SimpleNamespace(clean=str.strip, prompt=prompt_for)
"""
PROMPTED = """
import json
from pathlib import Path
import pytest

golden = json.loads(Path("adapters/invoices/prompt_manifest.json").read_text("utf-8"))["prompts"]

class Asked:
    name = "invoices"

    def prompts(self, cases):
        return [(one["text"], one["ids"]) for one in golden if one["case"]["id"] == cases[0].id]

@pytest.fixture(scope="session")
def slm():
    return Asked()

@pytest.fixture
def golden_documents():
    return [one["case"]["text"] for one in golden]
"""


def scripted(folder: Path) -> dict[str, Any]:
    """A model that is always right stands in for the reader's."""
    (folder / "conftest.py").write_text(MODEL, "utf-8")
    return {}


def two_conditions(folder: Path) -> dict[str, Any]:
    """A model that is always right, asked 128 records under two conditions."""
    (folder / "conftest.py").write_text(MODEL + TWO_CONDITIONS, "utf-8")
    (folder / "test_asking.py").write_text(ASKING, "utf-8")
    return {}


def with_cases(folder: Path) -> dict[str, Any]:
    """A model that is always right, and a file of cases."""
    from pytest_slm_autopsy import INVOICE, draw_suite
    from pytest_slm_autopsy.cases import write_cases

    write_cases(folder / "cases.jsonl", draw_suite(INVOICE, 16, 1, {"canonical": {}}).reference)
    return scripted(folder)


def with_documents(folder: Path) -> dict[str, Any]:
    """A folder of texts, a model that is always right, and a test that asks it."""
    (folder / "documents").mkdir()
    for n, line in enumerate(GERMAN.read_text("utf-8").splitlines()):
        (folder / "documents" / f"{n}.txt").write_text(json.loads(line)["text"], "utf-8")
    (folder / "notes").mkdir()
    for n in range(1000, 1030):
        text = f"Lieferschein-Nr.: LS-55{n}\nVersanddatum: 25.03.2025\nWarenwert: {n},50 EUR"
        (folder / "notes" / f"{n}.txt").write_text(text, "utf-8")
    (folder / "test_it.py").write_text(TESTS, "utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nslm_n = 64\n", "utf-8")
    return scripted(folder)


def in_a_cell(folder: Path) -> dict[str, Any]:
    """The names that the snippet of a diagnosis takes for granted."""
    from pytest_slm_autopsy import INVOICE, PromptFormat, ScriptedModel, draw_suite

    def write(case):
        return PromptFormat().expected({} if "order" in case.shift else case.truth)

    suite = draw_suite(INVOICE, 16, 1, {"canonical": {}, "production": {"order": 1.0, "case": 1.0}})
    return {"model": ScriptedModel(write, name="toy"), "suite": suite, "SCHEMA": INVOICE}


def with_an_adapter(folder: Path) -> dict[str, Any]:
    """The tiny base and an adapter where the page has larger ones, and a service of one's own."""
    shutil.copytree(NARROW, folder / "adapters" / "invoices")
    (folder / "my_service.py").write_text(SERVICE, "utf-8")
    (folder / "conftest.py").write_text(PROMPTED, "utf-8")
    return {}


PREPARED: dict[str, Callable[[Path], dict[str, Any]]] = {
    "README.md": scripted,
    "docs/baselines.md": two_conditions,
    "docs/cases.md": with_cases,
    "docs/diagnostics.md": in_a_cell,
    "docs/hooks.md": lambda folder: {},
    "docs/models.md": with_an_adapter,
    "docs/profiles.md": with_documents,
    "docs/report.md": with_documents,
    "docs/served.md": lambda folder: {},
    "docs/statistics.md": lambda folder: {},
}
