"""The prescription: what kills is trained on, what is survived is kept."""

from __future__ import annotations

import json

import pytest

from pytest_slm_autopsy import INVOICE, diagnose
from pytest_slm_autopsy.cases import write_cases
from pytest_slm_autopsy.cli import main
from pytest_slm_autopsy.diagnostics import prescribe, write_diagnoses
from pytest_slm_autopsy.errors import NoDataError
from tests.diagnostics.planted import dying, of_axes, suite_of

SUITE = suite_of(64)


def diagnosis(dies):
    return diagnose(dying(dies), SUITE.reference, SUITE.production, schema=INVOICE)


def test_deadly_axes_come_often_and_survived_ones_are_kept():
    prescription = prescribe(diagnosis(of_axes("order")))
    assert prescription.rates["order"] == pytest.approx(2 / 3)
    assert prescription.because["order"].startswith("costs 0.")
    others = {axis: rate for axis, rate in prescription.rates.items() if axis != "order"}
    assert others == dict.fromkeys(("missing", "delimiters", "whitespace"), 0.333)
    assert prescription.mixture.rates == prescription.rates


@pytest.mark.parametrize("dies", [lambda case: False, lambda case: True])
def test_what_is_no_shift_has_no_prescription(dies):
    with pytest.raises(NoDataError, match="no training mixture cures planted"):
        prescribe(diagnosis(dies))


def test_a_prescription_within_axes_that_do_not_kill_is_an_error():
    prescription = prescribe(diagnosis(of_axes("order")))
    assert {*prescription.within(["order", "missing"]).rates} == {"order", "missing"}
    with pytest.raises(NoDataError, match="cannot be shifted along order"):
        prescription.within(["missing"])


@pytest.fixture
def written(tmp_path):
    write_diagnoses(tmp_path / "why.json", [diagnosis(of_axes("order"))])
    return tmp_path


def test_the_command_writes_training_data(written, capsys):
    write_cases(written / "suite.jsonl", SUITE.reference)
    output = written / "train.jsonl"
    code = main(
        ["cure", str(written / "why.json"), f"--output={output}", "--n=40",
         f"--without={written / 'suite.jsonl'}"]
    )  # fmt: skip
    assert code == 0
    lines = [json.loads(line) for line in output.read_text().splitlines()]
    assert len(lines) == 40
    assert [turn["role"] for turn in lines[0]["messages"]] == ["system", "user", "assistant"]
    told = capsys.readouterr().out
    assert "order         in 67% of the documents: costs 0." in told
    assert "40 training documents written to" in told
    assert max(map(len, told.splitlines()[2:-1])) <= 80


def test_own_documents_are_rewritten(written):
    write_cases(written / "own.jsonl", SUITE.reference[:8])
    options = [f"--output={written / 'out.jsonl'}", f"--cases={written / 'own.jsonl'}", "--n=16"]
    assert main(["cure", str(written / "why.json"), *options, "--form=cases"]) == 0
    lines = [json.loads(line) for line in (written / "out.jsonl").read_text().splitlines()]
    assert {line["record"] for line in lines} <= {case.record for case in SUITE.reference[:8]}


@pytest.mark.parametrize(
    ("file", "more", "told"),
    [
        ("no.json", [], "no diagnosis at"),
        ("bad.json", [], "is not JSON"),
        ("other.json", [], "states no version"),
        ("newer.json", [], "upgrade"),
        ("why.json", ["--model=nobody"], "no diagnosis of model 'nobody'"),
        ("none.json", [], "0 models were diagnosed"),
    ],
)
def test_bad_input_is_a_sentence(written, capsys, file, more, told):
    (written / "bad.json").write_text("{")
    (written / "other.json").write_text("[]")
    (written / "newer.json").write_text('{"version": 99, "diagnoses": []}')
    (written / "none.json").write_text('{"version": 1, "diagnoses": []}')
    code = main(["cure", str(written / file), f"--output={written / 'out'}", *more])
    assert code == 2
    assert told in capsys.readouterr().err
    assert not (written / "out").exists()
