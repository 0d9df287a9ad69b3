"""``--slm-profile``: production's cases are drawn in the formats of the user's own documents."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_slm_autopsy.cases.profiles.profile import learn_profile
from pytest_slm_autopsy.cases.schemas.builtin import RECEIPT

PAGE = Path(__file__).parents[2] / "docs" / "profiles.md"
TEXTS = [f"Rechnungsnummer :   R-{n}\nSumme :   {n},50 EUR" for n in range(1000, 1030)]
TEST = """
def test_it(slm_cases):
    assert slm_cases.reference[0].text.startswith("Invoice Number: ")
    assert all("," in case.truth["total"] for case in slm_cases.production)
    assert all("language" in case.shift for case in slm_cases.production)
    assert [case.record for case in slm_cases.production] == list(
        case.record for case in slm_cases.reference
    )
"""


@pytest.fixture
def pile(pytester):
    """A folder of documents, and their saved profile."""
    folder = pytester.mkdir("pile")
    for number, text in enumerate(TEXTS):
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    learn_profile(TEXTS).write(pytester.path / "formats.json")
    pytester.makepyfile(TEST)
    return folder


@pytest.mark.parametrize("given", ["pile", "formats.json"])
def test_documents_or_their_saved_profile(run, pile, given):
    run(f"--slm-profile={given}", "--slm-n=5").assert_outcomes(passed=1)


def test_the_ini_file_names_it(run, pytester, pile):
    pytester.makeini("[pytest]\nslm_profile = pile\nslm_n = 3\n")
    run().assert_outcomes(passed=1)


def test_the_same_pile_draws_the_same_cases(run, pytester, pile):
    pytester.makepyfile(
        """
        def test_it(slm_cases):
            with open("digests", "a") as file:
                print(slm_cases.digest, file=file)
        """
    )
    for given in ("pile", "formats.json"):
        run(f"--slm-profile={given}", "--slm-n=3").assert_outcomes(passed=1)
    first, second = (pytester.path / "digests").read_text().split()
    assert first == second


def test_a_pile_that_is_not_there_is_a_sentence(run, pile):
    result = run("--slm-profile=nowhere")
    result.assert_outcomes(errors=1)
    result.stdout.re_match_lines([r"CaseError: there is no file or folder at '.*nowhere'.*"])


def test_a_profile_of_another_schema_is_a_sentence(run, pytester, pile):
    learn_profile(["Receipt No: R-1001\nTotal: 2.50"], schema=RECEIPT).write("receipts.json")
    result = run("--slm-profile=receipts.json")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines_random(
        "*ConfigError: receipts.json is a profile of the schema 'receipt', and slm_cases draws "
        "'invoice'; override slm_cases: draw_suite(SCHEMA, n, seed, default_conditions(SCHEMA, "
        "profile.mixture))"
    )


def test_the_page_draws_from_a_schema_of_ones_own(run, pytester, monkeypatch):
    monkeypatch.syspath_prepend(pytester.path)
    page = PAGE.read_text(encoding="utf-8")
    for name, block in re.findall(r"```python\n# (\w+\.py)\n(.*?)```", page, re.DOTALL):
        (pytester.path / name).write_text(block, encoding="utf-8")
    notes = pytester.mkdir("notes")
    for n in range(1000, 1030):
        text = f"Lieferschein-Nr.: LS-55{n}\nVersanddatum: 25.03.2025\nWarenwert: {n},50 EUR"
        (notes / f"{n}.txt").write_text(text, encoding="utf-8")
    pytester.makepyfile(
        """
        def test_it(slm_cases):
            assert all("Warenwert: " in case.text for case in slm_cases.production)
            assert all(" EUR" in case.text for case in slm_cases.production)
        """
    )
    run("--slm-n=5").assert_outcomes(passed=1)
