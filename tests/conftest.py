"""Shared by all tests."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

# pytester forgets modules that an in-process run imported first: numpy and scipy then fail on
# the second import, torch ends the interpreter, and hypothesis is slow to come again.
import hypothesis
import numpy  # noqa: F401
import scipy.stats  # noqa: F401

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
