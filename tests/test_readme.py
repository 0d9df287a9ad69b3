"""The README's first example does what the README says."""

from __future__ import annotations

import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_the_first_example_prints_what_stands_there(pytester, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    page = README.read_text(encoding="utf-8")
    example, summary = re.findall(r"```(?:python|text)\n(.*?)```", page, re.DOTALL)[:2]
    pytester.makepyfile(test_reader=example)
    result = pytester.runpytest("-q", "-p", "slm_autopsy")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines([line.replace("[", "[[]") for line in summary.splitlines()])
    result.stdout.fnmatch_lines(["*vendor='CHF' instead of 'Tanaka Logistics Inc'*"])
