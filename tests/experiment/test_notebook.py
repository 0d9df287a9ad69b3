"""The notebook runs from a clean kernel, and says what it said when it was committed."""

from __future__ import annotations

import nbformat
import pytest

from reference_experiment.telling.notebook import NOTEBOOK, executed


def said(notebook):
    """What each cell prints or shows as text; warnings hang on the environment."""
    return [
        [
            one.get("text") or one.get("data", {}).get("text/markdown")
            for one in cell.outputs
            if one.get("name") == "stdout" or "text/markdown" in one.get("data", {})
        ]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


@pytest.mark.slow
def test_it_runs_from_a_clean_kernel_and_says_the_same():
    kept = nbformat.read(NOTEBOOK, as_version=4)
    assert said(executed(NOTEBOOK)) == said(kept)


def test_it_is_committed_with_its_outputs():
    kept = nbformat.read(NOTEBOOK, as_version=4)
    cells = [cell for cell in kept.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    pictures = [one for cell in cells for one in cell.outputs if "image/png" in one.get("data", {})]
    assert len(pictures) >= 7
