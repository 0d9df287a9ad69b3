"""The environment of the Pythons that tests start."""

from __future__ import annotations

import os
from pathlib import Path

GUARD = Path(__file__).with_name("guard")
"""Its sitecustomize refuses what leaves this machine."""


def importing(*folders: Path | str) -> dict[str, str]:
    """Return the variable by which a Python imports from these folders, under the guard."""
    return {"PYTHONPATH": os.pathsep.join(map(str, (GUARD, *folders)))}
