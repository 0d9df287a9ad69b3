"""Find out, in CI, whether a fine-tuned small language model will survive production.

This is the public door: what a test file types. The rest is at the doors of the rooms, such as
``pytest_slm_autopsy.measures``. Names are imported on first use, so opening a door costs nothing.
"""

from __future__ import annotations

from pytest_slm_autopsy._door import door

__all__, __getattr__, __dir__ = door(
    __name__,
    {
        "assertions": (
            "GateFailure affirm assert_accuracy assert_accuracy_gap assert_answers_end "
            "assert_calibrated assert_calibration_gap assert_divergence assert_field_accuracy "
            "assert_no_confident_errors assert_no_leakage assert_not_collapsed "
            "assert_no_regression assert_not_inferior assert_same_distribution "
            "assert_selective_risk assert_valid_json"
        ),
        "cases": (
            "DocumentSchema Field INVOICE Suite documents draw_suite invoices read_cases "
            "rewrite_suite shifted_invoices shifts values"
        ),
        "errors": "SlmAutopsyError",
        "examination": "diagnose",
        "gathering.document": "gather",
        "models": (
            "CallableModel ModelSpec ModelUnderTest PromptFormat ScriptedModel ServedModel "
            "assert_adapter_compatible assert_pipelines_match assert_prompts_match load_model"
        ),
        "plugin": "Autopsy Settings shift_property",
        "predictions": "predict",
        "records": "Case Prediction",
        "statistics": "judge",
        "training": "cure_cases",
    },
)
