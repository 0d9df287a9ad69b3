"""Names of months and weekdays, and marks of currencies, of every locale that Babel has.

Reading a thousand locales takes seconds, so the table is a file beside this one. Write it anew for
another Babel with ``python -m pytest_slm_autopsy.notation.cldr``.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from babel import Locale
from babel.localedata import locale_identifiers

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
Seen = dict[str, dict[Any, set[str]]]
"""A name, what it means, and the languages that use it so."""


@cache
def table() -> Mapping[str, Any]:
    """Return ``months`` (name to numbers), ``weekdays`` and ``currencies`` (mark to codes)."""
    data: Mapping[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return data


def build() -> dict[str, Any]:
    """Build the table from the installed Babel.

    A name counts where one of ``MONTH_LANGUAGES`` uses it, or two other languages agree on it. A
    mark of one or two letters counts only where it is no abbreviation of anything else.
    """
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
    }


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
