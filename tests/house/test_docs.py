"""Python in the docs compiles, and no text of the repository names a path of somebody's machine."""

from __future__ import annotations

import re
import runpy
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

CODE_BLOCK = re.compile(r"^( *)```python[^\n]*\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
MACHINE_PATH = re.compile(r"(?<![\w.-])/(?:work|opt|root|mnt|home|Users)/|\.\./shared/")


def test_python_in_the_docs_compiles(root: Path) -> None:
    pages = [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
    assert [f"{page.name}: {fault}" for page in pages for fault in broken(page.read_text())] == []


def test_no_text_names_a_machine_path(root: Path) -> None:
    assert [f"{path}: {found}" for path in texts(root) for found in machine_paths(path)] == []


@pytest.mark.parametrize(
    "text",
    [
        "```python\nx = (\n```",
        "fine:\n\n```python\nx = 1\n```\n\nnot:\n\n```python title='a.py'\nreturn x\n```\n",
        "1. In a list:\n\n   ```python\n   def f():\n   ```\n",
    ],
)
def test_a_broken_block_is_seen(text: str) -> None:
    assert len(list(broken(text))) == 1


def test_a_sound_block_passes() -> None:
    text = "1. In a list:\n\n   ```python\n   def f(): ...\n   ```\n\n```text\nx = (\n```\n"
    assert list(broken(text)) == []


@pytest.mark.parametrize("folder", ["work", "opt", "root", "home"])
def test_a_machine_path_is_seen(tmp_path: Path, folder: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"fine: a/{folder}/b, https://example.com/{folder}/\nnot: '/{folder}/main'\n")
    assert machine_paths(page) == [f"/{folder}/"]


def broken(text: str) -> Iterator[str]:
    """What the compiler says of the Python blocks in ``text``."""
    for match in CODE_BLOCK.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        try:
            compile(textwrap.dedent(match[2]), "block", "exec")
        except SyntaxError as error:
            yield f"block in line {line}: {error}"


def texts(root: Path) -> Iterator[Path]:
    """Every file of the repository, ignored ones left out."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=root, capture_output=True, text=True, check=True).stdout
    yield from (path for name in names.split("\0") if (path := root / name).is_file())


def machine_paths(path: Path) -> list[str]:
    """The beginnings of machine paths in a file; a binary file has none."""
    try:
        return MACHINE_PATH.findall(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        return []


def test_the_table_of_axes_is_the_one_in_the_code(root: Path) -> None:
    generator = runpy.run_path(str(root / "docs" / "generate.py"))
    assert (root / "docs" / "shifts.md").read_text(encoding="utf-8") == generator["page"](), (
        "run python docs/generate.py"
    )
