"""The Python of each page, typed from top to bottom in a folder that has what the page supposes.

A block with tests or fixtures is a file of pytest, any other goes on in one interpreter.
"""

from __future__ import annotations

import re

import pytest

from tests.docs.blocks import ROOT, Block, blocks_of, run_here
from tests.docs.prepared import PREPARED

OF_PYTEST = re.compile(r"^def (?:test|pytest)_|^@pytest\.fixture", re.MULTILINE)
SAID = re.compile(r"(?:^# .+\n)+\Z", re.MULTILINE)
BASE = "Qwen/Qwen2.5-1.5B-Instruct"
LOADS = "load_model(spec"
NOTHING = "\n\ndef test_nothing(slm):\n    assert slm.name\n"


@pytest.fixture
def folder(pytester, monkeypatch):
    """Where the reader sits."""
    monkeypatch.syspath_prepend(pytester.path)
    for name in ("CI", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    return pytester.path


def pages(*, loading):
    """Return each page with its blocks that load a model, or with all others."""
    found = {
        page: [block for block in typed if (LOADS in block.text) == loading]
        for page, typed in run_here("python").items()
    }
    return [pytest.param(page, typed, id=page) for page, typed in found.items() if typed]


@pytest.mark.parametrize(("page", "typed"), pages(loading=False))
def test_the_python_of_a_page_runs(page, typed, folder, pytester, capsys):
    walk(page, typed, folder, pytester, capsys)


@pytest.mark.slow
@pytest.mark.parametrize(("page", "typed"), pages(loading=True))
def test_what_loads_a_model_runs(page, typed, folder, pytester, capsys):
    walk(page, typed, folder, pytester, capsys)


def walk(page, typed, folder, pytester, capsys):
    names = PREPARED[page](folder) | {"__name__": "reader"}
    if page == "docs/baselines.md":
        assert pytester.runpytest("--slm-save-baseline", "--slm-n=128").ret == 0
    for block in typed:
        text = block.text.replace(BASE, str(ROOT / "reference_experiment" / "base"))
        if OF_PYTEST.search(text):
            run_tests(block, text, folder, pytester)
        else:
            exec(compile(text, str(block), "exec"), names)
            assert said(text) in " ".join(capsys.readouterr().out.split())


def run_tests(block: Block, text, folder, pytester):
    """Run a block as a file of pytest: all of its tests pass."""
    path = folder / f"test_block_{block.line}.py"
    path.write_text(text if "def test_" in text else text + NOTHING, "utf-8")
    result = pytester.runpytest("-p", "no:cacheprovider", path)
    outcomes = result.parseoutcomes()
    assert outcomes.pop("passed", 0) >= 1, f"{block}: {result.stdout}"
    assert not {"failed", "errors", "error"} & {*outcomes}, f"{block}: {result.stdout}"


def said(text):
    """Return what a block says at its end that it prints."""
    found = SAID.search(text)
    return " ".join(found[0].replace("# ", " ").split()) if found else ""


def test_what_a_block_says_that_it_prints():
    [block] = blocks_of("```python\n# not this\nprint(1)\n# one\n# line\n```\n")
    assert said(block.text) == "one line"


@pytest.mark.parametrize(
    "text",
    [
        "from pytest_slm_autopsy import assert_accurate",
        "print('other')\n# this\n",
        "def test_it():\n    assert 1 == 2",
    ],
)
def test_a_block_that_is_wrong_is_seen(text, folder, pytester, capsys):
    with pytest.raises((ImportError, AssertionError)):
        walk("docs/statistics.md", [Block("p", 1, "python", text)], folder, pytester, capsys)
