"""How values are printed, and read back from print; knows no cases and no models."""

from __future__ import annotations

from pytest_slm_autopsy._door import door

__all__, __getattr__, __dir__ = door(
    __name__,
    {
        "meaning": "day money same_meaning",
        "money_forms": "MoneyForm",
    },
)
