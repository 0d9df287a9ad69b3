"""Every verdict is noted under its test, with what pytest said of that test."""

from __future__ import annotations

import pytest

JUDGE = "assert_accuracy(autopsy.predict(slm, slm_cases.{}), at_least=0.5)"
GOOD, BAD = JUDGE.format("reference"), JUDGE.format("production")
HEAD = "import pytest\nfrom pytest_slm_autopsy import assert_accuracy\n"


@pytest.fixture
def judged(run, model, pytester):
    """Runs one test with a body and a decorator; gives its gates."""

    def judged(body: str, decorator: str = "") -> dict[str, tuple[str, str]]:
        test = f"{decorator}\ndef test_it(slm, slm_cases, autopsy):\n    {body}\n"
        pytester.makepyfile(HEAD + test)
        run()
        return run.gates

    return judged


@pytest.mark.parametrize(
    ("body", "decorator", "gate"),
    [
        (GOOD, "", ("passed", "passed")),
        (BAD, "", ("failed", "failed")),
        (BAD, "@pytest.mark.xfail", ("failed", "xfailed")),
        (GOOD, "@pytest.mark.xfail", ("passed", "xpassed")),
        (GOOD, "@pytest.mark.xfail(strict=True)", ("passed", "failed")),
        (f"with pytest.raises(AssertionError): {BAD}", "", ("failed", "passed")),
        (f"{GOOD}; pytest.skip()", "", ("passed", "skipped")),
        (GOOD.replace("reference)", "reference[:1])"), "", ("undecided", "failed")),
    ],
)
def test_a_verdict_has_the_outcome_of_its_test(judged, body, decorator, gate):
    assert judged(body, decorator) == {"test_it": gate}


def test_the_toy_run(run, toy):
    run().assert_outcomes(passed=2, failed=1, xfailed=1)
    assert run.gates == {
        "test_reference": ("passed", "passed"),
        "test_order": ("failed", "xfailed"),
        "test_gap": ("failed", "failed"),
    }
    assert run.rows == [
        ("toy", "canonical", 12, 1.0),
        ("toy", "order", 12, pytest.approx(1 / 3)),
        ("toy", "production", 12, 0.0),
    ]


def test_a_verdict_of_a_fixture_belongs_to_the_test(run, model, pytester):
    pytester.makepyfile(
        f"""
        {HEAD.splitlines()[0]}
        {HEAD.splitlines()[1]}

        @pytest.fixture
        def sound(slm, slm_cases, autopsy):
            {BAD}

        def test_it(sound): pass
        """
    )
    run().assert_outcomes(errors=1)
    assert run.gates == {"test_it": ("failed", "failed")}


def test_every_verdict_of_a_test_is_kept(run, model, pytester):
    pytester.makepyfile(f"{HEAD}def test_it(slm, slm_cases, autopsy):\n    {GOOD}\n    {BAD}\n")
    run()
    found = [(gate.verdict.outcome, gate.verdict.measurement.condition) for gate in run.data.gates]
    assert found == [("passed", "canonical"), ("failed", "production")]


FLAKY = """
import pytest
from pytest_slm_autopsy import assert_accuracy
tries = []

@pytest.fixture(scope="module")
def reference(slm, slm_cases, autopsy):
    assert_accuracy(autopsy.predict(slm, slm_cases.reference), at_least=0.4)

@pytest.mark.parametrize("number", range(2))
def test_flaky(reference, slm, slm_cases, autopsy, number):
    tries.append(number)
    assert_accuracy(autopsy.predict(slm, slm_cases.reference), at_least=0.5)
    if tries.count(number) < 3:
        assert_accuracy(autopsy.predict(slm, slm_cases.production), at_least=0.5)
"""


@pytest.mark.parametrize("workers", [0, 2])
def test_an_attempt_is_no_gate(run, model, pytester, workers):
    """A test that is run again is judged by its last attempt, as if there had been no other."""
    pytester.makepyfile(FLAKY)
    run("-p", "rerunfailures", "--reruns", "2", f"-n{workers}", "--dist=loadfile")
    found = [
        (gate.test.rpartition("::")[2], gate.outcome, gate.verdict.limit) for gate in run.data.gates
    ]
    assert sorted(found) == [
        ("test_flaky[0]", "passed", 0.4),
        ("test_flaky[0]", "passed", 0.5),
        ("test_flaky[1]", "passed", 0.5),
    ]


def test_examples_of_hypothesis_are_one_gate(run, model, pytester):
    pytester.makepyfile(
        f"""
        from hypothesis import given, settings, strategies as st
        {HEAD}
        @settings(max_examples=7, database=None)
        @given(n=st.integers(0, 9))
        def test_it(slm, slm_cases, autopsy, n):
            {GOOD}
        """.replace("\n        ", "\n")
    )
    run()
    assert run.gates == {"test_it": ("passed", "passed")}
    assert len(run.data.gates) == 1


def test_of_hypothesis_examples_the_worst_counts(run, model, pytester):
    """Most of its examples are undecided, and the last one passes."""
    body = """
        from hypothesis import given, settings, Phase, strategies as st
        HEAD
        count = []
        @settings(max_examples=6, database=None, phases=[Phase.generate])
        @given(n=st.integers(0, 99))
        def test_it(slm, slm_cases, autopsy, n):
            count.append(n)
            few = slm_cases.reference if len(count) == 6 else slm_cases.reference[:1]
            assert_accuracy(autopsy.predict(slm, few), at_least=0.5)
        """
    pytester.makepyfile(body.replace("\n        ", "\n").replace("HEAD", HEAD))
    run("--slm-undecided=pass")
    assert [gate.verdict.outcome for gate in run.data.gates] == ["undecided"]
