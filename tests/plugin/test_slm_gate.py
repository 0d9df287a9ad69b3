"""--slm-gate: in tests marked slm no xfail counts; in others it does."""

from __future__ import annotations

from textwrap import dedent

import pytest

MARKED = {
    "decorators": """
        @pytest.mark.slm
        @pytest.mark.xfail(strict=True)
        def test_it(): assert False
    """,
    "parametrize": """
        @pytest.mark.parametrize("x", [pytest.param(1, marks=[pytest.mark.xfail(strict=True)])])
        @pytest.mark.slm
        def test_it(x): assert False
    """,
    "slm in parametrize": """
        @pytest.mark.parametrize("x", [pytest.param(1, marks=[pytest.mark.slm])])
        @pytest.mark.xfail
        def test_it(x): assert False
    """,
    "module": """
        pytestmark = [pytest.mark.slm, pytest.mark.xfail(strict=True)]
        def test_it(): assert False
    """,
    "xfail of the module": """
        pytestmark = pytest.mark.xfail
        @pytest.mark.slm
        def test_it(): assert False
    """,
    "class": """
        @pytest.mark.slm
        class TestIt:
            @pytest.mark.xfail
            def test_it(self): assert False
    """,
    "raises": """
        @pytest.mark.slm
        @pytest.mark.xfail(raises=AssertionError, strict=True)
        def test_it(): assert False
    """,
    "no run": """
        @pytest.mark.slm
        @pytest.mark.xfail(run=False)
        def test_it(): assert False
    """,
    "added by a fixture": """
        @pytest.fixture
        def known(request): request.node.add_marker(pytest.mark.xfail)
        @pytest.mark.slm
        def test_it(known): assert False
    """,
    "in the body": """
        @pytest.mark.slm
        def test_it(): pytest.xfail("known")
    """,
}


@pytest.mark.parametrize("source", MARKED.values(), ids=MARKED)
def test_a_known_failure_turns_red(run, pytester, source):
    pytester.makepyfile("import pytest\n" + dedent(source))
    run().assert_outcomes(xfailed=1)
    run("--slm-gate").assert_outcomes(failed=1)


def test_without_the_mark_slm_xfail_counts(run, pytester):
    pytester.makepyfile(
        """
        import pytest
        pytestmark = pytest.mark.xfail

        def test_before(): assert False
        @pytest.mark.slm
        def test_gate(): assert False
        def test_after(): assert False
        def test_in_the_body(): pytest.xfail("known")
        """
    )
    run().assert_outcomes(xfailed=4)
    run("--slm-gate").assert_outcomes(xfailed=3, failed=1)
    run().assert_outcomes(xfailed=4)


def test_what_passes_unexpectedly_is_plainly_passed(run, pytester):
    pytester.makepyfile(
        """
        import pytest
        pytestmark = pytest.mark.slm

        @pytest.mark.xfail
        def test_lenient(): pass
        @pytest.mark.xfail(strict=True)
        def test_strict(): pass
        """
    )
    run().assert_outcomes(xpassed=1, failed=1)
    run("--slm-gate").assert_outcomes(passed=2)


def test_skips_stay(run, pytester):
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.slm
        @pytest.mark.skip
        def test_it(): assert False
        """
    )
    run("--slm-gate").assert_outcomes(skipped=1)


def test_marks_still_select(run, toy):
    run("--slm-gate", "-m", "xfail and slm").assert_outcomes(failed=1, deselected=3)


def test_runxfail_is_not_undone(run, toy):
    run("--runxfail").assert_outcomes(passed=2, failed=2)
    run("--runxfail", "--slm-gate").assert_outcomes(passed=2, failed=2)


def test_the_gate_is_recorded_as_failed(run, toy):
    run("--slm-gate").assert_outcomes(passed=2, failed=2)
    assert run.gates["test_order"] == ("failed", "failed")
    assert run.settings.gate
