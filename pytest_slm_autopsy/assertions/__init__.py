"""Assertions: each measures, judges the interval against a limit, and returns a verdict or fails.

An undecided verdict fails, unless ``--slm-undecided`` says otherwise: a gate that proves nothing is
not green.
"""

from __future__ import annotations

from pytest_slm_autopsy._door import door

__all__, __getattr__, __dir__ = door(
    __name__,
    {
        "accuracy": (
            "assert_accuracy assert_accuracy_gap assert_field_accuracy assert_not_inferior "
            "assert_valid_json"
        ),
        "affirmation": "GateFailure UndecidedGate affirm",
        "calibration": (
            "assert_calibrated assert_calibration_gap assert_no_confident_errors "
            "assert_selective_risk"
        ),
        "collapse": "assert_answers_end assert_not_collapsed",
        "gates": "Gate InBatches",
        "regression": "assert_no_regression compared",
        "inputs": "assert_divergence assert_no_leakage assert_same_distribution",
    },
)
