"""Hooks: a model of one's own, findings and sections; and an autopsy without pytest."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_slm_autopsy import INVOICE, Autopsy, CallableModel, assert_accuracy, draw_suite

PAGE = Path(__file__).parents[2] / "docs" / "hooks.md"
BLOCK = re.compile(r"^```python\n# (\w+\.py)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def test_the_hooks_of_the_page_do_as_it_says(run, pytester):
    for name, text in BLOCK.findall(PAGE.read_text("utf-8")):
        with (pytester.path / name).open("a", encoding="utf-8") as file:
            file.write(text)
    result = run("--slm-report=page.html")
    result.assert_outcomes(passed=1)
    titles = [section.title for section in run.data.sections]
    assert titles == ["Findings of other plugins: from a hook", "Answers by length"]
    text = (pytester.path / "page.html").read_text()
    assert "answers are a line each" in text
    logged = (pytester.path / "logged.txt").read_text()
    assert "accuracy/canonical" in logged


@pytest.mark.parametrize(
    ("hook", "said"),
    [
        ("pytest_slm_findings(model)", "pytest_slm_findings returned str; return a list of Find"),
        ("pytest_slm_report_sections()", "pytest_slm_report_sections returned str; return a list"),
    ],
)
def test_a_hook_that_returns_something_else_is_told(run, toy, pytester, hook, said):
    with (pytester.path / "conftest.py").open("a") as file:
        file.write(f"\ndef {hook}:\n    return ['text']\n")
    result = run()
    result.assert_outcomes(passed=2, failed=1, xfailed=1)
    assert said in result.stderr.str() + result.stdout.str()


def test_a_hook_that_raises_costs_no_verdict(run, toy, pytester):
    with (pytester.path / "conftest.py").open("a") as file:
        file.write("\ndef pytest_slm_report_sections(data):\n    return 1 / 0\n")
    result = run("--slm-report=page.html")
    result.assert_outcomes(passed=2, failed=1, xfailed=1)
    said = " ".join(result.stdout.str().split())
    assert "the hook pytest_slm_report_sections raised ZeroDivisionError: division by zero" in said
    assert (pytester.path / "page.html").is_file()


def test_an_interrupt_is_not_diagnosed(run, toy, pytester):
    pytester.makepyfile(test_zz="def test_it():\n    raise KeyboardInterrupt")
    run("--slm-diagnose=why.json", "--slm-gate")
    assert run.data.partial
    assert run.data.why == ()
    assert not (pytester.path / "why.json").exists()


def test_an_autopsy_without_pytest_shows_itself():
    autopsy, suite = Autopsy(), draw_suite(INVOICE, 8, 1, {"canonical": {}, "order": {"order": 1}})
    assert "0 predictions" in autopsy._repr_html_()
    model = CallableModel(lambda text: {}, name="<b>nothing</b>")
    with autopsy.watching():
        for condition in suite:
            answers = autopsy.predict(model, suite[condition])
        with pytest.raises(AssertionError):
            assert_accuracy(answers, at_least=0.9)
    data = autopsy.report()
    assert [row.condition for row in data.rows] == ["canonical", "order"]
    assert data.gates[0].verdict.outcome == "failed"
    assert autopsy._repr_html_().startswith("<iframe srcdoc=")
    for shown in (data.rows[0].accuracy, data.gates[0].verdict, suite):
        text = shown._repr_html_()
        assert "<table" in text
        assert "<b>nothing" not in text


def test_an_interrupted_diagnosis_costs_neither_verdicts_nor_page(run, toy, pytester, monkeypatch):
    def stop(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(Autopsy, "diagnose_failures", stop)
    result = run("--slm-diagnose=why.json", "--slm-report=page.html")
    result.assert_outcomes(passed=2, failed=1, xfailed=1)
    assert "no diagnosis: it was interrupted" in result.stdout.str()
    assert (pytester.path / "page.html").is_file()
