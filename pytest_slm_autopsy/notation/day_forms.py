"""Printed days read back: in which form a date stands, and whether it tells day from month.

A form is a pattern: ``DD.MM.YYYY``; ``DD/MM/YYYY?`` where day and month may be meant the other way
round; ``DD/MM/YYYY or MM/DD/YYYY`` where nothing in a pile tells; ``DD MON YYYY or D MONTH YYYY?``
where a month is called alike in short and in full.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from pytest_slm_autopsy.notation.forms import months
from pytest_slm_autopsy.notation.languages import LANGUAGES

OTHER_FORM: Final = "another form"
UNSURE: Final = "?"
EITHER: Final = " or "
_DAY: Final = re.compile(
    r"(?P<iso>\d{4}(?P<d0>[-/.])\d\d?(?P=d0)\d\d?)"
    r"|(?P<a>\d\d?)(?P<dot>(?P<d1>[-/.]) ?)(?P<b>\d\d?)(?P=d1) ?(?P<y>\d{4}|\d\d)"
    r"|(?P<run>(?:19|20)\d\d(?:0[1-9]|1[0-2])[0-3]\d)"
    r"|(?P<day>\d\d?)(?P<d2>\. ?| |-|/)(?P<name>[^\W\d_]{3,10})(?P<d3>\.?,? |-|/)(?P<y2>\d{4}|\d\d)"
    r"|(?P<first>[^\W\d_]{3,10})\.? (?P<day2>\d\d?)(?P<d4>,? )(?P<y3>\d{4})"
    r"(?!\d)"
)


def date_form(text: str) -> tuple[str, int] | None:
    """The form of the date that ``text`` starts with, and where the date ends."""
    found = _DAY.match(text)
    if found is None or text[found.end() : found.end() + 1].isdigit():
        return None
    part = found.groupdict()
    if part["iso"]:
        mark = part["d0"]
        return f"YYYY{mark}MM{mark}DD", found.end()
    if part["run"]:
        return "YYYYMMDD", found.end()
    form = _numeric(part) if part["a"] else _named(part)
    return (form, found.end()) if form else None


def both_orders(form: str) -> tuple[str, str]:
    """Day first and month first, of a form that does not tell: ``DD/MM/YYYY?``."""
    day_first, _, month_first = form.removesuffix(UNSURE).partition(EITHER)
    day, month = ("DD", "MM") if "DD" in day_first else ("D", "M")
    turned = day_first.replace(day, "\0").replace(month, day).replace("\0", month)
    return day_first, month_first or turned


def _numeric(part: dict[str, str]) -> str:
    a, b, mark = part["a"], part["b"], part["dot"]
    if not (1 <= int(a) <= 31 and 1 <= int(b) <= 31) or min(int(a), int(b)) > 12:
        return ""
    single = len(a) == 1 or len(b) == 1
    (day, month), year = ("D", "M") if single else ("DD", "MM"), "Y" * len(part["y"])
    if int(b) > 12:
        return f"{month}{mark}{day}{mark}{year}"
    form = f"{day}{mark}{month}{mark}{year}"
    certain = "." in mark or int(a) > 12
    return form if certain else form + UNSURE


def _named(part: dict[str, str]) -> str:
    word = (part["name"] or part["first"]).lower()
    forms = [_around(part, kind) for kind in ("MON", "MONTH") if word in _month_words()[kind]]
    return f"{EITHER.join(forms)}{UNSURE}" if len(forms) > 1 else "".join(forms)


def _around(part: dict[str, str], kind: str) -> str:
    if part["first"]:
        return f"{kind} D{part['d4']}YYYY"
    padded = part["day"].startswith("0") or (len(part["day"]) == 2 and kind == "MON")
    return f"{'DD' if padded else 'D'}{part['d2']}{kind}{part['d3']}{'Y' * len(part['y2'])}"


@cache
def _month_words() -> dict[str, frozenset[str]]:
    """Short and full names of months in small letters; some, like May, are both."""
    short: set[str] = set()
    full: set[str] = set()
    for language in LANGUAGES:
        names = months(language)
        full.update(map(str.lower, names[0]))
        short.update(map(str.lower, names[1]))
    return {"MON": frozenset(short), "MONTH": frozenset(full)}
