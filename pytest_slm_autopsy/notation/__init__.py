"""Print values, and read them back: the one place for every form of an amount, a day or a name."""

from __future__ import annotations

from pytest_slm_autopsy._door import door

__all__, __getattr__, __dir__ = door(
    __name__,
    {
        "meaning": "day money same_meaning",
        "figures.money_forms": "MoneyForm",
    },
)
