"""Other plugins blocked, capture off, stopped early, interrupted: the autopsy still comes out."""

from __future__ import annotations

import pytest

INTERRUPT = "def test_stop(): raise KeyboardInterrupt\ndef test_never(): pass"
EVERY = {"test_reference", "test_order", "test_gap"}


def test_without_a_terminal_the_report_is_written(run, toy, pytester):
    result = run("-p", "no:terminal", "--slm-report=page.html")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert result.outlines == []
    assert run.gates.keys() == EVERY
    assert (pytester.path / "page.html").is_file()


def test_without_a_terminal_a_bad_path_is_told_on_stderr(run, toy, pytester):
    (pytester.path / "file").touch()
    result = run("-p", "no:terminal", "-k", "reference", "--slm-report=file/page.html")
    assert result.ret == pytest.ExitCode.OK
    [line] = result.errlines
    assert line.startswith("ConfigError: the report cannot be written to ")


@pytest.mark.parametrize(
    "flags",
    [
        ("--capture=no",),
        ("--capture=sys",),
        ("-p", "no:capture"),
        ("-p", "no:cacheprovider"),
        ("-p", "no:xdist"),
        ("-p", "no:html", "-p", "no:metadata"),
        ("-p", "no:junitxml", "-p", "no:logging"),
        ("--junitxml=junit.xml",),
        ("--html=other.html",),
        ("--setup-show",),
    ],
    ids=" ".join,
)
def test_the_toy_run_comes_out_the_same(run, toy, pytester, flags):
    if "--html=other.html" in flags:
        pytest.importorskip("pytest_html")
    result = run(*flags, "--slm-report=page.html")
    result.assert_outcomes(passed=2, failed=1, xfailed=1)
    result.stdout.fnmatch_lines(["gates: 1 passed, 2 failed (1 expected), 0 undecided"])
    assert run.gates.keys() == EVERY
    assert (pytester.path / "page.html").is_file()


def test_without_skipping_known_failures_fail(run, toy):
    run("-p", "no:skipping", "--slm-gate").assert_outcomes(passed=2, failed=2)


def test_stopped_at_the_first_failure(run, toy, pytester):
    result = run("-x", "--slm-report=page.html")
    result.assert_outcomes(passed=1, failed=1, xfailed=1)
    result.stdout.fnmatch_lines(["gates: 1 passed, 2 failed (1 expected), 0 undecided"])
    assert (pytester.path / "page.html").is_file()


def test_interrupted_what_was_measured_is_told(run, toy, pytester):
    pytester.makepyfile(test_toy_stop=INTERRUPT)
    result = run("--slm-report=page.html", "test_toy.py", "test_toy_stop.py")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.assert_outcomes(passed=2, failed=1, xfailed=1)
    result.stdout.fnmatch_lines(["toy  *production *", "gates: 1 passed, 2 failed (1 expected)*"])
    assert (pytester.path / "page.html").is_file()


def test_interrupted_while_a_model_answers(run, toy, pytester):
    pytester.makepyfile(
        test_toy_stop="""
        from pytest_slm_autopsy import ScriptedModel

        def stop(case):
            raise KeyboardInterrupt

        def test_stop(slm_cases, autopsy):
            autopsy.predict(ScriptedModel(stop, name="slow"), slm_cases.reference)
        """
    )
    result = run("test_toy.py", "test_toy_stop.py", "--slm-report=page.html")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert {row.model for row in run.data.rows} == {"toy"}
    assert (pytester.path / "page.html").is_file()


def test_an_exit_in_a_test_is_an_end_too(run, toy, pytester):
    pytester.makepyfile(test_toy_stop="import pytest\ndef test_it(): pytest.exit('enough')")
    run("test_toy.py", "test_toy_stop.py")
    assert run.gates.keys() == EVERY


def test_a_file_that_does_not_import_leaves_the_others(run, toy, pytester):
    pytester.makepyfile(test_broken="import nothing_of_this_name")
    result = run("--continue-on-collection-errors")
    result.assert_outcomes(passed=2, failed=1, xfailed=1, errors=1)
    assert run.gates.keys() == EVERY
