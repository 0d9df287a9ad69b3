"""Comparison of prints: amounts by value, dates by day, texts without case and spacing.

A print may be open: ``1.234`` is a thousand or one and a bit, ``03/04/2025`` is in March or April.
It then means every one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from pytest_slm_autopsy.notation.dates.days import whole_day
from pytest_slm_autopsy.notation.kinds import meant_amounts, same_value
from pytest_slm_autopsy.records import Value


def money(text: str) -> frozenset[Decimal]:
    """Return the amounts that a print can mean; none where it is no amount.

    Example:
        >>> sorted(money("1.234")), sorted(money("(EUR 1.234,50)"))
        ([Decimal('1.234'), Decimal('1234.00')], [Decimal('-1234.50')])
    """
    return meant_amounts(text)[0]


def day(text: str) -> frozenset[date]:
    """Return the days that a print can mean; none where it is no date.

    Example:
        >>> [str(one) for one in sorted(day("03/04/2025"))]
        ['2025-03-04', '2025-04-03']
    """
    found = whole_day(text)
    return found.days if found else frozenset()


def same_meaning(truth: Value, answer: Value, kind: str = "text") -> bool:
    """Tell whether ``answer`` can mean what ``truth`` means, each being of this kind.

    Money is compared by value (a currency counts where both name one), percentages likewise, dates
    by day, everything else without case and with white space collapsed; rows cell by cell.

    Example:
        >>> same_meaning("1.234,50 \u20ac", "1234.5", "money"), same_meaning("ASC", "asc")
        (True, True)
    """
    if isinstance(truth, str) and isinstance(answer, str):
        return same_value(truth, answer, kind)
    if truth is None or answer is None or isinstance(truth, str) or isinstance(answer, str):
        return truth is None and answer is None
    return len(truth) == len(answer) and all(map(_same_row, truth, answer))


def _same_row(truth: Mapping[str, str], answer: Mapping[str, str]) -> bool:
    return truth.keys() == answer.keys() and all(
        same_value(truth[key], answer[key], "money") for key in truth
    )
