"""The examples in the docstrings do what they say."""

from __future__ import annotations

import doctest
import re
from importlib import import_module
from pathlib import Path

import pytest

import pytest_slm_autopsy

ROOT = Path(pytest_slm_autopsy.__file__).parent
HEAVY = re.compile(r"^\s*(?:import|from) (?:captum|peft|plotly|torch|transformers)\b", re.MULTILINE)


def modules_with_examples():
    for path in sorted(ROOT.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if ">>>" in source and not HEAVY.search(source):
            yield ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)


@pytest.mark.parametrize("module", list(modules_with_examples()))
def test_the_examples_of_a_module(module):
    result = doctest.testmod(import_module(module))
    assert result.attempted > 0
    assert result.failed == 0


def test_there_are_examples_to_run():
    assert "pytest_slm_autopsy.assertions.accuracy" in modules_with_examples()
