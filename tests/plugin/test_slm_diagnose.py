"""--slm-diagnose: where a gate failed, the run says why, once for each model."""

from __future__ import annotations

import json

import pytest

import pytest_slm_autopsy.examination  # noqa: F401  # pytester forgets what an inner run imported

MODEL = """
import pytest
from pytest_slm_autopsy import INVOICE, PromptFormat, ScriptedModel, draw_suite

def write(case):
    fields = dict(case.truth)
    if "order" in case.shift:
        fields["vendor"], fields["customer"] = fields["customer"], fields["vendor"]
    return PromptFormat().expected(fields)

@pytest.fixture(scope="session")
def slm():
    return ScriptedModel(write, name="toy")

@pytest.fixture(scope="session")
def slm_cases(slm_settings):
    both = {"order": 1.0, "rules": 1.0}
    conditions = {"canonical": {}, "both": both, "rules": {"rules": 1.0}}
    return draw_suite(INVOICE, slm_settings.n, slm_settings.seed, conditions)
"""

TESTS = """
import pytest
from pytest_slm_autopsy import assert_accuracy_gap

@pytest.mark.parametrize("name", ["both", "rules"])
def test_gap(slm, slm_cases, autopsy, name):
    reference = autopsy.predict(slm, slm_cases.reference)
    shifted = autopsy.predict(slm, slm_cases[name])
    assert_accuracy_gap(reference=reference, shifted=shifted, at_most=0.3)
"""


@pytest.fixture
def shifted(pytester):
    pytester.makeini("[pytest]\nslm_n = 24\n")
    pytester.makeconftest(MODEL)
    pytester.makepyfile(test_it=TESTS)
    return pytester


@pytest.mark.parametrize("processes", ["0", "2"])
def test_a_failed_gate_is_diagnosed(shifted, processes):
    options = ("-n", processes, "--slm-diagnose=why.json", "--slm-report=page.html")
    result = shifted.runpytest("-p", "no:cacheprovider", *options)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "why: toy does not survive: it reads 100% of unshifted documents right, and 0% of",
            "shifted ones. Cause: fields stand in another order (100% of the loss).",
        ]
    )
    [diagnosis] = json.loads((shifted.path / "why.json").read_text())["diagnoses"]
    assert [finding["cause"] for finding in diagnosis["findings"]] == ["shift: order"]
    page = (shifted.path / "page.html").read_text()
    assert "Why it dies" in page
    assert "state another field" in page


def test_without_a_failed_gate_nothing_is_diagnosed(shifted):
    result = shifted.runpytest("-p", "no:cacheprovider", "-k", "rules", "--slm-diagnose=why.json")
    result.assert_outcomes(passed=1, deselected=1)
    result.stdout.no_fnmatch_line("why: *")
    assert json.loads((shifted.path / "why.json").read_text())["diagnoses"] == []


def test_without_the_option_nothing_is_written(shifted):
    shifted.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=1, failed=1)
    assert not (shifted.path / "why.json").exists()


@pytest.mark.parametrize("path", ["folder", "file/why.json"])
def test_a_bad_path_is_a_sentence(shifted, path):
    (shifted.path / "folder").mkdir()
    (shifted.path / "file").touch()
    result = shifted.runpytest("-p", "no:cacheprovider", f"--slm-diagnose={path}")
    told = "\n".join(result.stdout.lines + result.stderr.lines)
    assert "slm_diagnose is" in told or "the diagnosis cannot be written to" in told
    assert "Traceback" not in told


def test_a_test_may_ask_for_a_diagnosis(shifted):
    shifted.makepyfile(
        test_it="""
        def test_why(slm, slm_cases, autopsy):
            found = autopsy.diagnose(slm, slm_cases.reference, slm_cases["both"])
            assert [finding.cause for finding in found.findings] == ["shift: order"]
        """
    )
    result = shifted.runpytest("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)
