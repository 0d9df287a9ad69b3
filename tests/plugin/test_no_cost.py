"""Whoever does not ask a model pays nothing, and whoever blocks the plugin misses nothing else."""

from __future__ import annotations

import pytest

from pytest_slm_autopsy.statistics import listening

HEAVY = ("numpy", "scipy", "torch", "transformers", "jinja2", "plotly", "babel")
OTHER_PEOPLES = f"""
import sys
import pytest

def test_one(): pass

@pytest.mark.xfail
def test_two(): assert False

def test_imports():
    assert not set({HEAVY}) & set(sys.modules)
"""
TELL = f"""
import sys

def pytest_unconfigure():
    loaded = [name for name in sys.modules if name.partition(".")[0] in {HEAVY}]
    loaded += [name for name in sys.modules if name.startswith("pytest_slm_autopsy")]
    print("loaded:", *sorted(loaded))
"""


def test_nothing_heavy_is_imported_and_no_room_entered(pytester, monkeypatch):
    """Our plugin alone: what others import is theirs."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeconftest(TELL)
    pytester.makepyfile(OTHER_PEOPLES)
    result = pytester.runpytest_subprocess("-p", "pytest_slm_autopsy.plugin.hooks")
    result.assert_outcomes(passed=2, xfailed=1)
    result.stdout.no_fnmatch_line("*SLM*")
    [line] = [line for line in result.outlines if line.startswith("loaded:")]
    assert line.split()[1:] == [
        "pytest_slm_autopsy",
        "pytest_slm_autopsy._door",
        "pytest_slm_autopsy.errors",
        "pytest_slm_autopsy.plugin",
        *(f"pytest_slm_autopsy.plugin.{name}" for name in PLUGIN),
        "pytest_slm_autopsy.statistics",
        "pytest_slm_autopsy.statistics.listeners",
    ]


PLUGIN = (
    *("autopsies", "baselines", "built_in", "conditions", "extensions", "fixtures", "hooks"),
    *("hookspecs",),
    *("memory", "memory.asked", "memory.budget", "memory.ledger", "memory.storage"),
    *("options", "output", "output.elsewhere", "output.files", "output.progress"),
    *("output.provenance", "output.terminal", "privacy", "session", "settings"),
)


def test_no_summary_and_no_page(run, pytester):
    pytester.makepyfile("def test_it(): pass")
    result = run("--slm-report=page.html")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*autopsy *")
    assert not (pytester.path / "page.html").exists()


@pytest.mark.parametrize("flags", [(), ("-q",), ("-x",), ("-n1",)])
def test_without_the_plugin_everything_else_works(run, pytester, flags):
    if "-n1" in flags:
        pytest.importorskip("xdist")
    pytester.makepyfile("def test_it(): pass\ndef test_wants(slm): pass")
    pytester.makeini("[pytest]\n")
    result = run("-p", "no:slm_autopsy", *flags)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["E  *fixture 'slm' not found"])
    assert run.settings is None


def test_without_the_plugin_its_options_are_unknown(run, toy):
    assert run("-p", "no:slm_autopsy", "--slm-n=3").ret == pytest.ExitCode.USAGE_ERROR


def test_assertions_work_without_the_plugin(run, pytester):
    pytester.makepyfile(
        """
        from pytest_slm_autopsy import INVOICE, PromptFormat, ScriptedModel
        from pytest_slm_autopsy import assert_accuracy, draw_suite, predict

        def test_it():
            perfect = ScriptedModel(lambda case: PromptFormat().expected(case.truth))
            cases = draw_suite(INVOICE, 12, 1).reference
            assert assert_accuracy(predict(perfect, cases), at_least=0.5).outcome == "passed"
        """
    )
    pytester.makeini("[pytest]\n")
    heard = []
    with listening(heard.append):
        run("-p", "no:slm_autopsy").assert_outcomes(passed=1)
    assert [verdict.outcome for verdict in heard] == ["passed"]
