"""Till receipts made up in the manner of real ones: each shop has a till, and prints as it does.

Names, streets and numbers are invented. A shop's choices (its labels, marks, forms, the kinds of
its lines) are drawn once; its receipts differ in what was bought.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

FIRST = (
    "LAGOON MERANTI IRONWOOD PELANGI KASTURI SERAYA TIONG BERJAYA RIMBA SUTERA OCEANIC VELTRA"
).split()
SECOND = "FRESH MEGA UNITED PRIMA GOLDEN CITY STAR ROYAL GLOBAL EASTERN".split()
THIRD = (
    "MART PHARMACY HARDWARE BISTRO STATIONERS KITCHENWARE BOOKSTORE PETROL AUTOPARTS FASHION"
).split()
ROADS = "TERATAI BAIDURI KENARI ZAMRUD PERMATA WANGSA CEMARA DELIMA".split()
TOWNS = "KLANG LAMA|KUALA SERI|BUKIT PERDANA|TAMAN SEJATI|BANDAR RAYU|SUNGAI EMAS".split("|")
THINGS = (
    "DISH SOAP LEMON 900ML|BREAD WHOLE GRAIN 400G|PAINT BRUSH 3 INCH|WALL SEALER 5L|GAUZE 5X5|"
    "BALM 30G|NASI LEMAK AYAM|TEH O AIS|A4 PAPER 80GSM|BALLPEN BLUE|MOP HANDLE|UMBRELLA|"
    "AA BATTERY 4S|COCONUT WATER|RICE 10KG|CABLE TIE 100S|SCREW 1 INCH|TOOTHBRUSH SOFT"
).split("|")
THANKS = (
    "THANK YOU|THANK YOU, PLEASE COME AGAIN|GOODS SOLD ARE NOT REFUNDABLE|"
    "PLEASE KEEP THIS RECEIPT|NO REFUND AFTER 14 DAYS|**THANK YOU**|HAVE A NICE DAY|"
    "EXCHANGE WITHIN 3 DAYS WITH RECEIPT"
).split("|")
DAYS = ("%d/%m/%Y", "%d-%m-%y", "%d-%m-%Y", "%d/%m/%y", "%d %b %Y")


@dataclass
class Shop:
    """One shop and how its till prints; ``secrets`` are what names it."""

    seed: str
    secrets: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        rng = self.rng = random.Random(self.seed)
        ending = rng.choice(["SDN BHD", "SDN. BHD.", "SDN.BHD", "(M) SDN BHD", "", "ENTERPRISE"])
        self.name = " ".join(filter(None, [*map(rng.choice, (FIRST, SECOND, THIRD)), ending]))
        self.registered = f"({rng.randrange(100_000, 999_999)}-{rng.choice('KVXTAH')})"
        lot = f"{rng.choice(['LOT', 'NO.', 'NO'])} {rng.randrange(2, 300)}"
        street = f"{lot}, JALAN {rng.choice(ROADS)} {rng.randrange(1, 30)}"
        town = f"{rng.randrange(10_000, 99_999)} {rng.choice(TOWNS)}"
        self.address = (
            [f"{street},", f"{town},", "SELANGOR."] if rng.random() < 0.5 else [f"{street}, {town}"]
        )
        self.phone = (
            f"{rng.randrange(1, 9):02}-{rng.randrange(100, 999)} {rng.randrange(1000, 9999)}"
        )
        self.tax_id = f"{rng.randrange(10**11, 10**12 - 1):012}"
        self.mail = f"care@{self.name.split()[0].lower()}{self.name.split()[1].lower()}.my"
        self.mark = rng.choice([": ", " : ", ":", " "])
        self.number = rng.choice(
            ["INVOICE NO", "DOC NO.", "BILL NO", "RECEIPT #", "TAX INVOICE NO", "SLIP NO"]
        )
        self.day = rng.choice(DAYS)
        self.labelled_day = rng.random() < 0.55
        self.foot_day = not self.labelled_day and rng.random() < 0.5
        self.total = rng.choice(
            [
                "TOTAL",
                "TOTAL INCL. GST",
                "TOTAL (GST INCL)",
                "NETT TOTAL",
                "GRAND TOTAL",
                "TOTAL AMOUNT",
            ]
        )
        self.currency = rng.choice(["", "", "RM ", "RM", "$"])
        self.column = rng.choice([0, 0, 34])
        self.qty_line = rng.choice(["under", "row", "before"])
        self.headings = rng.choice(
            [["ITEM QTY S/PRICE AMOUNT TAX"], ["DESCRIPTION    QTY   PRICE   AMOUNT"], ["RM"], []]
        )
        self.letter = rng.choice([" S", " SR", ""])
        self.extras = rng.sample(
            [
                "cashier",
                "counter",
                "items",
                "summary",
                "rounding",
                "rule",
                "title",
                "mail",
                "blank",
                "saving",
            ],
            rng.randrange(3, 8),
        )
        self.thanks = rng.sample(THANKS, rng.randrange(1, 3))
        self.head = [self.name, self.registered, *self.address]
        self.secrets = [
            self.name,
            self.registered.strip("()"),
            street,
            town.split(" ", 1)[1],
            self.phone,
            self.tax_id,
            self.mail,
        ]

    def receipt(self) -> tuple[str, dict[str, str]]:
        """Draw one receipt and its truth."""
        rng = self.rng
        printed = (date(2017, 1, 1) + timedelta(days=rng.randrange(700))).strftime(self.day).upper()
        time = f"{rng.randrange(8, 22):02}:{rng.randrange(60):02}:{rng.randrange(60):02}"
        number = f"{rng.choice(['CS', 'TD', '', ''])}{rng.randrange(10_000, 99_999_999)}"
        lines = [*self.head]
        lines += [f"TEL{self.mark}{self.phone}"]
        lines += [self.mail] if "mail" in self.extras else []
        lines += [f"GST {rng.choice(['ID', 'ID'])}{self.mark}{self.tax_id}"]
        lines += [""] if "blank" in self.extras else []
        lines += ["TAX INVOICE"] if "title" in self.extras else []
        lines += [f"{self.number}{self.mark}{number}"]
        lines += [f"DATE{self.mark}{printed} {time}"] if self.labelled_day else []
        lines += [] if self.labelled_day or self.foot_day else [f"{printed} {time}"]
        lines += (
            [f"CASHIER{self.mark}USER {rng.randrange(1, 9)}"] if "cashier" in self.extras else []
        )
        lines += (
            [f"COUNTER{self.mark}{rng.randrange(1, 20):02}"] if "counter" in self.extras else []
        )
        lines += self.rule() + self.headings
        total = 0
        for _ in range(rng.randrange(1, 8)):
            rows, cents = self.item()
            lines += rows
            total += cents
        lines += self.rule()
        tax = round(total * 6 / 106)
        lines += [self.amount("SUBTOTAL", total)] if rng.random() < 0.6 else []
        lines += [self.amount("GST 6%", tax)] if rng.random() < 0.5 else []
        lines += [self.amount("ROUNDING", 0)] if "rounding" in self.extras else []
        lines += [self.amount(self.total, total)]
        paid = -(-total // 500) * 500
        lines += [self.amount("CASH", paid), self.amount("CHANGE", paid - total)]
        if "items" in self.extras:
            lines.insert(-3, f"NO OF ITEMS{self.mark}{rng.randrange(1, 9)}")
        if "summary" in self.extras:
            lines += [
                "GST SUMMARY",
                "GST CODE AMOUNT(RM) TAX(RM)",
                f"S @6.0% {_money(total - tax)} {_money(tax)}",
            ]
        lines += [self.amount("YOUR SAVINGS TODAY", 100)] if "saving" in self.extras else []
        lines += self.thanks
        lines += [f"{time[:5]} {printed}"] if self.foot_day else []
        truth = {
            "company": self.name,
            "date": printed,
            "address": " ".join(self.address),
            "total": _money(total),
        }
        self.secrets.append(number)
        return "\n".join(lines), truth

    def rule(self) -> list[str]:
        """Return a rule, where the till prints rules."""
        return ["-" * 38] if "rule" in self.extras else []

    def item(self) -> tuple[list[str], int]:
        """Draw the lines of one thing, and its price in cents."""
        rng = self.rng
        thing, count, each = rng.choice(THINGS), rng.randrange(1, 4), rng.randrange(90, 6000)
        sum_ = _money(count * each)
        if self.qty_line == "under":
            rows = [thing, f"{count} X {_money(each)} {sum_}{self.letter}"]
        elif self.qty_line == "row":
            rows = [f"{thing:<22}{count:>4}{_money(each):>8}{sum_:>9}{self.letter}"]
        else:
            rows = [
                f"{rng.randrange(10_000, 99_999)} {count} {_money(each)} {sum_}{self.letter}",
                thing,
            ]
        return rows, count * each

    def amount(self, label: str, cents: int) -> str:
        """Return the line of an amount with its label."""
        shown = f"{self.currency}{_money(cents)}"
        if self.column:
            return f"{label:<{self.column - len(shown)}}{shown}"
        return f"{label}{self.mark}{shown}"


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def receipts(shops: int, each: int, seed: str) -> list[tuple[str, str, dict[str, str]]]:
    """Return shop, text and truth of ``each`` receipts of every shop."""
    made = [Shop(f"{seed} {number}") for number in range(shops)]
    return [(shop.seed, *shop.receipt()) for shop in made for _ in range(each)]
