"""How far two sets of texts are apart: hand-made values, laws, references, false alarms, power."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.special import expit, logit
from scipy.stats import entropy, t
from sklearn.metrics import roc_auc_score
from sklearn.metrics.pairwise import rbf_kernel

from pytest_slm_autopsy.cases.drawn.shifts import Mixture
from pytest_slm_autopsy.cases.drawn.suites import draw_suite
from pytest_slm_autopsy.cases.schemas.builtin import INVOICE
from pytest_slm_autopsy.errors import CaseError, ConfigError, NoDataError
from pytest_slm_autopsy.measures.inputs.discrepancy import maximum_mean_discrepancy
from pytest_slm_autopsy.measures.inputs.divergence import js_divergence, kl_divergence
from pytest_slm_autopsy.measures.inputs.ngrams import count_ngrams, deals, pool, tokens
from pytest_slm_autopsy.measures.inputs.two_sample import (
    area_influences,
    area_under_roc,
    classifier_two_sample,
)
from pytest_slm_autopsy.records import Case
from pytest_slm_autopsy.statistics.resampling import bootstrap

MEASURES = [kl_divergence, js_divergence, classifier_two_sample, maximum_mean_discrepancy]
NULL = {classifier_two_sample: 0.5}
measures = pytest.mark.parametrize("measure", MEASURES)


def of(measure, reference, shifted, **how):
    """The measure's divergence of two sets, in the order in which a test has them."""
    return measure(reference=reference, shifted=shifted, **how)


CONDITIONS = {"canonical": {}, "order": {"order": 1.0}, "delimiters": {"delimiters": 1.0}}
SUITE = draw_suite(INVOICE, 200, 1, {**CONDITIONS, "production": Mixture()})
OTHER = draw_suite(INVOICE, 200, 2, {"canonical": {}})

some_texts = st.lists(st.text("ab1:\n ", min_size=1, max_size=12), min_size=2, max_size=6)


def texts(n, word="total", start=0):
    return [f"{word}: {i}" for i in range(start, start + n)]


def sides(labels):
    """Each text once, in the set that its label says."""
    return np.stack([~labels.astype(bool), labels.astype(bool)])[:, None].astype(float)


def mixed(n, seed, share):
    """Texts of ``n`` records, ``share`` of them in production's layouts."""
    rng = random.Random(seed)
    chosen = rng.sample(range(200), n)
    sides = ["production" if rng.random() < share else "canonical" for _ in chosen]
    return [SUITE[side][i].text for side, i in zip(sides, chosen, strict=True)]


@given(st.text())
def test_tokens_are_the_text(text):
    assert "".join(tokens(text)) == text
    assert all(tokens(text))


def test_a_token_is_a_word_a_number_a_mark_or_white_space():
    assert tokens("Née_é:\t\n 12.5€") == ["Née", "_", "é", ":", "\t\n ", "12", ".", "5", "€"]


def test_ngrams_are_counted_up_to_n_and_within_one_text():
    counts, ngrams = count_ngrams(["a a", "", "b"], 3)
    spelt = {ngrams[i]: counts.toarray()[:, i].tolist() for i in range(len(ngrams))}
    assert spelt == {"a": [2, 0, 0], " ": [1, 0, 0], "b": [0, 0, 1], "a ": [1, 0, 0],
                     " a": [1, 0, 0], "a a": [1, 0, 0]}  # fmt: skip


@pytest.mark.parametrize("n", [1, 2])
def test_kl_and_js_agree_with_scipy(n):
    first, second = texts(7), [*texts(4, "sum"), "total = 3"]
    counts, _ = count_ngrams([*first, *second], n)
    p, q = counts[:7].sum(0), counts[7:].sum(0)
    for alpha in (0.5, 2.0):
        kl = kl_divergence(reference=first, shifted=second, n=n, alpha=alpha, permutations=1)
        assert kl.value == pytest.approx(entropy(q + alpha, p + alpha, base=2))
    js = js_divergence(reference=first, shifted=second, n=n, permutations=1)
    assert js.value == pytest.approx(jensenshannon(p, q, base=2) ** 2)


def test_a_hand_made_divergence():
    # Shares (3/4, 1/4) and (1/4, 3/4); smoothed by 1/2: (3.5/5, 1.5/5) and the other way round.
    first, second = ["aab"[i : i + 1] for i in (0, 1, 0, 2)], ["b", "a", "b", "b"]
    kl = kl_divergence(reference=first, shifted=second, n=1, permutations=1)
    assert kl.value == pytest.approx(0.4 * math.log2(3.5 / 1.5))
    assert kl.name == "KL(shifted || reference), bits"
    js = js_divergence(reference=first, shifted=second, n=1, permutations=1)
    assert js.value == pytest.approx(1 - (0.75 * math.log2(4 / 3) + 0.25 * 2))


@measures
@settings(max_examples=25)
@given(first=some_texts)
def test_a_set_does_not_differ_from_itself(measure, first):
    if measure in MEASURES[2:] and len(set(first)) < 2:
        return
    same = of(measure, first, list(first), permutations=19)
    assert same.value == pytest.approx(NULL.get(measure, 0.0), abs=1e-9)
    assert same.p_value == 1.0
    assert same.tokens == ()


@settings(max_examples=50)
@given(some_texts, some_texts)
def test_jensen_shannon_is_symmetric_and_between_nothing_and_one_bit(first, second):
    there = js_divergence(reference=first, shifted=second, permutations=1)
    back = js_divergence(reference=second, shifted=first, permutations=1)
    assert there.value == pytest.approx(back.value, abs=1e-9)
    assert 0 <= there.measurement.interval[0] <= there.measurement.interval[1] <= 1
    assert 0 <= there.value <= 1


def test_nothing_in_common_is_one_bit():
    assert js_divergence(reference=["a a"] * 3, shifted=["b"] * 3, n=1).value == 1.0


def test_kl_has_a_direction():
    first, second = ["a"] * 9 + ["b"], ["a"] * 5 + ["b"] * 5
    assert (
        kl_divergence(reference=first, shifted=second).value
        != kl_divergence(reference=second, shifted=first).value
    )


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=20))
def test_the_area_agrees_with_a_reference_implementation(pairs):
    scores, labels = (np.array(part) for part in zip(*pairs, strict=True))
    if 0 < labels.sum() < len(labels):
        mine = area_under_roc(scores[None].astype(float), sides(labels))
        assert mine[0] == pytest.approx(roc_auc_score(labels, scores))


def test_the_discrepancy_agrees_with_the_textbook_sum():
    first, second = mixed(20, 1, 0.2), mixed(25, 2, 0.9)
    pooled = pool(first, second)
    shares = pooled.counts.toarray() / pooled.counts.sum(1)[:, None]
    squared = ((np.sqrt(shares)[:, None] - np.sqrt(shares)) ** 2).sum(2)
    kernel = rbf_kernel(np.sqrt(shares), gamma=0.5 / np.median(squared[np.triu_indices(45, 1)]))
    # A text of both sets is its own twin, and twins count nowhere.
    kernel *= pooled.groups[:, None] != pooled.groups
    counted = (pooled.groups[:, None] != pooled.groups).astype(float)
    blocks = [(slice(0, 20),) * 2, (slice(20, 45),) * 2, (slice(0, 20), slice(20, 45))]
    within, beyond, across = (kernel[b].sum() / counted[b].sum() for b in blocks)
    mmd = maximum_mean_discrepancy(reference=first, shifted=second, permutations=1)
    assert mmd.value == pytest.approx(within + beyond - 2 * across)


def test_the_interval_of_a_divergence_is_as_wide_as_the_bootstrap_s():
    first, second = mixed(100, 1, 0.3), mixed(100, 2, 0.7)
    counts, _ = count_ngrams([*first, *second], 2)

    def statistic(weights):
        p, q = weights[:, :100] @ counts[:100], weights[:, 100:] @ counts[100:]
        return jensenshannon(p, q, base=2, axis=1) ** 2

    replicates = bootstrap(statistic, 200, resamples=400).replicates
    low, high = js_divergence(reference=first, shifted=second, permutations=1).measurement.interval
    assert high - low == pytest.approx(2 * 1.96 * replicates.std(), rel=0.15)


def test_the_interval_widens_with_its_level_as_student_s_does():
    told = classifier_two_sample(
        reference=mixed(100, 1, 0.3), shifted=mixed(100, 2, 0.6), permutations=1
    )
    halves = [np.ptp(logit(told.measurement.interval_at(level))) / 2 for level in (0.5, 0.95)]
    degrees = 49  # half of the texts are asked
    assert halves[1] / halves[0] == pytest.approx(t.ppf(0.975, degrees) / t.ppf(0.75, degrees))


def test_an_influence_is_what_the_area_loses_without_the_text():
    rng = np.random.default_rng(1)
    labels = np.arange(50) % 3 == 0
    scores = rng.normal(labels * 0.5, 1).round(1)
    area = area_under_roc(scores[None], sides(labels))[0]
    influences = area_influences(scores, labels)
    for i, influence in enumerate(influences):
        left = np.arange(50) != i
        lost = area - area_under_roc(scores[None, left], sides(labels[left]))[0]
        n = (labels == labels[i]).sum()
        assert influence == pytest.approx(lost * np.sqrt((n - 1) / n))


def test_a_set_against_itself_is_as_sure_as_a_hundred_records_without_a_difference():
    same = classifier_two_sample(reference=SUITE.reference, shifted=SUITE.reference, permutations=1)
    reach = 1 - 0.025 ** (1 / 100)
    assert same.measurement.interval == pytest.approx((0.5 - reach, 0.5 + reach))


@measures
def test_two_sets_of_one_distribution_are_not_told_apart(measure):
    alarms = 0
    for seed in range(100):
        rng = random.Random(seed)
        both = mixed(40, seed, 0.5)
        rng.shuffle(both)
        alarms += of(measure, both[:20], both[20:], permutations=19).p_value <= 0.05
    assert alarms <= 10  # 5 expected; 11 or more come by chance once in a hundred


def test_the_area_s_interval_holds_chance_as_often_as_it_says():
    inside, values = 0, []
    for seed in range(100):
        both = mixed(120, seed, 0.5)
        told = classifier_two_sample(
            reference=both[:60], shifted=both[60:], permutations=1, seed=seed
        )
        low, high = told.measurement.interval
        inside += low <= 0.5 <= high
        values.append(told.value)
    assert inside >= 90  # 95 expected; fewer than 90 come by chance once in a hundred
    assert np.mean(values) == pytest.approx(0.5, abs=0.025)


@measures
@pytest.mark.parametrize("axis", ["order", "delimiters"])
def test_a_shift_of_a_suite_is_found(measure, axis):
    found = of(measure, SUITE.reference[:64], SUITE[axis][:64])
    assert found.p_value <= 0.01
    assert found.value > found.baseline_limit > found.baseline
    assert found.n == found.given == (64, 64)


def test_twins_stay_together_so_that_a_mild_shift_of_twins_is_not_hidden():
    canonical, shifted = SUITE.reference, SUITE["delimiters"]
    third = [b if i % 3 else a for i, (a, b) in enumerate(zip(canonical, shifted, strict=True))]
    told = classifier_two_sample(reference=canonical, shifted=third)
    assert told.measurement.interval[0] > 0.5


def test_unknown_twins_are_an_error_and_no_proof_of_sameness():
    same = [replace(case, record="", text=f"{case.text} ") for case in SUITE.reference]
    with pytest.raises(CaseError, match=r"worse than by chance .* name their record"):
        classifier_two_sample(reference=SUITE.reference, shifted=same, n=1)


def test_the_tokens_that_tell_the_sets_apart_are_named_with_side_and_counts():
    told = classifier_two_sample(
        reference=texts(40), shifted=[t.replace(":", " =") for t in texts(40, start=40)]
    )
    assert told.value == 1.0
    first = {(t.ngram, t.reference, t.shifted, t.side) for t in told.tokens}
    assert ("total:", 40, 0, "reference") in first or (":", 40, 0, "reference") in first
    assert any("=" in ngram and side == "shifted" for ngram, _, _, side in first)
    assert len(told.tokens) <= 10


def test_one_distribution_has_no_telling_tokens():
    assert classifier_two_sample(reference=SUITE.reference, shifted=OTHER.reference).tokens == ()


@measures
def test_the_same_seed_gives_the_same_digits(measure):
    first, second = mixed(30, 1, 0.4), mixed(30, 2, 0.6)
    assert of(measure, first, second, seed=5) == of(measure, first, second, seed=5)


@measures
def test_of_many_texts_a_draw_is_compared_and_the_result_says_so(measure):
    found = of(measure, texts(1500), texts(1200, start=5000), permutations=1)
    most = 500 if measure is maximum_mean_discrepancy else 1000
    assert (found.n, found.given) == ((most, most), (1500, 1200))
    assert f"{most} and {most} texts drawn of 1500 and 1200" in found.line


def test_a_draw_keeps_twins():
    cases = [Case(str(i), f"total: {i}", {}, record=f"r{i}") for i in range(50)]
    pooled = pool(cases, cases[::-1], most=10)
    assert pooled.n == (10, 10)
    assert pooled.twinned.all()


def test_a_line_says_value_interval_p_baseline_and_how_many():
    line = of(js_divergence, texts(9), texts(8, "sum", 9), permutations=99).line
    assert line.startswith("Jensen-Shannon divergence, bits = 0.")
    assert "p = 0.01; one distribution: 0." in line
    assert line.endswith("9 and 8 texts")


@measures
@pytest.mark.parametrize("sides", [([], ["a"]), (["a"], [])])
def test_no_texts_are_an_error(measure, sides):
    with pytest.raises(NoDataError, match=r"there are no (reference|shifted) texts to compare"):
        of(measure, *sides)


@measures
def test_only_empty_texts_are_an_error(measure):
    with pytest.raises(NoDataError, match="all 3 shifted texts are empty"):
        of(measure, ["a", "b"], ["", "", ""])


@measures
def test_one_text_where_a_list_is_meant_is_an_error(measure):
    with pytest.raises(ConfigError, match="give a list of texts"):
        of(measure, "total", ["total"])


@pytest.mark.parametrize("measure", MEASURES[2:])
@pytest.mark.parametrize("sides", [(["a"], ["b", "c"]), (["a", "b"], ["c", "c"])])
def test_a_two_sample_test_needs_two_different_texts_a_side(measure, sides):
    with pytest.raises(NoDataError, match="at least 2 different ones"):
        of(measure, *sides)


@pytest.mark.parametrize("measure", MEASURES[:2])
def test_of_one_text_a_side_nothing_is_known(measure):
    found = of(measure, ["a b"], ["c d"])
    assert found.measurement.interval == found.measurement.bounds
    assert found.p_value > 0.3


def repeated(chosen, times, side):
    """Cases of the chosen records, each so many times."""
    return [
        replace(SUITE[side][i], id=f"{i}-{copy}")
        for i, count in zip(chosen, times, strict=True)
        for copy in range(count)
    ]


@measures
@pytest.mark.parametrize("times", [[5] * 20, [20] * 2 + [1] * 18])
def test_repeated_records_of_one_distribution_are_not_told_apart(measure, times):
    alarms = 0
    for seed in range(40):
        chosen = random.Random(seed).sample(range(200), 60)
        sides = (
            repeated(chosen[:40], [1] * 40, "canonical"),
            repeated(chosen[40:], times, "canonical"),
        )
        alarms += of(measure, *sides, permutations=19).p_value <= 0.05
    assert alarms <= 6  # 2 expected; 7 or more come by chance once in a hundred


@measures
def test_a_shift_of_repeated_records_is_found(measure):
    chosen = random.Random(1).sample(range(200), 80)
    sides = (
        repeated(chosen[:40], [1] * 40, "canonical"),
        repeated(chosen[40:], [3] * 40, "delimiters"),
    )
    assert of(measure, *sides, permutations=99).p_value == 0.01


def test_copies_of_one_text_are_one_piece_of_evidence():
    assert of(js_divergence, ["a"] * 9, ["b"] * 8, permutations=19).p_value == 1.0


@given(st.lists(st.tuples(st.integers(1, 6), st.booleans()), min_size=2, max_size=9))
def test_every_deal_keeps_the_places_of_both_sets(records):
    if len({side for _, side in records}) == 2:
        cases = [
            (Case(f"{i}-{j}", f"a {i} {j}", {}, str(i)), side)
            for i, (times, side) in enumerate(records)
            for j in range(times)
        ]
        both = [[case for case, its in cases if its == side] for side in (False, True)]
        pooled = pool(*both, n=1)
        dealt = deals(pooled, np.zeros(len(cases), dtype=np.int64), 9, 0)
        assert (dealt.sum(2) == np.array(pooled.n)[:, None]).all()
        parts = dealt @ (pooled.groups[:, None] == np.arange(len(records)))
        assert ((parts > 0).sum(0) == 1).all()  # a record is on one side
        assert (np.sort(parts.sum(0), axis=1) == sorted(times for times, _ in records)).all()


@measures
def test_two_texts_a_side_prove_nothing(measure):
    assert of(measure, ["a b", "a c"], ["x y", "x z"]).p_value > 0.05


@measures
@pytest.mark.parametrize(
    ("setting", "said"),
    [({"n": 0}, "n-grams of 0 tokens"), ({"permutations": 0}, "0 permutations"),
     ({"confidence_level": 95}, "write 0.95")],
)  # fmt: skip
def test_settings_that_cannot_be_meant_are_refused(measure, setting, said):
    with pytest.raises(ConfigError, match=said):
        of(measure, texts(5), texts(5, start=9), **setting)


@pytest.mark.parametrize("measure", [kl_divergence, classifier_two_sample])
@pytest.mark.parametrize("alpha", [0.0, -1.0, math.inf, math.nan])
def test_smoothing_must_smooth(measure, alpha):
    with pytest.raises(ConfigError, match="is no smoothing"):
        of(measure, texts(5), texts(5, start=9), alpha=alpha)


def influences_by_steps(value_of, n, side, step=1e-4):
    """The change of a value with one more text like each, over the step, for a mean of many."""
    size = side.sum()
    found = []
    for i in range(n):
        weights = np.ones(n)
        weights[i] += step
        found.append((value_of(weights) - value_of(np.ones(n))) / step)
    return np.array(found) * np.where(side, np.sqrt(size / (size - 1)), 0)


@pytest.mark.parametrize("measure", [js_divergence, kl_divergence])
@pytest.mark.parametrize("level", [0.5, 0.95])
def test_the_interval_is_student_s_of_the_influences(measure, level):
    first, second = mixed(9, 1, 0.2), mixed(12, 2, 0.8)
    counts = count_ngrams([*first, *second], 2)[0].toarray()
    shifted = np.arange(21) >= 9

    def value_of(weights):
        p, q = weights[~shifted] @ counts[~shifted], weights[shifted] @ counts[shifted]
        if measure is js_divergence:
            return jensenshannon(p, q, base=2) ** 2
        return entropy(q + 0.5, p + 0.5, base=2)

    pulls = sum(influences_by_steps(value_of, 21, side) for side in (shifted, ~shifted))
    groups = pool(first, second).groups
    error, value = np.linalg.norm(np.bincount(groups, pulls)), value_of(np.ones(21))
    half = t.ppf((1 + level) / 2, 8) * error
    expected = (max(0, value - half), value + half)
    if measure is js_divergence:
        half /= value * (1 - value)
        expected = (expit(logit(value) - half), expit(logit(value) + half))
    found = measure(reference=first, shifted=second, permutations=1, confidence_level=level)
    assert found.measurement.interval == pytest.approx(expected, rel=2e-3)


def test_what_holds_told_news_is_not_told_again():
    first, second = texts(40), [text.replace(":", " =") for text in texts(40, start=40)]
    told = classifier_two_sample(reference=first, shifted=second, permutations=1).tokens
    assert {(one.ngram, one.reference, one.shifted) for one in told} == {
        (":", 40, 0),
        ("=", 0, 40),
        ("total ", 0, 40),
    }
    back = classifier_two_sample(reference=second, shifted=first, permutations=1).tokens
    assert {(one.ngram, one.side) for one in back} == {
        (":", "shifted"),
        ("=", "reference"),
        ("total ", "reference"),
    }


def test_of_two_texts_a_side_something_is_known():
    sides = ["a b", "a a c"], ["a d", "a a a c"]
    found = of(js_divergence, *sides, permutations=1, confidence_level=0.5).measurement
    assert 0 < found.interval[0] < found.value < found.interval[1] < 1
