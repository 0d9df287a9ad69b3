"""--slm-save-baseline and --slm-compare: kept in a file, compared at the end, red when worse."""

from __future__ import annotations

import fnmatch
import json

import pytest

MODEL = """
import pytest
from pytest_slm_autopsy import PromptFormat, ScriptedModel

def write(case):
    wrong = case.condition == "order" and int(case.record[-4:]) < {wrong}
    return PromptFormat().expected(dict.fromkeys(case.truth) if wrong else case.truth)

@pytest.fixture(scope="session")
def slm():
    return ScriptedModel(write, name="{name}")
"""
TESTS = """
import pytest
@pytest.mark.parametrize("name", ["canonical", "order"])
def test_it(slm, slm_cases, autopsy, name):
    assert len(autopsy.predict(slm, slm_cases[name])) == 96
"""

FAILING = """
def test_it(slm, slm_cases, autopsy):
    autopsy.predict(slm, slm_cases.reference)
    assert False
"""


@pytest.fixture
def model(pytester, run):
    """Write the model, wrong on the first records under another order."""
    pytester.makepyfile(test_it=TESTS)
    pytester.makeini("[pytest]\nslm_n = 96\n")

    def model(wrong=0, name="toy"):
        pytester.makeconftest(MODEL.format(wrong=wrong, name=name))

    return model


def test_saved_compared_and_worse(run, model, pytester):
    model()
    run("--slm-save-baseline").assert_outcomes(passed=2)
    result = run("--slm-compare")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["baseline: toy passed: +0.000 [[]*[]] lost since 20*; 0 worse, *"])
    model(wrong=40)
    result = run("--slm-compare=slm-baseline.json")
    result.assert_outcomes(passed=2)
    assert result.ret == 1
    said = result.stdout.str()
    assert "baseline: toy failed: +0.208" in said
    assert "most under order; 40 worse, 0 better, p = 1.8e-12" in " ".join(said.split())
    [found] = run.data.baselines
    assert found.rows[2].worse[0] == "invoice-42-0000/order"


def test_all_flipped_cases_count_where_the_first_are_named(run, model):
    model()
    run("--slm-save-baseline")
    model(wrong=60)
    result = run("--slm-compare", "--slm-report=page.html")
    assert "60 worse, 0 better" in " ".join(result.stdout.str().split())
    [found] = run.data.baselines
    assert (found.rows[0].flipped, len(found.rows[0].worse)) == ((60, 0), 40)
    page = run.settings.report[0].read_text()
    assert "<summary>60</summary>" in page
    assert "and 20 more</details>" in page


def test_the_next_adapter_is_compared_with_the_last(run, model):
    model()
    run("--slm-save-baseline=old.json")
    model(wrong=40, name="next")
    result = run("--slm-compare=old.json", "--slm-report=page.html,data.json")
    assert result.ret == 1
    assert " (toy), most under order" in " ".join(result.stdout.str().split())
    assert "since" in (run.settings.report[0]).read_text()
    told = json.loads(run.settings.report[1].read_text())["baselines"][0]
    assert (told["model"], told["baseline"]) == ("next", "toy")


def test_other_cases_end_the_count_of_slow_decay_and_it_is_said(run, model):
    model()
    run("--slm-save-baseline")
    said = run("--slm-save-baseline").stdout.str()
    assert "slow decay" not in said
    path = run.settings.save_baseline
    path.write_text(path.read_text().replace('"made": "20', '"made": "19'))
    said = " ".join(run("--slm-save-baseline", "--slm-seed=7").stdout.str().split())
    assert "were of other cases, so slow decay is counted from today" in said


@pytest.mark.parametrize("flags", [("-n2",), ("--reruns=1",), ("-p", "no:randomly")])
def test_the_file_is_the_same_however_it_is_run(run, model, pytester, flags):
    model(wrong=3)
    run("--slm-save-baseline=alone.json")
    run("--slm-save-baseline=other.json", *flags)
    files = [(pytester.path / name).read_bytes() for name in ("alone.json", "other.json")]
    assert files[0] == files[1]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--slm-compare=none.json",), "no baseline at *none.json: No such file or directory; *"),
        (("--slm-compare", "--slm-seed=7"), "* has other cases under 'canonical': 96 then, 96 *"),
    ],
)
def test_what_cannot_be_compared_is_red_with_the_reason(run, model, flags, said):
    model()
    run("--slm-save-baseline")
    result = run(*flags)
    assert result.ret == 1
    [found] = run.data.baselines
    assert fnmatch.fnmatch(found.problem, said)
    assert "not compared" in result.stdout.str()


def test_a_run_that_stopped_saves_none_and_says_partial(run, model, pytester):
    model()
    pytester.makepyfile(test_a=FAILING)
    result = run("-x", "--slm-save-baseline")
    assert "no baseline saved: the run was not finished" in result.stdout.str()
    assert not (pytester.path / "slm-baseline.json").exists()
    assert run.data.partial


def test_an_interrupt_keeps_what_was_found(run, model, pytester):
    model()
    pytester.makepyfile(test_zz="def test_it():\n    raise KeyboardInterrupt")
    result = run("--slm-report=page.html", "--slm-save-baseline")
    assert result.ret == 2
    assert run.data.partial
    assert len(run.data.rows) == 2
    assert "The run was interrupted" in (pytester.path / "page.html").read_text()


def test_a_folder_that_cannot_be_written_costs_no_verdict(run, model, pytester):
    model()
    (pytester.path / "file").write_text("")
    result = run("--slm-save-baseline=file/b.json", "--slm-report=file/page.html")
    result.assert_outcomes(passed=2)
    said = " ".join(result.stdout.str().split())
    assert "no baseline saved: the baseline cannot be written to" in said
    assert "the report cannot be written to" in said
    assert "1.00 [0.96, 1.00] 96" in said


def test_of_several_models_those_are_compared_that_the_baseline_knows(run, model, pytester):
    model()
    run("--slm-save-baseline")
    with (pytester.path / "test_it.py").open("a") as file:
        file.write(
            "\ndef test_other(slm_cases, autopsy):\n"
            "    from pytest_slm_autopsy import CallableModel\n"
            "    other = CallableModel(lambda text: {}, name='other')\n"
            "    autopsy.predict(other, slm_cases.reference)\n"
        )
    result = run("--slm-compare")
    assert result.ret == 0
    assert [one.model for one in run.data.baselines] == ["toy"]


def test_undecided_follows_its_option(run, model, pytester):
    pytester.makeini("[pytest]\nslm_n = 12\n")
    model()
    pytester.makepyfile(test_it=TESTS.replace("== 96", "== 12"))
    run("--slm-save-baseline")
    assert run("--slm-compare").ret == 1
    assert run("--slm-compare", "--slm-undecided=warn").ret == 0


def test_what_the_baseline_holds_and_the_run_did_not_ask_is_red(run, model):
    model()
    run("--slm-save-baseline")
    result = run("--slm-compare", "-k", "canonical")
    assert result.ret == 1
    said = " ".join(result.stdout.str().split())
    assert "baseline: toy passed: +0.000" in said
    assert "toy: not compared: conditions of the baseline that this run did not ask: order;" in said


TWO = """
import pytest
from pytest_slm_autopsy import PromptFormat, ScriptedModel

def right(case):
    return PromptFormat().expected(case.truth)

def lost(case):
    return right(case) if case.condition == "canonical" else "{{}}"

NAMES = {names}

@pytest.mark.parametrize("condition", ["canonical", "order"])
@pytest.mark.parametrize("name", NAMES)
def test_it(slm_cases, autopsy, condition, name):
    autopsy.predict(ScriptedModel(NAMES[name], name=name), slm_cases[condition])
"""


def test_the_next_adapter_is_compared_also_beside_a_model_that_stays(run, model, pytester):
    """The base is known by its name, and the new adapter must not slip through beside it."""
    model()
    pytester.makepyfile(test_it=TWO.format(names="{'base': lost, 'v1': right}"))
    run("--slm-save-baseline")
    pytester.makepyfile(test_it=TWO.format(names="{'base': lost, 'v2': lost}"))
    assert run("--slm-compare").ret == 1
    found = {one.model: (one.baseline, one.rows[0].verdict.outcome) for one in run.data.baselines}
    assert found == {"base": ("base", "passed"), "v2": ("v1", "failed")}
    run("--slm-save-baseline")
    assert json.loads(run.settings.save_baseline.read_text())["oldest"].keys() == {"base", "v2"}


def test_a_new_model_beside_several_that_were_not_asked_is_red(run, model, pytester):
    model()
    pytester.makepyfile(test_it=TWO.format(names="{'v1': right, 'v2': right}"))
    run("--slm-save-baseline")
    pytester.makepyfile(test_it=TWO.format(names="{'v3': right}"))
    result = run("--slm-compare")
    assert result.ret == 1
    said = " ".join(result.stdout.str().split())
    assert "holds no model 'v3', and several that this run did not ask: v1, v2; give the" in said
    pytester.makepyfile(test_it=TWO.format(names="{'v2': right}"))
    assert run("--slm-compare").ret == 0


def test_a_run_that_was_told_to_compare_and_asked_nothing_is_red(run, model, pytester):
    model()
    run("--slm-save-baseline")
    pytester.makepyfile(test_it="def test_it(): pass")
    assert run("--slm-compare", "--collect-only").ret == 0
    result = run("--slm-compare")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["baseline: not compared: no model was asked in this run"])
    pytester.makeini("[pytest]\nslm_compare = slm-baseline.json\n")
    assert run().ret == 0


def test_a_budget_asks_other_cases_every_time_and_is_refused_at_once(run, model):
    model()
    result = run("--slm-compare", "--slm-budget=64")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "slm_budget and a baseline are both given" in result.stderr.str()


@pytest.mark.parametrize("flag", ["--slm-save-baseline", "--slm-compare"])
def test_a_test_file_behind_a_space_is_not_taken_for_the_baseline(run, model, flag):
    model()
    result = run(flag, "test_it.py")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    said = result.stderr.str()
    assert f"{flag} is 'test_it.py'; it must be a file *.json; without = pytest takes its" in said


def test_the_usual_file_is_that_of_the_root_from_every_folder(run, model, pytester, monkeypatch):
    model()
    (pytester.path / "deep").mkdir()
    (pytester.path / "test_it.py").rename(pytester.path / "deep" / "test_it.py")
    run("--slm-save-baseline")
    monkeypatch.chdir(pytester.path / "deep")
    result = run("--slm-compare", "--rootdir", pytester.path, "test_it.py")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["baseline: toy passed: *"])


def test_a_model_that_was_always_wrong_has_nothing_to_lose(run, model, pytester):
    model()
    always = MODEL.format(wrong=0, name="toy").replace("wrong = case", "wrong = 1 or case")
    pytester.makeconftest(always)
    run("--slm-save-baseline")
    result = run("--slm-compare")
    assert result.ret == 1
    assert run.data.baselines[0].rows[0].verdict.outcome == "undecided"
