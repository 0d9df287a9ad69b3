"""A classifier two-sample test: how well it tells two sets of texts apart, and by which n-grams."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import Any, Final

import numpy as np
from scipy.stats import norm, rankdata

from pytest_slm_autopsy.errors import CaseError, ConfigError
from pytest_slm_autopsy.measures.inputs.comparison import (
    PERMUTATIONS,
    Distance,
    Divergence,
    Floats,
    Telltale,
    compared,
    unbiased,
)
from pytest_slm_autopsy.measures.inputs.ngrams import Bools, Pooled, Texts, pool

_TELLTALES: Final = 10
_SURE: Final = 0.9999


def classifier_two_sample(
    *,
    reference: Texts,
    shifted: Texts,
    n: int = 2,
    alpha: float = 0.5,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
    confidence_level: float = 0.95,
) -> Divergence:
    """Return the AUC of a classifier that tells unseen texts of two sets apart.

    0.5 is chance, 1 is always right (Lopez-Paz & Oquab 2017). The classifier is naive Bayes on the
    n-grams of up to ``n`` tokens, with ``alpha`` added to every count. It learns from one half of
    each set and is asked about the other, so its answers are independent. DeLong's interval (1988),
    clustered by group (Obuchowski 1997), then holds as often as it says; over the folds of a
    cross-validation it would not. Twins stay in one half. ``tokens`` holds at most ten n-grams that
    tell the sets apart.

    Raises:
        ConfigError: ``alpha`` that is not positive, ``n`` or ``permutations`` below 1.
        NoDataError: less than two different texts (or records) on a side.
        CaseError: the AUC is surely below chance: texts have twins in the other set.

    Example:
        >>> colons, signs = ([f"No{mark} {i}" for i in range(30)] for mark in (":", " ="))
        >>> classifier_two_sample(reference=colons, shifted=signs).value
        1.0
    """
    pooled = pool(reference, shifted, n=n, seed=seed, least=2)
    asked = _half(pooled, seed)
    told = compared(
        _area(pooled, asked, alpha),
        pooled,
        strata=asked.astype(np.int64),
        permutations=permutations,
        seed=seed,
        confidence_level=confidence_level,
    )
    return replace(_twins_known(told), tokens=_telltales(pooled))


def area_under_roc(scores: Floats, dealt: Floats) -> Floats:
    """Return the chance that a shifted text outscores a reference one; ties count half.

    ``scores`` has the shape (rows, texts). ``dealt`` holds the times that each text is in the
    reference and in the shifted set, of shape (2, rows, texts). The result has one value a row.

    Example:
        >>> sides = np.array([[[1.0, 1.0, 0.0]], [[0.0, 0.0, 1.0]]])
        >>> area_under_roc(np.array([[0.1, 0.4, 0.4]]), sides)
        array([0.75])
    """
    order = np.argsort(scores, axis=1)
    scores = np.take_along_axis(scores, order, axis=1)
    reference, shifted = np.take_along_axis(dealt, order[None], axis=2)
    places = np.arange(scores.shape[1])
    first = np.diff(scores, axis=1, prepend=-inf) > 0
    begin = np.maximum.accumulate(np.where(first, places, 0), axis=1)  # of the texts that tie
    below = np.take_along_axis(np.cumsum(reference, axis=1) - reference, begin, axis=1)
    last = np.diff(scores, axis=1, append=inf) > 0
    end = np.minimum.accumulate(np.where(last, places, len(places))[:, ::-1], axis=1)[:, ::-1]
    upto = np.take_along_axis(np.cumsum(reference, axis=1), end, axis=1)
    above = (shifted * (below + upto) / 2).sum(1)
    areas: Floats = above / (shifted.sum(1) * reference.sum(1))
    return areas


def area_influences(scores: Floats, labels: Bools) -> Floats:
    """Return the influence of each text on the area (DeLong's structural components).

    ``scores`` and ``labels`` have the shape (texts,). The root of the sum of squared influences is
    the area's standard error.
    """
    influences = np.zeros(len(scores))
    everyone = rankdata(scores)
    for side in (labels, ~labels):
        n = int(side.sum())
        outscored = (everyone[side] - rankdata(scores[side])) / (len(scores) - n)
        influences[side] = (outscored - outscored.mean()) / n * unbiased(n)
    # A text without the label lowers the area by outscoring.
    return np.where(labels, influences, -influences)


def _area(pooled: Pooled, asked: Bools, alpha: float) -> Distance:
    if not 0 < alpha < inf:
        raise ConfigError(f"alpha={alpha:g} is no smoothing; give a positive number such as 0.5")
    known = (pooled.counts[~asked].sum(0) > 0) & (pooled.counts[asked].sum(0) > 0)
    counts = pooled.counts[:, np.flatnonzero(known)]

    def scores(dealt: Floats) -> Floats:
        answers: Floats = _log_odds(counts[~asked], dealt[:, :, ~asked], alpha) @ counts[asked].T
        return answers

    def areas(dealt: Floats) -> Floats:
        return area_under_roc(scores(dealt), dealt[:, :, asked])

    influences = np.zeros(len(asked))
    influences[asked] = area_influences(scores(pooled.sides)[0], pooled.shifted[asked])
    name, clusters = "AUC of a classifier, reference against shifted", pooled.clusters_of(asked)
    return Distance(name, areas, influences, (0.0, 1.0), clusters)


def _twins_known(told: Divergence) -> Divergence:
    interval_at = told.measurement.interval_at
    if interval_at and interval_at(_SURE)[1] < 0.5:
        raise CaseError(
            f"a classifier tells the sets apart worse than by chance (AUC {told.value:.2f}), so "
            "texts have twins in the other set; give cases that name their record"
        )
    return told


def _half(pooled: Pooled, seed: int) -> Bools:
    """Mark the texts that are asked: every other group.

    A set of two or more groups then has one in each half.
    """
    number = int(pooled.groups.max()) + 1
    kind = np.zeros(number)
    kind[pooled.groups[pooled.shifted]] = 2
    kind[pooled.groups[pooled.twinned]] = 1
    order = np.argsort(kind + np.random.default_rng(seed).random(number))
    chosen = np.zeros(number, dtype=bool)
    chosen[order[1::2]] = True
    asked: Bools = chosen[pooled.groups]
    return asked


def _log_odds(counts: Any, dealt: Floats, alpha: float) -> Floats:
    """Return each n-gram's log-odds for the shifted set, of shape (rows, n-grams)."""
    reference, shifted = (_log_shares(side @ counts, alpha) for side in dealt)
    return shifted - reference


def _log_shares(counts: Floats, alpha: float) -> Floats:
    total = counts.sum(1, keepdims=True) + alpha * max(counts.shape[1], 1)
    shares: Floats = np.log((counts + alpha) / total)
    return shares


def _telltales(pooled: Pooled) -> tuple[Telltale, ...]:
    """Return the n-grams whose shares of texts differ most, beyond chance over all n-grams.

    A score test decides, at 5 % with Bonferroni's correction.
    """
    holds = pooled.counts.astype(bool).astype(float)
    m, n = pooled.n
    first, second = (side.astype(float) @ holds for side in (~pooled.shifted, pooled.shifted))
    pooled_share = (first + second) / (m + n)
    variance = pooled_share * (1 - pooled_share) * (1 / m + 1 / n)
    z = (second / n - first / m) / np.sqrt(np.maximum(variance, 1e-12))
    told: list[Telltale] = []
    for column in np.argsort(-abs(z), kind="stable"):
        if len(told) == _TELLTALES or abs(z[column]) < norm.isf(0.025 / len(z)):
            break
        side = "shifted" if z[column] > 0 else "reference"
        told_by = Telltale(pooled.ngrams[column], int(first[column]), int(second[column]), side)
        if not any(_same_news(told_by, known) for known in told):
            told.append(told_by)
    return tuple(told)


def _same_news(one: Telltale, other: Telltale) -> bool:
    """Tell whether two n-grams say the same: one holds the other, and as many texts hold both.

    An example is ``:`` and ``: ``.
    """
    part = one.ngram in other.ngram or other.ngram in one.ngram
    return part and (one.reference, one.shifted) == (other.reference, other.shifted)
