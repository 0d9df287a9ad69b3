"""``pytest --fixtures`` is the manual: what each fixture gives, and how to override it."""

from __future__ import annotations

import pytest

FIRST_LINES = {
    "slm": "Return the model under test: the 4-bit base with its LoRA adapter, loaded once.",
    "slm_cases": "Return invoices to ask the model, or your own documents; paired by record.",
    "slm_settings": "Return the settings: what the --slm-* options and slm_* ini keys say.",
    "slm_limits": "Return the limits of the built-in suite: --slm-limits, or the defaults of "
    "docs/suite.md.",
    "slm_training": "Return the training data, as cases; none without the ini key slm_training.",
    "autopsy": "Return the autopsy of this run: it asks models, and remembers for the report.",
}
MANUAL = {
    "slm": [
        "Name them with --slm-base and --slm-adapter*",
        "*--slm-allow accepts*",
        "*return ScriptedModel(*",
    ],
    "slm_cases": [
        "--slm-n records are drawn from --slm-seed*",
        "*--slm-cases the documents*",
        "*return draw_suite(*",
    ],
    "slm_settings": [
        "Frozen: base, adapter, quantization, device, seed, n, undecided, budget, report, allow,*"
    ],
    "slm_limits": ["*def test_a_shift_costs_little(slm_condition, *"],
    "slm_training": ["Return the training data, as cases; none without the ini key slm_training."],
    "autopsy": ["`autopsy.predict(slm, slm_cases.reference)` gives one prediction a case*"],
}


@pytest.mark.parametrize("name", FIRST_LINES)
def test_fixtures_shows_what_each_is(run, name):
    result = run("--fixtures")
    result.stdout.fnmatch_lines([f"{name} [[]session scope[]] -- *", f"    {FIRST_LINES[name]}"])


@pytest.mark.parametrize("name", MANUAL)
def test_fixtures_v_shows_the_manual(run, name):
    shown = [f"    {line}" if line[0] != "*" else line for line in MANUAL[name]]
    run("--fixtures", "-v").stdout.fnmatch_lines([f"{name} [[]session scope[]] -- *", *shown])


def test_every_fixture_is_in_the_manual(run):
    told = run("--fixtures", "-v").stdout.lines
    ours = {line.split()[0] for line in told if "slm_autopsy" in line and " -- " in line}
    assert ours == set(MANUAL) == set(FIRST_LINES)
