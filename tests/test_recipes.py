"""docs/recipes: each page is typed as it stands, and prints what it says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

PAGES = sorted((Path(__file__).parents[1] / "docs" / "recipes").glob("*.md"))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
COMMANDS = {"pytest": "pytest", "slm-autopsy": "pytest_slm_autopsy.cli"}


def typed(page: Path, folder: Path) -> str:
    """Write the files of a page, and return its console block."""
    console = ""
    for kind, text in BLOCK.findall(page.read_text("utf-8")):
        if kind == "console":
            console = text
        else:
            head, _, rest = text.partition("\n")
            (folder / head.removeprefix("# ")).write_text(rest, "utf-8")
    return console


def told(command: str, folder: Path) -> str:
    """Run a command of the page, and return its summary."""
    name, *arguments = shlex.split(command)
    kept = {k: v for k, v in os.environ.items() if k not in ("CI", "GITHUB_STEP_SUMMARY")}
    done = subprocess.run(
        [sys.executable, "-m", COMMANDS[name], *arguments],
        cwd=folder,
        env={**kept, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
    )
    summary = done.stdout.partition(" SLM autopsy ")[2].partition("\n")[2]
    return re.sub(r" in [\d.]+s", "", re.sub(r"={3,} ?| ={3,}", "", summary)).strip()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_recipe_does_as_it_says(page: Path, tmp_path: Path) -> None:
    command, _, printed = typed(page, tmp_path).partition("\n")
    assert told(command.removeprefix("$ "), tmp_path) == printed.strip()


def test_there_is_a_recipe_for_each_kind_of_answer_and_document() -> None:
    assert {page.stem for page in PAGES} == {
        *("classifier", "probability", "nested-json", "support-ticket", "medical-form"),
    }
