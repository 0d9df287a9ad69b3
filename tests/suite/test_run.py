"""The built-in suite as users meet it: a model, no test, and verdicts that read as sentences."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_slm_autopsy import cli
from pytest_slm_autopsy.suite.run import MODULE, arguments

SUITE = ("--pyargs", "pytest_slm_autopsy.suite")
FEW = "--slm-limits=conditions = ['order', 'missing', 'production']"


def outcomes(run):
    """Test to the outcome of its gate."""
    return {name: outcome for name, (outcome, _) in run.gates.items()}


def test_a_sound_model_is_green(run, toy):
    toy()
    result = run(*SUITE, FEW)
    result.assert_outcomes(passed=11, skipped=5)
    assert set(outcomes(run).values()) == {"passed"}


def test_a_brittle_model_is_red_where_it_breaks_and_says_why(run, toy):
    toy("order")
    result = run(*SUITE, FEW, "--slm-diagnose=why.json")
    assert outcomes(run) == {
        "test_it_reads_what_it_was_trained_on": "passed",
        "test_its_answers_are_json": "passed",
        "test_its_answers_end": "passed",
        "test_it_answers_the_document_and_not_by_heart": "passed",
        "test_its_confidence_means_what_it_says": "passed",
        "test_a_shift_costs_little[order]": "failed",
        "test_a_shift_costs_little[missing]": "passed",
        "test_a_shift_costs_little[production]": "passed",
        "test_under_shift_its_confidence_means_what_it_says": "failed",
        "test_under_shift_it_is_seldom_sure_and_wrong": "failed",
        "test_under_shift_its_answers_end": "passed",
    }
    result.assert_outcomes(passed=8, failed=3, skipped=5)
    assert json.loads(Path("why.json").read_text())["diagnoses"][0]["model"] == "toy"
    short = [line for line in result.outlines if line.startswith("FAILED ")]
    assert short[0].startswith("FAILED autopsy::test_a_shift_costs_little[order] - 1.00 > 0.1 acc")
    assert all(len(line) <= 80 for line in short)


def test_every_axis_is_judged_unless_the_limits_name_some(run, toy):
    toy()
    result = run(*SUITE, "-k", "costs_little", "--slm-n=4", "--slm-undecided=pass", "--co", "-q")
    judged = [line for line in result.outlines if "test_a_shift_costs_little[" in line]
    assert len(judged) == 27
    assert judged[0] == "autopsy::test_a_shift_costs_little[missing]"
    assert judged[-1] == "autopsy::test_a_shift_costs_little[production]"


def test_what_does_not_apply_skips_with_the_reason(run, toy):
    toy()
    result = run(*SUITE, FEW, "-rs")
    for reason in (
        "this model has no files to check",
        "no training data are named; set the ini key slm_training",
        "every condition of this suite is judged by name",
        "no limit is set for it; give latency, in seconds, in slm_limits",
    ):
        assert reason in result.stdout.str()


def test_a_model_without_probabilities_has_no_confidence_to_judge(run, pytester):
    pytester.makeconftest(
        """
        import pytest
        from pytest_slm_autopsy import CallableModel

        @pytest.fixture(scope="session")
        def slm():
            return CallableModel(lambda text: {})
        """
    )
    result = run(*SUITE, FEW, "-rs", "--slm-n=8")
    assert "this model gives no probabilities, so it has no confidence to judge" in str(
        result.stdout
    )


def test_a_condition_that_the_suite_lacks_is_an_error_with_the_nearest(run, toy):
    toy()
    result = run(*SUITE, "--slm-limits=conditions = ['ordr']", "-k", "costs_little")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["CaseError: this suite has no condition 'ordr'; did you mean *"])


def test_conditions_of_your_own_are_judged_too(run, toy, pytester):
    toy("all of it")
    with (pytester.path / "conftest.py").open("a") as file:
        file.write(
            """
from pytest_slm_autopsy import INVOICE, draw_suite

@pytest.fixture(scope="session")
def slm_cases(slm_settings):
    conditions = {"canonical": {}, "order": {"order": 1.0},
                  "all of it": {"order": 1.0, "missing": 1.0}, "both": {"order": 0.5}}
    return draw_suite(INVOICE, slm_settings.n, slm_settings.seed, conditions)
"""
        )
    result = run(*SUITE, "-k", "cost")
    result.assert_outcomes(passed=1, failed=1, skipped=26)
    assert outcomes(run)["test_a_shift_costs_little[order]"] == "passed"
    result.stdout.fnmatch_lines(["FAILED autopsy::test_no_other_condition_costs_much - 1.00 > *"])


def test_training_data_that_give_a_case_away_are_found(run, toy, pytester):
    from pytest_slm_autopsy import INVOICE, draw_suite
    from pytest_slm_autopsy.cases.files import write_cases

    write_cases(pytester.path / "train.jsonl", draw_suite(INVOICE, 128, 42).reference)
    pytester.makeini("[pytest]\nslm_training = train.jsonl\n")
    toy()
    result = run(*SUITE, FEW, "-k", "gives_no_case_away")
    result.assert_outcomes(failed=1)
    assert outcomes(run)["test_training_gives_no_case_away"] == "failed"


def test_a_slow_model_fails_where_a_limit_is_set(run, pytester):
    pytester.makeconftest(
        """
        import time
        import pytest
        from pytest_slm_autopsy import PromptFormat, ScriptedModel

        def write(case):
            time.sleep(0.002)
            return PromptFormat().expected(case.truth)

        @pytest.fixture(scope="session")
        def slm():
            return ScriptedModel(write, name="slow")
        """
    )
    for limit, outcome in (("0.001", "failed"), ("60", "passed")):
        run(*SUITE, f"--slm-limits=latency = {limit}", "-k", "little_time")
        assert outcomes(run) == {"test_an_answer_takes_little_time": outcome}


def test_your_own_documents_are_rewritten(run, toy, pytester):
    from pytest_slm_autopsy import INVOICE, draw_suite
    from pytest_slm_autopsy.cases.files import write_cases

    cases = draw_suite(INVOICE, 40, 3, {"canonical": {}}).reference
    write_cases(pytester.path / "mine.jsonl", cases)
    toy("order")
    run(*SUITE, "--slm-cases=mine.jsonl", "--slm-schema=invoice", "--slm-undecided=pass")
    assert outcomes(run)["test_a_shift_costs_little[order]"] == "failed"
    assert outcomes(run)["test_a_shift_costs_little[whitespace]"] == "passed"


def test_a_schema_of_your_own_is_drawn(run, toy, pytester):
    pytester.makepyfile(
        mine="""
        from pytest_slm_autopsy import DocumentSchema, Field, values

        PARCEL = DocumentSchema("parcel", (
            Field("price", "Price", values.amount, kind="money"),
            Field("sent", "Sent", values.day, kind="date"),
        ))
        """
    )
    toy()
    run(*SUITE, "--slm-schema=mine.py:PARCEL", "--slm-n=8", "-k", "trained_on")
    assert run.data.facts["schema"] == "mine.py:PARCEL"
    assert {*run.data.wrong} == set()
    result = run(*SUITE, "--slm-schema=mine.py:PARCLE", "--slm-n=8", "-k", "trained_on")
    result.stdout.fnmatch_lines(["CaseError: mine.py has no 'PARCLE'; did you mean 'PARCEL'?"])


@pytest.mark.parametrize(
    "ini", ["python_files = check_*.py", "python_functions = check_*", "addopts = -p no:randomly"]
)
@pytest.mark.parametrize("module", ["pytest_slm_autopsy.suite", MODULE])
def test_names_of_the_users_own_tests_do_not_matter(run, toy, pytester, ini, module):
    toy()
    pytester.makeini(f"[pytest]\n{ini}\n")
    run("--pyargs", module, FEW, "--slm-n=8", "--slm-undecided=pass").assert_outcomes(
        passed=11, skipped=5
    )


def test_without_a_model_the_error_is_said_once(run, repository):
    result = run(*SUITE, FEW)
    result.assert_outcomes(errors=1, skipped=15)
    result.stdout.fnmatch_lines(["ConfigError: no base model is named; set slm_base in the ini *"])
    assert "autopsy.json" not in {path.name for path in repository.iterdir()}


def test_however_it_is_run_the_verdicts_are_the_same(run, toy):
    toy("order")
    run(*SUITE, FEW, "--slm-n=24")
    alone = outcomes(run)
    for flags in (("-n2",), ("-n2", "--dist=loadgroup"), ("--reruns=1",)):
        run(*SUITE, FEW, "--slm-n=24", *flags)
        assert outcomes(run) == alone, flags


def test_the_command_names_the_model_and_the_files():
    assert arguments("b", "a", ["-q"])[2:] == [
        "--pyargs",
        MODULE,
        "--slm-base=b",
        "--slm-adapter=a",
        "--slm-report=autopsy.html",
        "--slm-diagnose=autopsy.json",
        "-q",
    ]
    own = arguments("b", None, ["--slm-report", "mine.html", "--slm-diagnose=x.json"])
    assert own[4:] == ["--slm-base=b", "--slm-report", "mine.html", "--slm-diagnose=x.json"]


def test_the_command_passes_options_on_and_returns_the_exit_code(monkeypatch):
    asked = []
    monkeypatch.setattr(pytest, "main", lambda arguments: asked.append(arguments) or 1)
    assert cli.main(["run", "b", "a", "--slm-n", "7", "--slm-cases", "c.jsonl"]) == 1
    assert asked[0][-4:] == ["--slm-n", "7", "--slm-cases", "c.jsonl"]
    assert "--slm-adapter=a" in asked[0]
    assert cli.main(["run", "--slm-n=7"]) == 1
    assert not [one for one in asked[1] if one.startswith(("--slm-base", "--slm-adapter"))]


def test_the_command_explains_itself(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["run", "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert "slm-autopsy run [BASE [ADAPTER]]" in told
    assert all(len(line) <= 80 for line in told.splitlines())


def test_the_version_is_told(capsys):
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert capsys.readouterr().out.startswith("slm-autopsy 0.")
