"""A stage runs when its inputs changed, and says so when they did not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_slm_autopsy.errors import ConfigError
from reference_experiment import __main__ as experiment
from reference_experiment.data import conditions
from reference_experiment.stages import Stage, run


@pytest.fixture
def stage(tmp_path):
    """A stage that copies a file, and counts how often it ran."""
    source, target, ran = tmp_path / "source", tmp_path / "target", []
    source.write_text("one")
    return Stage([source], [target], lambda: ran.append(target.write_text("made"))), source, ran


def test_a_stage_runs_once(stage, small, capsys):
    made, _, ran = stage
    run("copy", {"copy": made}, small)
    run("copy", {"copy": made}, small)
    assert len(ran) == 1
    assert "copy: skipped, its inputs have not changed" in capsys.readouterr().out


def test_a_changed_input_or_a_lost_output_runs_it_again(stage, small):
    made, source, ran = stage
    run("copy", {"copy": made}, small)
    source.write_text("two")
    run("copy", {"copy": made}, small)
    made.outputs[0].unlink()
    run("copy", {"copy": made}, small)
    assert len(ran) == 3


def test_a_stage_needs_those_before_it_and_outdates_those_after_it(stage, small):
    made, source, _ = stage
    nothing = Stage([], [], lambda: None)
    both = {"copy": made, "late": nothing}
    with pytest.raises(ConfigError, match="stage late needs stage copy; run that first"):
        run("late", both, small)
    run("copy", both, small)
    run("late", both, small)
    source.write_text("two")
    run("copy", both, small)
    later = {**both, "last": nothing}
    with pytest.raises(ConfigError, match="stage last needs stage late"):
        run("last", later, small)


def test_a_stage_cut_short_is_not_done_even_when_the_input_comes_back(stage, small):
    made, source, ran = stage
    run("copy", {"copy": made}, small)
    source.write_text("two")
    with pytest.raises(ZeroDivisionError):
        run("copy", {"copy": replace(made, action=lambda: 1 / 0)}, small)
    source.write_text("one")
    run("copy", {"copy": made}, small)
    assert len(ran) == 2


def test_a_stage_that_breaks_is_not_taken_for_done(stage, small):
    _, source, _ = stage
    breaking = Stage([source], [source], lambda: 1 / 0)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            run("breaking", {"breaking": breaking}, small)


def test_the_data_stage_writes_every_file(small):
    experiment._run(small, "base")
    experiment._run(small, "data")
    assert sorted(path.name for path in (small.runs / "data").iterdir()) == [
        "hardened.jsonl",
        "narrow.jsonl",
    ]
    assert len(list((small.runs / "suites").iterdir())) == len(conditions(small)) == 39


def test_another_model_than_the_tiny_one_is_given_to_the_suite_that_expects_nothing(small, capsys):
    other = replace(small, name="gemma3-270m")
    assert experiment.suite(other) == 0
    shown = capsys.readouterr().out
    for name in ("narrow", "hardened"):
        assert f"slm-autopsy run {other.base_place} {other.adapter(name)} \\" in shown
