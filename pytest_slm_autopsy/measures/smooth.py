"""Smooth calibration error: without bins, so it changes little when a confidence moves a little."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.sparse import csr_array

from pytest_slm_autopsy.measures.counted import counted, measured
from pytest_slm_autopsy.measures.token_confidence import Floats, sureness
from pytest_slm_autopsy.records import Measurement, Prediction
from pytest_slm_autopsy.statistics.resampling import bootstrap

_CELLS: Final = 500
_NARROWEST: Final = 0.001


def smooth_calibration_error(
    predictions: Sequence[Prediction], *, confidence_level: float = 0.95
) -> Measurement:
    """Return the smooth calibration error, from 0 to 1 (Blasiok & Nakkiran 2023).

    Residuals over confidence are smoothed by a reflected Gaussian as wide as the error itself, and
    their absolute values averaged. The estimate is consistent, without a number of bins to choose.
    It is not corrected for noise and so too high where cases are few: compare it, don't gate on it.

    Raises:
        NoDataError: no prediction, or a model that gives no probabilities.
    """
    predictions = counted(predictions)
    sure, right = sureness(predictions)
    residuals = _on_a_grid(sure, right)
    total = residuals.sum(0)[None]
    width = _fixed_point(total, len(sure))

    def error(weights: Floats) -> Floats:
        errors: Floats = _smoothed(weights @ residuals, width) / weights.sum(1)
        return errors

    found = bootstrap(error, predictions.records)
    name = "smooth calibration error"
    return measured(name, found.value, found.interval, predictions, confidence_level)


def _on_a_grid(sure: Floats, right: Floats) -> csr_array:
    """Return one row a case: its residual, shared by the two cells next to its confidence."""
    place = np.clip(sure * _CELLS - 0.5, 0, _CELLS - 1)
    cell = np.minimum(place.astype(int), _CELLS - 2)
    upper = place - cell
    residual = right - sure
    values = np.stack([residual * (1 - upper), residual * upper], axis=1).ravel()
    columns = np.stack([cell, cell + 1], axis=1).ravel()
    rows = np.arange(len(sure) + 1) * 2
    return csr_array((values, columns, rows), shape=(len(sure), _CELLS))


def _smoothed(residuals: Floats, width: float) -> Floats:
    smooth = gaussian_filter1d(residuals, width * _CELLS, axis=1, mode="reflect")
    total: Floats = np.abs(smooth).sum(1)
    return total


def _fixed_point(total: Floats, n: int) -> float:
    """Return the width that equals the error at that width."""
    low, high = 0.0, 1.0
    for _ in range(12):
        middle = (low + high) / 2
        if middle < _NARROWEST or middle < float(_smoothed(total, middle)[0]) / n:
            low = middle
        else:
            high = middle
    return high
