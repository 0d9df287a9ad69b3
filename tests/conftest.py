"""Shared by all tests."""

from __future__ import annotations

# pytester forgets modules that an in-process run imported first: numpy then fails on the second
# inner run, and torch ends the interpreter. So both are imported here, before any inner run.
import numpy  # noqa: F401
import torch  # noqa: F401

pytest_plugins = ["pytester"]
