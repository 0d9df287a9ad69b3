"""Baselines: what is kept, what is refused, and how a fall is seen, at once or step by step."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar

from pytest_slm_autopsy import (
    Case,
    GateFailure,
    PromptFormat,
    ScriptedModel,
    assert_no_regression,
    predict,
)
from pytest_slm_autopsy.assertions import compared
from pytest_slm_autopsy.errors import ConfigError, NoDataError
from pytest_slm_autopsy.measures import accuracy_loss, flips
from pytest_slm_autopsy.predictions import keep, read_baseline, write_baseline
from pytest_slm_autopsy.predictions.baseline import LASTS, VERSION, case_key

N = 300
DAY = date(2026, 3, 1)


def cases(n=N, condition="canonical", head="Total"):
    return [
        Case(f"{i}/{condition}", f"{head}: {i}", {"total": str(i)}, f"r{i}", condition=condition)
        for i in range(n)
    ]


def asked(wrong=(), given=None, name="reader"):
    """The answers of a model that is wrong on the records whose numbers are in ``wrong``."""

    def write(case):
        number = int(case.record[1:])
        truth = {"total": "x"} if number in {*wrong} else case.truth
        return PromptFormat().expected(truth)

    return predict(ScriptedModel(write, name=name), cases() if given is None else given)


def test_what_is_kept_is_read_back(tmp_path):
    baseline = keep(asked(range(3)), measures={"reader": {"canonical": {"exact match": 0.99}}})
    write_baseline(tmp_path / "b.json", baseline)
    assert read_baseline(tmp_path / "b.json") == baseline
    kept = baseline.latest["reader"]
    assert (len(kept.conditions["canonical"].right), len(kept.conditions["canonical"].wrong)) == (
        *(N - 3, 3),
    )
    assert date.fromisoformat(kept.expires) - date.fromisoformat(kept.made) == LASTS


def test_the_file_does_not_depend_on_the_order_of_answers(tmp_path):
    answers = [*asked(range(5)), *asked(range(9), cases(condition="order"))]
    for name, some in (("a", answers), ("b", answers[::-1])):
        write_baseline(tmp_path / name, keep(some, today=DAY))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_thousand_cases_under_ten_conditions_stay_small(tmp_path):
    answers = [one for i in range(10) for one in asked(range(50), cases(1_000, f"c{i}"))]
    write_baseline(tmp_path / "b.json", keep(answers))
    assert (tmp_path / "b.json").stat().st_size < 600_000


@pytest.mark.parametrize("turned", ["text", "truth", "condition"])
def test_a_case_that_differs_is_another_case(turned):
    case = Case("1", "Total: 1", {"total": "1"})
    other = {"text": "Sum: 1", "truth": {"total": "2"}, "condition": "order"}[turned]
    assert case_key(replace(case, **{turned: other})) != case_key(case)
    assert case_key(replace(case, layout="in words")) == case_key(case)


def test_equal_answers_pass_and_a_fall_fails_with_the_cases(tmp_path):
    write_baseline(tmp_path / "b.json", keep(asked()))
    assert assert_no_regression(asked(), baseline=tmp_path / "b.json").outcome == "passed"
    with pytest.raises(GateFailure) as caught:
        assert_no_regression(asked(range(60)), baseline=str(tmp_path / "b.json"))
    told = str(caught.value)
    assert re.match(
        r"failed: accuracy lost since 20\d\d-\d\d-\d\d \(reader, canonical\) = 0.200 ", told
    )
    assert "McNemar's exact test: p = 1.7e-18; 60 worse and 0 better than 'reader'" in told
    assert "worse: 0/canonical, 1/canonical, " in told
    assert "and 54 more" in told


def test_few_cases_prove_nothing_and_say_so():
    few = cases(20)
    with pytest.raises(GateFailure, match="undecided: accuracy lost since"):
        assert_no_regression(asked((), few), baseline=asked((), few))


def test_one_condition_that_falls_is_not_diluted_by_the_others():
    conditions = [f"c{i}" for i in range(20)]
    then = [one for name in conditions for one in asked((), cases(200, name))]
    dead = {"c7": range(120)}
    now = [one for name in conditions for one in asked(dead.get(name, ()), cases(200, name))]
    with pytest.raises(GateFailure, match=r"failed: accuracy lost since .*, c7\) = 0.600"):
        assert_no_regression(now, baseline=then)


def test_many_small_falls_add_up_and_are_seen():
    """Each step loses 3 of 100: within the margin every time, and far beyond it in sum."""
    baseline, wrong = keep(asked(), today=DAY), 0
    for step in range(1, 6):
        wrong += 9
        latest, *oldest = compared(asked(range(wrong)), baseline, today=DAY + timedelta(step))
        assert latest.whole.lost.value == pytest.approx(0.03)
        baseline = keep(asked(range(wrong)), before=baseline, today=DAY + timedelta(step))
    assert oldest[0].made == DAY.isoformat()
    assert oldest[0].whole.lost.value == pytest.approx(0.15)
    with pytest.raises(GateFailure, match="accuracy lost since 2026-03-01"):
        assert_no_regression(
            asked(range(wrong)), baseline=replace_expiry(baseline, date.today() + LASTS)
        )


def replace_expiry(baseline, day):
    latest = {
        name: replace(kept, expires=day.isoformat()) for name, kept in baseline.latest.items()
    }
    return replace(baseline, latest=latest)


def test_other_cases_begin_anew():
    baseline = keep(asked(), today=DAY)
    other = keep(asked((), cases(head="Sum")), before=baseline, today=DAY + LASTS)
    assert other.oldest["reader"].made == (DAY + LASTS).isoformat()


def test_a_baseline_of_one_model_serves_the_next_one():
    [found] = compared(asked(name="new adapter"), keep(asked(name="old adapter")))
    assert (found.model, found.baseline) == ("new adapter", "old adapter")
    several = keep([*asked(name="old"), *asked(name="other")])
    [found] = compared(asked(name="other"), several)
    assert found.baseline == "other"
    with pytest.raises(ConfigError, match="holds 2 models and none is called 'odl'; did you mean"):
        list(compared(asked(name="odl"), several))


REFUSED = {
    "other seed": (
        cases(head="Sum"),
        "has other cases under 'canonical': 300 then, 300 now, 0 the same; ask the same cases",
    ),
    "fewer": (cases(200), "300 then, 200 now, 200 the same"),
    "another condition": (
        cases(condition="order"),
        "shares no condition with this run: 'canonical' then, 'order' now",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_unlike_suites_are_refused_with_the_reason(name):
    given, said = REFUSED[name]
    with pytest.raises(ConfigError, match=re.escape(said)):
        assert_no_regression(asked((), given), baseline=asked())


def test_conditions_of_one_side_alone_are_named():
    then = [*asked(), *asked((), cases(condition="order"))]
    [found] = compared([*asked(), *asked((), cases(condition="new"))], keep(then))
    assert found.apart == ("new", "order")


def test_an_expired_baseline_says_since_when():
    baseline = keep(asked(), today=DAY)
    list(compared(asked(), baseline, today=DAY + LASTS))
    with pytest.raises(ConfigError, match="the baseline of 2026-03-01 has expired on 2026-05-30"):
        list(compared(asked(), baseline, today=DAY + LASTS + timedelta(1)))


def test_two_models_at_once_are_refused():
    with pytest.raises(ConfigError, match="compared with one model, and these answers are of 'a'"):
        assert_no_regression([*asked(name="a"), *asked(name="b")], baseline=asked())


def test_nothing_is_an_error():
    with pytest.raises(NoDataError):
        keep([])
    with pytest.raises(ConfigError):
        assert_no_regression([], baseline=asked())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "no baseline at .*b.json: No such file or directory; save one: pytest --slm-save-"),
        ("{", "is not JSON: "),
        ("[1]", "is no baseline: it states no version"),
        ('{"version": true, "latest": {}}', "is no baseline"),
        ('{"version": 1}', "is no baseline"),
        (f'{{"version": {VERSION + 1}, "latest": {{}}}}', "upgrade pytest-slm-autopsy"),
        ('{"version": 1, "latest": {"m": 3}, "oldest": {}}', "cannot be read: "),
        ('{"version": 1, "latest": []}', "cannot be read: "),
    ],
)
def test_what_is_no_baseline_is_a_sentence(tmp_path, text, said):
    path = tmp_path / "b.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigError, match=said) as caught:
        read_baseline(path)
    assert "\n" not in str(caught.value)


def test_a_file_of_an_edited_value_is_refused(tmp_path):
    write_baseline(tmp_path / "b.json", keep(asked()))
    document = json.loads((tmp_path / "b.json").read_text())
    document["latest"]["reader"]["conditions"]["canonical"]["right"] = "all"
    (tmp_path / "b.json").write_text(json.dumps(document))
    with pytest.raises(ConfigError, match="cannot be read"):
        read_baseline(tmp_path / "b.json")


@given(st.sets(st.integers(0, 39)), st.sets(st.integers(0, 39)))
def test_numbers_are_those_of_the_reference(first, second):
    """McNemar as statsmodels has it; the loss as that of two models asked the same."""
    few = cases(40)
    then, now = asked(first, few, "then"), asked(second, few, "now")
    found = flips(now, {case_key(one.case): one.correct for one in then}, case_key)
    worse, better = len(second - first), len(first - second)
    assert (len(found.worse), len(found.better)) == (worse, better)
    if worse + better:
        table = [[0, worse], [better, 0]]
        assert found.p_value == pytest.approx(mcnemar(table, exact=True).pvalue)
    same = accuracy_loss(baseline=then, candidate=now)
    assert (found.lost.value, found.lost.interval) == (same.value, same.interval)


@given(st.sets(st.integers(0, 39)), st.sets(st.integers(0, 39)), st.integers(1, 4))
def test_conditions_of_one_record_are_one_piece_of_evidence(first, second, conditions):
    """Conditions that rise and fall together tell no more than one of them."""
    few = [case for i in range(conditions) for case in cases(40, f"c{i}")]
    then, now = asked(first, few), asked(second, few)
    found = flips(now, {case_key(one.case): one.correct for one in then}, case_key)
    assert len(found.worse) == len(second - first) * conditions
    alone = flips(now[:40], {case_key(one.case): one.correct for one in then}, case_key)
    assert found.p_value == alone.p_value
    assert found.before.value == pytest.approx(1 - len(first) / 40)


def test_a_record_whose_cases_cancel_out_is_neither_worse_nor_better():
    few = [*cases(10), *cases(10, "order")]
    now = [*asked((), cases(10)), *asked(range(10), cases(10, "order"))]
    then = {case_key(case): case.condition == "order" for case in few}
    found = flips(now, then, case_key)
    assert (len(found.worse), len(found.better), found.p_value) == (10, 10, 1.0)


def test_small_falls_add_up_over_adapters_named_by_version():
    baseline = keep(asked(name="v0"), today=DAY)
    for step in range(1, 5):
        now = asked(range(9 * step), name=f"v{step}")
        latest, *oldest = compared(now, baseline, today=DAY)
        assert latest.baseline == f"v{step - 1}"
        baseline = keep(now, before=baseline, today=DAY + timedelta(step))
    assert (oldest[0].baseline, oldest[0].made) == ("v0", DAY.isoformat())
    assert oldest[0].whole.lost.value == pytest.approx(0.12)
    assert baseline.latest.keys() == baseline.oldest.keys() == {"v4"}


def test_of_several_models_each_keeps_its_place():
    both = keep([*asked(name="a"), *asked(name="b")], today=DAY)
    after = keep(asked(range(9), name="a"), before=both, today=DAY + timedelta(1))
    assert after.latest.keys() == {"a", "b"}
    assert after.oldest["a"].made == after.latest["b"].made == DAY.isoformat()
    assert keep(asked(name="c"), before=both).latest.keys() == {"a", "b", "c"}


def test_a_condition_whose_cases_changed_does_not_block_the_others():
    """A file that was saved anew must be one to compare with: all else is a dead end."""
    two = [*asked(), *asked((), cases(condition="order"))]
    now = [*asked(), *asked((), cases(condition="order", head="Sum"))]
    baseline = keep(now, before=keep(two, today=DAY), today=DAY + timedelta(1))
    latest, oldest = compared(now, baseline, today=DAY + timedelta(1))
    assert [*latest.conditions] == ["canonical", "order"]
    assert ([*oldest.conditions], oldest.made) == (["canonical"], DAY.isoformat())


def test_a_condition_that_was_not_asked_keeps_its_oldest_outcomes():
    two = [*asked(), *asked((), cases(condition="order"))]
    baseline = keep(two, today=DAY)
    baseline = keep(asked(range(9)), before=baseline, today=DAY + timedelta(1))
    baseline = keep(two, before=baseline, today=DAY + timedelta(2))
    assert baseline.oldest["reader"].made == DAY.isoformat()
    assert baseline.oldest["reader"].conditions.keys() == {"canonical", "order"}


def test_a_model_that_had_nothing_to_lose_proves_nothing():
    with pytest.raises(GateFailure, match=r"undecided: accuracy lost since .* it proves nothing"):
        assert_no_regression(asked(range(N)), baseline=asked(range(N)))
