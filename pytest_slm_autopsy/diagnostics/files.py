"""Diagnoses as one versioned JSON document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pytest_slm_autopsy.diagnostics.diagnosis import Diagnosis
from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.whole_files import read_document, write_whole

VERSION: Final = 1


def write_diagnoses(path: Path, diagnoses: Sequence[Diagnosis]) -> None:
    """Write diagnoses as one JSON document, whole or not at all.

    Raises:
        ConfigError: the file cannot be written.
    """
    document = {"version": VERSION, "diagnoses": [one.to_dict() for one in diagnoses]}
    text = json.dumps(document, indent=1, default=float)
    write_whole(path, text + "\n", "the diagnosis")


def read_diagnoses(path: Path) -> list[Diagnosis]:
    """Return the diagnoses that ``write_diagnoses`` wrote.

    Raises:
        ConfigError: the file cannot be read, holds something else, or is of a newer version.
    """
    again = f"diagnose again: pytest --slm-diagnose={path}"
    document = read_document(path, what="diagnosis", key="diagnoses", newest=VERSION, again=again)
    try:
        return [Diagnosis.from_dict(one) for one in document["diagnoses"]]
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}; diagnose again") from None
