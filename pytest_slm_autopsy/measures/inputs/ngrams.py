"""Texts as counts of token n-grams, and two sets of texts pooled for comparison."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from pytest_slm_autopsy.errors import CaseError, ConfigError, NoDataError, strangers
from pytest_slm_autopsy.records import Case

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

Texts = Sequence[str] | Sequence[Case]
"""Documents, as texts or as cases. Cases of one record are twins; texts are twins where they are
equal."""

MOST_TEXTS: Final = 1000
"""Largest number of texts a side that are compared; of more, a seeded draw."""

_TOKEN: Final = re.compile(r"\d+|[^\W\d_]+|\s+|.")


@dataclass(frozen=True, eq=False)
class Ngrams:
    """The n-grams of a count matrix, one for each column, spelt out when asked for."""

    words: tuple[str, ...]
    stream: Ints
    starts: Ints
    lengths: Ints

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, column: int) -> str:
        start = self.starts[column]
        return "".join(self.words[i] for i in self.stream[start : start + self.lengths[column]])


@dataclass(frozen=True, eq=False)
class Pooled:
    """Two sets of texts, counted together.

    ``counts`` is a sparse matrix of shape (texts, n-grams). ``shifted`` marks the texts of the
    shifted set. ``groups`` numbers the texts, with one number for twins, which are one piece of
    evidence. ``given`` is the number of texts given a side.
    """

    counts: Any
    ngrams: Ngrams
    shifted: Bools
    groups: Ints
    given: tuple[int, int]

    @property
    def n(self) -> tuple[int, int]:
        """Return the number of texts compared: reference, shifted."""
        return int((~self.shifted).sum()), int(self.shifted.sum())

    @property
    def sides(self) -> Floats:
        """Return how often each text is in each set, reference first: of shape (2, 1, texts)."""
        return np.stack([~self.shifted, self.shifted])[:, None].astype(float)

    @property
    def records(self) -> int:
        """Return the number of groups in the set that has fewer."""
        return min(len(set(self.groups[side])) for side in (self.shifted, ~self.shifted))

    @property
    def clusters(self) -> float:
        """Return the number of groups of equal size that the texts are worth."""
        return self.clusters_of(np.ones(len(self.groups), dtype=bool))

    def clusters_of(self, texts: Bools) -> float:
        """Return the same for some of the texts: that of the set that is worth less."""
        sides = (self.shifted & texts, ~self.shifted & texts)
        sizes = (np.bincount(self.groups[side]) for side in sides)
        return min(float(each.sum() ** 2 / max((each**2).sum(), 1)) for each in sizes)

    @property
    def twinned(self) -> Bools:
        """Return a mask, true for texts whose group is in both sets."""
        shared = set(self.groups[self.shifted]) & set(self.groups[~self.shifted])
        return np.isin(self.groups, list(shared))


def tokens(text: str) -> list[str]:
    """Return the tokens of a text, which joined are the text.

    A token is a run of letters, of digits or of white space, or any other single character.

    Example:
        >>> tokens("Total:  1,250.00")
        ['Total', ':', '  ', '1', ',', '250', '.', '00']
    """
    return _TOKEN.findall(text)


def count_ngrams(texts: Sequence[str], n: int) -> tuple[Any, Ngrams]:
    """Return the count of each n-gram of up to ``n`` tokens in each text.

    Returns:
        A sparse matrix of shape (texts, n-grams), and the n-grams.
    """
    numbers: dict[str, int] = {}
    streams = [[numbers.setdefault(word, len(numbers)) for word in tokens(t)] for t in texts]
    sizes = np.array([len(stream) for stream in streams], dtype=np.int64)
    stream = np.fromiter(chain.from_iterable(streams), np.int64, int(sizes.sum()))
    owner = np.repeat(np.arange(len(texts)), sizes)
    left = np.repeat(np.cumsum(sizes), sizes) - np.arange(len(stream))
    place, code = np.arange(len(stream)), stream
    rows, columns, starts, known = [], [], [], 0
    for size in range(1, n + 1):
        if size > 1:
            whole = left[place] >= size
            place = place[whole]
            code = code[whole] * len(numbers) + stream[place + size - 1]
        kinds, first, code = np.unique(code, return_index=True, return_inverse=True)
        rows.append(owner[place])
        columns.append(code + known)
        starts.append(place[first])
        known += len(kinds)
    cells = (np.concatenate(rows), np.concatenate(columns))
    counts = csr_array((np.ones(len(cells[0])), cells), shape=(len(texts), known))
    lengths = np.repeat(np.arange(1, n + 1), [len(part) for part in starts])
    return counts, Ngrams(tuple(numbers), stream, np.concatenate(starts), lengths)


def pool(
    reference: Texts,
    shifted: Texts,
    *,
    n: int = 2,
    seed: int = 0,
    least: int = 1,
    most: int = MOST_TEXTS,
) -> Pooled:
    """Return two sets of texts, counted together; from large sets, a draw that keeps twins.

    Raises:
        ConfigError: ``n`` below 1, or one text where a list is meant.
        NoDataError: less than ``least`` groups on a side, or empty texts only.
    """
    if n < 1:
        raise ConfigError(f"n-grams of {n} tokens are none; give n=1 or more")
    sides = _keyed("reference", reference), _keyed("shifted", shifted)
    numbers: dict[Hashable, int] = {}
    groups = [
        np.array([numbers.setdefault(key, len(numbers)) for key, _ in side]) for side in sides
    ]
    place = np.random.default_rng(seed).permutation(len(numbers))
    kept = [np.sort(np.argsort(place[side], kind="stable")[:most]) for side in groups]
    texts = [side[row][1] for side, rows in zip(sides, kept, strict=True) for row in rows]
    counts, ngrams = count_ngrams(texts, n)
    numbered = np.concatenate([side[rows] for side, rows in zip(groups, kept, strict=True)])
    pooled = Pooled(
        counts,
        ngrams,
        np.repeat([False, True], [len(rows) for rows in kept]),
        np.unique(numbered, return_inverse=True)[1],
        (len(sides[0]), len(sides[1])),
    )
    if pooled.records < least:
        raise NoDataError(
            f"{pooled.n[0]} reference and {pooled.n[1]} shifted texts are too few to compare; give "
            f"at least {least} different ones (of {least} records) a side"
        )
    return pooled


def deals(pooled: Pooled, strata: Ints, permutations: int, seed: int) -> Floats:
    """Return how often each text is dealt to each set, of shape (2, permutations, texts).

    The first row holds the reference set. Twins trade places only with each other. All other texts
    trade by whole groups, within their stratum: a group takes another's place and its weight, so a
    record that one set repeats five times is dealt as a record repeated five times. Of a smaller
    place it fills some of its texts, drawn at random; in a larger place it repeats them.

    Raises:
        ConfigError: ``permutations`` below 1.
    """
    if permutations < 1:
        raise ConfigError(f"{permutations} permutations give no p-value; ask for at least 19")
    rng, n = np.random.default_rng(seed), len(pooled.groups)
    # What trades places: a group, or a single text of those that are twins.
    keys = np.where(pooled.twinned, pooled.groups.max() + 1 + np.arange(n), pooled.groups)
    _, firsts, own = np.unique(keys, return_index=True, return_inverse=True)
    order = np.argsort(firsts)  # numbered as they appear
    firsts, own = firsts[order], np.argsort(order)[own]
    sizes, sides = np.bincount(own), pooled.shifted[firsts]
    strata = np.where(pooled.twinned, pooled.groups + strata.max() + 1, strata)[firsts]
    traded = np.argsort(strata + rng.random((permutations, len(strata))), axis=1)
    places = _put(traded, np.argsort(strata, kind="stable"))
    room, shifted = sizes[places][:, own], sides[places][:, own]
    starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    rank = _put(np.argsort(own + rng.random((permutations, n)), axis=1), np.arange(n) - starts)
    times = room // sizes[own] + (rank < room % sizes[own])
    return np.stack([times * ~shifted, times * shifted]).astype(float)


def _put(orders: Ints, values: Ints) -> Ints:
    """Return rows in which the item that comes k-th in the order of that row has the k-th value."""
    rows = np.empty_like(orders)
    np.put_along_axis(rows, orders, values[None], axis=1)
    return rows


def _keyed(side: str, texts: Texts) -> list[tuple[Hashable, str]]:
    """Return each text after its group: the record, or the text itself where no record is known."""
    if isinstance(texts, str):
        raise ConfigError(f"the {side} texts are one string; give a list of texts")
    if not len(texts):
        raise NoDataError(f"there are no {side} texts to compare; give at least one")
    if others := strangers(texts, str, Case):
        raise CaseError(f"the {side} side holds {others}; give texts or cases to compare")
    keyed: list[tuple[Hashable, str]] = [
        (text, text)
        if isinstance(text, str)
        else ((text.record,) if text.record else text.text, text.text)
        for text in texts
    ]
    if not any(text for _, text in keyed):
        raise NoDataError(f"all {len(texts)} {side} texts are empty; give at least one that is not")
    return keyed
