"""``slm-autopsy cases validate``: every line's fault, what stands in the texts, the schema."""

from __future__ import annotations

import json
import re

import pytest

from pytest_slm_autopsy.cases.drawn.suites import draw_suite
from pytest_slm_autopsy.cases.files import write_cases
from pytest_slm_autopsy.cases.rewritten.validation import validate_cases
from pytest_slm_autopsy.cases.schemas.builtin import INVOICE
from pytest_slm_autopsy.cli import main


@pytest.fixture
def told(capsys, tmp_path):
    """Validate lines; exit code, standard output and standard error."""

    def call(*lines, arguments=()):
        path = tmp_path / "mine.jsonl"
        raw = [
            line if isinstance(line, bytes) else line.encode() if isinstance(line, str)
            else json.dumps(line).encode()
            for line in lines
        ]  # fmt: skip
        path.write_bytes(b"\n".join(raw))
        code = main(["cases", "validate", str(path), *arguments])
        said = capsys.readouterr()
        if not arguments:
            assert max(map(len, said.out.splitlines()), default=0) <= 80
        return code, said.out, said.err

    return call


def line(name, text, /, **truth):
    return {"id": name, "text": text, "truth": truth}


GOOD = [
    line("a", "Total: 9.00\nNo: 7", total="9.00", id="7"),
    line("b", "Total: 8,00\nNo: 5", total="8.00", id="5"),
]


def test_what_was_not_found_is_listed(told):
    code, out, _ = told(*GOOD, line("c", "Total: 6.00", total="6.00", id="elsewhere"))
    assert code == 0
    assert "\n  line 3     id 'elsewhere'\n" in out


def test_a_field_that_is_never_found_is_a_problem(told):
    code, out, _ = told(
        *(one | {"truth": one["truth"] | {"to": f"X{i}X"}} for i, one in enumerate(GOOD))
    )
    assert code == 1
    assert "no text states its value of 'to', 2 of them" in out


def test_the_schema_draws_what_the_truths_look_like(told):
    _, out, _ = told(
        line("a", "Total: 8,00\nNo: NW-17", total="8.00", no="NW-17"),
        line("b", "Total: 9,00\nNo: NW-18", total="9.00", no="NW-18"),
    )
    assert 'answer="normalised"' in out
    assert 'values.code(("NW",), 2, ("-",))' in out


def test_an_odd_first_line_is_the_one_that_is_named(told):
    code, out, _ = told(line("odd", "Total: 1", sum="1"), *GOOD)
    assert code == 1
    assert re.findall(r"line (\d)", out) == ["1"]


def test_a_good_file(told):
    code, out, err = told(*GOOD)
    assert (code, err) == (0, "")
    assert out.splitlines()[:5] == [
        "2 cases, no problems",
        "",
        "field  kind         found   exact  other form  not found   null",
        "total  money        100 %       1           1          0      0",
        "id     code         100 %       2           0          0      0",
    ]
    assert "Of 4 true values 75 % stand in the texts exactly, 25 % in another form." in out
    total = '"total", "Total", values.amount, kind="money", answer="normalised",'
    assert f"        Field(\n            {total}\n        ),\n" in out


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ("{]", "is not JSON: Expecting property name enclosed in double quotes (column 2)"),
        ("[1]", "is not a JSON object; write one case, in braces, a line"),
        (b'{"id": "c", "text": "M\xfcller"}', "is not UTF-8 but maybe Latin-1 (byte 0xfc in place"),
        (b'\xff\xfe{\x00"\x00', "is not UTF-8 but UTF-16; save the file as UTF-8"),
        (b"\x7fELF\x00\x01\xff", "is not UTF-8 nor any text; give a file of JSON lines"),
        ({"id": "c", "text": "x"}, "lacks truth; a case needs id, text and truth"),
        (line("c", "x") | {"truth": ["9"]}, "truth is not an object; write fields and values"),
        (line("c", "Total: 9", total=9, id="9"), "the truth of 'total' is a int, 9; quote it"),
        (line("c", "", total="9", id="9"), "has an empty text"),
        (line("a", "Total: 1, 2", total="1", id="2"), "has the id 'a' of line 1; give it another"),
        (line("c", "1 2", total="1", id="2") | {"record": "b"}, "has the record 'b' of line 2;"),
        (line("c", GOOD[0]["text"], total="9.00", id="7"), "has the text of line 1; leave one out"),
        (line("c", "Total: 1", total="1"), "has not the fields that most cases have: id"),
        (
            line("c", "1 2", total="1", id="2") | {"spans": {"totl": [0, 1]}},
            "has a span of 'totl', which its truth does not have",
        ),
        (line("c", "x"), "has a truth without fields; name what a model should find"),
        (line("c", "Hello", total="1.00", id="2"), "has a truth of which nothing stands in the"),
        (line("c", "1 2", total="1", id="2") | {"spans": {"id": [0, 9]}}, "the span of 'id' re"),
        (
            line("c", "Total: 1 2", total="1", id="2") | {"spans": {"total": [0, 5]}},
            "has a span of 'total' that holds 'Total', not '1'",
        ),
        (
            line("c", "Total: 11 2", total="1", id="2") | {"spans": {"total": [7, 8]}},
            "has a span of 'total' that holds '1', a part of something longer",
        ),
    ],
)  # fmt: skip
def test_a_bad_line_is_named_and_hides_no_other(told, bad, sentence):
    code, out, err = told(*GOOD, bad, *[line("z", "Total: 3 4", total="3", id="4")])
    assert (code, err) == (1, "")
    problems = out.partition("\n\n")[0].splitlines()
    [fault] = [text for text in problems if "line 3 " in text]
    assert f"line 3     {sentence.split()[0]}" in fault
    assert sentence in " ".join(out.split())
    assert "field " in out


def test_byte_order_marks_are_no_fault(told):
    marked = b"\xef\xbb\xbf" + json.dumps(line("c", "Total: 3 4", total="3", id="4")).encode()
    assert told(marked, *GOOD, marked.replace(b'"c"', b'"d"').replace(b"3 4", b"3, 4"))[0] == 0


def test_many_problems_are_counted(told):
    code, out, _ = told(*["{"] * 50)
    assert code == 1
    assert out.startswith("0 cases, 50 problems\n")
    assert out.count("is not JSON") == 20
    assert out.endswith("  and 30 more; --json lists all\n")


@pytest.mark.parametrize("lines", [(), ("", " ")])
def test_an_empty_file_is_a_problem(told, lines):
    code, out, _ = told(*lines)
    assert (code, out) == (
        1,
        "0 cases, 1 problem\n  the file holds no case; write one JSON object a line\n",
    )


def test_a_missing_file_cannot_be_meant(capsys):
    assert main(["cases", "validate", "nowhere.jsonl"]) == 2
    assert capsys.readouterr().err.startswith("slm-autopsy: no case file at nowhere.jsonl;")


@pytest.mark.parametrize("arguments", [["cases"], ["cases", "validate"], ["cases", "check", "x"]])
def test_a_command_that_cannot_be_meant(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: slm-autopsy cases" in capsys.readouterr().err


def test_json_for_machines(told):
    found = json.loads(told(*GOOD, "{", arguments=["--json"])[1])
    assert (found["ok"], found["cases"]) == (False, 2)
    assert [problem["line"] for problem in found["problems"]] == [3]
    assert found["fields"]["total"] == {
        "kind": "money", "label": "Total", "exact": 1, "normalised": 1, "absent": 0, "null": 0,
        "forms": found["fields"]["total"]["forms"],
    }  # fmt: skip
    assert sum(found["fields"]["total"]["forms"].values()) == 2
    assert "DocumentSchema(" in found["schema"]
    assert json.loads(told(*GOOD, arguments=["--json"])[1])["ok"] is True


def test_names_and_values_that_would_steer_a_terminal_do_not(told):
    name = "to\x1b[31mtal" + "x" * 30
    assert "\x1b" not in told(line("a\x1b", "5.00 \x1b", **{name: "5.00", "b": "\x1b"}))[1]


def test_tables_and_missing_values_count(told):
    rows = [{"what": "Bolts", "sum": "5.00"}]
    code, out, _ = told(line("a", "Bolts 5,00", items=rows, due=None))
    assert code == 0
    assert "items  items        100 %       0           1          0      0\n" in out
    assert "due    text             -       0           0          0      1\n" in out


def test_an_enormous_document_is_looked_at_in_one_go(tmp_path):
    path = tmp_path / "mine.jsonl"
    text = "Line 7: words and 1.234,50\n" * 50_000
    path.write_text(json.dumps(line("a", text, one="7", sum="1234.50", name="No Body")))
    found = validate_cases(path)
    assert found.problems == ()
    assert [counts["absent"] for counts in found.fields.values()] == [0, 0, 1]


def test_every_drawn_truth_stands_in_its_text(tmp_path):
    cases = draw_suite(INVOICE, 20, 5).reference
    write_cases(tmp_path / "drawn.jsonl", cases)
    found = validate_cases(tmp_path / "drawn.jsonl")
    assert found.problems == ()
    assert all(counts["absent"] == 0 for counts in found.fields.values())
