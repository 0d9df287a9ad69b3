"""Documents for the model: schemas, layouts, shifts, suites and Hypothesis strategies."""

from __future__ import annotations

from pytest_slm_autopsy._door import door

__all__, __getattr__, __dir__ = door(
    __name__,
    {
        "augmentation": "augment",
        "drawn.axes.axis": "Axis",
        "drawn.layout": "Block Layout Line Space canonical",
        "drawn.shifts": "AXES Mixture applicable",
        "drawn.suites": (
            "Conditions PRODUCTION Refusal Suite default_conditions draw_case draw_suite "
            "graded_conditions stream_cases"
        ),
        "drawn.variants": "DrawnVariants",
        "drawn.writer": "write",
        "files": "read_cases unstated write_cases",
        "profiles.profile": "FormatProfile learn_profile load_profile",
        "profiles.rates": "Rate",
        "rewritten.inference": "infer_schema schema_code",
        "rewritten.finding.location": "Found locate",
        "rewritten.page": "Refused",
        "rewritten.rewrites": "REWRITES rewrite",
        "rewritten.suite": "default_rewrites read_suite refusals rewrite_suite",
        "rewritten.variants": "RewrittenVariants",
        "rewritten.validation": "Validation validate_cases",
        "schemas.builtin": "INVOICE ITEMISED_INVOICE RECEIPT",
        "schemas.schema": "DocumentSchema Field",
        "strategies": "documents invoices layouts shifted_invoices shifts",
    },
    modules=("schemas.values", "strategies"),
)
