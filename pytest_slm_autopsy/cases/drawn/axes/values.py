"""Axes of form: dates, amounts and characters in other prints."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final, Literal

from pytest_slm_autopsy.cases.choices import Choices, pick, weighted
from pytest_slm_autopsy.cases.drawn.axes.axis import Sheet, some
from pytest_slm_autopsy.cases.drawn.layout import Layout
from pytest_slm_autopsy.notation.dates.day_forms import DATE_FORMS
from pytest_slm_autopsy.notation.dates.days import is_open_day
from pytest_slm_autopsy.notation.figures.money_forms import (
    MONEY_LOCALES,
    MoneyForm,
    form_of,
    is_open_amount,
    print_amount,
)

# Around a day, as tills print it; the plainest first.
TIMES: Final = (
    ("{} HH:MM:SS", 8), ("{} HH:MM", 6), ("{} hh:MM:SS PM", 4), ("{} hh:MM PM", 3), ("HH:MM {}", 3),
    ("{}  HH:MM", 2), ("{}, HH:MM", 1), ("{} - HH:MM", 1),
)  # fmt: skip
CURRENCY_PLACES: Final = (("after", 4), ("before", 7), ("label", 2), ("", 6))
NEGATIVES: Final = ("trailing", "brackets", "-")


def dates(layout: Layout, sheet: Sheet, severity: float, choices: Choices) -> Layout:
    """Print dates in another form, the same for the whole document.

    A date that this form would make ambiguous gets an unambiguous form.
    """
    form = weighted(choices, sheet.habits.of("date") or DATE_FORMS[1:])
    safe = pick(choices, ("DD.MM.YYYY", "D MONTH YYYY", "DD MON YYYY"))
    chosen = some(choices, _printed(layout, sheet, "date"), severity)
    forms = {name: form if _certain(sheet, name, form) else safe for name in chosen}
    return layout.but(dates={**layout.dates, **forms})


def times(layout: Layout, sheet: Sheet, severity: float, choices: Choices) -> Layout:
    """Print a time beside dates, behind or before them."""
    chosen = some(choices, _printed(layout, sheet, "date"), severity)
    form = weighted(choices, sheet.habits.of("time") or TIMES)
    clocks = {name: clock(form, choices.apart(name)) for name in chosen}
    return layout.but(times={**layout.times, **clocks})


def clock(form: str, choices: Choices) -> str:
    """Return a form with a time of day in it, from six in the morning to ten at night."""
    hour, minute, second = 6 + choices.below(16), choices.below(60), choices.below(60)
    parts = {
        "HH": f"{hour:02}", "hh": str((hour - 1) % 12 + 1), "MM": f"{minute:02}",
        "SS": f"{second:02}", "PM": "PM" if hour > 11 else "AM",
    }  # fmt: skip
    return re.sub("|".join(parts), lambda part: parts[part.group()], form)


def money(layout: Layout, sheet: Sheet, severity: float, choices: Choices) -> Layout:
    """Print amounts in another form: other marks, with a currency, with another minus sign."""
    form = _seen_money(sheet, choices) if sheet.habits.of("money") else _any_money(choices)
    chosen = some(choices, _printed(layout, sheet, "money", "items"), severity)
    forms = {name: _readable(form, sheet, name) for name in chosen}
    return layout.but(money={**layout.money, **forms})


def _any_money(choices: Choices) -> MoneyForm:
    return MoneyForm(
        locale=weighted(choices, MONEY_LOCALES[1:]),
        grouped=bool(choices.below(2)),
        currency=weighted(choices, CURRENCY_PLACES),
        symbol=bool(choices.below(2)),
        negative=pick(choices, NEGATIVES),
        whole=choices.below(8) == 7,
    )


def _seen_money(sheet: Sheet, choices: Choices) -> MoneyForm:
    form = form_of(weighted(choices, sheet.habits.of("money")))
    negative = weighted(choices, sheet.habits.of("negative") or (("-", 1),))
    return replace(form, negative=negative)


def digits(layout: Layout, sheet: Sheet, severity: float, choices: Choices) -> Layout:
    """Print full-width digits."""
    fit = _printed(layout, sheet, "code", "date", "money", "percentage")
    return layout.but(wide=layout.wide | set(some(choices, fit, severity)))


def encoding(layout: Layout, sheet: Sheet, severity: float, choices: Choices) -> Layout:
    """Change line ends, then add a byte order mark, then split accents from their letters.

    Every severity gives Windows line ends; above 1/3 also the mark, above 2/3 also the accents.
    """
    start = "\ufeff" if severity > 1 / 3 else ""
    form: Literal["", "NFD"] = "NFD" if severity > 2 / 3 else ""
    return layout.but(line_end="\r\n", start=start, unicode_form=form)


def _certain(sheet: Sheet, name: str, form: str) -> bool:
    wanted_plain = sheet.schema.by_name[name].answer == "normalised"
    return sheet.ambiguous or not wanted_plain or not is_open_day(sheet.record[name], form)


def _readable(form: MoneyForm, sheet: Sheet, name: str) -> MoneyForm:
    """Return ``form`` without the parts that would make this amount ambiguous."""
    value = sheet.record[name]
    if sheet.ambiguous or not isinstance(value, str):
        return replace(form, whole=form.whole and sheet.ambiguous)
    return replace(form, whole=False) if is_open_amount(print_amount(value, form)) else form


def _printed(layout: Layout, sheet: Sheet, *kinds: str) -> list[str]:
    return [name for name in layout.order if sheet.schema.by_name[name].kind in kinds]
