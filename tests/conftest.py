"""Shared by all tests."""

from __future__ import annotations

# pytester forgets modules that an in-process run imported first: numpy then fails on the second
# inner run, torch ends the interpreter, and hypothesis is slow to come again.
import hypothesis
import numpy  # noqa: F401
import torch  # noqa: F401

# How long an example takes says nothing on a machine that others use, too.
hypothesis.settings.register_profile("tests", deadline=None)
hypothesis.settings.load_profile("tests")

pytest_plugins = ["pytester"]
