"""Predictions: models asked in batches, raw text parsed into fields, answers kept on disk."""

from __future__ import annotations

from pytest_slm_autopsy._door import door

__all__, __getattr__, __dir__ = door(
    __name__,
    {
        "baseline": "Baseline keep read_baseline write_baseline",
        "predictor": "predict",
        "store": "Store",
        "table": "write_parquet",
    },
)
