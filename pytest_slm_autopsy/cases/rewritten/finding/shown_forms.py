"""Forms in which texts print the values of a field: ``DD.MM.YYYY``, ``1.234,50``, another case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from pytest_slm_autopsy.cases.rewritten.finding.location import Found
from pytest_slm_autopsy.notation.dates.days import day_at_start
from pytest_slm_autopsy.notation.dates.orders import Order, order_of
from pytest_slm_autopsy.notation.figures.amounts import whole_amount
from pytest_slm_autopsy.notation.figures.money_forms import shown_form
from pytest_slm_autopsy.notation.text import collapsed, folded
from pytest_slm_autopsy.records import Case, Value

AS_WRITTEN: Final = "as in the truth"
_PRINTED: Final = frozenset({"currency", "duration", "percentage", "quantity"})
_NO_BRACES: Final = dict.fromkeys(map(ord, "{}"))
OPEN: Final = " or "
"""Between the forms of a day that leaves open which number is the month."""


def shown_forms(
    cases: Iterable[Case],
    located: Iterable[Mapping[str, Found]],
    kinds: Mapping[str, str],
    order: Order | None = None,
) -> dict[str, dict[str, int]]:
    """Count for each field the forms in which its values were found, the most frequent first.

    ``order`` tells whether day or month comes first where a document leaves it open.
    """
    counts: dict[str, Counter[str]] = {name: Counter() for name in kinds}
    for case, found in zip(cases, located, strict=True):
        told = order_of(case.text) or order
        for name, one in found.items():
            if one.spans:
                printed = case.text[slice(*one.spans[0])]
                counts[name][form_shown(printed, case.truth[name], kinds[name], told)] += 1
    return {name: dict(seen.most_common()) for name, seen in counts.items()}


def form_shown(printed: str, value: Value, kind: str, order: Order | None = None) -> str:
    """Return the name of the form of one printed value.

    Example:
        >>> form_shown("31.03.2025", "2025-03-31", "date"), form_shown("ACME", "Acme", "company")
        ('DD.MM.YYYY', 'another case')
    """
    if kind == "date" and (day := day_at_start(" ".join(printed.split()))):
        return OPEN.join(form.translate(_NO_BRACES) for form in day.forms_in(order))
    if kind == "money" and (amount := whole_amount(printed)):
        minus = f", {amount.negative}" if amount.negative not in ("", "-") else ""
        return f"{shown_form([amount]).sample}{minus}"
    if printed == value:
        return AS_WRITTEN
    if not isinstance(value, str):
        return "a table"
    if collapsed(printed) == collapsed(value):
        return "another case" if "\n" not in printed else "over several lines"
    if folded(printed).text == folded(value).text:
        return "other accents"
    return "another print" if kind in _PRINTED else "other marks"
