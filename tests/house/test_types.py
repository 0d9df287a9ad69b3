"""A user's type checker sees the real types of what the doors give."""

from __future__ import annotations

import subprocess
import sys

import pytest

SETTINGS = """
[mypy]
strict = true
# What no name of the doors has in its signature is not read: it takes most of a minute.
[mypy-accelerate.*,bitsandbytes.*,peft.*,scipy.*,torch.*,transformers.*]
follow_imports = skip
"""
RIGHT = """
import pytest

import pytest_slm_autopsy
from pytest_slm_autopsy import (
    Autopsy,
    DocumentSchema,
    Field,
    ModelUnderTest,
    Prediction,
    Settings,
    Suite,
    assert_accuracy,
    assert_accuracy_gap,
    draw_suite,
    shift_property,
    shifted_invoices,
    values,
)
from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.measures import brier_score

NOTE = DocumentSchema("note", (Field("total", "Total", values.amount, kind="money"),))


@pytest.fixture(scope="session")
def slm_cases(slm_settings: Settings) -> Suite:
    if not slm_settings.n:
        raise ConfigError("no cases")
    return draw_suite(NOTE, slm_settings.n, slm_settings.seed)


def test_another_order_costs_little(
    slm: ModelUnderTest, slm_cases: Suite, autopsy: Autopsy
) -> None:
    reference = autopsy.predict(slm, slm_cases.reference)
    assert assert_accuracy(reference, at_least=0.9).measurement.value > 0.9
    shifted = autopsy.predict(slm, slm_cases["order"])
    assert_accuracy_gap(reference=reference, shifted=shifted, at_most=0.1)
    assert brier_score(list(reference)).score.value < 0.1
    assert pytest_slm_autopsy.measures.exact_match(list(reference)).value > 0.9


@shift_property(cases=shifted_invoices())
def test_right_under_any_shift(prediction: Prediction) -> None:
    assert prediction.correct
"""
WRONG = """
from pytest_slm_autopsy import assert_accuracy

assert_accuracy(1, at_leas=2)
"""


@pytest.fixture(scope="module")
def said(
    tmp_path_factory: pytest.TempPathFactory, doors: dict[str, list[str]]
) -> dict[str, list[str]]:
    """What mypy says of three files of a user's, in one run: errors, and types that are shown."""
    names = ((path, name) for path in doors for name in doors[path])
    every = (f"import {path}\nreveal_type({path}.{name})\n" for path, name in names)
    files = {"right.py": RIGHT, "wrong.py": WRONG, "every.py": "".join(every)}
    folder = tmp_path_factory.mktemp("types")
    for name, text in ({"mypy.ini": SETTINGS} | files).items():
        (folder / name).write_text(text)
    command = [sys.executable, "-m", "mypy", "--hide-error-context", *files]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    lines = [line for line in done.stdout.splitlines() if " error: " in line or "Revealed" in line]
    return {name: [line for line in lines if line.startswith(name)] for name in files}


def test_right_use_has_the_right_types(said: dict[str, list[str]]) -> None:
    assert said["right.py"] == []


def test_wrong_use_is_seen(said: dict[str, list[str]]) -> None:
    keyword, argument = said["wrong.py"]
    assert 'Unexpected keyword argument "at_leas"' in keyword
    assert 'incompatible type "int"; expected "Sequence[Prediction]' in argument


def test_no_name_is_any(said: dict[str, list[str]], doors: dict[str, list[str]]) -> None:
    assert len(said["every.py"]) == sum(map(len, doors.values()))
    assert unknown(said["every.py"]) == []


@pytest.mark.parametrize("said", ['1: note: Revealed type is "Any"', "1: error: No such name"])
def test_a_name_without_a_type_is_seen(said: str) -> None:
    assert unknown(['1: note: Revealed type is "def (Any) -> MyError"', said]) == [said]


def unknown(lines: list[str]) -> list[str]:
    """The lines that show no type, or the type of anything."""
    return [line for line in lines if 'type is "Any"' in line or " error: " in line]
