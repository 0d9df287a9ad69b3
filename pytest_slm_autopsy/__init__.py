"""Find out, in CI, whether a fine-tuned small language model will survive production.

This is the public door. Names resolve on first use, so importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_DOOR = {
    "assertions.accuracy": (
        "assert_accuracy",
        "assert_accuracy_gap",
        "assert_field_accuracy",
        "assert_not_inferior",
        "assert_valid_json",
    ),
    "assertions.affirmation": ("GateFailure", "UndecidedGate", "affirm"),
    "assertions.calibration": (
        "assert_calibrated",
        "assert_calibration_gap",
        "assert_no_confident_errors",
        "assert_selective_risk",
    ),
    "assertions.collapse": ("assert_not_collapsed",),
    "assertions.gates": ("Gate", "InBatches"),
    "assertions.inputs": (
        "assert_divergence",
        "assert_no_leakage",
        "assert_same_distribution",
    ),
    "cases.drawn.axes.axis": ("Axis",),
    "cases.schemas.builtin": ("INVOICE", "ITEMISED_INVOICE", "RECEIPT"),
    "cases.files": ("read_cases", "unstated", "write_cases"),
    "notation.forms": ("MoneyForm",),
    "cases.rewritten.inference": ("infer_schema", "schema_code"),
    "cases.drawn.layout": ("Block", "Layout", "Line", "Space", "canonical"),
    "cases.rewritten.location": ("Found", "locate"),
    "cases.rewritten.page": ("Refused",),
    "cases.rewritten.rewrites": ("REWRITES", "rewrite"),
    "cases.rewritten.suite": ("default_rewrites", "read_suite", "refusals", "rewrite_suite"),
    "cases.profiles.profile": ("FormatProfile", "learn_profile", "load_profile"),
    "cases.profiles.rates": ("Rate",),
    "cases.schemas.schema": ("DocumentSchema", "Field"),
    "cases.drawn.shifts": ("AXES", "Mixture", "applicable"),
    "cases.strategies": (
        "documents",
        "invoices",
        "layouts",
        "shifted_invoices",
        "shifts",
    ),
    "cases.drawn.suites": (
        "PRODUCTION",
        "Conditions",
        "Refusal",
        "Suite",
        "default_conditions",
        "draw_case",
        "draw_suite",
        "graded_conditions",
        "stream_cases",
    ),
    "cases.rewritten.validation": ("Validation", "validate_cases"),
    "cases.drawn.writer": ("write",),
    "errors": (
        "CaseError",
        "ConfigError",
        "MissingExtraError",
        "ModelError",
        "NoDataError",
        "SlmAutopsyError",
        "nearest",
    ),
    "measures.accuracy": (
        "accuracy_gap",
        "accuracy_loss",
        "exact_match",
        "field_accuracy",
        "valid_json",
    ),
    "measures.calibration": (
        "brier_score",
        "calibration_gap",
        "expected_calibration_error",
        "log_loss",
        "reliability",
        "temperature_scaling",
    ),
    "measures.error_categories": (
        "CATEGORIES",
        "categories",
        "categorise",
        "field_categories",
        "normalised_match",
    ),
    "measures.collapse": ("commonest_answer", "excess_repetition", "training_copies"),
    "measures.inputs.comparison": ("Divergence",),
    "measures.token_confidence": (
        "confidence",
        "confidence_drop",
        "field_confidence",
        "mean_confidence",
    ),
    "measures.inputs.discrepancy": ("maximum_mean_discrepancy",),
    "measures.inputs.divergence": ("js_divergence", "kl_divergence"),
    "measures.fields": ("field_scores", "macro_f1", "micro_f1"),
    "measures.independence": ("input_dependence",),
    "measures.inputs.leakage": ("find_leaks", "share_leaked"),
    "notation.meaning": ("day", "money", "same_meaning"),
    "measures.noise": ("answer_noise", "answers_changed", "near_ties"),
    "measures.selective": (
        "auroc",
        "confident_errors",
        "coverage_at_precision",
        "risk_coverage",
        "risk_coverage_area",
        "selective_risk",
    ),
    "measures.inputs.shapes": ("format_two_sample", "profile_divergence", "shape"),
    "measures.signs": ("signs_of_collapse",),
    "measures.smooth": ("smooth_calibration_error",),
    "measures.inputs.two_sample": ("classifier_two_sample",),
    "measures.validity": ("parse_stages", "schema_valid"),
    "models.adapter": ("load_model",),
    "models.checks.health": ("check_health",),
    "models.checks.check": ("CHECKS", "Check"),
    "models.checks.compatibility": ("assert_adapter_compatible", "check_files"),
    "models.interface": ("Answer", "ModelSpec", "ModelUnderTest", "Storable"),
    "models.loading": ("load_base", "load_tokenizer"),
    "models.checks.prompt_match": ("assert_pipelines_match", "assert_prompts_match"),
    "models.prompts": ("PromptFormat", "manifest", "render", "weights_digest"),
    "models.scripted": ("CallableModel", "ScriptedModel"),
    "models.served.model": ("ServedModel", "ServedSpec", "only_model"),
    "models.several": ("load_adapters",),
    "gathering": ("gather",),
    "plugin.options": ("Settings",),
    "plugin.properties.property": ("shift_property",),
    "plugin.session": ("Autopsy",),
    "predictions.parser": ("parse",),
    "predictions.predictor": ("predict",),
    "predictions.store": ("Store",),
    "records": ("Case", "Finding", "Measurement", "Prediction", "Verdict"),
    "report.data": ("ReportData",),
    "report.page": ("write_report",),
    "statistics.intervals": (
        "clopper_pearson",
        "clustered_rate",
        "mover_paired",
        "newcombe_paired",
        "tango_paired",
        "wilson",
    ),
    "statistics.planning": ("required_n", "required_pairs"),
    "statistics.resampling": ("bootstrap",),
    "statistics.sequential": ("betting_interval",),
    "statistics.significance": ("holm", "mcnemar_exact"),
    "statistics.verdicts": ("judge", "listening"),
}
_HOME = {name: module for module, names in _DOOR.items() for name in names}

_MODULES = {"strategies": "cases.strategies", "values": "cases.schemas.values"}

__all__ = sorted([*_HOME, *_MODULES])  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"{__name__}.{_MODULES[name]}")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
