"""Shared by all tests."""

from __future__ import annotations

# pytester forgets modules that an in-process run imported first: numpy then fails on the second
# inner run, torch ends the interpreter, and hypothesis is slow to come again.
import hypothesis  # noqa: F401
import numpy  # noqa: F401
import torch  # noqa: F401

pytest_plugins = ["pytester"]
