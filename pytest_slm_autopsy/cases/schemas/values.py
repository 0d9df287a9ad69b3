"""Draws of field values: days, amounts, codes, names, tables; the plainest value comes first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final

from pytest_slm_autopsy.cases.choices import Choices, pick
from pytest_slm_autopsy.notation.parties import WRITTEN_FORMS

Record = Mapping[str, Any]
Draw = Callable[[Choices, Record], Any]
"""Draw one value, given the values of the record that are drawn already."""

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
MATERIALS: Final = "Steel Oak Copper Linen Paper Glass Rubber Cotton".split()
GOODS: Final = "Bolts Desk Cable Towels Folders Bottles Gloves Filters Brackets Labels".split()
TOWNS: Final = "Springfield Bremen Lyon Utrecht Krakow Sevilla Leeds Graz".split()
FIRST_DAY: Final = date(2023, 1, 1)


def code(prefixes: tuple[str, ...], digits: int, marks: tuple[str, ...] = ("-", "/", "")) -> Draw:
    """Return a draw of codes such as ``INV-10042``: a prefix, a mark, and ``digits`` digits."""

    def draw(choices: Choices, record: Record) -> str:
        low = 10 ** (digits - 1)
        prefix, mark = pick(choices, prefixes), pick(choices, marks)
        return f"{prefix}{mark if prefix else ''}{low + choices.below(9 * low)}"

    return draw


def day(choices: Choices, record: Record) -> str:
    """Draw a day of the years 2023 to 2026, ISO."""
    return (FIRST_DAY + timedelta(days=choices.below(1461))).isoformat()


def day_after(field: str) -> Draw:
    """Return a draw of a day some weeks after ``field``; any day if ``field`` is not drawn."""

    def draw(choices: Choices, record: Record) -> str:
        start = date.fromisoformat(record[field] if field in record else day(choices, record))
        return (
            start + timedelta(days=pick(choices, (30, 14, 7, 10, 21, 28, 45, 60, 90)))
        ).isoformat()

    return draw


def company(choices: Choices, record: Record) -> str:
    """Draw a company such as ``Miller Supplies``, and its legal form."""
    return f"{pick(choices, NAMES)} {pick(choices, TRADES)} {pick(choices, WRITTEN_FORMS)}"


def customer(choices: Choices, record: Record) -> str:
    """Draw a company, or in one case of four a person."""
    # A person takes more draws than a company, so it shrinks to a company.
    firm = company(choices, record)
    return person(choices, record) if choices.below(4) == 3 else firm


def person(choices: Choices, record: Record) -> str:
    """Draw a person such as ``Anna Miller``."""
    return f"{pick(choices, GIVEN_NAMES)} {pick(choices, NAMES)}"


def amount(choices: Choices, record: Record) -> str:
    """Draw an amount from 10.00 to 9,999.99, with two decimals and no thousands mark."""
    return written(1000 + choices.below(999_000))


def cents(text: str) -> int:
    """Return a plain amount in hundredths, so that sums are exact."""
    return int(text.replace(".", ""))


def written(hundredths: int) -> str:
    """Return hundredths as a plain amount."""
    units, rest = divmod(abs(hundredths), 100)
    return f"{'-' if hundredths < 0 else ''}{units}.{rest:02}"


def share_of(field: str, percentages: tuple[int, ...]) -> Draw:
    """Return a draw of a percentage (a tax) of ``field``; any amount if it is not drawn."""

    def draw(choices: Choices, record: Record) -> str:
        if field not in record:
            return amount(choices, record)
        return _part(record[field], pick(choices, percentages))

    return draw


def rate_of(field: str, rate: str) -> Draw:
    """Return a draw of ``rate`` percent of ``field``; any amount unless both are drawn."""

    def draw(choices: Choices, record: Record) -> str:
        if field not in record or rate not in record:
            return amount(choices, record)
        return _part(record[field], int(record[rate].rstrip("%")))

    return draw


def sum_of(*fields: str) -> Draw:
    """Return a draw of the sum of ``fields``; any amount unless all are drawn."""

    def draw(choices: Choices, record: Record) -> str:
        if any(field not in record for field in fields):
            return amount(choices, record)
        return written(sum(cents(record[field]) for field in fields))

    return draw


def sum_of_items(field: str) -> Draw:
    """Return a draw of the sum of the rows of the table ``field``; any amount if not drawn."""

    def draw(choices: Choices, record: Record) -> str:
        if field not in record:
            return amount(choices, record)
        return written(sum(cents(row["amount"]) for row in record[field]))

    return draw


def items(choices: Choices, record: Record) -> list[dict[str, str]]:
    """Draw one to five rows of description, quantity, unit price and amount."""
    return [_item(choices) for _ in range(1 + choices.below(5))]


def _item(choices: Choices) -> dict[str, str]:
    quantity, price = 1 + choices.below(9), 50 + choices.below(19_950)
    return {
        "description": f"{pick(choices, MATERIALS)} {pick(choices, GOODS)}",
        "quantity": str(quantity),
        "unit_price": written(price),
        "amount": written(quantity * price),
    }


def percentage(choices: Choices, record: Record) -> str:
    """Draw a tax rate such as ``19%``."""
    return f"{pick(choices, (20, 19, 21, 7, 6, 23))}%"


def quantity(choices: Choices, record: Record) -> str:
    """Draw a number of pieces from 1 to 500."""
    return str(1 + choices.below(500))


def duration(choices: Choices, record: Record) -> str:
    """Draw a duration such as ``30 days``."""
    return pick(choices, ("30 days", "14 days", "60 days", "12 months", "2 years", "3 years"))


def iban(choices: Choices, record: Record) -> str:
    """Draw a German IBAN with right check digits; no bank has its number."""
    account = f"00000000{choices.below(10**10):010}"
    return f"DE{98 - int(account + '131400') % 97:02}{account}"


def rounding(choices: Choices, record: Record) -> str:
    """Draw a rounding of one or two cents, up or down."""
    return written(pick(choices, (-1, 1, -2, 2)))


def address(choices: Choices, record: Record) -> str:
    """Draw a street, a number, a postal code and a town."""
    street = f"{1 + choices.below(240)} {pick(choices, NAMES)} Street"
    return f"{street}, {10_000 + choices.below(90_000)} {pick(choices, TOWNS)}"


def _part(text: str, percent: int) -> str:
    # Half a cent rounds up, as on an invoice.
    return written((cents(text) * percent + 50) // 100)


def one_of(options: tuple[str, ...]) -> Draw:
    """Return a draw of one of ``options``."""
    return lambda choices, record: pick(choices, options)


currency: Final = one_of(CURRENCIES)
"""Draw the code of a currency."""
