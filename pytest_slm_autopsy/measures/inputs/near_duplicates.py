"""Near duplicates: MinHash proposes pairs of texts, the exact Jaccard similarity decides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pytest_slm_autopsy.errors import ConfigError

Hashes = NDArray[np.uint64]
Sketches = NDArray[np.uint32]

SHINGLE: Final = 9
"""Length of a shingle, in characters."""

SKETCH: Final = 256
"""Numbers in a sketch; an estimate of 0.8 then has a standard error of 0.025."""

_MISSED: Final = 0.01  # share of the pairs at the limit that the bands may miss
_MARGIN: Final = 0.1  # four standard errors
_VERIFIED: Final = 50


def near_duplicates(
    known: Sequence[str], asked: Sequence[str], *, at_least: float = 0.8, seed: int = 0
) -> dict[int, tuple[int, float]]:
    """Return the nearest known text, and its similarity, for each asked text with a near duplicate.

    Texts are named by their places in ``asked`` and ``known``. The similarity is Jaccard's, from 0
    to 1, of the sets of nine-character shingles. It is exact for the pairs that MinHash (Broder
    1997) and its bands (Indyk & Motwani 1998) propose; the bands miss at most one in a hundred
    pairs at ``at_least``, and ever fewer above it. Texts are compared as given, so fold case and
    white space first. An empty text has no near duplicate.

    Raises:
        ConfigError: ``at_least`` is 0 or less, or more than 1.

    Example:
        >>> near_duplicates(["no", "the quick brown fox jumps over the lazy dog"],
        ...                 ["the quick brown fox jumps over the lazy dogs"])
        {0: (1, 0.9722222222222222)}
    """
    if not 0 < at_least <= 1:
        raise ConfigError(f"similarity {at_least:g} must be above 0 and at most 1")
    first, second = ([shingles(text) for text in texts] for texts in (known, asked))
    known_sketches, asked_sketches = sketches(first, seed), sketches(second, seed)
    rows = _rows(at_least)
    buckets = _buckets(known_sketches, rows)
    found: dict[int, tuple[int, float]] = {}
    for number, sketch in enumerate(asked_sketches):
        if not len(second[number]):
            continue
        proposed = _proposed(sketch, rows, buckets, len(first))
        estimates = (known_sketches[proposed] == sketch).mean(1)
        likely = np.argsort(-estimates, kind="stable")[:_VERIFIED]
        for place in likely[estimates[likely] >= at_least - _MARGIN]:
            other = int(proposed[place])
            similarity = jaccard(first[other], second[number])
            if similarity >= max(at_least, found.get(number, (0, 0.0))[1] + 1e-12):
                found[number] = other, similarity
    return found


def shingles(text: str) -> Hashes:
    """Return the set of a text's nine-character shingles, as sorted 64-bit hashes.

    A shorter text is one shingle.
    """
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    if not len(codes):
        return codes
    codes = np.pad(codes, (0, max(0, SHINGLE - len(codes))))
    windows = len(codes) - SHINGLE + 1
    hashes = np.zeros(windows, np.uint64)
    for place in range(SHINGLE):
        hashes = hashes * np.uint64(0x100000001B3) + codes[place : place + windows]
    return np.unique(_mixed(hashes))


def sketches(sets: Sequence[Hashes], seed: int = 0) -> Sketches:
    """Return MinHash sketches of shape (sets, 256).

    The share of equal places of two sketches estimates their ``jaccard``.
    """
    rng = np.random.default_rng(seed)
    factors = rng.integers(0, 2**63, (SKETCH, 1), dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    offsets = rng.integers(0, 2**63, (SKETCH, 1), dtype=np.uint64)
    sketched = np.full((len(sets), SKETCH), 2**32 - 1, np.uint32)
    for row, hashes in zip(sketched, sets, strict=True):
        if len(hashes):
            row[:] = ((hashes * factors + offsets) >> np.uint64(32)).min(1)
    return sketched


def jaccard(one: Hashes, other: Hashes) -> float:
    """Return the Jaccard similarity of two sets of hashes: the shared ones over all."""
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / max(len(one) + len(other) - shared, 1)


def _mixed(hashes: Hashes) -> Hashes:
    """Return hashes in which every bit depends on every bit of the input.

    This is the finaliser of SplitMix64.
    """
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Hashes = hashes ^ (hashes >> np.uint64(31))
    return mixed


def _rows(at_least: float) -> int:
    """Return the longest band, in places of a sketch, that proposes nearly all pairs at a limit."""
    enough = [rows for rows in range(1, 33) if (1 - at_least**rows) ** (SKETCH // rows) <= _MISSED]
    return max(enough, default=1)


def _bands(sketch: Sketches, rows: int) -> list[tuple[int, bytes]]:
    return [
        (band, sketch[band * rows : (band + 1) * rows].tobytes()) for band in range(SKETCH // rows)
    ]


def _buckets(sketched: Sketches, rows: int) -> Mapping[tuple[int, bytes], NDArray[np.int64]]:
    buckets: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    for number, sketch in enumerate(sketched):
        for key in _bands(sketch, rows):
            buckets[key].append(number)
    return {key: np.array(numbers) for key, numbers in buckets.items()}


def _proposed(
    sketch: Sketches, rows: int, buckets: Mapping[tuple[int, bytes], NDArray[np.int64]], known: int
) -> NDArray[np.int64]:
    alike = np.zeros(known, dtype=bool)
    for key in _bands(sketch, rows):
        if key in buckets:
            alike[buckets[key]] = True
    return np.flatnonzero(alike)
