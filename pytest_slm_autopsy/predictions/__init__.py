"""What the model answered: raw text to fields, and models asked in batches."""

from __future__ import annotations

from pytest_slm_autopsy._door import door

__all__, __getattr__, __dir__ = door(
    __name__,
    {
        "parser": "parse",
        "predictor": "predict",
        "store": "Store",
    },
)
