"""The summary fits: twenty lines, eighty columns, whatever the run was."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from types import ModuleType

import pytest

from pytest_slm_autopsy.records import NOTHING_AT_STAKE, Verdict
from pytest_slm_autopsy.report import summary
from pytest_slm_autopsy.report.data import JudgedGate, ReportData
from pytest_slm_autopsy.report.verdict import stories

LONG = "organisation/a-very-long-model-name-with-a-revision-at-its-end-"


def columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)


@pytest.mark.parametrize("name", ["m", LONG, "模型" * 20, "\x1b[31mred\n"])
@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("count", [1, 6, 17, 18, 19, 20, 40])
@pytest.mark.parametrize("gated", [True, False])
def test_it_fits(make: ModuleType, name: str, width: int, count: int, gated: bool) -> None:
    rows = tuple(make.row(f"{name}{i // 6}", f"{name * 2}{i % 6}", i / 50) for i in range(count))
    found = list(summary.lines(make.report(rows=rows, gates=make.gates() if gated else ()), width))
    assert len(found) <= 20
    assert all(columns(line) <= width and line.isprintable() for line in found)
    assert any(line.startswith("gates: ") for line in found) is gated
    room = 19 - 2 * gated  # the gates, and what the undecided one needs
    assert any(f"of {count} rows" in line for line in found) is (count > room)


def test_the_numbers_stay_whole_beside_long_names(make: ModuleType) -> None:
    [_, line] = summary.lines(make.report(rows=(make.row(LONG, "labels + " * 9, 0.25),)))
    assert "0.25 [0.21, 0.29]" in line
    assert line.endswith("0.99")


def test_long_names_keep_their_ends_apart(make: ModuleType) -> None:
    rows = tuple(make.row(f"{LONG}{end}") for end in ("narrow", "hardened"))
    _, first, second = summary.lines(make.report(rows=rows))
    assert first.split()[0] != second.split()[0]


def test_canonical_and_the_worst_are_kept(run: ReportData, make: ModuleType) -> None:
    text = "\n".join(summary.lines(run, 120, 15))
    for model in make.ACCURACY:
        for condition in ("canonical", "labels + order + delimiters"):
            assert f"{model:8}  {condition}" in text
    assert "8 of 18 rows left out; -v shows all" in text
    assert "left out" not in "\n".join(summary.lines(run, 120, None))


def test_the_verdict_comes_first(run: ReportData) -> None:
    first, *_ = summary.lines(run, 120)
    assert first == (
        "narrow does not survive: 0.99 on canonical, 0.04 under labels + order + delimiters (n=200)"
    )


@pytest.mark.parametrize(
    ("outcomes", "word"),
    [
        (("passed", "passed"), "survives"),
        (("passed", "undecided"), "is not proven"),
        (("undecided", "failed"), "does not survive"),
        (("passed",), "passes its gates"),
        (("failed",), "was never alive"),
        (("failed", "failed"), "was never alive"),
    ],
)
def test_the_word_is_that_of_the_gates(make: ModuleType, outcomes: tuple, word: str) -> None:
    gates = []
    for outcome, condition in zip(outcomes, ("canonical", "order"), strict=False):
        found = replace(make.measured(0.5, "exact match"), model="narrow", condition=condition)
        verdict = Verdict(found, 0.5, "at_least", outcome)
        gates.append(JudgedGate("test", "passed", verdict))
    [story] = stories(make.report(rows=(make.row(),), gates=tuple(gates)))
    assert story.word == word
    assert story.line.startswith(f"narrow {word}: 0.90 on canonical (n=200)")


def test_a_model_that_was_never_alive_is_told_last(make: ModuleType) -> None:
    rows = (make.row("dead", "canonical", 0.9), make.row("dead", "order", 0.0))
    rows += (make.row("narrow", "canonical", 0.9), make.row("narrow", "order", 0.5))
    found = replace(make.measured(0.2, "exact match"), model="dead", condition="canonical")
    gate = JudgedGate("test", "failed", Verdict(found, 0.9, "at_least", "failed"))
    told = stories(make.report(rows=rows, gates=(gate,)))
    assert [one.model for one in told] == ["narrow", "dead"]


def test_nothing_is_said_of_nothing(make: ModuleType) -> None:
    assert list(summary.lines(make.report())) == []
    assert summary.markdown(make.report()) == ""


def test_gates_alone(make: ModuleType) -> None:
    data = make.report(gates=make.gates())
    counts, needed = summary.lines(data)
    assert counts == "gates: 2 passed, 3 failed (1 expected), 1 undecided"
    assert needed.startswith("  undecided gates need more cases: a larger --slm-n")


def test_undecided_gates_of_ones_own_documents_need_more_of_them(make: ModuleType) -> None:
    data = make.report(gates=make.gates(), facts={"cases": "mine.jsonl"})
    assert list(summary.lines(data))[1].endswith(": a larger --slm-n, or more in mine.jsonl")


def test_verdicts_too_weak_among_so_many_are_counted(make: ModuleType) -> None:
    passed, failed, *rest = make.gates()
    weak = [replace(gate, holds=False) for gate in (passed, failed)]
    told = list(summary.lines(make.report(gates=(*weak, *rest))))
    assert "  too weak to stand among 6 gates (Holm): 1 passed, 1 failed" in told
    assert "too weak to stand among 6 gates" in summary.markdown(make.report(gates=tuple(weak * 3)))


def test_what_was_not_measured_is_a_dash(make: ModuleType) -> None:
    [_, line] = summary.lines(make.report(rows=(make.bare_row(),)))
    assert line.split()[-3:] == ["-", "-", "0.50"]


def test_markdown_is_a_table(run: ReportData) -> None:
    table = [line for line in summary.markdown(run).splitlines() if line.startswith("|")]
    assert len(table) == 2 + len(run.rows)
    assert {line.count("|") for line in table} == {8}


def test_markdown_names_are_text(make: ModuleType) -> None:
    text = summary.markdown(make.report(rows=(make.row("a|b<script>", "`x`\n[y](z)"),)))
    assert r"| a\|b&lt;script&gt; | \`x\` \[y\](z) |" in text
    assert "<" not in text


def test_gates_that_had_nothing_to_lose_are_not_told_to_ask_more_cases(make: ModuleType) -> None:
    gates = [gate for gate in make.gates() if gate.verdict.outcome == "undecided"]
    hopeless = tuple(
        replace(gate, verdict=replace(gate.verdict, advice=f"{NOTHING_AT_STAKE}: accuracy is 0"))
        for gate in gates
    )
    [_, needed] = summary.lines(make.report(gates=hopeless))
    assert needed == "  undecided gates had nothing to lose: mend their reference first"
    [_, needed] = summary.lines(make.report(gates=(*gates, *hopeless)))
    assert "need more cases" in needed


@pytest.mark.parametrize("share", [0.0, 0.25])
def test_a_column_tells_of_answers_that_were_cut_off(make: ModuleType, share: float) -> None:
    rows = (make.row(), replace(make.row(condition="order"), cut_off=make.measured(share)))
    shown = "\n".join(summary.lines(make.report(rows=rows)))
    for text in (shown, summary.markdown(make.report(rows=rows))):
        assert ("cut off" in text.casefold()) == ("0.25" in text) == (share > 0)
    assert all(len(line) <= 80 for line in shown.splitlines())
