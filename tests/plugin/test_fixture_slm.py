"""``slm``: overridden with a double, or loaded; what cannot be loaded is said in a sentence."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

import reference_experiment
from pytest_slm_autopsy import INVOICE, ScriptedModel, draw_suite
from pytest_slm_autopsy.models.golden import unlike_training
from reference_experiment.data import SCHEMA

NEEDS_A_MODEL = "def test_it(slm): pass\ndef test_again(slm): pass\ndef test_other(): pass\n"
NO_BASE = "ConfigError: no base model is named; set slm_base in the ini file, pass --slm-base, "


def test_an_override_is_what_the_test_gets(run, model, pytester):
    pytester.makepyfile("def test_it(slm): assert slm.name == 'toy'")
    run().assert_outcomes(passed=1)


def test_without_a_base_it_is_an_error_in_one_sentence(run, pytester):
    pytester.makepyfile(NEEDS_A_MODEL)
    result = run("-rN")
    result.assert_outcomes(errors=2, passed=1)
    result.stdout.fnmatch_lines([f"{NO_BASE}or override the fixture slm"])
    result.stdout.no_fnmatch_line("*fixtures.py*")
    result.stdout.no_fnmatch_line("E  *")


@pytest.mark.parametrize("style", ["auto", "no"])
def test_the_short_summary_names_the_error(run, pytester, style):
    pytester.makepyfile(test_a=NEEDS_A_MODEL)
    told = run(f"--tb={style}").stdout
    told.fnmatch_lines(["ERROR test_a.py::test_it - ConfigError: no base model is named*"])


@pytest.mark.parametrize("style", ["long", "short", "native"])
def test_a_traceback_comes_when_asked_for(run, pytester, style):
    pytester.makepyfile(NEEDS_A_MODEL)
    result = run(f"--tb={style}")
    result.assert_outcomes(errors=2, passed=1)
    result.stdout.fnmatch_lines(["*fixtures.py*", "*raise ConfigError(*"])


@pytest.fixture
def offline(monkeypatch):
    """No network; these runs import transformers, in a process of their own."""
    pytest.importorskip("transformers")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


def test_a_base_that_is_nowhere_is_an_error_in_one_sentence(run, pytester, offline):
    pytester.makepyfile(NEEDS_A_MODEL)
    result = pytester.runpytest_subprocess("--slm-base=nobody/nothing", "--show-capture=no")
    result.assert_outcomes(errors=2, passed=1)
    result.stdout.fnmatch_lines(["ModelError: no base 'nobody/nothing': there is no such folder*"])
    result.stdout.no_fnmatch_line("*adapter.py*")


@pytest.mark.slow
def test_an_adapter_that_is_nowhere_is_an_error_in_one_sentence(run, pytester, offline):
    pytester.mkdir("base")
    pytester.makepyfile(NEEDS_A_MODEL)
    result = pytester.runpytest_subprocess("--slm-base=base", "--slm-adapter=adapters/narrow")
    result.assert_outcomes(errors=2, passed=1)
    said = "ModelError: adapter adapters/narrow on base base fails the check adapter_files: *"
    result.stdout.fnmatch_lines([f"{said}; train one*"])
    result.stdout.no_fnmatch_line("*adapter.py*")


@pytest.fixture
def constant(monkeypatch):
    """What is loaded gives every document the same answer."""
    model = ScriptedModel(lambda case: "{}", name="constant")
    # Not the room itself: transformers cannot be imported again after an inner run forgets it.
    room = ModuleType("pytest_slm_autopsy.models.adapter")
    room.load_model = lambda spec, allow: model
    monkeypatch.setitem(sys.modules, room.__name__, room)


def test_a_model_that_does_not_read_is_told_before_the_first_test(run, pytester, constant):
    pytester.makepyfile(NEEDS_A_MODEL)
    result = run("--slm-base=b")
    result.assert_outcomes(errors=2, passed=1)
    said = "ModelError: model constant fails the check answers_differ: all 4 documents get the *"
    result.stdout.fnmatch_lines([said])


@pytest.mark.parametrize("given", ["--slm-health=off", "--slm-allow=answers_differ,input_matters"])
def test_the_first_cases_can_be_left_out_or_their_failure_accepted(run, pytester, constant, given):
    pytester.makepyfile(NEEDS_A_MODEL)
    run("--slm-base=b", given).assert_outcomes(passed=3, warnings=2 * ("allow" in given))


def test_cases_of_other_fields_than_training_are_warned_of():
    adapter = str(Path(reference_experiment.__file__).parent / "adapters" / "narrow")
    other, own = (draw_suite(one, 2, 1, {"canonical": {}}).reference for one in (INVOICE, SCHEMA))
    said = unlike_training(adapter, other)
    assert said.startswith("training asked for id, issued, deadline, seller, ")
    assert "these cases ask for invoice_number, " in said
    assert unlike_training(adapter, own) == ""
    assert unlike_training(None, other) == unlike_training("nowhere", other) == ""
