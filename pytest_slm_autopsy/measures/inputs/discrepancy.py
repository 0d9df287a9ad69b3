"""Maximum mean discrepancy: the distance of two sets' means in a kernel space."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from pytest_slm_autopsy.measures.inputs.comparison import (
    PERMUTATIONS,
    Distance,
    Divergence,
    Floats,
    compared,
    unbiased,
)
from pytest_slm_autopsy.measures.inputs.ngrams import Bools, Texts, pool

MOST_TEXTS: Final = 500
"""Largest number of texts a side that are compared, each with each; of more, a seeded draw."""


def maximum_mean_discrepancy(
    *,
    reference: Texts,
    shifted: Texts,
    n: int = 2,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
    confidence_level: float = 0.95,
) -> Divergence:
    """Return MMD squared of two sets of texts (Gretton et al. 2012).

    It is the squared distance of the sets' means in a kernel space; being unbiased, it is about 0,
    and may be negative, for sets of one distribution. It has no unit, so judge it by its p-value. A
    text is the square roots of its n-grams' shares, so texts differ by their Hellinger distance.
    The kernel is Gaussian, as wide as the median distance. Pairs of texts of one group are left
    out. At most 500 texts a side are compared.

    Raises:
        ConfigError: ``n`` or ``permutations`` below 1.
        NoDataError: less than two different texts (or records) on a side.
    """
    pooled = pool(reference, shifted, n=n, seed=seed, least=2, most=MOST_TEXTS)
    apart = (pooled.groups[:, None] != pooled.groups).astype(float)
    kernel = _kernel(pooled.counts) * apart

    def of(dealt: Floats) -> Floats:
        sums, pairs = _pair_sums(kernel, dealt), _pair_sums(apart, dealt)
        within, across, beyond = (a / np.maximum(b, 1.0) for a, b in zip(sums, pairs, strict=True))
        return within + beyond - 2 * across

    influences = _mean_influences(kernel, apart, pooled.shifted)
    distance = Distance("MMD squared", of, influences, (-2.0, 2.0), pooled.clusters)
    return compared(
        distance, pooled, permutations=permutations, seed=seed, confidence_level=confidence_level
    )


def _mean_influences(kernel: Floats, apart: Floats, shifted: Bools) -> Floats:
    """Return each text's influence on MMD squared.

    It is how much nearer the text is to its own set than to the other, less the mean of its set.
    """
    sides = np.column_stack([~shifted, shifted]).astype(float)
    near = (kernel @ sides) / np.maximum(apart @ sides, 1.0)
    nearer = (near[:, 0] - near[:, 1]) * np.where(shifted, -1.0, 1.0)
    influences = np.zeros(len(shifted))
    for side in (shifted, ~shifted):
        n = int(side.sum())
        influences[side] = 2 * (nearer[side] - nearer[side].mean()) / n * unbiased(n)
    return influences


def _kernel(counts: Any) -> Floats:
    roots = counts.copy()
    sizes = np.maximum(counts.sum(1), 1.0)
    roots.data = np.sqrt(roots.data / np.repeat(sizes, np.diff(roots.indptr)))
    alike = (roots @ roots.T).toarray()
    length = alike.diagonal()
    squared = np.maximum(length[:, None] + length - 2 * alike, 0.0)
    width = float(np.median(squared[np.triu_indices(len(squared), 1)])) or 1.0
    kernel: Floats = np.exp(-squared / (2 * width))
    return kernel


def _pair_sums(matrix: Floats, dealt: Floats) -> tuple[Floats, Floats, Floats]:
    """Return three sums over ordered pairs: both shifted, one of each, both reference."""
    reference, shifted = dealt
    near = shifted @ matrix
    beyond = ((reference @ matrix) * reference).sum(1)
    return (near * shifted).sum(1), (near * reference).sum(1), beyond
