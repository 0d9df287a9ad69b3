"""In a training file the instruction is no document: no shift touches it, and it is asked as is."""

from __future__ import annotations

import json

import pytest

from pytest_slm_autopsy import (
    PromptFormat,
    ScriptedModel,
    draw_suite,
    predict,
    read_cases,
    rewrite_suite,
)
from pytest_slm_autopsy.cases import INVOICE
from pytest_slm_autopsy.cases.rewritten.validation import validate_cases
from pytest_slm_autopsy.errors import CaseError, ConfigError
from pytest_slm_autopsy.records import DOCUMENT

SCHEMA = INVOICE.select(invoice_number="number", issue_date="issue_date", total="total")
DRAWN = draw_suite(SCHEMA, 24, 7, {"canonical": {}})
DOCUMENTS = [(case.text, dict(case.truth)) for case in DRAWN.reference]
FIELDS = json.dumps(list(DOCUMENTS[0][1]))


def chat(user, truth, *before, key="messages"):
    """A line of a training file."""
    names = {"messages": ("role", "content"), "conversations": ("from", "value")}
    role, content = names[key]
    said = {"user": "user", "assistant": "assistant"}
    if key == "conversations":
        said = {"user": "human", "assistant": "gpt"}
    turns = [*before, (said["user"], user), (said["assistant"], json.dumps(truth))]
    return json.dumps({key: [{role: who, content: text} for who, text in turns]})


@pytest.fixture
def written(tmp_path):
    def written(around, *before, documents=DOCUMENTS, key="messages"):
        path = tmp_path / "train.jsonl"
        lines = [chat(around(text, truth), truth, *before, key=key) for text, truth in documents]
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    return written


AROUND = {
    "the default prompt": lambda text, truth: f"Fields: {FIELDS}\n\n{text}",
    "fields that differ": lambda text, truth: f"Fields: {json.dumps(list(truth))}\n\n{text}",
    "names in a row": lambda text, truth: f"Give {', '.join(truth)} as JSON.\n{text}",
    "behind": lambda text, truth: f"{text}\n\nAnswer with {FIELDS} as JSON only.",
    "both sides": lambda text, truth: f"Read this:\n```\n{text}\n```\nFields: {FIELDS}",
    "tags": lambda text, truth: f"Be exact.\n<document>\n{text}\n</document>\nKeys: {FIELDS}",
    "a sentence": lambda text, truth: f"Extract the fields of this invoice as JSON: {text}",
    "two sentences": lambda text, truth: f"You read invoices well. Extract {FIELDS} now: {text}",
    "nothing": lambda text, truth: text,
}


@pytest.mark.parametrize("key", ["messages", "conversations"])
@pytest.mark.parametrize("name", AROUND)
def test_the_document_is_what_the_turns_do_not_share(written, name, key):
    around = AROUND[name]
    cases = list(read_cases(written(around, key=key)))
    assert [case.text for case in cases] == [text for text, _ in DOCUMENTS]
    for case, (text, truth) in zip(cases, DOCUMENTS, strict=True):
        [asked] = PromptFormat().messages(case)
        assert asked == {"role": "user", "content": around(text, truth)}


@pytest.mark.parametrize("name", [name for name in AROUND if name != "nothing"])
def test_no_rewrite_touches_the_instruction(written, name):
    around = AROUND[name]
    suite = rewrite_suite(list(read_cases(written(around))), 3)
    assert len(list(suite)) > 4
    for condition in suite:
        for case in suite[condition]:
            asked = PromptFormat().messages(case)[-1]["content"]
            assert asked == around(case.text, case.truth)


def test_an_obedient_model_is_right_under_every_rewrite(written):
    """It answers under the names that it is told, and reads nothing else of the instruction."""
    known = {}

    def obey(case):
        asked = PromptFormat().messages(case)[-1]["content"]
        names = json.loads(asked.partition("Fields: ")[2].partition("\n")[0])
        truth = known[case.record]
        return json.dumps({name: truth.get(name, "?") for name in names})

    cases = list(read_cases(written(AROUND["the default prompt"])))
    known.update((case.cluster, case.truth) for case in cases)
    suite = rewrite_suite(cases, 3)
    for condition in suite:
        assert all(one.correct for one in predict(ScriptedModel(obey), suite[condition]))


def test_all_turns_of_a_file_are_asked(written):
    before = [
        ("system", "You extract."),
        ("user", "An example: Total 1"),
        ("assistant", '{"total": "1"}'),
    ]
    case = next(iter(read_cases(written(AROUND["the default prompt"], *before))))
    asked = PromptFormat(system="Not this.").messages(case)
    assert [turn["role"] for turn in asked] == ["system", "user", "assistant", "user"]
    assert asked[0]["content"] == "You extract."
    assert asked[-1]["content"] == AROUND["the default prompt"](*DOCUMENTS[0])


def test_a_line_that_states_a_value_is_document_even_where_all_turns_share_it(written):
    totals = [f"{n}.00" for n in range(3)]
    shared = [(f"ACME Ltd\nTotal: {n}", {"seller": "ACME Ltd", "total": n}) for n in totals]
    cases = list(read_cases(written(AROUND["the default prompt"], documents=shared)))
    assert [case.text for case in cases] == [text for text, _ in shared]


def test_one_chat_alone_has_no_instruction_that_could_be_told(written):
    path = written(AROUND["the default prompt"], documents=DOCUMENTS[:1])
    [case] = read_cases(path)
    assert case.text == AROUND["the default prompt"](*DOCUMENTS[0])
    [told] = read_cases(path, document_pattern=r"Fields: .*?\n\n(.*)")
    assert told.text == DOCUMENTS[0][0]


@pytest.mark.parametrize(
    "pattern", [r"Read: (.*) END", r"Read: (?P<document>.*) (END)", r"(?<=Read: ).*(?= END)"]
)
def test_a_pattern_says_what_the_document_is(written, pattern):
    path = written(lambda text, truth: f"No. {text[:9]}! Read: {text} END")
    cases = list(read_cases(path, document_pattern=pattern))
    assert [case.text for case in cases] == [text for text, _ in DOCUMENTS]
    assert cases[0].turns[-1] == ("user", f"No. {DOCUMENTS[0][0][:9]}! Read: {DOCUMENT} END")


def test_a_pattern_that_finds_nothing_or_is_none_is_a_sentence(written):
    path = written(AROUND["the default prompt"])
    with pytest.raises(CaseError, match=r"line 1: the document pattern finds nothing"):
        list(read_cases(path, document_pattern="Text: (.*)"))
    with pytest.raises(ConfigError, match=r"invalid document pattern '\('"):
        list(read_cases(path, document_pattern="("))


def test_a_broken_line_is_named_and_hides_no_instruction(written):
    path = written(AROUND["the default prompt"])
    path.write_text(path.read_text() + '\n{"messages": []}\nnonsense\n')
    found = validate_cases(path)
    assert [line for line, _ in found.problems] == [25, 26]
    assert found.cases == 24
    assert found.instruction == f"Fields: {FIELDS}\n\n[document]"


def test_a_case_keeps_its_turns_in_a_file(written, tmp_path):
    from pytest_slm_autopsy.cases import write_cases

    cases = list(read_cases(written(AROUND["both sides"])))
    write_cases(tmp_path / "own.jsonl", cases)
    assert list(read_cases(tmp_path / "own.jsonl")) == cases


LETTERHEAD = "Nordlicht Handel\nHafenweg 1\n"
ODD = {
    "tags that the instruction speaks of": lambda text, truth: (
        f"The document is in <document></document> tags.\n<document>\n{text}\n</document>"
    ),
    "tags with an attribute": lambda text, truth: f'Read.\n<doc id="1">\n{text}\n</doc>',
    "bullets": lambda text, truth: (
        "Extract as JSON:\n" + "".join(f"- {name}\n" for name in truth) + f"\n{text}"
    ),
    "quoted names": lambda text, truth: (
        "Extract " + ", ".join(f'"{name}"' for name in truth) + f" as JSON:\n{text}"
    ),
    "a list in one line": lambda text, truth: f"Extract {json.dumps(list(truth))} now: {text}",
    "a value among its words": lambda text, truth: (
        f"Give the number, such as {DOCUMENTS[3][1]['number']}, as JSON.\n\n{text}"
    ),
    "line ends of Windows": lambda text, truth: f"Fields: {FIELDS}\r\n\r\n{text}\r\nOnly JSON.",
}


@pytest.mark.parametrize("name", ODD)
def test_odd_ways_to_ask(written, name):
    fewer = DOCUMENTS
    if name in ("bullets", "quoted names", "a list in one line"):  # other fields in each chat
        fewer = [(text, dict([*truth.items()][: 2 + len(text) % 2])) for text, truth in DOCUMENTS]
    cases = list(read_cases(written(ODD[name], documents=fewer)))
    assert [case.text for case in cases] == [text for text, _ in fewer]
    for case, (text, truth) in zip(cases, fewer, strict=True):
        assert PromptFormat().messages(case)[-1]["content"] == ODD[name](text, truth)


@pytest.mark.parametrize("around", ["Fields: {fields}\n\n{text}", "{text}"])
def test_a_letterhead_that_all_documents_share_is_document(written, around):
    footer = "\nThank you for your order."
    documents = [(f"{LETTERHEAD}{text}{footer}", truth) for text, truth in DOCUMENTS]
    path = written(
        lambda text, truth: around.replace("{fields}", FIELDS).replace("{text}", text),
        ("system", "Extract the fields as JSON."),
        documents=documents,
    )
    assert [case.text for case in read_cases(path)] == [text for text, _ in documents]


def test_names_with_accents_are_listed_as_training_writes_them(written):
    truths = [{"Nr": str(n), **({"Fällig": None} if n % 2 else {})} for n in range(9)]
    documents = [(f"Rechnung {n}", truth) for n, truth in enumerate(truths)]
    path = written(
        lambda text, truth: (
            PromptFormat()
            .user.replace("{text}", text)
            .replace("{fields}", json.dumps(list(truth), ensure_ascii=False, separators=(",", ":")))
        ),
        documents=documents,
    )
    assert [case.text for case in read_cases(path)] == [text for text, _ in documents]


def test_a_mark_of_the_document_in_an_example_stays(written):
    before = [("user", f"Example {DOCUMENT}"), ("assistant", "{}")]
    case = next(iter(read_cases(written(AROUND["the default prompt"], *before))))
    assert PromptFormat().messages(case)[0]["content"] == f"Example {DOCUMENT}"


def test_turns_between_question_and_answer_are_refused(tmp_path):
    turns = [("user", "Total?"), ("tool", "9"), ("assistant", '{"total": "9"}')]
    line = {"messages": [{"role": who, "content": text} for who, text in turns]}
    path = tmp_path / "tools.jsonl"
    path.write_text(json.dumps(line))
    with pytest.raises(CaseError, match="turns of 'tool' stand between the question"):
        list(read_cases(path))


def test_the_parts_of_a_turn_are_its_text(tmp_path):
    turns = [("user", "Total 9"), ("assistant", '{"total": "9"}')]
    parts = [{"role": who, "content": [{"type": "text", "text": text}]} for who, text in turns]
    path = tmp_path / "parts.jsonl"
    path.write_text(json.dumps({"messages": parts}))
    assert [case.text for case in read_cases(path)] == ["Total 9"]


def test_an_empty_document_is_refused(written):
    path = written(AROUND["the default prompt"])
    for pattern in ("(x)?", "Fields: (.*?)"):
        with pytest.raises(CaseError, match="finds nothing"):
            list(read_cases(path, document_pattern=pattern))


@pytest.mark.parametrize(
    "value", [{"no": "1"}, ["a", "b"], [1, 2], True, [{"sku": {"x": "1"}}]], ids=repr
)
def test_a_truth_of_another_form_is_a_sentence_for_its_line(written, value):
    truths = [(f"Total {n}", {"total": str(n), "x": value}) for n in range(3)]
    found = validate_cases(written(AROUND["the default prompt"], documents=truths))
    assert [line for line, _ in found.problems if line] == [1, 2, 3]
    assert all("the truth of 'x' is" in text for line, text in found.problems if line)


def test_turns_without_a_place_for_the_document_are_refused(tmp_path):
    line = {"id": "1", "text": "Total 9", "truth": {"total": "9"}, "turns": [["user", "Read it."]]}
    (tmp_path / "own.jsonl").write_text(json.dumps(line))
    with pytest.raises(CaseError, match="all documents would get one prompt"):
        list(read_cases(tmp_path / "own.jsonl"))


def test_a_letterhead_with_a_blank_line_behind_it_is_document(written):
    head = f"{LETTERHEAD}\n"
    documents = [(f"{head}{text}", truth) for text, truth in DOCUMENTS]
    for around in (
        "Extract the fields as JSON.\n\n{}\n\nAnswer only with JSON.",
        "Fields: X\nText:\n{}",
    ):
        path = written(lambda text, truth, around=around: around.format(text), documents=documents)
        assert [case.text for case in read_cases(path)] == [text for text, _ in documents]


def test_chats_without_an_instruction_that_could_be_told_say_so(written, capsys):
    from pytest_slm_autopsy.cli import main

    ways = ["Read the invoice.", "Please extract.", "What does it say?"]
    path = written(lambda text, truth: f"{ways[len(text) % 3]}\n\n{text}")
    main(["cases", "validate", str(path)])
    told = " ".join(capsys.readouterr().out.split())
    assert "no instruction was found in the chats" in told
    assert "say it with --document-pattern" in told
