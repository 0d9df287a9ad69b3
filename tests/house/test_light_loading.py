"""Every pytest run of the user's machine pays for what the plugin imports when it is loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.environment import importing


def test_loading_the_plugin_imports_nothing_heavy(
    root: Path, tmp_path: Path, heavy: frozenset[str]
) -> None:
    assert loaded_with("pytest_slm_autopsy.plugin.hooks", tmp_path, root) & heavy == set()


def test_a_heavy_plugin_is_seen(tmp_path: Path, heavy: frozenset[str]) -> None:
    (tmp_path / "planted.py").write_text("import numpy.linalg\n")
    assert loaded_with("planted", tmp_path, tmp_path) & heavy == {"numpy"}


def loaded_with(plugin: str, folder: Path, importable: Path) -> set[str]:
    """Top-level names of all that ``pytest -p plugin`` imports before it runs a test."""
    (folder / "test_trivial.py").write_text("def test_trivial(): pass\n")
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "pytest", "--co", "-q", "-p", plugin],
        cwd=folder,
        env=os.environ | importing(importable) | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    names = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    return {name.partition(".")[0] for name in names}
