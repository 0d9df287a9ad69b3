"""docs/suite.md: both adapters of the experiment, judged as the page shows."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environment import importing

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "suite.md").read_text("utf-8")
RUNS = re.findall(r"```bash\n(slm-autopsy run ref[^`]*?)```\n\n```text\n(.*?)```", PAGE, re.DOTALL)
pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("command", "printed"), RUNS, ids=["narrow", "hardened"])
def test_the_page_prints_what_the_command_prints(command, printed, tmp_path):
    (tmp_path / "reference_experiment").symlink_to(ROOT / "reference_experiment")
    _, *arguments = shlex.split(command.replace("\\\n", ""))
    kept = {k: v for k, v in os.environ.items() if k not in ("CI", "GITHUB_STEP_SUMMARY")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest_slm_autopsy.cli", *arguments],
        cwd=tmp_path,
        env={**kept, **importing(ROOT), "COLUMNS": "80", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    dots, _, summary = printed.partition("\n...\n")
    assert dots in done.stdout
    for line in summary.splitlines():
        # The last digit of a share differs between machines, and time everywhere.
        if not line.startswith(("store:", "===", "why:", "loss", "fields", "1")):
            assert line in done.stdout
    assert done.returncode == ("narrow" in command)
    assert (tmp_path / "autopsy.html").stat().st_size < 2_000_000
