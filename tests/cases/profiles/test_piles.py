"""Piles as they are: folders in folders, binary files, mixed encodings, broken lines, nothing."""

from __future__ import annotations

import pytest

from pytest_slm_autopsy.cases.profiles.profile import learn_profile
from pytest_slm_autopsy.errors import CaseError

TOTAL = "Tax: 2.00\nTotal: 12.00\n"
LINE = '{"text": "Tax: 0.10\\nTotal: 1.00"}'


def test_folders_of_folders_are_read_and_hidden_files_are_not(tmp_path):
    inner = tmp_path / "2025" / "may"
    inner.mkdir(parents=True)
    (inner / "a.txt").write_text(TOTAL)
    (tmp_path / "b").write_text(TOTAL)
    (tmp_path / "more.jsonl").write_text(f"{LINE}\n\n{LINE.replace('Total:', 'Total :')}\n")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "c.txt").write_text(TOTAL)
    profile = learn_profile(tmp_path)
    assert profile.documents == 4
    assert profile.axes["delimiters"].count == 1
    names = [one.document for one in profile.axes["delimiters"].examples]
    assert names == ["more.jsonl:3"]


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7\nTotal: 12.00", b"\x89PNG\r\n", b"Total\x00: 1", bytes(range(1, 20))]
)
def test_binary_files_are_skipped_and_counted(tmp_path, data):
    (tmp_path / "a.txt").write_text(TOTAL)
    (tmp_path / "b").write_bytes(data)
    profile = learn_profile(tmp_path)
    assert (profile.documents, dict(profile.notes)) == (1, {"binary, skipped": 1})
    assert "binary, skipped: 1" in str(profile)


def test_mixed_encodings_are_read_and_counted(tmp_path):
    text = "Währung: EUR\nSumme: 12,00 €"
    for coding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        (tmp_path / coding).write_text(text, encoding=coding)
    profile = learn_profile(tmp_path)
    assert [*profile.forms["label currency"]] == ["de: Währung"]
    assert profile.forms["label currency"]["de: Währung"].count == 4
    assert profile.forms["money"]["1234,50 ¤"].count == 4
    assert dict(profile.notes) == {"not UTF-8, read as Windows-1252": 1}


def test_lines_that_hold_no_text_are_skipped_and_counted(tmp_path):
    path = tmp_path / "pile.jsonl"
    lines = [LINE, '{"body": "x"}', '{"text": 7}', "{", "[]", '{"text": " "}']
    path.write_text("\n".join(lines))
    profile = learn_profile(path)
    assert profile.documents == 1
    assert dict(profile.notes) == {
        "a JSON line without a text under 'text', skipped": 3,
        "a line that is not JSON, skipped": 1,
        "empty, skipped": 1,
    }


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "there is no document in "),
        ({"a": b"%PDF-1.4"}, "(binary, skipped: 1); give texts, or JSON lines"),
        ({"a.jsonl": b'{"body": 1}'}, "(a JSON line without a text under 'text', skipped: 1)"),
        ({"a": b"  \n"}, "(empty, skipped: 1)"),
        (
            {"a": b"Dear Sir or Madam", "b": b"Total surprise"},
            "(2) shows two fields of the schema 'invoice', one of them a labelled code or amount; ",
        ),
    ],
)
def test_nothing_to_learn_is_a_sentence(tmp_path, files, said):
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    with pytest.raises(CaseError) as told:
        learn_profile(tmp_path)
    assert said in str(told.value)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("no/such/pile", "there is no file or folder at 'no/such/pile'; give a folder of texts"),
        ([TOTAL, 7], "text 2 of the pile is a int; give texts or cases"),
        ([], "there is no document in the given texts"),
    ],
)
def test_what_is_no_pile_is_a_sentence(source, said):
    with pytest.raises(CaseError) as told:
        learn_profile(source)
    assert said in str(told.value)


@pytest.mark.parametrize(
    "piece", [TOTAL, "Total: 12.00   ", "x" * 50, "Total ", "( (", "1.1,1 ", "|"]
)
def test_one_enormous_document_is_read(piece):
    text = TOTAL + piece * 40_000
    profile = learn_profile([text])
    assert profile.documents == 1
    assert profile.forms["label total"]["en: Total"].count == 1
