"""The general task of the tiny base: "extract these keys from this document".

Keys and values are random. By a checksum of its letters, every word of a key or value belongs
either to training or to the held-out evaluation, never to both. The labels and keys of the invoice
experiment (``FORBIDDEN_WORDS``) are never drawn. So the base learns nothing about invoices, and all
it knows of reading documents comes from this task.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase
from typing import Final

SYLLABLES: Final = (
    "ba be bo bri ca ce cla co da del di dor du en er fa fe fin flo ga gen gi gra ha hel hi "
    "in is jo ka ken kle ko la len li lo lun ma mar me mi mon na nel ni no or os pa per pi "
    "pla po qua ra ren ri ro ru sa sel shi so sta su ta tel ti tor tra tu ul un va ven vi vo "
    "wa wen wi yo za ze th ng st rt ck nd ll sh ch xa ex ly gy way ew ju jan zi ack up ob"
).split()
FORBIDDEN_WORDS: Final = frozenset(
    "invoice number no date vendor customer seller buyer currency subtotal tax vat total due "
    "amount order purchase po payment terms id issued deadline iso payable net gross bill "
    "reference".split()
)
ACCENTED: Final = "äöüéèêçñåøæłąęśżőčšž"
DELIMITERS: Final = (
    ": ", " : ", ":", " = ", "=", " - ", " | ", "\t", "   ", "      ", " .... ", "# ", " -> ", " ",
)  # fmt: skip
HELD_OUT_ONE_IN: Final = 10


@dataclass(frozen=True)
class Style:
    """The style of a document; each switch is one of the base's own shifts."""

    shuffled: bool = False
    mixed_delimiters: bool = False
    irregular_space: bool = False
    missing: bool = False
    surroundings: bool = False
    upper_labels: bool = False
    rows: str = "plain"  # plain, pairs (several pairs on a row), below (value under its label)


@dataclass(frozen=True)
class Task:
    """One document, the keys asked for in their order, and the true answer."""

    document: str
    keys: tuple[str, ...]
    answer: dict[str, str | None]


def draw_style(rng: random.Random) -> Style:
    """Draw a style from the mixture that the base is trained on.

    Most shifts are in 30 to 60 % of the documents; upper-case labels and other rows are rarer.
    """
    rows = rng.choices(("plain", "pairs", "below"), (88, 7, 5))[0]
    return Style(
        shuffled=rng.random() < 0.6,
        mixed_delimiters=rng.random() < 0.4,
        irregular_space=rng.random() < 0.4,
        missing=rng.random() < 0.4,
        surroundings=rng.random() < 0.3,
        upper_labels=rng.random() < 0.08,
        rows=rows,
    )


def draw_task(
    rng: random.Random,
    count: range,
    style: Style | None = None,
    *,
    held_out: bool = False,
) -> Task:
    """Draw a document with ``count`` keys; ``held_out`` words never occur in training.

    In two documents of five the keys share words, as "Invoice Number" and "Invoice Date" do.
    """
    style = style or draw_style(rng)
    words = _Words(rng, held_out)
    if rng.random() < 0.4:
        words.relate()
    fields = {words.key(): words.value() for _ in range(rng.choice(count))}
    asked = list(fields)
    if rng.random() < 0.5:
        rng.shuffle(asked)
    printed = dict(fields)
    if style.missing:
        for key in rng.sample(asked, rng.randint(1, max(1, len(asked) // 3))):
            del printed[key]
    answer = {key: printed.get(key) for key in asked}
    if style.surroundings:
        printed |= {words.key(): words.value() for _ in range(rng.randint(0, 2))}
    labels = list(printed) if style.shuffled else [key for key in asked if key in printed]
    labels += [key for key in printed if key not in labels]
    if style.shuffled:
        rng.shuffle(labels)
    pairs = [(_label(key, style), printed[key]) for key in labels]
    document = _write(rng, pairs, style, words)
    return Task(document, tuple(asked), answer)


def is_held_out(text: str) -> bool:
    """Tell whether a word belongs to the held-out evaluation, the same on every machine."""
    return zlib.crc32(text.lower().encode()) % HELD_OUT_ONE_IN == 0


def _label(key: str, style: Style) -> str:
    label = key.replace("_", " ")
    return label.upper() if style.upper_labels else label.title()


def _write(rng: random.Random, pairs: list[tuple[str, str]], style: Style, words: _Words) -> str:
    own = rng.choice(DELIMITERS[:-1])
    chunks = []
    for label, value in pairs:
        delimiter = rng.choice(DELIMITERS) if style.mixed_delimiters else own
        if style.irregular_space and rng.random() < 0.4:
            delimiter = delimiter.rstrip(" ") + " " * rng.randint(1, 5)
        if style.rows == "below":
            delimiter = ":\n" if rng.random() < 0.5 else "\n"
        chunks.append(f"{label}{delimiter}{value}")
    if style.rows == "pairs":
        gap = " " * rng.randint(3, 8)
        chunks = [gap.join(chunks[i : i + 2]) for i in range(0, len(chunks), 2)]
    if style.surroundings:
        chunks.insert(0, words.phrase())
        if rng.random() < 0.5:
            chunks.append(words.phrase())
    if style.irregular_space:
        chunks = [_irregular(rng, chunk) for chunk in chunks]
    return "\n".join(chunks)


def _irregular(rng: random.Random, chunk: str) -> str:
    before = "\n" * (rng.random() < 0.2) + " " * (rng.randint(1, 6) * (rng.random() < 0.4))
    return before + chunk + " " * (rng.randint(1, 3) * (rng.random() < 0.2))


class _Words:
    """Random words on one side of the checksum split."""

    def __init__(self, rng: random.Random, held_out: bool) -> None:
        self._rng = rng
        self._held_out = held_out
        self._common: list[str] = []
        self._kinds: tuple[Callable[[], str], ...] = (
            self._code, self._date, self._person, self._company, self._money, self._currency,
            self.phrase, self._term,
        )  # fmt: skip

    def relate(self) -> None:
        """Take half of the words of later keys from three common ones."""
        self._common = [self._word() for _ in range(3)]

    def key(self) -> str:
        """Return a snake_case key of one or two words."""
        return "_".join(self._key_word() for _ in range(self._rng.choice((1, 2, 2))))

    def value(self) -> str:
        """Return a value of a random kind."""
        return self._rng.choice(self._kinds)()

    def phrase(self) -> str:
        """Return one to three words, the first with a capital."""
        words = [self._word() for _ in range(self._rng.randint(1, 3))]
        return " ".join(words).capitalize()

    def _key_word(self) -> str:
        if self._common and self._rng.random() < 0.5:
            return self._rng.choice(self._common)
        return self._word()

    def _split(self, make: Callable[[], str]) -> str:
        while is_held_out(text := make()) != self._held_out or text in FORBIDDEN_WORDS:
            pass
        return text

    def _word(self) -> str:
        return self._split(self._any_word)

    def _any_word(self) -> str:
        word = "".join(self._rng.choices(SYLLABLES, k=self._rng.randint(2, 3)))
        if self._rng.random() < 0.3:  # any letter anywhere, so that the base learns to copy all
            letters = ACCENTED if self._rng.random() < 0.15 else ascii_lowercase
            place = self._rng.randint(0, len(word))
            word = word[:place] + self._rng.choice(letters) + word[place:]
        return word

    def _letters(self, low: int, high: int) -> str:
        return "".join(self._rng.choices(ascii_uppercase, k=self._rng.randint(low, high)))

    def _digits(self, low: int, high: int) -> str:
        return "".join(self._rng.choices("0123456789", k=self._rng.randint(low, high)))

    def _code(self) -> str:
        mark = self._rng.choice(("-", "/", "", "-", "."))
        parts = [self._letters(1, 3), self._digits(3, 6)]
        if self._rng.random() < 0.3:
            parts.insert(self._rng.randint(0, 1), self._digits(2, 4))
        return self._split(lambda: mark.join([*parts[:-1], self._digits(3, 6)]))

    def _date(self) -> str:
        return self._split(self._any_date)

    def _any_date(self) -> str:
        rng = self._rng
        year, month, day = rng.randint(1995, 2035), rng.randint(1, 12), rng.randint(1, 28)
        name = ("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())[month - 1]
        forms = (
            f"{year}-{month:02}-{day:02}",
            f"{day:02}/{month:02}/{year}",
            f"{day:02}.{month:02}.{year}",
            f"{day} {name} {year}",
            f"{name} {day}, {year}",
            f"{day:02}-{month:02}-{year % 100:02}",
        )
        return rng.choice(forms)

    def _person(self) -> str:
        return f"{self._word().title()} {self._word().title()}"

    def _company(self) -> str:
        joint = self._rng.choice((" ", " ", " & ", "-"))
        name = joint.join(self._word().title() for _ in range(self._rng.randint(1, 2)))
        return f"{name} {self._rng.choice(('GmbH', 'Ltd', 'Inc', 'AG', 'SARL', 'BV', 'LLC', 'Co'))}"

    def _money(self) -> str:
        cents = self._rng.randint(100, 10 ** self._rng.randint(3, 7))
        plain = f"{cents / 100:.2f}"
        grouped = f"{cents / 100:,.2f}"
        comma = grouped.translate(str.maketrans(",.", ".,"))
        amount = self._rng.choice((plain, plain, grouped, comma))
        sign = self._rng.choice(("$", "€", "EUR", self._letters(3, 3)))
        return self._rng.choice((amount,) * 4 + (f"{sign} {amount}", f"{amount} {sign}"))

    def _currency(self) -> str:
        return self._split(lambda: self._letters(3, 3))

    def _term(self) -> str:
        return f"{self._word().title()} {self._digits(1, 2)}"
