"""How far a model has come is shown on a terminal and nowhere else."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from pytest_slm_autopsy.plugin.output.progress import progress

KEEP, BACK = "\x1b7\x1b[?7l", "\x1b[K\x1b[?7h\x1b8"
WIPED = KEEP + BACK


class Terminal(io.StringIO):
    """A stderr that is a terminal."""

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        """For pytest's fault handler, which wants a file."""
        return 2


@pytest.fixture
def terminal(monkeypatch):
    """What is written to a terminal, and that it is one."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "__stderr__", terminal)
    return terminal


def drawn(done: int, total: int) -> str:
    return f"{KEEP}  {done}/{total} cases: toy{BACK}"


@pytest.mark.parametrize("flags", [(), ("-s",), ("--capture=sys",), ("-p", "no:capture")])
def test_on_a_terminal_it_is_drawn_and_wiped(run, toy, terminal, flags):
    run("-k", "reference", *flags).assert_outcomes(passed=1, deselected=3)
    assert terminal.getvalue() == drawn(0, 12) + drawn(12, 12) + WIPED


def test_on_a_real_terminal(toy, pytester):
    """Captured, even a real stderr is a file: only a process of its own shows the truth."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "pytest", "-k", "reference"]
    done = subprocess.run(command, stderr=theirs, stdout=subprocess.DEVNULL, check=False)
    os.close(theirs)
    assert done.returncode == 0
    assert os.read(ours, 4096).decode() == drawn(0, 12) + drawn(12, 12) + WIPED


def test_every_batch_is_a_step(run, toy, terminal):
    run("-k", "reference", "--slm-n=100").assert_outcomes(passed=1, deselected=3)
    steps = [drawn(done, 100) for done in (0, 64, 100)]
    assert terminal.getvalue() == "".join(steps) + WIPED


def test_it_is_wiped_when_the_model_breaks(run, toy, terminal, pytester):
    pytester.makepyfile(
        test_broken="""
        from pytest_slm_autopsy import ScriptedModel

        def test_it(slm_cases, autopsy):
            autopsy.predict(ScriptedModel(lambda case: 1 / 0), slm_cases.reference)
        """
    )
    run("test_broken.py").assert_outcomes(failed=1)
    assert terminal.getvalue().endswith(WIPED)


def test_nothing_is_drawn_when_nothing_is_asked(run, toy, terminal):
    run("-k", "without")
    assert terminal.getvalue() == ""


@pytest.mark.parametrize("stderr", [io.StringIO(), None])
def test_elsewhere_there_is_none(run, toy, monkeypatch, stderr):
    monkeypatch.setattr(sys, "__stderr__", stderr)
    result = run("-s", "-p", "no:faulthandler")
    result.assert_outcomes(passed=2, failed=1, xfailed=1)
    assert "12 cases" not in result.stdout.str() + result.stderr.str()
    assert not stderr or stderr.getvalue() == ""


def test_a_worker_draws_none(terminal):
    with progress(SimpleNamespace(workerinput={}), "toy", 12) as show:
        assert show is None
    assert terminal.getvalue() == ""
