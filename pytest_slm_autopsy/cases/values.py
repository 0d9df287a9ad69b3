"""Values that fields hold, drawn plainest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from pytest_slm_autopsy.cases.choices import Choices, pick

Draw = Callable[[Choices, Mapping[str, str]], str]
"""Draws one value, given the values of the record drawn so far."""

NAMES: Final = (
    "Miller Baker Hartmann Okafor Lindqvist Moreau Novak Rossi Tanaka Silva Fischer Dubois "
    "Kowalski Jansen Weber Castillo Brennan Aldridge Petrov Nakamura Osborne Vasquez Thornton "
    "Bergstrom Kessler Whitfield Marchetti Delacroix Sandoval Holloway Yilmaz Kaminski Verhoeven "
    "Lombardi Gallagher Ferris Ashworth Quigley Juarez Zimmermann"
).split()
GIVEN_NAMES: Final = (
    "Anna Ben Clara David Elena Felix Grace Hugo Irene Jonas Kate Liam Maria Noah Olivia Paul "
    "Quentin Rosa Simon Tessa Victor Wanda Xavier Yara"
).split()
TRADES: Final = (
    "Supplies Logistics Tools Foods Printing Textiles Electric Software Packaging Optics Motors "
    "Gardens Stationery Instruments Plastics Furniture Chemicals Freight Bakery Glass"
).split()
COMPANY_FORMS: Final = ("Ltd", "Inc", "GmbH", "LLC", "AG", "BV", "SARL", "Co")
CURRENCIES: Final = (
    "EUR",
    "USD",
    "GBP",
    "CHF",
    "PLN",
    "SEK",
    "DKK",
    "NOK",
    "CZK",
    "JPY",
    "CAD",
    "AUD",
)
PAYMENT_TERMS: Final = (
    "30 days net", "14 days net", "60 days net", "Due on receipt", "Net 10", "Net 45",
    "2 percent 10 days", "End of month",
)  # fmt: skip
FIRST_DAY: Final = date(2023, 1, 1)


def code(prefixes: tuple[str, ...], digits: int, marks: tuple[str, ...] = ("-", "/", "")) -> Draw:
    """Codes such as ``INV-10042``: a prefix, a mark and a number of ``digits`` digits."""

    def draw(choices: Choices, record: Mapping[str, str]) -> str:
        low = 10 ** (digits - 1)
        return f"{pick(choices, prefixes)}{pick(choices, marks)}{low + choices.below(9 * low)}"

    return draw


def day(choices: Choices, record: Mapping[str, str]) -> str:
    """A day of the years 2023 to 2026, ISO."""
    return (FIRST_DAY + timedelta(days=choices.below(1461))).isoformat()


def day_after(field: str) -> Draw:
    """A day some weeks after the one in ``field``, or any day when that was not drawn."""

    def draw(choices: Choices, record: Mapping[str, str]) -> str:
        start = date.fromisoformat(record[field] if field in record else day(choices, record))
        return (
            start + timedelta(days=pick(choices, (30, 14, 7, 10, 21, 28, 45, 60, 90)))
        ).isoformat()

    return draw


def company(choices: Choices, record: Mapping[str, str]) -> str:
    """A company such as ``Miller Supplies Ltd``."""
    return f"{pick(choices, NAMES)} {pick(choices, TRADES)} {pick(choices, COMPANY_FORMS)}"


def customer(choices: Choices, record: Mapping[str, str]) -> str:
    """A company, or a person in one case of four; a person takes more draws, so shrinks away."""
    firm = company(choices, record)
    return person(choices, record) if choices.below(4) == 3 else firm


def person(choices: Choices, record: Mapping[str, str]) -> str:
    """A person such as ``Anna Miller``."""
    return f"{pick(choices, GIVEN_NAMES)} {pick(choices, NAMES)}"


def amount(choices: Choices, record: Mapping[str, str]) -> str:
    """An amount from 10.00 to 9,999.99, two decimals, no thousands mark."""
    return str(Decimal(1000 + choices.below(999_000)) / 100 + Decimal("0.00"))


def share_of(field: str, percentages: tuple[int, ...]) -> Draw:
    """A percentage of the amount in ``field`` (tax), or any amount when that was not drawn."""

    def draw(choices: Choices, record: Mapping[str, str]) -> str:
        if field not in record:
            return amount(choices, record)
        share = Decimal(record[field]) * pick(choices, percentages) / 100
        return str(share.quantize(Decimal("0.01"), ROUND_HALF_UP))

    return draw


def sum_of(*fields: str) -> Draw:
    """The sum of the amounts in ``fields``, or any amount when one of them was not drawn."""

    def draw(choices: Choices, record: Mapping[str, str]) -> str:
        if any(field not in record for field in fields):
            return amount(choices, record)
        return str(sum((Decimal(record[field]) for field in fields), Decimal("0.00")))

    return draw


def one_of(options: tuple[str, ...]) -> Draw:
    """One of ``options``."""
    return lambda choices, record: pick(choices, options)
