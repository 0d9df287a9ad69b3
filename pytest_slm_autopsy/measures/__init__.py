"""Measures: predictions in, numbers with their intervals out. A measure never judges."""

from __future__ import annotations

from pytest_slm_autopsy._door import door

__all__, __getattr__, __dir__ = door(
    __name__,
    {
        "accuracy": ("accuracy_gap accuracy_loss exact_match field_accuracy flips valid_json"),
        "calibration": (
            "brier_score calibration_gap expected_calibration_error log_loss reliability "
            "temperature_scaling"
        ),
        "collapse": "commonest_answer cut_off excess_repetition training_copies",
        "error_categories": "CATEGORIES categories categorise field_categories normalised_match",
        "fields": "field_scores macro_f1 micro_f1",
        "independence": "input_dependence",
        "inputs.comparison": "Divergence",
        "inputs.discrepancy": "maximum_mean_discrepancy",
        "inputs.divergence": "js_divergence kl_divergence",
        "inputs.leakage": "find_leaks share_leaked",
        "inputs.shapes": "format_two_sample profile_divergence shape",
        "inputs.two_sample": "classifier_two_sample",
        "noise": "answer_noise answers_changed near_ties",
        "selective": (
            "auroc confident_errors coverage_at_precision risk_coverage risk_coverage_area "
            "selective_risk"
        ),
        "signs": "signs_of_collapse",
        "smooth": "smooth_calibration_error",
        "token_confidence": "confidence confidence_drop field_confidence mean_confidence",
        "validity": "parse_stages schema_valid",
    },
)
