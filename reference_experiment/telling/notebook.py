"""The notebook of the experiment, executed from a clean kernel."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from reference_experiment.config import HERE

NOTEBOOK = HERE / "analysis.ipynb"
_format: Any = nbformat  # untyped


def executed(path: Path) -> Any:
    """Return a notebook with what its cells say now.

    Times and warnings are left out: they hang on the machine.
    """
    found = _format.read(path, as_version=4)
    metadata = deepcopy(found.metadata)
    resources = {"metadata": {"path": str(HERE.parent)}}
    NotebookClient(found, timeout=300, record_timing=False, resources=resources).execute()
    found.metadata = metadata
    for cell in found.cells:
        if cell.cell_type == "code":
            cell.outputs = [one for one in cell.outputs if one.get("name") != "stderr"]
    return found


def write(notebook: Any, path: Path) -> None:
    """Write a notebook."""
    _format.write(notebook, path)
