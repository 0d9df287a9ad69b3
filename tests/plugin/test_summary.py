"""The summary at the end of the run: short, narrow, and absent when there is nothing to say."""

from __future__ import annotations

import pytest

MOST_LINES = 20
GATES = "gates: 1 passed, 2 failed (1 expected), 0 undecided"


@pytest.fixture
def summary():
    """The lines of the summary in what a run wrote."""

    def summary(result: pytest.RunResult) -> list[str]:
        told = iter(result.outlines)
        if not any(line.startswith("=") and " SLM autopsy " in line for line in told):
            return []
        lines = []
        for line in told:
            if line.startswith(("===", "---", "- autopsy report")) or line[:1].isdigit():
                break
            lines.append(line)
        return lines

    return summary


@pytest.mark.parametrize("flags", [(), ("-q",), ("-qq",), ("-v",), ("--tb=no", "-rN")])
def test_the_toy_run(run, toy, summary, flags):
    result = run(*flags)
    verdict, head, canonical, order, production, gates = summary(result)
    assert verdict == ("toy does not survive: 1.00 on canonical, 0.00 under production (n=12)")
    assert head.split()[:2] == ["model", "condition"]
    assert canonical.startswith("toy    canonical   1.00 [0.74, 1.00] 12 ")
    assert order.startswith("toy    order       0.33 [")
    assert production.startswith("toy    production  0.00 [")
    assert gates == GATES


def test_it_is_twenty_lines_of_eighty_columns_at_most(run, model, summary, pytester):
    pytester.makepyfile(
        """
        import dataclasses
        import pytest
        from pytest_slm_autopsy import ScriptedModel, assert_accuracy

        @pytest.mark.parametrize("number", range(5))
        def test_it(slm_cases, autopsy, number):
            slm = ScriptedModel(lambda case: "{}", name=f"organisation/a-long-name-{number}" * 4)
            for cases in slm_cases.conditions.values():
                autopsy.predict(slm, cases)
            assert_accuracy(autopsy.predict(slm, slm_cases.production), at_least=0.0)
        """
    )
    result = run("--slm-report=page.html", "-q")
    result.assert_outcomes(passed=5)
    lines = summary(result)
    assert 10 < len(lines) <= MOST_LINES
    assert max(map(len, lines)) <= 80
    assert any("rows left out" in line for line in lines)
    assert lines[-1] == "gates: 5 passed, 0 failed, 0 undecided"


def test_every_line_fits_eighty_columns(run, toy):
    result = run("--tb=no", "--slm-report=page.html", "--rootdir=.", "-p", "no:html")
    ours = result.outlines[result.outlines.index(f"{' SLM autopsy ':=^80}") :]
    assert [line for line in ours if len(line) > 80 and "page.html" not in line] == []


def test_it_is_absent_when_no_model_was_asked(run, toy, summary):
    result = run("-k", "without")
    result.assert_outcomes(passed=1, deselected=3)
    assert summary(result) == []
    assert run.data is None


def test_it_is_absent_when_nothing_was_run(run, toy, summary):
    assert summary(run("--collect-only")) == []
    assert summary(run("-k", "nothing")) == []


def test_verdicts_alone_are_counted(run, model, summary, pytester):
    pytester.makepyfile(
        """
        from pytest_slm_autopsy import assert_accuracy, predict

        def test_it(slm, slm_cases):
            assert_accuracy(predict(slm, slm_cases.reference), at_least=0.5)
        """
    )
    assert summary(run()) == ["gates: 1 passed, 0 failed, 0 undecided"]


def test_a_model_without_probabilities_has_dashes(run, summary, pytester):
    pytester.makepyfile(
        """
        from pytest_slm_autopsy.models import Answer

        class Mute:
            name = "mute"

            def answer(self, cases):
                return [Answer("{}") for case in cases]

        def test_it(slm_cases, autopsy):
            autopsy.predict(Mute(), slm_cases.reference)
        """
    )
    _, row = summary(run())
    assert row.split()[-3:] == ["-", "-", "1.00"]
