"""Shapes of days, made of elements: what a print looks like before it is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_TENS: Final = {"": 0, "twenty": 20, "thirty": 30}
_ONES: Final = "first second third fourth fifth sixth seventh eighth ninth".split()
_TEENS: Final = (
    "tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth "
    "nineteenth"
).split()
_FIRSTS: Final = "premier primero primo primeiro ersten erste eerste pierwszego".split()
ORDINALS: Final[Mapping[str, str]] = {
    **{f"{ten}{'-' * bool(ten)}{one}": str(number + at)
       for ten, number in reversed(_TENS.items()) for at, one in enumerate(_ONES, 1)
       if number + at < 32},
    **{word: str(at) for at, word in enumerate(_TEENS, 10)},
    "twentieth": "20", "thirtieth": "30", **dict.fromkeys(_FIRSTS, "1"),
}  # fmt: skip
"""Number of the day in words, in English, and of the first in other languages."""


# Letters of scripts that put spaces between words; in the others a day may stand close to a word.
_LETTER: Final = r"[^\W\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]"
_ELEMENTS: Final = {
    "YYYY": r"(?P<y>\d{4})",
    "YEAR": r"(?P<y>\d{4}|\d\d)",
    "SHORT": r"['\u2019]?(?P<y>\d{4}|(?<=['\u2019])\d\d)",
    "M": r"(?P<m>\d\d?)",
    "D": r"(?P<d>\d\d?)",
    "NAME": r"(?P<n>[^\W\d_](?:[^\W\d_]|[\u0300-\u036f])+)",
    "gap": r"[^\S\n]",
    # Between words: a line may end there, and go on behind an indent.
    "wrap": r"(?:[^\S\n]{1,2}(?!\s)|[^\S\n]{0,2}\r?\n[^\S\n]{0,80})",
    # No part of a longer word, number or code.
    "alone": rf"(?<!{_LETTER})(?<!\d[.,])(?<!\w[-/])",
    "then": rf"(?!{_LETTER}|[-/.,:]\d|[-/]\w)",
    # The same, or glued to a word that may stand beside a day: DATE31/03/2018TIME.
    "glued": rf"(?:(?<!{_LETTER})|(?<=date)|(?<=datum)|(?<=data)|(?<=vom))(?<!\d[.,])(?<!\w[-/])",
    "behind": rf"(?:(?=time|uhr|um)|(?!{_LETTER}|[-/.,:]\d|[-/]\w))",
    "ordinal": r"(?:[ ]?(?P<o>st|nd|rd|th|er|[ºª°])(?![^\W\d_]))",
    "time": r"(?=T\d)",
}


def _shape(pattern: str) -> re.Pattern[str]:
    """Compile a shape, written in elements; spaces in it are for the reader, but for ``[ ]``."""
    plain = pattern.replace("[ ]", r"\x20").replace(" ", "").replace("\n", "")
    return re.compile(plain % _ELEMENTS, re.IGNORECASE)


NUMERIC: Final = _shape(  # 31.03.2025, 3/4/25, 31. 3. 2025, 31 / 03 / 2025
    r"%(glued)s %(D)s (?P<s>[-.]%(gap)s?|%(gap)s?/%(gap)s?) %(M)s (?P=s) %(YEAR)s"
    r"(?:%(time)s|%(behind)s)"
)
LOOSE: Final = _shape(  # 31 . 03 . 2025, 31-03- 2025
    r"%(alone)s %(D)s %(gap)s? (?P<s>[-./]) %(gap)s? %(M)s %(gap)s? (?P=s) %(gap)s? %(YYYY)s"
    r"%(then)s"
)
SPACED: Final = _shape(  # 31 03 2025, which may be anything, unless it stands alone
    r"%(alone)s %(D)s (?P<s>%(gap)s) %(M)s (?P=s) %(YYYY)s %(then)s"
)
YEAR_FIRST: Final = _shape(  # 2025-03-31, 2025. 3. 31., 2025-03-31T10:00
    r"%(alone)s %(YYYY)s %(gap)s? (?P<s>[-/.]) %(gap)s? %(M)s %(gap)s? (?P=s) %(gap)s? %(D)s"
    r"(?:%(time)s|%(then)s)"
)
SIGNED: Final = _shape(  # of East Asia, each number with its sign
    r"%(alone)s %(YYYY)s %(gap)s?[年년]%(gap)s? %(M)s %(gap)s?[月월]%(gap)s? %(D)s %(gap)s?[日일]"
)
YEAR_NAME: Final = _shape(  # 2025 March 31, 2025-Mar-31
    r"%(alone)s %(YYYY)s (?:\.?%(gap)s|[-/]) %(NAME)s (?:\.?%(gap)s|[-/]) %(D)s %(then)s"
)
YEAR_DAY: Final = _shape(  # 2025. gada 31. marts
    r"%(alone)s %(YYYY)s \.?%(gap)sgada%(gap)s %(D)s \.?%(gap)s %(NAME)s (?![^\W\d_])"
)
DAY_NAME: Final = _shape(  # 31 March 2025, 1er août 2025, 31-Mar-25, 1st day of May, 2025
    r"""%(alone)s %(D)s %(ordinal)s? (?:[-/.]|[.,]?%(wrap)s)? (?:day%(wrap)s)?
    (?:(?:de%(wrap)s|of%(wrap)s|d['\u2019])?) %(NAME)s (?:[-/.]|%(gap)s?[.,]{0,2}%(wrap)s|,)?
    (?:(?:del?|of|in[ ]the[ ]year)%(wrap)s)? ['\u2019]? %(YEAR)s %(then)s"""
)
_BEHIND: Final = r"%(ordinal)s?\.?(?:%(gap)s?,%(wrap)s?|%(wrap)s|-)%(SHORT)s%(then)s"
NAME_DAY: Final = _shape(  # March 31, 2025, March 31 , 2025, MARCH31,2025, May the 1st, 2025
    rf"(?<![^\W_]) %(NAME)s (?:\.%(gap)s?|%(wrap)s(?:the%(wrap)s)?|-)? %(D)s {_BEHIND}"
)
WORDED: Final = _shape(  # the first day of May, 2025, le premier mai 2025
    rf"""(?<![^\W_]) (?P<d>(?P<o>{"|".join(ORDINALS)})) %(wrap)s (?:day%(wrap)s)?
    (?:(?:of|de)%(wrap)s)? %(NAME)s %(gap)s?,?%(wrap)s (?:(?:del?|of|in[ ]the[ ]year)%(wrap)s)?
    %(YYYY)s %(then)s"""
)
YEAR_BEHIND: Final = _shape(_BEHIND)
SOLID: Final = re.compile(  # 20250331, 31032025
    r"""
    (?<![^\W\u3040-\u30ff\u3400-\u9fff])(?<![/,#+-])(?<![^.]\.)   # no part of a code
    (?P<solid>\d{8})
    (?:(?=T\d)|(?![^\W\u3040-\u30ff\u3400-\u9fff]|[/#-]|[.,:]\d))
    """,
    re.VERBOSE,
)
BY_DIGITS: Final = {
    1: (NUMERIC, LOOSE, SPACED, DAY_NAME),
    2: (NUMERIC, LOOSE, SPACED, DAY_NAME),
    4: (YEAR_FIRST, SIGNED, YEAR_NAME, YEAR_DAY),
    8: (SOLID,),
}
"""Number of digits that a print starts with to the shapes that it may have."""
SECTION: Final = _shape(  # before 1.2.3 it is a number of a version or of a section
    r"(?:(?<![^\W_])(?:version|ver\.|section|sec\.|abschnitt|kapitel|chapter)|§)%(gap)s?$"
)
TIME: Final = re.compile(
    r"""
    (?:T|(?:,|(?<![ ]))[ ]+|[ ]-[ ])\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?   # T10:00:00.5, - 10:00
    \s*(?:[AP]M|Z|[+-]\d{2}:?\d{2})?$                # pm, +01:00
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""A time behind a day, and nothing after it."""
CLOCK: Final = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?(?:[ ][AP]M)?[ ](?=\d)", re.IGNORECASE)
"""A time before a day."""
