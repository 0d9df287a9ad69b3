"""What docs/sweep.md shows: its file is a sweep, and its table is what is printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_slm_autopsy import cli
from pytest_slm_autopsy.sweep.grid import read_sweep
from tests.docs.blocks import blocks_of

PAGE = Path(__file__).parents[2] / "docs" / "sweep.md"


def block(kind):
    """The one block of a kind."""
    [found] = (one for one in blocks_of(PAGE.read_text()) if one.kind == kind)
    return found.text


def test_the_file_is_a_sweep(tmp_path):
    file = tmp_path / "nightly.toml"
    file.write_text(block("toml"))
    (tmp_path / "documents.jsonl").touch()
    (tmp_path / "extractors.py").touch()
    sweep = read_sweep(file)
    names = [subject.name for subject in sweep.subjects]
    assert names == ["qwen/v1", "qwen/v2", "qwen/v3", "rules"]
    assert (sweep.seeds, sweep.batch, sweep.margin) == ((1, 2, 3), 256, 0.05)
    assert sweep.limits.accuracy == 0.95
    assert (sweep.workers.count, sweep.workers.memory) == (4, 16_000_000_000)


def test_the_table_is_what_is_printed_and_the_answers_are_one_table(home, capsys, monkeypatch):
    suites = '[suites.invoices]\nschema = "invoice"\nn = 40\nconditions = ["order", "missing"]\n'
    toy = 'make = { good = "models.py:good", brittle = "models.py:brittle" }'
    home.file.write_text(f"seeds = [1, 2]\n[models.toy]\n{toy}\n{suites}")
    assert cli.main(["sweep", str(home.file), "--local"]) == 1
    told = capsys.readouterr().out
    for line in block("text").splitlines():
        assert line in told.splitlines()
    monkeypatch.chdir(home.folder)
    names = {}
    exec(block("python"), names)
    answers = names["answers"]
    assert len(answers) == 2 * 40 * 3 * 2
    assert answers[answers.model == "toy/brittle"].correct.mean() == pytest.approx(2 / 3)
