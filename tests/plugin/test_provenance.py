"""Where the numbers of a run come from, and a warning where pytest reads another ini file."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from pytest_slm_autopsy.models.interface import ModelSpec
from pytest_slm_autopsy.plugin.output.provenance import _run as run_facts
from pytest_slm_autopsy.plugin.output.provenance import described, facts
from pytest_slm_autopsy.plugin.settings import Settings


def test_a_loaded_model_is_described():
    told = described(ModelSpec("bases/b", "adapters/a", quantization="none"))
    for part in ("base bases/b", "adapter adapters/a", "quantisation none", "prompt ", "key "):
        assert part in told
    assert described(object()) == ""


def test_versions_and_machine_are_told():
    found = facts(Settings(seed=7, n=9), None)
    assert (found["seed"], found["records"]) == ("7", "9")
    assert {"machine", "python", "pytest"} <= found.keys()


def test_the_command_keeps_no_password():
    given = SimpleNamespace(args=["-q", "--slm-base=http://me:secret@host/v1", "a b"])
    told = dict(run_facts(SimpleNamespace(invocation_params=given)))["command"]
    assert told == "pytest -q '--slm-base=http://***@host/v1' 'a b'"


def test_a_value_behind_a_space_is_warned_of(tmp_path):
    """Pytest takes a folder behind an option that it does not know yet for one of tests."""
    mine, other = tmp_path / "mine", tmp_path / "other"
    for folder, ini in ((mine, "[pytest]\nslm_n = 4\n"), (other, "[pytest]\n")):
        folder.mkdir()
        (folder / "pytest.ini").write_text(ini)
    (mine / "test_it.py").write_text("def test_it(): pass\n")

    def warned(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *arguments],
            cwd=mine, capture_output=True, text=True, check=False, env={**os.environ},
        )  # fmt: skip
        return "write options with an equals sign" in done.stdout

    assert warned("--slm-base", str(other))
    assert not warned(f"--slm-base={other}")
    assert not warned()


@pytest.mark.parametrize("given", ["ini", "command line"])
def test_n_and_budget_together_are_refused(run, pytester, given):
    pytester.makepyfile("def test_it(): pass")
    flags = ("--slm-n=3", "--slm-budget=9") if given == "command line" else ()
    pytester.makeini("[pytest]\n" if flags else "[pytest]\nslm_n = 3\nslm_budget = 9\n")
    result = run(*flags)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*slm_n and slm_budget are both given; *"])


def test_of_n_and_budget_the_command_line_wins(run, pytester):
    pytester.makepyfile("def test_it(): pass")
    pytester.makeini("[pytest]\nslm_n = 3\n")
    run("--slm-budget=9")
    assert (run.settings.n, run.settings.budget) == (9, 9)
    pytester.makeini("[pytest]\nslm_budget = 9\n")
    run("--slm-n=3")
    assert (run.settings.n, run.settings.budget) == (3, None)
    run()
    assert (run.settings.n, run.settings.budget) == (9, 9)
