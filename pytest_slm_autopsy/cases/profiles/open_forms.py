"""Resolution of open forms by the certain forms of the same document, else of the same pile.

An open form is a tuple of all forms that a print may have: ``("DD/MM/YYYY", "MM/DD/YYYY")``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from pytest_slm_autopsy.cases.profiles.rates import Rate

Form = str | tuple[str, ...]
"""A form, or all forms that a print may have."""

LEAST_TELLING: Final = 2
"""Documents that are needed to tell an open form of another one."""
EITHER: Final = " or "
"""Between the names of forms that nothing in a pile tells apart."""


def settled(forms: tuple[str, ...], others: Iterable[tuple[str, ...]]) -> Form:
    """Return a date's one form, told by the ``others`` of its document, or all where none tells."""
    if len(forms) == 1:
        return forms[0]
    sure = {_unpadded(other[0]) for other in others if len(other) == 1}
    told = [form for form in forms if _unpadded(form) in sure]
    return told[0] if len(told) == 1 else forms


def shared_out(kind: str, rates: Mapping[Form, Rate]) -> dict[str, Rate]:
    """Share open forms out as those that are certain.

    Where the pile has none that agrees with them in all else, they stay one form: of days
    ``DD/MM or MM/DD``, with ``open`` set; full names of months; amounts as they were printed.
    """
    named = {form: rate for form, rate in rates.items() if isinstance(form, str)}
    for form, rate in rates.items():
        if isinstance(form, str):
            continue
        fits = readings(kind, form, rates)
        if not fits:
            name, left = _untold(kind, form)
            fits, rate = {name: 1}, replace(rate, open=left)  # noqa: PLW2901
        for reading, number in fits.items():
            known = named.get(reading, Rate(0, rate.n, open=rate.open))
            named[reading] = _joined(known, rate, number / sum(fits.values()))
    return named


def readings(kind: str, form: tuple[str, ...], known: Mapping[Form, Rate]) -> dict[str, int]:
    """Return what an open form may be, with the number of documents that surely are.

    One document decides for no other.
    """
    fits = _certain(kind, form, known)
    return fits if sum(fits.values()) >= LEAST_TELLING else {}


def _certain(kind: str, form: tuple[str, ...], known: Mapping[Form, Rate]) -> dict[str, int]:
    if kind == "money":
        return {one: known[one].count for one in form if one in known}
    certain = {one: rate for one, rate in known.items() if isinstance(one, str)}
    seen = {
        one: sum(r.count for sure, r in certain.items() if _unpadded(sure) == _unpadded(one))
        for one in form
    }
    return {one: number for one, number in seen.items() if number}


def restored(form: str, rate: Rate) -> Rate:
    """Return a rate with its open forms, of which profiles saved before have only the name."""
    named = tuple(form.split(EITHER)) if EITHER in form and "YY" in form else ()
    return replace(rate, open=rate.open or named)


def _untold(kind: str, form: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return the name of a form that nothing tells, and the forms that it leaves open."""
    if kind == "money":
        return form[0], ()
    if "MON" in form[0]:
        return form[-1], ()
    # A year of two digits comes first in no document but in one that shows it.
    usual = tuple(one for one in form if not one.startswith("YY"))
    return EITHER.join(usual), usual if len(usual) > 1 else ()


def _unpadded(form: str) -> str:
    return form.replace("DD", "D").replace("MM", "M")


def _joined(rate: Rate, more: Rate, share: float) -> Rate:
    return replace(
        rate,
        count=min(rate.n, rate.count + round(share * more.count)),
        times=rate.times + round(share * more.times),
        examples=rate.examples or more.examples,
    )
