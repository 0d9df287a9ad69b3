"""Divergence of the n-grams of two sets of texts: Kullback-Leibler and Jensen-Shannon."""

from __future__ import annotations

from math import inf, log

import numpy as np
from scipy.special import xlogy

from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.measures.inputs.comparison import (
    PERMUTATIONS,
    Distance,
    Divergence,
    Floats,
    compared,
    unbiased,
)
from pytest_slm_autopsy.measures.inputs.ngrams import Bools, Pooled, Texts, pool


def kl_divergence(
    *,
    reference: Texts,
    shifted: Texts,
    n: int = 2,
    alpha: float = 0.5,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
    confidence_level: float = 0.95,
) -> Divergence:
    """Return KL(shifted || reference) of the n-grams, in bits (Kullback & Leibler 1951).

    It is the number of bits that a code made for the reference texts wastes on an n-gram of up to
    ``n`` tokens of the shifted ones. ``alpha`` is added to every count over the n-grams of both
    sets, so that the number is finite. It is not symmetric. More texts lower it: see its baseline.

    Raises:
        ConfigError: ``alpha`` that is not positive, ``n`` or ``permutations`` below 1.
        NoDataError: a side without texts.

    Example:
        >>> kl_divergence(reference=["a b"] * 9, shifted=["a b"] * 9).value
        0.0
    """
    if not 0 < alpha < inf:
        raise ConfigError(f"alpha={alpha:g} is no smoothing; give a positive number such as 0.5")
    pooled = pool(reference, shifted, n=n, seed=seed)

    def of(dealt: Floats) -> Floats:
        p, q = (_shares(side @ pooled.counts, alpha) for side in dealt)
        wasted: Floats = (q * np.log2(q / p)).sum(1)
        return np.maximum(wasted, 0.0)

    p, q = (_shares(side @ pooled.counts, alpha)[0] for side in pooled.sides)
    pulls = _pull(pooled, ~pooled.shifted, -q / p / log(2), p, alpha)
    pulls = pulls + _pull(pooled, pooled.shifted, np.log2(q / p), q, alpha)
    distance = Distance("KL(shifted || reference), bits", of, pulls, (0.0, inf), pooled.clusters)
    return compared(
        distance, pooled, permutations=permutations, seed=seed, confidence_level=confidence_level
    )


def js_divergence(
    *,
    reference: Texts,
    shifted: Texts,
    n: int = 2,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
    confidence_level: float = 0.95,
) -> Divergence:
    """Return the Jensen-Shannon divergence of the n-grams, in bits (Lin 1991).

    It is 0 for equal shares of n-grams and 1 for none in common; it is symmetric, and finite
    without smoothing. Names and numbers differ from document to document, so two sets of one
    distribution are apart too: compare the number with its baseline.

    Raises:
        ConfigError: ``n`` or ``permutations`` below 1.
        NoDataError: a side without texts.

    Example:
        >>> js_divergence(reference=["a"] * 9, shifted=["b"] * 9).value
        1.0
    """
    pooled = pool(reference, shifted, n=n, seed=seed)

    def of(dealt: Floats) -> Floats:
        p, q = (_shares(side @ pooled.counts) for side in dealt)
        return np.clip(_entropy((p + q) / 2) - (_entropy(p) + _entropy(q)) / 2, 0.0, 1.0)

    p, q = (_shares(side @ pooled.counts)[0] for side in pooled.sides)
    middle = (p + q) / 2
    pulls = np.zeros(len(pooled.shifted))
    for side, share in ((~pooled.shifted, p), (pooled.shifted, q)):
        slope = np.log2(np.where(share > 0, share / middle, 1.0)) / 2
        pulls += _pull(pooled, side, slope, share)
    distance = Distance("Jensen-Shannon divergence, bits", of, pulls, (0.0, 1.0), pooled.clusters)
    return compared(
        distance, pooled, permutations=permutations, seed=seed, confidence_level=confidence_level
    )


def _shares(counts: Floats, alpha: float = 0.0) -> Floats:
    smoothed = counts + alpha
    shares: Floats = smoothed / np.maximum(smoothed.sum(1, keepdims=True), 1e-300)
    return shares


def _entropy(shares: Floats) -> Floats:
    bits: Floats = -xlogy(shares, shares).sum(1) / log(2)
    return bits


def _pull(pooled: Pooled, side: Bools, slope: Floats, share: Floats, alpha: float = 0.0) -> Floats:
    """Return the influence of each text of a side on a number.

    ``slope`` is the derivative of the number by the side's shares of n-grams.
    """
    sizes = pooled.counts.sum(1)
    total = sizes[side].sum() + alpha * len(share)
    moved = (pooled.counts @ slope - sizes * float(share @ slope)) / total
    pulls: Floats = np.where(side, moved * unbiased(int(side.sum())), 0.0)
    return pulls
