"""--slm-report: the page is written at the end of the run; a bad path costs no outcome."""

from __future__ import annotations

import pytest

OUTCOMES = {"passed": 2, "failed": 1, "xfailed": 1}


@pytest.mark.parametrize("path", ["page.html", "new/folders/page.html"])
def test_the_page_is_written(run, toy, pytester, path):
    result = run(f"--slm-report={path}")
    result.assert_outcomes(**OUTCOMES)
    result.stdout.fnmatch_lines([f"-* autopsy report: {path} -*"])
    page = (pytester.path / path).read_text(encoding="utf-8")
    assert page.lstrip().startswith("<!doctype html>")
    for test in ("test_reference", "test_order", "test_gap"):
        assert f"test_toy.py::{test}" in page
    for row in run.data.rows:
        assert row.condition in page
    assert "test_without_a_model" not in page


def test_the_ini_file_may_ask_for_it(run, toy, pytester):
    pytester.makeini("[pytest]\nslm_n = 4\nslm_report = page.html\n")
    run("-k", "reference")
    assert (pytester.path / "page.html").is_file()


def test_without_the_option_nothing_is_written(run, toy, pytester):
    run()
    assert list(pytester.path.glob("**/*.html")) == []


def test_the_page_lies_where_pytest_started_whatever_a_test_does(run, toy, pytester):
    pytester.makepyfile(test_zz="import os\ndef test_it(): os.mkdir('x'); os.chdir('x')")
    run("--slm-report=page.html").assert_outcomes(**{**OUTCOMES, "passed": 3})
    assert (pytester.path / "page.html").is_file()


def test_nothing_is_written_when_no_model_was_asked(run, toy, pytester):
    result = run("-k", "without", "--slm-report=page.html")
    result.assert_outcomes(passed=1, deselected=3)
    assert list(pytester.path.glob("*.html")) == []


@pytest.mark.parametrize("only", [(), ("-k", "reference or order")])
def test_a_bad_path_is_one_sentence_and_costs_no_outcome(run, toy, pytester, only):
    good = run(*only)
    (pytester.path / "file").touch()
    result = run(*only, "--slm-report=file/page.html", "--tb=no")
    assert result.ret == good.ret
    assert result.parseoutcomes() == good.parseoutcomes()
    told = result.stdout.lines + result.stderr.lines
    [line] = [line for line in told if "page.html" in line]
    assert line.startswith("ConfigError: the report cannot be written to ")
    assert not any("Traceback" in line or "INTERNALERROR" in line for line in told)
    result.stdout.fnmatch_lines(["gates: *"])


def test_what_a_model_wrote_is_escaped(run, pytester):
    pytester.makepyfile(
        """
        from pytest_slm_autopsy import ScriptedModel

        def test_it(slm_cases, autopsy):
            evil = ScriptedModel(lambda case: "</script><script>alert(1)</script>", name="<i>")
            autopsy.predict(evil, slm_cases.reference)
        """
    )
    run("--slm-report=page.html").assert_outcomes(passed=1)
    page = (pytester.path / "page.html").read_text(encoding="utf-8")
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<i>" not in page
