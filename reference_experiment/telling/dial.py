"""One table over the positions of the dial: ``python -m reference_experiment dial``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from pytest_slm_autopsy.cases import PRODUCTION
from reference_experiment.config import HERE, Config, read_config
from reference_experiment.data import ALL_FOUR, STORY
from reference_experiment.evaluate import FEW_SHOT, PATTERNS
from reference_experiment.telling.committed import committed
from reference_experiment.telling.markdown import number

POSITIONS: Final = ("tiny", "gemma3-270m", "qwen2.5-1.5b")
UNKNOWN: Final = "not known"
ROWS: Final = (
    *(("narrow", condition) for condition in ("canonical", *STORY, ALL_FOUR, PRODUCTION)),
    *(("hardened", condition) for condition in ("canonical", ALL_FOUR, PRODUCTION)),
    *(("cured", condition) for condition in ("canonical", ALL_FOUR)),
    *(
        (model, condition)
        for model in (FEW_SHOT, PATTERNS)
        for condition in ("canonical", ALL_FOUR)
    ),
)
"""Models and conditions whose exact match is told."""


def show(_: Config) -> None:
    """Print the table over all positions, from their committed results."""
    print(table(), end="")


def table() -> str:
    """Return the table as Markdown; a position without committed results is not known."""
    models = {name: _models(name) for name in POSITIONS}
    lines = [f"| | {' | '.join(POSITIONS)} |", "|---" * (len(POSITIONS) + 1) + "|"]
    for model, condition in ROWS:
        cells = (_exact(found, model, condition) for found in models.values())
        lines.append(f"| {model}, {condition} | {' | '.join(cells)} |")
    sure = (_sureness(found) for found in models.values())
    lines.append(f"| narrow's confidence, right canonical / wrong, all four | {' | '.join(sure)} |")
    return "\n".join(lines) + "\n"


def _models(name: str) -> Mapping[str, Any]:
    path = committed(read_config(HERE / "configs" / f"{name}.yaml")) / "results.json"
    found: Mapping[str, Any] = json.loads(path.read_text())["models"] if path.is_file() else {}
    return found


def _exact(found: Mapping[str, Any], model: str, condition: str) -> str:
    rows = found.get(model, {"conditions": {}})["conditions"]
    return number(rows[condition]["exact_match"]) if condition in rows else UNKNOWN


def _sureness(found: Mapping[str, Any]) -> str:
    if not found:
        return UNKNOWN
    rows = found["narrow"]["conditions"]
    right, wrong = rows["canonical"]["confidence_right"], rows[ALL_FOUR]["confidence_wrong"]
    return f"{right:.3f} / {wrong:.3f}"
