"""Predictions: models asked in batches, raw text parsed into fields, answers kept on disk."""

from __future__ import annotations

from pytest_slm_autopsy._door import door

__all__, __getattr__, __dir__ = door(
    __name__,
    {
        "predictor": "predict",
        "store": "Store",
    },
)
