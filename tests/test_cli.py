"""``slm-autopsy``: a table or JSON, and an exit code that a script can use."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_slm_autopsy.cases.profiles.profile import load_profile
from pytest_slm_autopsy.cli import main
from pytest_slm_autopsy.commands.check import table
from pytest_slm_autopsy.models.checks.check import CHECKS, Check
from tests.environment import importing

ROOT = Path(__file__).parents[1]
EXPERIMENT = ROOT / "reference_experiment"
BASE, NARROW = EXPERIMENT / "base", EXPERIMENT / "adapters" / "narrow"


@pytest.fixture
def adapter(tmp_path):
    """A copy of the narrow adapter, to be spoilt."""
    return Path(shutil.copytree(NARROW, tmp_path / "narrow"))


@pytest.fixture
def told(capsys):
    """Run a check; exit code, standard output and standard error."""

    def call(*arguments, base=BASE, adapter=NARROW):
        code = main(["check", f"--base={base}", f"--adapter={adapter}", *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def requantised(adapter):
    """A warning."""
    path = adapter / "prompt_manifest.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**record, "quantization": "int8"}), encoding="utf-8")


def misnamed(adapter):
    """A failure."""
    path = adapter / "prompt_manifest.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**record, "tokenizer": "0" * 64}), encoding="utf-8")


def test_a_healthy_adapter(told):
    code, out, err = told()
    assert (code, err) == (0, "")
    assert out.endswith("\n\n20 passed\n")
    assert max(map(len, out.splitlines())) <= 80
    assert "ok      prompts          3 cases, text and token ids\n" in out


def test_a_warning_does_not_fail(told, adapter):
    requantised(adapter)
    code, out, _ = told(adapter=adapter)
    assert code == 0
    assert "warn    quantization     the base was int8 in training and is nf4 now\n" in out
    assert out.endswith("\n\n19 passed, 1 warned\n")


def test_a_failure_fails_and_can_be_allowed(told, adapter):
    misnamed(adapter)
    code, out, _ = told(adapter=adapter)
    assert code == 1
    assert "FAIL    tokenizer        000000000000 in training, " in out
    assert "-       prompts          not made: tokenizer fails\n" in out
    assert out.endswith("\n\n18 passed, 1 failed, 1 could not be made\n")
    code, out, _ = told("--allow=tokenizer", adapter=adapter)
    assert code == 0
    assert out.endswith("\n\n19 passed, 1 allowed\n")


def test_json_for_machines(told, adapter):
    misnamed(adapter)
    code, out, _ = told("--json", adapter=adapter)
    found = json.loads(out)
    assert (code, found["ok"]) == (1, False)
    assert set(found["checks"][0]) == {"name", "outcome", "evidence"}
    assert [c["name"] for c in found["checks"] if c["outcome"] == "failed"] == ["tokenizer"]
    assert json.loads(told("--json")[1])["ok"] is True


def test_nothing_is_checked_after_files_that_are_not_there(told, tmp_path):
    code, out, _ = told(adapter=tmp_path / "nowhere")
    assert code == 1
    assert out.endswith("\n\n1 failed\n")


def test_a_manifest_elsewhere(told, adapter, tmp_path):
    elsewhere = (adapter / "prompt_manifest.json").rename(tmp_path / "record.json")
    assert "7 could not be made" in told(adapter=adapter)[1]
    assert told(f"--manifest={elsewhere}", adapter=adapter)[1].endswith("\n\n20 passed\n")


def test_load_asks_the_model_too(told):
    code, out, _ = told("--load", "--device=cpu")
    assert code == 0
    assert out.endswith("\n\n24 passed\n")


def test_a_terminal_is_told_what_takes_long(told, monkeypatch):
    assert "slm-autopsy" not in told("--load", "--device=cpu")[2]
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    said = told("--load", "--device=cpu")[2]
    assert "slm-autopsy: hashing the weights of the base ...\n" in said
    assert "slm-autopsy: loading the model, to ask it ...\n" in said
    assert told("--json")[2] == ""


def test_a_model_that_fails_when_asked_is_in_the_table(told, monkeypatch):
    from pytest_slm_autopsy.models import adapter
    from pytest_slm_autopsy.models.checks.check import missed

    monkeypatch.setattr(adapter, "adapter_acts", lambda *_: missed("adapter_acts", "it does not"))
    code, out, _ = told("--load", "--device=cpu")
    assert code == 1
    assert "FAIL    adapter_acts     it does not\n" in out


def test_what_cannot_be_loaded_is_one_sentence(told, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    code, out, err = told("--load", "--device=cuda")
    assert (code, out) == (2, "")
    assert err.startswith("slm-autopsy: device 'cuda:0' was asked for, but torch sees no GPU")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["check"],
        ["check", "--base=b"],
        ["check", "--base=b", "--adapter=a", "--allow=base_nam"],
        ["check", "--base=b", "--adapter=a", "--allow=base_files"],
        ["check", "--base=b", "--adapter=a", "--quantization=nf5"],
    ],
)
def test_a_command_that_cannot_be_meant(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: slm-autopsy" in capsys.readouterr().err


def test_a_device_that_cannot_be_meant(told):
    code, _, err = told("--device=tpu")
    assert (code, err) == (
        2,
        "slm-autopsy: unknown device 'tpu'; use auto, cpu, cuda, cuda:0 or shard\n",
    )


@pytest.mark.parametrize("name", CHECKS)
def test_the_table_is_no_wider_than_a_terminal(name):
    shown = table([Check(name, "failed", "why it is so " * 20)])
    assert max(map(len, shown.splitlines())) <= 80
    assert shown.startswith(f"FAIL    {name}")


def test_as_a_command(tmp_path):
    asked = [sys.executable, "-m", "pytest_slm_autopsy.cli", "check", "--help"]
    told = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert "no forward pass" in told.stdout


@pytest.fixture
def pile(tmp_path):
    """Two receipts, which are invoices too."""
    folder = tmp_path / "pile"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"{number}.txt").write_text(
            f"Subtotal : {number},49\nRounding Adj : 0,01\nTotal : {number},50"
        )
    return folder


def test_cases_profile_prints_the_report(pile, capsys):
    assert main(["cases", "profile", str(pile)]) == 0
    told = capsys.readouterr().out
    assert told.startswith("2 documents, read for the schema 'invoice'; 2 recognised")
    assert "' : '" in told
    assert max(map(len, told.splitlines())) <= 80


def test_cases_profile_takes_a_schema_and_prints_json_that_is_read_again(pile, tmp_path, capsys):
    assert main(["cases", "profile", str(pile), "--schema=receipt", "--json"]) == 0
    saved = tmp_path / "formats.json"
    saved.write_text(capsys.readouterr().out, encoding="utf-8")
    profile = load_profile(saved)
    assert profile.schema == "receipt"
    assert profile.forms["label rounding"]["en: Rounding Adj"].count == 2
    assert main(["cases", "profile", str(saved)]) == 0
    assert capsys.readouterr().out == f"{profile}\n"


def test_cases_profile_without_documents_is_a_sentence(tmp_path, capsys):
    assert main(["cases", "profile", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("slm-autopsy: there is no document in ")


OWN = """
from pytest_slm_autopsy import DocumentSchema, Field, values
from pieces import NUMBER

NOTE = DocumentSchema("note", (NUMBER, Field("sent", "Sent On", values.day, kind="date")))
FIELDS = NOTE.fields
"""
PIECES = """
from pytest_slm_autopsy import Field, values

NUMBER = Field("note_number", "Delivery Note No", values.code(("LS",), 6), kind="code")
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A schema of one's own in a file, beside a file that it imports; and a document of it."""
    folder = tmp_path / "own_schemas"
    folder.mkdir()
    (folder / "notes.py").write_text(OWN, encoding="utf-8")
    (folder / "pieces.py").write_text(PIECES, encoding="utf-8")
    (folder / "broken.py").write_text("import pieces_that_are_not_there", encoding="utf-8")
    (folder / "exits.py").write_text("raise SystemExit(3)", encoding="utf-8")
    (folder / "note.txt").write_text("Delivery Note No: LS-557077\nSent On: 1.2.2025")
    monkeypatch.chdir(folder)
    yield folder
    for name in ("notes", "pieces"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("schema", ["notes.py:NOTE", "notes:NOTE", "../own_schemas/notes.py:NOTE"])
def test_cases_profile_takes_a_schema_of_ones_own(own, schema, capsys):
    before = [*sys.path]
    assert main(["cases", "profile", "note.txt", f"--schema={schema}"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("1 document, read for the schema 'note'; 1 recognised")
    assert sys.path == before


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ("note", "there is no schema 'note'; name invoice, itemised, receipt, or one of your own"),
        ("nowhere.py:NOTE", "there is no file at 'nowhere.py' to take the schema from"),
        ("nowhere:NOTE", "nowhere cannot be imported for its schema: ModuleNotFoundError: No "),
        ("notes.py:NOTES", "notes.py has no 'NOTES'; did you mean 'NOTE'?"),
        ("pieces:NOTE", "pieces has no 'NOTE'; it holds no DocumentSchema at all"),
        ("notes.py:FIELDS", "notes.py:FIELDS is no DocumentSchema; it is of type tuple"),
        ("broken.py:NOTE", "broken.py cannot be imported for its schema: ModuleNotFoundError: "),
        ("exits.py:NOTE", "exits.py cannot be imported for its schema: SystemExit: 3"),
        (":NOTE", "there is no schema ':NOTE'"),
    ],
)
def test_a_schema_that_cannot_be_had_is_a_sentence(own, schema, said, capsys):
    assert main(["cases", "profile", "note.txt", f"--schema={schema}"]) == 2
    assert capsys.readouterr().err.startswith(f"slm-autopsy: {said}")


def test_documents_of_another_schema_are_told_the_option(own, capsys):
    assert main(["cases", "profile", "note.txt"]) == 2
    assert "on the command line --schema path.py:NAME" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="no shell with pipes as here")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_stops_ends_it_quietly(pile, unbuffered):
    name = f"{sys.executable} -m pytest_slm_autopsy.cli cases profile pile --json"
    asked = f"{{ {name}; echo $? >&2; }} | true"
    told = subprocess.run(
        ["sh", "-c", asked], cwd=pile.parent,
        env=os.environ | importing(ROOT) | {"PYTHONUNBUFFERED": unbuffered},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stderr == "141\n"
