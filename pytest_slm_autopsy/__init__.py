"""Find out, in CI, whether a fine-tuned small language model will survive production.

This is the public door. Names resolve on first use, so importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_DOOR = {
    "assertions": (
        "GateFailure",
        "assert_accuracy",
        "assert_accuracy_gap",
        "assert_calibrated",
        "assert_not_collapsed",
    ),
    "cases.axis": ("Axis",),
    "cases.builtin": ("INVOICE", "ITEMISED_INVOICE", "RECEIPT"),
    "cases.files": ("read_cases", "unstated", "write_cases"),
    "cases.forms": ("MoneyForm",),
    "cases.layout": ("Block", "Layout", "Line", "Space", "canonical"),
    "cases.schema": ("DocumentSchema", "Field"),
    "cases.shifts": ("AXES", "Mixture", "applicable"),
    "cases.strategies": (
        "documents",
        "invoices",
        "layouts",
        "shifted_invoices",
        "shifts",
    ),
    "cases.suites": (
        "PRODUCTION",
        "Conditions",
        "Suite",
        "default_conditions",
        "draw_case",
        "draw_suite",
        "graded_conditions",
        "stream_cases",
    ),
    "cases.writing": ("write",),
    "errors": (
        "CaseError",
        "ConfigError",
        "MissingExtraError",
        "ModelError",
        "NoDataError",
        "SlmAutopsyError",
        "nearest",
    ),
    "measures.accuracy": ("accuracy_gap", "exact_match", "field_accuracy", "valid_json"),
    "measures.calibration": (
        "confidence",
        "confidence_drop",
        "expected_calibration_error",
        "field_confidence",
        "mean_confidence",
        "reliability",
    ),
    "measures.collapse": ("commonest_answer", "excess_repetition"),
    "models.adapter": ("load_model",),
    "models.behaviour": ("check_health",),
    "models.checks": ("CHECKS", "Check"),
    "models.compatibility": ("assert_adapter_compatible", "check_files"),
    "models.interface": ("Answer", "ModelSpec", "ModelUnderTest"),
    "models.loading": ("load_base", "load_tokenizer"),
    "models.prompt_match": ("assert_pipelines_match", "assert_prompts_match"),
    "models.prompts": ("PromptFormat", "manifest", "render", "weights_digest"),
    "models.several": ("load_adapters",),
    "models.scripted": ("CallableModel", "ScriptedModel"),
    "plugin.findings": ("gather",),
    "plugin.options": ("Settings",),
    "plugin.session": ("Autopsy",),
    "predictions.parse": ("parse",),
    "predictions.predict": ("predict",),
    "records": ("Case", "Finding", "Measurement", "Prediction", "Verdict"),
    "report.data": ("ReportData",),
    "report.page": ("write_report",),
    "statistics.intervals": ("bootstrap", "newcombe_paired", "wilson"),
    "statistics.verdicts": ("judge", "listening"),
}
_HOME = {name: module for module, names in _DOOR.items() for name in names}

_MODULES = ("strategies", "values")

__all__ = sorted([*_HOME, *_MODULES])  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"{__name__}.cases.{name}")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
