"""Report: the recorded numbers as one JSON document, one page, and a few terminal lines."""

from __future__ import annotations

from pytest_slm_autopsy._door import door

__all__, __getattr__, __dir__ = door(
    __name__,
    {
        "data": "ReportData Section",
        "schema": "json_schema",
        "page": "write_report",
    },
)
