"""Countries: names, addresses and currencies that go together, and what tells a country.

The table is ``countries.tsv``. A record drawn for documents of one country has its companies,
addresses and currency from there, so that no GmbH in Graz stands among Malay receipts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from pytest_slm_autopsy.cases.choices import Choices, pick
from pytest_slm_autopsy.cases.schemas import values
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema, Record


class Country(NamedTuple):
    """One line of the table; ``marks`` are the prints of the currency that tell the country."""

    code: str
    language: str
    currency: str
    marks: tuple[str, ...]
    forms: tuple[str, ...]
    towns: tuple[str, ...]
    streets: tuple[str, ...]
    names: tuple[str, ...]
    trades: tuple[str, ...]


@cache
def countries() -> Mapping[str, Country]:
    """Map the code of each country to its line of the table, in the table's order."""
    lines = Path(__file__).with_name("countries.tsv").read_text(encoding="utf-8").splitlines()[1:]
    rows = [line.split("\t") for line in lines]
    return {
        code: Country(code, language, currency, *(tuple(part.split(" | ")) for part in listed))
        for code, language, currency, *listed in rows
    }


def company(country: Country, choices: Choices) -> str:
    """Draw a company of a country."""
    parts = (country.names, country.trades, country.forms)
    return " ".join(pick(choices, options) for options in parts)


def person(country: Country, choices: Choices) -> str:
    """Draw a person with a surname of a country."""
    return f"{pick(choices, values.GIVEN_NAMES)} {pick(choices, country.names)}"


def street(country: Country, choices: Choices) -> str:
    """Draw a street of a country, with its number."""
    head, *rest = pick(choices, country.streets).split("{n}")
    return head + "".join(f"{1 + choices.below(240)}{part}" for part in rest)


def _customer(country: Country, choices: Choices) -> str:
    return person(country, choices) if choices.below(4) == 3 else company(country, choices)


def _address(country: Country, choices: Choices) -> str:
    return f"{street(country, choices)}, {pick(choices, country.towns)}"


_LOCAL: Final[Mapping[values.Draw, Callable[[Country, Choices], str]]] = {
    values.company: company,
    values.customer: _customer,
    values.person: person,
    values.address: _address,
    values.currency: lambda country, choices: country.currency,
}


def localised(
    schema: DocumentSchema, record: Record, code: str, choices: Choices, *, upper: bool = False
) -> dict[str, Any]:
    """Return a record with names, addresses and currency of a country.

    Only what the package's own draws drew is drawn again: a draw of the user's is left as it is.
    ``upper`` prints names and addresses in capitals.
    """
    country = countries()[code]
    drawn = dict(record)
    for field in schema.fields:
        if draw := _LOCAL.get(field.draw):
            value = draw(country, choices)
            drawn[field.name] = value.upper() if upper else value
    return drawn
