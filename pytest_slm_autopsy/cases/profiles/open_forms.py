"""Forms that leave something open, told by those of their document, else of their pile, that tell.

Their names end in ``?``: ``DD/MM/YYYY?`` may be month first, ``1234.50?`` may mark thousands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from pytest_slm_autopsy.cases.profiles.rates import Rate
from pytest_slm_autopsy.notation.day_forms import EITHER, UNSURE, both_orders

OPEN_KINDS: Final = ("date", "money")


def settled(form: str, others: Iterable[str]) -> str:
    """A date's form, told by the ``others`` of its document, where one reading fits them."""
    if not form.endswith(UNSURE):
        return form
    sure = {_unpadded(other) for other in others}
    told = [reading for reading in both_orders(form) if _unpadded(reading) in sure]
    return told[0] if len(told) == 1 else form


def shared_out(kind: str, rates: Mapping[str, Rate]) -> dict[str, Rate]:
    """Forms that leave something open, shared out as those that are certain.

    Where the pile has none that agrees with them in all else, they stay one form, that claims
    neither: ``DD/MM or MM/DD``; full names of months; amounts as they were printed.
    """
    certain = {form: rate for form, rate in rates.items() if not form.endswith(UNSURE)}
    named = dict(certain)
    for form, rate in rates.items():
        if form.endswith(UNSURE):
            fits = readings(kind, form, certain) or {_untold(kind, form): 1}
            for reading, number in fits.items():
                known = named.get(reading, Rate(0, rate.n))
                named[reading] = _joined(known, rate, number / sum(fits.values()))
    return named


def readings(kind: str, form: str, certain: Mapping[str, Rate]) -> dict[str, int]:
    """What an open form may be, with the number of documents that surely are."""
    if kind == "money":
        alike = form.removesuffix(UNSURE)
        return {sure: rate.count for sure, rate in certain.items() if _ungrouped(sure) == alike}
    seen = {
        order: sum(r.count for sure, r in certain.items() if _unpadded(sure) == _unpadded(order))
        for order in both_orders(form)
    }
    return {order: number for order, number in seen.items() if number}


def _untold(kind: str, form: str) -> str:
    if kind == "money":
        return form.removesuffix(UNSURE)
    first, second = both_orders(form)
    return second if "MON" in form else f"{first}{EITHER}{second}"


def _unpadded(form: str) -> str:
    return form.replace("DD", "D").replace("MM", "M")


def _ungrouped(form: str) -> str:
    return re.sub(r"1\D234", "1234", form)


def _joined(rate: Rate, more: Rate, share: float) -> Rate:
    count = min(rate.n, rate.count + round(share * more.count))
    times = rate.times + round(share * more.times)
    return Rate(count, rate.n, times, rate.examples or more.examples)
