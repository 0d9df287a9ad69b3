"""Find out, in CI, whether a fine-tuned small language model will survive production.

This is the public door. Names resolve on first use, so that importing the package is cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_DOOR = {
    "cases.schema": ("INVOICE", "DocumentSchema", "Field"),
    "cases.shifts": ("AXES", "Axis"),
    "cases.suites": ("Suite", "draw_suite", "read_cases", "write_cases"),
}
_HOME = {name: module for module, names in _DOOR.items() for name in names}
