"""Companies, people and addresses, told by their looks; the one list of legal forms."""

from __future__ import annotations

import re
from typing import Final

SURE_FORMS: Final = (
    "Ltd", "Inc", "GmbH", "LLC", "AG", "BV", "SARL", "Co",
    "Limited", "PLC", "Corp", "Corporation", "gGmbH", "mbH", "KG", "KGaA", "OHG", "GbR",
    "SA", "SAS", "EURL", "NV", "AB", "A/S", "ApS", "Oy", "Oyj", "SpA", "Srl", "SLU", "e.K", "e.V",
    "Sdn Bhd", "Bhd", "Sp. z o.o", "s.r.o", "Lda", "Ltda", "Kft", "d.o.o", "Pty Ltd", "Pvt Ltd",
    "Pte Ltd", "Sàrl",
)  # fmt: skip
"""Legal forms that end a line which is surely a company, without the dot that may end them."""
LEGAL_FORMS: Final = (*SURE_FORMS, "SE", "UG", "AS", "SL", "SRL", "eK", "LLP", "Pty", "Pvt", "Pte")
"""Legal forms that follow a name; the last ones are words or codes as well."""
WRITTEN_FORMS: Final = SURE_FORMS[:8]
"""Legal forms of drawn companies."""
_LEADING_FORMS: Final = ("SARL", "EURL", "SAS", "SCI", "Sté", "Société", "Firma")
"""Legal forms that stand before a name."""
LONGEST_NAME: Final = 300
"""Characters of a name or an address; what is longer is text."""
_MOST_BESIDE_FORM: Final = 60


def _form(name: str) -> str:
    """Return the expression of a form; short ones in capitals may have dots: ``S.A.S.``."""
    letters = name.isalpha() and (len(name) < 4 or (name.isupper() and len(name) == 4))
    return r"\.?".join(name) if letters else re.escape(name).replace(r"\ ", r"\.?[ ]")


def _forms(names: tuple[str, ...]) -> str:
    """Return the expression of forms, as they are written and in capitals, the longest first."""
    spelt = {*names, *map(str.upper, names), *(n.capitalize() for n in names if len(n) > 3)}
    return "|".join(_form(name) for name in sorted(spelt, key=lambda name: (-len(name), name)))


_SURE: Final = _forms(SURE_FORMS)
_FORMS: Final = _forms(LEGAL_FORMS)
_COMPANY: Final = re.compile(
    rf"""
    # SARL Dupont
    (?:{"|".join(_LEADING_FORMS)})[ ][^\W\d_][^:]{{0,{_MOST_BESIDE_FORM}}}
    # Miller & Baker Tools GmbH
    | [^\W\d_].{{0,{_MOST_BESIDE_FORM}}}(?<=[\s,])(?<!\d[ ])(?:{_SURE})(?!\w)\.?
    """,
    re.VERBOSE,
)
_BEGINS_COMPANY: Final = re.compile(rf"(?:{_COMPANY.pattern})(?=[ ]|$)", re.VERBOSE)
_NAMES_COMPANY: Final = re.compile(
    rf"""
    # a name, and perhaps a mark or an "and", before the form
    (?:^|\s)(?=[^\s,]*?[^\W\d_])[^\s,]++,?\s(?:(?:&|und|and|y|et)\s)?
    (?:
        # the form, then the end, a bracket, or another form: GmbH & Co. KG
        (?:{_FORMS})\.? (?=\s*(?:$|[,(&/\n]|(?:{_FORMS})\b))
        # one that says enough to have a word behind it: Baker GmbH Bremen
        | (?:GmbH|AG|Ltd|Inc|LLC)\.?[ ][^\W\d_]\w+$
    )
    """,
    re.VERBOSE,
)
_UPPER: Final = r"[^\W\d_a-zà-öø-ÿ]"
_STREET: Final = re.compile(
    rf"""
    # Hauptstr. 12, 10115 Berlin
    [^\W\d_]{{3,}}\.?[ ]\d+[ ]?[a-zA-Z]?
      (?=\s*[,\n]\s*(?:[A-Z]{{1,3}}[ -])?(?:\d{{4,6}}[ ])?{_UPPER})
    # 12 High Street, Leeds
    | (?:^|[,\n]\s*)\d+[a-zA-Z]?(?:[-/]\d+)?,?[ ]{_UPPER}\S*(?:[ ]\S+)*(?=\s*[,\n])
    # 12 High Street
    | ^\d+[a-zA-Z]?[ ](?:\S+[ ])+
      (?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Way|Square|Place)\.?$
    # Hauptstraße 12
    | (?:str\.|stra(?:ß|ss)e|weg|platz|allee|gasse|straat|gatan|vej)[ ]\d+[ ]?[a-zA-Z]?$
    """,
    re.VERBOSE,
)
_POSTAL: Final = re.compile(
    rf"""
    [^\W\d_]{{2}}.*?(?<![\w-])\d{{4,6}}[ ]{_UPPER}\w            # ... 10115 Berlin
    | [^\W\d_]{{3,}},?[ ][A-Z]{{2,3}}[ ]\d{{4,6}}(?:-\d{{4}})?$  # Springfield, IL 62704
    """,
    re.DOTALL | re.VERBOSE,
)
_LINED_ADDRESS: Final = re.compile(r"(?=.*[^\W\d_]{3})(?=.*\b\d{4,6}\b).*,.*")
_PERSON: Final = re.compile(r"(?:[A-Z](?:\. ?| )|[^\W\d_][\w'’-]+ ){1,3}[^\W\d_][\w'’-]+")  # noqa: RUF001
_PARTICLE: Final = re.compile(
    r"(?<= )(?:(?:van|von|der|den|de|del|della|di|da|dos|du|la|le|zu|zur|ten|ter|af|av|bin|al) )+"
)


def names_company(text: str) -> bool:
    """Tell whether a value names a company, perhaps with its town or what it trades as."""
    return _NAMES_COMPANY.search(text) is not None


def is_company(text: str) -> bool:
    """Tell whether a text is surely a company and nothing else.

    Example:
        >>> is_company("Acme S.A.S."), is_company("SARL Dupont"), is_company("Annual report")
        (True, True, False)
    """
    return _COMPANY.fullmatch(text) is not None


def begins_company(text: str) -> bool:
    """Tell whether the first words of a text are surely a company."""
    return _BEGINS_COMPANY.match(text) is not None


def names_address(text: str) -> bool:
    """Tell whether a value has a street with its number, or a postal code with its town."""
    return len(text) <= LONGEST_NAME and any(one.search(text) for one in (_STREET, _POSTAL))


def is_address(text: str) -> bool:
    """Tell whether a line is surely an address: a comma, a postal code and a word."""
    return _LINED_ADDRESS.fullmatch(text) is not None


def is_person(text: str) -> bool:
    """Tell whether a text looks like a given name and a surname: Anna de la Cruz."""
    named = _PARTICLE.sub("", text)
    return _PERSON.fullmatch(named) is not None and named == named.title()
