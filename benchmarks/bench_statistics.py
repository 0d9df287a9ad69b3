"""How often intervals and gates err, and what they cost: ``python benchmarks/bench_statistics.py``.

One table alone: ``... bench_statistics.py speed``. With ``full`` the tables of clusters and of
promises come from five times the runs.

Every number is seeded. Where the outcomes can be counted, probabilities are exact; elsewhere they
are shares of simulated runs, and a share of 1,000 runs is known to about 0.014.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial

import numpy as np
from scipy.stats import binom, rankdata

from pytest_slm_autopsy import (
    INVOICE,
    Case,
    Prediction,
    assert_accuracy,
    assert_accuracy_gap,
    assert_calibrated,
    assert_calibration_gap,
    assert_not_collapsed,
    assert_selective_risk,
    draw_suite,
)
from pytest_slm_autopsy.errors import NoDataError
from pytest_slm_autopsy.measures import (
    auroc,
    brier_score,
    calibration_gap,
    categories,
    classifier_two_sample,
    confident_errors,
    coverage_at_precision,
    exact_match,
    excess_repetition,
    expected_calibration_error,
    field_accuracy,
    field_scores,
    input_dependence,
    js_divergence,
    kl_divergence,
    log_loss,
    macro_f1,
    maximum_mean_discrepancy,
    normalised_match,
    parse_stages,
    risk_coverage_area,
    schema_valid,
    signs_of_collapse,
    smooth_calibration_error,
    temperature_scaling,
    valid_json,
)
from pytest_slm_autopsy.measures.counted import counted
from pytest_slm_autopsy.records import Measurement
from pytest_slm_autopsy.statistics import (
    bootstrap,
    clopper_pearson,
    clustered_rate,
    judge,
    mover_paired,
    newcombe_paired,
    required_n,
    required_pairs,
    tango_paired,
    wilson,
)
from pytest_slm_autopsy.statistics.binned import binned_error, edges
from pytest_slm_autopsy.statistics.clustered import clustered_difference
from pytest_slm_autopsy.statistics.sequential import betting_interval

SIZES = (20, 50, 100, 500)
RATES = (0.0, 0.01, 0.1, 0.5, 0.99)
RUNS = 1000
SLOW_RUNS = 300
FIELDS = 8
BATCH = 16
BUDGET = 1000


def rng_of(*what: object) -> np.random.Generator:
    """A generator of its own for each figure, so that none depends on the order."""
    return np.random.default_rng([2026, *map(int, "".join(map(str, what)).encode())])


# Coverage: how often an interval holds the true value.


def rate_coverage(method: Callable[..., tuple[float, float]], n: int, rate: float) -> float:
    """Exact: summed over all outcomes."""
    held = [low <= rate <= high for low, high in (method(k, n) for k in range(n + 1))]
    return float(binom.pmf(np.arange(n + 1), n, rate) @ held)


def anytime(successes: int, n: int) -> tuple[float, float]:
    """The betting interval of a rate."""
    return betting_interval({1.0: successes, 0.0: n - successes}, (0.0, 1.0))


def paired_coverage(
    method: Callable[[int, int, int], tuple[float, float]], both_ways: bool, n: int, rate: float
) -> float:
    """``rate`` of the records change: all for the worse, or half of them each way."""
    lost, won = (rate / 2, rate / 2) if both_ways else (rate, 0.0)
    drawn = rng_of("paired", both_ways, n, rate).multinomial(
        n, [lost, won, 1 - lost - won], size=RUNS
    )
    found = cache(method)
    ends = np.array([found(n, int(b), int(c)) for b, c, _ in drawn])
    return held(ends, lost - won)


def newcombe(n: int, lost: int, won: int) -> tuple[float, float]:
    """Newcombe's, where half of the unchanged records are right."""
    same = n - lost - won
    return newcombe_paired(same // 2, lost, won, same - same // 2)


def clustered_coverage(n: int, rate: float) -> float:
    """Documents of eight fields whose chances to be right differ from document to document."""
    rng = rng_of("clustered", n, rate)
    runs = []
    for _ in range(RUNS):
        chances = rng.beta(rate * 7 / 3, (1 - rate) * 7 / 3, n) if 0 < rate < 1 else rate
        runs.append(clustered_rate(rng.binomial(FIELDS, chances, n).tolist(), [FIELDS] * n))
    return held(np.array(runs), rate)


def calibration_coverage(n: int, rate: float) -> float:
    """Sure 0.9 to 1 and right at ``rate``: the error is the distance of the two."""
    rng = rng_of("calibration", n, rate)
    hits = []
    for _ in range(SLOW_RUNS):
        sure = rng.uniform(0.9, 1, n)
        right = (rng.random(n) < rate).astype(float)
        order = np.argsort(sure)
        parts = np.split(order, edges(sure[order])[:-1])
        truth = sum(abs(float((rate - sure[part]).sum())) for part in parts) / n
        low, high = binned_error(sure, right, range(n)).interval()
        hits.append(low - 1e-9 <= truth <= high + 1e-9)
    return float(np.mean(hits))


def brier_coverage(n: int, rate: float) -> float:
    """The same draws as for the bootstrap below, and the interval of a rate."""
    sure, right = draw_sure(rng_of("truth", "brier", rate), 500_000, rate)
    truth = float(((sure - right) ** 2).mean())
    rng = rng_of("brier", n, rate)
    ends = []
    for _ in range(RUNS):
        sure, right = draw_sure(rng, n, rate)
        ends.append(clustered_rate(((sure - right) ** 2).tolist(), [1] * n))
    return held(np.array(ends), truth)


def auroc_coverage(n: int, rate: float) -> float:
    """Where some are right and some are wrong."""
    if rate == 0:
        return float("nan")
    rng = rng_of("auroc", n, rate)
    truth = area_under(*draw_sure(rng_of("truth auroc", rate), 500_000, rate))
    ends = []
    for _ in range(RUNS):
        sure, right = draw_sure(rng, n, rate)
        rarer = int(min(right.sum(), n - right.sum()))
        if rarer:
            ends.append(clopper_pearson(area_under(sure, right) * rarer, rarer))
    return held(np.array(ends), truth)


def area_under(sure: np.ndarray, right: np.ndarray) -> float:
    """Chance that a right answer is surer than a wrong one."""
    hits = rankdata(sure)[right == 1]
    count = len(hits)
    return float((hits.sum() - count * (count + 1) / 2) / (count * (len(sure) - count)))


def bootstrap_coverage(what: str, n: int, rate: float) -> float:
    """Right at ``rate``, and then surer; the true value is that of half a million cases."""
    draw, number = BOOTSTRAPPED[what]
    truth = float(
        number(draw(rng_of("truth", what, rate), 500_000, rate))(np.ones((1, 500_000)))[0]
    )
    if not np.isfinite(truth):
        return float("nan")
    rng = rng_of(what, n, rate)
    ends = []
    for _ in range(SLOW_RUNS):
        try:
            ends.append(bootstrap(number(draw(rng, n, rate)), n, resamples=1000).interval())
        except NoDataError:  # all right or all wrong: there is no number, and no interval
            continue
    return held(np.array(ends), truth) if len(ends) > SLOW_RUNS / 2 else float("nan")


Draw = tuple[np.ndarray, np.ndarray]


def draw_sure(rng: np.random.Generator, n: int, rate: float) -> Draw:
    """Confidence and outcome, sorted by falling confidence."""
    right = (rng.random(n) < rate).astype(float)
    sure = np.where(right == 1, rng.beta(8, 1, n), rng.beta(3, 1, n))
    order = np.argsort(-sure)
    return sure[order], right[order]


def brier(data: Draw) -> Callable[[np.ndarray], np.ndarray]:
    """Mean squared distance of confidence and outcome."""
    losses = (data[0] - data[1]) ** 2
    return lambda weights: weights @ losses / weights.sum(1)


def area(data: Draw) -> Callable[[np.ndarray], np.ndarray]:
    """Risk-coverage area."""

    def statistic(weights: np.ndarray) -> np.ndarray:
        taken = np.maximum(np.cumsum(weights, axis=1), 1e-9)
        risks = np.cumsum(weights * (1 - data[1]), axis=1) / taken
        return (risks * weights).sum(1) / weights.sum(1)

    return statistic


def coverage_at(data: Draw) -> Callable[[np.ndarray], np.ndarray]:
    """The largest share of cases, the surest first, of which 95 % are right."""

    def statistic(weights: np.ndarray) -> np.ndarray:
        taken = np.cumsum(weights, axis=1)
        enough = np.cumsum(weights * data[1], axis=1) >= 0.95 * taken - 1e-9
        return np.where(enough, taken, 0).max(1) / taken[:, -1]

    return statistic


BOOTSTRAPPED: dict[str, tuple[Callable[..., Draw], Callable[..., object]]] = {
    "Brier score, BCa (not used)": (draw_sure, brier),
    "risk-coverage area, BCa": (draw_sure, area),
    "coverage at 95 % precision, BCa": (draw_sure, coverage_at),
}


def held(ends: np.ndarray, truth: float) -> float:
    """Share of intervals with the truth inside."""
    inside = (ends[:, 0] <= truth + 1e-9) & (truth - 1e-9 <= ends[:, 1])
    return float(inside.mean())


COVERAGE: dict[str, Callable[[int, float], float]] = {
    "Clopper-Pearson (rates; exact)": lambda n, r: rate_coverage(clopper_pearson, n, r),
    "betting, one look (rates; exact)": lambda n, r: rate_coverage(anytime, n, r),
    "Wilson (not used by gates)": lambda n, r: rate_coverage(wilson, n, r),
    "paired, recovered variances; harm only": lambda n, r: paired_coverage(
        mover_paired, False, n, r
    ),
    "paired, recovered variances; both ways": lambda n, r: paired_coverage(
        mover_paired, True, n, r
    ),
    "Tango (not used by gates); harm only": lambda n, r: paired_coverage(tango_paired, False, n, r),
    "Newcombe (not used by gates); harm only": lambda n, r: paired_coverage(newcombe, False, n, r),
    "clustered rate (fields of documents)": clustered_coverage,
    "expected calibration error": calibration_coverage,
    "Brier score, as a rate": brier_coverage,
    "AUROC, as a rate": auroc_coverage,
    **{
        name: lambda n, r, name=name: bootstrap_coverage(name, n, r)  # type: ignore[misc]
        for name in BOOTSTRAPPED
    },
}


def coverage_table() -> Iterator[str]:
    """Coverage of each interval, a column for each number of cases and rate."""
    yield "| interval | n | " + " | ".join(f"rate {rate:g}" for rate in RATES) + " |"
    yield "|:--|--:|" + "--:|" * len(RATES)
    for name, coverage in COVERAGE.items():
        for n in SIZES:
            cells = [coverage(n, rate) for rate in RATES]
            shown = [
                "-" if np.isnan(c) else f"**{c:.3f}**" if c < 0.94 else f"{c:.3f}" for c in cells
            ]
            yield f"| {name} | {n} | {' | '.join(shown)} |"


# Gates: how often they are wrong where the true value is the limit, or a hair beyond it.


def gate_errors() -> Iterator[str]:
    """False green and false red at the limit itself, the worst over sizes and limits."""
    yield "| gate, true value at its limit | false green | false red |"
    yield "|:--|--:|--:|"
    rates = [rate_errors(clopper_pearson, n, limit) for n in SIZES for limit in (0.5, 0.9, 0.99)]
    yield error_row("accuracy, fixed n, exact", rates)
    gaps = [gap_errors(n, lost, won) for n in SIZES for lost, won in GAPS]
    yield error_row("accuracy gap, fixed n", gaps)
    fields = [field_errors(n, p) for n in SIZES for p in (0.5, 0.9)]
    yield error_row("field accuracy, fixed n", fields)
    rare = [dead_document_errors(n, *dead) for n in SIZES for dead in DEAD]
    yield error_row("field accuracy, rare documents wholly wrong", rare)
    errors = [calibration_errors(n, off) for n in SIZES for off in (0.05, 0.1, 0.3)]
    yield error_row("calibration error, fixed n", errors)
    mixed = [mixture_errors(n) for n in (64, 128, 300)]
    yield error_row("calibration error, unsure and sure mixed within a bin", mixed)
    peeks = [(b, limit) for b in (8, BATCH, 64) for limit in (0.5, 0.9, 0.99)]
    yield error_row("accuracy, peeking, betting", [peeking_errors(anytime, *p) for p in peeks])
    peeked = [peeking_errors(clopper_pearson, *p) for p in peeks]
    yield error_row("accuracy, peeking, plain interval (not used)", peeked)
    yield error_row("accuracy gap, peeking, betting", [peeking_gaps(*gap) for gap in GAPS])


GAPS = ((0.05, 0.0), (0.25, 0.0), (0.15, 0.05), (0.3, 0.05))


def error_row(name: str, errors: list[tuple[float, float]]) -> str:
    """The worst of all settings."""
    green, red = (max(side) for side in zip(*errors, strict=True))
    return f"| {name} | {green:.3f} | {red:.3f} |"


def rate_errors(
    method: Callable[..., tuple[float, float]], n: int, limit: float
) -> tuple[float, float]:
    """Exact, of a gate ``at_least``."""
    ends = np.array([method(k, n) for k in range(n + 1)])
    chances = binom.pmf(np.arange(n + 1), n, limit)
    return float(chances @ (ends[:, 0] > limit)), float(chances @ (ends[:, 1] < limit))


def gap_errors(n: int, lost: float, won: float) -> tuple[float, float]:
    """Of a gate ``at_most``."""
    drawn = rng_of("gap", n, lost, won).multinomial(n, [lost, won, 1 - lost - won], size=2 * RUNS)
    found = cache(mover_paired)
    ends = np.array([found(n, int(b), int(c)) for b, c, _ in drawn])
    limit = lost - won
    return float((ends[:, 1] < limit - 1e-9).mean()), float((ends[:, 0] > limit + 1e-9).mean())


def field_errors(n: int, rate: float) -> tuple[float, float]:
    """Of a gate ``at_least``; fields of one document are right or wrong together, more or less."""
    rng = rng_of("fields", n, rate)
    ends = []
    for _ in range(RUNS):
        chances = rng.beta(rate * 7 / 3, (1 - rate) * 7 / 3, n)
        ends.append(clustered_rate(rng.binomial(FIELDS, chances).tolist(), [FIELDS] * n))
    low, high = np.array(ends).T
    return float((low > rate).mean()), float((high < rate).mean())


DEAD = ((0.02, 0.02, 10), (0.01, 0.05, 20), (0.005, 0.02, 20), (0.05, 0.01, 10))


def dead_document_errors(n: int, dead: float, slips: float, fields: int) -> tuple[float, float]:
    """Of a gate ``at_least``; most documents have few slips, and a few fail in every field."""
    rng, rate = rng_of("dead", n, dead, slips, fields), (1 - dead) * (1 - slips)
    ends = []
    for _ in range(RUNS):
        right = np.where(rng.random(n) < dead, 0, rng.binomial(fields, 1 - slips, n))
        ends.append(clustered_rate(right.tolist(), [fields] * n))
    low, high = np.array(ends).T
    return float((low > rate).mean()), float((high < rate).mean())


def mixture_errors(n: int) -> tuple[float, float]:
    """One case in ten is unsure and nearly always right, the others sure and right at 0.9."""
    rng = rng_of("mixture", n)
    limit = 0.1 * (0.95 - 0.5) + 0.9 * (0.985 - 0.9)
    green = red = 0
    for _ in range(SLOW_RUNS):
        unsure = rng.random(n) < 0.1
        sure = np.where(unsure, rng.uniform(0.3, 0.7, n), rng.uniform(0.97, 1, n))
        right = (rng.random(n) < np.where(unsure, 0.95, 0.9)).astype(float)
        low, high = binned_error(sure, right, range(n)).interval()
        green += high < limit
        red += low > limit
    return green / SLOW_RUNS, red / SLOW_RUNS


def calibration_errors(n: int, off: float) -> tuple[float, float]:
    """Of a gate ``at_most``; the model is right ``off`` less often than it is sure."""
    rng = rng_of("ece", n, off)
    green = red = 0
    for _ in range(SLOW_RUNS):
        sure = rng.uniform(0.5, 1, n)
        right = (rng.random(n) < sure - off).astype(float)
        low, high = binned_error(sure, right, range(n)).interval()
        green += high < off
        red += low > off
    return green / SLOW_RUNS, red / SLOW_RUNS


def peeking_errors(
    method: Callable[..., tuple[float, float]], batch: int, limit: float
) -> tuple[float, float]:
    """Looking after every batch up to the budget, stopping at the first verdict."""
    draws = rng_of("peek", batch, limit).random((SLOW_RUNS, BUDGET)) < limit
    counts = np.cumsum(draws, axis=1)[:, batch - 1 :: batch]
    found = cache(method)
    verdicts = [
        first_verdict((found(int(k), (i + 1) * batch) for i, k in enumerate(row)), limit)
        for row in counts
    ]
    return verdicts.count("above") / SLOW_RUNS, verdicts.count("below") / SLOW_RUNS


def peeking_gaps(lost: float, won: float) -> tuple[float, float]:
    """The same for a paired gap."""
    shares = [lost, won, 1 - lost - won]
    values = rng_of("peek gap", lost, won).choice([1, -1, 0], size=(SLOW_RUNS, BUDGET), p=shares)

    @cache
    def found(harmed: int, helped: int, n: int) -> tuple[float, float]:
        return betting_interval({1.0: harmed, -1.0: helped, 0.0: n - harmed - helped}, (-1.0, 1.0))

    verdicts = []
    for row in values:
        harmed, helped = np.cumsum(row == 1), np.cumsum(row == -1)
        ends = (
            found(int(harmed[i]), int(helped[i]), i + 1) for i in range(BATCH - 1, BUDGET, BATCH)
        )
        verdicts.append(first_verdict(ends, lost - won))
    return verdicts.count("below") / SLOW_RUNS, verdicts.count("above") / SLOW_RUNS


def first_verdict(ends: Iterator[tuple[float, float]], limit: float) -> str:
    """On which side of the limit the first interval lies that leaves it out."""
    for low, high in ends:
        if low > limit or high < limit:
            return "above" if low > limit else "below"
    return ""


# Clusters: every interval over records of unequal size.

PATTERNS: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "equal": lambda rng, n: np.full(n, 8),
    "geometric": lambda rng, n: rng.geometric(0.2, n),
    "lognormal": lambda rng, n: np.maximum(1, np.round(rng.lognormal(1.5, 1, n))).astype(int),
    "a tenth large": lambda rng, n: np.where(np.arange(n) < n // 10, 20, 1),
    "one large": lambda rng, n: np.where(np.arange(n) < 1, n // 2, 1),
}
CLUSTERED = (*((n, rate) for n in (30, 100, 300) for rate in (0.5, 0.9, 0.98)), (500, 0.9))
Ends = tuple[float, float]
Sized = Callable[[np.random.Generator, np.ndarray, float], tuple[Ends, float]]
"""Sizes of records and a rate to an interval and the true value."""


def alike(rng: np.random.Generator, sizes: np.ndarray, rate: float) -> tuple[Ends, float]:
    """A rate; all cases of a record are right or wrong together."""
    return clustered_rate(np.where(rng.random(len(sizes)) < rate, sizes, 0), sizes), rate


def partly(rng: np.random.Generator, sizes: np.ndarray, rate: float) -> tuple[Ends, float]:
    """A rate; half of what is wrong is in records that are wholly wrong."""
    dead = rng.random(len(sizes)) < (1 - rate) / 2
    right = np.where(dead, 0, rng.binomial(sizes, 2 * rate / (1 + rate)))
    return clustered_rate(right, sizes), rate


def mixed(rng: np.random.Generator, sizes: np.ndarray, rate: float) -> tuple[Ends, float]:
    """A rate; records differ in their chance to be right."""
    chances = rng.beta(rate * 7 / 3, (1 - rate) * 7 / 3, len(sizes))
    return clustered_rate(rng.binomial(sizes, chances), sizes), rate


def apart(rng: np.random.Generator, sizes: np.ndarray, rate: float) -> tuple[Ends, float]:
    """A rate; every case for itself."""
    return clustered_rate(rng.binomial(sizes, rate), sizes), rate


def long_wrong(rng: np.random.Generator, sizes: np.ndarray, rate: float) -> tuple[Ends, float]:
    """A rate; records of more than twice the median size are wrong twice as often."""
    chances = np.where(sizes > 2 * np.median(sizes), 2 * rate - 1, rate)
    right = np.where(rng.random(len(sizes)) < chances, sizes, 0)
    return clustered_rate(right, sizes), float(chances @ sizes / sizes.sum())


def gap_alike(rng: np.random.Generator, sizes: np.ndarray, rate: float) -> tuple[Ends, float]:
    """A paired gap; all cases of a record change together, a quarter of them for the better."""
    drawn, lost = rng.random(len(sizes)), 0.75 * (1 - rate)
    downs = np.where(drawn < lost, sizes, 0)
    ups = np.where(drawn > 1 - (1 - rate - lost), sizes, 0)
    return clustered_difference(downs, ups, sizes), 2 * lost - (1 - rate)


def error_alike(rng: np.random.Generator, sizes: np.ndarray, rate: float) -> tuple[Ends, float]:
    """A calibration error; confidences differ, right and wrong go by record."""
    records = np.repeat(np.arange(len(sizes)), sizes)
    sure = np.clip(rate + rng.uniform(-0.3, 0.02, len(records)), 0, 1)
    right = (rng.random(len(sizes))[records] < sure - 0.1).astype(float)
    order = np.argsort(sure, kind="stable")
    parts = np.split(order, edges(sure[order])[:-1])
    true = sum(abs((np.maximum(sure - 0.1, 0) - sure)[part].sum()) for part in parts) / len(sure)
    return binned_error(sure, right, records.tolist()).interval(), float(true)


def area_alike(rng: np.random.Generator, sizes: np.ndarray, rate: float) -> tuple[Ends, float]:
    """An AUROC; confidence, right and wrong go by record."""
    right = rng.random(len(sizes)) < rate
    sure = np.where(right, rng.beta(3, 2, len(sizes)), rng.beta(2, 3, len(sizes)))
    if right.all() or not right.any():
        return (0.0, 1.0), TRUE_AREA
    said = [
        sure_answer(float(sure[i]), bool(right[i]), f"{i}-{copy}", str(i))
        for i, size in enumerate(sizes)
        for copy in range(size)
    ]
    return auroc(said).interval, TRUE_AREA


TRUE_AREA = 53 / 70  # of the two beta laws above


def sure_answer(sure: float, right: bool, name: str, record: str = "") -> Prediction:
    """An answer of a confidence."""
    case = Case(name, "", {"id": "true"}, record)
    fields = {"id": "true" if right else "false"}
    logprobs = (float(np.log(max(sure, 1e-9))),)
    return Prediction(case, "m", "", fields, logprobs=logprobs, token_ends=(1,))


SIZED: dict[str, tuple[Sized, int]] = {
    "rate, records alike": (alike, 1),
    "rate, half of the errors in records wholly wrong": (partly, 1),
    "rate, records differ": (mixed, 1),
    "rate, each case for itself": (apart, 1),
    "rate, long records are wrong twice as often": (long_wrong, 1),
    "paired gap, records alike": (gap_alike, 1),
    "calibration error, records alike": (error_alike, 10),
    "AUROC, records alike": (area_alike, 10),
}


def clusters() -> Iterator[str]:
    """False green, false red (the worst of ten settings), and the width at 100 records, rate 0.9.

    The table has a column for each pattern of sizes.
    """
    yield f"| false green / false red / width | {' | '.join(PATTERNS)} |"
    yield "|:--|" + "--:|" * len(PATTERNS)
    for name, (sized, share) in SIZED.items():
        cells = []
        for pattern, sizes_of in PATTERNS.items():
            found = {}
            for n, rate in CLUSTERED if share == 1 else ((30, 0.9), (100, 0.9)):
                rng = rng_of("sizes", name, pattern, n, rate)
                runs = [sized(rng, sizes_of(rng, n), rate) for _ in range(runs_of(share))]
                (low, high), true = (
                    np.array([ends for ends, _ in runs]).T,
                    np.array([value for _, value in runs]),
                )
                above, below = (low > true + 1e-9).mean(), (high < true - 1e-9).mean()
                found[n, rate] = above, below, float((high - low).mean())
            above, below = (max(one[side] for one in found.values()) for side in (0, 1))
            falsely = (above, below) if name.startswith(("rate", "AUROC")) else (below, above)
            shown = [f"**{one:.3f}**" if one > 0.05 else f"{one:.3f}" for one in falsely]
            cells.append(f"{shown[0]} / {shown[1]} / {found[100, 0.9][2]:.2f}")
        yield f"| {name} | {' | '.join(cells)} |"


def runs_of(share: int) -> int:
    """Number of runs: with ``full`` on the command line, many."""
    return (2000 if "full" in sys.argv[1:] else 400) // share


# Promises: one line for each that was once broken.


def promises() -> Iterator[str]:
    """What each gate or number does now, beside what it promises."""
    yield "| setting | now | promise |"
    yield "|:--|--:|--:|"
    for name, (measured_now, promise) in PROMISES.items():
        yield f"| {name} | {measured_now()} | {promise} |"


def unequal_accuracy() -> str:
    """Of ``assert_accuracy`` at its limit."""
    rng, passed = rng_of("unequal accuracy"), 0
    sizes = PATTERNS["a tenth large"](rng, 100)
    for _ in range(runs_of(10)):
        right = rng.random(100) < 0.9
        said = [
            sure_answer(0.5, bool(right[i]), f"{i}-{copy}", str(i))
            for i, size in enumerate(sizes)
            for copy in range(size)
        ]
        passed += exact_match(said).interval[0] >= 0.9
    return f"{passed / runs_of(10):.3f}"


def lognormal_fields() -> str:
    """Of a gate on fields, where documents fail wholly."""
    rng = rng_of("lognormal fields")
    runs = [partly(rng, PATTERNS["lognormal"](rng, 100), 0.9)[0] for _ in range(runs_of(1))]
    return f"{np.mean([low > 0.9 for low, _ in runs]):.3f}"


def pooled_calibration() -> str:
    """False green and coverage, over an error of 0.1."""
    rng, green, held_so = rng_of("pooled calibration"), 0, 0
    for _ in range(runs_of(4)):
        sure = rng.uniform(0.6, 1, (100, 6))
        right = (rng.random((100, 1)) < sure - 0.1).astype(float)
        records = np.repeat(np.arange(100), 6).tolist()
        low, high = binned_error(sure.ravel(), right.ravel(), records).interval()
        green += high < 0.1
        held_so += low <= 0.1 <= high
    return f"{green / runs_of(4):.3f}, {held_so / runs_of(4):.3f}"


def one_confidence() -> str:
    """The worst over rates, numbers of cases and confidences; exact."""
    green, least = 0.0, 1.0
    for n in (10, 20, 50):
        for sure in (0.5, 0.9, 0.97):
            outcomes = [(np.arange(n) < k).astype(float) for k in range(n + 1)]
            ends = [binned_error(np.full(n, sure), one, range(n)).interval() for one in outcomes]
            low, high = np.array(ends).T
            for rate in np.linspace(0.02, 0.98, 49):
                chances, true = binom.pmf(np.arange(n + 1), n, rate), abs(rate - sure)
                green = max(green, float(chances @ (high < true - 1e-9)))
                least = min(least, float(chances @ ((low <= true + 1e-9) & (high >= true - 1e-9))))
    return f"{green:.3f}, {least:.3f}"


def shared_gap() -> str:
    """The worse of false green and false red; what is luck on one side is bad luck on the other."""
    worst = 0.0
    for before_off, after_off in ((0.15, -0.15), (0.0, -0.2), (-0.2, 0.0), (-0.05, -0.3)):
        rng, green, red = rng_of("shared gap", before_off, after_off), 0, 0
        for _ in range(runs_of(10)):
            sure, luck = rng.uniform(0.6, 0.8, 100), rng.random(100)
            before, after = (
                [
                    sure_answer(c, u < c + off, str(i))
                    for i, (c, u) in enumerate(zip(sure, luck, strict=True))
                ]
                for off in (before_off, after_off)
            )
            low, high = calibration_gap(reference=before, shifted=after).interval
            true = abs(after_off) - abs(before_off)
            green, red = green + (high < true), red + (low > true)
        worst = max(worst, green / runs_of(10), red / runs_of(10))
    return f"{worst:.3f}"


def labelled(truths: np.ndarray, answers: np.ndarray) -> list[Prediction]:
    """Answers that are one label each."""
    return [
        Prediction(Case(str(i), "", {"id": str(true)}), "m", str(said), {"id": str(said)})
        for i, (true, said) in enumerate(zip(truths.tolist(), answers.tolist(), strict=True))
    ]


def few_labels() -> str:
    """Outcomes where one label stands for as many wrong answers as the commonest truth has cases.

    Then the worst of false green and false red where it exceeds that by the limit.
    """
    counts, errors = np.zeros(3), [0, 0]
    rng = rng_of("few labels")
    for _ in range(runs_of(4)):
        truths = rng.integers(4, size=300)
        for over in (0.0, 0.1):
            wrong = rng.random(300) < (0.25 + over) / 0.75
            low, high = excess_repetition(labelled(truths, np.where(wrong, 0, truths))).interval
            if over:
                errors = [errors[0] + (high <= 0.1), errors[1] + (low > 0.1)]
            else:
                counts += [low > 0.1, high <= 0.1, low <= 0.1 < high]
    shares = " / ".join(f"{share:.2f}" for share in counts / runs_of(4))
    return f"{shares}; {max(errors) / runs_of(4):.3f}"


def ten_documents() -> str:
    """Wrong red of the dependence, where one document in ten is read."""
    rng, red = rng_of("ten documents"), 0
    for _ in range(runs_of(4)):
        numbers = [f"{one}.{one % 89 + 10}" for one in rng.integers(10_000, 99_999, 20)]
        answers = [
            own if rng.random() < 0.1 else numbers[10 + i] for i, own in enumerate(numbers[:10])
        ]
        said = labelled(np.array(numbers[:10]), np.array(answers))
        said = [replace(p, case=replace(p.case, text=p.case.truth["id"])) for p in said]
        red += input_dependence(said).measurement.interval[1] < 0.1
    return f"{red / runs_of(4):.3f}"


def repeated_records() -> str:
    """Rejections at 5 % of one distribution, of which one side repeats its records five times."""
    suite = draw_suite(INVOICE, 2000, 7, {"canonical": {}}).reference
    rejected: dict[str, int] = {}
    tests = js_divergence, kl_divergence, maximum_mean_discrepancy, classifier_two_sample
    for run in range(runs_of(20)):
        chosen = rng_of("repeated records", run).permutation(2000)[:60]
        once = [suite[i] for i in chosen[:40]]
        often = [replace(suite[i], id=f"{i}-{copy}") for i in chosen[40:] for copy in range(5)]
        for test in tests:
            p_value = test(once, often, permutations=99, seed=run).p_value
            rejected[test.__name__] = rejected.get(test.__name__, 0) + (p_value <= 0.05)
    return ", ".join(f"{count / runs_of(20):.2f}" for count in rejected.values())


def advice_given() -> str:
    """How far advice is off at worst, of fifteen rates; and how often a calibrated model passes."""
    off = []
    for right, n, limit in (
        (r, n, r / n + d)
        for r, n in ((45, 50), (80, 100), (20, 60), (97, 100), (300, 400))
        for d in (-0.04, -0.02, 0.02)
    ):
        found = exact_match([sure_answer(0.5, i < right, str(i)) for i in range(n)])
        advice = judge(found, side="at_least", limit=limit).advice
        if advice.startswith("about"):
            more = int(advice.split()[1].replace(",", ""))
            needed = next(m for m in range(1, 100_000) if decided(right / n, n + m, limit))
            off.append(max(more / needed, needed / more))
    rng, passed, asked = rng_of("calibrated"), 0, 0
    for _ in range(runs_of(10)):
        verdict = judge(calibrated(rng, 128), side="at_most", limit=0.08)
        if verdict.advice.startswith("about"):
            more = int(verdict.advice.split()[1].replace(",", ""))
            again = judge(calibrated(rng, 128 + more), side="at_most", limit=0.08)
            passed, asked = passed + (again.outcome == "passed"), asked + 1
    return f"{max(off):.2f} ({len(off)} undecided), {passed / asked:.2f}"


def decided(rate: float, n: int, limit: float) -> bool:
    """Whether the interval of a rate leaves its limit out."""
    low, high = clopper_pearson(rate * n, n)
    return low >= limit or high < limit


def calibrated(rng: np.random.Generator, n: int) -> Measurement:
    """The calibration error of a calibrated model."""
    sure = rng.uniform(0.6, 1, n)
    return expected_calibration_error(
        [
            sure_answer(c, u < c, str(i))
            for i, (c, u) in enumerate(zip(sure, rng.random(n), strict=True))
        ]
    )


def pairs_power() -> str:
    """The least power from the required number of pairs on, to a tenth more; simulated."""
    least = 1.0
    for limit, lost, won in (
        (0.1, 0.03, 0.0),
        (0.25, 0.1, 0.02),
        (0.05, 0.2, 0.1),
        (0.0, 0.05, 0.01),
    ):
        planned = required_pairs(limit, lost, won)
        for n in (planned, planned + 3, planned + 7, int(1.1 * planned)):
            drawn = rng_of("pairs", limit, lost, n).multinomial(
                n, [lost, won, 1 - lost - won], size=20_000
            )
            tables, times = np.unique(drawn[:, :2], axis=0, return_counts=True)
            low, high = np.array([mover_paired(n, int(b), int(c)) for b, c in tables]).T
            least = min(least, times @ (high <= limit if lost - won < limit else low > limit) / 2e4)
    return f"{least:.3f}"


def gap_p_value() -> str:
    """The smallest p-value of a calibration gap that is as clear as can be."""
    rng = rng_of("p-value")
    sure = rng.uniform(0.9, 1, 400)
    before, after = (
        [
            sure_answer(c, side and u < c, str(i))
            for i, (c, u) in enumerate(zip(sure, rng.random(400), strict=True))
        ]
        for side in (True, False)
    )
    p_value = judge(
        calibration_gap(reference=before, shifted=after), side="at_most", limit=0.0
    ).p_value
    return f"1/{1 / p_value:.0f}" if p_value else "-"


def unequal_area() -> str:
    """Coverage of the AUROC's interval, a tenth of the records large and one large."""
    cells = []
    for pattern in ("a tenth large", "one large"):
        rng = rng_of("unequal area", pattern)
        runs = [area_alike(rng, PATTERNS[pattern](rng, 100), 0.5)[0] for _ in range(runs_of(10))]
        cells.append(f"{held(np.array(runs), TRUE_AREA):.3f}")
    return ", ".join(cells)


PROMISES: dict[str, tuple[Callable[[], str], str]] = {
    "accuracy, a tenth of 100 records has 20 cases: false green": (unequal_accuracy, "0.05"),
    "fields, lognormal number, some documents wholly wrong: false green": (
        lognormal_fields,
        "0.05",
    ),
    "calibration, six conditions pooled: false green, coverage": (pooled_calibration, "0.05, 0.94"),
    "calibration, one confidence: worst false green, coverage": (one_confidence, "0.05, 0.94"),
    "calibration gap, shared records: worst error": (shared_gap, "0.05"),
    "repeated answers, four labels: failed / passed / undecided; worst error at the limit": (
        few_labels,
        "0.05",
    ),
    "dependence, 10 documents: wrong red": (ten_documents, "0.025"),
    "p-values of JS, KL, MMD, classifier; repeated records: rejections": (repeated_records, "0.05"),
    "advice: off at worst by; calibrated model passes after it": (advice_given, "1.5; -"),
    "required pairs: least power, this many or more": (pairs_power, "0.9"),
    "calibration gap: smallest p-value of 4,000 resamples": (gap_p_value, "1/4001"),
    "AUROC, unequal records: coverage": (unequal_area, "0.94"),
}


# Cases to a verdict.


def cases_to_a_verdict() -> Iterator[str]:
    """The sequential gate against the fixed n that proves a model five points from the limit.

    The last column is the fixed n of somebody who knows the accuracy before asking.
    """
    yield "| limit | true accuracy | fixed n | mean n, sequential | ratio | undecided | seer |"
    yield "|--:|--:|--:|--:|--:|--:|--:|"
    found = cache(anytime)
    for limit, near, rates in (
        (0.9, 0.95, (0.99, 0.98, 0.7, 0.5)),
        (0.75, 0.8, (0.95, 0.9, 0.5, 0.3)),
    ):
        planned = required_n(limit, near)
        for rate in rates:
            draws = rng_of("needed", limit, rate).random((RUNS, planned)) < rate
            counts = np.cumsum(draws, axis=1)
            used, undecided = [], 0
            for row in counts:
                for n in [*range(BATCH, planned, BATCH), planned]:
                    low, high = found(int(row[n - 1]), n)
                    if low > limit or high < limit:
                        break
                else:
                    undecided += 1
                used.append(n)
            mean = np.mean(used)
            yield (
                f"| {limit} | {rate} | {planned} | {mean:.0f} | {mean / planned:.2f} "
                f"| {undecided / RUNS:.3f} | {required_n(limit, rate)} |"
            )


# What the promises cost.


def widths() -> Iterator[str]:
    """Mean width of a gate's interval over that of the one it is chosen over."""
    yield "| mean width, at | n = 50 | n = 128 | n = 500 |"
    yield "|:--|--:|--:|--:|"
    for lost, won in ((0.03, 0.0), (0.1, 0.01), (0.3, 0.1)):
        cells = [paired_width(n, lost, won) for n in (50, 128, 500)]
        yield f"| recovered / Tango, lost {lost}, won {won} | {' | '.join(cells)} |"
    for rate in (0.5, 0.9, 0.99):
        cells = [rate_width(n, rate) for n in (50, 128, 500)]
        yield f"| betting / Clopper-Pearson, rate {rate} | {' | '.join(cells)} |"


def paired_width(n: int, lost: float, won: float) -> str:
    """Ratio of the mean widths over simulated tables."""
    drawn = rng_of("width", n, lost, won).multinomial(n, [lost, won, 1 - lost - won], size=RUNS)
    ends = {
        method: np.array([method(n, int(b), int(c)) for b, c, _ in drawn])
        for method in (mover_paired, tango_paired)
    }
    ours, tangos = (np.diff(pair).mean() for pair in ends.values())
    return f"{ours / tangos:.2f}"


def rate_width(n: int, rate: float) -> str:
    """Ratio of the mean widths, exact."""
    chances = binom.pmf(np.arange(n + 1), n, rate)
    ours, exact = (
        chances @ np.diff([method(k, n) for k in range(n + 1)])[:, 0]
        for method in (anytime, clopper_pearson)
    )
    return f"{ours / exact:.2f}"


# Bias of calibration errors.


def bias() -> Iterator[str]:
    """Of a calibrated model, whose true error is zero."""
    yield "| estimator, calibrated model | n = 64 | n = 256 |"
    yield "|:--|--:|--:|"
    found: dict[str, list[float]] = {}
    for n in (64, 256):
        rng = rng_of("bias", n)
        errors: dict[str, list[float]] = {}
        for _ in range(RUNS):
            sure = rng.uniform(0.5, 1, n)
            right = (rng.random(n) < sure).astype(float)
            ours = binned_error(sure, right, range(n))
            errors.setdefault("ours: equal mass, cube root of n bins, corrected", []).append(
                ours.value
            )
            errors.setdefault("the same bins, plain", []).append(ours.plain)
            errors.setdefault("plain, 15 bins of equal width", []).append(plain(sure, right, 15))
        for name, values in errors.items():
            found.setdefault(name, []).append(float(np.mean(values)))
    for name, means in found.items():
        yield f"| {name} | {' | '.join(f'{mean:.3f}' for mean in means)} |"


def plain(sure: np.ndarray, right: np.ndarray, bins: int) -> float:
    """The usual calibration error (Guo et al. 2017)."""
    place = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = np.bincount(place, weights=right - sure, minlength=bins)
    return float(np.abs(gaps).sum() / len(sure))


# Speed.


def speed(n: int = 100_000) -> Iterator[str]:
    """Every measure and gate over so many predictions of eleven fields; seconds of one core."""
    kinds = {field.name: field.kind for field in INVOICE.fields}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    reference, shifted = answers(n, "canonical", 0.97), answers(n, "shifted", 0.8)
    made = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield f"| what, over {n:,} predictions | seconds |"
    yield "|:--|--:|"
    total = 0.0
    for name, measure in timed(reference, shifted, kinds).items():
        started = time.process_time()
        measure()
        total += time.process_time() - started
        yield f"| {name} | {time.process_time() - started:.1f} |"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield f"| **all** | **{total:.1f}** |"
    yield f"\n{(made - before) / 1024:.0f} MB of predictions, {(peak - made) / 1024:.0f} MB on top"


def answers(n: int, condition: str, accuracy: float) -> list[Prediction]:
    """A model that gives another record's value where it is wrong."""
    rng = rng_of("speed", condition)
    cases = draw_suite(INVOICE, 2000, 3, {"canonical": {}}).reference
    found = []
    for i, draw in enumerate(rng.random(n).tolist()):
        old = cases[i % len(cases)]
        case = Case(f"{condition}-{i}", old.text, old.truth, str(i), condition=condition)
        fields = dict(old.truth)
        if draw > accuracy:
            name = list(fields)[i % len(fields)]
            fields[name] = cases[(7 * i + 1) % len(cases)].truth[name] or "x"
        logprobs = (-draw / 10,) * 3
        found.append(
            Prediction(case, "m", json.dumps(fields), fields, "", logprobs, token_ends=(1, 2, 3))
        )
    return found


def timed(
    reference: list[Prediction], shifted: list[Prediction], kinds: dict[str, str]
) -> dict[str, Callable[[], object]]:
    """What is timed."""
    # Counted once, as the report does: each measure of a plain list would count for itself.
    reference, shifted = counted(reference), counted(shifted)
    pair = {"reference": reference, "shifted": shifted}
    of_shifted = {
        "exact match": exact_match,
        "valid JSON": valid_json,
        "parse stages": parse_stages,
        "field accuracy": field_accuracy,
        "expected calibration error": expected_calibration_error,
        "smooth calibration error": smooth_calibration_error,
        "Brier score": brier_score,
        "negative log-likelihood": log_loss,
        "AUROC": auroc,
        "risk-coverage area": risk_coverage_area,
        "coverage at precision": coverage_at_precision,
        "confidently wrong": confident_errors,
        "signs of collapse": signs_of_collapse,
    }
    with_kinds = {
        "categories": categories,
        "normalised match": normalised_match,
        "schema valid": schema_valid,
        "precision, recall, F1 by field": field_scores,
        "macro F1": macro_f1,
    }
    return {
        **{name: partial(measure, shifted) for name, measure in of_shifted.items()},
        **{name: partial(measure, shifted, kinds) for name, measure in with_kinds.items()},
        "temperature scaling": partial(temperature_scaling, **pair),
        "gate: accuracy": partial(assert_accuracy, reference, at_least=0.9),
        "gate: accuracy gap": partial(assert_accuracy_gap, **pair, at_most=0.3),
        "gate: calibrated": partial(assert_calibrated, reference, at_most=0.3),
        "gate: calibration gap": partial(assert_calibration_gap, **pair, at_most=0.5),
        "gate: not collapsed": partial(assert_not_collapsed, reference),
        "gate: selective risk": partial(
            assert_selective_risk, reference, coverage=0.9, at_most=0.1
        ),
    }


PARTS = (
    coverage_table,
    gate_errors,
    clusters,
    promises,
    cases_to_a_verdict,
    widths,
    bias,
    speed,
)


def main() -> None:
    """All tables, as Markdown, or those named on the command line."""
    chosen = [part for part in PARTS if part.__name__ in sys.argv[1:]] or PARTS
    for part in chosen:
        started = time.perf_counter()
        for line in part():
            print(line, flush=True)
        print(f"\n({part.__name__}: {time.perf_counter() - started:.0f} s)\n", flush=True)


if __name__ == "__main__":
    main()
