"""A model that says the same to everyone is seen, and one that is right to repeat itself is not."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_slm_autopsy.errors import ConfigError, NoDataError
from pytest_slm_autopsy.measures.collapse import (
    commonest_answer,
    constant_field,
    cut_off,
    excess_repetition,
    looping,
    same_answer,
    training_copies,
)
from pytest_slm_autopsy.measures.independence import MOST_CASES, input_dependence
from pytest_slm_autopsy.measures.signs import deadly_signs, signs_of_collapse
from pytest_slm_autopsy.measures.spread import numbers_of, variety
from pytest_slm_autopsy.records import Case, Prediction
from pytest_slm_autopsy.statistics.intervals import clopper_pearson, mover_paired

SHARES = [excess_repetition, same_answer, looping, cut_off]
MEASURES = [*SHARES, constant_field, commonest_answer, input_dependence, variety, numbers_of]


def answers(truths, texts):
    """A prediction a letter: what is true, and what was written."""
    return [
        Prediction(Case(str(i), "", {"id": truth}), "m", text, None)
        for i, (truth, text) in enumerate(zip(truths, texts, strict=True))
    ]


def read(truths, values, texts=None):
    """The same, of answers that could be read."""
    texts = texts or [""] * len(truths)
    return [
        Prediction(Case(str(i), text, {"id": truth}), "m", str(value), {"id": value})
        for i, (truth, value, text) in enumerate(zip(truths, values, texts, strict=True))
    ]


def numbered(n, seed=0):
    rng = random.Random(seed)
    return [f"{rng.randint(1000, 9999)}.{rng.randint(10, 99)}" for _ in range(n)]


@pytest.mark.parametrize(
    ("truths", "texts", "share"),
    [
        ("abcdefghij", "xxxxxxxxxx", 0.9),
        ("abcdefghij", "xxxxxyyyyy", 0.8),
        ("aaaaaaaaaa", "xxxxxxxxxx", 0.0),
        ("abcdefghij", "abcdefghij", 0.0),
        ("abcd", "xxyz", 0.25),
        ("aabb", "aabb", 0.0),
        ("aab", "xxx", 1 / 3),
        ("a", "x", 0.0),
    ],
)
def test_repetition_counts_only_where_the_truths_differ(truths, texts, share):
    found = excess_repetition(answers(truths, texts))
    assert (found.name, found.n) == ("repeated answers", len(truths))
    assert found.value == pytest.approx(share)
    assert found.interval[0] <= share + 1e-9
    assert found.interval[1] >= share - 1e-9


def test_where_truths_recur_wrong_answers_may_recur_as_often():
    assert excess_repetition(read("aabbcc", "aabbca")).value == 0
    assert excess_repetition(read("aabbcc", "aaxxcc")).value == 0
    assert excess_repetition(read("aabbcc", "aaxxxc")).value == pytest.approx(1 / 6)


@pytest.mark.parametrize(
    ("truths", "values", "excess"),
    [
        ("abcdefghij", "xxxxxxxxxx", 0.9),
        ("abcdefghij", "aaaaaaaaaa", 0.9),
        ("abcabcabca", "aaaaaaaaaa", 0.6),
        ("aaaaaaaaaa", "xxxxxxxxxx", 0.0),
        ("abcabcabca", "abcabcabca", 0.0),
        ("aaaabbbb", "xxxxbbbb", 0.0),
        ("abcd", "xxyz", 0.25),
    ],
)
@pytest.mark.parametrize("wrote", [answers, read])
def test_one_answer_may_be_as_common_as_its_truth(wrote, truths, values, excess):
    if wrote is answers and set(truths) & set(values):
        return
    found = same_answer(wrote(truths, values))
    assert found.value == pytest.approx(excess)
    assert found.interval[0] <= excess <= found.interval[1]


@given(st.text("abc", min_size=1))
def test_a_model_that_is_always_right_shows_no_sign(truths):
    predictions = read(truths, truths)
    for measure in SHARES:
        assert measure(predictions).value == 0
    assert constant_field(predictions)[0].value == 0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyzab")), min_size=1))
def test_the_shares_do_not_depend_on_the_order(pairs):
    there, back = (read(*zip(*order, strict=True)) for order in (pairs, pairs[::-1]))
    for measure in SHARES:
        assert measure(there).value == measure(back).value


def test_keys_in_another_order_are_the_same_truth():
    truths = [{"a": "1", "b": None}, {"b": None, "a": "1"}]
    rows = [{"a": [{"n": "1", "m": "2"}]}, {"a": [{"m": "2", "n": "1"}]}]
    for pair in (truths, rows):
        twins = [Prediction(Case(str(i), "", pair[i]), "m", "x", None) for i in range(2)]
        assert excess_repetition(twins).value == 0


def test_one_field_that_is_always_answered_alike():
    predictions = [
        Prediction(
            Case(str(i), "", {"id": str(i), "total": str(9 * i)}),
            "m", "", {"id": str(i), "total": "0.0"},
        )
        for i in range(20)
    ]  # fmt: skip
    found, name, value = constant_field(predictions)
    assert (name, value) == ("total", "0.0")
    assert found.value == 0.95
    assert same_answer(predictions).value == 0


def test_a_field_that_is_always_left_out_is_omitted_and_not_constant():
    assert constant_field(read("abcd", [None] * 4))[0].value == 0


def test_the_commonest_answer_is_shown_with_its_count():
    assert commonest_answer(answers("abcd", "xyxz")) == ("x", 2)


@pytest.mark.parametrize(
    ("text", "loops"),
    [
        ("total total total total total total", True),
        ('{"items": "' + "Bolts, " * 9, True),
        ('{"items": "' + "Bolts, " * 9 + '"}', True),
        ("\n" * 40, True),
        ("}" * 40, True),
        ("abcabcabcabc", False),
        ("ab" * 12, True),
        ("ab" * 11 + "a", False),
        ("abcdefg" * 4, True),
        (("abcdefg" * 4)[1:], False),
        ("0123456789ab" * 4, True),
        (("0123456789ab" * 4)[1:], False),
        ("x" * 24, True),
        ("x" * 23, False),
        ('{"a": "' + "x" * 300 + " and more", False),
        ('{"total": "1000000000000000"}', False),
        ("", False),
        ("no", False),
    ],
)
def test_a_text_that_repeats_itself_to_its_end_loops(text, loops):
    assert looping(answers("a", [text])).value == loops


def test_a_right_answer_never_loops():
    dashes = "-" * 40
    assert looping(read([dashes], [dashes])).value == 0


def test_answers_cut_off_are_counted():
    written = answers("abcd", "xyzw")
    assert cut_off([*written[:2], *(replace(p, finish="length") for p in written[2:])]).value == 0.5


def test_copies_of_training_answers():
    training = [Case("t", "", {"id": one}) for one in "xyz"]
    assert training_copies(read("abcd", "axyd"), training).value == 0.5
    assert training_copies(read("xaaa", "xxxx"), training).value == 0  # asked for as well
    with pytest.raises(NoDataError, match="no training cases"):
        training_copies(read("a", "a"), [])


# Independence from the document.


def test_a_right_model_depends_on_the_document_and_a_constant_one_does_not():
    truths = numbered(40)
    right = input_dependence(read(truths, truths))
    assert right.measurement.value == pytest.approx(1)
    assert right.p_value == 0.001
    constant = input_dependence(read(truths, ["0.0"] * 40))
    assert constant.measurement.value == pytest.approx(0)
    assert constant.p_value == 1


@pytest.mark.parametrize("n", [10, 20, 40])
def test_a_model_that_reads_one_document_in_ten_is_seldom_called_dead(n):
    rng, dead = random.Random(n), 0
    for seed in range(60):
        truths = numbered(n, seed)
        others = numbered(n, seed + 1000)
        read_ones = [t if rng.random() < 0.1 else o for t, o in zip(truths, others, strict=True)]
        dead += input_dependence(read(truths, read_ones)).measurement.interval[1] < 0.1
    assert dead <= 4


def test_of_ten_documents_a_right_model_is_known_to_read_them():
    truths = numbered(10)
    assert input_dependence(read(truths, truths)).measurement.interval[0] > 0.5


@pytest.mark.parametrize("labels", [3, 10, 1000])
@pytest.mark.parametrize("measure", [same_answer, excess_repetition])
def test_one_answer_at_its_limit_is_seldom_passed_or_failed(measure, labels):
    """An answer that is never true, given a tenth oftener than the commonest truth."""
    passed = failed = 0
    for seed in range(60):
        rng = random.Random(seed)
        truths = [str(rng.randrange(labels)) for _ in range(100)]
        values = ["x" if rng.random() < 0.1 + 1 / labels else t for t in truths]
        low, high = measure(read(truths, values)).interval
        passed += high < 0.1
        failed += low > 0.1
    assert max(passed, failed) <= 6


@pytest.mark.parametrize("labels", [3, 4, 10])
def test_an_answer_as_common_as_the_commonest_truth_is_not_repetition(labels):
    """It once counted wholly, or not at all, by a single answer more or less."""
    failed = 0
    for seed in range(40):
        rng = random.Random(seed)
        truths = [str(rng.randrange(labels)) for _ in range(300)]
        values = ["0" if rng.random() < 1 / (labels - 1) else t for t in truths]
        failed += excess_repetition(read(truths, values)).interval[0] > 0.1
    assert failed == 0


def test_answers_of_other_documents_are_independent():
    truths = numbered(120)
    found = input_dependence(read(truths, truths[50:] + truths[:50]))
    assert found.measurement.interval[1] < 0.1
    assert found.p_value > 0.05


def test_what_stands_in_the_document_counts_though_it_is_wrong():
    truths, others = numbered(40), numbered(40, 1)
    texts = [f"net {other} total {truth}" for truth, other in zip(truths, others, strict=True)]
    found = input_dependence(read(truths, others, texts))
    assert found.measurement.interval[0] > 0.8


def test_the_permutation_test_keeps_its_error_rate():
    rng = random.Random(3)
    rejected = 0
    for seed in range(60):
        truths = numbered(20, seed)
        dealt = rng.sample(truths, 20)
        rejected += input_dependence(read(truths, dealt), seed=seed).p_value <= 0.1
    assert rejected <= 12  # 6 expected, standard deviation 2.3


def test_truths_that_are_all_alike_can_tell_nothing():
    assert input_dependence(read("aaaa", "abcd")) is None
    assert input_dependence(read("a", "a")) is None


def test_many_cases_are_sampled_one_a_record_and_seeded():
    truths = numbered(MOST_CASES + 50)
    many = read(truths, truths)
    found = input_dependence(many)
    assert found.measurement.n == MOST_CASES
    assert found == input_dependence(many)
    twins = [replace(p, case=replace(p.case, record="r")) for p in many[:5]]
    assert input_dependence([*twins, *many[5:9]]).measurement.n == 5


# Variety.


def test_variety_is_kept_by_the_right_and_lost_by_the_constant():
    truths = numbered(60)
    assert [one.value for one in variety(read(truths, truths))] == [1, 1]
    distinct, entropy = variety(read(truths, ["0.0"] * 60))
    assert distinct.value == pytest.approx(1 / 60)
    assert entropy.value == 0
    assert entropy.interval[1] < 0.1
    assert variety(read("aaaa", "abcd")) == []


def test_entropy_by_hand():
    entropy = variety(read("aabbccdd", "aaaaaabb"))[1].value
    half = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    assert entropy == pytest.approx(half / math.log(4))


def test_numbers_keep_their_spread_or_pile_up():
    truths = numbered(80)
    spread, edge, outside = (one.value for one in numbers_of(read(truths, truths)))
    assert (spread, edge, outside) == (pytest.approx(1), 0, 0)
    spread, edge, outside = (one.value for one in numbers_of(read(truths, ["0.0"] * 80)))
    assert (spread, edge, outside) == (0, 1, 1)
    halved = [str(5000 + (float(truth) - 5000) / 2) for truth in truths]
    assert numbers_of(read(truths, halved))[0].value == pytest.approx(0.5)


def test_fields_without_numbers_have_no_spread():
    assert numbers_of(read("abcd", "abcd")) == []
    assert numbers_of(read("1111", "1234")) == []
    assert numbers_of(read("1234", [None, "x", "", "nan"])) == []


def test_the_table_holds_every_sign_with_an_interval_around_its_value():
    truths = numbered(30)
    table = signs_of_collapse(
        read(truths, truths[:20] + ["0.0"] * 10), training=[Case("t", "", {"id": "x"})]
    )
    names = [sign.measurement.name for sign in table]
    assert names == [
        "same answer", "dependence on the document", "copied training answers", "looping answers",
        "repeated answers", "same value of id", "cut-off answers", "distinct answers kept",
        "entropy kept", "spread of id kept", "values of id at the edge",
        "values of id out of range",
    ]  # fmt: skip
    for sign in table:
        low, high = sign.measurement.interval
        assert low - 1e-9 <= sign.measurement.value <= high + 1e-9


@pytest.mark.parametrize("measure", [*MEASURES, lambda p: list(deadly_signs(p))])
def test_bad_input(measure):
    with pytest.raises(NoDataError, match="no predictions to measure"):
        measure([])
    unsure = [replace(p, case=replace(p.case, tags=("ambiguous",))) for p in read("ab", "xx")]
    with pytest.raises(NoDataError, match="ambiguous"):
        measure(unsure)
    measure(read("a", "x"))


@pytest.mark.parametrize("measure", SHARES)
def test_a_level_in_percent_is_refused_with_what_to_write(measure):
    with pytest.raises(ConfigError, match=r"write 0\.95"):
        measure(answers("a", "x"), confidence_level=95)


def test_cases_of_one_record_are_no_further_evidence():
    once = read(numbered(20), ["0.0"] * 10 + numbered(20)[10:])
    often = [
        replace(p, case=replace(p.case, id=f"{p.case.id}/{k}", record=p.case.id))
        for p in once
        for k in range(5)
    ]
    alone, again = same_answer(once), same_answer(often)
    assert again.interval[1] - again.interval[0] > 0.7 * (alone.interval[1] - alone.interval[0])


@pytest.mark.parametrize(
    ("truths", "values"),
    [("aabbccabca", "xxxaxbxbca"), ("abcabcabca", "aaaaabacba"), ("aaaabbbccd", "dddbbbbxxd")],
)
def test_the_excess_of_one_answer_is_compared_with_its_due(truths, values):
    commonest, n = max(dict.fromkeys(truths), key=truths.count), len(truths)

    def recurring(texts):
        return max(1, sum(texts.count(one) > 1 for one in set(texts)))

    found = {}
    for said in set(values):
        due = said if said in truths else commonest
        given = sum(v == said != t and t != due for t, v in zip(truths, values, strict=True))
        given += sum(t == v == said != due for t, v in zip(truths, values, strict=True))
        missed = sum(t == due and v != said for t, v in zip(truths, values, strict=True))
        dues = 1 if said in truths else recurring(truths)
        low = mover_paired(n, given, missed, 1 - 0.1 / recurring(values))[0]
        found[said] = (given - missed) / n, low, mover_paired(n, given, missed, 1 - 0.1 / dues)[1]
    value, low, high = (max(each) for each in zip(*found.values(), strict=True))
    measurement = same_answer(read(truths, values), confidence_level=0.9)
    assert measurement.value == pytest.approx(max(0, value))
    assert measurement.interval == pytest.approx((low, max(0, high)))


def test_dependence_is_how_much_closer_answers_are_to_their_own_document():
    truths, values = ["12345", "67890", "24680"], ["12399", "67890", "13579"]
    texts = ["no 777", "no 888", "no 13579"]

    def grams(text):
        return {text[i : i + 3] for i in range(len(text) - 2)}

    held = [grams(x) | grams(t) | {"no"} for x, t in zip(texts, truths, strict=True)]

    def advantages(said):
        close = [[len(grams(v) & case) / len(grams(v)) for case in held] for v in said]
        return [row[i] - (sum(row) - row[i]) / 2 for i, row in enumerate(close)]

    gained, ideal = advantages(values), advantages(truths)
    value = sum(gained) / sum(ideal)
    worth = sum(ideal) ** 2 / sum(one**2 for one in ideal)
    found = input_dependence(read(truths, values, texts)).measurement
    assert found.value == pytest.approx(value)
    low, high = clopper_pearson(value * worth, worth)
    assert found.interval == pytest.approx((min(low, value), high))
    assert found.bounds == (-1.0, 1.0)


def test_the_numbers_of_a_field_by_hand():
    truths, values = ["1", "2", "3", "4", "5", "6"], ["0", "2", "2", "7", "7", None]
    spread, edge, outside = numbers_of(read(truths, values))
    read_ones = [0, 2, 2, 7, 7]
    mean = sum(read_ones) / 5
    deviation = (sum((one - mean) ** 2 for one in read_ones) / 5) ** 0.5
    assert spread.value == pytest.approx(min(1, deviation / (35 / 12) ** 0.5))
    assert edge.value == pytest.approx(3 / 6)
    assert edge.interval == pytest.approx(mover_paired(6, 3, 0))
    assert (outside.value, outside.n) == (3 / 5, 5)
    narrow = numbers_of(read(truths, ["3", "3", "4", "4", "3", "4"]))[0]
    assert narrow.value == pytest.approx(0.5 / (35 / 12) ** 0.5)


def test_nine_in_ten_truths_make_a_field_numeric():
    numbers = [str(i) for i in range(18)]
    assert len(numbers_of(read([*numbers, "x", "y"], [*numbers, "x", "y"]))) == 3
    assert numbers_of(read([*numbers, "x", "y", "z"], [*numbers, "x", "y", "z"])) == []
