"""Names of months, weekdays and units, marks and names of currencies, numbers in words.

From every locale that Babel has; the numbers are num2words'. The table is a file beside this one,
so that the same seed draws the same documents whatever Babel is installed, or none. It is written
anew with ``python -m pytest_slm_autopsy.notation.cldr``; suites then change.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from pytest_slm_autopsy.notation.languages import MONTH_LANGUAGES
from pytest_slm_autopsy.notation.text import folded

FILE: Final = Path(__file__).with_name("cldr.json")
TWO_LETTERS: Final = frozenset({"kr", "RM", "Rp", "Rs", "Ft"})
"""Marks of two Latin letters that are read in a text."""
_SHORTEST_SHARED: Final = 3
"""Letters of a name that is too short to count where two languages agree on it: cut, sat, way."""
_CONTEXTS: Final = ("format", "stand-alone")
_WIDTHS: Final = ("wide", "abbreviated")
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u202a\u202c"))
_NOUN_FIRST: Final = {
    "en": False, "de": False, "nl": False, "sv": False, "da": False, "cs": False, "nb": False,
    "fr": True, "pl": True, "es": True, "it": True, "pt": True, "ro": True, "ms": True, "id": True,
}  # fmt: skip
"""Languages of the names of currencies, and whether the noun stands first."""
_SHORTEST_NOUN: Final = 4
WRITTEN: Final = (
    *(*MONTH_LANGUAGES, "de_CH", "de_AT", "en_IN", "en_ZA", "fr_CH", "es_MX", "pt_BR"),
)
"""Locales in which amounts are written."""
UNIT_LANGUAGES: Final = (*MONTH_LANGUAGES, "hr", "bg", "sr", "lt", "is", "ms", "id")
_UNITS: Final = {
    "duration-day": "day", "duration-week": "week", "duration-month": "month",
    "duration-quarter": "quarter", "duration-year": "year", "duration-hour": "hour",
    "duration-minute": "minute", "concentr-percent": "percent", "mass-kilogram": "kg",
    "mass-gram": "g", "mass-tonne": "t", "mass-pound": "lb", "mass-ounce": "oz",
    "volume-liter": "l", "volume-milliliter": "ml", "volume-centiliter": "cl",
    "volume-cubic-meter": "m3", "area-square-meter": "m2", "area-hectare": "ha",
    "length-meter": "m", "length-centimeter": "cm", "length-millimeter": "mm",
    "length-kilometer": "km", "length-inch": "in", "length-foot": "ft",
    "energy-kilowatt-hour": "kwh",
}  # fmt: skip
_OTHER_UNITS: Final[dict[str, str]] = {
    **dict.fromkeys(
        "pc pcs piece pieces ea each unit units stk stck stuck st stuks szt sztuk sztuka ks kpl "
        "kos ud uds und unid unidad unidades unite unites pieza piezas pezzi pezzo pz pza pzas "
        "styk adet db buc tk gab vnt".split(), "piece"),
    **dict.fromkeys(
        "share shares anteil anteile aktie aktien aandeel aandelen action actions akcje akcji "
        "accion acciones azioni acoes akcie parts titres nominale nominal nom".split(), "piece"),
    "tagen": "day", "monaten": "month", "jahren": "year", "quartal": "quarter",
    "quartale": "quarter", "calendar days": "day", "calendar day": "day", "consecutive days": "day",
    "kalendertage": "day", "kalendertagen": "day", "jours calendaires": "day",
    **dict.fromkeys(
        ("business day", "business days", "working day", "working days", "banking days",
         "werktag", "werktage", "werktagen", "bankarbeitstage", "arbeitstage", "jours ouvres",
         "jours ouvrables", "jour ouvre", "werkdagen", "werkdag", "dias habiles",
         "giorni lavorativi", "dni roboczych"),
        "business day"),
    **dict.fromkeys("std stunde stunden hrs hr h godz uur u".split(), "hour"),
    **dict.fromkeys("kgs kilo kilos kilogramm".split(), "kg"), "gr": "g", "lbs": "lb", "ltr": "l",
    "m\u00b2": "m2", "qm": "m2", "sqm": "m2", "m\u00b3": "m3", "cbm": "m3",
    **dict.fromkeys(("per cent", "pct", "vom hundert", "v.h", "procent", "prosent"), "percent"),
}  # fmt: skip
"""Names that bills, letters and contracts print besides those of CLDR."""
_WORDED: Final = (
    "en", "de", "fr", "nl", "pl", "es", "it", "pt", "sv", "no", "cs", "fi", "ro", "hu", "ru", "tr",
    "sk", "sl", "uk", "lv", "ca", "da", "id",
)  # fmt: skip
_OTHER_NUMBERS: Final = {
    "a": 1, "an": 1, "ein": 1, "eine": 1, "einem": 1, "einen": 1, "einer": 1, "un": 1, "une": 1,
    "una": 1, "een": 1, "uma": 1, "um": 1, "jeden": 1, "jedna": 1, "jednego": 1, "en": 1, "dwa": 2,
    "dwoch": 2, "trzech": 3, "zwo": 2,
}  # fmt: skip
Seen = dict[str, dict[Any, set[str]]]
"""A name, what it means, and the languages that use it so."""


@cache
def table() -> Mapping[str, Any]:
    """Return the table.

    ``months`` maps a name to numbers, ``currencies`` a mark and ``currency_names`` a noun to codes,
    ``units`` a name to the unit, ``numbers`` a word to the number; ``weekdays`` lists names.
    ``codes`` lists currencies; ``amounts`` maps a locale to how it writes them, ``names`` a
    language to its months and days.
    """
    data: Mapping[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return data


def build() -> dict[str, Any]:
    """Build the table from the installed Babel.

    A name counts where one of ``MONTH_LANGUAGES`` uses it, or two other languages agree on it. A
    mark of one or two letters counts only where it is no abbreviation of anything else.
    """
    from babel import Locale  # of the developer's: the user has the table
    from babel.localedata import locale_identifiers
    from babel.numbers import list_currencies

    months: Seen = defaultdict(lambda: defaultdict(set))
    weekdays: Seen = defaultdict(lambda: defaultdict(set))
    marks: dict[str, set[str]] = defaultdict(set)
    for name in locale_identifiers():
        locale = Locale.parse(name)
        _add(months, _names(locale.months), locale.language)
        _add(weekdays, _names(locale.days), locale.language)
        for code, symbol in locale.currency_symbols.items():
            mark = str(symbol).translate(_INVISIBLE).strip()
            if mark:
                marks[mark].add(str(code))
    return {
        "months": {name: sorted(known) for name, known in _agreed(months)},
        "weekdays": [name for name, _ in _agreed(weekdays)],
        "currencies": {
            mark: sorted(_alike(mark, marks)) for mark in sorted(marks) if not _is_word(mark)
        },
        "currency_names": _currency_nouns(),
        "units": _unit_names(),
        "numbers": _number_words(),
        "codes": sorted(list_currencies()),
        "amounts": {locale: _amounts(locale) for locale in WRITTEN},
        "names": {language: _months_and_days(language) for language in MONTH_LANGUAGES},
    }


def _amounts(name: str) -> dict[str, Any]:
    """Return how a locale writes amounts: sizes of groups, decimal and group mark, symbols."""
    from babel import Locale

    locale = Locale.parse(name)
    marks = locale.number_symbols["latn"]
    symbols = {str(code): str(symbol) for code, symbol in locale.currency_symbols.items()}
    return {
        "sizes": list(locale.decimal_formats[None].grouping),
        "marks": [marks["decimal"], marks["group"]],
        "symbols": {code: symbol for code, symbol in sorted(symbols.items()) if symbol != code},
    }


def _months_and_days(language: str) -> dict[str, list[list[str]]]:
    """Return full and short names, of twelve months within a date and of seven days."""
    from babel.dates import get_day_names, get_month_names

    widths: tuple[Any, Any] = ("wide", "abbreviated")
    months = [get_month_names(width, "format", language) for width in widths]
    days = [get_day_names(width, locale=language) for width in widths]
    return {
        "months": [[str(one[number]) for number in range(1, 13)] for one in months],
        "days": [[str(one[number]) for number in range(7)] for one in days],
    }


def _currency_nouns() -> dict[str, list[str]]:
    """Map nouns to the currencies that they name: ``dollars``, ``Franken``, ``złotych``."""
    from babel import Locale
    from babel.core import get_global

    found: dict[str, set[str]] = defaultdict(set)
    territories = get_global("territory_currencies")
    tender = {one[0] for used in territories.values() for one in used if one[2] is None and one[3]}
    for language, first in _NOUN_FIRST.items():
        locale = Locale.parse(language)
        plurals: Any = locale._data["currency_names_plural"]
        for code, name in locale.currencies.items():
            names = {str(name), *map(str, plurals.get(code, {}).values())}
            for words in filter(None, (one.partition("(")[0].split() for one in names)):
                noun = folded(words[0 if first else -1].rpartition("-")[2]).text
                if code in tender and len(noun) >= _SHORTEST_NOUN and noun.isalpha():
                    found[noun].add(str(code))
    return {noun: sorted(codes) for noun, codes in sorted(found.items())}


def _unit_names() -> dict[str, str]:
    """Map names of units, long and short, to the unit: ``days`` and ``Tage`` to ``day``."""
    from babel import Locale

    found: dict[str, str] = {}
    for language in UNIT_LANGUAGES:
        patterns: Any = Locale.parse(language)._data["unit_patterns"]
        for unit, kind in _UNITS.items():
            for width in ("long", "short"):
                for number, pattern in patterns.get(unit, {}).get(width, {}).items():
                    name = folded(str(pattern).replace("{0}", "").strip(" .\u00a0\u202f")).text
                    if number != "per" and name and "{" not in str(name):
                        found.setdefault(name, kind)
    return dict(sorted((found | _OTHER_UNITS).items()))


def _number_words() -> dict[str, int]:
    """Map numbers in words to the number, from 0 to 100."""
    from num2words import num2words  # type: ignore[import-untyped]  # of the developer's: the user has the table

    found: dict[str, int] = {}
    for number in range(101):
        for language in _WORDED:
            word = folded(str(num2words(number, lang=language))).text
            found.setdefault(word.replace("-", " "), number)
    return dict(sorted((found | _OTHER_NUMBERS).items()))


def _alike(mark: str, marks: Mapping[str, set[str]]) -> set[str]:
    """Return the codes of ``mark``, whether it is written with a final dot or not."""
    bare = mark.removesuffix(".")
    return marks.get(bare, set()) | marks.get(f"{bare}.", set())


def _is_word(mark: str) -> bool:
    """Tell whether a mark in a text may as well be a word, a unit or a code: K, KM, SR, den, S/."""
    if mark.endswith("/"):
        return True
    if not mark.isascii() or not mark.isalpha() or mark in TWO_LETTERS:
        return len(mark) == 1 and mark.isalpha()
    return len(mark) < 3 or mark.islower()


def _names(tables: Any) -> Iterator[tuple[str, int]]:
    for context in _CONTEXTS:
        for width in _WIDTHS:
            for number, name in tables[context].get(width, {}).items():
                yield str(name), int(number)


def _add(seen: Seen, names: Iterable[tuple[str, int]], language: str) -> None:
    for name, number in names:
        plain = folded(name.strip(". ")).text
        if len(plain) > 1 and plain.replace("-", "").replace("'", "").isalpha():
            seen[plain][number].add(language)


def _agreed(seen: Seen) -> Iterator[tuple[str, list[int]]]:
    for name, meanings in sorted(seen.items()):
        known = [
            number
            for number, languages in sorted(meanings.items())
            if (len(languages) > 1 and len(name) > _SHORTEST_SHARED)
            or not languages.isdisjoint(MONTH_LANGUAGES)
        ]
        if known:
            yield name, known


def main() -> None:
    """Write the table."""
    text = json.dumps(build(), ensure_ascii=False, indent=0, sort_keys=True)
    FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
