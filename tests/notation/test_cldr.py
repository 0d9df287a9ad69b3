"""The table of names is what the pinned Babel and num2words write, and nothing else."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from pytest_slm_autopsy.notation import cldr

PINNED = (Path(__file__).parents[2] / "constraints.txt").read_text("utf-8").splitlines()


def test_the_table_is_written_anew_as_it_stands(tmp_path, monkeypatch):
    for name in ("babel", "num2words"):
        pytest.importorskip(name)
        if f"{name}=={version(name)}" not in PINNED:
            pytest.skip(f"another {name} than the one that wrote the table")
    stands, written = cldr.FILE, tmp_path / "cldr.json"
    monkeypatch.setattr(cldr, "FILE", written)
    cldr.main()
    assert written.read_bytes() == stands.read_bytes()


@pytest.mark.parametrize(
    ("part", "name", "meaning"),
    [
        ("months", "march", [3]),
        ("months", "listopad", [11]),
        ("currencies", "kr", ["DKK", "EEK", "ISK", "NOK", "SEK"]),
        ("currency_names", "franken", ["CHF"]),
        ("currency_names", "zloty", ["PLN"]),
        ("units", "tage", "day"),
        ("units", "kwh", "kwh"),
        ("units", "stuck", "piece"),
        ("numbers", "einundzwanzig", 21),
        ("numbers", "one hundred", 100),
        ("numbers", "trzech", 3),
    ],
)
def test_the_table_says_what_a_name_means(part, name, meaning):
    assert cldr.table()[part][name] == meaning


@pytest.mark.parametrize("mark", ["K", "KM", "SR", "den", "S/", "B/", "L"])
def test_marks_that_may_be_words_are_in_no_table(mark):
    assert mark not in cldr.table()["currencies"]


@pytest.mark.parametrize("mark", ["€", "$", "kr", "RM", "Rp", "Rs", "Ft", "US$", "Kč"])
def test_marks_that_are_surely_of_a_currency_are_in_the_table(mark):
    assert cldr.table()["currencies"][mark]
