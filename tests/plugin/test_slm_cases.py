"""--slm-cases: the gates run over rewrites of the user's own documents."""

from __future__ import annotations

import json
import re

import pytest

GATES = """
from pytest_slm_autopsy import assert_accuracy, assert_accuracy_gap

def test_reference(slm, slm_cases, autopsy):
    assert_accuracy(autopsy.predict(slm, slm_cases.reference), at_least=0.7)

def test_whitespace(slm, slm_cases, autopsy):
    reference = autopsy.predict(slm, slm_cases.reference)
    shifted = autopsy.predict(slm, slm_cases["whitespace"])
    assert_accuracy_gap(reference=reference, shifted=shifted, at_most=0.2)

def test_production(slm, slm_cases, autopsy):
    assert_accuracy(autopsy.predict(slm, slm_cases.production), at_least=0.7)
"""
MODEL = """
import re
import pytest
from pytest_slm_autopsy import CallableModel

@pytest.fixture(scope="session")
def slm():
    return CallableModel(lambda text: dict(re.findall(r"^ *(Total|PO No): (\\S+) *$", text, re.M)))
"""


@pytest.fixture
def mine(pytester):
    """A file of thirty documents, two of which are running text."""
    lines = []
    for n in range(30):
        text = f"PO No: B-{n}\nCurrency: EUR\nTotal: {n}.50" if n > 1 else f"{n}.50 for B-{n}"
        truth = {"PO No": f"B-{n}", "Total": f"{n}.50"}
        lines.append(json.dumps({"id": f"doc {n}", "text": text, "truth": truth}))
    path = pytester.path / "mine.jsonl"
    path.write_text("\n".join(lines))
    pytester.makeconftest(MODEL)
    pytester.makepyfile(GATES)
    return path


@pytest.mark.parametrize("place", ["command line", "ini"])
def test_gates_run_over_rewrites_of_the_documents(run, pytester, mine, place):
    ini = f"slm_cases = {mine.name}" if place == "ini" else ""
    pytester.makeini(f"[pytest]\n{ini}\n")
    run(*([] if ini else ["--slm-cases=mine.jsonl"])).assert_outcomes(
        passed=1, failed=2, warnings=1
    )
    rows = {condition: (n, accuracy) for _, condition, n, accuracy in run.rows}
    assert rows["canonical"] == (30, pytest.approx(28 / 30))
    assert rows["whitespace"][0] == rows["production"][0] == 30
    assert rows["whitespace"][1] < 0.5


def test_refused_rewrites_are_counted_in_a_warning(run, mine):
    run("--slm-cases=mine.jsonl", "--slm-n=99").stdout.fnmatch_lines(
        [
            "*UserWarning: rewrites of mine.jsonl, by the schema that its documents show; *",
            "*order: 2 of 30 refused, most often because no two neighbouring lines *",
        ]
    )


def test_the_page_names_the_file(run, pytester, mine):
    run("--slm-cases=mine.jsonl", "--slm-report=page.html")
    page = (pytester.path / "page.html").read_text()
    assert re.search(r"cases</dt>\s*<dd[^>]*>mine.jsonl<", page)
    assert "records</dt>" not in page


def test_n_and_seed_choose_among_the_documents(run, pytester, mine):
    pytester.makepyfile(
        """
        def test_it(slm_cases):
            with open("records", "a") as file:
                print([case.record for case in slm_cases.reference], file=file)
        """
    )
    for arguments in (["--slm-seed=1"], ["--slm-seed=2"], ["--slm-seed=1"], ["--slm-n=99"]):
        assert run("--slm-cases=mine.jsonl", *arguments).ret == 0
    first, second, again, whole = (pytester.path / "records").read_text().splitlines()
    assert first == again != second
    assert (first.count("doc"), whole.count("doc")) == (12, 30)


def test_a_condition_that_every_document_refuses_is_an_error(run, pytester, mine):
    pytester.makepyfile("def test_it(slm_cases): slm_cases['synonyms']")
    mine.write_text("\n".join(
        json.dumps({"id": str(n), "text": f"{n} owed", "truth": {"sum": str(n)}}) for n in range(9)
    ))  # fmt: skip
    result = run("--slm-cases=mine.jsonl")
    result.assert_outcomes(failed=1, warnings=1)
    result.stdout.fnmatch_lines(["CaseError: no document can be rewritten under 'synonyms', *"])


@pytest.mark.parametrize("name", ["nowhere.jsonl", "."])
def test_a_path_that_is_no_file_stops_the_run_before_the_first_test(run, mine, name):
    result = run(f"--slm-cases={name}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    [line] = filter(None, result.errlines)
    assert line.startswith("ERROR: slm_cases is ")
    assert line.endswith("no file; name a file of JSON lines")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "mine.jsonl holds no case; write one JSON object a line"),
        ("{", "mine.jsonl, line 1 is not JSON"),
        (b"\x00\xff", "mine.jsonl, line 1 is not UTF-8 nor any text"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence(run, mine, text, sentence):
    mine.write_bytes(text if isinstance(text, bytes) else text.encode())
    result = run("--slm-cases=mine.jsonl", "-rN")
    result.assert_outcomes(errors=3)
    result.stdout.fnmatch_lines([f"CaseError: *{sentence}*"])
    result.stdout.fnmatch_lines(["*slm-autopsy cases validate mine.jsonl says more"])
    result.stdout.no_fnmatch_line("E  *")


RAISING = """
    from pytest_slm_autopsy import CallableModel

    def test_it(slm_cases, autopsy):
        model = CallableModel(lambda text: {{"n": int(text.split()[-1])}}{given})
        predictions = autopsy.predict(model, slm_cases.reference)
        assert all(p.problem.startswith("the extractor raised ValueError: ") for p in predictions)
        assert all("at test_" in p.problem for p in predictions)
    """


def test_a_function_that_raises_costs_its_case_alone(run, pytester, mine):
    pytester.makepyfile(RAISING.format(given=""))
    run("--slm-cases=mine.jsonl").assert_outcomes(passed=1)
    [row] = run.data.rows
    assert row.accuracy.value == 0.0


def test_a_function_may_raise_and_names_the_case(run, pytester, mine):
    pytester.makepyfile(RAISING.format(given=', on_error="raise"'))
    result = run("--slm-cases=mine.jsonl")
    result.stdout.fnmatch_lines(["E * asked case 'doc *' of condition 'canonical'"])
