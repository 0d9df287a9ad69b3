"""Verdicts where teams already look: JUnit, pytest-html, the step summary, JSON and Parquet."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest

from pytest_slm_autopsy.report.data import ReportData


def properties(path):
    """The properties of each test in a JUnit file."""
    return {
        case.get("name"): {one.get("name"): one.get("value") for one in case.iter("property")}
        for case in ET.parse(path).getroot().iter("testcase")
    }


@pytest.mark.parametrize("flags", [(), ("-n2",), ("--reruns=1",)])
def test_junit_has_value_interval_n_limit_and_outcome(run, toy, pytester, flags):
    run("--junitxml=junit.xml", *flags)
    found = properties(pytester.path / "junit.xml")
    assert found["test_gap"] == {
        "slm.gate": "accuracy gap",
        "slm.model": "toy",
        "slm.condition": "production",
        "slm.value": "1",
        "slm.interval": "0.625731 1",
        "slm.n": "12",
        "slm.limit": "at_most 0.2",
        "slm.outcome": "failed",
    }
    assert found["test_reference"]["slm.outcome"] == "passed"
    assert found["test_without_a_model"] == {}


def test_a_second_gate_of_a_test_has_a_number(run, model, pytester):
    pytester.makepyfile(
        """
        from pytest_slm_autopsy import assert_accuracy, assert_valid_json

        def test_it(slm, slm_cases, autopsy):
            assert_accuracy(autopsy.predict(slm, slm_cases.reference), at_least=0.5)
            assert_valid_json(autopsy.predict(slm, slm_cases.reference), at_least=0.5)
        """
    )
    run("--junitxml=junit.xml")
    found = properties(pytester.path / "junit.xml")["test_it"]
    assert (found["slm.gate"], found["slm.2.gate"]) == ("exact match", "valid JSON")


@pytest.mark.parametrize("flags", [(), ("-n2",)])
def test_pytest_html_shows_verdicts_of_tests_and_of_the_run(run, toy, pytester, flags):
    pytest.importorskip("pytest_html")
    run("--html=other.html", "--self-contained-html", *flags)
    text = (pytester.path / "other.html").read_text()
    assert "<h3>SLM autopsy</h3>" in text
    assert text.count("accuracy gap") >= 2
    assert "interval and limit" in text


def test_names_in_extras_are_text(run, pytester):
    pytest.importorskip("pytest_html")
    pytester.makepyfile(
        """
        from pytest_slm_autopsy import ScriptedModel, assert_accuracy

        def test_it(slm_cases, autopsy):
            slm = ScriptedModel(lambda case: "{}", name="<script>alert(1)</script>")
            assert_accuracy(autopsy.predict(slm, slm_cases.reference), at_least=0.5)
        """
    )
    run("--html=other.html", "--self-contained-html")
    text = (pytester.path / "other.html").read_text()
    assert '<td style="padding: 2px 10px 2px 0"><script>' not in text
    assert "<script>alert(1)" not in text.partition("SLM autopsy")[2]


def test_the_step_summary_is_appended(run, toy, pytester, monkeypatch):
    summary = pytester.path / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    run()
    text = summary.read_text()
    assert text.startswith("before\n### Autopsy\n\n**toy does not survive: 1.00 on canonical, ")
    assert "- failed: accuracy gap (toy, production) = 1.000" in text
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(pytester.path))
    result = run()
    result.assert_outcomes(passed=2, failed=1, xfailed=1)
    assert "the step summary cannot be written to" in result.stdout.str()


def test_a_run_without_a_model_adds_nothing_to_the_step_summary(run, toy, pytester, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(pytester.path / "summary.md"))
    run("-k", "without")
    assert not (pytester.path / "summary.md").exists()


@pytest.mark.parametrize("flags", [(), ("-n2",)])
def test_every_file_of_a_run_by_its_ending(run, toy, pytester, flags):
    parquet = pytest.importorskip("pyarrow.parquet")
    result = run("--slm-report=a/page.html, data.json,sum.md,all.parquet", *flags)
    here = pytester.path
    assert "<main" in (here / "a" / "page.html").read_text()
    assert ReportData.from_json((here / "data.json").read_text()) == run.data
    assert (here / "sum.md").read_text().startswith("### Autopsy")
    rows = parquet.read_table(here / "all.parquet").to_pylist()
    assert len(rows) == 36
    assert {row["condition"] for row in rows} == {"canonical", "order", "production"}
    first = rows[0]
    assert json.loads(first["truth"])["currency"]
    assert first["correct"] is True
    assert first["tokens"] == len(first["raw"]) + 1
    result.stdout.fnmatch_lines(["*- autopsy report: *page.html *", "written too: data.json, *"])


def test_an_ending_that_is_not_known_stops_the_run(run, toy):
    result = run("--slm-report=page.html,page.pdf")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*'page.pdf' must end with .html, .json, .md, .parquet*"])


def test_without_pyarrow_the_verdicts_still_print(run, toy, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result = run("--slm-report=all.parquet")
    result.assert_outcomes(passed=2, failed=1, xfailed=1)
    assert "pyarrow is not installed; run: pip install 'pyarrow>=" in result.stdout.str()
