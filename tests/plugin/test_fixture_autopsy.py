"""``autopsy.predict``: one prediction a case, in order, and no question asked twice."""

from __future__ import annotations


def test_a_case_is_asked_once_a_session(run, model, pytester):
    pytester.makepyfile(
        test_a="""
        def test_first(slm, slm_cases, autopsy):
            first = autopsy.predict(slm, slm_cases.reference)
            assert slm.asked == 12
            assert autopsy.predict(slm, slm_cases.reference) == first
            assert slm.asked == 12
        """,
        test_b="""
        def test_again(slm, slm_cases, autopsy):
            autopsy.predict(slm, slm_cases.reference + slm_cases.production[:5])
            assert slm.asked == 17
        """,
    )
    run().assert_outcomes(passed=2)
    assert run.rows == [("toy", "canonical", 12, 1.0), ("toy", "production", 5, 0.0)]


def test_the_order_is_that_of_the_cases(run, model, pytester):
    pytester.makepyfile(
        """
        def test_it(slm, slm_cases, autopsy):
            asked = autopsy.predict(slm, slm_cases.reference[4:8])
            cases = slm_cases.reference[::-1] + slm_cases.production
            predictions = autopsy.predict(slm, cases)
            assert [prediction.case for prediction in predictions] == list(cases)
            assert predictions[4:8] == asked[::-1]
        """
    )
    run().assert_outcomes(passed=1)


def test_a_case_given_twice_is_asked_once(run, model, pytester):
    pytester.makepyfile(
        """
        def test_it(slm, slm_cases, autopsy):
            first, second = autopsy.predict(slm, slm_cases.reference[:1] * 2)
            assert first == second
            assert slm.asked == 1
        """
    )
    run().assert_outcomes(passed=1)


def test_two_models_are_kept_apart(run, model, pytester):
    pytester.makepyfile(
        """
        from pytest_slm_autopsy import ScriptedModel

        def test_it(slm, slm_cases, autopsy):
            mute = ScriptedModel(lambda case: "", name="mute")
            [right] = autopsy.predict(slm, slm_cases.reference[:1])
            [wrong] = autopsy.predict(mute, slm_cases.reference[:1])
            assert (right.model, right.correct) == ("toy", True)
            assert (wrong.model, wrong.correct) == ("mute", False)
            assert slm.asked == mute.asked == 1
        """
    )
    run().assert_outcomes(passed=1)
    assert run.rows == [("toy", "canonical", 1, 1.0), ("mute", "canonical", 1, 0.0)]


def test_cases_of_one_id_are_kept_apart(run, model, pytester):
    """Hypothesis draws every case under the same id."""
    pytester.makepyfile(
        """
        from pytest_slm_autopsy import Case, ScriptedModel

        def test_it(autopsy):
            echo = ScriptedModel(lambda case: '{"total": "%s"}' % case.text[-1])
            for number in "123":
                case = Case("case", f"Total: {number}", {"total": number})
                [prediction] = autopsy.predict(echo, [case])
                assert prediction.correct
        """
    )
    run().assert_outcomes(passed=1)
    assert run.rows == [("scripted", "canonical", 3, 1.0)]


def test_no_cases_are_an_error(run, model, pytester):
    pytester.makepyfile("def test_it(slm, autopsy): autopsy.predict(slm, [])")
    result = run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["NoDataError: there are no cases to predict; *"])


def test_a_model_that_breaks_leaves_no_half_answers(run, model, pytester):
    pytester.makepyfile(
        """
        import pytest
        from pytest_slm_autopsy import ScriptedModel
        from pytest_slm_autopsy.errors import ModelError

        def test_it(slm, slm_cases, autopsy):
            def write(case):
                raise ModelError("the server went away; start it again")

            with pytest.raises(ModelError):
                autopsy.predict(ScriptedModel(write, name="broken"), slm_cases.reference)
            autopsy.predict(slm, slm_cases.reference)
        """
    )
    run().assert_outcomes(passed=1)
    assert [row[0] for row in run.rows] == ["toy"]


def test_it_says_what_it_holds(run, toy, pytester):
    pytester.makepyfile("def test_it(autopsy): assert repr(autopsy).startswith('<Autopsy: 0 pre')")
    run("-k", "test_it").assert_outcomes(passed=1, deselected=4)


TWO_OF_A_NAME = """
from pytest_slm_autopsy import ModelSpec, ScriptedModel

def model(adapter):
    one = ScriptedModel(lambda case: "{}", name=ModelSpec("base", adapter).name)
    one.spec = ModelSpec("base", adapter)
    return one

def test_first(slm_cases, autopsy):
    autopsy.predict(model("v1/invoices"), slm_cases.reference)

def test_again(slm_cases, autopsy):
    autopsy.predict(model("v1/invoices"), slm_cases.reference)

def test_second(slm_cases, autopsy):
    autopsy.predict(model("v2/invoices"), slm_cases.reference)
"""


def test_two_loaded_models_of_one_name_never_share_answers(run, pytester):
    pytester.makepyfile(TWO_OF_A_NAME)
    result = run()
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*ConfigError: two models are called 'invoices'*"])


def test_doubles_of_one_name_never_share_answers(run, pytester):
    pytester.makepyfile(
        """
        from pytest_slm_autopsy import CallableModel

        def test_it(slm_cases, autopsy):
            first = CallableModel(lambda text: {"a": text})
            second = CallableModel(lambda text: {})
            cases = slm_cases.reference[:2]
            for _ in range(2):
                assert autopsy.predict(first, cases)[0].fields == {"a": cases[0].text}
                assert autopsy.predict(second, cases)[0].fields == {}
        """
    )
    run().assert_outcomes(passed=1)
