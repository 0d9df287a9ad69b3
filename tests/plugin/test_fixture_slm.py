"""``slm``: overridden with a double, or loaded; what cannot be loaded is said in a sentence."""

from __future__ import annotations

import json

import pytest

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


def test_an_adapter_that_is_nowhere_is_an_error_in_one_sentence(run, pytester, offline):
    tokenizers = pytest.importorskip("tokenizers")
    base = pytester.mkdir("base")
    words = tokenizers.models.WordLevel({"<unk>": 0}, unk_token="<unk>")
    tokenizers.Tokenizer(words).save(str(base / "tokenizer.json"))
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "chat_template": "{{ messages }}"}
    (base / "tokenizer_config.json").write_text(json.dumps(config))
    pytester.makepyfile(NEEDS_A_MODEL)
    result = pytester.runpytest_subprocess("--slm-base=base", "--slm-adapter=adapters/narrow")
    result.assert_outcomes(errors=2, passed=1)
    result.stdout.fnmatch_lines(["ModelError: no adapter at adapters/narrow: *; train one or *"])
    result.stdout.no_fnmatch_line("*adapter.py*")
