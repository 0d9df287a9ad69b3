"""Shared by all tests."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

# pytester forgets modules that an in-process run imported first: numpy and scipy then fail on
# the second import, torch ends the interpreter, and hypothesis is slow to come again.
import hypothesis
import numpy  # noqa: F401
import pytest
import scipy.stats  # noqa: F401

from pytest_slm_autopsy.cases.drawn import suites
from pytest_slm_autopsy.cases.schemas.registry import BUILT_IN
from tests.environment import GUARD, importing

with suppress(ImportError):  # an installed wheel is tested without it
    import torch  # noqa: F401

# Nothing hangs on what the run inherits: a narrow terminal, colours, options of another run, and
# interrupts that a shell ignores in its background jobs, which child processes then ignore too.
for inherited in ("COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR", "PY_COLORS", "PYTEST_ADDOPTS"):
    os.environ.pop(inherited, None)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says nothing on a machine that others use, too.
hypothesis.settings.register_profile("tests", deadline=None)
hypothesis.settings.load_profile("tests")

pytest_plugins = ["pytester"]

# Nothing that a test does, or a Python that it starts, reaches beyond this machine.
ATTEMPTS = Path(tempfile.gettempdir(), f"network-attempts-{os.getpid()}")
os.environ["SLM_TEST_NETWORK_ATTEMPTS"] = str(ATTEMPTS)
if str(GUARD) not in sys.path:  # a worker of xdist has it already
    inherited = filter(None, [os.environ.get("PYTHONPATH")])
    os.environ.update(importing(*inherited))
    sys.path.insert(0, str(GUARD))
    sys.modules.pop("sitecustomize", None)
    import sitecustomize  # noqa: F401


@pytest.fixture(autouse=True)
def no_network():
    """A test that reaches beyond this machine fails, whatever became of its attempt."""
    yield
    if ATTEMPTS.exists():
        attempts = ATTEMPTS.read_text(encoding="utf-8")
        ATTEMPTS.unlink()
        pytest.fail(f"asked for a machine that is not this one:\n{attempts}")


_draw_suite, _drawn = suites.draw_suite, list[tuple[tuple[object, ...], suites.Suite]]()


def _drawn_once(schema, n, seed, conditions=None):
    if not any(schema is one for one in BUILT_IN.values()):
        return _draw_suite(schema, n, seed, conditions)
    asked = schema.name, n, seed, conditions and list(conditions.items())
    found = next((suite for known, suite in _drawn if known == asked), None)
    if found is None:
        found = _draw_suite(schema, n, seed, conditions)
        _drawn[:] = [*_drawn[-3:], (asked, found)]
    return found


@pytest.fixture
def pytester(pytester, monkeypatch):
    """Runs of pytest in this process draw equal suites once: that is half of their time."""
    monkeypatch.setattr(suites, "draw_suite", _drawn_once)
    return pytester
