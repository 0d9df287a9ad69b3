"""Tables and studies say what was found, and nothing where nothing is known."""

from __future__ import annotations

import json
import lzma

import pytest

from pytest_slm_autopsy import PromptFormat, ScriptedModel, SlmAutopsyError, predict
from pytest_slm_autopsy.measures import exact_match
from reference_experiment.config import HERE
from reference_experiment.data import CONDITIONS, evaluation_cases
from reference_experiment.studies.seeds import seeded
from reference_experiment.telling import committed as telling
from reference_experiment.telling import dial
from reference_experiment.telling.committed import read_answers, write_answers
from reference_experiment.telling.studied import by_documents, by_seed, mean_of
from reference_experiment.telling.tables import results, side_by_side, table


@pytest.fixture
def predictions(small):
    """A model that reads nothing but canonical documents, and says so with some confidence."""
    right = PromptFormat().expected
    model = ScriptedModel(
        lambda case: right(case.truth) if case.condition == "canonical" else "{}", name="narrow"
    )
    return predict(model, list(evaluation_cases(small)))


def test_answers_survive_being_kept(small, predictions, tmp_path):
    path = tmp_path / "answers.jsonl.xz"
    write_answers(path, predictions)
    kept = list(read_answers(path, small))
    assert [one.case for one in kept] == [one.case for one in predictions]
    assert [one.fields for one in kept] == [one.fields for one in predictions]
    for before, after in zip(predictions, kept, strict=True):
        assert after.logprobs == pytest.approx(before.logprobs, rel=1e-4)


def test_answers_to_cases_that_are_not_drawn_are_refused(small, predictions, tmp_path):
    path = tmp_path / "answers.jsonl.xz"
    write_answers(path, predictions[:1])
    with lzma.open(path, "rt") as file:
        line = json.loads(file.read())
    with lzma.open(path, "wt") as file:
        file.write(json.dumps({**line, "case": "invoice-7-0000/canonical"}))
    with pytest.raises(SlmAutopsyError, match="does not draw; run the experiment again"):
        list(read_answers(path, small))
    with pytest.raises(SlmAutopsyError, match="no answers at"):
        list(read_answers(tmp_path / "nothing", small))


def test_a_run_that_was_never_made_costs_no_committed_adapter(small, monkeypatch, tmp_path):
    kept = tmp_path / "narrow"
    kept.mkdir()
    monkeypatch.setattr(telling, "committed_adapter", lambda config, name: kept)
    with pytest.raises(SlmAutopsyError, match="no predictions at"):
        telling.publish(small)
    monkeypatch.setattr(telling, "found_predictions", lambda config: [])
    with pytest.raises(SlmAutopsyError, match=r"no adapter at .*; run the stage train"):
        telling.publish(small)
    assert kept.is_dir()


def test_the_tables_tell_what_was_found(predictions):
    costs = {"narrow": {"seconds": 0.0123, "megabytes": 0.63}}
    found = results(predictions, {"general_task": {"order": 0.5}, "costs": costs})
    (row,) = [line for line in side_by_side(found).splitlines() if line.startswith("| narrow")]
    assert row == (
        "| narrow | 1.00 [0.29, 1.00] | 0.00 [0.00, 0.71] | 0.00 [0.00, 0.71] | 1.00 | 0.00 "
        "| 12 | 0.6 |"
    )
    told = table(found)
    assert "| base alone, its general task | order | 0.50 |" in told
    assert "| narrow | all four | 0.00 [0.00, 0.71] | 1.00 [" in told


def test_a_model_without_probabilities_has_no_confidence(small):
    model = ScriptedModel(lambda case: "{}", name="narrow", confidence=None)
    given = predict(model, list(evaluation_cases(small)))
    told = table(results(given, {"general_task": {}, "costs": {}})).splitlines()
    row = next(line for line in told if line.startswith("| narrow | canonical |"))
    assert row.endswith("| - / - | - | 1.00 |")


def test_the_dial_says_what_is_not_known(monkeypatch, tmp_path):
    monkeypatch.setattr(dial, "committed", lambda config: tmp_path / config.name)
    rows = dial.table().splitlines()[2:]
    assert all(row.endswith("| not known | not known | not known |") for row in rows)


def test_the_experiments_page_shows_the_dial_as_it_is_printed():
    page = (HERE / "README.md").read_text(encoding="utf-8")
    assert dial.table() in page


def test_a_seed_changes_nothing_but_the_seed(small):
    other = seeded(small, 7)
    assert other.seed == 7
    assert (other.lora, other.training, other.base) == (small.lora, small.training, small.base)
    assert set(other.adapters) == {"narrow", "hardened"}
    assert {case.condition for case in evaluation_cases(other)} == {*CONDITIONS}


def test_the_mean_by_seed_has_an_interval_from_three_on_that_differ():
    assert mean_of([0.5, 0.7]) == "0.60"
    assert mean_of([0.5, 0.6, 0.7]) == "0.60 [0.35, 0.85]"
    assert mean_of([1.0, 1.0, 1.0]) == "1.00"


def test_studies_are_tables(predictions):
    right = exact_match([one for one in predictions if one.case.condition == "canonical"]).to_dict()
    assert by_documents([{"documents": 3200, "canonical": right}]).splitlines()[2] == (
        "| 3,200 | 1.00 [0.29, 1.00] |"
    )
    scores = {model: dict.fromkeys(CONDITIONS, right) for model in ("narrow", "hardened")}
    told = by_seed({42: scores, 1: scores}).splitlines()
    assert told[0] == "| model | condition | seed 42 | seed 1 | mean of seeds |"
    assert told[2] == "| narrow | canonical | 1.00 [0.29, 1.00] | 1.00 [0.29, 1.00] | 1.00 |"
